// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Processes. Tables of a process can be walked by the CPUs that have them
 * loaded; what a CPU fetched stays tagged and valid when it loads others (as
 * with PCIDs), hence a shootdown goes to every CPU that ever ran the process.
 *
 * Mapping follows the rule of the ledger: pin first, map with the type that
 * the pin returned, and end in the reverse order.
 */
#include "cpu.h"
#include "hw.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

u32 sim_user_vp(const struct na_port *m, u32 proc, u32 page)
{
	return m->at.user + proc * m->cfg.nr_user + page;
}

void sim_proc_start(struct na_port *m, u32 proc)
{
	m->proc[proc] = (struct sim_proc){ .alive = true };
	sim_proc_run(m, proc);
}

void sim_proc_run(struct na_port *m, u32 proc)
{
	u32 cpu = sim_this_cpu(m);

	sim_point(SIM_OP_MM, 0, __func__);
	m->cpu[cpu].mm = (u8)(proc + 1);
	if (sim.cur)
		sim.cur->mm = (u8)(proc + 1);
	m->proc[proc].cpumask |= (u8)(1u << cpu);
	sim_note(0, "runs process %c", 'A' + (char)proc);
}

void sim_proc_leave(struct na_port *m)
{
	sim_point(SIM_OP_MM, 0, __func__);
	m->cpu[sim_this_cpu(m)].mm = 0;
	if (sim.cur)
		sim.cur->mm = 0;
}

int sim_proc_map(struct na_port *m, u32 proc, u32 page, u32 frame)
{
	enum na_memtype type;
	int err = na_ledger_pin(&m->engine.ledger, na_frame(frame), &type);

	if (err)
		return err;
	m->pinned[frame]++;
	sim_pte_set(m, sim_user_vp(m, proc, page), sim_xlate(frame, type),
		    "mmap");
	return 0;
}

static void end_mapping(struct na_port *m, u32 proc, u64 vmask, u32 frames)
{
	u32 frame;

	if (vmask)
		sim_shootdown(m, vmask, m->proc[proc].cpumask, true, "munmap");
	for (frame = 0; frames >> frame; frame++) {
		if (!(frames >> frame & 1))
			continue;
		m->pinned[frame]--;
		na_ledger_unpin(&m->engine.ledger, na_frame(frame));
	}
}

void sim_proc_unmap(struct na_port *m, u32 proc, u32 page)
{
	u32 vp = sim_user_vp(m, proc, page), frame;

	if (!m->pte[vp])
		return;
	frame = sim_xlate_frame(m->pte[vp]);
	sim_pte_set(m, vp, 0, "munmap");
	end_mapping(m, proc, 1ull << vp, 1u << frame);
}

int sim_proc_fork(struct na_port *m, u32 parent, u32 child)
{
	u32 page;
	int err;

	m->proc[child] = (struct sim_proc){ .alive = true };
	for (page = 0; page < m->cfg.nr_user; page++) {
		sim_xlate_t x = m->pte[sim_user_vp(m, parent, page)];

		if (!x)
			continue;
		err = sim_proc_map(m, child, page, sim_xlate_frame(x));
		if (err)
			return err;
	}
	return 0;
}

void sim_proc_exit(struct na_port *m, u32 proc)
{
	u32 page;

	/* One by one: two pages may show the same frame. */
	for (page = 0; page < m->cfg.nr_user; page++)
		sim_proc_unmap(m, proc, page);
	if (m->cpu[sim_this_cpu(m)].mm == proc + 1)
		sim_proc_leave(m);
	m->proc[proc].alive = false;
}
