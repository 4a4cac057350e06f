/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Environment of cases on window sets: one machine of four CPUs, one set, and
 * short names for calls.
 *
 * Cases run in one thread and act as several CPUs by setting fake_cpu; a hook
 * does what others do in the middle of a call.
 */
#ifndef WINDOW_ROOM_H
#define WINDOW_ROOM_H

#include <noalias/convert.h>
#include <noalias/purge.h>
#include <noalias/window.h>

#include "tap.h"
#include "../fake/port.h"

#define NR_FRAMES 4096
#define NR_CPUS 4

struct room {
	struct na_port *port;
	struct na_machine machine;
	struct na_window_set *set;
};

static struct room room;

ROOM struct na_frame f(unsigned long nr)
{
	return na_frame(nr);
}

ROOM struct na_run run_of(unsigned long first, u32 nr)
{
	return na_run(na_frame(first), nr);
}

/* The machine, without a set. */
ROOM void begin_empty(void)
{
	fake_cpu = 0;
	memset(&room, 0, sizeof(room));
	room.port = fake_windows_create(NR_CPUS);
	EXPECT_EQ(na_machine_init(&room.machine, room.port, NR_FRAMES), 0);
}

ROOM void begin(const struct na_window_config *config)
{
	begin_empty();
	EXPECT_EQ(na_window_set_create(&room.machine, config, &room.set), 0);
	fake_forget(room.port);
}

ROOM void begin_speculating(const struct na_window_config *config)
{
	begin_empty();
	room.port->speculates = true;
	EXPECT_EQ(na_window_set_create(&room.machine, config, &room.set), 0);
	fake_forget(room.port);
}

/* For cases that break something on purpose. */
ROOM void abandon(void)
{
	fake_destroy(room.port);
}

ROOM void end(void)
{
	room.port->hook = NULL;
	fake_cpu = 0;
	EXPECT_EQ(room.port->nr_stuck, 0);
	na_window_set_destroy(room.set);
	na_machine_fini(&room.machine);
	EXPECT_EQ(fake_nr_blocks(room.port), 0);
	abandon();
}

ROOM u64 stat(enum na_window_stat which)
{
	return na_window_stat(room.set, which);
}

ROOM u32 calls(enum fake_call call)
{
	return fake_count(room.port, call);
}

/* Calls that touch page tables or TLBs. */
ROOM u32 effects(void)
{
	return calls(FAKE_WINDOW_SET) + calls(FAKE_WINDOW_CLEAR) +
	       calls(FAKE_WINDOW_READ) + calls(FAKE_SHOOTDOWN) +
	       calls(FAKE_INVALIDATE) + calls(FAKE_TLB_FLUSH);
}

/* This CPU sees @frame there, with @type. */
ROOM void expect_shown(const void *addr, unsigned long frame,
		       enum na_memtype type)
{
	struct fake_view view = fake_touch(room.port, addr);

	EXPECT(view.is_present);
	EXPECT_EQ(view.frame.nr, frame);
	EXPECT_EQ(view.type, type);
}

ROOM struct na_window map(unsigned long frame)
{
	struct na_window window = { 0 };

	EXPECT_EQ(na_window_map(room.set, f(frame), &window), 0);
	EXPECT_EQ(fake_entry(room.port, window.addr).frame.nr, frame);
	return window;
}

ROOM void unmap(struct na_window window)
{
	EXPECT_EQ(na_window_unmap(room.set, window), 0);
}

/* Mapped, used on this CPU, unmapped. */
ROOM struct na_window leave_stale(unsigned long frame)
{
	struct na_window window = map(frame);

	fake_touch(room.port, window.addr);
	unmap(window);
	return window;
}

ROOM enum na_window_state state_of(struct na_window window)
{
	return na_window_info(room.set, window.idx).state;
}

ROOM int to_uc(unsigned long first, u32 nr)
{
	struct na_run run = run_of(first, nr);

	return na_convert_to(&room.machine, &run, 1, NA_UC, NA_LENT);
}

ROOM int back_from_uc(unsigned long first, u32 nr)
{
	struct na_run run = run_of(first, nr);

	return na_convert_back(&room.machine, &run, 1, NA_UC, NA_LENT);
}

/* The first half of a conversion that forgets to purge. */
ROOM void claim(unsigned long frame)
{
	struct na_run run = run_of(frame, 1);

	EXPECT_EQ(na_ledger_claim(&room.machine.ledger, &run, 1, NA_SYSTEM,
				  NA_WB), 0);
}

ROOM void commit(unsigned long frame, enum na_state to, enum na_memtype type)
{
	struct na_run run = run_of(frame, 1);

	na_ledger_commit(&room.machine.ledger, &run, 1, to, type);
}

ROOM u32 views(unsigned long frame)
{
	return fake_count_views(room.port, f(frame), NR_NA_MEMTYPES);
}

#endif
