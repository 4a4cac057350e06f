// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Calls for what a process does not have: a kmap pool, a direct map, control of
 * TLBs, and a listener of effects. No call here changes a memory type, and the
 * ledger of a process has WB for every frame.
 */
#include <noalias/effect.h>

#include "user.h"

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	(void)port;
	return 0;
}

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	(void)port;
	(void)frame;
	return false;
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	(void)port;
	(void)lowest;
	(void)highest;
	(void)bloom;
	return 0;
}

void na_port_kmap_purge(struct na_port *port)
{
	(void)port;
}

bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame)
{
	(void)port;
	(void)frame;
	return false;
}

/* munmap() and mmap() have flushed translations when they return. */
void na_port_tlb_flush(struct na_port *port)
{
	(void)port;
}

bool na_port_hears(struct na_port *port, enum na_effect_kind kind)
{
	(void)port;
	(void)kind;
	return false;
}

void na_port_effect(struct na_port *port, struct na_effect *effect)
{
	(void)port;
	(void)effect;
}
