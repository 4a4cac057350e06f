// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, in use: bytes of a file become frames of the engine, and back.
 *
 * Hit path: is the window ours (a word that fork() wipes), does the piece lie
 * inside of what the file had when it was last asked, and then the engine's.
 */
#include <inttypes.h>
#include <unistd.h>

#include "window.h"

int lib_window_foreign(void)
{
	return lib_fail(EPERM, "the window belongs to the parent process");
}

/*
 * The engine's hit path becomes part of the caller; what is cold there is kept
 * out of line by its own attribute.
 */
#define LIB_HOT __attribute__((hot, flatten))

/* --- pieces ------------------------------------------------------------------ */

static inline u32 granule_mask(const struct noalias_window *window)
{
	return (1u << window->shift) - 1;
}

/* Frames that the piece touches; too many to count are too many to map. */
static inline struct na_run piece_run(const struct noalias_window *window,
				      u64 offset, u64 len)
{
	u64 first = offset >> window->shift;
	u64 nr = ((offset + len - 1) >> window->shift) - first + 1;

	return na_run(na_frame((unsigned long)first),
		      nr < UINT32_MAX ? (u32)nr : UINT32_MAX);
}

/* One slot's worth or more; false for an address that is no slot's. */
static bool find_slots(const struct noalias_window *window, const void *addr,
		       size_t len, struct na_window *slot, u32 *nr)
{
	size_t at = (size_t)addr - (size_t)window->base;
	u64 end = (u64)at + len;

	if (!len || end <= at || end > (u64)window->nr_slots << window->shift)
		return false;
	slot->idx = (u32)(at >> window->shift);
	slot->addr = window->base + ((size_t)slot->idx << window->shift);
	*nr = (u32)((end - 1) >> window->shift) - slot->idx + 1;
	return true;
}

/* --- the file's end ------------------------------------------------------------ */

static int refuse_end(u64 offset, size_t len, u64 length)
{
	return lib_fail(ERANGE, "offset %llu, len %zu: the file ends at %llu",
			offset, len, length);
}

/* -ERANGE: the piece is not in the file as it is now. */
static int ask_length(struct noalias_window *window, u64 offset, size_t len)
{
	u64 length = na_atomic64_read(&window->length);
	int err = window->fixed_length ? 0 :
		  lib_file_length(window->port.fd, &length);

	if (err)
		return lib_fail(err, "the file's length: %s", strerror(err));
	na_atomic64_set(&window->length, length);
	if (len > length || offset > length - len)
		return refuse_end(offset, len, length);
	return 0;
}

__attribute__((cold))
static noinline int check_piece(struct noalias_window *window, u64 offset, size_t len)
{
	if (!len)
		return lib_fail(EINVAL, "len is 0");
	if (len > window->length_max || offset > window->length_max - len)
		return lib_fail(EFBIG, "offset %llu, len %zu: length_max is %llu",
				offset, len, window->length_max);
	return ask_length(window, offset, len);
}

static inline int admit_piece(struct noalias_window *window, u64 offset,
			      size_t len)
{
	u64 end = offset + len;

	if (unlikely(!lib_window_is_ours(window)))
		return lib_window_foreign();
	if (likely(end > offset && end <= na_atomic64_read(&window->length)))
		return 0;
	return check_piece(window, offset, len);
}

/* --- errors --------------------------------------------------------------------- */

/* The engine's errno, with what a caller can do about it. */
__attribute__((cold))
static noinline int refuse_map(struct noalias_window *window, u64 offset, int err)
{
	switch (-err) {
	case EINVAL:
		return lib_fail(ENOSPC, "len takes more granules than the window has slots, %u",
				window->nr_slots);
	case ETIMEDOUT:
		return lib_fail(ETIMEDOUT, "all slots are in use, %u",
				window->nr_slots);
	case EOVERFLOW:
		return lib_fail(EOVERFLOW, "offset %llu has the most nested maps, %u",
				offset, NA_WINDOW_USERS_MAX);
	case ENOSPC:
		return lib_fail(ENOSPC, "this thread has %u local windows, its local_depth",
				window->local_depth);
	case ENOMEM:
		return lib_fail(ENOMEM, "mmap: %s (vm.max_map_count?)",
				strerror(na_user_error()));
	}
	err = na_user_error();
	return lib_fail(err ? err : EIO, "mmap: %s",
			err ? strerror(err) : "the slot is lost");
}

/* --- map and unmap ---------------------------------------------------------------- */

static noinline int map_run(struct noalias_window *window, struct na_run run,
			    u64 timeout_ns, struct na_window *slot)
{
	int err = na_window_map_run(window->set, run, timeout_ns, slot);

	if (err != -ENOMEM)
		return err;
	/* Too many mappings: ours that nobody uses are among them. */
	na_window_purge_all(window->set);
	return na_window_map_run(window->set, run, timeout_ns, slot);
}

static inline int map_slots(struct noalias_window *window, struct na_run run,
			    u64 timeout_ns, struct na_window *slot)
{
	struct na_window other;
	int err = -ENOMEM;

	if (likely(run.nr == 1))
		err = na_window_map_timeout(window->set, run.first,
					    timeout_ns, slot);
	if (likely(err != -ENOMEM))
		return err;
	err = map_run(window, run, timeout_ns, &other);
	*slot = other;
	return err;
}

