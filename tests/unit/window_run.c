// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: runs of frames at consecutive addresses.
 *
 * Every case ends with end_whole(), which has each slot of the set show a
 * frame of its own: a slot that was lost or is on the free list twice, a user
 * that was left behind, and the case is red.
 */
#include <pthread.h>

#include "window_room.h"

static const struct na_window_config eight_slots = {
	.nr_slots = 8, .batch_max = 4,
};
static const struct na_window_config four_slots = {
	.nr_slots = 4, .batch_max = 2,
};
static const struct na_window_config bound = {
	.nr_slots = 4, .batch_max = 4, .is_cpu_bound = true,
};

/* --- of runs -------------------------------------------------------------------- */

static int try_map_run(unsigned long first, u32 nr, struct na_window *window)
{
	return na_window_map_run(room.set, run_of(first, nr), 0, window);
}

static int try_unmap_run(struct na_window window, u32 nr)
{
	return na_window_unmap_run(room.set, window, nr);
}

static void unmap_run(struct na_window window, u32 nr)
{
	EXPECT_EQ(try_unmap_run(window, nr), 0);
}

static const void *addr_at(struct na_window window, u32 nr)
{
	return (const char *)window.addr + nr * WINPORT_SLOT_LEN;
}

/* The slot of the row's frame @nr, as a single map would have it. */
static struct na_window one_of(struct na_window window, u32 nr)
{
	return (struct na_window){
		.addr = (char *)window.addr + nr * WINPORT_SLOT_LEN,
		.idx = window.idx + nr,
	};
}

static u32 users_of(struct na_window window, u32 nr)
{
	return na_window_info(room.set, window.idx + nr).users;
}

/* Each frame at its place and of the ledger's type. */
static void expect_row(struct na_window window, unsigned long first, u32 nr)
{
	enum na_memtype type;
	u32 i;

	for (i = 0; i < nr; i++) {
		type = na_ledger_lookup(&room.machine.ledger, f(first + i)).type;
		expect_shown(addr_at(window, i), first + i, type);
		EXPECT_EQ(na_window_info(room.set, window.idx + i).type, type);
		EXPECT(users_of(window, i));
	}
}

static struct na_window map_run(unsigned long first, u32 nr)
{
	struct na_window window = { 0 };

	EXPECT_EQ(try_map_run(first, nr, &window), 0);
	expect_row(window, first, nr);
	return window;
}

static struct na_window leave_row(unsigned long first, u32 nr)
{
	struct na_window window = map_run(first, nr);

	unmap_run(window, nr);
	return window;
}

static u32 count_slots(enum na_window_state state)
{
	u32 idx, nr = 0;

	for (idx = 0; idx < na_window_nr_slots(room.set); idx++)
		nr += na_window_info(room.set, idx).state == state;
	return nr;
}

/* @nr slots can be had, each once. */
static void expect_usable(u32 nr)
{
	struct na_window all[32], more;
	u32 i;

	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 0);
	na_window_purge_all(room.set);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), nr);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(na_window_try_map(room.set, f(4000 + i), &all[i]), 0);
	EXPECT_EQ(na_window_try_map(room.set, f(4000 + nr), &more), -EAGAIN);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), nr);
	for (i = 0; i < nr; i++) {
		expect_shown(all[i].addr, 4000 + i, NA_WB);
		unmap(all[i]);
	}
}

static void end_whole(void)
{
	expect_usable(na_window_nr_slots(room.set));
	end();
}

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
	EXPECT_EQ(calls(WINPORT_SET), 1);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
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
	winport_forget(room.port);
	window = map_run(7, 4);
	expect_shown(addr_at(window, 0), 7, NA_WB);
	expect_shown(addr_at(window, 1), 8, NA_UC);
	expect_shown(addr_at(window, 2), 9, NA_UC);
	expect_shown(addr_at(window, 3), 10, NA_WB);
	/* As many as there are stretches of one type. */
	EXPECT_EQ(calls(WINPORT_SET), 3);
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
	winport_forget(room.port);
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
	winport_forget(room.port);
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
	winport_forget(room.port);
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
	winport_forget(room.port);
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
	winport_forget(room.port);
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

/* --- which slots a row takes ---------------------------------------------------------- */

