/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: purge
 *
 * Removes the stale mappings of given frames: entries that the kmap pool
 * kept after the last kunmap(), and translations that lazily flushed vmap
 * ranges left in the TLBs. The first class can be seen frame by frame, so
 * nothing is paid for it when no frame is concerned. The second cannot be
 * seen, so it costs one TLB flush whatever the number of frames.
 */
#ifndef NOALIAS_PURGE_H
#define NOALIAS_PURGE_H

#include <noalias/machine.h>

/**
 * na_purge_windows() - no window set of the machine shows one of the frames
 * @machine: instance
 * @runs: frames
 * @nr_runs: length of @runs
 *
 * For callers that flush the TLBs afterwards anyway, as a conversion does.
 *
 * Ordering. On return no slot of a window set points at one of the frames in
 * the page table, provided that nobody maps them meanwhile. TLBs may still
 * hold translations of the slots.
 *
 * Context: may sleep, no lock.
 * Return: 0; -EBUSY a frame is mapped in a window (stale mappings are gone
 * all the same); -EFAULT the port left an entry.
 */
int na_purge_windows(struct na_machine *machine, const struct na_run *runs,
		     u32 nr_runs);

/**
 * na_purge_kmap() - first half: no kmap pool entry holds one of the frames
 * @machine: instance
 * @runs: frames
 * @nr_runs: length of @runs
 *
 * For callers that flush the TLBs afterwards anyway, as a conversion does.
 * Purges the window sets first, as na_purge_windows().
 *
 * Ordering. On return no page table entry of the pool and of the window sets
 * points at one of the frames, provided that nobody maps them meanwhile. TLBs
 * are clean for the pool's entries that this call removed, not for others.
 *
 * Context: may sleep, no lock.
 * Return: 0; -EBUSY when an entry is in use (a live kmap(), a window);
 * -EFAULT as na_purge_windows().
 */
int na_purge_kmap(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs);

/**
 * na_purge_stale() - no page table and no TLB holds a stale mapping
 * @machine: instance
 * @runs: frames; the caller owns them and maps them nowhere meanwhile
 * @nr_runs: length of @runs
 *
 * Ordering. On return neither a kmap pool entry nor a window nor any CPU's
 * TLB holds a mapping of the frames that was ended before the call. Caches
 * are not touched: lines may be dirty.
 *
 * Context: may sleep, no lock. At most two shootdowns.
 * Return: 0; -EBUSY a frame has a live kmap() entry or window (stale ones are
 * gone all the same); -EFAULT as na_purge_windows().
 */
int na_purge_stale(struct na_machine *machine, const struct na_run *runs,
		   u32 nr_runs);

/**
 * na_purge_all() - kmap_flush_unused(), the same for all window sets, and a
 * flush of every TLB.
 */
void na_purge_all(struct na_machine *machine);

#endif
