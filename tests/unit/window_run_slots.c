// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: which slots a row takes.
 */
#include "window_run_room.h"

/* kills: stale slots taken while there is room; a shootdown for free ones */
static void run_spares_stale_while_there_is_room(void)
{
	struct na_window stale, row;

	begin(&four_slots);
	stale = leave_stale(1);
	fake_forget(room.port);
	row = map_run(7, 3);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
	EXPECT_EQ(calls(FAKE_WINDOW_CLEAR), 0);
	EXPECT_EQ(state_of(stale), NA_WINDOW_STALE);
	unmap_run(row, 3);
	end_whole();
}

/* kills: a shootdown for each row; a batch left unused */
static void run_reclaim_serves_several_rows(void)
{
	struct na_window row;
	u32 i;

	begin(&eight_slots);
	leave_row(0, 8);
	for (i = 0; i < 4; i++) {
		row = map_run(10 + 2 * i, 2);
		EXPECT_EQ(row.idx, 2 * i);
		unmap_run(row, 2);
		EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1 + i / 2);
		EXPECT_EQ(calls(FAKE_WINDOW_CLEAR), 1 + i / 2);
		EXPECT_EQ(room.port->last_nr, 4);
	}
	EXPECT_EQ(stat(NA_WINDOW_RECLAIMED), 8);
	EXPECT_EQ(stat(NA_WINDOW_SHOOTDOWNS), 2);
	end_whole();
}

/* kills: a row that is longer than a batch paid for twice */
static void run_among_stale_is_one_shootdown(void)
{
	struct na_window_config config = { .nr_slots = 8, .batch_max = 1 };
	struct na_window row;

	begin_speculating(&config);
	leave_row(0, 8);
	row = map_run(10, 4);
	EXPECT_EQ(calls(FAKE_WINDOW_CLEAR), 1);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	EXPECT_EQ(room.port->last_nr, 4);
	EXPECT_EQ(views(0) + views(1) + views(2) + views(3), 0);
	/* The other half is as it was. */
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 4);
	unmap_run(row, 4);
	end_whole();
}

/* kills: the row just made taken first for the next one */
static void run_reclaim_goes_round(void)
{
	struct na_window_config config = { .nr_slots = 8, .batch_max = 2 };
	u32 i;

	begin(&config);
	for (i = 0; i < 4; i++)
		leave_row(2 * i, 2);
	leave_row(20, 2);
	leave_row(30, 2);
	/* The two that were pointed longest ago are gone, the others there. */
	fake_forget(room.port);
	leave_row(30, 2);
	leave_row(20, 2);
	leave_row(6, 2);
	leave_row(4, 2);
	EXPECT_EQ(effects(), 0);
	end_whole();
}

/* kills: free slots that are no row thrown away, or taken as one */
static void run_joins_free_and_stale(void)
{
	struct na_run purged[2] = { run_of(1, 1), run_of(3, 1) };
	struct na_window row;

	begin(&four_slots);
	leave_row(0, 4);
	EXPECT_EQ(na_window_purge(room.set, purged, 2), 0);
	fake_forget(room.port);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), 2);
	row = map_run(10, 3);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	unmap_run(row, 3);
	end_whole();
}

/* kills: a slot in use taken; a batch thrown away for a row not to be had */
static void run_respects_live(void)
{
	struct na_window_config config = { .nr_slots = 6, .batch_max = 3 };
	struct na_window live, row, window;

	begin(&config);
	leave_row(0, 6);
	live = map(2);
	EXPECT_EQ(live.idx, 2);
	fake_forget(room.port);
	EXPECT_EQ(try_map_run(10, 4, &window), -ETIMEDOUT);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 5);
	row = map_run(10, 3);
	EXPECT_EQ(row.idx, 3);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	expect_shown(live.addr, 2, NA_WB);
	EXPECT_EQ(try_map_run(20, 3, &window), -ETIMEDOUT);
	unmap(live);
	window = map_run(20, 3);
	EXPECT_EQ(window.idx, 0);
	unmap_run(window, 3);
	unmap_run(row, 3);
	end_whole();
}

