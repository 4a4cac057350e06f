/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by scenarios of windows. Frame f holds 10 + f in word 0.
 */
#ifndef SCN_WINDOW_H
#define SCN_WINDOW_H

#include <noalias/window.h>

#include "scenarios.h"

static inline struct na_window_set *scn_the_set(struct na_port *m)
{
	return m->priv[0];
}

#define FRAMES(cpus, frames, slots) { .nr_cpus = cpus, .nr_high = frames, \
		.nr_fix = 1, .nr_win = slots }
/* Stores are seen late by others: total store order. */
#define FRAMES_TSO(cpus, frames, slots) { .nr_cpus = cpus, .nr_high = frames, \
		.nr_fix = 1, .nr_win = slots, .store_buffers = true }

/** scn_fill_frames() - the system has all frames, each with its number. */
void scn_fill_frames(struct na_port *m);

/** scn_make_set() - fill the frames and make the set. */
void scn_make_set(struct na_port *m, u32 nr_slots, u32 batch_max,
		  u32 local_depth, bool is_cpu_bound);

/**
 * scn_look() - read through a window that is mapped
 *
 * A slot that was taken by another user shows another frame, and so does a
 * stale translation.
 */
void scn_look(struct na_port *m, const struct na_window *window, u32 frame);

/* What scenarios begin and end with. */
void scn_one_slot(struct na_port *m);
void scn_with_locals(struct na_port *m);
void scn_end_set(struct na_port *m);

/* What a thread does. */
void scn_map_look_unmap(struct na_port *m, u32 frame);
void scn_local_0(struct na_port *m);

/** scn_expect_no_window() - no entry and no translation shows @frame. */
void scn_expect_no_window(struct na_port *m, u32 frame);

#endif
