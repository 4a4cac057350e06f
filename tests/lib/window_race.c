// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows used by several threads at once: contents, waiting, numbers of
 * threads, and fork() in the midst of it.
 */
#define _GNU_SOURCE
#include "window_tools.h"

#include <sched.h>
#include <sys/syscall.h>

#define NR_PAGES 64u
#define NR_THREADS 4u
#define NR_ROUNDS 1500u
#define NR_COUNTED 150000u

struct team {
	struct noalias_window *window;
	pthread_t threads[NR_THREADS];
	pthread_barrier_t barrier;
	bool stop;
	unsigned int nr, nr_refused;
};

static void run_team(struct team *team, void *(*work)(void *))
{
	unsigned int i;

	pthread_barrier_init(&team->barrier, NULL, NR_THREADS);
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_create(&team->threads[i], NULL, work, team));
}

static void join_team(struct team *team)
{
	unsigned int i;

	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_join(team->threads[i], NULL));
	pthread_barrier_destroy(&team->barrier);
}

static unsigned int draw(uint32_t *seed, unsigned int below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

static void check_local(struct noalias_window *window, unsigned int page)
{
	void *addr;

	EXPECT_EQ(noalias_window_local_map(window, page * PAGE, PAGE, &addr),
		  0);
	EXPECT_EQ(page_number(addr), page);
	EXPECT_EQ(noalias_window_local_unmap(window, addr), 0);
}

static void check_run(struct noalias_window *window, unsigned int page,
		      unsigned int nr)
{
	char *addr = map_at(window, page * PAGE, nr * PAGE);
	unsigned int i;

	for (i = 0; i < nr; i++)
		EXPECT_EQ(page_number(addr + i * PAGE), page + i);
	unmap(window, addr, nr * PAGE);
}

static void random_step(struct noalias_window *window, uint32_t *seed)
{
	unsigned int page = draw(seed, NR_PAGES - 4);
	int err;

	switch (draw(seed, 16)) {
	case 0:
		EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
		break;
	case 1:
		err = noalias_window_purge(window, page * PAGE, 4 * PAGE);
		EXPECT(!err || err == -EBUSY);
		break;
	case 2:
	case 3:
		check_local(window, page);
		break;
	case 4:
	case 5:
		check_run(window, page, draw(seed, 3) + 2);
		break;
	default:
		check_page(window, page);
	}
}

static void *roam(void *arg)
{
	struct team *team = arg;
	uint32_t seed = __atomic_add_fetch(&team->nr, 1, __ATOMIC_RELAXED);
	unsigned int i;

	for (i = 0; i < NR_ROUNDS; i++)
		random_step(team->window, &seed);
	return NULL;
}

/* kills: a slot pointed anew below a user; a run of others' pages */
static void threads_see_their_pages(void)
{
	struct noalias_window_stats stats;
	struct team team = {
		.window = window_over(file_of(NR_PAGES),
				      OPTIONS(.nr_slots = 16,
					      .local_depth = 1)),
	};

	run_team(&team, roam);
	join_team(&team);
	stats = stats_of(team.window);
	EXPECT_EQ(stats.live, 0);
	EXPECT_EQ(stats.lost, 0);
	EXPECT_EQ(stats.misses, stats.reclaimed + stats.purged + stats.stale);
	window_close(team.window);
}

/* kills: a list of maps without its lock */
static void threads_are_tracked(void)
{
	struct team team = {
		.window = window_over(file_of(NR_PAGES),
				      OPTIONS(.nr_slots = 32,
					      .flags = NOALIAS_WINDOW_TRACK,
					      .local_depth = 1)),
	};
	int nr;

	run_team(&team, roam);
	join_team(&team);
	EXPECT(!*dump_of(team.window, &nr));
	EXPECT_EQ(nr, 0);
	window_close(team.window);
}

/* --- waiting --------------------------------------------------------------------- */

static void wait_for_waits(struct noalias_window *window, uint64_t nr)
{
	while (stats_of(window).waits < nr)
		sched_yield();
}

static void *map_page_9(void *arg)
{
	check_page(arg, 9);
	return NULL;
}

static void *map_run_20(void *arg)
{
	check_run(arg, 20, 2);
	return NULL;
}

/* kills: a wake-up that is lost; a waiter that wants more than there is */
static void map_waits_for_unmap(void)
{
	struct noalias_window *window = window_over(file_of(NR_PAGES),
						    OPTIONS(.nr_slots = 2));
	pthread_t thread;
	unsigned int i;
	void *one, *two;

	for (i = 1; i <= 100; i++) {
		one = map_at(window, 0, 1);
		two = map_at(window, PAGE, 1);
		EXPECT(!pthread_create(&thread, NULL, i % 2 ? map_page_9 :
				       map_run_20, window));
		wait_for_waits(window, i);
		unmap(window, one, 1);
		/* The one that wants two goes on when both are stale. */
		unmap(window, two, 1);
		EXPECT(!pthread_join(thread, NULL));
	}
	window_close(window);
}

struct meeting {
	struct noalias_window *window;
	pthread_barrier_t all_have_it;
	pid_t threads[3];
	unsigned int nr;
};

static void *map_and_meet(void *arg)
{
	struct meeting *meeting = arg;
	unsigned int i = __atomic_fetch_add(&meeting->nr, 1, __ATOMIC_RELAXED);
	void *addr;

	__atomic_store_n(&meeting->threads[i], (pid_t)syscall(SYS_gettid),
			 __ATOMIC_RELEASE);
	EXPECT_EQ(noalias_window_map_timeout(meeting->window, 9 * PAGE, 1,
					     20000 * MS, &addr), 0);
	pthread_barrier_wait(&meeting->all_have_it);
	unmap(meeting->window, addr, 1);
	return NULL;
}

static bool is_asleep(pid_t thread)
{
	char path[64], text[256], *state;
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", (int)thread);
	file = fopen(path, "re");
	if (!file)
		return false;
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	/* The name before it may have any characters. */
	state = strrchr(text, ')');
	return state && state[1] == ' ' && state[2] == 'S';
}

/*
 * kills: of two that can share what is free now, one woken. The others find the
 * page when their time is up, so that no result shows it, only how long it took.
 */
static void all_that_wait_for_one_page_get_it(void)
{
	struct meeting meeting = {
		.window = window_over(file_of(NR_PAGES), OPTIONS(.nr_slots = 1)),
	};
	void *addr = map_at(meeting.window, 0, 1);
	struct timespec began, ended;
	pthread_t threads[3];
	unsigned int i;

	pthread_barrier_init(&meeting.all_have_it, NULL, 3);
	for (i = 0; i < 3; i++)
		EXPECT(!pthread_create(&threads[i], NULL, map_and_meet,
				       &meeting));
	wait_for_waits(meeting.window, 3);
	/* They are counted just before they sleep. */
	for (i = 0; i < 3; i++)
		while (!is_asleep(__atomic_load_n(&meeting.threads[i],
						  __ATOMIC_ACQUIRE)))
			sched_yield();
	clock_gettime(CLOCK_MONOTONIC, &began);
	unmap(meeting.window, addr, 1);
	for (i = 0; i < 3; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	clock_gettime(CLOCK_MONOTONIC, &ended);
	EXPECT(ended.tv_sec - began.tv_sec < 10);
	window_close(meeting.window);
}

/* --- numbers of threads -------------------------------------------------------------- */

static void *take_local(void *arg)
{
	struct team *team = arg;
	void *addr;
	int err = noalias_window_local_map(team->window, PAGE, 1, &addr);

	pthread_barrier_wait(&team->barrier);
	if (!err) {
		EXPECT_EQ(noalias_window_local_unmap(team->window, addr), 0);
	} else {
		EXPECT_EQ(err, -EUSERS);
		EXPECT(strstr(noalias_error_message(),
			      "more than 2 threads, the limit (threads_max)"));
		__atomic_add_fetch(&team->nr_refused, 1, __ATOMIC_RELAXED);
	}
	/* All others work, with or without a number. */
	check_page(team->window, 2);
	check_run(team->window, 3, 2);
	pthread_barrier_wait(&team->barrier);
	return NULL;
}

/* kills: two threads with one number; a wait instead of an error */
static void local_beyond_threads_max_is_eusers(void)
{
	struct team team = {
		.window = window_over(file_of(NR_PAGES),
				      OPTIONS(.nr_slots = 16, .threads_max = 2,
					      .local_depth = 1)),
	};
	void *addr;

	/* One of the two numbers is ours. */
	EXPECT_EQ(noalias_window_local_map(team.window, 0, 1, &addr), 0);
	run_team(&team, take_local);
	join_team(&team);
	EXPECT_EQ(team.nr_refused, NR_THREADS - 1);
	EXPECT_EQ(noalias_window_local_unmap(team.window, addr), 0);
	EXPECT_EQ(stats_of(team.window).locals, 2);
	window_close(team.window);
}

static void *use_often(void *arg)
{
	struct team *team = arg;
	unsigned int i;

	pthread_barrier_wait(&team->barrier);
	for (i = 0; i < NR_COUNTED; i++)
		check_page(team->window, i % 8);
	return NULL;
}

/* kills: a counter that threads share without a lock */
static void threads_beyond_threads_max_are_counted(void)
{
	struct noalias_window_stats stats;
	struct team team = {
		.window = window_over(file_of(NR_PAGES),
				      OPTIONS(.nr_slots = 16,
					      .threads_max = 1)),
	};

	check_page(team.window, 1);
	run_team(&team, use_often);
	join_team(&team);
	stats = stats_of(team.window);
	EXPECT_EQ(stats.hits + stats.revivals + stats.misses,
		  NR_THREADS * NR_COUNTED + 1);
	window_close(team.window);
}

static void *end_others(void *arg)
{
	void **both = arg;

	EXPECT_ERROR(noalias_window_local_unmap(both[0], both[1]), EINVAL,
		     "is not of this thread's last local map");
	return NULL;
}

/* kills: a local map that ends under its user */
static void local_unmap_in_other_thread_is_einval(void)
{
	struct noalias_window *window = window_over(file_of(NR_PAGES),
			OPTIONS(.nr_slots = 4, .local_depth = 2));
	void *both[2] = { window };
	pthread_t thread;

	EXPECT_EQ(noalias_window_local_map(window, 0, 1, &both[1]), 0);
	EXPECT(!pthread_create(&thread, NULL, end_others, both));
	EXPECT(!pthread_join(thread, NULL));
	EXPECT_EQ(noalias_window_local_unmap(window, both[1]), 0);
	window_close(window);
}

static void *use_once(void *arg)
{
	check_local(arg, 5);
	check_page(arg, 6);
	return NULL;
}

/* kills: numbers that threads take with them when they end */
static void threads_give_numbers_back(void)
{
	struct noalias_window *window = window_over(file_of(NR_PAGES),
			OPTIONS(.nr_slots = 4, .threads_max = 3,
				.local_depth = 1));
	pthread_t threads[2];
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		EXPECT(!pthread_create(&threads[0], NULL, use_once, window));
		EXPECT(!pthread_create(&threads[1], NULL, use_once, window));
		EXPECT(!pthread_join(threads[0], NULL));
		EXPECT(!pthread_join(threads[1], NULL));
	}
	EXPECT_EQ(stats_of(window).locals, 4000);
	window_close(window);
}

#ifndef __SANITIZE_THREAD__	/* a fork of so many threads takes too long */
struct crowd {
	struct noalias_window *window;
	pthread_barrier_t all_here, may_go;
};

static void *stand(void *arg)
{
	struct crowd *crowd = arg;
	struct noalias_window *own;
	void *addr;
	int err;

	check_page(crowd->window, 1);
	pthread_barrier_wait(&crowd->all_here);
	pthread_barrier_wait(&crowd->may_go);
	err = noalias_window_local_map(crowd->window, 0, 1, &addr);
	if (!err)
		EXPECT_EQ(noalias_window_local_unmap(crowd->window, addr), 0);
	else
		EXPECT_EQ(err, -EUSERS);
	if (err && !fork()) {
		/* Alone in the child: there are numbers again. */
		own = window_over(file_of(8), OPTIONS(.local_depth = 1));
		check_local(own, 5);
		_exit(0);
	}
	return NULL;
}

/* kills: an array of numbers that is too short; a child without a number */
static void threads_beyond_all_numbers_go_on(void)
{
	enum { NR = 1030 };
	struct crowd crowd = {
		.window = window_over(file_of(NR_PAGES),
				      OPTIONS(.nr_slots = 16,
					      .threads_max = 1024,
					      .local_depth = 1)),
	};
	pthread_t threads[NR];
	pthread_attr_t attr;
	unsigned int i;
	int status;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * KIB);
	pthread_barrier_init(&crowd.all_here, NULL, NR + 1);
	pthread_barrier_init(&crowd.may_go, NULL, NR + 1);
	for (i = 0; i < NR; i++)
		EXPECT(!pthread_create(&threads[i], &attr, stand, &crowd));
	pthread_barrier_wait(&crowd.all_here);
	pthread_barrier_wait(&crowd.may_go);
	for (i = 0; i < NR; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	/* The main thread came last: it has none of the 1024. */
	for (i = 0; i < NR - 1024; i++) {
		EXPECT(wait(&status) > 0);
		EXPECT_EQ(status, 0);
	}
	window_close(crowd.window);
	pthread_attr_destroy(&attr);
}
#endif

static void *fail_own_way(void *arg)
{
	struct team *team = arg;
	unsigned int nr = __atomic_add_fetch(&team->nr, 1, __ATOMIC_RELAXED);
	char part[64];
	unsigned int i;
	void *addr;

	snprintf(part, sizeof(part), "offset %u, len 1: the file ends",
		 NR_PAGES * PAGE + nr);
	for (i = 0; i < 500; i++)
		EXPECT_ERROR(noalias_window_map(team->window, NR_PAGES * PAGE +
						nr, 1, &addr), ERANGE, part);
	return NULL;
}

/* kills: a message that another thread wrote */
static void error_message_is_the_threads(void)
{
	struct team team = { .window = window_over(file_of(NR_PAGES), NULL) };

	run_team(&team, fail_own_way);
	join_team(&team);
	window_close(team.window);
}

/* --- fork ------------------------------------------------------------------------------- */

static void *roam_on(void *arg)
{
	struct team *team = arg;
	uint32_t seed = __atomic_add_fetch(&team->nr, 1, __ATOMIC_RELAXED);

	while (!__atomic_load_n(&team->stop, __ATOMIC_RELAXED))
		random_step(team->window, &seed);
	return NULL;
}

/* Nothing that takes a lock of the C library which a thread may have had. */
static int live_in_child(struct noalias_window *window, const void *addr)
{
	struct noalias_window *own;
	void *other;
	int fd = memfd_create("child", 0);

	if (noalias_window_map(window, 0, 1, &other) != -EPERM ||
	    page_number(addr) != 3 || noalias_window_close(window))
		return 1;
	if (fd < 0 || ftruncate(fd, PAGE) ||
	    noalias_window_open(fd, OPTIONS(.local_depth = 1), &own))
		return 2;
	if (noalias_window_map(own, 0, 1, &other) ||
	    noalias_window_unmap(own, other, 1) ||
	    noalias_window_local_map(own, 0, 1, &other) ||
	    noalias_window_local_unmap(own, other))
		return 3;
	return noalias_window_close(own) ? 4 : 0;
}

static void fork_among_threads(uint32_t flags)
{
	struct team team = {
		.window = window_over(file_of(NR_PAGES),
				      OPTIONS(.nr_slots = 16, .flags = flags,
					      .local_depth = 1)),
	};
	void *addr = map_at(team.window, 3 * PAGE, PAGE);
	unsigned int i;
	pid_t pid;

	run_team(&team, roam_on);
	for (i = 0; i < 60; i++) {
		pid = fork();
		if (!pid)
			_exit(live_in_child(team.window, addr));
		EXPECT_EQ(tap_ended(pid), 0);
	}
	__atomic_store_n(&team.stop, true, __ATOMIC_RELAXED);
	join_team(&team);
	EXPECT_EQ(page_number(addr), 3);
	unmap(team.window, addr, PAGE);
	window_close(team.window);
}

/* kills: a lock in the child that nobody there can open; half a list walked */
static void fork_while_threads_map(void)
{
	fork_among_threads(0);
	fork_among_threads(NOALIAS_WINDOW_TRACK);
}

struct mapper {
	struct noalias_window *window;
	pthread_barrier_t mapped, looked;
	pid_t thread;
};

static void *map_the_same(void *arg)
{
	struct mapper *mapper = arg;
	void *addr = map_at(mapper->window, PAGE, 1);

	mapper->thread = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&mapper->mapped);
	pthread_barrier_wait(&mapper->looked);
	unmap(mapper->window, addr, 1);
	return NULL;
}

