// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: frame and type of a map, before and after a conversion. Each missing
 * step shows as a wrong frame, a wrong type or a stale translation.
 */
#include "window_one.h"

/* --- map and unmap ----------------------------------------------------------- */

/* kills: the entry gets another frame or a fixed type */
static void map_shows_frame(void)
{
	struct na_window window;

	begin(&four_slots);
	window = map(7);
	expect_shown(window.addr, 7, NA_WB);
	EXPECT_EQ(state_of(window), NA_WINDOW_LIVE);
	EXPECT_EQ(na_window_info(room.set, window.idx).users, 1);
	EXPECT_EQ(stat(NA_WINDOW_MISSES), 1);
	unmap(window);
	end();
}

/* kills: type taken from the caller's world instead of the ledger */
static void map_takes_type_of_ledger(void)
{
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(to_uc(7, 2), 0);
	window = map(7);
	expect_shown(window.addr, 7, NA_UC);
	EXPECT_EQ(na_window_info(room.set, window.idx).type, NA_UC);
	unmap(window);
	EXPECT_EQ(back_from_uc(7, 2), 0);
	end();
}

/* kills: a second slot for a frame that has one */
static void map_nested_shares_slot(void)
{
	struct na_window one, two;

	begin(&four_slots);
	one = map(7);
	fake_forget(room.port);
	two = map(7);
	EXPECT(one.addr == two.addr && one.idx == two.idx);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(na_window_info(room.set, one.idx).users, 2);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 1);
	unmap(one);
	EXPECT_EQ(state_of(two), NA_WINDOW_LIVE);
	unmap(two);
	end();
}

/* kills: a hit that points slots, counts as something else, or is not one */
static void try_hit_takes_only_what_is_there(void)
{
	struct na_window live, hit;

	begin(&four_slots);
	EXPECT_EQ(na_window_try_hit(room.set, f(7), 0, &hit), -EAGAIN);
	live = map(7);
	fake_forget(room.port);
	EXPECT_EQ(na_window_try_hit(room.set, f(7), 0, &hit), 0);
	EXPECT(hit.addr == live.addr && hit.idx == live.idx);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 1);
	unmap(hit);
	unmap(live);
	EXPECT_EQ(na_window_try_hit(room.set, f(7), 0, &hit), 0);
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 1);
	EXPECT_EQ(state_of(hit), NA_WINDOW_LIVE);
	EXPECT_EQ(effects(), 0);
	unmap(hit);
	end();
}

/* kills: a hit on what is being taken back, or that is full */
static void try_hit_leaves_the_rest(void)
{
	struct na_window window, hit;
	u32 i;

	begin(&four_slots);
	window = leave_stale(7);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(state_of(window), NA_WINDOW_DYING);
	EXPECT_EQ(na_window_try_hit(room.set, f(7), 0, &hit), -EAGAIN);
	/* The ledger knows the frame: not plain, whatever its type. */
	window = leave_stale(7);
	EXPECT_EQ(na_window_try_hit(room.set, f(7), 0, &hit), -ESTALE);
	EXPECT_EQ(na_window_info(room.set, hit.idx).users, 1);
	unmap(hit);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	for (i = 0; i < NA_WINDOW_USERS_MAX; i++)
		window = map(9);
	EXPECT_EQ(na_window_try_hit(room.set, f(9), 0, &hit), -EAGAIN);
	for (i = 0; i < NA_WINDOW_USERS_MAX; i++)
		unmap(window);
	end();
}

/* kills: clearing or shooting down at unmap; a last unmap that keeps a user */
static void unmap_leaves_mapping(void)
{
	struct na_window window;

	begin(&four_slots);
	window = map(7);
	fake_forget(room.port);
	unmap(window);
	EXPECT_EQ(effects(), 0);
	EXPECT(fake_entry(room.port, window.addr).is_present);
	EXPECT_EQ(state_of(window), NA_WINDOW_STALE);
	end();
}

