// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Fixmap windows, Linux's kmap_local: one CPU's own addresses, but in tables
 * that all CPUs can walk. Unmapping clears the entry and this CPU's TLB; what
 * another CPU fetched by speculation stays there.
 */
#include "cpu.h"
#include "kernel.h"

u32 sim_fix_map(struct na_port *m, u32 frame, enum na_memtype type)
{
	u32 cpu = sim_this_cpu(m), vp;

	if (sim.cur)
		sim.cur->no_preempt++;
	if (m->cpu[cpu].fix_depth == m->cfg.nr_fix)
		sim_fail(SIM_TEST, -1, "CPU %u has no fixmap window left",
			 cpu);
	vp = m->at.fix + cpu * m->cfg.nr_fix + m->cpu[cpu].fix_depth++;
	sim_pte_set(m, vp, sim_xlate(frame, type), "kmap_local");
	return vp;
}

void sim_fix_unmap(struct na_port *m, u32 vp)
{
	sim_pte_set(m, vp, 0, "kunmap_local");
	sim_invlpg(m, vp);
	m->cpu[sim_this_cpu(m)].fix_depth--;
	if (sim.cur)
		sim.cur->no_preempt--;
}
