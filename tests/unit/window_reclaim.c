// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: reclaim of slots, and the CPUs that are interrupted.
 */
#include "window_one.h"

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
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
	for (i = 8; i < 12; i++) {
		window = map(i);
		expect_shown(window.addr, i, NA_WB);
		unmap(window);
		EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
		EXPECT_EQ(calls(FAKE_WINDOW_CLEAR), 1);
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
		fake_cpu = cpu;
		leave_stale(7);
	}
	window = map(8);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		fake_cpu = cpu;
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
				   enum fake_call call)
{
	struct na_window window;

	if (call != FAKE_SHOOTDOWN && call != FAKE_WINDOW_CLEAR)
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

static void revive_during_clear(struct na_port *port, enum fake_call call)
{
	struct na_window window;

	if (call != FAKE_WINDOW_CLEAR)
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
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
	all[0] = map(10);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
	EXPECT_EQ(room.port->last_nr, 4);
	for (i = 1; i < 4; i++)
		all[i] = map(10 + i);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
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
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
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
		fake_cpu = i % NR_CPUS;
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
	fake_cpu = cpu;
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
	fake_cpu = 1;
	window = map(8);
	stale_on(2, 8);
	fake_cpu = 1;
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
	fake_cpu = 1;
	window = map(7);
	fake_cpu = 2;
	fake_touch(room.port, window.addr);
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
	fake_forget(room.port);
	EXPECT_EQ(na_window_purge(room.set, &run, 1), 0);
	EXPECT_EQ(effects(), 0);
	two[0] = run_of(3, 1);
	two[1] = run_of(39, 4);
	EXPECT_EQ(na_window_purge(room.set, two, 2), 0);
	EXPECT_EQ(calls(FAKE_WINDOW_CLEAR), 1);
	EXPECT_EQ(calls(FAKE_WINDOW_READ), 2);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
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
	fake_forget(room.port);
	na_window_purge_all(room.set);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
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

static const struct tap_case cases[] = {
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
};

TAP_MAIN(cases)