/* kills: unmap without a check of the count (the word borrows) */
static void unmap_twice_is_refused(void)
{
	struct na_window window;

	begin(&four_slots);
	window = leave_stale(7);
	EXPECT_EQ(na_window_unmap(room.set, window), -EINVAL);
	EXPECT_EQ(state_of(window), NA_WINDOW_STALE);
	window = map(7);
	EXPECT_EQ(na_window_info(room.set, window.idx).users, 1);
	unmap(window);
	/* Nor from a slot that is being taken back, or is free. */
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(state_of(window), NA_WINDOW_DYING);
	EXPECT_EQ(na_window_unmap(room.set, window), -EINVAL);
	na_window_purge_all(room.set);
	EXPECT_EQ(na_window_unmap(room.set, window), -EINVAL);
	EXPECT_EQ(state_of(window), NA_WINDOW_FREE);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: a window of nowhere believed */
static void unmap_of_garbage_is_refused(void)
{
	struct na_window window, wrong;

	begin(&four_slots);
	window = map(7);
	wrong = window;
	wrong.idx = (window.idx + 1) % 4;
	EXPECT_EQ(na_window_unmap(room.set, wrong), -EINVAL);
	wrong.idx = 4;
	EXPECT_EQ(na_window_unmap(room.set, wrong), -EINVAL);
	wrong = window;
	wrong.addr = NULL;
	EXPECT_EQ(na_window_unmap(room.set, wrong), -EINVAL);
	EXPECT_EQ(na_window_info(room.set, window.idx).users, 1);
	unmap(window);
	end();
}

/* kills: page table work at revival */
static void map_revives_stale(void)
{
	struct na_window one, two;

	begin(&four_slots);
	one = leave_stale(7);
	leave_stale(8);
	fake_forget(room.port);
	two = map(7);
	EXPECT(one.addr == two.addr);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 1);
	EXPECT_EQ(stat(NA_WINDOW_MISSES), 2);
	expect_shown(two.addr, 7, NA_WB);
	unmap(two);
	end();
}

/* kills: frames beyond the ledger mapped, their type unknown */
static void map_beyond_ledger_is_refused(void)
{
	struct na_window_local local;
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(na_window_map(room.set, f(NR_FRAMES), &window), -ERANGE);
	EXPECT_EQ(na_window_try_map(room.set, f(~0ul), &window), -ERANGE);
	EXPECT_EQ(na_window_local_map(room.set, f(NR_FRAMES), &local),
		  -ERANGE);
	window = map(NR_FRAMES - 1);
	unmap(window);
	end();
}

/* kills: user count that runs over into the state */
static void map_refuses_too_many_users(void)
{
	struct na_window window, last;
	u32 i;

	begin(&four_slots);
	window = map(7);
	for (i = 1; i < NA_WINDOW_USERS_MAX; i++)
		EXPECT_EQ(na_window_map(room.set, f(7), &last), 0);
	EXPECT_EQ(na_window_map(room.set, f(7), &last), -EOVERFLOW);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &last), -EOVERFLOW);
	EXPECT_EQ(na_window_info(room.set, window.idx).users,
		  NA_WINDOW_USERS_MAX);
	for (i = 0; i < NA_WINDOW_USERS_MAX; i++)
		unmap(window);
	EXPECT_EQ(state_of(window), NA_WINDOW_STALE);
	end();
}

/* kills: slot lost, or counted as pointed, when the port cannot set it */
static void map_survives_failing_set(void)
{
	struct na_window window, all[4];
	u32 i;

	begin(&four_slots);
	for (i = 0; i < 8; i++) {
		fake_fail(room.port, FAKE_WINDOW_FALLIBLE, 1, 1);
		EXPECT_EQ(na_window_map(room.set, f(7), &window), -ENOMEM);
	}
	EXPECT_EQ(views(7), 0);
	for (i = 0; i < 4; i++)
		all[i] = map(10 + i);
	for (i = 0; i < 4; i++)
		unmap(all[i]);
	end();
}

