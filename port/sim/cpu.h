/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: what software can make a CPU do
 *
 * Accesses, fences, TLB maintenance, shootdowns. All are choice points. The
 * access functions act on the CPU of the current thread.
 */
#ifndef SIM_CPU_H
#define SIM_CPU_H

#include "sim.h"

/** sim_this_cpu() - the current thread's CPU; 0 during setup. */
u32 sim_this_cpu(struct na_port *m);
/** sim_load() - read a word through a virtual page. A fault fails the run. */
u8 sim_load(struct na_port *m, u32 vp, u32 word);
/** sim_store() - write a word; from here on every reader must see @value. */
void sim_store(struct na_port *m, u32 vp, u32 word, u8 value);
/** sim_store_zero() - clear the frame behind @vp in one step. */
void sim_store_zero(struct na_port *m, u32 vp);
/** sim_expect_load() - read, and fail I6 unless it is @value. */
void sim_expect_load(struct na_port *m, u32 vp, u32 word, u8 value);
/** sim_wmb() - drain this CPU's write-combining buffers. */
void sim_wmb(struct na_port *m);

/** sim_pte_set() - change a page table entry. */
void sim_pte_set(struct na_port *m, u32 vp, sim_xlate_t x, const char *where);
/** sim_invlpg() - drop this CPU's translation of one page. */
void sim_invlpg(struct na_port *m, u32 vp);

/**
 * sim_shootdown() - drop translations on other CPUs
 * @m: machine
 * @vmask: virtual pages
 * @cpus: which CPUs
 * @drain: also drain their write-combining buffers
 *
 * The caller's CPU at once, the others when the interrupt reaches them;
 * returns when all have answered. May be called under a spinlock, as in
 * Linux. Return: how many others were interrupted.
 */
u32 sim_shootdown(struct na_port *m, u64 vmask, u32 cpus, bool drain,
		  const char *where);
/** sim_cpu_answer() - the interrupt of thread @tid reaches @cpu. */
void sim_cpu_answer(struct na_port *m, u32 cpu, u32 tid);
/** sim_all_cpus() - the set of all CPUs. */
u32 sim_all_cpus(const struct na_port *m);

/** sim_dev_write(), sim_dev_read() - the device; memory only, no caches. */
void sim_dev_write(struct na_port *m, u32 frame, u32 word, u8 value);
void sim_dev_expect(struct na_port *m, u32 frame, u32 word, u8 value);

#endif
