// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows across fork() and exec(), in programs of one thread; window_race
 * forks while others are in calls.
 */
#define _GNU_SOURCE
#include "window_tools.h"

#define NR_PAGES 64u

static unsigned int nr_descriptors(void)
{
	unsigned int fd, nr = 0;

	for (fd = 0; fd < 256; fd++)
		nr += fcntl((int)fd, F_GETFD) >= 0;
	return nr;
}

/* Runs @child in a child, which must not fail. It ends without a leak scan. */
static void in_child(void (*child)(struct noalias_window *, char *),
		     struct noalias_window *window, char *addr)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		child(window, addr);
		fflush(stdout);
		_exit(0);
	}
	EXPECT(pid > 0);
	EXPECT_EQ(tap_ended(pid), 0);
}

static struct noalias_window *window_with(uint32_t flags)
{
	return window_over(file_of(NR_PAGES), OPTIONS(.nr_slots = 8,
			.flags = flags, .local_depth = 2));
}

#define FOREIGN(call) \
	EXPECT_ERROR(call, EPERM, "the window belongs to the parent process")

static void try_all_calls(struct noalias_window *window, char *addr)
{
	struct noalias_window_stats stats;
	void *other;

	FOREIGN(noalias_window_map(window, 0, 1, &other));
	FOREIGN(noalias_window_map(window, 0, 0, &other));
	FOREIGN(noalias_window_map_timeout(window, 0, 1, 0, &other));
	FOREIGN(noalias_window_unmap(window, addr, PAGE));
	FOREIGN(noalias_window_local_map(window, 0, 1, &other));
	FOREIGN(noalias_window_local_unmap(window, addr));
	FOREIGN(noalias_window_purge(window, 0, 1));
	FOREIGN(noalias_kmap_flush_unused(window));
	FOREIGN(noalias_window_stats(window, &stats, sizeof(stats)));
	FOREIGN(noalias_window_dump(window, 1));
	EXPECT_EQ(noalias_window_granule(window), PAGE);
	EXPECT_EQ(noalias_window_nr_slots(window), 8);
	EXPECT_EQ(page_number(addr), 3);
	addr[100] = 'c';
}

/* kills: a child that changes what the parent believes of its window */
static void fork_child_may_only_look(void)
{
	struct noalias_window *window = window_with(0);
	char *addr = map_at(window, 3 * PAGE, PAGE);

	in_child(try_all_calls, window, addr);
	EXPECT_EQ(addr[100], 'c');
	EXPECT_EQ(stats_of(window).live, 1);
	unmap(window, addr, PAGE);
	window_close(window);
}

static void close_and_look(struct noalias_window *window, char *addr)
{
	unsigned int before = nr_descriptors();
	struct area area;

	EXPECT_EQ(noalias_window_close(window), 0);
	EXPECT(!area_at(addr, &area));
	EXPECT_EQ(nr_descriptors(), before - 1);
}

static void close_in_child(uint32_t flags)
{
	struct noalias_window *window = window_with(flags);
	char *addr = map_at(window, 3 * PAGE, PAGE);
	void *local;

	EXPECT_EQ(noalias_window_local_map(window, PAGE, 1, &local), 0);
	in_child(close_and_look, window, addr);
	in_child(close_and_look, window, local);
	EXPECT_EQ(page_number(addr), 3);
	EXPECT_EQ(page_number(local), 1);
	EXPECT_EQ(noalias_window_local_unmap(window, local), 0);
	check_page(window, 5);
	unmap(window, addr, PAGE);
	window_close(window);
}

/* kills: a close that the parent feels, or that leaves addresses to the child */
static void close_in_child_gives_back_childs_addresses(void)
{
	close_in_child(0);
	close_in_child(NOALIAS_WINDOW_TRACK);
}

static void use_own(struct noalias_window *window, char *addr)
{
	struct noalias_window *own = window_with(0);
	unsigned int page;
	void *local;

	for (page = 0; page < NR_PAGES; page++)
		check_page(own, page);
	EXPECT_EQ(noalias_window_local_map(own, PAGE, PAGE, &local), 0);
	EXPECT_EQ(page_number(local), 1);
	EXPECT_EQ(noalias_window_local_unmap(own, local), 0);
	EXPECT_EQ(page_number(addr), 3);
	EXPECT_EQ(stats_of(own).locals, 1);
	in_child(try_all_calls, window, addr);
	in_child(close_and_look, own, first_slot(own));
	window_close(own);
	FOREIGN(noalias_window_map(window, 0, 1, &local));
}

/* kills: state of the parent that a child inherits */
static void fork_child_opens_own_window(void)
{
	struct noalias_window *window = window_with(0);
	char *addr = map_at(window, 3 * PAGE, PAGE);

	in_child(use_own, window, addr);
	check_page(window, 7);
	unmap(window, addr, PAGE);
	window_close(window);
}

static void *use_local(void *arg)
{
	struct noalias_window *own = arg;
	void *local;

	EXPECT_EQ(noalias_window_local_map(own, 2 * PAGE, 1, &local), 0);
	EXPECT_EQ(page_number(local), 2);
	EXPECT_EQ(noalias_window_local_unmap(own, local), 0);
	return NULL;
}

static void use_own_by_two(struct noalias_window *window, char *addr)
{
	struct noalias_window *own = window_over(file_of(NR_PAGES),
			OPTIONS(.nr_slots = 8, .local_depth = 1));
	pthread_t thread;
	void *local;

	(void)window;
	(void)addr;
	EXPECT_EQ(noalias_window_local_map(own, PAGE, 1, &local), 0);
	EXPECT(!pthread_create(&thread, NULL, use_local, own));
	EXPECT(!pthread_join(thread, NULL));
	EXPECT_EQ(page_number(local), 1);
	EXPECT_EQ(noalias_window_local_unmap(own, local), 0);
	window_close(own);
}

/* kills: a number that the child's first thread has and its second gets, too */
static void fork_childs_threads_have_their_numbers(void)
{
	struct noalias_window *window = window_with(0);
	char *addr = map_at(window, 3 * PAGE, PAGE);

	in_child(use_own_by_two, window, addr);
	unmap(window, addr, PAGE);
	window_close(window);
}

/* kills: a descriptor that outlives exec() */
static void exec_closes_descriptor(void)
{
	struct noalias_window *window = window_with(0);
	bool has_dot = false;
	char line[256];
	FILE *list;

	list = popen("ls -l /proc/self/fd/", "re");
	EXPECT(list);
	while (fgets(line, sizeof(line), list)) {
		EXPECT(!strstr(line, "memfd:window"));
		has_dot |= !!strstr(line, "->");
	}
	EXPECT_EQ(pclose(list), 0);
	EXPECT(has_dot);
	check_page(window, 1);
	window_close(window);
}

static const struct tap_case cases[] = {
	TAP(fork_child_may_only_look),
	TAP(close_in_child_gives_back_childs_addresses),
	TAP(fork_child_opens_own_window),
	TAP(fork_childs_threads_have_their_numbers),
	TAP(exec_closes_descriptor),
};

TAP_MAIN(cases)
