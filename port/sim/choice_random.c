// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Random choices. Nothing is enumerated: a kind and a CPU are drawn, then one
 * of the bits that are possible there. If there is none, a thread takes a step.
 */
#include "choice.h"
#include "hw.h"

static u64 roll(struct sim_random *r)
{
	u64 z;

	r->state += 0x9e3779b97f4a7c15ull;
	z = (r->state ^ r->state >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* One of the bits of a set that is not empty; @dice has 32 random bits. */
static u32 pick_bit(u64 set, u32 dice)
{
	u32 skip = (u32)((u64)dice * (u32)__builtin_popcountll(set) >> 32);

	while (skip--)
		set &= set - 1;
	return (u32)__builtin_ctzll(set);
}

static bool pick_tlb(const struct na_port *m, u32 cpu, u32 dice,
		     struct sim_action *a, bool evict)
{
	const struct sim_cpu *c = &m->cpu[cpu];
	u64 set = c->tlb_valid;

	if (!evict)
		set = m->cfg.tlb_is_tame ? 0 :
		      m->pte_present & sim_walkable(m, cpu) & ~set;
	if (!set)
		return false;
	*a = (struct sim_action){ evict ? SIM_ACT_TLB_EVICT : SIM_ACT_TLB_FILL,
				  (u8)cpu, (u8)pick_bit(set, dice) };
	return true;
}

static bool pick_line(const struct na_port *m, u32 cpu, u32 dice,
		      struct sim_action *a, bool own)
{
	u64 set = m->cpu[cpu].tlb_cached & sim_walkable(m, cpu);

	if (!set)
		return false;
	*a = (struct sim_action){ own ? SIM_ACT_OWN : SIM_ACT_FILL, (u8)cpu,
				  (u8)pick_bit(set, dice) };
	return sim_is_possible(m, *a);
}

static bool pick_evict(const struct na_port *m, u32 cpu, u32 dice,
		       struct sim_action *a)
{
	u32 set = m->cpu[cpu].line_valid;

	if (!set)
		return false;
	*a = (struct sim_action){ SIM_ACT_EVICT, (u8)cpu,
				  (u8)pick_bit(set, dice) };
	return true;
}

static bool pick_drain(const struct na_port *m, u32 cpu, u32 dice,
		       struct sim_action *a)
{
	*a = (struct sim_action){ SIM_ACT_DRAIN, (u8)cpu,
				  (u8)(dice % SIM_WCBUFS) };
	return m->wc_any && m->cpu[cpu].wc[a->b].mask;
}

static bool pick_whim(const struct na_port *m, u64 dice, struct sim_action *a)
{
	u32 cpu = (u32)((dice & 0xffff) * m->cfg.nr_cpus >> 16);
	u32 rest = (u32)(dice >> 32);

	switch (dice >> 16 & 15) {
	case 0 ... 4:
		return pick_tlb(m, cpu, rest, a, false);
	case 5:
		return pick_tlb(m, cpu, rest, a, true);
	case 6 ... 8:
		return pick_line(m, cpu, rest, a, false);
	case 9 ... 10:
		return pick_line(m, cpu, rest, a, true);
	case 11 ... 13:
		return pick_evict(m, cpu, rest, a);
	default:
		return pick_drain(m, cpu, rest, a);
	}
}

/* Interrupts under way, stores on the way, bounded waits: one of them. */
static bool pick_event(const struct na_port *m, u32 dice, bool stores,
		       struct sim_action *a)
{
	u32 start = (u32)((u64)dice * m->nr_threads >> 32), i, tid;

	for (i = 0; i < m->nr_threads; i++) {
		tid = (start + i) % m->nr_threads;
		if (m->thread[tid].ipi.pending) {
			*a = (struct sim_action){ SIM_ACT_IPI,
				(u8)pick_bit(m->thread[tid].ipi.pending,
					     dice * 0x9e3779b1u), (u8)tid };
			return true;
		}
		*a = (struct sim_action){ SIM_ACT_STORE, (u8)tid, 0 };
		if (stores && sim_is_possible(m, *a))
			return true;
		*a = (struct sim_action){ SIM_ACT_TIMEOUT, (u8)tid, 0 };
		if (sim_is_possible(m, *a))
			return true;
	}
	return false;
}

static u8 pick_value(struct sim_random *r, const struct sim_thread *th,
		     u64 dice)
{
	if (!th->choose_nr || (th->rare && (dice & 255) >= r->fail))
		return 0;
	return (u8)((dice >> 8) % th->choose_nr);
}

static bool next_random(struct sim_source *src, struct na_port *m,
			struct sim_action *a)
{
	struct sim_random *r = container_of(src, struct sim_random, src);
	u64 dice = roll(r);
	u32 set, tid;

	if ((dice & 255) < r->whim && pick_whim(m, roll(r), a))
		return true;
	if (!(dice >> 8 & 7) && pick_event(m, (u32)(dice >> 16),
					   (dice >> 40 & 255) < r->store, a))
		return true;
	if ((dice >> 48 & 255) < r->stay && sim_can_run(m, sim.last)) {
		tid = sim.last;
	} else {
		set = sim_runnable(m);
		if (!set)
			return pick_event(m, (u32)(dice >> 16), true, a);
		tid = pick_bit(set, (u32)(dice >> 16));
	}
	*a = (struct sim_action){ SIM_ACT_THREAD, (u8)tid,
		pick_value(r, &m->thread[tid], dice >> 12) };
	return true;
}

void sim_random_init(struct sim_random *r, u64 seed)
{
	static const u8 chances[] = { 0, 16, 64, 128, 192, 230 };
	u64 dice;

	r->src.next = next_random;
	sim.merge = false;
	r->state = seed * 0xd6e8feb86659fd93ull + 1;
	dice = roll(r);
	r->whim = chances[1 + dice % 5];
	r->stay = chances[(dice >> 16) % 6];
	r->fail = chances[(dice >> 32) % 4];
	r->store = chances[(dice >> 40) % 6];
}
