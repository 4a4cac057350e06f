// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * convert: the order that must hold, and what is left when a step fails.
 *
 * Frames 0 to 15 are low, 16 to 63 high. The frames belong to a driver, that
 * is to the case; conversions lend them (NA_LENT).
 */
#include <noalias/convert.h>

#include "world.h"

#define NR 64
#define NR_LOW 16

static const struct na_run low = { { 2 }, 6 };
static const struct na_run high = { { 20 }, 8 };
static const struct na_run mixed = { { 12 }, 8 };
static const struct na_run many[] = {
	{ { 40 }, 3 }, { { 0 }, 1 }, { { 14 }, 4 }, { { 63 }, 1 },
};
#define NR_MANY 4

struct scene {
	const char *name;
	const struct na_run *runs;
	u32 nr_runs;
};

static const struct scene scenes[] = {
	{ "low", &low, 1 },
	{ "high", &high, 1 },
	{ "mixed", &mixed, 1 },
	{ "many", many, NR_MANY },
};
#define NR_SCENES (sizeof(scenes) / sizeof(scenes[0]))

static void begin(struct world *w, const struct scene *s)
{
	u32 i;

	world_begin(w, NR, NR_LOW);
	for (i = 0; i < s->nr_runs; i++)
		memport_take(w->port, s->runs[i]);
}

/* As a driver that just filled them: stale pool entries, dirty lines. */
static void soil(struct world *w, const struct scene *s)
{
	unsigned long frame;
	u32 i, j;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			frame = s->runs[i].first.nr + j;
			if (frame >= NR_LOW)
				world_kmap_once(w, frame);
			else
				memport_write_cached(w->port, na_frame(frame));
			memport_vunmap(w->port, na_frame(frame));
		}
	memport_forget(w->port);
}

static int to(struct world *w, const struct scene *s, enum na_memtype type)
{
	return na_convert_to(&w->machine, s->runs, s->nr_runs, type, NA_LENT);
}

static int back(struct world *w, const struct scene *s, enum na_memtype type)
{
	return na_convert_back(&w->machine, s->runs, s->nr_runs, type,
			       NA_LENT);
}

static void expect_state(struct world *w, const struct scene *s,
			 enum na_state state, enum na_memtype type)
{
	struct na_ledger_entry entry;
	u32 i, j;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			entry = na_ledger_lookup(&w->machine.ledger,
						 na_frame_add(s->runs[i].first,
							      j));
			EXPECT_EQ(entry.state, state);
			EXPECT_EQ(entry.type, type);
		}
}

static void give_back(struct world *w, const struct scene *s,
		      enum na_memtype type)
{
	EXPECT_EQ(back(w, s, type), 0);
	expect_state(w, s, NA_SYSTEM, NA_WB);
	world_end(w);
}

/* --- to: order --- */

/* kills: any step of the order left out or moved */
static void to_high_steps(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	soil(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) kmap_purge direct_set(8 UC) tlb_flush "
		   "cache_clean(8 UC) mark(8 UC) commit(LENT)");
	EXPECT_STR(memport_fault(w.port), NULL);
	give_back(&w, s, NA_UC);
}

/* kills: a pool purge paid where the pool holds nothing */
static void to_high_without_stale_steps(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) direct_set(8 WC) tlb_flush "
		   "cache_clean(8 WC) mark(8 WC) commit(LENT)");
	EXPECT_STR(memport_fault(w.port), NULL);
	give_back(&w, s, NA_WC);
}

/* kills: flush before the direct map has changed; clean before flush */
static void to_low_steps(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	soil(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(6) direct_set(6 WC) tlb_flush "
		   "cache_clean(6 WC) mark(6 WC) commit(LENT)");
	EXPECT_STR(memport_fault(w.port), NULL);
	give_back(&w, s, NA_WC);
}

