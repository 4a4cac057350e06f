// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, purge: removal of unused mappings.
 */
#include <inttypes.h>

#include "window.h"

/* Frames are passed one by one, so many in each call. */
#define PURGE_RUNS 256u

static bool shows_part(struct na_window_info info, u64 first, u64 nr)
{
	return (info.state == NA_WINDOW_LIVE || info.state == NA_WINDOW_STALE) &&
	       info.frame.nr - first < nr;
}

static bool local_shows_part(const struct noalias_window *window, u64 first,
			     u64 nr)
{
	struct na_frame frame;
	u32 idx;

	for (idx = 0; idx < lib_window_nr_locals(window); idx++)
		if (lib_window_local_shows(window, idx, &frame) &&
		    frame.nr - first < nr)
			return true;
	return false;
}

/* More frames than slots: search the slots. */
static int purge_by_slots(struct noalias_window *window, u64 first, u64 nr)
{
	struct na_run runs[PURGE_RUNS];
	struct na_window_info info;
	u32 idx, nr_runs = 0;
	int err = 0, last;

	for (idx = 0; idx < window->nr_slots; idx++) {
		info = na_window_info(window->set, idx);
		if (shows_part(info, first, nr))
			runs[nr_runs++] = na_run(info.frame, 1);
		if (nr_runs < PURGE_RUNS && idx < window->nr_slots - 1)
			continue;
		/*
		 * Also for no frames: the call waits for a reclaim in progress.
		 */
		last = na_window_purge(window->set, runs, nr_runs);
		err = last ? last : err;
		nr_runs = 0;
	}
	return !err && local_shows_part(window, first, nr) ? -EBUSY : err;
}

static int purge_piece(struct noalias_window *window, u64 offset, u64 len)
{
	u64 first = offset >> window->shift;
	u64 nr = ((offset + len - 1) >> window->shift) - first + 1;
	struct na_run run;

	if (nr > window->nr_slots)
		return purge_by_slots(window, first, nr);
	run = na_run(na_frame((unsigned long)first), (u32)nr);
	return na_window_purge(window->set, &run, 1);
}

LIB_PUBLIC int noalias_window_purge(struct noalias_window *window,
				    uint64_t offset, uint64_t len)
{
	int err;

	if (!lib_window_is_ours(window))
		return lib_window_foreign(window);
	if (!len)
		return lib_fail(EINVAL, "len is 0");
	if (len > window->length_max || offset > window->length_max - len)
		return lib_fail(EFBIG, "offset %" PRIu64 ", len %" PRIu64 ": length_max is %llu",
				offset, len, window->length_max);
	err = purge_piece(window, offset, len);
	if (err == -EBUSY)
		return lib_fail(EBUSY, "offset %" PRIu64 ", len %" PRIu64 ": part of it is mapped",
				offset, len);
	return err ? lib_fail(EIO, "a slot is lost: the kernel did not unmap it") : 0;
}

LIB_PUBLIC int noalias_kmap_flush_unused(struct noalias_window *window)
{
	if (!lib_window_is_ours(window))
		return lib_window_foreign(window);
	na_window_purge_all(window->set);
	return 0;
}
