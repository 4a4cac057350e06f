// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The vmap area, as in mm/vmalloc.c of Linux: unmapping clears the entry at
 * once; TLBs are flushed when addresses run short.
 */
#include "cpu.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

enum { AREA_FREE, AREA_USED, AREA_LAZY };

static int find_free(const struct na_port *m)
{
	u32 i;

	for (i = 0; i < m->cfg.nr_vmap; i++)
		if (m->vmap.state[i] == AREA_FREE)
			return (int)i;
	return -1;
}

static void purge_lazy_locked(struct na_port *m)
{
	u64 vmask = 0;
	u32 i;

	for (i = 0; i < m->cfg.nr_vmap; i++)
		if (m->vmap.state[i] == AREA_LAZY)
			vmask |= 1ull << (m->at.vmap + i);
	if (!vmask)
		return;
	sim_shootdown(m, vmask, sim_all_cpus(m), false, "vmap_purge");
	for (i = 0; i < m->cfg.nr_vmap; i++)
		if (vmask >> (m->at.vmap + i) & 1)
			m->vmap.state[i] = AREA_FREE;
}

u32 sim_vmap(struct na_port *m, u32 frame)
{
	int found;

	na_spin_lock(&m->vmap.lock);
	found = find_free(m);
	if (found < 0) {
		purge_lazy_locked(m);
		found = find_free(m);
	}
	if (found < 0)
		sim_fail(SIM_TEST, -1, "vmap area is full");
	m->vmap.state[found] = AREA_USED;
	sim_pte_set(m, m->at.vmap + (u32)found, sim_xlate(frame, NA_WB),
		    "vmap");
	na_spin_unlock(&m->vmap.lock);
	return m->at.vmap + (u32)found;
}

void sim_vunmap(struct na_port *m, u32 vp)
{
	na_spin_lock(&m->vmap.lock);
	sim_pte_set(m, vp, 0, "vunmap");
	m->vmap.state[vp - m->at.vmap] = AREA_LAZY;
	na_spin_unlock(&m->vmap.lock);
}
