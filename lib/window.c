// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, map and unmap: bytes of a file become frames of the engine.
 *
 * Hit path of noalias_window_map() and _unmap(): one comparison checks that the
 * window belongs to this process and the piece is in the file, the engine's
 * na_window_try_hit() is inlined, and everything else is a tail call. So no
 * register is saved, and nothing is put on the stack.
 */
#include <inttypes.h>
#include <unistd.h>

#include "window.h"

int lib_window_foreign(const struct noalias_window *window)
{
	if (!window)
		return lib_fail(EINVAL, "window is NULL");
	return lib_fail(EPERM, "the window belongs to the parent process");
}

/* --- pieces ------------------------------------------------------------------ */

/* The slots of a range of addresses; false if it is not in the window. */
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

int lib_window_ask_length(struct noalias_window *window, u64 offset, size_t len)
{
	u64 length = na_atomic64_read(&window->length);
	int err = window->fixed_length ? 0 :
		  lib_file_length(window->port.fd, &length);

	if (err)
		return lib_fail(err, "the file's length: %s", strerror(err));
	na_atomic64_set(&window->length, length);
	lib_window_heat(window);
	if (len > length || offset > length - len)
		return refuse_end(offset, len, length);
	return 0;
}

static int check_piece(struct noalias_window *window, u64 offset, size_t len)
{
	if (!len)
		return lib_fail(EINVAL, "len is 0");
	if (len > window->length_max || offset > window->length_max - len)
		return lib_fail(EFBIG, "offset %llu, len %zu: length_max is %llu",
				offset, len, window->length_max);
	return lib_window_ask_length(window, offset, len);
}

int lib_window_admit(struct noalias_window *window, u64 offset, size_t len)
{
	u64 end = offset + len;

	if (unlikely(!lib_window_is_ours(window)))
		return lib_window_foreign(window);
	if (likely(end > offset && end <= na_atomic64_read(&window->length)))
		return 0;
	return check_piece(window, offset, len);
}

/* --- errors --------------------------------------------------------------------- */

int lib_window_refuse(struct noalias_window *window, u64 offset, int err)
{
	switch (-err) {
	case EINVAL:
		return lib_fail(ENOSPC, "len takes more granules than the window has slots, %u",
				window->nr_slots);
	case ETIMEDOUT:
		return lib_fail(ETIMEDOUT, "all slots are in use, %u",
				window->nr_slots);
	case EOVERFLOW:
		return lib_fail(EOVERFLOW, "offset %llu: the granule has %u maps, the limit",
				offset, NA_WINDOW_USERS_MAX);
	case ENOSPC:
		return lib_fail(ENOSPC, "this thread has %u local windows, the limit (local_depth)",
				window->local_depth);
	case ENOMEM:
		return lib_fail(ENOMEM, "mmap: %s (vm.max_map_count?)",
				strerror(na_user_error()));
	}
	err = na_user_error();
	return lib_fail(err ? err : EIO, "mmap: %s",
			err ? strerror(err) : "the slot is lost");
}

/* --- map, slow path ------------------------------------------------------- */

static int map_slots(struct noalias_window *window, struct na_run run,
		     u64 timeout_ns, struct na_window *slot)
{
	int err = na_window_map_run(window->set, run, timeout_ns, slot);

	if (err != -ENOMEM)
		return err;
	/* Too many mappings: remove the window's unused ones. */
	na_window_purge_all(window->set);
	return na_window_map_run(window->set, run, timeout_ns, slot);
}

/* Checks off the hit path: the length again, and the list of maps. */
static int look_again(struct noalias_window *window, u64 offset, size_t len,
		      struct na_window slot, u32 nr, const void *caller)
{
	char *addr = (char *)slot.addr + (offset & lib_granule_mask(window));
	int err = 0;

	if (window->may_shrink)
		err = lib_window_ask_length(window, offset, len);
	if (!err && window->track &&
	    lib_track_add(window->track, addr, len, caller))
		err = lib_fail(ENOMEM, "no memory to track maps");
	if (err)
		(void)na_window_unmap_run(window->set, slot, nr);
	return err;
}

