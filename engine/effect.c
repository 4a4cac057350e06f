// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effect: the door. Here is what an effect is counted as, and which counter its
 * time goes to. Effects may lie in each other: a conversion holds a check, a
 * flush, a cleaning; each counts itself.
 */
#include <noalias/effect.h>

/* NR_NA_STATS: nobody counts its time, so the clock is not read. */
static enum na_stat time_of(enum na_effect_kind kind)
{
	switch (kind) {
	case NA_EFFECT_STALE_CHECK:
		return NA_STAT_PURGE_NS;
	case NA_EFFECT_TAKE:
		return NA_STAT_ALLOC_NS;
	case NA_EFFECT_DIRECT_SET:
		return NA_STAT_DIRECT_NS;
	case NA_EFFECT_TLB_FLUSH:
		return NA_STAT_TLB_NS;
	case NA_EFFECT_CACHE_CLEAN:
		return NA_STAT_CACHE_NS;
	default:
		return NR_NA_STATS;
	}
}

static void count_conversion(struct na_machine *machine,
			     const struct na_effect *effect)
{
	if (!effect->err) {
		na_stat_add(machine, NA_STAT_CONVERSIONS, 1);
		na_stat_add(machine, NA_STAT_CONVERTED_FRAMES,
			    na_runs_count_frames(effect->runs,
						 effect->nr_runs));
	} else if (effect->err != -EUCLEAN) {
		/* -EUCLEAN: not refused, some frames are in quarantine. */
		na_stat_add(machine, NA_STAT_REFUSED, 1);
	}
}

static void count(struct na_machine *machine, const struct na_effect *effect)
{
	switch (effect->kind) {
	case NA_EFFECT_CONVERT_TO:
		count_conversion(machine, effect);
		break;
	case NA_EFFECT_CONVERT_BACK:
		na_stat_add(machine, NA_STAT_RETURNS, !effect->err);
		na_stat_add(machine, NA_STAT_RETURNED_FRAMES, effect->nr);
		break;
	case NA_EFFECT_STALE_CHECK:
		na_stat_add(machine, NA_STAT_PURGES, 1);
		break;
	case NA_EFFECT_KMAP_PURGE:
		na_stat_add(machine, NA_STAT_KMAP_PURGES, 1);
		break;
	case NA_EFFECT_TLB_FLUSH:
		na_stat_add(machine, NA_STAT_TLB_FLUSHES, 1);
		break;
	default:
		break;
	}
}

void na_effect_begin(struct na_machine *machine, struct na_effect *effect)
{
	if (time_of(effect->kind) != NR_NA_STATS)
		effect->start_ns = na_port_time_ns(machine->port);
}

int na_effect_end(struct na_machine *machine, struct na_effect *effect,
		  int err)
{
	enum na_stat stat = time_of(effect->kind);

	effect->err = err;
	count(machine, effect);
	if (stat != NR_NA_STATS)
		na_stat_add(machine, stat, na_port_time_ns(machine->port) -
			    effect->start_ns);
	return effect->err;
}

void na_effect_kmap_purge(struct na_machine *machine)
{
	struct na_effect effect = { .kind = NA_EFFECT_KMAP_PURGE };

	na_effect_begin(machine, &effect);
	na_port_kmap_purge(machine->port);
	na_effect_end(machine, &effect, 0);
}

void na_effect_tlb_flush(struct na_machine *machine)
{
	struct na_effect effect = { .kind = NA_EFFECT_TLB_FLUSH };

	na_might_sleep();
	na_effect_begin(machine, &effect);
	na_port_tlb_flush(machine->port);
	na_effect_end(machine, &effect, 0);
}
