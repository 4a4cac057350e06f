// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * ledger: claims are all or none.
 */
#include "ledger_world.h"

/* --- init and fini --- */

/* kills: no check of nr_frames */
static void init_no_frames(void)
{
	struct world w;
	struct na_ledger ledger;

	begin(&w);
	EXPECT_EQ(na_ledger_init(&ledger, w.port, 0), -EINVAL);
	end(&w);
}

/* kills: init that ignores a failed allocation */
static void init_no_memory(void)
{
	struct world w;
	struct na_ledger ledger;

	begin(&w);
	fake_fail(w.port, FAKE_FALLIBLE, 1, 1);
	EXPECT_EQ(na_ledger_init(&ledger, w.port, NR), -ENOMEM);
	na_ledger_fini(&ledger);
	end(&w);
}

/* kills: a leaf table rounded down */
static void init_last_leaf_is_there(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(ledger->nr_leaves, 3);
	end(&w);
}

/* kills: leaves that fini forgets */
static void fini_frees_leaves(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(0, NR)), 0);
	commit(ledger, run_of(0, NR), NA_SYSTEM, NA_WB);
	EXPECT_EQ(fake_nr_blocks(w.port), 5);
	end(&w);
}

/* kills: fini without a look at claimed frames */
static void fini_claimed_asserts(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(3, 1)), 0);
	EXPECT_ASSERT("NA_CLAIMED", na_ledger_fini(ledger));
	world_abandon(&w);
}

/* --- frames far apart --- */

#define TABLE (1ul << (NA_LEDGER_LEAF_SHIFT + NA_LEDGER_TABLE_SHIFT))
#define FAR (1ul << 34)		/* frames of 46 bits of addresses */

/* kills: frames beyond those of the start refused; a table for all of them */
static void far_frames_cost_what_is_claimed(void)
{
	const struct na_run runs[] = {
		{ { TABLE - 3 }, 6 }, { { FAR / 2 }, 1 }, { { FAR - 2 }, 2 },
	};
	struct na_ledger_entry entry;
	struct na_ledger ledger;
	struct na_frame frame;
	struct world w;
	u32 i;

	begin(&w);
	EXPECT_EQ(na_ledger_init(&ledger, w.port, FAR), 0);
	EXPECT_EQ(ledger.nr_tables, 4096);
	EXPECT_EQ(na_ledger_claim(&ledger, runs, 3, NA_SYSTEM, NA_WB), 0);
	na_ledger_commit(&ledger, runs, 3, NA_LENT, NA_UC);
	/* The machine's, the top, four tables, four leaves. */
	EXPECT_EQ(fake_nr_blocks(w.port), 1 + 1 + 4 + 4);
	frame = na_frame(0);
	for (i = 0; i < 9; i++) {
		EXPECT(na_ledger_next_held(&ledger, &frame, &entry));
		EXPECT_EQ(frame.nr, i < 6 ? TABLE - 3 + i :
			  i < 7 ? FAR / 2 : FAR - 9 + i);
		EXPECT_EQ(entry.type, NA_UC);
		frame = na_frame_add(frame, 1);
	}
	EXPECT(!na_ledger_next_held(&ledger, &frame, &entry));
	EXPECT_EQ(na_ledger_lookup(&ledger, na_frame(FAR - 3)).state,
		  NA_SYSTEM);
	EXPECT_EQ(na_ledger_claim(&ledger, &(struct na_run){ { FAR - 1 }, 2 },
				  1, NA_SYSTEM, NA_WB), -ERANGE);
	na_ledger_fini(&ledger);
	end(&w);
}