static noinline int map_long(struct noalias_window *window, u64 offset,
			     size_t len, u64 timeout_ns, void **addr,
			     const void *caller)
{
	struct na_window slot;
	struct na_run run;
	int err;

	if (!addr)
		return lib_fail(EINVAL, "addr is NULL");
	err = lib_window_admit(window, offset, len);
	if (err)
		return err;
	run = lib_piece_run(window, offset, len);
	err = map_slots(window, run, timeout_ns, &slot);
	if (err)
		return lib_window_refuse(window, offset, err);
	err = look_again(window, offset, len, slot, run.nr, caller);
	if (!err)
		*addr = (char *)slot.addr +
			(offset & lib_granule_mask(window));
	return err;
}

/* The slot was pointed at another frame before we became its user. */
static noinline int map_anew(struct noalias_window *window, u64 offset,
			     size_t len, u64 timeout_ns, void **addr, u32 idx)
{
	struct na_window slot = {
		.addr = na_window_addr(window->set, idx), .idx = idx,
	};

	(void)na_window_unmap(window->set, slot);
	return map_long(window, offset, len, timeout_ns, addr, NULL);
}

/* --- map and unmap, hit path ---------------------------------------------- */

#define LIB_HOT __attribute__((hot, flatten))

/* Is the requested piece within one granule and below @end? */
static __always_inline bool is_short(u64 first, u64 len, u64 end, u32 shift)
{
	u64 past = first + len;

	return past > first && past <= end && !((first ^ (past - 1)) >> shift);
}

static __always_inline int map_piece(struct noalias_window *window, u64 offset,
				     size_t len, u64 timeout_ns, void **addr,
				     const void *caller)
{
	struct na_window slot;
	u32 cpu;
	int err;

	if (unlikely(!window || !addr ||
		     !is_short(offset, len,
			       na_atomic64_read(&window->hot->length),
			       window->shift)))
		return map_long(window, offset, len, timeout_ns, addr, caller);
	cpu = na_user_peek_cpu(&window->port);
	err = cpu == ~0u ? -EAGAIN :
	      na_window_try_hit(window->set,
				na_frame((unsigned long)(offset >>
							 window->shift)),
				cpu, &slot);
	if (unlikely(err == -EAGAIN))
		return map_long(window, offset, len, timeout_ns, addr, caller);
	if (unlikely(err))
		return map_anew(window, offset, len, timeout_ns, addr,
				slot.idx);
	*addr = (char *)slot.addr + (offset & lib_granule_mask(window));
	return 0;
}

LIB_PUBLIC LIB_HOT int noalias_window_map(struct noalias_window *window,
					  uint64_t offset, size_t len,
					  void **addr)
{
	return map_piece(window, offset, len, NA_WAIT_FOREVER, addr,
			 __builtin_return_address(0));
}

LIB_PUBLIC LIB_HOT int noalias_window_map_timeout(struct noalias_window *window,
						  uint64_t offset, size_t len,
						  uint64_t timeout_ns,
						  void **addr)
{
	return map_piece(window, offset, len, timeout_ns, addr,
			 __builtin_return_address(0));
}

__attribute__((cold))
static noinline int refuse_unmap(const void *addr, size_t len)
{
	return lib_fail(EINVAL, "addr %p, len %zu: not mapped", addr, len);
}

static noinline int unmap_long(struct noalias_window *window, const void *addr,
			       size_t len)
{
	struct na_window slot;
	u32 nr;

	if (!lib_window_is_ours(window))
		return lib_window_foreign(window);
	if (!find_slots(window, addr, len, &slot, &nr))
		return refuse_unmap(addr, len);
	if (window->track && lib_track_remove(window->track, addr, len))
		return refuse_unmap(addr, len);
	if (na_window_unmap_run(window->set, slot, nr))
		return refuse_unmap(addr, len);
	return 0;
}

LIB_PUBLIC LIB_HOT int noalias_window_unmap(struct noalias_window *window,
					    const void *addr, size_t len)
{
	struct na_window slot;
	size_t at;

	if (unlikely(!window))
		return unmap_long(window, addr, len);
	at = (size_t)addr - (size_t)window->base;
	if (unlikely(!is_short(at, len, window->hot->range, window->shift)))
		return unmap_long(window, addr, len);
	slot.idx = (u32)(at >> window->shift);
	slot.addr = window->base + ((size_t)slot.idx << window->shift);
	if (likely(!na_window_unmap(window->set, slot)))
		return 0;
	return refuse_unmap(addr, len);
}
