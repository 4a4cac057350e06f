// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effects of buffers: frames are allocated and freed, and stores are drained.
 */
#include <noalias/effect.h>

int na_effect_frames_alloc(struct na_machine *machine, u32 nr,
			   enum na_zone zone, bool try_hard,
			   struct na_run *block)
{
	struct na_run run = na_run(na_frame(0), nr);
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_FRAMES_ALLOC,
						      &run, 1, NA_WB);
	int err = na_effect_begin(machine, &effect);

	if (!err)
		err = na_port_frames_alloc(machine->port, nr, zone, try_hard,
					   block);
	if (!err)
		run = *block;
	return na_effect_end(machine, &effect, err);
}

void na_effect_frames_free(struct na_machine *machine, struct na_run block)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_FRAMES_FREE,
						      &block, 1, NA_WB);

	na_effect_begin(machine, &effect);
	na_port_frames_free(machine->port, block);
	na_effect_end(machine, &effect, 0);
}

void na_effect_frames_split(struct na_machine *machine, struct na_run block)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_FRAMES_SPLIT,
						      &block, 1, NA_WB);

	na_effect_begin(machine, &effect);
	na_port_frames_split(machine->port, block);
	na_effect_end(machine, &effect, 0);
}

void na_effect_wc_drain_own(struct na_machine *machine)
{
	struct na_effect effect = { .kind = NA_EFFECT_WC_DRAIN_OWN };

	na_effect_begin(machine, &effect);
	na_port_wc_drain_own(machine->port);
	na_effect_end(machine, &effect, 0);
}
