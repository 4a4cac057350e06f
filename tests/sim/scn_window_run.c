// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows on runs: rows that are made, shared, waited for and taken back,
 * against conversion, purge and single maps of the same frames.
 *
 * At the end a different frame is mapped in every slot, which finds a slot that
 * was lost, is on the free list twice, or still has a user.
 */
#include "scn_window.h"

/* --- before and after ------------------------------------------------------------- */

static void two_slots(struct na_port *m)
{
	scn_make_set(m, 2, 1, 0, false);
}

static void three_slots(struct na_port *m)
{
	scn_make_set(m, 3, 1, 0, false);
}

static void two_slots_bound(struct na_port *m)
{
	scn_make_set(m, 2, 1, 0, true);
}

static void leave_row(struct na_port *m, u32 first, u32 nr)
{
	struct na_window window;

	SIM_EXPECT(!na_window_map_run(scn_the_set(m),
				      na_run(na_frame(first), nr), 0, &window));
	SIM_EXPECT(!na_window_unmap_run(scn_the_set(m), window, nr));
}

/* Two slots show frame 1: in the row of 0 and 1, and in that of 1 and 2. */
static void two_rows(struct na_port *m)
{
	scn_make_set(m, 4, 1, 0, false);
	leave_row(m, 0, 2);
	leave_row(m, 1, 2);
}

static struct na_window map_one(struct na_port *m, u32 frame)
{
	struct na_window window = { 0 };

	SIM_EXPECT(!na_window_map(scn_the_set(m), na_frame(frame), &window));
	return window;
}

static void unmap_one(struct na_port *m, struct na_window window)
{
	SIM_EXPECT(!na_window_unmap(scn_the_set(m), window));
}

/* Frame 0 is there, 1 is not behind it, and two slots in use leave no row. */
static void row_in_part(struct na_port *m)
{
	scn_make_set(m, 4, 1, 0, false);
	unmap_one(m, map_one(m, 0));
	(void)map_one(m, 2);
	unmap_one(m, map_one(m, 1));
	(void)map_one(m, 3);
}

static void to_uc(struct na_port *m, u32 frame)
{
	struct na_run run = na_run(na_frame(frame), 1);

	SIM_EXPECT(!na_convert_to(&m->engine, &run, 1, NA_UC, NA_LENT));
}

static void back_from_uc(struct na_port *m, u32 frame)
{
	struct na_run run = na_run(na_frame(frame), 1);

	SIM_EXPECT(!na_convert_back(&m->engine, &run, 1, NA_UC, NA_LENT));
}

/* Frame 0 is UC for the whole run: a row of 0 and 1 takes two calls. */
static void mixed_types(struct na_port *m)
{
	two_slots(m);
	to_uc(m, 0);
}

static void end_whole(struct na_port *m)
{
	u32 nr = na_window_nr_slots(scn_the_set(m)), i;
	struct na_window all[4];

	na_window_purge_all(scn_the_set(m));
	for (i = 0; i < nr; i++)
		SIM_EXPECT(!na_window_try_map(scn_the_set(m), na_frame(i),
					      &all[i]));
	for (i = 0; i < nr; i++) {
		scn_look(m, &all[i], i);
		SIM_EXPECT(!na_window_unmap(scn_the_set(m), all[i]));
	}
	na_window_set_destroy(scn_the_set(m));
}

static void end_in_part(struct na_port *m)
{
	unmap_one(m, (struct na_window){
		.addr = na_window_addr(scn_the_set(m), 1), .idx = 1 });
	unmap_one(m, (struct na_window){
		.addr = na_window_addr(scn_the_set(m), 3), .idx = 3 });
	end_whole(m);
}

static void end_mixed(struct na_port *m)
{
	end_whole(m);
	back_from_uc(m, 0);
}

/* --- users ---------------------------------------------------------------------------- */

static void look_at_row(struct na_port *m, const struct na_window *window,
			u32 first, u32 nr)
{
	struct na_window one = *window;
	u32 i;

	for (i = 0; i < nr; i++) {
		one.addr = (char *)window->addr + i * SIM_ADDR_PAGE;
		scn_look(m, &one, first + i);
	}
}

