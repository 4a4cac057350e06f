// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias_kmap_flush_unused() by system calls: all slots of a window are
 * pointed, some stay in use, and the stale ones between them are in rows of a
 * given length. The result is the number of calls, which is deterministic.
 */
#include <stdlib.h>

#include <libnoalias.h>

#include "user.h"

struct flush_count flush_counts[FLUSH_COUNTS_MAX];
unsigned int nr_flush_counts;

static int compare_addrs(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;

	return (x > y) - (x < y);
}

/* Every slot, in the order of their addresses. */
static void fill_window(struct noalias_window *window, void **addrs,
			uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (noalias_window_map(window,
				       (uint64_t)data.order[i] << FRAME_SHIFT,
				       FRAME_LEN, &addrs[i]))
			die("window: %s", noalias_error_message());
	qsort(addrs, nr, sizeof(*addrs), compare_addrs);
}

/* One slot after each run stays in use. Return: runs. */
static uint32_t make_runs(struct noalias_window *window, void **addrs,
			  uint32_t nr, uint32_t run)
{
	uint32_t i, at = 0, nr_runs = 0;

	for (i = 0; i < nr; i++) {
		if (at++ == run) {
			at = 0;
			continue;
		}
		nr_runs += at == 1;
		if (noalias_window_unmap(window, addrs[i], FRAME_LEN))
			die("window: %s", noalias_error_message());
		addrs[i] = NULL;
	}
	return nr_runs;
}

static void end_rest(struct noalias_window *window, void **addrs, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (addrs[i])
			noalias_window_unmap(window, addrs[i], FRAME_LEN);
	if (noalias_window_close(window))
		die("window: %s", noalias_error_message());
}

static uint64_t calls_clear(struct noalias_window *window)
{
	struct noalias_window_stats stats;

	if (noalias_window_stats(window, &stats, sizeof(stats)))
		die("window: %s", noalias_error_message());
	return stats.calls_clear;
}

static void flush_once(struct noalias_window *window,
		       struct flush_count *count)
{
	uint64_t cleared = calls_clear(window);
	uint64_t calls = tally_now().calls;

	if (noalias_kmap_flush_unused(window))
		die("window: %s", noalias_error_message());
	count->calls = tally_now().calls - calls;
	count->cleared = calls_clear(window) - cleared;
}

static void count_one(uint32_t nr, uint32_t run)
{
	struct noalias_window_options with = {
		.size = sizeof(with), .granule = FRAME_LEN, .nr_slots = nr,
	};
	struct flush_count count = { .nr_slots = nr, .run = run };
	void **addrs = calloc(nr, sizeof(*addrs));
	struct noalias_window *window;

	if (nr_flush_counts == FLUSH_COUNTS_MAX || !addrs)
		die("no room for more counts");
	if (noalias_window_open(data.fd, &with, &window))
		die("window: %s", noalias_error_message());
	fill_window(window, addrs, nr);
	count.nr_runs = make_runs(window, addrs, nr, run);
	flush_once(window, &count);
	flush_counts[nr_flush_counts++] = count;
	end_rest(window, addrs, nr);
	free(addrs);
}

void flush_count_all(void)
{
	static const uint32_t sizes[] = { 64, 1024, 16384 };
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		if (sizes[i] > data.nr)
			continue;
		count_one(sizes[i], 1);
		count_one(sizes[i], 16);
		count_one(sizes[i], sizes[i]);
	}
}

double flush_calls_each(void)
{
	double most = 0, each;
	unsigned int i;

	for (i = 0; i < nr_flush_counts; i++) {
		each = (double)flush_counts[i].calls / flush_counts[i].nr_runs;
		most = each > most ? each : most;
		each = (double)flush_counts[i].cleared /
		       flush_counts[i].nr_runs;
		most = each > most ? each : most;
	}
	return most;
}
