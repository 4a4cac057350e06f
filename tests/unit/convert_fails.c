// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * convert: what is left when a step on the way to UC and WC fails.
 */
#include "convert_world.h"

/* One scene, with the n-th call failing; false when there is no n-th. */
static bool fails_cleanly(const struct scene *s, enum na_memtype type, u32 nth)
{
	struct world w;
	u32 nr_failed;
	int err;

	begin(&w, s);
	soil(&w, s);
	fake_fail(w.port, FAKE_FALLIBLE, nth, 1);
	err = to(&w, s, type);
	nr_failed = w.port->nr_failed;
	fake_fail_never(w.port);
	if (nr_failed) {
		EXPECT(err == -ENOMEM || err == -EFAULT);
		expect_state(&w, s, NA_SYSTEM, NA_WB);
		EXPECT_STR(fake_fault(w.port), NULL);
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
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, 1);
	EXPECT_EQ(to(&w, s, NA_UC), -EFAULT);
	EXPECT_STR(fake_steps(w.port, 0),
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
	EXPECT_STR(fake_steps(w.port, 0),
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
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, 1);
	EXPECT_EQ(to(&w, s, NA_UC), -ENOMEM);
	world_end(&w);
}

/* kills: no flush after the direct map was set back (I4) */
static void to_clean_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	fake_fail(w.port, FAKE_BIT(FAKE_CACHE_CLEAN), 1, 1);
	EXPECT_EQ(to(&w, s, NA_WC), -ENOMEM);
	EXPECT_STR(fake_steps(w.port, 0),
		   "claim(6) direct_set(6 WC) tlb_flush cache_clean(6 WC)! "
		   "direct_set(6 WB) tlb_flush mark(6 WB) commit(SYSTEM)");
	EXPECT_STR(fake_fault(w.port), NULL);
	world_end(&w);
}

/* kills: frames given back that are not WB; frames lost that are; a loss that
 * nobody is told of
 */
static void to_direct_undo_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, 2);
	EXPECT_EQ(to(&w, s, NA_UC), -EUCLEAN);
	/* Frames 2, 3, 4 were changed; the undo stops at 3 and goes on. */
	EXPECT_STR(fake_steps(w.port,
			      FAKE_BIT(FAKE_DIRECT_SET) |
			      FAKE_BIT(FAKE_TLB_FLUSH) |
			      FAKE_BIT(FAKE_FRAMES_LOST)),
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
	fake_fail(w.port, FAKE_BIT(FAKE_CACHE_CLEAN) |
		  FAKE_BIT(FAKE_DIRECT_SET), 2, 3);
	EXPECT_EQ(to(&w, &s, NA_WC), -EUCLEAN);
	EXPECT_STR(fake_steps(w.port, FAKE_BIT(FAKE_DIRECT_SET)),
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
	fake_fail(w.port, FAKE_BIT(FAKE_CACHE_CLEAN) |
		  FAKE_BIT(FAKE_DIRECT_SET), 2, 2);
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
	fake_fail(w.port, FAKE_BIT(FAKE_CACHE_CLEAN) |
		  FAKE_BIT(FAKE_DIRECT_SET), 2, 2);
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
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, 2);
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
	EXPECT_STR(fake_fault(w.port), NULL);
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
	EXPECT_STR(fake_fault(w.port), NULL);
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

static const struct tap_case cases[] = {
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
};

TAP_MAIN(cases)