/* kills: a last table as long as the others; one that is one leaf short */
static void far_last_table_is_short(void)
{
	const struct na_run last = { { TABLE + 2 * 1024 }, 1 };
	struct na_ledger ledger;
	struct world w;

	begin(&w);
	EXPECT_EQ(na_ledger_init(&ledger, w.port, TABLE + 2 * 1024 + 1), 0);
	EXPECT_EQ(ledger.nr_tables, 2);
	EXPECT_EQ(na_ledger_claim(&ledger, &last, 1, NA_SYSTEM, NA_WB), 0);
	na_ledger_commit(&ledger, &last, 1, NA_SYSTEM, NA_WB);
	na_ledger_fini(&ledger);
	end(&w);
}

/* kills: a table that is there and a leaf that is not, taken for success */
static void far_no_memory(void)
{
	const struct na_run run = { { TABLE }, 1 };
	struct na_ledger ledger;
	struct world w;
	u32 nth;

	begin(&w);
	EXPECT_EQ(na_ledger_init(&ledger, w.port, FAR), 0);
	for (nth = 1; nth <= 2; nth++) {
		fake_fail(w.port, FAKE_FALLIBLE, nth, 1);
		EXPECT_EQ(na_ledger_claim(&ledger, &run, 1, NA_SYSTEM, NA_WB),
			  -ENOMEM);
	}
	EXPECT_EQ(na_ledger_claim(&ledger, &run, 1, NA_SYSTEM, NA_WB), 0);
	na_ledger_commit(&ledger, &run, 1, NA_SYSTEM, NA_WB);
	na_ledger_fini(&ledger);
	end(&w);
}

/* --- lookup --- */

/* kills: lookup that needs a leaf */
static void lookup_untouched(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	expect_run(ledger, run_of(0, NR), NA_SYSTEM, NA_WB);
	EXPECT_EQ(na_ledger_lookup(ledger, na_frame(5)).pins, 0);
	end(&w);
}

/* kills: no range check before the leaf table is indexed */
static void lookup_beyond(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	expect_run(ledger, run_of(NR, 1), NA_SYSTEM, NA_WB);
	expect_run(ledger, run_of(~0ul, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* --- claim --- */

/* kills: claim of fewer or more frames than asked for */
static void claim_takes_exactly_the_run(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(10, 5)), 0);
	expect_run(ledger, run_of(9, 1), NA_SYSTEM, NA_WB);
	expect_run(ledger, run_of(10, 5), NA_CLAIMED, NA_WB);
	expect_run(ledger, run_of(15, 1), NA_SYSTEM, NA_WB);
	EXPECT_EQ(world_count(&w, NA_CLAIMED), 5);
	commit(ledger, run_of(10, 5), NA_SYSTEM, NA_WB);
	expect_all_system(ledger);
	end(&w);
}

/* kills: leaves made for the first frame of a run only */
static void claim_across_leaves(void)
{
	struct na_run run = run_of(LEAF - 1, LEAF + 2);
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run), 0);
	expect_run(ledger, run, NA_CLAIMED, NA_WB);
	expect_run(ledger, run_of(2 * LEAF + 1, 1), NA_SYSTEM, NA_WB);
	commit(ledger, run, NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: no rollback within the run that refused */
static void claim_busy_last_frame_rolls_back(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(19, 1)), 0);
	EXPECT_EQ(claim(ledger, run_of(10, 10)), -EBUSY);
	expect_run(ledger, run_of(10, 9), NA_SYSTEM, NA_WB);
	expect_run(ledger, run_of(19, 1), NA_CLAIMED, NA_WB);
	commit(ledger, run_of(19, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: rollback that leaves out the whole runs, or stops one short */
static void claim_busy_last_run_rolls_back(void)
{
	const struct na_run runs[] = {
		run_of(0, 4), run_of(LEAF, 1), run_of(100, 3), run_of(50, 2),
	};
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(51, 1)), 0);
	EXPECT_EQ(na_ledger_claim(ledger, runs, 4, NA_SYSTEM, NA_WB), -EBUSY);
	commit(ledger, run_of(51, 1), NA_SYSTEM, NA_WB);
	expect_all_system(ledger);
	end(&w);
}

