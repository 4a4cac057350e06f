// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Maps, waits and local windows by one thread: what the counters and the dump
 * say of them.
 */
#define _GNU_SOURCE
#include "window_small.h"

/* --- tracking, leaks ---------------------------------------------------------------- */

static struct noalias_window *tracked(unsigned int nr_slots)
{
	return window_over(file_of(NR_PAGES), OPTIONS(.nr_slots = nr_slots,
			.flags = NOALIAS_WINDOW_TRACK, .local_depth = 2));
}

/* kills: tracking that only counts */
static void track_catches_double_unmap_of_shared_slot(void)
{
	struct noalias_window *window = tracked(4);
	char *one = map_at(window, PAGE, 10);
	char *two = map_at(window, PAGE + 1, 10);

	unmap(window, one, 10);
	EXPECT_ERROR(noalias_window_unmap(window, one, 10), EINVAL,
		     "not mapped");
	EXPECT_ERROR(noalias_window_unmap(window, two, 11), EINVAL,
		     "not mapped");
	EXPECT_EQ(page_number(two - 1), 1);
	unmap(window, two, 10);
	EXPECT_ERROR(noalias_window_unmap(window, two, 10), EINVAL, "");
	window_close(window);
}

static bool line_about(const char *text, const char *format, ...)
{
	char part[128];
	va_list args;

	va_start(args, format);
	vsnprintf(part, sizeof(part), format, args);
	va_end(args);
	return strstr(text, part);
}

__attribute__((noinline)) static void *leaky(struct noalias_window *window)
{
	void *addr = map_at(window, 7 * PAGE, 100);

	__asm__ volatile("");
	return addr;
}

/* kills: a leak that nobody can find */
static void dump_lists_leaks_with_caller(void)
{
	struct noalias_window *window = tracked(4);
	void *addr = leaky(window);
	unsigned long caller = 0;
	const char *text, *at;
	int nr;

	EXPECT_ERROR(noalias_window_close(window), EBUSY,
		     "1 maps have not been unmapped");
	text = dump_of(window, &nr);
	EXPECT_EQ(nr, 1);
	EXPECT(line_about(text, "slot 0 offset 28672 users 1\n"));
	EXPECT(line_about(text, "map %p len 100 thread %d caller ", addr,
			  (int)getpid()));
	at = strstr(text, "caller ");
	EXPECT(at && sscanf(at, "caller %lx", &caller) == 1);
	/* map_at() called; whichever way the compiler laid it out. */
	EXPECT(caller - (unsigned long)map_at < 4096);
	unmap(window, addr, 100);
	EXPECT(!*dump_of(window, &nr));
	EXPECT_EQ(nr, 0);
	window_close(window);
}

/* kills: a local map that keeps a window from closing and is seen nowhere */
static void dump_lists_local_maps(void)
{
	struct noalias_window *window = tracked(4);
	const char *text;
	void *addr;
	int nr;

	EXPECT_EQ(noalias_window_local_map(window, 9 * PAGE, 1, &addr), 0);
	EXPECT_ERROR(noalias_window_close(window), EBUSY, "1 maps have not");
	text = dump_of(window, &nr);
	EXPECT_EQ(nr, 1);
	EXPECT(line_about(text, "local %p offset 36864\n", addr));
	EXPECT_EQ(noalias_window_local_unmap(window, addr), 0);
	EXPECT(!*dump_of(window, &nr));
	window_close(window);
}

/* kills: an error of write() that is lost */
static void dump_bad_descriptor_is_ebadf(void)
{
	struct noalias_window *window = small(4);
	void *addr = map_at(window, 0, 1);

	EXPECT_ERROR(noalias_window_dump(window, -1), EBADF, "fd -1: ");
	unmap(window, addr, 1);
	window_close(window);
}

/* kills: a window that is gone while something points into it */
static void close_mapped_is_ebusy(void)
{
	struct noalias_window *window = small(4);
	void *one = map_at(window, 0, 2 * PAGE), *two = map_at(window, 0, 1);

	EXPECT_ERROR(noalias_window_close(window), EBUSY,
		     "3 maps have not been unmapped");
	unmap(window, two, 1);
	EXPECT_EQ(page_number(one), 0);
	unmap(window, one, 2 * PAGE);
	window_close(window);
}