/* kills: the low or the high part of a mixed run left out */
static void to_mixed_steps(void)
{
	const struct scene *s = &scenes[2];
	struct world w;

	begin(&w, s);
	soil(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) kmap_purge direct_set(8 UC) tlb_flush "
		   "cache_clean(8 UC) mark(8 UC) commit(LENT)");
	EXPECT_STR(memport_fault(w.port), NULL);
	give_back(&w, s, NA_UC);
}

/* kills: a step done for the first run only */
static void to_many_runs_steps(void)
{
	const struct scene *s = &scenes[3];
	struct world w;

	begin(&w, s);
	soil(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(9) kmap_purge direct_set(9 WC) tlb_flush "
		   "cache_clean(9 WC) mark(9 WC) commit(LENT)");
	EXPECT_STR(memport_fault(w.port), NULL);
	give_back(&w, s, NA_WC);
}

/* kills: a shootdown for each run, frame or kind of mapping */
static void to_two_shootdowns_at_most(void)
{
	static const u32 sizes[] = { 1, 7, 512, 4000 };
	struct na_run runs[2];
	struct world w;
	u32 i;

	for (i = 0; i < 4; i++) {
		world_begin(&w, 8192, 4096);
		runs[0] = run_of(10, sizes[i]);
		runs[1] = run_of(4100, sizes[i]);
		world_kmap_once(&w, 4100);
		world_kmap_once(&w, 4100 + sizes[i] - 1);
		memport_forget(w.port);
		EXPECT_EQ(na_convert_to(&w.machine, runs, 2, NA_WC, NA_LENT),
			  0);
		EXPECT_EQ(w.port->nr_shootdowns, 2);
		memport_forget(w.port);
		EXPECT_EQ(na_convert_back(&w.machine, runs, 2, NA_WC, NA_LENT),
			  0);
		EXPECT(w.port->nr_shootdowns +
		       w.port->nr_calls[MEMPORT_WC_DRAIN] <= 2);
		world_end(&w);
	}
}

/* kills: an owner or type other than the one asked for */
static void to_gives_owner_and_type(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	expect_state(&w, s, NA_LENT, NA_WC);
	EXPECT_EQ(world_count(&w, NA_LENT), 8);
	give_back(&w, s, NA_WC);
}

/* kills: what the driver wrote before is lost with the lines (I6) */
static void to_writes_lines_back(void)
{
	const struct scene *s = &scenes[2];
	struct world w;
	u32 i;

	begin(&w, s);
	soil(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	for (i = 12; i < 20; i++) {
		EXPECT(!w.port->frames[i].is_dirty);
		EXPECT(!w.port->frames[i].has_lines);
		EXPECT(!w.port->frames[i].is_zero);
	}
	give_back(&w, s, NA_UC);
}

/* kills: counters left out, or counted in calls instead of frames */
static void to_and_back_count(void)
{
	const struct scene *s = &scenes[3];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_CONVERSIONS), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_CONVERTED_FRAMES), 9);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNS), 0);
	EXPECT_EQ(back(&w, s, NA_UC), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_CONVERSIONS), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNS), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNED_FRAMES), 9);
	EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_TLB_FLUSHES), 2);
	EXPECT(world_stat(&w, NA_STAT_DIRECT_NS) > 0);
	EXPECT(world_stat(&w, NA_STAT_CACHE_NS) > 0);
	world_end(&w);
}

/* --- to: refusals --- */

