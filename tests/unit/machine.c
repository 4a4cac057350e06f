// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * machine: an instance begins empty, and reports if it does not end empty.
 */
#include <noalias/convert.h>

#include "world.h"

static void hold(struct world *w, enum na_state state)
{
	struct na_run run = run_of(3, 2);

	EXPECT_EQ(na_ledger_claim(&w->machine.ledger, &run, 1, NA_SYSTEM,
				  NA_WB), 0);
	na_ledger_commit(&w->machine.ledger, &run, 1, state, NA_UC);
}

/* kills: init without the ledger's checks */
static void init_no_frames(void)
{
	struct na_machine machine;
	struct world w;

	world_begin(&w, 8, 0);
	EXPECT_EQ(na_machine_init(&machine, w.port, 0), -EINVAL);
	world_end(&w);
}

/* kills: init that ignores the ledger's error */
static void init_no_memory(void)
{
	struct na_machine machine;
	struct world w;

	world_begin(&w, 8, 0);
	fake_fail(w.port, FAKE_FALLIBLE, 1, 1);
	EXPECT_EQ(na_machine_init(&machine, w.port, 8), -ENOMEM);
	EXPECT_EQ(fake_nr_blocks(w.port), 1);
	world_end(&w);
}

/* kills: counters that begin with what the memory held */
static void init_counts_nothing(void)
{
	struct na_machine machine;
	struct world w;
	int i;

	world_begin(&w, 8, 0);
	memset(&machine, 0xff, sizeof(machine));
	EXPECT_EQ(na_machine_init(&machine, w.port, 8), 0);
	for (i = 0; i < NR_NA_STATS; i++)
		EXPECT_EQ(na_stat_read(&machine, (enum na_stat)i), 0);
	for (i = 0; i < NR_NA_STATES; i++)
		EXPECT_EQ(na_ledger_count(&machine.ledger, (enum na_state)i),
			  0);
	na_machine_fini(&machine);
	world_end(&w);
}

/* kills: an instance that ends while a buffer lives */
static void fini_buffer_asserts(void)
{
	struct world w;

	world_begin(&w, 8, 0);
	hold(&w, NA_BUFFER);
	EXPECT_ASSERT("NA_BUFFER", na_machine_fini(&w.machine));
	world_abandon(&w);
}

/* kills: a driver's fault taken for one of ours; its frames touched */
static void fini_lent_is_left_alone(void)
{
	struct na_run run = run_of(1, 2);
	struct world w;

	world_begin(&w, 8, 4);
	fake_take(w.port, run);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	fake_forget(w.port);
	na_machine_fini(&w.machine);
	w.port->ledger = NULL;
	EXPECT_STR(fake_steps(w.port, 0), "");
	EXPECT_EQ(w.port->frames[1].direct, NA_UC);
	EXPECT_EQ(fake_nr_blocks(w.port), 0);
	world_abandon(&w);
}

/* kills: quarantine, which is for ever, taken for a leak */
static void fini_quarantined(void)
{
	struct world w;

	world_begin(&w, 8, 0);
	fake_take(w.port, run_of(3, 2));
	hold(&w, NA_QUARANTINED);
	world_end_with(&w, 2);
}

static int purge_nothing(struct na_purger *purger, const struct na_run *runs,
			 u32 nr_runs)
{
	(void)purger;
	(void)runs;
	(void)nr_runs;
	return 0;
}

static void purge_nothing_at_all(struct na_purger *purger)
{
	(void)purger;
}

/* kills: an instance that ends while a window set asks it */
static void fini_purger_asserts(void)
{
	struct na_purger purger = { .purge = purge_nothing,
				    .purge_all = purge_nothing_at_all };
	struct world w;

	world_begin(&w, 8, 0);
	na_machine_add_purger(&w.machine, &purger);
	EXPECT_ASSERT("purgers", na_machine_fini(&w.machine));
	na_machine_remove_purger(&w.machine, &purger);
	world_end(&w);
}

/* kills: a purger without a callback, called in the middle of a conversion */
static void add_purger_incomplete_asserts(void)
{
	struct na_purger purger = { .purge = purge_nothing };
	struct world w;

	world_begin(&w, 8, 0);
	EXPECT_ASSERT("purge_all",
		      na_machine_add_purger(&w.machine, &purger));
	world_end(&w);
}

/* kills: a counter without a name, two with one name */
static void stat_names_are_distinct(void)
{
	int i, j;

	for (i = 0; i < NR_NA_STATS; i++) {
		EXPECT(na_stat_name((enum na_stat)i));
		for (j = 0; j < i; j++)
			EXPECT(strcmp(na_stat_name((enum na_stat)i),
				      na_stat_name((enum na_stat)j)));
	}
}

/* kills: names of the table's end read beyond it */
static void stat_name_of_none(void)
{
	EXPECT_SAFE("NR_NA_STATS",
		    EXPECT_STR(na_stat_name(NR_NA_STATS), "unknown"));
}

static const struct tap_case cases[] = {
	TAP(init_no_frames),
	TAP(init_no_memory),
	TAP(init_counts_nothing),
	TAP(fini_buffer_asserts),
	TAP(fini_lent_is_left_alone),
	TAP(fini_quarantined),
	TAP(fini_purger_asserts),
	TAP(add_purger_incomplete_asserts),
	TAP(stat_names_are_distinct),
	TAP(stat_name_of_none),
};

TAP_MAIN(cases)
