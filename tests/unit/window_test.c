// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: what a set promises, with the wrong frame, the wrong type or a
 * stale translation as the price of each step left out.
 * Runs of frames are in window_run.c, threads in window_race.c.
 */
#include "window_room.h"

static const struct na_window_config four_slots = {
	.nr_slots = 4, .batch_max = 2, .local_depth = 2,
};
static const struct na_window_config one_slot = { .nr_slots = 1 };
static const struct na_window_config bound = {
	.nr_slots = 2, .batch_max = 2, .is_cpu_bound = true,
};

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
	winport_forget(room.port);
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
	winport_forget(room.port);
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
	winport_forget(room.port);
	unmap(window);
	EXPECT_EQ(effects(), 0);
	EXPECT(winport_entry(room.port, window.addr).is_present);
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
	winport_forget(room.port);
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
		room.port->fails_at = 1;
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
	EXPECT_EQ(calls(WINPORT_WAIT), 0);
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
	EXPECT_EQ(winport_count_views(room.port, f(7), NA_WB), 0);
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
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
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
	EXPECT_EQ(winport_entry(room.port, live.addr).frame.nr, 7);
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
	room.port->nr_lies = 1;
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
	EXPECT_EQ(winport_entry(room.port, live.addr).frame.nr, 9);
	unmap(live);
	end();
}

/* --- reclaim ------------------------------------------------------------------- */

/* kills: a shootdown for each slot; a batch of one; all slots at once */
static void reclaim_batch_is_one_shootdown(void)
{
	struct na_window_config config = { .nr_slots = 8, .batch_max = 4 };
	struct na_window window;
	u32 i;

	begin(&config);
	for (i = 0; i < 8; i++)
		leave_stale(i);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
	for (i = 8; i < 12; i++) {
		window = map(i);
		expect_shown(window.addr, i, NA_WB);
		unmap(window);
		EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
		EXPECT_EQ(calls(WINPORT_CLEAR), 1);
		EXPECT_EQ(room.port->last_nr, 4);
		EXPECT_EQ(stat(NA_WINDOW_RECLAIMED), 4);
	}
	/* The other half is as it was. */
	for (i = 4; i < 8; i++)
		unmap(map(i));
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 4);
	EXPECT_EQ(stat(NA_WINDOW_SHOOTDOWNS), 1);
	EXPECT_EQ(stat(NA_WINDOW_IPIS), NR_CPUS - 1);
	end();
}

/* kills: slot reused without a shootdown */
static void reclaim_drops_old_translations(void)
{
	struct na_window window;
	u32 cpu;

	begin(&one_slot);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		winport_cpu = cpu;
		leave_stale(7);
	}
	window = map(8);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		winport_cpu = cpu;
		expect_shown(window.addr, 8, NA_WB);
	}
	unmap(window);
	end();
}

/* kills: clear after the shootdown (translations come back in between) */
static void reclaim_clears_first(void)
{
	struct na_window window;

	begin_speculating(&one_slot);
	leave_stale(7);
	/* The port asserts that what is shot down is absent. */
	window = map(8);
	EXPECT_EQ(views(7), 0);
	unmap(window);
	end();
}

static void steal_during_shootdown(struct na_port *port,
				   enum winport_call call)
{
	struct na_window window;

	if (call != WINPORT_SHOOTDOWN && call != WINPORT_CLEAR)
		return;
	port->hook = NULL;
	EXPECT_EQ(na_window_try_map(room.set, f(9), &window), -EAGAIN);
	port->hook = steal_during_shootdown;
	(*(u32 *)port->hook_arg)++;
}

/* kills: slot on the free list before its shootdown is done */
static void reclaim_frees_last(void)
{
	struct na_window window;
	u32 nr_tries = 0;

	begin(&four_slots);
	leave_stale(1);
	leave_stale(2);
	leave_stale(3);
	leave_stale(4);
	room.port->hook = steal_during_shootdown;
	room.port->hook_arg = &nr_tries;
	window = map(8);
	EXPECT_EQ(nr_tries, 2);
	unmap(window);
	end();
}