/* kills: an argument check left out */
static void to_bad_arguments(void)
{
	const struct na_run empty[] = { { { 20 }, 8 }, { { 40 }, 0 } };
	struct world w;
	struct na_machine *m = &w.machine;

	begin(&w, &scenes[1]);
	EXPECT_EQ(na_convert_to(m, &high, 1, NA_WB, NA_LENT), -EINVAL);
	EXPECT_EQ(na_convert_to(m, &high, 1, NR_NA_MEMTYPES, NA_LENT),
		  -EINVAL);
	EXPECT_EQ(na_convert_to(m, &high, 1, NA_UC, NA_SYSTEM), -EINVAL);
	EXPECT_EQ(na_convert_to(m, &high, 1, NA_UC, NA_CLAIMED), -EINVAL);
	EXPECT_EQ(na_convert_to(m, &high, 1, NA_UC, NA_QUARANTINED), -EINVAL);
	EXPECT_EQ(na_convert_to(m, &high, 0, NA_UC, NA_LENT), -EINVAL);
	EXPECT_EQ(na_convert_to(m, empty, 2, NA_UC, NA_LENT), -EINVAL);
	EXPECT_STR(memport_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: frames beyond the machine */
static void to_beyond_end(void)
{
	struct na_run run = run_of(NR - 2, 3);
	struct world w;

	begin(&w, &scenes[1]);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), -ERANGE);
	EXPECT_STR(memport_steps(w.port, 0), "");
	EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 1);
	world_end(&w);
}

/* kills: conversion of a pinned frame (I5); anything done before the claim */
static void to_pinned(void)
{
	const struct scene *s = &scenes[1];
	enum na_memtype type;
	struct world w;

	begin(&w, s);
	soil(&w, s);
	EXPECT_EQ(na_ledger_pin(&w.machine.ledger, na_frame(27), &type), 0);
	EXPECT_EQ(to(&w, s, NA_UC), -EBUSY);
	EXPECT_STR(memport_steps(w.port, 0), "");
	EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 1);
	na_ledger_unpin(&w.machine.ledger, na_frame(27));
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	give_back(&w, s, NA_UC);
}

/* kills: a live kmap() taken for a stale one; a claim kept after -EBUSY */
static void to_live_kmap(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	memport_kmap(w.port, na_frame(27));
	memport_forget(w.port);
	EXPECT_EQ(to(&w, s, NA_UC), -EBUSY);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) kmap_purge commit(SYSTEM)");
	EXPECT_STR(memport_fault(w.port), NULL);
	EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 1);
	memport_kunmap(w.port, na_frame(27));
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	give_back(&w, s, NA_UC);
}

/* kills: a second conversion of what is converted */
static void to_converted(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	memport_forget(w.port);
	EXPECT_EQ(to(&w, s, NA_WC), -EBUSY);
	EXPECT_STR(memport_steps(w.port, 0), "");
	give_back(&w, s, NA_UC);
}

/* kills: a conversion where sleeping is not allowed */
static void to_under_spinlock(void)
{
	na_spin_t spin;
	struct world w;

	begin(&w, &scenes[1]);
	na_spin_init(&spin);
	na_spin_lock(&spin);
	EXPECT_ASSERT("spins_held", to(&w, &scenes[1], NA_UC));
	na_spin_unlock(&spin);
	EXPECT_STR(memport_steps(w.port, 0), "");
	world_end(&w);
}

/* --- to: failures --- */

/* One scene, with the n-th call failing; false when there is no n-th. */
static bool fails_cleanly(const struct scene *s, enum na_memtype type, u32 nth)
{
	struct world w;
	u32 nr_failed;
	int err;

	begin(&w, s);
	soil(&w, s);
	memport_fail(w.port, MEMPORT_FALLIBLE, nth, 1);
	err = to(&w, s, type);
	nr_failed = w.port->nr_failed;
	memport_fail_never(w.port);
	if (nr_failed) {
		EXPECT(err == -ENOMEM || err == -EFAULT);
		expect_state(&w, s, NA_SYSTEM, NA_WB);
		EXPECT_STR(memport_fault(w.port), NULL);
		EXPECT_EQ(world_count(&w, NA_LENT), 0);
		EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 1);
		err = to(&w, s, type);
	}
	EXPECT_EQ(err, 0);
	give_back(&w, s, type);
	return nr_failed;
}

/* kills: an unwinding that forgets a step, for every call that can fail */
static void to_every_failure_is_undone(void)
{
	u32 i, nth;

	for (i = 0; i < NR_SCENES; i++) {
		for (nth = 1; fails_cleanly(&scenes[i], NA_WC, nth); nth++)
			;
		/* a table, a leaf, the direct map, the cache */
		EXPECT_EQ(nth, 5);
	}
}

