/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the system around the engine
 *
 * The rest of the kernel: page allocator, kmap pool, vmap area, fixmap windows,
 * processes. Modelled after Linux where it is lazy, because that leaves stale
 * mappings. All calls consist of steps with choice points between them.
 */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "sim.h"

/* frames.c */

/**
 * sim_frames_take() - allocate frames
 * @m: machine
 * @nr: consecutive frames of a free block, which is a power of two; high ones
 *	are preferred
 * @owner: SIM_SYSTEM or SIM_GIVEN
 *
 * The frames are zeroed through a cached mapping, which leaves dirty lines.
 * Return: first frame, or -1.
 */
int sim_frames_take(struct na_port *m, u32 nr, enum sim_owner owner);
/** sim_frames_give() - free; checks I4. */
void sim_frames_give(struct na_port *m, u32 first, u32 nr);
/** sim_frame_is_low() - is it in the direct map? */
bool sim_frame_is_low(const struct na_port *m, u32 frame);

/* fixmap.c: windows of one CPU, last in first out, CPU-bound while open */

u32 sim_fix_map(struct na_port *m, u32 frame, enum na_memtype type);
void sim_fix_unmap(struct na_port *m, u32 vp);

/* kmap.c: the pool; unmapping leaves the entry */

u32 sim_kmap(struct na_port *m, u32 frame);
void sim_kunmap(struct na_port *m, u32 vp);
/** sim_kmap_find() - slot that shows @frame, in use or stale; -1 if none. */
int sim_kmap_find(const struct na_port *m, u32 frame);
/** sim_kmap_flush_unused() - remove the stale entries, then shoot down. */
void sim_kmap_flush_unused(struct na_port *m);

/* vmap.c: unmapping clears the entry and leaves the TLBs */

u32 sim_vmap(struct na_port *m, u32 frame);
void sim_vunmap(struct na_port *m, u32 vp);

/* process.c */

/** sim_proc_start() - process @proc begins and runs on this CPU. */
void sim_proc_start(struct na_port *m, u32 proc);
/** sim_proc_run() - load the tables of @proc on this CPU. */
void sim_proc_run(struct na_port *m, u32 proc);
/** sim_proc_leave() - this CPU runs no process. */
void sim_proc_leave(struct na_port *m);
/**
 * sim_proc_map() - map @frame at page @page, pinned, with the ledger's type
 *
 * Return: 0 or an errno of na_ledger_pin().
 */
int sim_proc_map(struct na_port *m, u32 proc, u32 page, u32 frame);
/** sim_proc_unmap() - entry, TLBs of the CPUs concerned, pin; in this order. */
void sim_proc_unmap(struct na_port *m, u32 proc, u32 page);
/** sim_proc_fork() - @child gets the mappings of @parent, each pinned. */
int sim_proc_fork(struct na_port *m, u32 parent, u32 child);
/** sim_proc_exit() - unmap all, leave, and end the process. */
void sim_proc_exit(struct na_port *m, u32 proc);
/** sim_user_vp() - virtual page of a process's page. */
u32 sim_user_vp(const struct na_port *m, u32 proc, u32 page);

/* window_port.c */

/** SIM_ADDR_PAGE - from a window's address to that of the next slot. */
#define SIM_ADDR_PAGE 4096ul

/** sim_window_vp() - virtual page of a window's address. */
u32 sim_window_vp(const struct na_port *m, const void *addr);

#endif
