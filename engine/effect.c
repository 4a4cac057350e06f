// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effect: the counters of each kind of effect, its time, and the calls of the
 * listener. Effects nest: a conversion contains a purge, a flush and a
 * cleaning, each of which is counted and reported itself.
 *
 * The clock is read only for a counter, or for a listener that wants the time.
 * Calls of the listener are not in the time of their effect, but in that of the
 * effects around it.
 */
#include <noalias/effect.h>

#define NOTHING 0u
#define AS(stat) (1u + (stat))

/* A table, because a switch becomes a chain of compares with retpolines. */
static const struct {
	u8 ns;		/* counter of its time, or NOTHING */
	u8 calls;	/* counter of its calls, whatever their result */
} accounts[NR_NA_EFFECTS] = {
	[NA_EFFECT_PURGE] = { AS(NA_STAT_PURGE_NS), AS(NA_STAT_PURGES) },
	[NA_EFFECT_PURGE_ALONE] = { AS(NA_STAT_PURGE_NS), AS(NA_STAT_PURGES) },
	[NA_EFFECT_TAKE] = { AS(NA_STAT_ALLOC_NS), NOTHING },
	[NA_EFFECT_KMAP_PURGE] = { NOTHING, AS(NA_STAT_KMAP_PURGES) },
	[NA_EFFECT_TLB_FLUSH] = { AS(NA_STAT_TLB_NS),
				  AS(NA_STAT_TLB_FLUSHES) },
	[NA_EFFECT_DIRECT_SET] = { AS(NA_STAT_DIRECT_NS), NOTHING },
	[NA_EFFECT_CACHE_CLEAN] = { AS(NA_STAT_CACHE_NS), NOTHING },
};

static void count_as(struct na_machine *machine, u8 account, u64 count)
{
	if (account)
		na_stat_add(machine, (enum na_stat)(account - 1), count);
}

static void count_convert_to(struct na_machine *machine,
			     const struct na_effect *effect)
{
	if (!effect->err) {
		na_stat_add(machine, NA_STAT_CONVERSIONS, 1);
		na_stat_add(machine, NA_STAT_CONVERTED_FRAMES,
			    na_runs_count_frames(effect->runs,
						 effect->nr_runs));
	} else if (effect->err != -EUCLEAN) {
		/* -EUCLEAN is not a refusal: some frames are in quarantine. */
		na_stat_add(machine, NA_STAT_REFUSED, 1);
	}
}

static void count_convert_back(struct na_machine *machine,
			       const struct na_effect *effect)
{
	na_stat_add(machine, NA_STAT_RETURNS, !effect->err);
	na_stat_add(machine, NA_STAT_RETURNED_FRAMES, effect->nr);
}

static bool is_timed(const struct na_effect *effect)
{
	return effect->is_timed || accounts[effect->kind].ns;
}

/* Until the end, @ns is the time of the beginning. */
static u64 time_since(struct na_machine *machine,
		      const struct na_effect *effect)
{
	return na_port_time_ns(machine->port) - effect->ns;
}

int na_effect_begin(struct na_machine *machine, struct na_effect *effect)
{
	effect->is_heard = na_port_hears(machine->port, effect->kind);
	if (unlikely(effect->is_heard))
		na_port_effect(machine->port, effect);
	if (is_timed(effect))
		effect->ns = na_port_time_ns(machine->port);
	return effect->err;
}

static void count(struct na_machine *machine, const struct na_effect *effect,
		  u64 ns)
{
	count_as(machine, accounts[effect->kind].ns, ns);
	count_as(machine, accounts[effect->kind].calls, 1);
	if (effect->kind == NA_EFFECT_CONVERT_TO)
		count_convert_to(machine, effect);
	else if (effect->kind == NA_EFFECT_CONVERT_BACK)
		count_convert_back(machine, effect);
}

void na_effect_count(struct na_machine *machine, struct na_effect *effect)
{
	(void)NA_ASSERT(!effect->is_counted && is_timed(effect));
	effect->is_counted = true;
	count(machine, effect, time_since(machine, effect));
}

int na_effect_end(struct na_machine *machine, struct na_effect *effect,
		  int err)
{
	effect->err = err;
	if (effect->is_counted ? effect->is_timed : is_timed(effect))
		effect->ns = time_since(machine, effect);
	if (!effect->is_counted)
		count(machine, effect, effect->ns);
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