static void revive_during_clear(struct na_port *port, enum winport_call call)
{
	struct na_window window;

	if (call != WINPORT_CLEAR)
		return;
	port->hook = NULL;
	EXPECT_EQ(na_window_try_map(room.set, f(1), &window), -EAGAIN);
	EXPECT_EQ(na_window_try_map(room.set, f(3), &window), 0);
	unmap(window);
}

/* kills: entry cleared before the slot is closed to new users */
static void reclaim_closes_slot_first(void)
{
	begin(&four_slots);
	leave_stale(1);
	leave_stale(2);
	leave_stale(3);
	leave_stale(4);
	room.port->hook = revive_during_clear;
	unmap(map(8));
	EXPECT(!room.port->hook);
	end();
}

/* kills: reclaim of a slot in use */
static void reclaim_spares_live(void)
{
	struct na_window live, window;
	u32 i;

	begin(&four_slots);
	live = map(7);
	for (i = 10; i < 30; i++) {
		window = map(i);
		expect_shown(window.addr, i, NA_WB);
		EXPECT(window.idx != live.idx);
		unmap(window);
		expect_shown(live.addr, 7, NA_WB);
	}
	unmap(live);
	end();
}

/* kills: DYING slots of a conversion shot down twice, or lost */
static void reclaim_takes_purged_slots_along(void)
{
	struct na_window all[4];
	u32 i;

	begin(&four_slots);
	for (i = 0; i < 4; i++)
		leave_stale(i);
	EXPECT_EQ(to_uc(0, 2), 0);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
	all[0] = map(10);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	EXPECT_EQ(room.port->last_nr, 4);
	for (i = 1; i < 4; i++)
		all[i] = map(10 + i);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	for (i = 0; i < 4; i++) {
		expect_shown(all[i].addr, 10 + i, NA_WB);
		unmap(all[i]);
	}
	EXPECT_EQ(back_from_uc(0, 2), 0);
	end();
}

/* kills: waiting while a conversion's slots are there for the taking */
static void reclaim_lives_on_purged_slots_alone(void)
{
	struct na_window live, window;

	begin(&bound);
	live = map(7);
	leave_stale(8);
	EXPECT_EQ(to_uc(8, 1), 0);
	EXPECT_EQ(na_window_map_timeout(room.set, f(9), 0, &window), 0);
	expect_shown(window.addr, 9, NA_WB);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	unmap(window);
	unmap(live);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end();
}

/* kills: slot freed twice (it would show two frames in turn) */
static void reclaim_again_and_again(void)
{
	struct na_window window;
	u32 i;

	begin(&four_slots);
	for (i = 0; i < 1000; i++) {
		winport_cpu = i % NR_CPUS;
		window = map(i);
		expect_shown(window.addr, i, NA_WB);
		unmap(window);
		if (!(i % 7))
			na_window_purge_all(room.set);
	}
	EXPECT_EQ(stat(NA_WINDOW_MISSES), 1000);
	end();
}

/* --- whom a shootdown reaches ----------------------------------------------------- */

static u64 reached_bits(void)
{
	na_window_purge_all(room.set);
	return room.port->last_cpus.bits;
}

static void stale_on(u32 cpu, unsigned long frame)
{
	winport_cpu = cpu;
	leave_stale(frame);
}

/* kills: CPUs that only shared or revived left out; all CPUs asked */
static void shootdown_reaches_users_only(void)
{
	struct na_window window;

	begin(&bound);
	stale_on(0, 7);
	stale_on(3, 7);
	EXPECT_EQ(reached_bits(), 0x9);
	winport_cpu = 1;
	window = map(8);
	stale_on(2, 8);
	winport_cpu = 1;
	unmap(window);
	EXPECT_EQ(reached_bits(), 0x6);
	EXPECT_EQ(stat(NA_WINDOW_IPIS), 1 + 1);
	end();
}

