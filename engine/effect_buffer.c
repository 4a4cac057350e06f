// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effects of buffers: frames from the system and back, and what was written.
 */
#include <noalias/effect.h>

int na_effect_frames_alloc(struct na_machine *machine, u32 order,
			   struct na_frame *first)
{
	return na_port_frames_alloc(machine->port, order, first);
}

void na_effect_frames_free(struct na_machine *machine, struct na_frame first,
			   u32 order)
{
	na_port_frames_free(machine->port, first, order);
}

void na_effect_frames_split(struct na_machine *machine, struct na_frame first,
			    u32 order)
{
	na_port_frames_split(machine->port, first, order);
}

void na_effect_wc_drain_own(struct na_machine *machine)
{
	na_port_wc_drain_own(machine->port);
}
