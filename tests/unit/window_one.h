/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the cases on windows of one frame share. Runs of frames are in
 * window_run_*.c, threads in window_race.c.
 */
#ifndef WINDOW_ONE_H
#define WINDOW_ONE_H

#include "window_room.h"

ROOM const struct na_window_config four_slots = {
	.nr_slots = 4, .batch_max = 2, .local_depth = 2,
};
ROOM const struct na_window_config one_slot = { .nr_slots = 1 };
ROOM const struct na_window_config bound = {
	.nr_slots = 2, .batch_max = 2, .is_cpu_bound = true,
};

ROOM struct na_window_local map_local(unsigned long frame)
{
	struct na_window_local local = { 0 };

	EXPECT_EQ(na_window_local_map(room.set, f(frame), &local), 0);
	return local;
}

#endif