/* -EBUSY: somebody converts one of the frames. */
static int use_run(struct na_port *m, u32 first, u32 nr, u64 timeout_ns)
{
	struct na_window window;
	int err;

	sim_call("na_window_map_run(frames %u-%u)", first, first + nr - 1);
	err = na_window_map_run(scn_the_set(m), na_run(na_frame(first), nr),
				timeout_ns, &window);
	if (err)
		return err;
	look_at_row(m, &window, first, nr);
	sim_call("na_window_unmap_run(frames %u-%u)", first, first + nr - 1);
	SIM_EXPECT(!na_window_unmap_run(scn_the_set(m), window, nr));
	return 0;
}

static int use_one(struct na_port *m, u32 frame, u64 timeout_ns)
{
	struct na_window window;
	int err;

	sim_call("na_window_map(frame %u)", frame);
	err = na_window_map_timeout(scn_the_set(m), na_frame(frame),
				    timeout_ns, &window);
	if (err)
		return err;
	scn_look(m, &window, frame);
	SIM_EXPECT(!na_window_unmap(scn_the_set(m), window));
	return 0;
}

static void run_01(struct na_port *m)
{
	SIM_EXPECT(!use_run(m, 0, 2, NA_WAIT_FOREVER));
}

/* Holds its row until somebody else has seen frame 0 as well. */
static void run_01_shared(struct na_port *m)
{
	struct na_window window;

	sim_call("na_window_map_run(frames 0-1), to be shared");
	SIM_EXPECT(!na_window_map_run(scn_the_set(m), na_run(na_frame(0), 2),
				      NA_WAIT_FOREVER, &window));
	while (!m->var[0])
		na_relax();
	SIM_EXPECT(!na_window_unmap_run(scn_the_set(m), window, 2));
}

static void run_01_twice(struct na_port *m)
{
	run_01(m);
	run_01(m);
}

static void run_12(struct na_port *m)
{
	SIM_EXPECT(!use_run(m, 1, 2, NA_WAIT_FOREVER));
}

static void run_012(struct na_port *m)
{
	SIM_EXPECT(!use_run(m, 0, 3, NA_WAIT_FOREVER));
}

static void run_23(struct na_port *m)
{
	SIM_EXPECT(!use_run(m, 2, 2, NA_WAIT_FOREVER));
}

static void one_1(struct na_port *m)
{
	SIM_EXPECT(!use_one(m, 1, NA_WAIT_FOREVER));
}

static void one_2(struct na_port *m)
{
	SIM_EXPECT(!use_one(m, 2, NA_WAIT_FOREVER));
}

static void one_0_is_enough(struct na_port *m)
{
	SIM_EXPECT(!use_one(m, 0, NA_WAIT_FOREVER));
	m->var[0] = 1;
}

static void one_3(struct na_port *m)
{
	SIM_EXPECT(!use_one(m, 3, NA_WAIT_FOREVER));
}

static void one_1_then_row(struct na_port *m)
{
	one_1(m);
	run_01(m);
}

static void row_then_one_1(struct na_port *m)
{
	run_01(m);
	one_1(m);
}

static void row_then_one_3(struct na_port *m)
{
	run_01(m);
	one_3(m);
}

static void row_then_others(struct na_port *m)
{
	run_01(m);
	one_2(m);
	one_3(m);
}

static void timed_run(struct na_port *m)
{
	int err = use_run(m, 0, 2, 1000);

	SIM_EXPECT(!err || err == -ETIMEDOUT);
}

static void hasty_run(struct na_port *m)
{
	int err = use_run(m, 0, 2, 0);

	SIM_EXPECT(!err || err == -ETIMEDOUT);
}

static void refused_run(struct na_port *m)
{
	int err = use_run(m, 0, 2, NA_WAIT_FOREVER);

	SIM_EXPECT(!err || err == -EBUSY);
}

static void refused_run_twice(struct na_port *m)
{
	refused_run(m);
	refused_run(m);
}

static void refused_run_12(struct na_port *m)
{
	int err = use_run(m, 1, 2, NA_WAIT_FOREVER);

	SIM_EXPECT(!err || err == -EBUSY);
}

static void refused_one_1(struct na_port *m)
{
	int err = use_one(m, 1, NA_WAIT_FOREVER);

	SIM_EXPECT(!err || err == -EBUSY);
}

static void failing_run(struct na_port *m)
{
	int err = use_run(m, 0, 2, 0);

	SIM_EXPECT(!err || err == -ENOMEM || err == -ETIMEDOUT);
}

