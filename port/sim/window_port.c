// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The window part of the platform contract. All ranges lie in the one window
 * area of the machine, in kernel tables that every CPU walks.
 */
#include <noalias/window_port.h>

#include "arena.h"
#include "cpu.h"
#include "hw.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

/* Addresses are names here: a page of address space for each virtual page. */
#define ADDR_BASE 0x40000000ul

struct na_port_range {
	struct na_port *m;
	u8 first, nr;
};

u32 sim_window_vp(const struct na_port *m, const void *addr)
{
	(void)m;
	return (u32)(((unsigned long)addr - ADDR_BASE) / SIM_ADDR_PAGE);
}

/* --- CPUs --------------------------------------------------------------------- */

u32 na_port_nr_cpus(struct na_port *m)
{
	return m->cfg.nr_cpus;
}

u32 na_port_cpu_get(struct na_port *m)
{
	sim_point(SIM_OP_CONST, 0, __func__);
	if (sim.cur)
		sim.cur->no_preempt++;
	return sim_this_cpu(m);
}

void na_port_cpu_put(struct na_port *m)
{
	(void)m;
	if (sim.cur) {
		if (!sim.cur->no_preempt)
			sim_fail(SIM_LOCKING, -1, "cpu_put without cpu_get");
		sim.cur->no_preempt--;
	}
	sim_point(SIM_OP_CONST, 0, __func__);
}

bool na_port_tlb_may_speculate(struct na_port *m)
{
	return !m->cfg.tlb_is_tame;
}

/* --- ranges --------------------------------------------------------------------- */

int na_port_range_open(struct na_port *m, u32 nr_slots,
		       struct na_port_range **result)
{
	struct na_port_range *range;

	sim_might_sleep(__func__);
	if (m->win_used + nr_slots > m->cfg.nr_win)
		return -ENOMEM;
	if (sim_may_fail(m, __func__))
		return -ENOMEM;
	range = sim_arena_alloc(m, sizeof(*range));
	if (!range)
		return -ENOMEM;
	range->m = m;
	range->first = (u8)(m->at.win + m->win_used);
	range->nr = (u8)nr_slots;
	m->win_used += (u8)nr_slots;
	*result = range;
	return 0;
}

void na_port_range_close(struct na_port_range *range)
{
	struct na_port *m = range->m;
	u32 vp, cpu;

	for (vp = range->first; vp < (u32)range->first + range->nr; vp++) {
		if (m->pte[vp])
			sim_fail(SIM_I4, -1, "range closed, %s is present",
				 sim_vp_name(m, vp));
		for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
			if (m->cpu[cpu].tlb_valid >> vp & 1)
				sim_fail(SIM_I4, -1,
					 "range closed, CPU %u translates %s",
					 cpu, sim_vp_name(m, vp));
	}
	/* Addresses are reused only after the last range was closed. */
	if (range->first + range->nr == m->at.win + m->win_used)
		m->win_used -= range->nr;
	sim_arena_free(m, range);
}

void *na_port_range_addr(struct na_port_range *range, u32 idx)
{
	return (void *)(ADDR_BASE + (range->first + idx) * SIM_ADDR_PAGE);
}

struct na_cpus na_port_range_cpus(struct na_port_range *range)
{
	return (struct na_cpus){ .bits = sim_all_cpus(range->m) };
}

/* --- entries ---------------------------------------------------------------------- */

int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type)
{
	struct na_port *m = range->m;
	u32 vp = range->first + idx, i;

	if (sim_may_fail(m, __func__))
		return -ENOMEM;
	for (i = 0; i < run.nr; i++, vp++) {
		if (m->pte[vp])
			sim_fail(SIM_TEST, -1, "%s is set while present",
				 sim_vp_name(m, vp));
		sim_pte_set(m, vp, sim_xlate((u32)run.first.nr + i, type),
			    __func__);
	}
	return 0;
}

void na_port_window_clear(struct na_port_range *range, const u32 *idxs, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		sim_pte_set(range->m, range->first + idxs[i], 0, __func__);
}

bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type)
{
	sim_xlate_t x;

	sim_point(SIM_OP_QUERY, 0, __func__);
	x = range->m->pte[range->first + idx];
	if (!x)
		return false;
	*frame = na_frame(sim_xlate_frame(x));
	*type = sim_xlate_type(x);
	return true;
}

u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus)
{
	u64 vmask = 0;
	u32 i;

	sim_might_sleep(__func__);
	for (i = 0; i < nr; i++)
		vmask |= 1ull << (range->first + idxs[i]);
	return sim_shootdown(range->m, vmask, (u32)cpus.bits, true, __func__);
}

void na_port_window_invalidate(struct na_port_range *range, u32 idx)
{
	struct na_port *m = range->m;

	sim_invlpg(m, range->first + idx);
	/* INVLPG is serializing: it empties the WC buffers as well. */
	sim_wc_drain(m, sim_this_cpu(m));
}

/* --- waiting ------------------------------------------------------------------------ */

int na_port_wait(struct na_port *m, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns)
{
	struct sim_thread *th = sim.cur;

	sim_might_sleep(__func__);
	if (m->dying && sim_choose(2, __func__))
		return -EINTR;
	sim_point(SIM_OP_WAIT, 0, __func__);
	if (!th || word->value != seen)
		return 0;
	th->timed = timeout_ns != NA_WAIT_FOREVER;
	th->timed_out = false;
	sim_note(0, "sleeps until woken");
	sim_block(SIM_WAIT_CHANNEL, word, SIM_OP_WAIT, __func__);
	th->timed = false;
	if (!th->timed_out)
		return 0;
	/* Time has passed: advance the clock. */
	m->now_ns += timeout_ns;
	return -ETIMEDOUT;
}

void na_port_wake(struct na_port *m, na_atomic32_t *word)
{
	sim_point(SIM_OP_WAKE, 0, __func__);
	sim_wake_channel(m, word);
}