/* kills: entries changed before the failure that keep the new type */
static void to_direct_fails_half_way(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET), 1, 1);
	EXPECT_EQ(to(&w, s, NA_UC), -EFAULT);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(6) direct_set(6 UC)! direct_set(3 WB) tlb_flush "
		   "mark(6 WB) commit(SYSTEM)");
	world_end(&w);
}

/* kills: an undo of what was never done; a mark of a split that stays */
static void to_direct_fails_at_once(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	w.port->frames[2].direct = NR_NA_MEMTYPES;
	EXPECT_EQ(to(&w, s, NA_UC), -EFAULT);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(6) direct_set(6 UC)! mark(6 WB) commit(SYSTEM)");
	world_end(&w);
}

/* kills: one errno for all failures of the direct map */
static void to_direct_no_memory(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	w.port->direct_errno = -ENOMEM;
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET), 1, 1);
	EXPECT_EQ(to(&w, s, NA_UC), -ENOMEM);
	world_end(&w);
}

/* kills: no flush after the direct map was set back (I4) */
static void to_clean_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_CACHE_CLEAN), 1, 1);
	EXPECT_EQ(to(&w, s, NA_WC), -ENOMEM);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(6) direct_set(6 WC) tlb_flush cache_clean(6 WC)! "
		   "direct_set(6 WB) tlb_flush mark(6 WB) commit(SYSTEM)");
	EXPECT_STR(memport_fault(w.port), NULL);
	world_end(&w);
}

/* Frames of @lost, a bit each, are in quarantine, the others the system's. */
static void expect_lost(struct world *w, const struct scene *s, u64 lost,
			enum na_memtype type)
{
	struct na_ledger_entry entry;
	u32 i, j, nr;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			nr = (u32)s->runs[i].first.nr + j;
			entry = na_ledger_lookup(&w->machine.ledger,
						 na_frame(nr));
			EXPECT_EQ(entry.state, lost >> nr & 1 ?
				  NA_QUARANTINED : NA_SYSTEM);
			EXPECT_EQ(entry.type, lost >> nr & 1 ? type : NA_WB);
		}
	EXPECT_EQ(world_count(w, NA_QUARANTINED),
		  __builtin_popcountll(lost));
	EXPECT_EQ(world_count(w, NA_CLAIMED), 0);
}

/* kills: frames given back that are not WB; frames lost that are; a loss that
 * nobody is told of
 */
static void to_direct_undo_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET), 1, 2);
	EXPECT_EQ(to(&w, s, NA_UC), -EUCLEAN);
	/* Frames 2, 3, 4 were changed; the undo stops at 3 and goes on. */
	EXPECT_STR(memport_steps(w.port,
				 MEMPORT_BIT(MEMPORT_DIRECT_SET) |
				 MEMPORT_BIT(MEMPORT_TLB_FLUSH) |
				 MEMPORT_BIT(MEMPORT_FRAMES_LOST)),
		   "direct_set(6 UC)! direct_set(3 WB)! direct_set(1 WB) "
		   "tlb_flush frames_lost(1)");
	expect_lost(&w, s, 1u << 3, NA_UC);
	EXPECT_EQ(w.port->frames[3].marked, NA_UC);
	world_end_with(&w, 1);
}

/* kills: an undo that stops at a run's border, or begins a run anew */
static void to_direct_undo_fails_across_runs(void)
{
	static const struct na_run runs[] = {
		{ { 0 }, 2 }, { { 4 }, 3 }, { { 9 }, 1 }, { { 12 }, 4 },
	};
	const struct scene s = { "runs", runs, 4 };
	struct world w;

	begin(&w, &s);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_CACHE_CLEAN) |
		     MEMPORT_BIT(MEMPORT_DIRECT_SET), 2, 3);
	EXPECT_EQ(to(&w, &s, NA_WC), -EUCLEAN);
	EXPECT_STR(memport_steps(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET)),
		   "direct_set(10 WC) direct_set(10 WB)! direct_set(4 WB)! "
		   "direct_set(1 WB)");
	/* The sixth of all is 9; of 12 to 15 the third is 14. */
	expect_lost(&w, &s, 1u << 9 | 1u << 14, NA_WC);
	world_end_with(&w, 2);
}

