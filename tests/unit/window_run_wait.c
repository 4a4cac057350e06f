// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: rows that wait for slots, and their end.
 */
#include "window_run_room.h"

/* --- waiting ---------------------------------------------------------------------------- */

static void unmap_at_wait(struct na_port *port, enum fake_call call)
{
	struct na_window *window = port->hook_arg;

	if (call != FAKE_WAIT || !window->addr)
		return;
	unmap(*window);
	window->addr = NULL;
}

static void unmap_at_second_look(struct na_port *port, enum fake_call call)
{
	struct na_window *window = port->hook_arg;

	/* The second look at the clock is between the try and the sleep. */
	if (call != FAKE_TIME || calls(FAKE_TIME) != 2)
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
	fake_forget(room.port);
	return one_of(row, 2);
}

/* kills: a bound of 0 that sleeps */
static void run_timeout_of_zero_does_not_sleep(void)
{
	struct na_window live = begin_with_third_live(), window;

	EXPECT_EQ(try_map_run(10, 3, &window), -ETIMEDOUT);
	EXPECT_EQ(calls(FAKE_WAIT), 0);
	EXPECT_EQ(stat(NA_WINDOW_WAITS), 0);
	/* But reclaims. */
	window = map_run(10, 2);
	EXPECT_EQ(calls(FAKE_SHOOTDOWN), 1);
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
	EXPECT_EQ(calls(FAKE_WAIT), 1);
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
	EXPECT_EQ(calls(FAKE_WAIT), 0);
	EXPECT_EQ(room.port->now_ns, 0);
	unmap_run(window, 4);
	room.port->hook = NULL;
	end_whole();
}

static void expect_few_looks(struct na_port *port, enum fake_call call)
{
	(void)port;
	/* For the deadline, before the sleep, after it. */
	EXPECT(call != FAKE_TIME || calls(FAKE_TIME) <= 3);
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
	EXPECT_EQ(calls(FAKE_WAIT), 1);
	EXPECT_EQ(calls(FAKE_WAKE), 0);
	room.port->hook = NULL;
	unmap(lives[0]);
	unmap(lives[1]);
	end_whole();
}

static void make_other_row_at_wait(struct na_port *port, enum fake_call call)
{
	struct na_window *window = port->hook_arg;

	if (call != FAKE_WAIT)
		return;
	port->hook = NULL;
	*window = map_run(10, 2);
}

static void make_row_at_wait(struct na_port *port, enum fake_call call)
{
	struct na_window *rows = port->hook_arg;

	if (call != FAKE_WAIT)
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
	EXPECT_EQ(calls(FAKE_WAKE), 1);
	EXPECT_EQ(calls(FAKE_WAIT), 2);
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

static const struct tap_case cases[] = {
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
};

TAP_MAIN(cases)