/* kills: rollback to SYSTEM, WB instead of what was there */
static void claim_busy_rolls_back_to_old_state(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(8, 3)), 0);
	commit(ledger, run_of(8, 3), NA_BUFFER, NA_WC);
	EXPECT_EQ(na_ledger_claim(ledger, &run, 1, NA_BUFFER, NA_WC), -EBUSY);
	expect_run(ledger, run_of(8, 3), NA_BUFFER, NA_WC);
	expect_run(ledger, run_of(11, 1), NA_SYSTEM, NA_WB);
	give_back(ledger, run_of(8, 3), NA_BUFFER, NA_WC);
	end(&w);
}

/* kills: counters moved before the outcome is known */
static void claim_busy_counts_nothing(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(5, 1)), 0);
	EXPECT_EQ(claim(ledger, run_of(0, 8)), -EBUSY);
	EXPECT_EQ(world_count(&w, NA_CLAIMED), 1);
	commit(ledger, run_of(5, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: a claim of CLAIMED frames that passes for one's own */
static void claim_same_run_twice_in_a_call(void)
{
	const struct na_run runs[] = { run_of(7, 2), run_of(7, 2) };
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_claim(ledger, runs, 2, NA_SYSTEM, NA_WB), -EBUSY);
	expect_all_system(ledger);
	end(&w);
}

/* kills: duplicates looked for by first frame only */
static void claim_overlapping_runs_in_a_call(void)
{
	const struct na_run runs[] = { run_of(20, 8), run_of(27, 4) };
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_claim(ledger, runs, 2, NA_SYSTEM, NA_WB), -EBUSY);
	expect_all_system(ledger);
	end(&w);
}

/* kills: state of the frame not looked at */
static void claim_other_state(void)
{
	struct na_run run = run_of(4, 2);
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run), 0);
	commit(ledger, run, NA_BUFFER, NA_UC);
	EXPECT_EQ(na_ledger_claim(ledger, &run, 1, NA_LENT, NA_UC), -EBUSY);
	EXPECT_EQ(claim(ledger, run), -EBUSY);
	give_back(ledger, run, NA_BUFFER, NA_UC);
	end(&w);
}

/* kills: type of the frame not looked at */
static void claim_other_type(void)
{
	struct na_run run = run_of(4, 2);
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run), 0);
	commit(ledger, run, NA_BUFFER, NA_UC);
	EXPECT_EQ(na_ledger_claim(ledger, &run, 1, NA_BUFFER, NA_WC), -EBUSY);
	expect_run(ledger, run, NA_BUFFER, NA_UC);
	give_back(ledger, run, NA_BUFFER, NA_UC);
	end(&w);
}

/* kills: quarantine as a state that ends */
static void claim_quarantined(void)
{
	struct na_run run = run_of(4, 2);
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run), 0);
	commit(ledger, run, NA_QUARANTINED, NA_WB);
	EXPECT_EQ(claim(ledger, run), -EBUSY);
	EXPECT_SAFE("from ==", EXPECT_EQ(na_ledger_claim(ledger, &run, 1,
							 NA_QUARANTINED, NA_WB),
					 -EINVAL));
	expect_run(ledger, run, NA_QUARANTINED, NA_WB);
	world_abandon(&w);
}

/* kills: a limit that is off by one */
static void claim_last_frame(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(NR - 1, 1)), 0);
	expect_run(ledger, run_of(NR - 1, 1), NA_CLAIMED, NA_WB);
	commit(ledger, run_of(NR - 1, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: a check of the first frame only, or with a sum that wraps */
static void claim_beyond_end(void)
{
	const struct na_run bad[] = {
		run_of(NR - 1, 2), run_of(NR, 1), run_of(0, NR + 1),
		run_of(NR - 1, ~0u), run_of(~0ul, 1), run_of(~0ul, 2),
		run_of(1, ~0u),
	};
	struct world w;
	struct na_ledger *ledger = begin(&w);
	u32 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(claim(ledger, bad[i]), -ERANGE);
	expect_all_system(ledger);
	end(&w);
}

/* kills: an empty run that passes, with its last frame before its first */
static void claim_empty_run(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(5, 0)), -ERANGE);
	EXPECT_EQ(claim(ledger, run_of(0, 0)), -ERANGE);
	end(&w);
}

