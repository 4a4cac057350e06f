// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Page allocator: high memory first; every frame is zeroed when it is
 * allocated, as with init_on_alloc, through the direct map or a fixmap window,
 * cached. A freed frame keeps its contents until then.
 */
#include "check.h"
#include "cpu.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

bool sim_frame_is_low(const struct na_port *m, u32 frame)
{
	return frame < m->cfg.nr_low;
}

static bool block_is_free(const struct na_port *m, u32 first, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (m->owner[first + i] != SIM_FREE)
			return false;
	return true;
}

static u32 block_len(u32 nr)
{
	u32 len = 1;

	while (len < nr)
		len *= 2;
	return len;
}

/* From the top, so that high memory goes first. */
static int find_block(const struct na_port *m, u32 len)
{
	u32 total = m->cfg.nr_low + m->cfg.nr_high;
	int first;

	for (first = (int)((total / len) * len - len); first >= 0;
	     first -= (int)len)
		if (block_is_free(m, (u32)first, len))
			return first;
	return -1;
}

static void zero_frame(struct na_port *m, u32 frame)
{
	u32 vp;

	if (sim_frame_is_low(m, frame)) {
		sim_store_zero(m, m->at.direct + frame);
		return;
	}
	vp = sim_fix_map(m, frame, NA_WB);
	sim_store_zero(m, vp);
	sim_fix_unmap(m, vp);
}

int sim_frames_take(struct na_port *m, u32 nr, enum sim_owner owner)
{
	int first;
	u32 i;

	sim_point(SIM_OP_FRAME, 0, __func__);
	if (block_len(nr) > (u32)m->cfg.nr_low + m->cfg.nr_high)
		return -1;
	first = find_block(m, block_len(nr));
	if (first < 0)
		return -1;
	for (i = 0; i < nr; i++)
		m->owner[(u32)first + i] = (u8)owner;
	sim_note(1u << first, "takes frame %d from the system", first);
	for (i = 0; i < nr; i++)
		zero_frame(m, (u32)first + i);
	return first;
}

void sim_frames_give(struct na_port *m, u32 first, u32 nr)
{
	u32 i;

	sim_point(SIM_OP_FRAME, ((1u << nr) - 1) << first, __func__);
	for (i = first; i < first + nr; i++) {
		if (m->owner[i] == SIM_FREE)
			sim_fail(SIM_I7, (int)i, "frame %u is freed twice", i);
		sim_check_freed(m, i);
		m->owner[i] = SIM_FREE;
	}
	sim_note(1u << first, "gives frame %u back to the system", first);
}