/* kills: uses of an earlier life of the slot counted, or never forgotten */
static void shootdown_forgets_earlier_life(void)
{
	begin(&bound);
	stale_on(3, 7);
	EXPECT_EQ(reached_bits(), 0x8);
	stale_on(1, 7);
	EXPECT_EQ(reached_bits(), 0x2);
	end();
}

/* kills: CPUs of the batch's first slots forgotten */
static void shootdown_joins_slots_of_batch(void)
{
	begin(&bound);
	stale_on(2, 7);
	EXPECT_EQ(to_uc(7, 1), 0);
	stale_on(1, 8);
	EXPECT_EQ(reached_bits(), 0x6);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: narrowed although the hardware fetches by itself */
static void shootdown_reaches_all_if_tlb_speculates(void)
{
	begin_speculating(&bound);
	stale_on(1, 7);
	EXPECT_EQ(reached_bits(), 0xf);
	EXPECT_EQ(views(7), 0);
	end();
}

/* kills: narrowed although users may access from anywhere */
static void shootdown_reaches_all_if_unbound(void)
{
	struct na_window window;

	begin(&four_slots);
	winport_cpu = 1;
	window = map(7);
	winport_cpu = 2;
	winport_touch(room.port, window.addr);
	unmap(window);
	EXPECT_EQ(reached_bits(), 0xf);
	EXPECT_EQ(views(7), 0);
	end();
}

/* kills: CPUs that cannot reach the range interrupted */
static void shootdown_spares_cpus_without_range(void)
{
	begin_speculating(&four_slots);
	room.port->range_cpus.bits = 0x3;
	stale_on(1, 7);
	EXPECT_EQ(reached_bits(), 0x3);
	end();
}

/* --- purge --------------------------------------------------------------------- */

/* kills: cost that grows with the slots of the set */
static void purge_costs_what_it_removes(void)
{
	struct na_window_config config = { .nr_slots = 64 };
	struct na_run run = run_of(100, 1000), two[2];
	u32 i;

	begin(&config);
	for (i = 0; i < 40; i++)
		leave_stale(i);
	winport_forget(room.port);
	EXPECT_EQ(na_window_purge(room.set, &run, 1), 0);
	EXPECT_EQ(effects(), 0);
	two[0] = run_of(3, 1);
	two[1] = run_of(39, 4);
	EXPECT_EQ(na_window_purge(room.set, two, 2), 0);
	EXPECT_EQ(calls(WINPORT_CLEAR), 1);
	EXPECT_EQ(calls(WINPORT_READ), 2);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	EXPECT_EQ(room.port->last_nr, 2);
	EXPECT_EQ(views(3), 0);
	EXPECT_EQ(views(39), 0);
	EXPECT_EQ(stat(NA_WINDOW_PURGED), 2);
	end();
}

/* kills: shootdown for nothing; a live window purged */
static void purge_all_removes_stale_only(void)
{
	struct na_window live;

	begin(&four_slots);
	na_window_purge_all(room.set);
	EXPECT_EQ(effects(), 0);
	live = map(7);
	leave_stale(8);
	leave_stale(9);
	winport_forget(room.port);
	na_window_purge_all(room.set);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	EXPECT_EQ(na_atomic64_read(&room.port->nr_slots_cleared), 2);
	EXPECT_EQ(views(8) + views(9), 0);
	expect_shown(live.addr, 7, NA_WB);
	unmap(live);
	end();
}

/* kills: second mention of a frame reported as an error */
static void purge_of_frame_named_twice(void)
{
	struct na_run runs[2];

	begin(&four_slots);
	leave_stale(7);
	runs[0] = run_of(6, 3);
	runs[1] = run_of(7, 1);
	EXPECT_EQ(na_window_purge(room.set, runs, 2), 0);
	EXPECT_EQ(views(7), 0);
	end();
}

/* kills: translations that a conversion left to a flush reported as gone */
static void purge_finishes_what_conversion_began(void)
{
	struct na_run run = run_of(7, 1);

	begin(&four_slots);
	leave_stale(7);
	room.port->kmap_live = f(7);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	/* Refused before its flush: the TLBs still have it. */
	EXPECT(views(7));
	EXPECT_EQ(na_window_purge(room.set, &run, 1), 0);
	EXPECT_EQ(views(7), 0);
	end();
}

/* --- waiting -------------------------------------------------------------------- */

static void unmap_at(struct na_port *port, enum winport_call call,
		     enum winport_call when)
{
	struct na_window *window = port->hook_arg;

	if (call != when || !window->addr)
		return;
	unmap(*window);
	window->addr = NULL;
}

static void unmap_at_wait(struct na_port *port, enum winport_call call)
{
	unmap_at(port, call, WINPORT_WAIT);
}

static void unmap_at_time(struct na_port *port, enum winport_call call)
{
	/* The second look at the clock is between the try and the sleep. */
	if (calls(WINPORT_TIME) == 2)
		unmap_at(port, call, WINPORT_TIME);
}

/* kills: unmap that wakes nobody; waiter that does not look again */
static void map_waits_for_unmap(void)
{
	struct na_window live, window;

	begin(&one_slot);
	live = map(7);
	room.port->hook = unmap_at_wait;
	room.port->hook_arg = &live;
	window = map(8);
	expect_shown(window.addr, 8, NA_WB);
	EXPECT_EQ(stat(NA_WINDOW_WAITS), 1);
	EXPECT_EQ(calls(WINPORT_WAIT), 1);
	unmap(window);
	end();
}

/* kills: wake-up lost between the last try and the sleep */
static void map_sees_unmap_before_sleep(void)
{
	struct na_window live, window;

	begin(&one_slot);
	live = map(7);
	room.port->hook = unmap_at_time;
	room.port->hook_arg = &live;
	EXPECT_EQ(na_window_map_timeout(room.set, f(8), 1000, &window), 0);
	EXPECT_EQ(calls(WINPORT_WAIT), 0);
	EXPECT_EQ(room.port->now_ns, 0);
	unmap(window);
	end();
}

/* kills: wakes without waiters on the way of every unmap */
static void unmap_wakes_nobody_without_waiters(void)
{
	begin(&four_slots);
	leave_stale(7);
	leave_stale(7);
	EXPECT_EQ(calls(WINPORT_WAKE), 0);
	end();
}

static void swap_at_wait(struct na_port *port, enum winport_call call)
{
	struct na_window *window = port->hook_arg;

	if (call != WINPORT_WAIT)
		return;
	port->hook = NULL;
	unmap(*window);
	*window = map(8);
}

/* kills: waiter that insists on a slot of its own */
static void map_waiting_takes_a_hit(void)
{
	struct na_window other, window;

	begin(&one_slot);
	other = map(7);
	room.port->hook = swap_at_wait;
	room.port->hook_arg = &other;
	window = map(8);
	EXPECT(window.addr == other.addr);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 1);
	unmap(window);
	unmap(other);
	end();
}

