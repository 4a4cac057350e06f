// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Store buffers. Memory has the new value at once, for plain loads of the
 * thread itself; the buffer has the value that others still see. A lock whose
 * unlock is still in the buffer is taken for all others.
 *
 * An atomic operation on a word with a pending store of another thread waits
 * for that store. On hardware it may also come first; schedules in which the
 * store is made later cover that order.
 */
#include "sched.h"
#include "storebuf.h"
#include "timeline.h"

void sim_sb_commit(struct na_port *m, u32 tid)
{
	struct sim_thread *th = &m->thread[tid];
	struct sim_store *first = &th->store[0];

	if (first->is_unlock)
		*(u32 *)first->addr = 0;
	th->nr_stores--;
	memmove(first, first + 1, th->nr_stores * sizeof(*first));
	memset(&th->store[th->nr_stores], 0, sizeof(*first));
	m->stores_any--;
}

void sim_sb_drain(struct na_port *m, u32 tid)
{
	while (m->thread[tid].nr_stores)
		sim_sb_commit(m, tid);
}

void sim_sb_barrier(void)
{
	if (sim.cur && sim.cur->nr_stores)
		sim_sb_drain(sim.m, (u32)sim_tid());
}

static u32 find(const struct sim_thread *th, const void *addr)
{
	u32 i;

	for (i = 0; i < th->nr_stores; i++)
		if (th->store[i].addr == addr)
			break;
	return i;
}

void sim_sb_settle(const void *addr)
{
	struct na_port *m = sim.m;
	u32 tid;

	if (!sim.cur || !m->stores_any)
		return;
	for (tid = 0; tid < m->nr_threads; tid++)
		while (find(&m->thread[tid], addr) < m->thread[tid].nr_stores)
			sim_sb_commit(m, tid);
}

u64 sim_sb_see(const void *addr, u64 value)
{
	const struct na_port *m = sim.m;
	u32 tid, i;

	if (!sim.cur || !m->stores_any)
		return value;
	for (tid = 0; tid < m->nr_threads; tid++) {
		const struct sim_thread *th = &m->thread[tid];

		if (th == sim.cur || !th->nr_stores)
			continue;
		i = find(th, addr);
		if (i < th->nr_stores)
			return th->store[i].old;
	}
	return value;
}

void sim_sb_push(const void *addr, u64 old, bool is_unlock)
{
	struct sim_thread *th = sim.cur;
	u32 tid;

	if (!th || !sim.m->cfg.store_buffers)
		return;
	for (tid = 0; tid < sim.m->nr_threads; tid++)
		if (&sim.m->thread[tid] != th)
			while (find(&sim.m->thread[tid], addr) <
			       sim.m->thread[tid].nr_stores)
				sim_sb_commit(sim.m, tid);
	if (th->nr_stores == SIM_STORES_MAX)
		sim_sb_commit(sim.m, (u32)sim_tid());
	th->store[th->nr_stores++] = (struct sim_store){
		.addr = addr, .old = old, .is_unlock = is_unlock,
	};
	sim.m->stores_any++;
}
