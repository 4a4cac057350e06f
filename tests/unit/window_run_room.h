/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the cases on rows. Every case ends with end_whole(), which maps a
 * different frame in each slot of the set: it fails if a slot was lost, is on
 * the free list twice, or still has a user.
 */
#ifndef WINDOW_RUN_ROOM_H
#define WINDOW_RUN_ROOM_H

#include <pthread.h>

#include "window_room.h"

ROOM const struct na_window_config eight_slots = {
	.nr_slots = 8, .batch_max = 4,
};
ROOM const struct na_window_config four_slots = {
	.nr_slots = 4, .batch_max = 2,
};
ROOM const struct na_window_config bound = {
	.nr_slots = 4, .batch_max = 4, .is_cpu_bound = true,
};

ROOM int try_map_run(unsigned long first, u32 nr, struct na_window *window)
{
	return na_window_map_run(room.set, run_of(first, nr), 0, window);
}

ROOM int try_unmap_run(struct na_window window, u32 nr)
{
	return na_window_unmap_run(room.set, window, nr);
}

ROOM void unmap_run(struct na_window window, u32 nr)
{
	EXPECT_EQ(try_unmap_run(window, nr), 0);
}

ROOM const void *addr_at(struct na_window window, u32 nr)
{
	return (const char *)window.addr + nr * FAKE_SLOT_LEN;
}

/* The slot of the row's frame @nr, as a single map would have it. */
ROOM struct na_window one_of(struct na_window window, u32 nr)
{
	return (struct na_window){
		.addr = (char *)window.addr + nr * FAKE_SLOT_LEN,
		.idx = window.idx + nr,
	};
}

ROOM u32 users_of(struct na_window window, u32 nr)
{
	return na_window_info(room.set, window.idx + nr).users;
}

/* Each frame at its place and of the ledger's type. */
ROOM void expect_row(struct na_window window, unsigned long first, u32 nr)
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

ROOM struct na_window map_run(unsigned long first, u32 nr)
{
	struct na_window window = { 0 };

	EXPECT_EQ(try_map_run(first, nr, &window), 0);
	expect_row(window, first, nr);
	return window;
}

ROOM struct na_window leave_row(unsigned long first, u32 nr)
{
	struct na_window window = map_run(first, nr);

	unmap_run(window, nr);
	return window;
}

ROOM u32 count_slots(enum na_window_state state)
{
	u32 idx, nr = 0;

	for (idx = 0; idx < na_window_nr_slots(room.set); idx++)
		nr += na_window_info(room.set, idx).state == state;
	return nr;
}

/* @nr slots can be had, each once. */
ROOM void expect_usable(u32 nr)
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

ROOM void end_whole(void)
{
	expect_usable(na_window_nr_slots(room.set));
	end();
}

#endif