/* kills: range checked run by run while claiming */
static void claim_last_run_beyond_end(void)
{
	const struct na_run runs[] = { run_of(7, 2), run_of(NR, 1) };
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_claim(ledger, runs, 2, NA_SYSTEM, NA_WB), -ERANGE);
	expect_all_system(ledger);
	end(&w);
}

/* kills: claim that goes on without a leaf */
static void claim_no_memory(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	fake_fail(w.port, FAKE_FALLIBLE, 3, 1);
	EXPECT_EQ(claim(ledger, run_of(0, NR)), -ENOMEM);
	expect_all_system(ledger);
	EXPECT_EQ(claim(ledger, run_of(0, NR)), 0);
	commit(ledger, run_of(0, NR), NA_SYSTEM, NA_WB);
	end(&w);
}

/* --- commit --- */

/* kills: commit that keeps the old type or state */
static void commit_gives_state_and_type(void)
{
	struct na_run run = run_of(30, 3);
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run), 0);
	commit(ledger, run, NA_LENT, NA_WC);
	expect_run(ledger, run, NA_LENT, NA_WC);
	EXPECT_EQ(world_count(&w, NA_LENT), 3);
	EXPECT_EQ(world_count(&w, NA_CLAIMED), 0);
	give_back(ledger, run, NA_LENT, NA_WC);
	end(&w);
}

/* kills: commit of frames that nobody claimed */
static void commit_unclaimed_asserts(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(3, 1)), 0);
	EXPECT_ASSERT("NA_CLAIMED", commit(ledger, run_of(3, 2), NA_BUFFER,
					   NA_UC));
	world_abandon(&w);
}

/* kills: frames of another type than WB given to the system (I4) */
static void commit_uncached_to_system_asserts(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(3, 1)), 0);
	EXPECT_ASSERT("NA_WB", commit(ledger, run_of(3, 1), NA_SYSTEM, NA_UC));
	world_abandon(&w);
}

/* kills: commit to CLAIMED, a claim without an owner */
static void commit_to_claimed_asserts(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(3, 1)), 0);
	EXPECT_ASSERT("to != NA_CLAIMED",
		      commit(ledger, run_of(3, 1), NA_CLAIMED, NA_WB));
	world_abandon(&w);
}

static const struct tap_case cases[] = {
	TAP(init_no_frames),
	TAP(init_no_memory),
	TAP(init_last_leaf_is_there),
	TAP(fini_frees_leaves),
	TAP(fini_claimed_asserts),
	TAP(far_frames_cost_what_is_claimed),
	TAP(far_last_table_is_short),
	TAP(far_no_memory),
	TAP(lookup_untouched),
	TAP(lookup_beyond),
	TAP(claim_takes_exactly_the_run),
	TAP(claim_across_leaves),
	TAP(claim_busy_last_frame_rolls_back),
	TAP(claim_busy_last_run_rolls_back),
	TAP(claim_busy_rolls_back_to_old_state),
	TAP(claim_busy_counts_nothing),
	TAP(claim_same_run_twice_in_a_call),
	TAP(claim_overlapping_runs_in_a_call),
	TAP(claim_other_state),
	TAP(claim_other_type),
	TAP(claim_quarantined),
	TAP(claim_last_frame),
	TAP(claim_beyond_end),
	TAP(claim_empty_run),
	TAP(claim_last_run_beyond_end),
	TAP(claim_no_memory),
	TAP(commit_gives_state_and_type),
	TAP(commit_unclaimed_asserts),
	TAP(commit_uncached_to_system_asserts),
	TAP(commit_to_claimed_asserts),
};

TAP_MAIN(cases)
