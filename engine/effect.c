// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effect: the door. Here is what an effect is counted as, and which counter its
 * time goes to. Effects may lie in each other: a conversion holds a purge, a
 * flush, a cleaning; each counts itself and is told by itself.
 *
 * The clock is read for a counter, or for a listener that wants the time. The
 * listener is told outside of what is measured, so that what it does with it
 * costs nobody else.
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

static bool is_timed(const struct na_effect *effect)
{
	return effect->is_timed || time_of(effect->kind) != NR_NA_STATS;
}

int na_effect_begin(struct na_machine *machine, struct na_effect *effect)
{
	effect->is_heard = na_port_hears(machine->port, effect->kind);
	if (unlikely(effect->is_heard))
		na_port_effect(machine->port, effect);
	if (is_timed(effect))
		effect->start_ns = na_port_time_ns(machine->port);
	return effect->err;
}

int na_effect_end(struct na_machine *machine, struct na_effect *effect,
		  int err)
{
	enum na_stat stat = time_of(effect->kind);

	effect->err = err;
	if (is_timed(effect))
		effect->ns = na_port_time_ns(machine->port) - effect->start_ns;
	if (stat != NR_NA_STATS)
		na_stat_add(machine, stat, effect->ns);
	count(machine, effect);
	if (unlikely(effect->is_heard)) {
		effect->is_over = true;
		na_port_effect(machine->port, effect);
	}
	return effect->err;
}

const char *na_effect_name(enum na_effect_kind kind)
{
	static const char *const names[NR_NA_EFFECTS] = {
		[NA_EFFECT_CONVERT_TO] = "convert_to",
		[NA_EFFECT_CONVERT_BACK] = "convert_back",
		[NA_EFFECT_PURGE] = "purge",
		[NA_EFFECT_PURGE_ALONE] = "purge_alone",
		[NA_EFFECT_STALE_CHECK] = "stale_check",
		[NA_EFFECT_TAKE] = "take",
		[NA_EFFECT_KMAP_PURGE] = "kmap_purge",
		[NA_EFFECT_TLB_FLUSH] = "tlb_flush",
		[NA_EFFECT_DIRECT_SET] = "direct_set",
		[NA_EFFECT_CACHE_CLEAN] = "cache_clean",
		[NA_EFFECT_MARK] = "mark",
		[NA_EFFECT_WC_DRAIN] = "wc_drain",
		[NA_EFFECT_WC_DRAIN_OWN] = "wc_drain_own",
		[NA_EFFECT_FRAMES_ALLOC] = "frames_alloc",
		[NA_EFFECT_FRAMES_FREE] = "frames_free",
		[NA_EFFECT_FRAMES_SPLIT] = "frames_split",
		[NA_EFFECT_FRAMES_LOST] = "frames_lost",
		[NA_EFFECT_RANGE_OPEN] = "range_open",
		[NA_EFFECT_RANGE_CLOSE] = "range_close",
		[NA_EFFECT_WINDOW_SET] = "window_set",
		[NA_EFFECT_WINDOW_CLEAR] = "window_clear",
		[NA_EFFECT_WINDOW_SHOOTDOWN] = "window_shootdown",
		[NA_EFFECT_WINDOW_INVALIDATE] = "window_invalidate",
	};

	if (!NA_ASSERT((u32)kind < NR_NA_EFFECTS))
		return "unknown";
	return names[kind];
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