/* kills: stale slots taken while there is room; a shootdown for free ones */
static void run_spares_stale_while_there_is_room(void)
{
	struct na_window stale, row;

	begin(&four_slots);
	stale = leave_stale(1);
	winport_forget(room.port);
	row = map_run(7, 3);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
	EXPECT_EQ(calls(WINPORT_CLEAR), 0);
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
		EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1 + i / 2);
		EXPECT_EQ(calls(WINPORT_CLEAR), 1 + i / 2);
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
	EXPECT_EQ(calls(WINPORT_CLEAR), 1);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
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
	winport_forget(room.port);
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
	winport_forget(room.port);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), 2);
	row = map_run(10, 3);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
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
	winport_forget(room.port);
	EXPECT_EQ(try_map_run(10, 4, &window), -ETIMEDOUT);
	EXPECT_EQ(effects(), 0);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 5);
	row = map_run(10, 3);
	EXPECT_EQ(row.idx, 3);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
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
		winport_cpu = cpu;
		old = map_run(0, 4);
		unmap_run(old, 4);
	}
	row = map_run(10, 4);
	for (cpu = 0; cpu < NR_CPUS; cpu++) {
		winport_cpu = cpu;
		expect_row(row, 10, 4);
	}
	unmap_run(row, 4);
	end_whole();
}

static void steal_during(struct na_port *port, enum winport_call call)
{
	struct na_window window;

	if (call != WINPORT_SHOOTDOWN && call != WINPORT_CLEAR)
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
	winport_forget(room.port);
}

/* kills: slots that rest since a conversion pointed before the shootdown */
static void run_uses_resting_slots_after_shootdown(void)
{
	struct na_window row;

	begin(&four_slots);
	rest_all();
	EXPECT_EQ(count_slots(NA_WINDOW_DYING), 4);
	row = map_run(10, 4);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	EXPECT_EQ(room.port->last_nr, 4);
	EXPECT_EQ(calls(WINPORT_CLEAR), 0);
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
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 0);
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

		winport_cpu = 1;
		row = map_run(7, 3);
		winport_cpu = 2;
		unmap_run(map_run(7, 3), 3);
		unmap_run(row, 3);
		EXPECT_EQ(na_window_purge(room.set, &one, 1), 0);
		EXPECT_EQ(room.port->last_cpus.bits, 0x6);
		EXPECT_EQ(views(7 + i), 0);
		na_window_purge_all(room.set);
	}
	winport_cpu = 0;
	end_whole();
}

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
	winport_forget(room.port);
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
static void claim_last_at_set(struct na_port *port, enum winport_call call)
{
	pthread_t other;

	if (call != WINPORT_SET)
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
	EXPECT(winport_count_views(room.port, f(7), NA_WB) >= 3);
	winport_forget(room.port);
	EXPECT_EQ(na_window_purge(room.set, &run, 1), 0);
	EXPECT_EQ(views(7), 0);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
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
	EXPECT_EQ(winport_count_views(room.port, f(8), NA_WB), 0);
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
	EXPECT_EQ(winport_count_views(room.port, f(8), NA_WB), 0);
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
			room.port->fails_at = at;
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
	room.port->fails_at = 2;
	EXPECT_EQ(try_map_run(7, 3, &window), -ENOMEM);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 1);
	EXPECT_EQ(count_slots(NA_WINDOW_FREE), 3);
	EXPECT_EQ(views(8) + views(9), 0);
	unmap(map(7));
	EXPECT_EQ(stat(NA_WINDOW_REVIVALS), 1);
	EXPECT_EQ(back_from_uc(8, 1), 0);
	end_whole();
}

static void lie_at_second_set(struct na_port *port, enum winport_call call)
{
	if (call == WINPORT_SET && calls(WINPORT_SET) == 2)
		port->nr_lies = 1;
}

/* kills: no read-back of the slots behind the first; users of good ones kept */
static void run_gives_up_slot_that_shows_nothing(void)
{
	struct na_window window;

	begin(&eight_slots);
	EXPECT_EQ(to_uc(8, 1), 0);
	winport_forget(room.port);
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
	room.port->nr_lies = 1;
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
	room.port->nr_lies = 1;
	row = map_run(10, 4);
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(na_window_info(room.set, 0).state, NA_WINDOW_DEAD);
	EXPECT(row.idx > 0);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
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
	room.port->nr_lies = 1;
	EXPECT_EQ(try_map_run(10, 4, &window), -ETIMEDOUT);
	EXPECT_EQ(try_map_run(10, 4, &window), -ETIMEDOUT);
	leave_row(10, 3);
	expect_usable(3);
	abandon();
}