/* kills: an unmap that is booked on another thread's map of the same piece */
static void unmap_is_the_threads_own(void)
{
	struct mapper mapper = {
		.window = window_over(file_of(4), OPTIONS(
				.flags = NOALIAS_WINDOW_TRACK)),
	};
	void *addr = map_at(mapper.window, PAGE, 1);
	pthread_t thread;
	char text[32];
	int nr;

	pthread_barrier_init(&mapper.mapped, NULL, 2);
	pthread_barrier_init(&mapper.looked, NULL, 2);
	EXPECT(!pthread_create(&thread, NULL, map_the_same, &mapper));
	pthread_barrier_wait(&mapper.mapped);
	unmap(mapper.window, addr, 1);
	snprintf(text, sizeof(text), " thread %d ", (int)mapper.thread);
	EXPECT(strstr(dump_of(mapper.window, &nr), text));
	pthread_barrier_wait(&mapper.looked);
	EXPECT(!pthread_join(thread, NULL));
	window_close(mapper.window);
}

static const struct tap_case cases[] = {
	TAP(threads_see_their_pages),
	TAP(threads_are_tracked),
	TAP(unmap_is_the_threads_own),
	TAP(map_waits_for_unmap),
	TAP(all_that_wait_for_one_page_get_it),
	TAP(local_beyond_threads_max_is_eusers),
	TAP(threads_beyond_threads_max_are_counted),
	TAP(local_unmap_in_other_thread_is_einval),
	TAP(threads_give_numbers_back),
#ifndef __SANITIZE_THREAD__
	TAP(threads_beyond_all_numbers_go_on),
#endif
	TAP(error_message_is_the_threads),
	TAP(fork_while_threads_map),
};

TAP_MAIN(cases)
