// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * convert: the way to UC and WC: the order that must hold, and what is refused.
 */
#include "convert_world.h"

/* --- to: order --- */

/* Soiled or not, there and back: the steps there are @steps. */
static void expect_to_steps(const struct scene *s, bool is_soiled,
			    enum na_memtype type, const char *steps)
{
	struct world w;

	begin(&w, s);
	if (is_soiled)
		soil(&w, s);
	EXPECT_EQ(to(&w, s, type), 0);
	EXPECT_STR(fake_steps(w.port, 0), steps);
	EXPECT_STR(fake_fault(w.port), NULL);
	give_back(&w, s, type);
}

/* kills: any step of the order left out or moved */
static void to_high_steps(void)
{
	expect_to_steps(&scenes[1], true, NA_UC,
			"claim(8) kmap_purge direct_set(8 UC) tlb_flush "
			"cache_clean(8 UC) mark(8 UC) commit(LENT)");
}

/* kills: a pool purge paid where the pool holds nothing */
static void to_high_without_stale_steps(void)
{
	expect_to_steps(&scenes[1], false, NA_WC,
			"claim(8) direct_set(8 WC) tlb_flush "
			"cache_clean(8 WC) mark(8 WC) commit(LENT)");
}

/* kills: flush before the direct map has changed; clean before flush */
static void to_low_steps(void)
{
	expect_to_steps(&scenes[0], true, NA_WC,
			"claim(6) direct_set(6 WC) tlb_flush "
			"cache_clean(6 WC) mark(6 WC) commit(LENT)");
}

/* kills: the low or the high part of a mixed run left out */
static void to_mixed_steps(void)
{
	expect_to_steps(&scenes[2], true, NA_UC,
			"claim(8) kmap_purge direct_set(8 UC) tlb_flush "
			"cache_clean(8 UC) mark(8 UC) commit(LENT)");
}

/* kills: a step done for the first run only */
static void to_many_runs_steps(void)
{
	expect_to_steps(&scenes[3], true, NA_WC,
			"claim(9) kmap_purge direct_set(9 WC) tlb_flush "
			"cache_clean(9 WC) mark(9 WC) commit(LENT)");
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
		fake_forget(w.port);
		EXPECT_EQ(na_convert_to(&w.machine, runs, 2, NA_WC, NA_LENT),
			  0);
		EXPECT_EQ(w.port->nr_shootdowns, 2);
		fake_forget(w.port);
		EXPECT_EQ(na_convert_back(&w.machine, runs, 2, NA_WC, NA_LENT),
			  0);
		EXPECT(w.port->nr_shootdowns +
		       fake_count(w.port, FAKE_WC_DRAIN) <= 2);
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
	EXPECT_STR(fake_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: frames beyond the machine */
static void to_beyond_end(void)
{
	struct na_run run = run_of(NR - 2, 3);
	struct world w;

	begin(&w, &scenes[1]);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), -ERANGE);
	EXPECT_STR(fake_steps(w.port, 0), "");
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
	EXPECT_STR(fake_steps(w.port, 0), "");
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
	fake_kmap(w.port, na_frame(27));
	fake_forget(w.port);
	EXPECT_EQ(to(&w, s, NA_UC), -EBUSY);
	EXPECT_STR(fake_steps(w.port, 0),
		   "claim(8) kmap_purge commit(SYSTEM)");
	EXPECT_STR(fake_fault(w.port), NULL);
	EXPECT_EQ(world_stat(&w, NA_STAT_REFUSED), 1);
	fake_kunmap(w.port, na_frame(27));
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
	fake_forget(w.port);
	EXPECT_EQ(to(&w, s, NA_WC), -EBUSY);
	EXPECT_STR(fake_steps(w.port, 0), "");
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
	EXPECT_STR(fake_steps(w.port, 0), "");
	world_end(&w);
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
};

TAP_MAIN(cases)
