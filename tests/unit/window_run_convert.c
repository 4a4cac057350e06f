// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: rows against conversions, purges, and a port that fails.
 */
#include "window_run_room.h"

/* --- conversions and purges ------------------------------------------------------------- */

/* kills: the ledger asked for the first frame only; slots lost on the way */
static void run_with_claimed_frame_is_refused(void)
{
	struct na_window window;
	u32 at;

	for (at = 0; at < 4; at++) {
		begin(&four_slots);
		claim(7 + at);
		EXPECT_EQ(try_map_run(7, 4, &window), -EBUSY);
		EXPECT_EQ(na_window_map_run(room.set, run_of(7, 4),
					    NA_WAIT_FOREVER, &window), -EBUSY);
		EXPECT_EQ(effects(), 0);
		EXPECT_EQ(count_slots(NA_WINDOW_FREE), 4);
		EXPECT_EQ(stat(NA_WINDOW_REFUSED), 2);
		commit(7 + at, NA_SYSTEM, NA_WB);
		leave_row(7, 4);
		end_whole();
	}
}

/* kills: users left behind when the ledger refuses a later slot's revival */
static void run_stale_with_claimed_frame_is_refused(void)
{
	struct na_window row, window;
	u32 at, i;

	for (at = 0; at < 4; at++) {
		begin(&four_slots);
		row = leave_row(7, 4);
		claim(7 + at);
		EXPECT_EQ(try_map_run(7, 4, &window), -EBUSY);
		for (i = 0; i < 4; i++)
			EXPECT_EQ(users_of(row, i), 0);
		EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 0);
		commit(7 + at, NA_SYSTEM, NA_WB);
		EXPECT_EQ(to_uc(7, 4), 0);
		EXPECT_EQ(back_from_uc(7, 4), 0);
		end_whole();
	}
}

/* kills: quarantined frames shown in the middle of a row */
static void run_with_quarantined_frame_is_refused(void)
{
	struct na_window window;

	begin(&four_slots);
	claim(8);
	commit(8, NA_QUARANTINED, NA_WB);
	EXPECT_EQ(try_map_run(7, 3, &window), -EBUSY);
	EXPECT_EQ(effects(), 0);
	end_whole();
}

/* kills: the frames before a claimed one pointed for nothing */
static void run_of_types_with_claimed_frame_is_refused(void)
{
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(to_uc(8, 1), 0);
	claim(9);
	fake_forget(room.port);
	EXPECT_EQ(try_map_run(7, 3, &window), -EBUSY);
	EXPECT_EQ(effects(), 0);
	commit(9, NA_SYSTEM, NA_WB);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end_whole();
}

static void *claim_last(void *unused)
{
	claim(9);
	return unused;
}

/* By another CPU: this one has a lock, and a claim may sleep. */
static void claim_last_at_set(struct na_port *port, enum fake_call call)
{
	pthread_t other;

	if (call != FAKE_WINDOW_SET)
		return;
	port->hook = NULL;
	EXPECT(!pthread_create(&other, NULL, claim_last, NULL));
	EXPECT(!pthread_join(other, NULL));
}

/*
 * The claim comes while entries are set: whoever claims asks for index_lock
 * next and waits for us, so both ways are right; only there is no third.
 *
 * kills: a look at the ledger whose answer is taken for the first one's
 */
static void run_claimed_while_pointed_is_refused(void)
{
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(to_uc(8, 1), 0);
	room.port->hook = claim_last_at_set;
	EXPECT_EQ(try_map_run(7, 3, &window), -EBUSY);
	EXPECT(!room.port->hook);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 0);
	EXPECT_EQ(views(9), 0);
	commit(9, NA_SYSTEM, NA_WB);
	leave_row(7, 3);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end_whole();
}

/* kills: purge that takes the first slot of a frame for the only one */
static void purge_takes_all_slots_of_frame(void)
{
	struct na_run run = run_of(7, 1);

	begin_speculating(&eight_slots);
	leave_stale(7);
	leave_stale(20);
	leave_row(7, 2);
	leave_row(6, 2);
	EXPECT(fake_count_views(room.port, f(7), NA_WB) >= 3);
	fake_forget(room.port);
	EXPECT_EQ(na_window_purge(room.set, &run, 1), 0);
	EXPECT_EQ(views(7), 0);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	EXPECT_EQ(stat(NA_WINDOW_PURGED), 3);
	EXPECT(views(6) && views(8));
	end_whole();
}