/* --- waiting ---------------------------------------------------------------------------- */

static void unmap_at_wait(struct na_port *port, enum winport_call call)
{
	struct na_window *window = port->hook_arg;

	if (call != WINPORT_WAIT || !window->addr)
		return;
	unmap(*window);
	window->addr = NULL;
}

static void unmap_at_second_look(struct na_port *port, enum winport_call call)
{
	struct na_window *window = port->hook_arg;

	/* The second look at the clock is between the try and the sleep. */
	if (call != WINPORT_TIME || calls(WINPORT_TIME) != 2)
		return;
	unmap(*window);
}

/* Slots 0 to 3 show frames 0 to 3; the third is in use. */
static struct na_window begin_with_third_live(void)
{
	struct na_window row;

	begin(&four_slots);
	row = map_run(0, 4);
	unmap_run(row, 2);
	unmap(one_of(row, 3));
	winport_forget(room.port);
	return one_of(row, 2);
}

/* kills: a bound of 0 that sleeps */
static void run_timeout_of_zero_does_not_sleep(void)
{
	struct na_window live = begin_with_third_live(), window;

	EXPECT_EQ(try_map_run(10, 3, &window), -ETIMEDOUT);
	EXPECT_EQ(calls(WINPORT_WAIT), 0);
	EXPECT_EQ(stat(NA_WINDOW_WAITS), 0);
	/* But reclaims. */
	window = map_run(10, 2);
	EXPECT_EQ(calls(WINPORT_SHOOTDOWN), 1);
	unmap_run(window, 2);
	unmap(live);
	end_whole();
}

/* kills: wait that does not end; slots kept at the timeout */
static void run_timeout_expires(void)
{
	struct na_window live = begin_with_third_live(), window;

	room.port->now_ns = 5;
	EXPECT_EQ(na_window_map_run(room.set, run_of(10, 4), 1000, &window),
		  -ETIMEDOUT);
	EXPECT_EQ(room.port->now_ns, 1005);
	EXPECT_EQ(stat(NA_WINDOW_WAITS), 1);
	expect_shown(live.addr, 2, NA_WB);
	unmap(live);
	leave_row(10, 4);
	end_whole();
}

/* kills: waiter for a row that no unmap wakes */
static void run_waits_for_unmap(void)
{
	struct na_window live = begin_with_third_live(), window;

	room.port->hook = unmap_at_wait;
	room.port->hook_arg = &live;
	EXPECT_EQ(na_window_map_run(room.set, run_of(10, 4), NA_WAIT_FOREVER,
				    &window), 0);
	expect_row(window, 10, 4);
	EXPECT_EQ(calls(WINPORT_WAIT), 1);
	unmap_run(window, 4);
	room.port->hook = NULL;
	end_whole();
}

/* kills: wake-up lost between the last try and the sleep */
static void run_sees_unmap_before_sleep(void)
{
	struct na_window live = begin_with_third_live(), window;

	room.port->hook = unmap_at_second_look;
	room.port->hook_arg = &live;
	EXPECT_EQ(na_window_map_run(room.set, run_of(10, 4), 1000, &window),
		  0);
	EXPECT_EQ(calls(WINPORT_WAIT), 0);
	EXPECT_EQ(room.port->now_ns, 0);
	unmap_run(window, 4);
	room.port->hook = NULL;
	end_whole();
}

static void expect_few_looks(struct na_port *port, enum winport_call call)
{
	(void)port;
	/* For the deadline, before the sleep, after it. */
	EXPECT(call != WINPORT_TIME || calls(WINPORT_TIME) <= 3);
}

/*
 * The run's first frame is there, its second is not, and no row is to be had.
 *
 * kills: a waiter that wakes itself by giving back what it found
 */
