// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: waiting for a slot, and windows that one CPU keeps for itself.
 */
#include "window_one.h"

/* --- waiting -------------------------------------------------------------------- */

static void unmap_at(struct na_port *port, enum fake_call call,
		     enum fake_call when)
{
	struct na_window *window = port->hook_arg;

	if (call != when || !window->addr)
		return;
	unmap(*window);
	window->addr = NULL;
}

static void unmap_at_wait(struct na_port *port, enum fake_call call)
{
	unmap_at(port, call, FAKE_WAIT);
}

static void unmap_at_time(struct na_port *port, enum fake_call call)
{
	/* The second look at the clock is between the try and the sleep. */
	if (calls(FAKE_TIME) == 2)
		unmap_at(port, call, FAKE_TIME);
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
	EXPECT_EQ(calls(FAKE_WAIT), 1);
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
	EXPECT_EQ(calls(FAKE_WAIT), 0);
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
	EXPECT_EQ(calls(FAKE_WAKE), 0);
	end();
}

static void swap_at_wait(struct na_port *port, enum fake_call call)
{
	struct na_window *window = port->hook_arg;

	if (call != FAKE_WAIT)
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
	EXPECT_EQ(calls(FAKE_WAIT), 1);
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
	EXPECT_EQ(calls(FAKE_WAIT), 0);
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
	EXPECT_EQ(calls(FAKE_WAKE), 0);
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
	EXPECT_EQ(calls(FAKE_WINDOW_CLEAR) + calls(FAKE_SHOOTDOWN) +
		  calls(FAKE_WAIT), 0);
	end();
}

/* --- local windows ----------------------------------------------------------------- */

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
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 0);
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
	fake_cpu = 2;
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
	fake_fail(room.port, FAKE_WINDOW_FALLIBLE, 1, 1);
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
	room.port->nr_slot_lies = 1;
	na_window_local_unmap(room.set, local);
	EXPECT_EQ(stat(NA_WINDOW_LOST), 1);
	EXPECT_EQ(na_window_local_map(room.set, f(8), &local), -EFAULT);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	EXPECT_EQ(to_uc(8, 1), 0);
	fake_cpu = 1;
	na_window_local_unmap(room.set, map_local(9));
	abandon();
}

static const struct tap_case cases[] = {
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
};

TAP_MAIN(cases)