/* kills: timeout counted from each sleep; slot taken at timeout */
static void map_timeout_expires(void)
{
	struct na_window live, window;

	begin(&one_slot);
	room.port->now_ns = 5;
	live = map(7);
	EXPECT_EQ(na_window_map_timeout(room.set, f(8), 1000, &window),
		  -ETIMEDOUT);
	EXPECT_EQ(room.port->now_ns, 1005);
	expect_shown(live.addr, 7, NA_WB);
	unmap(live);
	unmap(map(8));
	end();
}

/* kills: sum of now and timeout that runs over */
static void map_timeout_may_be_huge(void)
{
	struct na_window live, window;

	begin(&one_slot);
	room.port->now_ns = 1000;
	live = map(7);
	EXPECT_EQ(na_window_map_timeout(room.set, f(8), NA_WAIT_FOREVER - 1,
					&window), -ETIMEDOUT);
	EXPECT_EQ(calls(WINPORT_WAIT), 1);
	unmap(live);
	end();
}

/* kills: a bound of 0 that sleeps, or that does not reclaim */
static void map_timeout_of_zero_reclaims(void)
{
	struct na_window live, window;

	begin(&one_slot);
	leave_stale(6);
	EXPECT_EQ(na_window_map_timeout(room.set, f(7), 0, &live), 0);
	EXPECT_EQ(na_window_map_timeout(room.set, f(8), 0, &window),
		  -ETIMEDOUT);
	EXPECT_EQ(calls(WINPORT_WAIT), 0);
	EXPECT_EQ(stat(NA_WINDOW_WAITS), 0);
	unmap(live);
	end();
}