/* kills: the same after the cache could not be cleaned */
static void to_clean_undo_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	soil(&w, s);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_CACHE_CLEAN) |
		     MEMPORT_BIT(MEMPORT_DIRECT_SET), 2, 2);
	EXPECT_EQ(to(&w, s, NA_WC), -EUCLEAN);
	expect_lost(&w, s, 1u << 5, NA_WC);
	world_end_with(&w, 1);
}

/* kills: high frames, which have no direct map, lost with the low ones */
static void to_clean_undo_fails_at_high(void)
{
	const struct scene *s = &scenes[2];
	struct world w;

	begin(&w, s);
	soil(&w, s);
	/* The undo stops at frame 16, the first high one. */
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_CACHE_CLEAN) |
		     MEMPORT_BIT(MEMPORT_DIRECT_SET), 2, 2);
	EXPECT_EQ(to(&w, s, NA_WC), -ENOMEM);
	expect_lost(&w, s, 0, NA_WC);
	world_end(&w);
}

/* kills: quarantined frames that can be converted or pinned again */
static void to_quarantined(void)
{
	const struct scene *s = &scenes[0];
	const struct na_run lost = { { 3 }, 1 };
	enum na_memtype type;
	struct world w;

	begin(&w, s);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET), 1, 2);
	EXPECT_EQ(to(&w, s, NA_UC), -EUCLEAN);
	EXPECT_EQ(to(&w, s, NA_UC), -EBUSY);
	EXPECT_EQ(na_convert_back(&w.machine, &lost, 1, NA_UC, NA_LENT),
		  -EBUSY);
	EXPECT_EQ(na_ledger_pin(&w.machine.ledger, lost.first, &type), -EBUSY);
	world_end_with(&w, 1);
}

/* kills: no reading back of what the port says it did */
static void to_direct_lies_once(void)
{
	const struct scene *s = &scenes[3];
	struct world w;

	begin(&w, s);
	w.port->nr_lies = 1;
	EXPECT_EQ(to(&w, s, NA_UC), -EFAULT);
	EXPECT_STR(memport_fault(w.port), NULL);
	world_end(&w);
}

/* kills: entries told apart by the first name that fits their bits */
static void to_direct_without_pat(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	w.port->has_no_pat = true;
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	EXPECT(na_port_direct_has(w.port, s->runs[0].first, NA_UC));
	EXPECT(!na_port_direct_has(w.port, s->runs[0].first, NA_WB));
	EXPECT_EQ(back(&w, s, NA_UC), 0);
	EXPECT_STR(memport_fault(w.port), NULL);
	world_end(&w);
}

/* kills: a direct map entry that is absent, passed over (I1 unprovable) */
static void to_direct_absent(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	w.port->frames[7].direct = NR_NA_MEMTYPES;
	EXPECT_EQ(to(&w, s, NA_UC), -EFAULT);
	/* It was so before us: nothing to undo, nothing to quarantine. */
	expect_lost(&w, s, 0, NA_UC);
	world_end(&w);
}

/* --- back: order --- */

/* A process has the frames mapped, writes, and unmaps them. */
static void use(struct world *w, const struct scene *s, enum na_memtype type)
{
	struct na_frame frame;
	u32 i, j;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			frame = na_frame_add(s->runs[i].first, j);
			memport_map(w->port, frame, type);
			memport_write(w->port, frame, type);
			memport_unmap(w->port, frame, type);
		}
	memport_forget(w->port);
}