static void run_that_is_there_in_part_sleeps(void)
{
	struct na_window lives[2], window;

	begin(&four_slots);
	leave_stale(7);
	lives[0] = map(20);
	leave_stale(21);
	lives[1] = map(22);
	room.port->hook = expect_few_looks;
	EXPECT_EQ(na_window_map_run(room.set, run_of(7, 2), 1000, &window),
		  -ETIMEDOUT);
	EXPECT_EQ(calls(WINPORT_WAIT), 1);
	EXPECT_EQ(calls(WINPORT_WAKE), 0);
	room.port->hook = NULL;
	unmap(lives[0]);
	unmap(lives[1]);
	end_whole();
}

static void make_other_row_at_wait(struct na_port *port, enum winport_call call)
{
	struct na_window *window = port->hook_arg;

	if (call != WINPORT_WAIT)
		return;
	port->hook = NULL;
	*window = map_run(10, 2);
}

static void make_row_at_wait(struct na_port *port, enum winport_call call)
{
	struct na_window *rows = port->hook_arg;

	if (call != WINPORT_WAIT)
		return;
	port->hook = NULL;
	unmap_run(rows[0], 4);
	rows[1] = map_run(10, 4);
}

/* kills: waiter that insists on a row of its own; row that wakes nobody */
static void run_waiting_takes_a_hit(void)
{
	struct na_window rows[2], window;

	begin(&four_slots);
	rows[0] = map_run(0, 4);
	room.port->hook = make_row_at_wait;
	room.port->hook_arg = rows;
	EXPECT_EQ(na_window_map_run(room.set, run_of(10, 4), NA_WAIT_FOREVER,
				    &window), 0);
	EXPECT_EQ(window.idx, rows[1].idx);
	EXPECT_EQ(stat(NA_WINDOW_HITS), 4);
	unmap_run(window, 4);
	unmap_run(rows[1], 4);
	end_whole();
}

/* kills: row pointed without a word to who waits for its frames */
static void run_that_is_made_wakes_waiters(void)
{
	struct na_window row, live, window;

	begin(&four_slots);
	row = map_run(0, 2);
	live = map(5);
	leave_stale(6);
	/* Three in a row are not to be had; two are, when the row is stale. */
	unmap_run(row, 2);
	room.port->hook = make_other_row_at_wait;
	room.port->hook_arg = &row;
	EXPECT_EQ(na_window_map_run(room.set, run_of(10, 3), 1000, &window),
		  -ETIMEDOUT);
	EXPECT_EQ(calls(WINPORT_WAKE), 1);
	EXPECT_EQ(calls(WINPORT_WAIT), 2);
	unmap_run(row, 2);
	unmap(live);
	end_whole();
}

/* kills: a signal that is not seen, or one that leaves a row behind */
static void run_wait_ends_by_signal(void)
{
	struct na_window live = begin_with_third_live(), window;

	/* Nothing would end the wait: the port ends it as a signal does. */
	EXPECT_EQ(na_window_map_run(room.set, run_of(10, 4), NA_WAIT_FOREVER,
				    &window), -EINTR);
	EXPECT_EQ(room.port->nr_stuck, 1);
	room.port->nr_stuck = 0;
	unmap(live);
	end_whole();
}

/* --- unmap ------------------------------------------------------------------------------- */

/* kills: windows of nowhere believed; lengths that run over */
static void unmap_run_of_garbage_is_refused(void)
{
	struct na_window row, wrong;

	begin(&four_slots);
	row = map_run(7, 3);
	EXPECT_EQ(try_unmap_run(row, 0), -EINVAL);
	EXPECT_EQ(try_unmap_run(row, 4), -EINVAL);
	EXPECT_EQ(try_unmap_run(row, 5), -EINVAL);
	EXPECT_EQ(try_unmap_run(row, ~0u), -EINVAL);
	wrong = row;
	wrong.idx++;
	EXPECT_EQ(try_unmap_run(wrong, 2), -EINVAL);
	wrong.idx = 4;
	EXPECT_EQ(try_unmap_run(wrong, 1), -EINVAL);
	wrong.idx = ~0u;
	EXPECT_EQ(try_unmap_run(wrong, 2), -EINVAL);
	wrong = row;
	wrong.addr = NULL;
	EXPECT_EQ(try_unmap_run(wrong, 3), -EINVAL);
	expect_row(row, 7, 3);
	EXPECT_EQ(count_slots(NA_WINDOW_LIVE), 3);
	unmap_run(row, 3);
	end_whole();
}

