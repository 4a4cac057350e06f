/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the hardware of the simulated machine
 *
 * Page tables, TLBs, caches, write-combining buffers, memory. These functions
 * are not choice points; their callers are. Each updates the sums in `struct
 * na_port`, with which the checkers examine the whole state at once.
 */
#ifndef SIM_HW_H
#define SIM_HW_H

#include "sim.h"

/* pagetable.c */

/** sim_layout_init() - lay the virtual pages out; direct map is WB. */
void sim_layout_init(struct na_port *m);
/** sim_pte_write() - change an entry; 0 makes it absent. TLBs keep theirs. */
void sim_pte_write(struct na_port *m, u32 vp, sim_xlate_t x);
/** sim_walkable() - virtual pages that @cpu can walk right now. */
u64 sim_walkable(const struct na_port *m, u32 cpu);
/** sim_user_mask() - virtual pages of process @proc. */
u64 sim_user_mask(const struct na_port *m, u32 proc);
/** sim_vp_name() - "kmap[0]", "direct[3]"; valid until the 8th call after. */
const char *sim_vp_name(const struct na_port *m, u32 vp);
/** sim_xlate_add() - keep the sums: @by is 1 or -1. */
void sim_xlate_add(struct na_port *m, u32 vp, sim_xlate_t x, int by);

/* tlb.c */

/** sim_tlb_fill() - fetch the current entry of @vp, replacing a translation. */
void sim_tlb_fill(struct na_port *m, u32 cpu, u32 vp);
/** sim_tlb_drop() - drop the translations in @vmask. */
void sim_tlb_drop(struct na_port *m, u32 cpu, u64 vmask);
/**
 * sim_tlb_translate() - translate for an access: by the TLB, else by a walk
 *
 * Return: the translation, 0 when the access faults.
 */
sim_xlate_t sim_tlb_translate(struct na_port *m, u32 cpu, u32 vp);

/* cache.c */

/** sim_cache_fill() - load a line; @own: for ownership, so it is dirty. */
void sim_cache_fill(struct na_port *m, u32 cpu, u32 frame, bool own);
/** sim_cache_evict() - drop a line, written to memory if dirty. */
void sim_cache_evict(struct na_port *m, u32 cpu, u32 frame);
/** sim_cache_clean() - every cache writes its line back and drops it. */
void sim_cache_clean(struct na_port *m, u32 frame);
/** sim_cache_load(), sim_cache_store() - an access through a WB mapping. */
u8 sim_cache_load(struct na_port *m, u32 cpu, u32 frame, u32 word);
void sim_cache_store(struct na_port *m, u32 cpu, u32 frame, u32 word,
		     u8 value);

/* wcbuf.c */

/** sim_wc_store() - gather a store; evicts a buffer when all are taken. */
void sim_wc_store(struct na_port *m, u32 cpu, u32 frame, u32 word, u8 value);
/** sim_wc_drain_one() - write a buffer to memory, without checking caches. */
void sim_wc_drain_one(struct na_port *m, u32 cpu, u32 idx);
/** sim_wc_drain() - all buffers of @cpu. */
void sim_wc_drain(struct na_port *m, u32 cpu);
/** sim_wc_drain_frame() - those of @cpu that hold data of @frame. */
void sim_wc_drain_frame(struct na_port *m, u32 cpu, u32 frame);

#endif