/* kills: signal ignored; waiter still counted after it */
static void map_wait_ends_by_signal(void)
{
	struct na_window live, window;

	begin(&one_slot);
	live = map(7);
	/* The port says -EINTR when nothing else would end the sleep. */
	EXPECT_EQ(na_window_map(room.set, f(8), &window), -EINTR);
	EXPECT_EQ(room.port->nr_stuck, 1);
	room.port->nr_stuck = 0;
	unmap(live);
	EXPECT_EQ(calls(WINPORT_WAKE), 0);
	end();
}

/* kills: try that reclaims or waits */
static void try_map_never_sleeps(void)
{
	struct na_window window, live;

	begin(&one_slot);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &live), 0);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &window), 0);
	unmap(window);
	EXPECT_EQ(na_window_try_map(room.set, f(8), &window), -EAGAIN);
	unmap(live);
	EXPECT_EQ(na_window_try_map(room.set, f(8), &window), -EAGAIN);
	EXPECT_EQ(na_window_try_map(room.set, f(7), &window), 0);
	unmap(window);
	EXPECT_EQ(calls(WINPORT_CLEAR) + calls(WINPORT_SHOOTDOWN) +
		  calls(WINPORT_WAIT), 0);
	end();
}

/* --- local windows ----------------------------------------------------------------- */

static struct na_window_local map_local(unsigned long frame)
{
	struct na_window_local local = { 0 };

	EXPECT_EQ(na_window_local_map(room.set, f(frame), &local), 0);
	return local;
}

/* kills: two local windows in one place; entries left behind; a shootdown */
static void local_windows_are_a_stack(void)
{
	struct na_window_local one, two;

	begin(&four_slots);
	one = map_local(7);
	two = map_local(8);
	expect_shown(one.addr, 7, NA_WB);
	expect_shown(two.addr, 8, NA_WB);
	na_window_local_unmap(room.set, two);
	EXPECT_EQ(views(8), 0);
	expect_shown(one.addr, 7, NA_WB);
	na_window_local_unmap(room.set, one);
	EXPECT_EQ(views(7), 0);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
	EXPECT_EQ(stat(NA_WINDOW_LOCALS), 2);
	end();
}

/* kills: this CPU's translation kept: the next frame is not what it sees */
static void local_unmap_drops_translation(void)
{
	struct na_window_local local;
	u32 i;

	begin(&four_slots);
	for (i = 0; i < 10; i++) {
		local = map_local(i);
		expect_shown(local.addr, i, NA_WB);
		na_window_local_unmap(room.set, local);
	}
	end();
}

/* kills: CPUs that share a place */
static void local_windows_are_per_cpu(void)
{
	struct na_window_local one;

	begin(&four_slots);
	one = map_local(7);
	expect_shown(one.addr, 7, NA_WB);
	EXPECT_EQ(one.cpu, 0);
	na_window_local_unmap(room.set, one);
	winport_cpu = 2;
	one = map_local(8);
	EXPECT_EQ(one.cpu, 2);
	expect_shown(one.addr, 8, NA_WB);
	na_window_local_unmap(room.set, one);
	end();
}

/* kills: depth not bounded; CPU held after a refusal */
static void local_map_beyond_depth_is_refused(void)
{
	struct na_window_local one, two, three;

	begin(&four_slots);
	one = map_local(7);
	two = map_local(8);
	EXPECT_EQ(na_window_local_map(room.set, f(9), &three), -ENOSPC);
	na_window_local_unmap(room.set, two);
	na_window_local_unmap(room.set, one);
	/* Sleeping asserts that no CPU is held. */
	na_window_purge_all(room.set);
	end();
}