/* kills: a WB entry while a write-combining buffer still holds stores (I6) */
static void back_low_wc_steps(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	use(&w, s, NA_WC);
	EXPECT_EQ(back(&w, s, NA_WC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(6) wc_drain direct_set(6 WB) tlb_flush mark(6 WB) "
		   "commit(SYSTEM)");
	world_end(&w);
}

/* kills: a drain paid for frames that were never write-combined */
static void back_low_uc_steps(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	use(&w, s, NA_UC);
	EXPECT_EQ(back(&w, s, NA_UC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(6) direct_set(6 WB) tlb_flush mark(6 WB) "
		   "commit(SYSTEM)");
	world_end(&w);
}

/* kills: a second interruption of all CPUs where the flush drains as well */
static void back_high_wc_steps(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	use(&w, s, NA_WC);
	EXPECT_EQ(back(&w, s, NA_WC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) tlb_flush mark(8 WB) commit(SYSTEM)");
	world_end(&w);
}

/* kills: no flush for high frames, whose user translations are UC (I4) */
static void back_high_uc_steps(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	use(&w, s, NA_UC);
	EXPECT_EQ(back(&w, s, NA_UC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) tlb_flush mark(8 WB) commit(SYSTEM)");
	world_end(&w);
}

/* kills: a run taken for high because of its last frame */
static void back_mixed_wc_steps(void)
{
	const struct scene *s = &scenes[2];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	use(&w, s, NA_WC);
	EXPECT_EQ(back(&w, s, NA_WC), 0);
	EXPECT_STR(memport_steps(w.port, 0),
		   "claim(8) wc_drain direct_set(8 WB) tlb_flush mark(8 WB) "
		   "commit(SYSTEM)");
	world_end(&w);
}

/* kills: the direct map of a later run forgotten */
static void back_many_runs(void)
{
	const struct scene *s = &scenes[3];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	use(&w, s, NA_WC);
	EXPECT_EQ(back(&w, s, NA_WC), 0);
	world_end(&w);
}

/* --- back: refusals and failures --- */

/* kills: back to WB while a mapping is left (I5) */
static void back_pinned(void)
{
	const struct scene *s = &scenes[2];
	enum na_memtype type;
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	EXPECT_EQ(na_ledger_pin(&w.machine.ledger, na_frame(19), &type), 0);
	memport_forget(w.port);
	EXPECT_EQ(back(&w, s, NA_WC), -EBUSY);
	EXPECT_STR(memport_steps(w.port, 0), "");
	expect_state(&w, s, NA_LENT, NA_WC);
	EXPECT_EQ(world_count(&w, NA_LENT), 8);
	na_ledger_unpin(&w.machine.ledger, na_frame(19));
	give_back(&w, s, NA_WC);
}

/* kills: type or owner not compared with the ledger's */
static void back_other_type_or_owner(void)
{
	const struct scene *s = &scenes[1];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	EXPECT_EQ(back(&w, s, NA_UC), -EBUSY);
	EXPECT_EQ(na_convert_back(&w.machine, &high, 1, NA_WC, NA_BUFFER),
		  -EBUSY);
	expect_state(&w, s, NA_LENT, NA_WC);
	give_back(&w, s, NA_WC);
}

/* kills: an argument check left out */
static void back_bad_arguments(void)
{
	struct na_run beyond = run_of(NR, 1), empty = run_of(20, 0);
	struct world w;
	struct na_machine *m = &w.machine;

	begin(&w, &scenes[1]);
	EXPECT_EQ(na_convert_back(m, &high, 1, NA_WB, NA_LENT), -EINVAL);
	EXPECT_EQ(na_convert_back(m, &high, 1, NA_UC, NA_SYSTEM), -EINVAL);
	EXPECT_EQ(na_convert_back(m, &high, 0, NA_UC, NA_LENT), -EINVAL);
	EXPECT_EQ(na_convert_back(m, &empty, 1, NA_UC, NA_LENT), -EINVAL);
	EXPECT_EQ(na_convert_back(m, &beyond, 1, NA_UC, NA_LENT), -ERANGE);
	EXPECT_STR(memport_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: back to WB of frames that are WB */
static void back_never_converted(void)
{
	struct world w;

	begin(&w, &scenes[1]);
	EXPECT_EQ(back(&w, &scenes[1], NA_UC), -EBUSY);
	EXPECT_STR(memport_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: frames given to the system with a direct map that is not WB */
static void back_direct_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET), 1, ~0u);
	memport_forget(w.port);
	EXPECT_EQ(back(&w, s, NA_UC), -EUCLEAN);
	EXPECT_STR(memport_steps(w.port,
				 MEMPORT_BIT(MEMPORT_DIRECT_SET) |
				 MEMPORT_BIT(MEMPORT_TLB_FLUSH) |
				 MEMPORT_BIT(MEMPORT_FRAMES_LOST)),
		   "direct_set(6 WB)! direct_set(2 WB)! tlb_flush "
		   "frames_lost(2)");
	expect_lost(&w, s, 1u << 5 | 1u << 7, NA_UC);
	EXPECT_EQ(world_count(&w, NA_LENT), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNS), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNED_FRAMES), 4);
	world_end_with(&w, 2);
}

/* kills: a frame that lost its entry meanwhile, given back with the rest */
static void back_direct_absent(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	w.port->frames[4].direct = NR_NA_MEMTYPES;
	EXPECT_EQ(back(&w, s, NA_WC), -EUCLEAN);
	expect_lost(&w, s, 1u << 4, NA_WC);
	world_end_with(&w, 1);
}

/* kills: no reading back on the way back */
static void back_direct_lies(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	w.port->nr_lies = 1;
	EXPECT_EQ(back(&w, s, NA_UC), -EUCLEAN);
	/* It lied about the first frame of the run, and only about that. */
	expect_lost(&w, s, 1u << 2, NA_UC);
	world_end_with(&w, 1);
}

/* kills: a failed return that another's frames pay for */
static void back_direct_fails_for_one_of_two(void)
{
	struct world w;

	begin(&w, &scenes[0]);
	memport_take(w.port, high);
	EXPECT_EQ(to(&w, &scenes[0], NA_UC), 0);
	EXPECT_EQ(to(&w, &scenes[1], NA_WC), 0);
	memport_fail(w.port, MEMPORT_BIT(MEMPORT_DIRECT_SET), 1, ~0u);
	EXPECT_EQ(back(&w, &scenes[0], NA_UC), -EUCLEAN);
	EXPECT_STR(memport_fault(w.port), NULL);
	EXPECT_EQ(back(&w, &scenes[1], NA_WC), 0);
	world_end_with(&w, 2);
}

/* --- windows of our own --- */

/* Stands for a window set that shows one of the frames. */
struct fake_set {
	struct na_purger purger;
	struct world *w;
	int err;
	u32 nr_asked;
	u64 nr_claimed;
	u32 nr_steps_before;
};

static int fake_purge(struct na_purger *purger, const struct na_run *runs,
		      u32 nr_runs)
{
	struct fake_set *set = container_of(purger, struct fake_set, purger);
	struct na_port *port = set->w->port;

	set->nr_asked += (u32)na_runs_count_frames(runs, nr_runs);
	set->nr_claimed = world_count(set->w, NA_CLAIMED);
	set->nr_steps_before = port->nr_calls[MEMPORT_WC_DRAIN] +
			       port->nr_calls[MEMPORT_DIRECT_SET] +
			       port->nr_calls[MEMPORT_TLB_FLUSH];
	return set->err;
}

static void fake_purge_all(struct na_purger *purger)
{
	(void)purger;
}

static void add_set(struct world *w, struct fake_set *set)
{
	*set = (struct fake_set){ .w = w, .purger.purge = fake_purge,
				  .purger.purge_all = fake_purge_all };
	na_machine_add_purger(&w->machine, &set->purger);
	memport_forget(w->port);
}

/* kills: windows not asked, asked before the claim or after the flush */
static void to_asks_windows(void)
{
	const struct scene *s = &scenes[3];
	struct fake_set set;
	struct world w;

	begin(&w, s);
	add_set(&w, &set);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	EXPECT_EQ(set.nr_asked, 9);
	EXPECT_EQ(set.nr_claimed, 9);
	EXPECT_EQ(set.nr_steps_before, 0);
	na_machine_remove_purger(&w.machine, &set.purger);
	give_back(&w, s, NA_UC);
}

/* kills: conversion of a frame that a window shows */
static void to_window_busy(void)
{
	const struct scene *s = &scenes[1];
	struct fake_set set;
	struct world w;

	begin(&w, s);
	add_set(&w, &set);
	set.err = -EBUSY;
	EXPECT_EQ(to(&w, s, NA_UC), -EBUSY);
	EXPECT_EQ(w.port->nr_calls[MEMPORT_DIRECT_SET], 0);
	expect_state(&w, s, NA_SYSTEM, NA_WB);
	na_machine_remove_purger(&w.machine, &set.purger);
	world_end(&w);
}

/* kills: a stale UC window left for the next owner of the frame (I4) */
static void back_asks_windows(void)
{
	const struct scene *s = &scenes[3];
	struct fake_set set;
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	add_set(&w, &set);
	EXPECT_EQ(back(&w, s, NA_WC), 0);
	EXPECT_EQ(set.nr_asked, 9);
	EXPECT_EQ(set.nr_claimed, 9);
	EXPECT_EQ(set.nr_steps_before, 0);
	na_machine_remove_purger(&w.machine, &set.purger);
	world_end(&w);
}

/* kills: a refused return that loses the state, type or owner it found */
static void back_window_busy(void)
{
	const struct scene *s = &scenes[2];
	struct fake_set set;
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_WC), 0);
	add_set(&w, &set);
	set.err = -EBUSY;
	EXPECT_EQ(back(&w, s, NA_WC), -EBUSY);
	EXPECT_STR(memport_steps(w.port, 0), "");
	expect_state(&w, s, NA_LENT, NA_WC);
	EXPECT_EQ(world_count(&w, NA_LENT), 8);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNS), 0);
	na_machine_remove_purger(&w.machine, &set.purger);
	give_back(&w, s, NA_WC);
}

