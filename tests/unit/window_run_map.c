// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: runs of frames at consecutive addresses.
 */
#include "window_run_room.h"

/* --- a row that is made ----------------------------------------------------------- */

/* kills: all slots show the first frame; an order other than the run's */
static void run_shows_its_frames(void)
{
	struct na_window window;
	u32 i;

	begin(&eight_slots);
	window = map_run(7, 5);
	for (i = 0; i < 5; i++)
		EXPECT_EQ(users_of(window, i), 1);
	EXPECT_EQ(calls(FAKE_WINDOW_SET), 1);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
	EXPECT_EQ(stat(NA_WINDOW_MISSES), 5);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 5);
	unmap_run(window, 5);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 5);
	end_whole();
}

/* kills: the first frame's type for all of them */
static void run_takes_types_of_ledger(void)
{
	struct na_window window;

	begin(&eight_slots);
	EXPECT_EQ(to_uc(8, 2), 0);
	fake_forget(room.port);
	window = map_run(7, 4);
	expect_shown(addr_at(window, 0), 7, NA_WB);
	expect_shown(addr_at(window, 1), 8, NA_UC);
	expect_shown(addr_at(window, 2), 9, NA_UC);
	expect_shown(addr_at(window, 3), 10, NA_WB);
	/* As many as there are stretches of one type. */
	EXPECT_EQ(calls(FAKE_WINDOW_SET), 3);
	unmap_run(window, 4);
	EXPECT_EQ(back_from_uc(8, 2), 0);
	end_whole();
}

/* kills: a run of one that has rules of its own */
static void run_of_one_is_a_map(void)
{
	struct na_window one, run;

	begin(&four_slots);
	one = map(7);
	run = map_run(7, 1);
	EXPECT(one.addr == run.addr && one.idx == run.idx);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 1);
	unmap_run(run, 1);
	unmap_run(one, 1);
	run = map_run(8, 1);
	unmap(run);
	end_whole();
}

/* kills: a bound of one slot too few, or one too many */
static void run_may_take_whole_set(void)
{
	struct na_window window, more;

	begin(&four_slots);
	window = map_run(NR_FRAMES - 4, 4);
	EXPECT_EQ(window.idx, 0);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &more), -EAGAIN);
	unmap_run(window, 4);
	end_whole();
}

/* kills: lengths believed; sums that run over */
static void run_of_bad_length_is_refused(void)
{
	static const struct {
		unsigned long first;
		u32 nr;
		int err;
	} bad[] = {
		{ 7, 0, -EINVAL },
		{ 7, 5, -EINVAL },
		{ 7, ~0u, -EINVAL },
		{ NR_FRAMES - 1, 2, -ERANGE },
		{ NR_FRAMES - 3, 4, -ERANGE },
		{ NR_FRAMES, 1, -ERANGE },
		{ NR_FRAMES, 2, -ERANGE },
		{ ~0ul, 2, -ERANGE },
		{ ~0ul - 1, 4, -ERANGE },
		{ ~0ul, 1, -ERANGE },
	};
	struct na_window window;
	u32 i;

	begin(&four_slots);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(try_map_run(bad[i].first, bad[i].nr, &window),
			  bad[i].err);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), 4);
	leave_row(NR_FRAMES - 2, 2);
	end_whole();
}

/* --- a row that is there ------------------------------------------------------------ */

/* kills: a second row for a run that has one; users counted once a run */
static void run_present_is_shared(void)
{
	struct na_window one, two;
	u32 i;

	begin(&eight_slots);
	one = map_run(7, 3);
	fake_forget(room.port);
	two = map_run(7, 3);
	EXPECT(one.addr == two.addr && one.idx == two.idx);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 3);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(users_of(one, i), 2);
	unmap_run(one, 3);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 3);
	unmap_run(two, 3);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 3);
	end_whole();
}

/* kills: page table work at the revival of a row */
static void run_stale_is_revived(void)
{
	struct na_window one, two;

	begin(&eight_slots);
	leave_row(20, 2);
	one = leave_row(7, 3);
	fake_forget(room.port);
	two = map_run(7, 3);
	EXPECT_EQ(one.idx, two.idx);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 3);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 0);
	EXPECT_EQ(stat(NA_WINDOW_MISSES), 5);
	unmap_run(two, 3);
	end_whole();
}

/* kills: rows that can be shared from their first frame only */
static void run_within_row_shares_it(void)
{
	struct na_window row, part;

	begin(&eight_slots);
	row = map_run(7, 4);
	fake_forget(room.port);
	part = map_run(8, 2);
	EXPECT_EQ(part.idx, row.idx + 1);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(users_of(row, 0), 1);
	EXPECT_EQ(users_of(row, 1), 2);
	EXPECT_EQ(users_of(row, 3), 1);
	unmap_run(row, 4);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 2);
	unmap_run(part, 2);
	end_whole();
}