/* kills: order of unmaps not checked */
static void local_unmap_out_of_order_is_ignored(void)
{
	struct na_window_local one, two;

	begin(&four_slots);
	one = map_local(7);
	two = map_local(8);
	na_window_local_unmap(room.set, one);
	expect_shown(one.addr, 7, NA_WB);
	expect_shown(two.addr, 8, NA_WB);
	na_window_local_unmap(room.set, two);
	na_window_local_unmap(room.set, one);
	EXPECT_EQ(views(7), 0);
	end();
}

/* kills: local windows forgotten by conversions */
static void local_window_refuses_conversion(void)
{
	struct na_window_local local;
	struct na_run run = run_of(5, 4);

	begin(&four_slots);
	local = map_local(7);
	/* Another CPU converts. */
	EXPECT_EQ(na_window_purge(room.set, &run, 1), -EBUSY);
	EXPECT_EQ(to_uc(5, 4), -EBUSY);
	expect_shown(local.addr, 7, NA_WB);
	na_window_local_unmap(room.set, local);
	EXPECT_EQ(to_uc(5, 4), 0);
	local = map_local(7);
	expect_shown(local.addr, 7, NA_UC);
	na_window_local_unmap(room.set, local);
	EXPECT_EQ(back_from_uc(5, 4), 0);
	end();
}