/* kills: conversion that finds one of the frame's slots and is content */
static void convert_takes_all_slots_of_frame(void)
{
	struct na_window row;

	begin_speculating(&eight_slots);
	leave_stale(7);
	leave_stale(20);
	leave_row(7, 2);
	leave_row(6, 2);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(views(7), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_DYING), 3);
	row = map_run(6, 3);
	expect_shown(addr_at(row, 1), 7, NA_UC);
	unmap_run(row, 3);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end_whole();
}

/* kills: a live slot behind a stale one of the same frame overlooked */
static void convert_refuses_any_live_slot_of_frame(void)
{
	struct na_window rows[3], live;
	u32 i;

	for (i = 0; i < 3; i++) {
		begin(&eight_slots);
		rows[0] = leave_stale(7);
		leave_stale(20);
		rows[1] = leave_row(7, 2);
		rows[2] = one_of(leave_row(6, 2), 1);
		/* Whatever slot a map would take: this one is in use. */
		live = rows[i];
		if (i == 0)
			live = map(7);
		if (i == 1)
			live = map_run(7, 2);
		if (i == 2)
			live = map_run(6, 2);
		EXPECT_EQ(to_uc(7, 1), -EBUSY);
		EXPECT_EQ(count_slots(NA_WINDOW_DYING), 2);
		EXPECT_EQ(count_slots(NA_WINDOW_LIVE), i ? 2 : 1);
		unmap_run(live, i ? 2 : 1);
		EXPECT_EQ(to_uc(7, 1), 0);
		EXPECT_EQ(views(7), 0);
		EXPECT_EQ(back_from_uc(7, 1), 0);
		end_whole();
	}
}

/* kills: conversion not refused because of a frame in a row's middle */
static void convert_refuses_each_frame_of_row(void)
{
	struct na_window row;
	u32 i;

	begin(&four_slots);
	row = map_run(7, 3);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(to_uc(7 + i, 1), -EBUSY);
	expect_row(row, 7, 3);
	unmap_run(row, 3);
	EXPECT_EQ(to_uc(7, 3), 0);
	EXPECT_EQ(back_from_uc(7, 3), 0);
	end_whole();
}

/* Frame 8 becomes UC, and nobody tells the set. */
static void retype_behind_its_back(void)
{
	claim(8);
	commit(8, NA_LENT, NA_UC);
}

/* kills: no comparison of types at the revival of a row */
static void run_after_retype_gets_new_type(void)
{
	struct na_window row;

	begin(&eight_slots);
	leave_row(7, 3);
	retype_behind_its_back();
	row = map_run(7, 3);
	expect_shown(addr_at(row, 1), 8, NA_UC);
	EXPECT_EQ(fake_count_views(room.port, f(8), NA_WB), 0);
	unmap_run(row, 3);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end_whole();
}

/* kills: a refusal because somebody holds another frame of the run */
static void run_after_retype_with_neighbour_held(void)
{
	struct na_window live, row;

	begin(&eight_slots);
	live = one_of(leave_row(7, 3), 0);
	EXPECT_EQ(map(7).idx, live.idx);
	retype_behind_its_back();
	row = map_run(7, 3);
	EXPECT_EQ(fake_count_views(room.port, f(8), NA_WB), 0);
	unmap_run(row, 3);
	unmap(live);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end_whole();
}

/* --- a port that fails ------------------------------------------------------------------- */

/* kills: slots lost, or put back twice, when one of the calls fails */
static void run_survives_each_failing_set(void)
{
	struct na_window window;
	u32 at, i;

	for (at = 1; at <= 3; at++) {
		begin(&four_slots);
		EXPECT_EQ(to_uc(8, 1), 0);
		for (i = 0; i < 8; i++) {
			fake_fail(room.port, FAKE_WINDOW_FALLIBLE, at, 1);
			EXPECT_EQ(try_map_run(7, 3, &window), -ENOMEM);
			EXPECT_EQ(room.port->fails_at, 0);
		}
		EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 0);
		leave_row(7, 3);
		EXPECT_EQ(back_from_uc(8, 1), 0);
		end_whole();
	}
}