static void failing_one(struct na_port *m)
{
	int err = use_one(m, 1, 0);

	SIM_EXPECT(!err || err == -ENOMEM || err == -ETIMEDOUT);
}

/* --- others ----------------------------------------------------------------------------- */

static void convert_1(struct na_port *m)
{
	struct na_run run = na_run(na_frame(1), 1);
	int err;

	sim_call("na_convert_to(frame 1, UC)");
	err = na_convert_to(&m->engine, &run, 1, NA_UC, NA_LENT);
	SIM_EXPECT(!err || err == -EBUSY);
	if (err)
		return;
	sim_dev_expect(m, 1, 0, 11);
	for (;;) {
		sim_call("na_convert_back(frame 1)");
		err = na_convert_back(&m->engine, &run, 1, NA_UC, NA_LENT);
		if (!err)
			break;
		SIM_EXPECT(err == -EBUSY);
		na_relax();
	}
}

/* Frames 2 and 3 are this thread's: nobody else maps them. */
static void purge_all_own(struct na_port *m)
{
	run_23(m);
	sim_call("na_window_purge_all()");
	na_window_purge_all(scn_the_set(m));
	scn_expect_no_window(m, 2);
	scn_expect_no_window(m, 3);
}

static void purge_own(struct na_port *m)
{
	struct na_run run = na_run(na_frame(2), 2);

	run_23(m);
	sim_call("na_window_purge(frames 2-3)");
	SIM_EXPECT(!na_window_purge(scn_the_set(m), &run, 1));
	scn_expect_no_window(m, 2);
	scn_expect_no_window(m, 3);
}

/* Somebody else's engine converts frame 1, so nobody asks the set. */
static void run_after_unseen(struct na_port *m)
{
	struct na_run run = na_run(na_frame(1), 1);
	struct na_window window;
	u32 vp;

	run_01(m);
	SIM_EXPECT(!na_ledger_claim(&m->engine.ledger, &run, 1, NA_SYSTEM,
				    NA_WB));
	na_port_runs_mark(m, &run, 1, NA_UC);
	na_ledger_commit(&m->engine.ledger, &run, 1, NA_LENT, NA_UC);
	SIM_EXPECT(!na_window_map_run(scn_the_set(m), na_run(na_frame(0), 2),
				      0, &window));
	vp = sim_window_vp(m, window.addr);
	SIM_EXPECT(sim_xlate_type(m->pte[vp]) == NA_WB);
	SIM_EXPECT(sim_xlate_type(m->pte[vp + 1]) == NA_UC);
	SIM_EXPECT(!na_window_unmap_run(scn_the_set(m), window, 2));
	back_from_uc(m, 1);
}

