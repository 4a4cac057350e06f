// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effects in the timeline. Only effects of several steps are added, because the
 * machine records single steps itself. Nothing here is a choice point, so that
 * a run is the same with and without a timeline.
 */
#include <noalias/effect.h>

#include "sched.h"
#include "timeline.h"

static u32 frames_of(const struct na_effect *effect)
{
	u32 i, j, frames = 0;

	for (i = 0; i < effect->nr_runs; i++)
		for (j = 0; j < effect->runs[i].nr; j++)
			frames |= 1u << (effect->runs[i].first.nr + j);
	return frames;
}

bool na_port_hears(struct na_port *m, enum na_effect_kind kind)
{
	if (likely(!sim.tracing))
		return false;
	switch (kind) {
	case NA_EFFECT_CONVERT_TO:
	case NA_EFFECT_CONVERT_BACK:
	case NA_EFFECT_PURGE:
	case NA_EFFECT_PURGE_ALONE:
	case NA_EFFECT_DIRECT_SET:
	case NA_EFFECT_CACHE_CLEAN:
	case NA_EFFECT_KMAP_PURGE:
	case NA_EFFECT_TLB_FLUSH:
	case NA_EFFECT_WC_DRAIN:
	case NA_EFFECT_WINDOW_SHOOTDOWN:
		return true;
	default:
		return false;
	}
}

void na_port_effect(struct na_port *m, struct na_effect *effect)
{
	if (!effect->is_over)
		sim_note(frames_of(effect), "%s begins",
			 na_effect_name(effect->kind));
	else if (effect->err)
		sim_note(frames_of(effect), "%s failed: %d",
			 na_effect_name(effect->kind), effect->err);
	else
		sim_note(frames_of(effect), "%s is done",
			 na_effect_name(effect->kind));
}