/* kills: no look at the ledger; place or CPU kept after a refusal */
static void local_map_of_claimed_frame_is_refused(void)
{
	struct na_window_local local;
	u32 i;

	begin(&four_slots);
	claim(7);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(na_window_local_map(room.set, f(7), &local),
			  -EBUSY);
	EXPECT_EQ(views(7), 0);
	commit(7, NA_SYSTEM, NA_WB);
	local = map_local(7);
	EXPECT_EQ(local.depth, 0);
	na_window_local_unmap(room.set, local);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: place kept when the port cannot set the entry */
static void local_map_survives_failing_set(void)
{
	struct na_window_local local;

	begin(&four_slots);
	room.port->fails_at = 1;
	EXPECT_EQ(na_window_local_map(room.set, f(7), &local), -ENOMEM);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: place reused although its entry did not go */
static void local_unmap_gives_up_place_whose_entry_stays(void)
{
	struct na_window_local local;

	begin(&four_slots);
	local = map_local(7);
	room.port->nr_lies = 1;
	na_window_local_unmap(room.set, local);
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(na_window_local_map(room.set, f(8), &local), -EFAULT);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	EXPECT_EQ(to_uc(8, 1), 0);
	winport_cpu = 1;
	na_window_local_unmap(room.set, map_local(9));
	abandon();
}

/* --- set --------------------------------------------------------------------- */

/* kills: bounds of the configuration not checked */
static void create_refuses_bad_config(void)
{
	static const struct na_window_config bad[] = {
		{ .nr_slots = 0 },
		{ .nr_slots = NA_WINDOW_SLOTS_MAX + 1 },
		{ .nr_slots = 4, .batch_max = 5 },
		{ .nr_slots = 4, .local_depth = NA_WINDOW_LOCAL_MAX + 1 },
	};
	u32 i;

	begin_empty();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(na_window_set_create(&room.machine, &bad[i],
					       &room.set), -EINVAL);
	EXPECT_EQ(na_machine_init(&room.machine, room.port, 1), 0);
	na_machine_fini(&room.machine);
	abandon();
}

/* kills: unwinding that forgets a piece, or frees one twice */
static void create_survives_failure_at_each_point(void)
{
	struct na_window_config config = four_slots;
	u32 at, nr_blocks;
	int err = -ENOMEM;

	begin_empty();
	config.is_cpu_bound = true;
	nr_blocks = na_atomic32_read(&room.port->nr_blocks);
	for (at = 1; err; at++) {
		room.port->fails_at = at;
		err = na_window_set_create(&room.machine, &config, &room.set);
		EXPECT(!err || err == -ENOMEM);
		EXPECT(!err || na_atomic32_read(&room.port->nr_blocks) ==
		       nr_blocks);
	}
	/* set, slots, heads, batch, CPUs, a map for each, two ranges. */
	EXPECT_EQ(at - 1, 5 + NR_CPUS + 2 + 1);
	room.port->fails_at = 0;
	end();
}

/* kills: set taken away below a user */
static void destroy_leaks_set_in_use(void)
{
	struct na_window window;

	begin(&four_slots);
	window = map(7);
	EXPECT_SAFE("NA_WINDOW_LIVE", na_window_set_destroy(room.set));
	tap_mode = TAP_FAILS;
	expect_shown(window.addr, 7, NA_WB);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: addresses given back while another CPU translates them */
static void destroy_drops_fetched_local_translations(void)
{
	begin_speculating(&four_slots);
	na_window_local_unmap(room.set, map_local(7));
	/* The port asserts that no translation of a closed range is left. */
	end();
}

/* kills: local maps not counted as users; the first one taken for the last */
static void set_knows_its_users(void)
{
	struct na_window_local one, two, last;
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(na_window_nr_users(room.set), 0);
	EXPECT(!na_window_local_last(room.set, &last));
	window = map(7);
	map(7);
	EXPECT(na_window_addr(room.set, window.idx) == window.addr);
	EXPECT_EQ(na_window_nr_users(room.set), 2);
	EXPECT_EQ(na_window_local_map(room.set, f(8), &one), 0);
	EXPECT_EQ(na_window_local_map(room.set, f(9), &two), 0);
	EXPECT_EQ(na_window_nr_users(room.set), 4);
	EXPECT(na_window_local_last(room.set, &last));
	EXPECT(last.addr == two.addr && last.cpu == two.cpu &&
	       last.depth == two.depth);
	na_window_local_unmap(room.set, last);
	EXPECT(na_window_local_last(room.set, &last));
	EXPECT(last.addr == one.addr);
	na_window_local_unmap(room.set, last);
	EXPECT(!na_window_local_last(room.set, &last));
	unmap(window);
	unmap(window);
	EXPECT_EQ(na_window_nr_users(room.set), 0);
	end();
}

/* kills: NULL not allowed; a counter without a name */
static void set_small_print(void)
{
	u32 i;

	begin(&four_slots);
	na_window_set_destroy(NULL);
	EXPECT_EQ(na_window_nr_slots(room.set), 4);
	for (i = 0; i < NR_NA_WINDOW_STATS; i++) {
		EXPECT(na_window_stat_name((enum na_window_stat)i));
		EXPECT_EQ(stat((enum na_window_stat)i), 0);
	}
	EXPECT_STR(na_window_stat_name(NA_WINDOW_REVIVALS), "revivals");
	end();
}

/* --- any order ------------------------------------------------------------------ */

#define MODEL_FRAMES 24
#define MODEL_SLOTS 6

struct model {
	struct na_window windows[MODEL_FRAMES];
	u32 users[MODEL_FRAMES];
	bool is_uc[MODEL_FRAMES];
	u32 nr_live;
	u64 seed;
};

static void model_map(struct model *m, u32 nr)
{
	int err = na_window_map_timeout(room.set, f(nr), 0, &m->windows[nr]);

	if (!m->users[nr] && m->nr_live == MODEL_SLOTS) {
		EXPECT_EQ(err, -ETIMEDOUT);
		return;
	}
	EXPECT_EQ(err, 0);
	m->nr_live += !m->users[nr]++;
}

static void model_unmap(struct model *m, u32 nr)
{
	if (!m->users[nr])
		return;
	unmap(m->windows[nr]);
	m->nr_live -= !--m->users[nr];
}

static void model_convert(struct model *m, u32 nr)
{
	int err = m->is_uc[nr] ? back_from_uc(nr, 1) : to_uc(nr, 1);

	EXPECT_EQ(err, m->users[nr] ? -EBUSY : 0);
	if (!err)
		m->is_uc[nr] = !m->is_uc[nr];
}

static void model_purge(struct model *m, u32 nr)
{
	struct na_run run = run_of(nr, 1);

	EXPECT_EQ(na_window_purge(room.set, &run, 1),
		  m->users[nr] ? -EBUSY : 0);
	if (!m->users[nr])
		EXPECT_EQ(views(nr), 0);
}

static void model_check(struct model *m)
{
	u32 nr;

	for (nr = 0; nr < MODEL_FRAMES; nr++) {
		if (m->users[nr])
			expect_shown(m->windows[nr].addr, nr,
				     m->is_uc[nr] ? NA_UC : NA_WB);
		/* I1: no entry and no translation of the other type. */
		EXPECT_EQ(winport_count_views(room.port, f(nr),
					      m->is_uc[nr] ? NA_WB : NA_UC),
			  0);
	}
}

static void model_step(struct model *m)
{
	u32 nr = tap_below(&m->seed, MODEL_FRAMES);

	winport_cpu = tap_below(&m->seed, NR_CPUS);
	switch (tap_below(&m->seed, 16)) {
	case 0:
		model_convert(m, nr);
		break;
	case 1:
		model_purge(m, nr);
		break;
	case 2:
		na_window_purge_all(room.set);
		break;
	case 3 ... 8:
		model_unmap(m, nr);
		break;
	default:
		model_map(m, nr);
	}
}

/* kills: whatever needs several steps to show */
static void any_order_agrees_with_model(void)
{
	struct na_window_config config = { .nr_slots = MODEL_SLOTS };
	struct model m = { .seed = tap_seed() };
	u32 i;

	begin_speculating(&config);
	for (i = 0; i < 20000; i++) {
		model_step(&m);
		model_check(&m);
	}
	for (i = 0; i < MODEL_FRAMES; i++) {
		while (m.users[i])
			model_unmap(&m, i);
		if (m.is_uc[i])
			EXPECT_EQ(back_from_uc(i, 1), 0);
	}
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
	TAP(reclaim_batch_is_one_shootdown),
	TAP(reclaim_drops_old_translations),
	TAP(reclaim_clears_first),
	TAP(reclaim_frees_last),
	TAP(reclaim_closes_slot_first),
	TAP(reclaim_spares_live),
	TAP(reclaim_takes_purged_slots_along),
	TAP(reclaim_lives_on_purged_slots_alone),
	TAP(reclaim_again_and_again),
	TAP(shootdown_reaches_users_only),
	TAP(shootdown_forgets_earlier_life),
	TAP(shootdown_joins_slots_of_batch),
	TAP(shootdown_reaches_all_if_tlb_speculates),
	TAP(shootdown_reaches_all_if_unbound),
	TAP(shootdown_spares_cpus_without_range),
	TAP(purge_costs_what_it_removes),
	TAP(purge_all_removes_stale_only),
	TAP(purge_of_frame_named_twice),
	TAP(purge_finishes_what_conversion_began),
	TAP(map_waits_for_unmap),
	TAP(map_sees_unmap_before_sleep),
	TAP(unmap_wakes_nobody_without_waiters),
	TAP(map_waiting_takes_a_hit),
	TAP(map_timeout_expires),
	TAP(map_timeout_may_be_huge),
	TAP(map_timeout_of_zero_reclaims),
	TAP(map_wait_ends_by_signal),
	TAP(try_map_never_sleeps),
	TAP(local_windows_are_a_stack),
	TAP(local_unmap_drops_translation),
	TAP(local_windows_are_per_cpu),
	TAP(local_map_beyond_depth_is_refused),
	TAP(local_unmap_out_of_order_is_ignored),
	TAP(local_window_refuses_conversion),
	TAP(local_map_of_claimed_frame_is_refused),
	TAP(local_map_survives_failing_set),
	TAP(local_unmap_gives_up_place_whose_entry_stays),
	TAP(create_refuses_bad_config),
	TAP(create_survives_failure_at_each_point),
	TAP(destroy_leaks_set_in_use),
	TAP(destroy_drops_fetched_local_translations),
	TAP(set_knows_its_users),
	TAP(set_small_print),
	TAP(any_order_agrees_with_model),
};

TAP_MAIN(cases)