/* kills: what was pointed before a call failed thrown away, or kept in use */
static void run_that_failed_leaves_good_slots_stale(void)
{
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(to_uc(8, 1), 0);
	fake_fail(room.port, FAKE_WINDOW_FALLIBLE, 2, 1);
	EXPECT_EQ(try_map_run(7, 3, &window), -ENOMEM);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 1);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), 3);
	EXPECT_EQ(views(8) + views(9), 0);
	unmap(map(7));
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 1);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end_whole();
}

static void lie_at_second_set(struct na_port *port, enum fake_call call)
{
	if (call == FAKE_WINDOW_SET && calls(FAKE_WINDOW_SET) == 2)
		port->nr_slot_lies = 1;
}

/* kills: no read-back of the slots behind the first; users of good ones kept */
static void run_gives_up_slot_that_shows_nothing(void)
{
	struct na_window window;

	begin(&eight_slots);
	EXPECT_EQ(to_uc(8, 1), 0);
	fake_forget(room.port);
	room.port->hook = lie_at_second_set;
	EXPECT_EQ(try_map_run(7, 3, &window), -EFAULT);
	room.port->hook = NULL;
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(count_slots(NA_WINDOW_DEAD), 1);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 0);
	/* Who knows what it shows: the frame stays as it is for good. */
	EXPECT_EQ(back_from_uc(8, 1), -EFAULT);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	/* Life goes on around the dead slot. */
	leave_row(20, 3);
	leave_row(30, 3);
	expect_usable(7);
	abandon();
}

/* kills: one bad slot of a piece that takes the good ones with it */
static void run_gives_up_first_slot_of_piece(void)
{
	struct na_window window;

	begin(&eight_slots);
	room.port->nr_slot_lies = 1;
	EXPECT_EQ(try_map_run(7, 3, &window), -EFAULT);
	EXPECT_EQ(count_slots(NA_WINDOW_DEAD), 1);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 2);
	EXPECT_EQ(to_uc(7, 1), -EFAULT);
	EXPECT_EQ(to_uc(8, 2), 0);
	EXPECT_EQ(back_from_uc(8, 2), 0);
	expect_usable(7);
	abandon();
}

/* kills: a slot whose entry stays taken into the row all the same */
static void run_avoids_slot_whose_entry_stays(void)
{
	struct na_window row;

	begin(&eight_slots);
	leave_row(0, 8);
	room.port->nr_slot_lies = 1;
	row = map_run(10, 4);
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(na_window_info(room.set, 0).state, NA_WINDOW_DEAD);
	EXPECT(row.idx > 0);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	EXPECT_EQ(to_uc(0, 1), -EFAULT);
	unmap_run(row, 4);
	expect_usable(7);
	abandon();
}

/* kills: row that goes round in search of one that a dead slot rules out */
static void run_that_dead_slot_rules_out(void)
{
	struct na_window window;

	begin(&four_slots);
	leave_row(0, 4);
	room.port->nr_slot_lies = 1;
	EXPECT_EQ(try_map_run(10, 4, &window), -ETIMEDOUT);
	EXPECT_EQ(try_map_run(10, 4, &window), -ETIMEDOUT);
	leave_row(10, 3);
	expect_usable(3);
	abandon();
}

static const struct tap_case cases[] = {
	TAP(run_with_claimed_frame_is_refused),
	TAP(run_stale_with_claimed_frame_is_refused),
	TAP(run_with_quarantined_frame_is_refused),
	TAP(run_of_types_with_claimed_frame_is_refused),
	TAP(run_claimed_while_pointed_is_refused),
	TAP(purge_takes_all_slots_of_frame),
	TAP(convert_takes_all_slots_of_frame),
	TAP(convert_refuses_any_live_slot_of_frame),
	TAP(convert_refuses_each_frame_of_row),
	TAP(run_after_retype_gets_new_type),
	TAP(run_after_retype_with_neighbour_held),
	TAP(run_survives_each_failing_set),
	TAP(run_that_failed_leaves_good_slots_stale),
	TAP(run_gives_up_slot_that_shows_nothing),
	TAP(run_gives_up_first_slot_of_piece),
	TAP(run_avoids_slot_whose_entry_stays),
	TAP(run_that_dead_slot_rules_out),
};

TAP_MAIN(cases)
