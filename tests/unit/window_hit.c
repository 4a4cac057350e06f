// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window_hit: what a map and an unmap cost when the frame has a slot already,
 * and a run a row.
 *
 * The engine's sources are compiled into this program, with each locked
 * instruction and each lock counted on its way; an allocation fails.
 */
#include <na_platform.h>

static u32 nr_rmws, nr_locks;

#define na_atomic32_add(v, val) (nr_rmws++, na_atomic32_add(v, val))
#define na_atomic32_add_return(v, val) \
	(nr_rmws++, na_atomic32_add_return(v, val))
#define na_atomic32_cmpxchg(v, old, new) \
	(nr_rmws++, na_atomic32_cmpxchg(v, old, new))
#define na_atomic64_add(v, val) (nr_rmws++, na_atomic64_add(v, val))
#undef na_ptr_cmpxchg
#define na_ptr_cmpxchg(pp, old, new)					\
	__extension__({							\
		__typeof__(*(pp)) na_seen_ = (old);			\
		nr_rmws++;						\
		__atomic_compare_exchange_n(pp, &na_seen_, new, false,	\
					    __ATOMIC_SEQ_CST,		\
					    __ATOMIC_SEQ_CST);		\
		na_seen_;						\
	})
#define na_spin_lock(lock) (nr_locks++, na_spin_lock(lock))
#define na_mutex_lock(lock) (nr_locks++, na_mutex_lock(lock))

#include "../../engine/ledger.c"
#include "../../engine/window.c"
#include "../../engine/window_local.c"
#include "../../engine/window_map.c"
#include "../../engine/window_reclaim.c"
#include "../../engine/window_row.c"
#include "../../engine/window_set.c"

#include "tap.h"
#include "../fake/port.h"

static struct na_port *port;
static struct na_machine machine;
static struct na_window_set *set;

static void begin(bool is_cpu_bound)
{
	struct na_window_config config = {
		.nr_slots = 4, .local_depth = 1, .is_cpu_bound = is_cpu_bound,
	};

	port = fake_windows_create(2);
	EXPECT_EQ(na_machine_init(&machine, port, 4096), 0);
	EXPECT_EQ(na_window_set_create(&machine, &config, &set), 0);
}

static void end(void)
{
	na_window_set_destroy(set);
	na_machine_fini(&machine);
	fake_destroy(port);
}

static struct na_window map(unsigned long frame)
{
	struct na_window window = { 0 };

	EXPECT_EQ(na_window_map(set, na_frame(frame), &window), 0);
	return window;
}

static void expect_two_rmws(const char *what, unsigned long frame)
{
	struct na_window window;

	nr_rmws = 0;
	nr_locks = 0;
	/* An allocation would fail, and so would the map. */
	fake_fail(port, FAKE_WINDOW_FALLIBLE, 1, 1);
	window = map(frame);
	na_window_unmap(set, window);
	EXPECT_EQ(port->fails_at, 1);
	fake_fail_never(port);
	tap_say("%s: %u atomic read-modify-writes, %u locks", what, nr_rmws,
		nr_locks);
	EXPECT(nr_rmws <= 2);
	EXPECT_EQ(nr_locks, 0);
}

/* kills: a lock, a counter or a pin in the ledger on the hit path */
static void hit_takes_two_rmws(void)
{
	struct na_window window;

	begin(false);
	window = map(7);
	expect_two_rmws("nested", 7);
	na_window_unmap(set, window);
	expect_two_rmws("revived", 7);
	end();
}

/* kills: the CPU mask as a locked bit operation */
static void hit_takes_two_rmws_when_narrowed(void)
{
	begin(true);
	na_window_unmap(set, map(7));
	fake_cpu = 1;
	expect_two_rmws("first use on another CPU", 7);
	expect_two_rmws("next use there", 7);
	fake_cpu = 0;
	end();
}

static void map_row_once(void)
{
	struct na_window window;

	EXPECT_EQ(na_window_map_run(set, na_run(na_frame(7), 3), 0, &window),
		  0);
	EXPECT_EQ(na_window_unmap_run(set, window, 3), 0);
}

/* kills: a lock for the row, or more for a frame than a single map takes */
static void hit_of_run_takes_two_rmws_a_frame(void)
{
	begin(false);
	map_row_once();
	nr_rmws = 0;
	nr_locks = 0;
	fake_fail(port, FAKE_WINDOW_FALLIBLE, 1, 1);
	map_row_once();
	EXPECT_EQ(port->fails_at, 1);
	fake_fail_never(port);
	tap_say("run of 3 revived: %u atomic read-modify-writes, %u locks",
		nr_rmws, nr_locks);
	EXPECT_EQ(nr_rmws, 6);
	EXPECT_EQ(nr_locks, 0);
	end();
}

/* kills: a counter or a lock that docs/window.md does not tell of */
static void miss_is_counted(void)
{
	struct na_window window;

	begin(false);
	nr_rmws = 0;
	nr_locks = 0;
	na_window_unmap(set, map(7));
	tap_say("miss: %u atomic read-modify-writes, %u locks", nr_rmws,
		nr_locks);
	EXPECT(nr_locks);
	na_window_purge_all(set);
	nr_rmws = 0;
	nr_locks = 0;
	map_row_once();
	tap_say("miss of a run of 3: %u atomic read-modify-writes, %u locks",
		nr_rmws, nr_locks);
	EXPECT_EQ(nr_rmws, 2 * 3 + 1);
	EXPECT_EQ(nr_locks, 1 + 4);
	na_window_unmap(set, map(20));
	nr_rmws = 0;
	nr_locks = 0;
	EXPECT_EQ(na_window_map_run(set, na_run(na_frame(30), 3), 0, &window),
		  0);
	EXPECT_EQ(na_window_unmap_run(set, window, 3), 0);
	tap_say("the same, slots stale: %u atomic read-modify-writes, %u locks",
		nr_rmws, nr_locks);
	EXPECT_EQ(nr_rmws, 2 * 3 + 3 + 3);
	EXPECT_EQ(nr_locks, 1 + 6);
	end();
}

static const struct tap_case cases[] = {
	TAP(hit_takes_two_rmws),
	TAP(hit_takes_two_rmws_when_narrowed),
	TAP(hit_of_run_takes_two_rmws_a_frame),
	TAP(miss_is_counted),
};

TAP_MAIN(cases)
