// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * TLBs: of unlimited size, so that only a whim of the hardware or an operation
 * of software removes an entry. A CPU may fetch any present entry that it can
 * walk, used or not (Intel SDM vol. 3A, Caching Translation Information; ARM
 * ARM, TLBs). Absent entries are not cached.
 */
#include "hw.h"

void sim_tlb_fill(struct na_port *m, u32 cpu, u32 vp)
{
	struct sim_cpu *c = &m->cpu[cpu];

	sim_tlb_drop(m, cpu, 1ull << vp);
	c->tlb[vp] = m->pte[vp];
	c->tlb_valid |= 1ull << vp;
	if (sim_xlate_type(m->pte[vp]) == NA_WB)
		c->tlb_cached |= 1ull << vp;
	sim_xlate_add(m, vp, m->pte[vp], 1);
}

void sim_tlb_drop(struct na_port *m, u32 cpu, u64 vmask)
{
	struct sim_cpu *c = &m->cpu[cpu];
	u64 left = c->tlb_valid & vmask;

	c->tlb_valid &= ~vmask;
	c->tlb_cached &= ~vmask;
	for (; left; left &= left - 1) {
		u32 vp = (u32)__builtin_ctzll(left);

		sim_xlate_add(m, vp, c->tlb[vp], -1);
		c->tlb[vp] = 0;
	}
}

sim_xlate_t sim_tlb_translate(struct na_port *m, u32 cpu, u32 vp)
{
	struct sim_cpu *c = &m->cpu[cpu];

	if (!(c->tlb_valid >> vp & 1)) {
		if (!(m->pte_present & sim_walkable(m, cpu) & 1ull << vp))
			return 0;
		sim_tlb_fill(m, cpu, vp);
	}
	return c->tlb[vp];
}