/* kills: old frame seen in a row by a CPU that had it */
static void run_reclaim_drops_old_translations(void)
{
	struct na_window row, old;
	u32 cpu;

	begin(&four_slots);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		fake_cpu = cpu;
		old = map_run(0, 4);
		unmap_run(old, 4);
	}
	row = map_run(10, 4);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		fake_cpu = cpu;
		expect_row(row, 10, 4);
	}
	unmap_run(row, 4);
	end_whole();
}

static void steal_during(struct na_port *port, enum fake_call call)
{
	struct na_window window;

	if (call != FAKE_SHOOTDOWN && call != FAKE_WINDOW_CLEAR)
		return;
	port->hook = NULL;
	EXPECT_EQ(na_window_try_map(room.set, f(99), &window), -EAGAIN);
	port->hook = steal_during;
	(*(u32 *)port->hook_arg)++;
}

/* kills: slots of the row to be had by others before the row is pointed */
static void run_keeps_its_slots_to_itself(void)
{
	struct na_run purged = run_of(0, 1);
	struct na_window row;
	u32 nr_tries = 0;

	begin(&four_slots);
	leave_row(0, 4);
	EXPECT_EQ(na_window_purge(room.set, &purged, 1), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), 1);
	room.port->hook = steal_during;
	room.port->hook_arg = &nr_tries;
	row = map_run(10, 4);
	EXPECT_EQ(nr_tries, 2);
	unmap_run(row, 4);
	room.port->hook = NULL;
	end_whole();
}

/*
 * The conversion was refused before it flushed: its slots rest, and the TLBs
 * still have what they showed.
 */
static void rest_all(void)
{
	leave_row(0, 4);
	room.port->kmap_live = f(3);
	EXPECT_EQ(to_uc(0, 4), -EBUSY);
	room.port->kmap_live = f(~0ul);
	EXPECT(views(0) && views(1) && views(2) && views(3));
	fake_forget(room.port);
}

/* kills: slots that rest since a conversion pointed before the shootdown */
static void run_uses_resting_slots_after_shootdown(void)
{
	struct na_window row;

	begin(&four_slots);
	rest_all();
	EXPECT_EQ(count_slots(NA_WINDOW_DYING), 4);
	row = map_run(10, 4);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	EXPECT_EQ(room.port->last_nr, 4);
	EXPECT_EQ(calls(FAKE_WINDOW_CLEAR), 0);
	EXPECT_EQ(views(0) + views(1) + views(2) + views(3), 0);
	unmap_run(row, 4);
	end_whole();
}

/* kills: slots that rest shot down for a row that does not need them */
static void run_of_free_slots_lets_others_rest(void)
{
	struct na_window row;

	begin(&eight_slots);
	rest_all();
	row = map_run(10, 4);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_DYING), 4);
	unmap_run(row, 4);
	end_whole();
}

/* kills: CPUs that used a later slot of the row left out of the shootdown */
static void run_is_noted_slot_by_slot(void)
{
	struct na_window row;
	u32 i;

	begin(&bound);
	for (i = 0; i < 3; i++) {
		struct na_run one = run_of(7 + i, 1);

		fake_cpu = 1;
		row = map_run(7, 3);
		fake_cpu = 2;
		unmap_run(map_run(7, 3), 3);
		unmap_run(row, 3);
		EXPECT_EQ(na_window_purge(room.set, &one, 1), 0);
		EXPECT_EQ(room.port->last_cpus.bits, 0x6);
		EXPECT_EQ(views(7 + i), 0);
		na_window_purge_all(room.set);
	}
	fake_cpu = 0;
	end_whole();
}

static const struct tap_case cases[] = {
	TAP(run_spares_stale_while_there_is_room),
	TAP(run_reclaim_serves_several_rows),
	TAP(run_among_stale_is_one_shootdown),
	TAP(run_reclaim_goes_round),
	TAP(run_joins_free_and_stale),
	TAP(run_respects_live),
	TAP(run_reclaim_drops_old_translations),
	TAP(run_keeps_its_slots_to_itself),
	TAP(run_uses_resting_slots_after_shootdown),
	TAP(run_of_free_slots_lets_others_rest),
	TAP(run_is_noted_slot_by_slot),
};

TAP_MAIN(cases)
