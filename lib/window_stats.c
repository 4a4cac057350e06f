// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, what can be read from outside.
 */
#include "window.h"

static u32 count_state(const struct noalias_window *window,
		       enum na_window_state state)
{
	u32 idx, nr = 0;

	for (idx = 0; idx < window->nr_slots; idx++)
		nr += na_window_info(window->set, idx).state == state;
	return nr;
}

static void fill_stats(struct noalias_window *window,
		       struct noalias_window_stats *stats)
{
	const struct na_window_set *set = window->set;

	stats->hits = na_window_stat(set, NA_WINDOW_HITS);
	stats->revivals = na_window_stat(set, NA_WINDOW_REVIVALS);
	stats->locals = na_window_stat(set, NA_WINDOW_LOCALS);
	stats->misses = na_window_stat(set, NA_WINDOW_MISSES);
	stats->waits = na_window_stat(set, NA_WINDOW_WAITS);
	stats->reclaimed = na_window_stat(set, NA_WINDOW_RECLAIMED);
	stats->purged = na_window_stat(set, NA_WINDOW_PURGED);
	stats->shootdowns = na_window_stat(set, NA_WINDOW_SHOOTDOWNS);
	stats->lost = na_window_stat(set, NA_WINDOW_LOST);
	stats->calls_set = na_atomic64_read(&window->port.nr_sets);
	stats->calls_clear = na_atomic64_read(&window->port.nr_clears);
	stats->live = count_state(window, NA_WINDOW_LIVE);
	stats->stale = count_state(window, NA_WINDOW_STALE);
}

LIB_PUBLIC int noalias_window_stats(struct noalias_window *window,
				    struct noalias_window_stats *stats,
				    size_t size)
{
	struct noalias_window_stats ours = { 0 };

	if (!lib_window_is_ours(window))
		return lib_window_foreign();
	if (!stats || !size)
		return lib_fail(EINVAL, !stats ? "stats is NULL" :
				"size is 0");
	fill_stats(window, &ours);
	memset(stats, 0, size);
	memcpy(stats, &ours, size < sizeof(ours) ? size : sizeof(ours));
	return 0;
}

/* Users of a slot come and go: a line is of one moment. */
LIB_PUBLIC int noalias_window_dump(struct noalias_window *window, int fd)
{
	struct na_window_info info;
	u32 idx, nr = 0;
	int err;

	if (!lib_window_is_ours(window))
		return lib_window_foreign();
	for (idx = 0; idx < window->nr_slots; idx++) {
		info = na_window_info(window->set, idx);
		if (info.state != NA_WINDOW_LIVE)
			continue;
		nr++;
		if (dprintf(fd, "slot %u offset %llu users %u\n", idx,
			    (u64)info.frame.nr << window->shift,
			    info.users) < 0)
			return lib_fail(errno, "fd %d: %s", fd,
					strerror(errno));
	}
	err = window->track ? lib_track_dump(window->track, fd) : 0;
	if (err)
		return lib_fail(-err, "fd %d: %s", fd, strerror(-err));
	return (int)nr;
}

LIB_PUBLIC uint32_t
noalias_window_granule(const struct noalias_window *window)
{
	return 1u << window->shift;
}

LIB_PUBLIC uint32_t
noalias_window_nr_slots(const struct noalias_window *window)
{
	return window->nr_slots;
}
