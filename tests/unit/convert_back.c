// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * convert: the way back to WB.
 */
#include "convert_world.h"

/* --- back: order --- */

/* A process has the frames mapped, writes, and unmaps them. */
static void use(struct world *w, const struct scene *s, enum na_memtype type)
{
	struct na_frame frame;
	u32 i, j;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			frame = na_frame_add(s->runs[i].first, j);
			fake_map(w->port, frame, type);
			fake_write(w->port, frame, type);
			fake_unmap(w->port, frame, type);
		}
	fake_forget(w->port);
}

/* Frames that were used while they had @type: the steps back are @steps. */
static void expect_back_steps(const struct scene *s, enum na_memtype type,
			      const char *steps)
{
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, type), 0);
	use(&w, s, type);
	EXPECT_EQ(back(&w, s, type), 0);
	EXPECT_STR(fake_steps(w.port, 0), steps);
	world_end(&w);
}

/* kills: a WB entry while a write-combining buffer still holds stores (I6) */
static void back_low_wc_steps(void)
{
	expect_back_steps(&scenes[0], NA_WC,
			  "claim(6) wc_drain direct_set(6 WB) tlb_flush "
			  "mark(6 WB) commit(SYSTEM)");
}

/* kills: a drain paid for frames that were never write-combined */
static void back_low_uc_steps(void)
{
	expect_back_steps(&scenes[0], NA_UC,
			  "claim(6) direct_set(6 WB) tlb_flush mark(6 WB) "
			  "commit(SYSTEM)");
}

/* kills: a second interruption of all CPUs where the flush drains as well */
static void back_high_wc_steps(void)
{
	expect_back_steps(&scenes[1], NA_WC,
			  "claim(8) tlb_flush mark(8 WB) commit(SYSTEM)");
}

/* kills: no flush for high frames, whose user translations are UC (I4) */
static void back_high_uc_steps(void)
{
	expect_back_steps(&scenes[1], NA_UC,
			  "claim(8) tlb_flush mark(8 WB) commit(SYSTEM)");
}

/* kills: a run taken for high because of its last frame */
static void back_mixed_wc_steps(void)
{
	expect_back_steps(&scenes[2], NA_WC,
			  "claim(8) wc_drain direct_set(8 WB) tlb_flush "
			  "mark(8 WB) commit(SYSTEM)");
}

/* kills: the direct map of a later run forgotten */
static void back_many_runs(void)
{
	expect_back_steps(&scenes[3], NA_WC,
			  "claim(9) wc_drain direct_set(9 WB) tlb_flush "
			  "mark(9 WB) commit(SYSTEM)");
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
	fake_forget(w.port);
	EXPECT_EQ(back(&w, s, NA_WC), -EBUSY);
	EXPECT_STR(fake_steps(w.port, 0), "");
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
	EXPECT_STR(fake_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: back to WB of frames that are WB */
static void back_never_converted(void)
{
	struct world w;

	begin(&w, &scenes[1]);
	EXPECT_EQ(back(&w, &scenes[1], NA_UC), -EBUSY);
	EXPECT_STR(fake_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: frames given to the system with a direct map that is not WB */
static void back_direct_fails(void)
{
	const struct scene *s = &scenes[0];
	struct world w;

	begin(&w, s);
	EXPECT_EQ(to(&w, s, NA_UC), 0);
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, ~0u);
	fake_forget(w.port);
	EXPECT_EQ(back(&w, s, NA_UC), -EUCLEAN);
	EXPECT_STR(fake_steps(w.port,
			      FAKE_BIT(FAKE_DIRECT_SET) |
			      FAKE_BIT(FAKE_TLB_FLUSH) |
			      FAKE_BIT(FAKE_FRAMES_LOST)),
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
	fake_take(w.port, high);
	EXPECT_EQ(to(&w, &scenes[0], NA_UC), 0);
	EXPECT_EQ(to(&w, &scenes[1], NA_WC), 0);
	fake_fail(w.port, FAKE_BIT(FAKE_DIRECT_SET), 1, ~0u);
	EXPECT_EQ(back(&w, &scenes[0], NA_UC), -EUCLEAN);
	EXPECT_STR(fake_fault(w.port), NULL);
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
	set->nr_steps_before = fake_count(port, FAKE_WC_DRAIN) +
			       fake_count(port, FAKE_DIRECT_SET) +
			       fake_count(port, FAKE_TLB_FLUSH);
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
	fake_forget(w->port);
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
	EXPECT_EQ(fake_count(w.port, FAKE_DIRECT_SET), 0);
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
	EXPECT_STR(fake_steps(w.port, 0), "");
	expect_state(&w, s, NA_LENT, NA_WC);
	EXPECT_EQ(world_count(&w, NA_LENT), 8);
	EXPECT_EQ(world_stat(&w, NA_STAT_RETURNS), 0);
	na_machine_remove_purger(&w.machine, &set.purger);
	give_back(&w, s, NA_WC);
}

static const struct tap_case cases[] = {
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