/* What costs more than a hit: the length again, and the list of maps. */
static noinline
int look_again(struct noalias_window *window, u64 offset, size_t len,
		      struct na_window slot, u32 nr, const void *caller)
{
	char *addr = (char *)slot.addr + (offset & granule_mask(window));
	int err = 0;

	if (window->may_shrink)
		err = ask_length(window, offset, len);
	if (!err && window->track &&
	    lib_track_add(window->track, addr, len, caller))
		err = lib_fail(ENOMEM, "no memory to track maps");
	if (err)
		(void)na_window_unmap_run(window->set, slot, nr);
	return err;
}

static __always_inline int map_piece(struct noalias_window *window, u64 offset,
			    size_t len, u64 timeout_ns, void **addr,
			    const void *caller)
{
	struct na_window slot;
	struct na_run run;
	int err;

	err = admit_piece(window, offset, len);
	if (unlikely(err))
		return err;
	run = piece_run(window, offset, len);
	err = map_slots(window, run, timeout_ns, &slot);
	if (unlikely(err))
		return refuse_map(window, offset, err);
	if (unlikely(window->may_shrink || window->track)) {
		err = look_again(window, offset, len, slot, run.nr, caller);
		if (err)
			return err;
	}
	*addr = (char *)slot.addr + (offset & granule_mask(window));
	return 0;
}

LIB_PUBLIC LIB_HOT int noalias_window_map(struct noalias_window *window,
				  uint64_t offset, size_t len, void **addr)
{
	return map_piece(window, offset, len, NA_WAIT_FOREVER, addr,
			 __builtin_return_address(0));
}

LIB_PUBLIC LIB_HOT int noalias_window_map_timeout(struct noalias_window *window,
					  uint64_t offset, size_t len,
					  uint64_t timeout_ns, void **addr)
{
	return map_piece(window, offset, len, timeout_ns, addr,
			 __builtin_return_address(0));
}

__attribute__((cold))
static noinline int refuse_unmap(const void *addr, size_t len)
{
	return lib_fail(EINVAL, "addr %p, len %zu: not mapped", addr, len);
}

LIB_PUBLIC LIB_HOT int noalias_window_unmap(struct noalias_window *window,
				    const void *addr, size_t len)
{
	struct na_window slot;
	u32 nr;
	int err;

	if (unlikely(!lib_window_is_ours(window)))
		return lib_window_foreign();
	if (unlikely(!find_slots(window, addr, len, &slot, &nr)))
		return refuse_unmap(addr, len);
	if (unlikely(window->track) &&
	    lib_track_remove(window->track, addr, len))
		return refuse_unmap(addr, len);
	if (likely(nr == 1))
		err = na_window_unmap(window->set, slot);
	else
		err = na_window_unmap_run(window->set, slot, nr);
	return likely(!err) ? 0 : refuse_unmap(addr, len);
}

/* --- local windows ------------------------------------------------------------------ */

static int admit_local(const struct noalias_window *window, struct na_run run)
{
	if (!window->local_depth)
		return lib_fail(EOPNOTSUPP, "the window was opened without a local_depth");
	if (run.nr > 1)
		return lib_fail(EINVAL, "a local window of %u granules, the limit is 1",
				run.nr);
	/* Without a number of its own: whoever shares it would wait for us. */
	if (na_user_thread_nr() >= window->port.nr_cpus - 1)
		return lib_fail(EUSERS, "more than %u threads, threads_max",
				window->port.nr_cpus - 1);
	return 0;
}

LIB_PUBLIC int noalias_window_local_map(struct noalias_window *window,
					uint64_t offset, size_t len,
					void **addr)
{
	struct na_window_local local;
	struct na_run run;
	int err;

	err = admit_piece(window, offset, len);
	if (err)
		return err;
	run = piece_run(window, offset, len);
	err = admit_local(window, run);
	if (err)
		return err;
	err = na_window_local_map(window->set, run.first, &local);
	if (err)
		return refuse_map(window, offset, err);
	if (window->may_shrink) {
		err = ask_length(window, offset, len);
		if (err) {
			na_window_local_unmap(window->set, local);
			return err;
		}
	}
	*addr = (char *)local.addr + (offset & granule_mask(window));
	return 0;
}

LIB_PUBLIC int noalias_window_local_unmap(struct noalias_window *window,
					  const void *addr)
{
	struct na_window_local local;

	if (unlikely(!lib_window_is_ours(window)))
		return lib_window_foreign();
	if (na_user_thread_nr() >= window->port.nr_cpus - 1 ||
	    !na_window_local_last(window->set, &local) ||
	    ((size_t)addr & ~(size_t)granule_mask(window)) !=
	    (size_t)local.addr)
		return lib_fail(EINVAL, "addr %p is not of this thread's last local map",
				addr);
	na_window_local_unmap(window->set, local);
	return 0;
}

/* --- purge ---------------------------------------------------------------------------- */

/* Frames given one by one; a call for so many of them at a time. */
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

/* More frames than slots: look at the slots. */
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
		/* With none, too: it waits for those who take slots back. */
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
		return lib_window_foreign();
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
		return lib_window_foreign();
	na_window_purge_all(window->set);
	return 0;
}