/* kills: addresses or memory that close forgets */
static void close_gives_addresses_back(void)
{
	struct noalias_window *window = small(4);
	char *base = first_slot(window);
	struct area area;

	EXPECT(is_guarded(base));
	EXPECT(is_guarded(base + 4 * PAGE));
	window_close(window);
	EXPECT(!area_at(base, &area));
	EXPECT(!area_at(base + 4 * PAGE, &area));
}

/* --- waiting -------------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* kills: a wait that is too short, does not end, or where none was asked for */
static void map_timeout_all_in_use(void)
{
	struct noalias_window *window = small(2);
	void *one = map_at(window, 0, 1), *two = map_at(window, PAGE, 1), *addr;
	uint64_t start = now_ns(), waits;

	EXPECT_ERROR(noalias_window_map_timeout(window, 2 * PAGE, 1, 0, &addr),
		     ETIMEDOUT, "all slots are in use, 2");
	EXPECT_EQ(stats_of(window).waits, 0);
	EXPECT_ERROR(noalias_window_map_timeout(window, 2 * PAGE, 1, 50 * MS,
						&addr), ETIMEDOUT, "in use");
	EXPECT(now_ns() - start >= 50 * MS);
	EXPECT_EQ(stats_of(window).waits, 1);
	/* What is mapped needs no slot; a run of it and another one does. */
	EXPECT_EQ(noalias_window_map_timeout(window, 0, PAGE, 0, &addr), 0);
	unmap(window, addr, PAGE);
	EXPECT_ERROR(noalias_window_map_timeout(window, PAGE, 2 * PAGE, MS,
						&addr), ETIMEDOUT, "in use");
	waits = stats_of(window).waits;
	unmap(window, one, 1);
	EXPECT_EQ(noalias_window_map_timeout(window, 2 * PAGE, 1, 0, &addr), 0);
	EXPECT_EQ(stats_of(window).waits, waits);
	unmap(window, addr, 1);
	unmap(window, two, 1);
	window_close(window);
}

static void on_signal(int number)
{
	(void)number;
}

/* kills: a signal taken for the end of the wait */
static void map_timeout_outlasts_signals(void)
{
	struct noalias_window *window = small(1);
	struct sigaction action = { .sa_handler = on_signal };
	void *one = map_at(window, 0, 1), *addr;
	uint64_t start = now_ns();
	pid_t pid, self = getpid();

	EXPECT(!sigaction(SIGUSR1, &action, NULL));
	pid = fork();
	if (!pid) {
		for (;;) {
			usleep(1000);
			if (getppid() != self || kill(self, SIGUSR1))
				_exit(0);
		}
	}
	EXPECT_ERROR(noalias_window_map_timeout(window, PAGE, 1, 60 * MS,
						&addr), ETIMEDOUT, "in use");
	EXPECT(now_ns() - start >= 60 * MS);
	kill(pid, SIGKILL);
	tap_ended(pid);
	unmap(window, one, 1);
	window_close(window);
}

/* --- local windows ---------------------------------------------------------------------- */

/* kills: a local map that stays, or lets another end before it */
static void local_ends_in_reverse_order(void)
{
	struct noalias_window *window = tracked(1);
	void *one, *two, *three;

	EXPECT_EQ(noalias_window_local_map(window, PAGE + 4, 8, &one), 0);
	EXPECT_EQ(noalias_window_local_map(window, 2 * PAGE, PAGE, &two), 0);
	EXPECT_EQ(page_number((char *)one - 4), 1);
	EXPECT_EQ(page_number(two), 2);
	EXPECT_ERROR(noalias_window_local_map(window, 0, 1, &three), ENOSPC,
		     "this thread has 2 local windows, the limit (local_depth)");
	EXPECT_ERROR(noalias_window_local_unmap(window, one), EINVAL,
		     "is not of this thread's last local map");
	EXPECT_EQ(noalias_window_local_unmap(window, two), 0);
	EXPECT(is_guarded(two));
	EXPECT_ERROR(noalias_window_local_unmap(window, two), EINVAL, "last");
	EXPECT_EQ(noalias_window_local_unmap(window, one), 0);
	EXPECT_ERROR(noalias_window_local_unmap(window, one), EINVAL, "last");
	EXPECT_EQ(stats_of(window).locals, 2);
	EXPECT_EQ(stats_of(window).live, 0);
	window_close(window);
}