/* kills: only rows that one map made */
static void run_made_by_singles_is_shared(void)
{
	struct na_window one, two, row;

	begin(&four_slots);
	one = map(7);
	two = map(8);
	EXPECT_EQ(two.idx, one.idx + 1);
	row = map_run(7, 2);
	EXPECT_EQ(row.idx, one.idx);
	EXPECT_EQ(stat(NA_WINDOW_MISSES), 2);
	unmap(one);
	unmap(two);
	unmap_run(row, 2);
	end_whole();
}

/* kills: users of the slots that fit left behind when a later one does not */
static void run_longer_than_row_gives_users_back(void)
{
	struct na_window row, longer;

	begin(&eight_slots);
	row = map_run(7, 2);
	longer = map_run(7, 3);
	EXPECT(longer.idx >= row.idx + 2);
	EXPECT_EQ(users_of(row, 0), 1);
	EXPECT_EQ(users_of(row, 1), 1);
	unmap_run(row, 2);
	unmap_run(longer, 3);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 0);
	end_whole();
}

/* kills: the last slots of the set followed beyond the end */
static void run_longer_than_row_at_end_of_set(void)
{
	struct na_window row, longer;

	begin(&four_slots);
	unmap(map(1));
	unmap(map(2));
	row = map_run(7, 2);
	EXPECT_EQ(row.idx, 2);
	EXPECT_EQ(try_map_run(7, 3, &longer), -ETIMEDOUT);
	EXPECT_EQ(users_of(row, 0), 1);
	EXPECT_EQ(users_of(row, 1), 1);
	unmap_run(row, 2);
	end_whole();
}

/*
 * Several slots show frame 7. A look at the latest alone does not find the
 * row, which is behind it.
 *
 * kills: the first slot of the chain taken for the only one
 */
static void run_is_found_behind_other_slots_of_its_frame(void)
{
	struct na_window row, other, again;

	begin(&eight_slots);
	row = leave_row(7, 2);
	other = leave_row(6, 2);
	EXPECT(other.idx != row.idx);
	fake_forget(room.port);
	again = map_run(7, 2);
	EXPECT_EQ(again.idx, row.idx);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(users_of(other, 1), 0);
	unmap_run(again, 2);
	end_whole();
}

/* kills: rows hidden by a single map of their first frame, or the reverse */
static void run_and_single_of_one_frame(void)
{
	struct na_window single, row, again;

	begin(&eight_slots);
	single = map(7);
	leave_stale(9);
	row = map_run(7, 2);
	EXPECT(row.idx != single.idx);
	unmap(single);
	unmap_run(row, 2);
	/* A single map may have either; it takes no third. */
	fake_forget(room.port);
	single = map(7);
	again = map_run(7, 2);
	EXPECT_EQ(again.idx, row.idx);
	EXPECT_EQ(effects(), 0);
	unmap(single);
	unmap_run(again, 2);
	end_whole();
}

/* kills: a row with a hole in it taken for whole */
static void run_with_purged_frame_is_made_anew(void)
{
	struct na_run middle = run_of(8, 1);
	struct na_window row;

	begin(&eight_slots);
	leave_row(7, 3);
	EXPECT_EQ(na_window_purge(room.set, &middle, 1), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 2);
	row = map_run(7, 3);
	unmap_run(row, 3);
	end_whole();
}

/* kills: the first slots pinned when a later one has all users it can have */
static void run_refuses_too_many_users(void)
{
	struct na_window row, window;
	u32 i;

	begin(&four_slots);
	row = map_run(7, 3);
	for (i = 1; i < NA_WINDOW_USERS_MAX; i++)
		map(9);
	EXPECT_EQ(try_map_run(7, 3, &window), -EOVERFLOW);
	EXPECT_EQ(users_of(row, 0), 1);
	EXPECT_EQ(users_of(row, 1), 1);
	for (i = 1; i < NA_WINDOW_USERS_MAX; i++)
		unmap(one_of(row, 2));
	unmap_run(row, 3);
	end_whole();
}

static const struct tap_case cases[] = {
	TAP(run_shows_its_frames),
	TAP(run_takes_types_of_ledger),
	TAP(run_of_one_is_a_map),
	TAP(run_may_take_whole_set),
	TAP(run_of_bad_length_is_refused),
	TAP(run_present_is_shared),
	TAP(run_stale_is_revived),
	TAP(run_within_row_shares_it),
	TAP(run_made_by_singles_is_shared),
	TAP(run_longer_than_row_gives_users_back),
	TAP(run_longer_than_row_at_end_of_set),
	TAP(run_is_found_behind_other_slots_of_its_frame),
	TAP(run_and_single_of_one_frame),
	TAP(run_with_purged_frame_is_made_anew),
	TAP(run_refuses_too_many_users),
};

TAP_MAIN(cases)
