/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: convert
 *
 * Changes the memory type of frames so that no mapping of the old type is left
 * when the new one becomes visible. The top of engine/convert.c explains the
 * order of the steps.
 */
#ifndef NOALIAS_CONVERT_H
#define NOALIAS_CONVERT_H

#include <noalias/machine.h>

/**
 * na_convert_to() - WB to UC or WC
 * @machine: instance
 * @runs: frames that the caller owns and does not map
 * @nr_runs: length of @runs, at least 1
 * @type: NA_UC or NA_WC
 * @owner: NA_BUFFER or NA_LENT: the state that the frames get
 *
 * Contents stay (cached lines are written back). Any zeroing must be done
 * before; nothing may touch the frames through a cached mapping after.
 *
 * Ordering. On success: no page table and no TLB of any CPU holds a mapping
 * of another type than @type, no cache holds a line of the frames.
 *
 * Context: may sleep, no lock. At most two shootdowns on success, whatever the
 * size; two more for each large direct-map entry that has to be split, once
 * until reboot; one more to undo.
 *
 * Return: 0; -EINVAL @type or @owner or an empty run; -ERANGE, -EBUSY,
 * -ENOMEM as na_ledger_claim(); -EBUSY a frame has a live kmap() or is mapped
 * in a window; -ENOMEM, -EFAULT the direct map or the entry of a stale window
 * could not be changed. After these errors the frames are WB as before and
 * still the caller's. -EUCLEAN: some could not be made WB again. Those are
 * quarantined in the ledger, and the caller must not free them. The others are
 * WB as before and still the caller's.
 */
int na_convert_to(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs, enum na_memtype type, enum na_state owner);

/**
 * na_convert_back() - UC or WC to WB
 * @machine: instance
 * @runs: frames, all of type @type in state @owner, with no mapping left in any
 *	process or kernel range except stale windows
 * @nr_runs: length of @runs
 * @type: current type of the frames
 * @owner: current state of the frames
 *
 * Ordering. On success: write-combining buffers are drained, the direct map
 * is WB, no TLB holds a mapping of another type (I4).
 *
 * Context: may sleep, no lock. At most two shootdowns.
 *
 * Return: 0; -EINVAL; -ERANGE; -EBUSY a frame is pinned, mapped in a window or
 * not in that state and type, nothing changed; -EFAULT the entry of a stale
 * window could not be removed, nothing changed; -EUCLEAN the direct map of some
 * could not be restored: those are quarantined in the ledger with their old
 * type, and the caller must not free them; the others are WB.
 */
int na_convert_back(struct na_machine *machine, const struct na_run *runs,
		    u32 nr_runs, enum na_memtype type, enum na_state owner);

#endif