/* kills: a wait for slots that local windows do not need */
static void local_needs_no_slot(void)
{
	struct noalias_window *window = tracked(1);
	void *addr = map_at(window, 0, 1), *local;

	EXPECT_EQ(noalias_window_local_map(window, PAGE, 1, &local), 0);
	EXPECT_ERROR(noalias_window_unmap(window, local, 1), EINVAL, "");
	EXPECT_ERROR(noalias_window_local_unmap(window, addr), EINVAL, "");
	EXPECT_EQ(noalias_window_local_unmap(window, local), 0);
	unmap(window, addr, 1);
	window_close(window);
}

/* kills: pieces that do not fit, and windows that were not asked for */
static void local_refuses_bad_pieces(void)
{
	struct noalias_window *window = tracked(4);
	void *addr;

	EXPECT_ERROR(noalias_window_local_map(window, PAGE - 1, 2, &addr),
		     EINVAL, "a local window of 2 granules, the limit is 1");
	EXPECT_ERROR(noalias_window_local_map(window, 0, 0, &addr), EINVAL,
		     "len is 0");
	EXPECT_ERROR(noalias_window_local_map(window, NR_PAGES * PAGE, 1,
					      &addr), ERANGE, "ends at");
	window_close(window);
	window = small(4);
	EXPECT_ERROR(noalias_window_local_map(window, 0, 1, &addr), EOPNOTSUPP,
		     "without a local_depth");
	EXPECT_ERROR(noalias_window_local_unmap(window, addr), EINVAL, "last");
	window_close(window);
}

/* --- purge, statistics ---------------------------------------------------------------------- */

/* kills: a purge of more, of less, or of what is in use */
static void purge_removes_just_the_piece(void)
{
	struct noalias_window *window = small(8);
	void *addr;
	unsigned int page;

	for (page = 0; page < 6; page++)
		check_page(window, page);
	EXPECT_EQ(noalias_window_purge(window, PAGE + 5, PAGE), 0);
	EXPECT_EQ(stats_of(window).stale, 4);
	EXPECT_EQ(stats_of(window).purged, 2);
	addr = map_at(window, 4 * PAGE, 1);
	EXPECT_ERROR(noalias_window_purge(window, 3 * PAGE, 3 * PAGE), EBUSY,
		     "offset 12288, len 12288: part of it is mapped");
	EXPECT_EQ(stats_of(window).stale, 1);
	EXPECT_EQ(page_number(addr), 4);
	unmap(window, addr, 1);
	EXPECT_ERROR(noalias_window_purge(window, 0, 0), EINVAL, "len is 0");
	EXPECT_ERROR(noalias_window_purge(window, UINT64_MAX, 2), EFBIG,
		     "length_max is");
	EXPECT_ERROR(noalias_window_purge(window, 2, UINT64_MAX), EFBIG, "");
	window_close(window);
}

/* kills: a purge that does not see local windows */
static void purge_local_is_ebusy(void)
{
	struct noalias_window *window = tracked(4);
	void *addr;

	EXPECT_EQ(noalias_window_local_map(window, PAGE, 1, &addr), 0);
	EXPECT_ERROR(noalias_window_purge(window, PAGE, 1), EBUSY, "mapped");
	EXPECT_EQ(noalias_window_purge(window, 2 * PAGE, 1), 0);
	EXPECT_EQ(noalias_window_local_unmap(window, addr), 0);
	EXPECT_EQ(noalias_window_purge(window, PAGE, 1), 0);
	window_close(window);
}

/* kills: the same where the purge is longer than all slots */
static void purge_longer_than_slots_with_local_is_ebusy(void)
{
	struct noalias_window *window = tracked(4);
	void *addr;

	EXPECT_EQ(noalias_window_local_map(window, 8 * PAGE, 1, &addr), 0);
	EXPECT_ERROR(noalias_window_purge(window, 0, 9 * PAGE), EBUSY,
		     "part of it is mapped");
	EXPECT_EQ(noalias_window_purge(window, 0, 8 * PAGE), 0);
	EXPECT_EQ(noalias_window_purge(window, 9 * PAGE, 8 * PAGE), 0);
	EXPECT_EQ(noalias_window_local_unmap(window, addr), 0);
	EXPECT_EQ(noalias_window_purge(window, 0, 9 * PAGE), 0);
	window_close(window);
}