/* kills: no read-back of the entry; the frame forgotten afterwards */
static void map_gives_up_slot_of_wrong_type(void)
{
	struct na_window window;

	begin(&four_slots);
	room.port->wrong_type = NA_WC;
	EXPECT_EQ(na_window_map(room.set, f(7), &window), -EFAULT);
	room.port->wrong_type = NR_NA_MEMTYPES;
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(to_uc(7, 1), -EFAULT);
	/* Life goes on with the other slots, and with other frames. */
	EXPECT_EQ(to_uc(8, 1), 0);
	leave_stale(9);
	leave_stale(10);
	leave_stale(11);
	leave_stale(12);
	na_window_set_destroy(room.set);
	EXPECT_EQ(to_uc(7, 1), -EFAULT);
	abandon();
}

/* --- conversions --------------------------------------------------------------- */

/* kills: no look at the ledger at revival */
static void revive_of_claimed_frame_is_refused(void)
{
	struct na_window window;

	begin(&four_slots);
	leave_stale(7);
	claim(7);
	EXPECT_EQ(na_window_map(room.set, f(7), &window), -EBUSY);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &window), -EBUSY);
	EXPECT_EQ(stat(NA_WINDOW_REFUSED), 2);
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 0);
	commit(7, NA_SYSTEM, NA_WB);
	/* And no user was left behind. */
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: no look at the ledger before pointing a slot */
static void map_of_claimed_frame_is_refused(void)
{
	struct na_window window;

	begin(&four_slots);
	claim(7);
	EXPECT_EQ(na_window_map(room.set, f(7), &window), -EBUSY);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &window), -EBUSY);
	EXPECT_EQ(views(7), 0);
	commit(7, NA_QUARANTINED, NA_WB);
	EXPECT_EQ(na_window_map(room.set, f(7), &window), -EBUSY);
	EXPECT_EQ(effects(), 0);
	end();
}

/* kills: waiting for a slot that could not be used anyway */
static void map_of_claimed_frame_is_refused_without_slots(void)
{
	struct na_window live, window;

	begin(&one_slot);
	live = map(8);
	claim(7);
	EXPECT_EQ(na_window_map(room.set, f(7), &window), -EBUSY);
	EXPECT_EQ(calls(FAKE_WAIT), 0);
	commit(7, NA_SYSTEM, NA_WB);
	unmap(live);
	end();
}

