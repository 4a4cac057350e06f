/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: purge
 *
 * Removes the stale mappings of given frames: entries that the kmap pool kept
 * after the last kunmap(), and translations that lazily flushed vmap ranges
 * left in the TLBs. The former can be looked up frame by frame and cost nothing
 * when there are none. The latter cannot be looked up and cost one TLB flush,
 * whatever the number of frames.
 */
#ifndef NOALIAS_PURGE_H
#define NOALIAS_PURGE_H

#include <noalias/machine.h>

/**
 * na_purge_windows() - remove the frames from all window sets
 * @machine: instance
 * @runs: frames
 * @nr_runs: length of @runs
 *
 * For callers that flush the TLBs afterwards anyway, as a conversion does.
 *
 * Ordering. On return no slot of a window set points at one of the frames in
 * the page table, provided that they are not mapped meanwhile. TLBs may still
 * hold translations of the slots.
 *
 * Context: may sleep, no lock.
 * Return: 0; -EBUSY a frame is mapped in a window (stale mappings are removed
 * all the same); -EFAULT the port did not remove an entry.
 */
int na_purge_windows(struct na_machine *machine, const struct na_run *runs,
		     u32 nr_runs);

/**
 * na_purge_kmap() - remove the frames from window sets and kmap pool
 * @machine: instance
 * @runs: frames
 * @nr_runs: length of @runs
 *
 * For callers that flush the TLBs afterwards anyway, as a conversion does.
 * Purges the window sets first, as na_purge_windows().
 *
 * Ordering. On return no page table entry of the pool and of the window sets
 * points at one of the frames, provided that they are not mapped meanwhile.
 * TLBs hold no translation of the pool's entries that this call removed, but
 * may hold others.
 *
 * Context: may sleep, no lock.
 * Return: 0; -EBUSY an entry is in use (a live kmap(), a window); -EFAULT as
 * na_purge_windows().
 */
int na_purge_kmap(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs);

/**
 * na_purge_stale() - remove stale mappings from page tables and TLBs
 * @machine: instance
 * @runs: frames; the caller owns them and does not map them meanwhile
 * @nr_runs: length of @runs
 *
 * Ordering. On return neither a kmap pool entry nor a window nor any CPU's
 * TLB holds a mapping of the frames that was ended before the call. Caches
 * are not touched: lines may be dirty.
 *
 * Context: may sleep, no lock. At most two shootdowns.
 * Return: 0; -EBUSY a frame has a live kmap() entry or window (stale ones are
 * removed all the same); -EFAULT as na_purge_windows().
 */
int na_purge_stale(struct na_machine *machine, const struct na_run *runs,
		   u32 nr_runs);

/**
 * na_purge_all() - kmap_flush_unused(), the same for all window sets, and a
 * flush of all TLBs.
 */
void na_purge_all(struct na_machine *machine);

#endif