/* kills: a second unmap that borrows, or ends somebody else's map in part */
static void unmap_run_twice_is_refused(void)
{
	struct na_window row, last;

	begin(&four_slots);
	row = leave_row(7, 3);
	EXPECT_EQ(try_unmap_run(row, 3), -EINVAL);
	EXPECT_EQ(count_slots(NA_WINDOW_STALE), 3);
	/* Somebody has one of its frames: still nobody has the run. */
	last = map(9);
	EXPECT_EQ(last.idx, row.idx + 2);
	EXPECT_EQ(try_unmap_run(row, 3), -EINVAL);
	EXPECT_EQ(users_of(row, 2), 1);
	unmap(last);
	row = map_run(7, 3);
	EXPECT_EQ(users_of(row, 0), 1);
	unmap_run(row, 3);
	end_whole();
}

/* kills: slots before the one that nobody has unmapped all the same */
static void unmap_run_in_part_unmapped_is_refused(void)
{
	struct na_window row;
	u32 at, i;

	for (at = 0; at < 3; at++) {
		begin(&four_slots);
		row = map_run(7, 3);
		unmap(one_of(row, at));
		EXPECT_EQ(try_unmap_run(row, 3), -EINVAL);
		for (i = 0; i < 3; i++)
			EXPECT_EQ(users_of(row, i), i != at);
		for (i = 0; i < 3; i++)
			if (i != at)
				unmap(one_of(row, i));
		end_whole();
	}
}

/* kills: set taken away below the user of a row's last slot */
static void destroy_leaks_set_with_row_in_use(void)
{
	struct na_window row;

	begin(&four_slots);
	row = map_run(7, 3);
	unmap_run(row, 2);
	EXPECT_SAFE("NA_WINDOW_LIVE", na_window_set_destroy(room.set));
	tap_mode = TAP_FAILS;
	expect_shown(addr_at(row, 2), 9, NA_WB);
	EXPECT_EQ(to_uc(9, 1), -EBUSY);
	unmap(one_of(row, 2));
	end_whole();
}

/* --- any order ----------------------------------------------------------------------------- */

#define MODEL_FRAMES 16
#define MODEL_SLOTS 8
#define MODEL_HOLDS 6

struct hold {
	struct na_window window;
	unsigned long first;
	u32 nr;	/* 0: free */
};

struct model {
	struct hold holds[MODEL_HOLDS];
	bool is_uc[MODEL_FRAMES];
	u64 seed;
};

static bool is_held(const struct model *m, unsigned long frame)
{
	u32 i;

	for (i = 0; i < MODEL_HOLDS; i++)
		if (m->holds[i].nr && frame >= m->holds[i].first &&
		    frame < m->holds[i].first + m->holds[i].nr)
			return true;
	return false;
}

static bool row_shows(u32 idx, unsigned long first, u32 nr)
{
	struct na_window_info info;
	u32 i;

	for (i = 0; i < nr; i++) {
		info = na_window_info(room.set, idx + i);
		if ((info.state != NA_WINDOW_LIVE &&
		     info.state != NA_WINDOW_STALE) ||
		    info.frame.nr != first + i)
			return false;
	}
	return true;
}

static bool row_is_idle(u32 idx, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (na_window_info(room.set, idx + i).state == NA_WINDOW_LIVE)
			return false;
	return true;
}

/* Is there a row for the run, or room for one? */
static bool may_be_had(unsigned long first, u32 nr, bool *is_there)
{
	bool has_room = false;
	u32 idx;

	*is_there = false;
	for (idx = 0; idx + nr <= MODEL_SLOTS; idx++) {
		*is_there |= row_shows(idx, first, nr);
		has_room |= row_is_idle(idx, nr);
	}
	return *is_there || has_room;
}

