/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What scenarios of windows share. Frame f holds 10 + f in word 0.
 */
#ifndef SCN_WINDOW_H
#define SCN_WINDOW_H

#include <noalias/window.h>

#include "scenarios.h"

static inline struct na_window_set *scn_the_set(struct na_port *m)
{
	return m->priv[0];
}

/** scn_fill_frames() - the system has all frames, each with its number. */
void scn_fill_frames(struct na_port *m);

/** scn_make_set() - fill the frames and make the set. */
void scn_make_set(struct na_port *m, u32 nr_slots, u32 batch_max,
		  u32 local_depth, bool is_cpu_bound);

/**
 * scn_look() - read through a window that is mapped
 *
 * A slot that was lost to somebody shows another frame, and so does a
 * translation that was left behind.
 */
void scn_look(struct na_port *m, const struct na_window *window, u32 frame);

/** scn_expect_no_window() - no entry and no translation shows @frame. */
void scn_expect_no_window(struct na_port *m, u32 frame);

#endif
