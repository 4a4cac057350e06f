// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, statistics and dump.
 */
#include <stdarg.h>
#include <unistd.h>

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
		return lib_window_foreign(window);
	if (!stats || !size)
		return lib_fail(EINVAL, !stats ? "stats is NULL" :
				"size is 0");
	fill_stats(window, &ours);
	memset(stats, 0, size);
	memcpy(stats, &ours, size < sizeof(ours) ? size : sizeof(ours));
	return 0;
}

/* Not dprintf(), which leaks memory if write() fails. */
int lib_say(int fd, const char *format, ...)
{
	char line[160], *at = line;
	va_list args;
	ssize_t len, done;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (; len > 0; len -= done, at += done) {
		done = write(fd, at, (size_t)len);
		if (done < 0 && errno != EINTR)
			return lib_fail(errno, "fd %d: %s", fd,
					strerror(errno));
		if (done < 0)
			done = 0;
	}
	return 0;
}

/* Users of a slot change: each line is a snapshot. */
static int dump_slots(struct noalias_window *window, int fd)
{
	struct na_window_info info;
	int nr = 0, err;
	u32 idx;

	for (idx = 0; idx < window->nr_slots; idx++) {
		info = na_window_info(window->set, idx);
		if (info.state != NA_WINDOW_LIVE)
			continue;
		nr++;
		err = lib_say(fd, "slot %u offset %llu users %u\n", idx,
			      (u64)info.frame.nr << window->shift, info.users);
		if (err)
			return err;
	}
	return nr;
}

static int dump_locals(struct noalias_window *window, int fd)
{
	struct na_frame frame;
	int nr = 0, err;
	u32 idx;

	for (idx = 0; idx < lib_window_nr_locals(window); idx++) {
		if (!lib_window_local_shows(window, idx, &frame))
			continue;
		nr++;
		err = lib_say(fd, "local %p offset %llu\n",
			      na_port_range_addr(lib_window_locals(window),
						 idx),
			      (u64)frame.nr << window->shift);
		if (err)
			return err;
	}
	return nr;
}

LIB_PUBLIC int noalias_window_dump(struct noalias_window *window, int fd)
{
	int nr, nr_locals, err = 0;

	if (!lib_window_is_ours(window))
		return lib_window_foreign(window);
	nr = dump_slots(window, fd);
	if (nr < 0)
		return nr;
	nr_locals = dump_locals(window, fd);
	if (nr_locals < 0)
		return nr_locals;
	if (window->track)
		err = lib_track_dump(window->track, fd);
	return err ? err : nr + nr_locals;
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