static void model_map(struct model *m, struct hold *hold)
{
	u32 nr = 1 + tap_below(&m->seed, 5);
	unsigned long first = tap_below(&m->seed, MODEL_FRAMES + 1 - nr);
	bool is_there, may = may_be_had(first, nr, &is_there);
	u64 nr_shootdowns = stat(NA_WINDOW_SHOOTDOWNS);
	u64 nr_misses = stat(NA_WINDOW_MISSES);

	EXPECT_EQ(try_map_run(first, nr, &hold->window), may ? 0 : -ETIMEDOUT);
	EXPECT_EQ(stat(NA_WINDOW_MISSES) - nr_misses,
		  may && !is_there ? nr : 0);
	EXPECT(stat(NA_WINDOW_SHOOTDOWNS) - nr_shootdowns <=
	       (may && !is_there));
	if (!may)
		return;
	hold->first = first;
	hold->nr = nr;
}

static void model_unmap(struct hold *hold)
{
	unmap_run(hold->window, hold->nr);
	hold->nr = 0;
}

static void model_convert(struct model *m)
{
	unsigned long nr = tap_below(&m->seed, MODEL_FRAMES);
	int err = m->is_uc[nr] ? back_from_uc(nr, 1) : to_uc(nr, 1);

	EXPECT_EQ(err, is_held(m, nr) ? -EBUSY : 0);
	if (!err)
		m->is_uc[nr] = !m->is_uc[nr];
}

static void model_purge(struct model *m)
{
	unsigned long nr = tap_below(&m->seed, MODEL_FRAMES);
	struct na_run run = run_of(nr, 1);

	EXPECT_EQ(na_window_purge(room.set, &run, 1),
		  is_held(m, nr) ? -EBUSY : 0);
	if (!is_held(m, nr))
		EXPECT_EQ(views(nr), 0);
}

static void model_check(struct model *m)
{
	u32 i;

	for (i = 0; i < MODEL_HOLDS; i++)
		if (m->holds[i].nr)
			expect_row(m->holds[i].window, m->holds[i].first,
				   m->holds[i].nr);
	/* I1: no entry and no translation of the other type. */
	for (i = 0; i < MODEL_FRAMES; i++)
		EXPECT_EQ(winport_count_views(room.port, f(i), m->is_uc[i] ?
					      NA_WB : NA_UC), 0);
}

static void model_step(struct model *m)
{
	struct hold *hold = &m->holds[tap_below(&m->seed, MODEL_HOLDS)];

	winport_cpu = tap_below(&m->seed, NR_CPUS);
	switch (tap_below(&m->seed, 16)) {
	case 0 ... 1:
		model_convert(m);
		break;
	case 2:
		model_purge(m);
		break;
	case 3:
		na_window_purge_all(room.set);
		break;
	default:
		if (hold->nr)
			model_unmap(hold);
		else
			model_map(m, hold);
	}
}

/* kills: whatever needs several steps to show */
static void runs_in_any_order_agree_with_model(void)
{
	struct na_window_config config = { .nr_slots = MODEL_SLOTS };
	struct model m = { .seed = tap_seed() };
	u32 i;

	begin_speculating(&config);
	for (i = 0; i < 20000; i++) {
		model_step(&m);
		model_check(&m);
	}
	for (i = 0; i < MODEL_HOLDS; i++)
		if (m.holds[i].nr)
			model_unmap(&m.holds[i]);
	for (i = 0; i < MODEL_FRAMES; i++)
		if (m.is_uc[i])
			EXPECT_EQ(back_from_uc(i, 1), 0);
	tap_say("misses %llu, hits %llu, revivals %llu, reclaimed %llu",
		stat(NA_WINDOW_MISSES), stat(NA_WINDOW_HITS),
		stat(NA_WINDOW_REVIVALS), stat(NA_WINDOW_RECLAIMED));
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
	TAP(run_timeout_of_zero_does_not_sleep),
	TAP(run_timeout_expires),
	TAP(run_waits_for_unmap),
	TAP(run_sees_unmap_before_sleep),
	TAP(run_waiting_takes_a_hit),
	TAP(run_that_is_there_in_part_sleeps),
	TAP(run_that_is_made_wakes_waiters),
	TAP(run_wait_ends_by_signal),
	TAP(unmap_run_of_garbage_is_refused),
	TAP(unmap_run_twice_is_refused),
	TAP(unmap_run_in_part_unmapped_is_refused),
	TAP(destroy_leaks_set_with_row_in_use),
	TAP(runs_in_any_order_agree_with_model),
};

TAP_MAIN(cases)