const struct sim_scenario sim_scn_window_run[] = {
	{
		.name = "run-share",
		.what = "two CPUs map, share and revive one row",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 2,
		.thread = { { "A", 0, run_01_twice }, { "B", 1, run_01 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 3, 1, true },
	},
	{
		.name = "run-overlap",
		.what = "rows that share a frame, and a row within a row",
		.config = FRAMES(2, 3, 3),
		.nr_threads = 2,
		.thread = { { "A", 0, run_012 }, { "B", 1, run_12 } },
		.setup = three_slots, .finish = end_whole,
		.budget = { 3, 1, true },
	},
	{
		.name = "run-reclaim",
		.what = "a row is made while a single map reclaims its slots",
		.config = FRAMES(2, 3, 2),
		.nr_threads = 2,
		.thread = { { "row", 0, run_01_twice },
			    { "single", 1, one_2 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 2, 1, true },
	},
	{
		.name = "run-reclaim-3",
		.what = "two rows and a single map, two slots",
		.config = FRAMES(3, 4, 2),
		.nr_threads = 3,
		.thread = { { "A", 0, run_01 }, { "B", 1, run_23 },
			    { "C", 2, one_2 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 1, 1, true },
	},
	{
		.name = "run-single",
		.what = "single maps of a row's frames while it is made",
		.config = FRAMES(2, 3, 3),
		.nr_threads = 2,
		.thread = { { "A", 0, row_then_one_1 },
			    { "B", 1, one_1_then_row } },
		.setup = three_slots, .finish = end_whole,
		.budget = { 2, 1, true },
	},
	{
		.name = "run-wait",
		.what = "rows and single maps wait for each other",
		.config = FRAMES(2, 3, 2),
		.nr_threads = 3,
		.thread = { { "A", 0, run_01 }, { "B", 1, run_12 },
			    { "C", 1, one_2 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 2, 0, true },
	},
	{
		.name = "run-wait-same",
		.what = "a row is made while somebody waits for its first frame",
		.config = FRAMES(2, 4, 2),
		.nr_threads = 3,
		.thread = { { "row", 0, run_01_shared },
			    { "single", 1, one_0_is_enough },
			    { "other", 1, run_23 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 2, 0, true },
	},
	{
		.name = "run-wait-part",
		.what = "the run is there in part: who waits for it sleeps",
		.config = FRAMES(2, 4, 4),
		.nr_threads = 2,
		.thread = { { "row", 0, timed_run }, { "single", 1, one_1 } },
		.setup = row_in_part, .finish = end_in_part,
		.budget = { 2, 1, true },
	},
	{
		.name = "run-timeout",
		.what = "no row to be had: bounded wait and no wait",
		.config = FRAMES(2, 3, 2),
		.nr_threads = 3,
		.thread = { { "A", 0, one_2 }, { "B", 1, timed_run },
			    { "C", 1, hasty_run } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 2, 0, true },
	},
	{
		.name = "run-convert",
		.what = "a row against conversion of its last frame and return",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_1 },
			    { "user", 1, refused_run_twice } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 3, 1, true },
	},
	{
		.name = "run-convert-mixed",
		.what = "the same, frame 0 of another type: a call for each",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_1 },
			    { "user", 1, refused_run } },
		.setup = mixed_types, .finish = end_mixed,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "run-convert-slots",
		.what = "the frame has slots in two rows, single maps revive one",
		.config = FRAMES(3, 4, 4),
		.nr_threads = 3,
		.thread = { { "driver", 0, convert_1 },
			    { "user", 1, refused_run_12 },
			    { "single", 2, refused_one_1 } },
		.setup = two_rows, .finish = end_whole,
		.budget = { 1, 1, true },
	},
	{
		.name = "run-purge",
		.what = "purge of a row against another row, two slots",
		.config = FRAMES(2, 4, 2),
		.nr_threads = 2,
		.thread = { { "owner", 0, purge_own }, { "other", 1, run_01 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 3, 1, true },
	},
	{
		.name = "run-purge-all",
		.what = "kmap_flush_unused() of rows against a row",
		.config = FRAMES(2, 4, 2),
		.nr_threads = 2,
		.thread = { { "owner", 0, purge_all_own },
			    { "other", 1, run_01 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 3, 1, true },
	},
	{
		.name = "run-fail",
		.what = "each call that makes a row fails once",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_fix = 1,
			    .nr_win = 2, .failures_max = 2 },
		.nr_threads = 2,
		.thread = { { "row", 0, failing_run },
			    { "single", 1, failing_one } },
		.setup = mixed_types, .finish = end_mixed,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "run-foreign",
		.what = "a conversion that does not know of the set",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 1,
		.thread = { { "user", 0, run_after_unseen } },
		.setup = two_slots, .finish = end_whole,
		.checks_off = 1u << SIM_I1 | 1u << SIM_I2 | 1u << SIM_I6,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "run-bound",
		.what = "tame TLBs: shootdowns to CPUs that mapped the row",
		.config = { .nr_cpus = 2, .nr_high = 4, .nr_fix = 1,
			    .nr_win = 2, .tlb_is_tame = true },
		.nr_threads = 2,
		.thread = { { "A", 0, row_then_one_3 },
			    { "B", 1, row_then_others } },
		.setup = two_slots_bound, .finish = end_whole,
		.budget = { 2, 1, true },
	},
	{
		.name = "tso-run",
		.what = "run-convert with store buffers",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_fix = 1,
			    .nr_win = 2, .store_buffers = true },
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_1 },
			    { "user", 1, refused_run } },
		.setup = two_slots, .finish = end_whole,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "tso-run-wait",
		.what = "run-wait with store buffers",
		.config = { .nr_cpus = 2, .nr_high = 3, .nr_fix = 1,
			    .nr_win = 2, .store_buffers = true },
		.nr_threads = 3,
		.thread = { { "A", 0, run_01 }, { "B", 1, run_12 },
			    { "C", 1, one_2 } },
		.setup = two_slots, .finish = end_whole,
		.budget = { 1, 0, true },
	},
	{ 0 }
};