/* kills: a purge longer than all slots that leaves one, or forgets which was in use */
static void purge_longer_than_slots_looks_at_each(void)
{
	struct noalias_window *window = small(4);
	unsigned int page, live;
	void *addr;

	for (live = 0; live < 4; live++) {
		for (page = 0; page < 4; page++)
			if (page != live)
				check_page(window, page);
		addr = map_at(window, live * PAGE, 1);
		EXPECT_ERROR(noalias_window_purge(window, 0, 9 * PAGE), EBUSY,
			     "part of it is mapped");
		EXPECT_EQ(stats_of(window).stale, 0);
		EXPECT_EQ(stats_of(window).live, 1);
		unmap(window, addr, 1);
		EXPECT_EQ(noalias_window_purge(window, 0, 9 * PAGE), 0);
		EXPECT_EQ(stats_of(window).stale, 0);
	}
	window_close(window);
}

/*
 * More slots than one call is made for: 300, and they all show something.
 *
 * kills: an array that overflows; an error of the first calls that is forgotten
 */
static void purge_longer_than_many_slots_tells_an_error(void)
{
	struct noalias_window *window = window_over(file_of(400),
						    OPTIONS(.nr_slots = 300));
	unsigned int page;
	void *addr;

	addr = map_at(window, 0, 1);
	for (page = 1; page < 300; page++)
		check_page(window, page);
	EXPECT_EQ(stats_of(window).stale, 299);
	EXPECT_ERROR(noalias_window_purge(window, 0, 400 * PAGE), EBUSY,
		     "part of it is mapped");
	EXPECT_EQ(stats_of(window).stale, 0);
	unmap(window, addr, 1);
	window_close(window);
}

/* kills: a system call a slot, or a slot of the window, and not a row */
static void flush_unused_costs_a_call_a_row(void)
{
	static const unsigned int slots[] = { 16, 4096 };
	struct noalias_window *window;
	uint64_t before;
	void *addr[9];
	unsigned int i, j;

	for (j = 0; j < ARRAY_SIZE(slots); j++) {
		window = small(slots[j]);
		for (i = 0; i < 9; i++)
			addr[i] = map_at(window, (9 - i) * PAGE, 1);
		/* Stale: slots 0, 1, 3, 4, 5, 7; three rows. */
		for (i = 0; i < 9; i++)
			if (i != 2 && i != 6 && i != 8)
				unmap(window, addr[i], 1);
		before = stats_of(window).calls_clear;
		EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
		EXPECT_EQ(stats_of(window).calls_clear - before, 3);
		EXPECT_EQ(stats_of(window).purged, 6);
		EXPECT_EQ(stats_of(window).shootdowns, 1);
		EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
		EXPECT_EQ(stats_of(window).calls_clear - before, 3);
		EXPECT(is_guarded(addr[3]));
		unmap(window, addr[2], 1);
		unmap(window, addr[6], 1);
		unmap(window, addr[8], 1);
		window_close(window);
	}
}

/* kills: a reclaim slot by slot */
static void reclaim_costs_a_call_a_row(void)
{
	struct noalias_window *window = window_over(file_of(NR_PAGES),
			OPTIONS(.nr_slots = 16, .batch_max = 8));
	struct noalias_window_stats stats;
	unsigned int page;

	for (page = 0; page < 17; page++)
		check_page(window, page);
	stats = stats_of(window);
	EXPECT_EQ(stats.reclaimed, 8);
	EXPECT_EQ(stats.calls_clear, 1);
	EXPECT_EQ(stats.calls_set, 17);
	EXPECT_EQ(stats.shootdowns, 1);
	EXPECT_EQ(stats.stale, 9);
	window_close(window);
}

/* kills: an event counted twice, not at all, or as another */
static void stats_of_a_script(void)
{
	struct noalias_window *window = tracked(8);
	struct noalias_window_stats stats;
	void *one, *two;

	one = map_at(window, 0, 3 * PAGE);		/* 3 misses, 1 call */
	two = map_at(window, PAGE, 2 * PAGE);		/* 2 hits */
	unmap(window, one, 3 * PAGE);
	one = map_at(window, 0, 2 * PAGE);		/* 1 revival, 1 hit */
	EXPECT_EQ(noalias_window_local_map(window, 0, 1, &one), 0);
	EXPECT_EQ(noalias_window_local_unmap(window, one), 0);
	unmap(window, two, 2 * PAGE);
	stats = stats_of(window);
	EXPECT_EQ(stats.misses, 3);
	EXPECT_EQ(stats.hits, 3);
	EXPECT_EQ(stats.revivals, 1);
	EXPECT_EQ(stats.locals, 1);
	EXPECT_EQ(stats.waits, 0);
	EXPECT_EQ(stats.reclaimed, 0);
	EXPECT_EQ(stats.purged, 0);
	EXPECT_EQ(stats.lost, 0);
	EXPECT_EQ(stats.calls_set, 2);
	EXPECT_EQ(stats.calls_clear, 1);
	EXPECT_EQ(stats.live, 2);
	EXPECT_EQ(stats.stale, 1);
	unmap(window, (char *)two - PAGE, 2 * PAGE);
	window_close(window);
}

