// SPDX-License-Identifier: GPL-2.0
/*
 * Tracepoints of effects: the module's listener (effect.h).
 *
 * Frames in the kmap pool are counted before and after a purge. The count costs
 * more than most purges, so it is made only for the event. It is exact if only
 * the caller maps the frames.
 */
#include <linux/cpumask.h>
#include <noalias/effect.h>

#define CREATE_TRACE_POINTS
#include "trace.h"

bool na_port_hears(struct na_port *port, enum na_effect_kind kind)
{
	switch (kind) {
	case NA_EFFECT_CONVERT_TO:
	case NA_EFFECT_CONVERT_BACK:
		return trace_noalias_convert_enabled();
	case NA_EFFECT_PURGE:
	case NA_EFFECT_PURGE_ALONE:
		return trace_noalias_purge_enabled();
	case NA_EFFECT_KMAP_PURGE:
		return trace_noalias_kmap_purge_enabled();
	case NA_EFFECT_TLB_FLUSH:
		return trace_noalias_tlb_flush_enabled();
	default:
		return false;
	}
}

/* --- the kmap pool --------------------------------------------------------- */

static u32 count_pool(struct na_port *port)
{
	struct na_bloom unused = {};

	return na_port_kmap_list(port, na_frame(0), na_frame(~0ul), &unused);
}

static u32 count_in_run(struct na_port *port, struct na_run run,
			const struct na_bloom *bloom)
{
	u32 nr = 0, idx;

	for (idx = na_bloom_next(bloom, run, 0); idx < run.nr;
	     idx = na_bloom_next(bloom, run, idx + 1))
		nr += na_port_kmap_holds(port, na_frame_add(run.first, idx));
	return nr;
}

/* Frames of the effect that have an entry in the pool. */
static u32 count_in_pool(struct na_port *port, const struct na_effect *effect)
{
	struct na_bloom bloom = {};
	u32 i, nr = 0;

	if (!na_port_kmap_list(port, na_frame(0), na_frame(~0ul), &bloom))
		return 0;
	for (i = 0; i < effect->nr_runs; i++)
		nr += count_in_run(port, effect->runs[i], &bloom);
	return nr;
}

/* --- events ---------------------------------------------------------------- */

/* Values before the effect are kept in its note. */
static void effect_begins(struct na_port *port, struct na_effect *effect)
{
	effect->is_timed = true;
	switch (effect->kind) {
	case NA_EFFECT_PURGE:
	case NA_EFFECT_PURGE_ALONE:
		effect->note = count_in_pool(port, effect);
		break;
	case NA_EFFECT_KMAP_PURGE:
		effect->note = count_pool(port);
		break;
	default:
		break;
	}
}

static void effect_is_over(struct na_port *port,
			   const struct na_effect *effect)
{
	switch (effect->kind) {
	case NA_EFFECT_CONVERT_TO:
		trace_noalias_convert(effect->runs, effect->nr_runs, NA_WB,
				      effect->type, effect->err, effect->ns);
		break;
	case NA_EFFECT_CONVERT_BACK:
		trace_noalias_convert(effect->runs, effect->nr_runs,
				      effect->type, NA_WB, effect->err,
				      effect->ns);
		break;
	case NA_EFFECT_PURGE:
	case NA_EFFECT_PURGE_ALONE:
		trace_noalias_purge(effect->runs, effect->nr_runs,
				    (u32)effect->note,
				    count_in_pool(port, effect),
				    effect->kind == NA_EFFECT_PURGE_ALONE,
				    effect->err, effect->ns);
		break;
	case NA_EFFECT_KMAP_PURGE:
		trace_noalias_kmap_purge((u32)effect->note, count_pool(port),
					 effect->ns);
		break;
	case NA_EFFECT_TLB_FLUSH:
		trace_noalias_tlb_flush(num_online_cpus(), effect->ns);
		break;
	default:
		break;
	}
}

void na_port_effect(struct na_port *port, struct na_effect *effect)
{
	if (effect->is_over)
		effect_is_over(port, effect);
	else
		effect_begins(port, effect);
}