/* kills: no comparison of types at revival */
static void revive_after_retype_gets_new_type(void)
{
	struct na_window window;

	begin(&four_slots);
	leave_stale(7);
	claim(7);
	commit(7, NA_LENT, NA_UC);
	/* Removing the old mapping takes a shootdown. */
	EXPECT_EQ(na_window_try_map(room.set, f(7), &window), -EAGAIN);
	window = map(7);
	expect_shown(window.addr, 7, NA_UC);
	EXPECT_EQ(fake_count_views(room.port, f(7), NA_WB), 0);
	unmap(window);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: conversion that does not ask the window sets */
static void convert_purges_stale(void)
{
	struct na_window window;

	begin_speculating(&four_slots);
	leave_stale(6);
	window = leave_stale(7);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(views(7), 0);
	EXPECT(views(6));
	EXPECT_EQ(state_of(window), NA_WINDOW_DYING);
	/* The conversion's own flush did it. */
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
	EXPECT_EQ(stat(NA_WINDOW_PURGED), 1);
	window = map(7);
	expect_shown(window.addr, 7, NA_UC);
	unmap(window);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: purge that takes slots in use */
static void convert_refuses_live(void)
{
	struct na_window window;

	begin(&four_slots);
	window = map(7);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	EXPECT_EQ(na_ledger_lookup(&room.machine.ledger, f(7)).state,
		  NA_SYSTEM);
	expect_shown(window.addr, 7, NA_WB);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: purge that takes the first unmap for the last */
static void convert_refuses_nested(void)
{
	struct na_window window;

	begin(&four_slots);
	window = map(7);
	map(7);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	expect_shown(window.addr, 7, NA_WB);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: refused conversion that leaves the frame claimed or the slot dead */
static void convert_refused_leaves_frames_mappable(void)
{
	struct na_window live, window;

	begin(&four_slots);
	leave_stale(6);
	live = map(7);
	leave_stale(8);
	EXPECT_EQ(to_uc(6, 3), -EBUSY);
	/* Stale ones are gone all the same. */
	EXPECT_EQ(fake_entry(room.port, live.addr).frame.nr, 7);
	EXPECT_EQ(stat(NA_WINDOW_PURGED), 2);
	window = map(6);
	expect_shown(window.addr, 6, NA_WB);
	unmap(window);
	unmap(live);
	EXPECT_EQ(to_uc(6, 3), 0);
	EXPECT_EQ(back_from_uc(6, 3), 0);
	end();
}

/* kills: conversion back that leaves stale UC windows to the next owner */
static void convert_back_purges_stale(void)
{
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(to_uc(7, 1), 0);
	window = map(7);
	EXPECT_EQ(back_from_uc(7, 1), -EBUSY);
	EXPECT_EQ(na_ledger_lookup(&room.machine.ledger, f(7)).type, NA_UC);
	EXPECT_EQ(na_ledger_lookup(&room.machine.ledger, f(7)).state,
		  NA_LENT);
	expect_shown(window.addr, 7, NA_UC);
	unmap(window);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	EXPECT_EQ(views(7), 0);
	end();
}

/* kills: only the first set asked; answer of one set lost to the next */
static void convert_asks_every_set(void)
{
	struct na_window_set *other;
	struct na_window window, second;

	begin(&four_slots);
	EXPECT_EQ(na_window_set_create(&room.machine, &one_slot, &other), 0);
	window = map(7);
	EXPECT_EQ(na_window_map(other, f(7), &second), 0);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	window = map(7);
	na_window_unmap(other, second);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(views(7), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	na_window_set_destroy(other);
	end();
}

/* kills: entry that did not go taken for gone */
static void convert_refused_when_entry_stays(void)
{
	begin(&four_slots);
	leave_stale(7);
	room.port->nr_slot_lies = 1;
	EXPECT_EQ(to_uc(7, 1), -EFAULT);
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(to_uc(7, 1), -EFAULT);
	EXPECT_EQ(na_ledger_lookup(&room.machine.ledger, f(7)).type, NA_WB);
	abandon();
}

/* kills: na_purge_stale(), na_purge_all() that know nothing of windows */
static void machine_purge_reaches_windows(void)
{
	struct na_run run = run_of(7, 1);
	struct na_window live;

	begin_speculating(&four_slots);
	leave_stale(7);
	leave_stale(8);
	EXPECT_EQ(na_purge_stale(&room.machine, &run, 1), 0);
	EXPECT_EQ(views(7), 0);
	EXPECT(views(8));
	live = map(9);
	na_purge_all(&room.machine);
	EXPECT_EQ(views(8), 0);
	EXPECT_EQ(fake_entry(room.port, live.addr).frame.nr, 9);
	unmap(live);
	end();
}

static const struct tap_case cases[] = {
	TAP(map_shows_frame),
	TAP(map_takes_type_of_ledger),
	TAP(map_nested_shares_slot),
	TAP(try_hit_takes_only_what_is_there),
	TAP(try_hit_leaves_the_rest),
	TAP(unmap_leaves_mapping),
	TAP(unmap_twice_is_refused),
	TAP(unmap_of_garbage_is_refused),
	TAP(map_revives_stale),
	TAP(map_beyond_ledger_is_refused),
	TAP(map_refuses_too_many_users),
	TAP(map_survives_failing_set),
	TAP(map_gives_up_slot_of_wrong_type),
	TAP(revive_of_claimed_frame_is_refused),
	TAP(map_of_claimed_frame_is_refused),
	TAP(map_of_claimed_frame_is_refused_without_slots),
	TAP(revive_after_retype_gets_new_type),
	TAP(convert_purges_stale),
	TAP(convert_refuses_live),
	TAP(convert_refuses_nested),
	TAP(convert_refused_leaves_frames_mappable),
	TAP(convert_back_purges_stale),
	TAP(convert_asks_every_set),
	TAP(convert_refused_when_entry_stays),
	TAP(machine_purge_reaches_windows),
};

TAP_MAIN(cases)