/* kills: a struct of another version written over its end, or not filled */
static void stats_of_other_versions(void)
{
	struct noalias_window *window = small(4);
	struct {
		struct noalias_window_stats stats;
		uint64_t later;
	} big;

	memset(&big, 0xff, sizeof(big));
	check_page(window, 1);
	EXPECT_EQ(noalias_window_stats(window, &big.stats, 8), 0);
	EXPECT_EQ(big.stats.hits, 0);
	EXPECT(big.stats.revivals == UINT64_MAX);
	EXPECT_EQ(noalias_window_stats(window, &big.stats, sizeof(big)), 0);
	EXPECT_EQ(big.stats.misses, 1);
	EXPECT_EQ(big.later, 0);
	EXPECT_ERROR(noalias_window_stats(window, &big.stats, 0), EINVAL,
		     "size is 0");
	EXPECT_ERROR(noalias_window_stats(window, NULL, 8), EINVAL,
		     "stats is NULL");
	window_close(window);
}

/* kills: a run that needs neighbours it cannot get, though slots are stale */
static void map_run_takes_row_of_stale_slots(void)
{
	struct noalias_window *window = small(8);
	unsigned int page, i;
	char *addr;

	for (page = 0; page < 200; page += 3) {
		for (i = 0; i < 5; i++)
			check_page(window, page + 7 * i);
		addr = map_at(window, page * PAGE, 8 * PAGE);
		for (i = 0; i < 8; i++)
			EXPECT_EQ(page_number(addr + i * PAGE), page + i);
		unmap(window, addr, 8 * PAGE);
	}
	window_close(window);
}

/* kills: an argument that is used before it is looked at */
static void null_is_refused(void)
{
	struct noalias_window_stats stats;
	void *addr;

	EXPECT_EQ(noalias_window_map(NULL, 0, 1, &addr), -EINVAL);
	EXPECT_EQ(noalias_window_unmap(NULL, &addr, 1), -EINVAL);
	EXPECT_EQ(noalias_window_local_map(NULL, 0, 1, &addr), -EINVAL);
	EXPECT_EQ(noalias_window_local_unmap(NULL, &addr), -EINVAL);
	EXPECT_EQ(noalias_window_purge(NULL, 0, 1), -EINVAL);
	EXPECT_EQ(noalias_kmap_flush_unused(NULL), -EINVAL);
	EXPECT_EQ(noalias_window_stats(NULL, &stats, sizeof(stats)), -EINVAL);
	EXPECT_EQ(noalias_window_dump(NULL, 1), -EINVAL);
	EXPECT_EQ(noalias_window_close(NULL), 0);
}

static const struct tap_case cases[] = {
	TAP(null_is_refused),
	TAP(map_run_takes_row_of_stale_slots),
	TAP(track_catches_double_unmap_of_shared_slot),
	TAP(dump_lists_leaks_with_caller),
	TAP(dump_lists_local_maps),
	TAP(dump_bad_descriptor_is_ebadf),
	TAP(close_mapped_is_ebusy),
	TAP(close_gives_addresses_back),
	TAP(map_timeout_all_in_use),
	TAP(map_timeout_outlasts_signals),
	TAP(local_ends_in_reverse_order),
	TAP(local_needs_no_slot),
	TAP(local_refuses_bad_pieces),
	TAP(purge_removes_just_the_piece),
	TAP(purge_local_is_ebusy),
	TAP(purge_longer_than_slots_with_local_is_ebusy),
	TAP(purge_longer_than_slots_looks_at_each),
	TAP(purge_longer_than_many_slots_tells_an_error),
	TAP(flush_unused_costs_a_call_a_row),
	TAP(reclaim_costs_a_call_a_row),
	TAP(stats_of_a_script),
	TAP(stats_of_other_versions),
};

TAP_MAIN(cases)