static const struct tap_case cases[] = {
	TAP(to_high_steps),
	TAP(to_high_without_stale_steps),
	TAP(to_low_steps),
	TAP(to_mixed_steps),
	TAP(to_many_runs_steps),
	TAP(to_two_shootdowns_at_most),
	TAP(to_gives_owner_and_type),
	TAP(to_writes_lines_back),
	TAP(to_and_back_count),
	TAP(to_bad_arguments),
	TAP(to_beyond_end),
	TAP(to_pinned),
	TAP(to_live_kmap),
	TAP(to_converted),
	TAP(to_under_spinlock),
	TAP(to_every_failure_is_undone),
	TAP(to_direct_fails_half_way),
	TAP(to_direct_fails_at_once),
	TAP(to_direct_no_memory),
	TAP(to_clean_fails),
	TAP(to_direct_undo_fails),
	TAP(to_direct_undo_fails_across_runs),
	TAP(to_clean_undo_fails),
	TAP(to_clean_undo_fails_at_high),
	TAP(to_quarantined),
	TAP(to_direct_lies_once),
	TAP(to_direct_without_pat),
	TAP(to_direct_absent),
	TAP(back_low_wc_steps),
	TAP(back_low_uc_steps),
	TAP(back_high_wc_steps),
	TAP(back_high_uc_steps),
	TAP(back_mixed_wc_steps),
	TAP(back_many_runs),
	TAP(back_pinned),
	TAP(back_other_type_or_owner),
	TAP(back_bad_arguments),
	TAP(back_never_converted),
	TAP(back_direct_fails),
	TAP(back_direct_absent),
	TAP(back_direct_lies),
	TAP(back_direct_fails_for_one_of_two),
	TAP(to_asks_windows),
	TAP(to_window_busy),
	TAP(back_asks_windows),
	TAP(back_window_busy),
};

TAP_MAIN(cases)
