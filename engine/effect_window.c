// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effects of windows. Most are begun with index_lock held, or between cpu_get
 * and cpu_put.
 *
 * A local window costs three effects and not much else, so these fill in struct
 * na_effect only if there is a listener.
 */
#include <noalias/effect.h>

static struct na_effect on_slots(enum na_effect_kind kind,
				 const struct na_effect_slots *slots)
{
	return (struct na_effect){ .kind = kind, .slots = slots };
}

int na_effect_range_open(struct na_machine *machine, u32 nr_slots,
			 struct na_port_range **range)
{
	struct na_effect_slots slots = { .range = NULL };
	struct na_effect effect = on_slots(NA_EFFECT_RANGE_OPEN, &slots);
	int err;

	effect.nr = nr_slots;
	err = na_effect_begin(machine, &effect);
	if (!err)
		err = na_port_range_open(machine->port, nr_slots, range);
	if (!err)
		slots.range = *range;
	return na_effect_end(machine, &effect, err);
}

void na_effect_range_close(struct na_machine *machine,
			   struct na_port_range *range)
{
	struct na_effect_slots slots = { .range = range };
	struct na_effect effect = on_slots(NA_EFFECT_RANGE_CLOSE, &slots);

	na_effect_begin(machine, &effect);
	na_port_range_close(range);
	na_effect_end(machine, &effect, 0);
}

static bool is_heard(struct na_machine *machine, enum na_effect_kind kind)
{
	return unlikely(na_port_hears(machine->port, kind));
}

static noinline int tell_set(struct na_machine *machine,
			     struct na_port_range *range, u32 idx,
			     struct na_run run, enum na_memtype type)
{
	struct na_effect_slots slots = { .range = range, .idxs = &idx, .nr = 1 };
	struct na_effect effect = on_slots(NA_EFFECT_WINDOW_SET, &slots);
	int err;

	effect.runs = &run;
	effect.nr_runs = 1;
	effect.type = type;
	err = na_effect_begin(machine, &effect);
	if (!err)
		err = na_port_window_set(range, idx, run, type);
	return na_effect_end(machine, &effect, err);
}

int na_effect_window_set(struct na_machine *machine,
			 struct na_port_range *range, u32 idx,
			 struct na_run run, enum na_memtype type)
{
	if (is_heard(machine, NA_EFFECT_WINDOW_SET))
		return tell_set(machine, range, idx, run, type);
	return na_port_window_set(range, idx, run, type);
}

static noinline void tell_clear(struct na_machine *machine,
				struct na_port_range *range, const u32 *idxs,
				u32 nr)
{
	struct na_effect_slots slots = { .range = range, .idxs = idxs, .nr = nr };
	struct na_effect effect = on_slots(NA_EFFECT_WINDOW_CLEAR, &slots);

	na_effect_begin(machine, &effect);
	na_port_window_clear(range, idxs, nr);
	na_effect_end(machine, &effect, 0);
}

void na_effect_window_clear(struct na_machine *machine,
			    struct na_port_range *range, const u32 *idxs,
			    u32 nr)
{
	if (is_heard(machine, NA_EFFECT_WINDOW_CLEAR))
		tell_clear(machine, range, idxs, nr);
	else
		na_port_window_clear(range, idxs, nr);
}

static noinline void tell_invalidate(struct na_machine *machine,
				     struct na_port_range *range, u32 idx)
{
	struct na_effect_slots slots = { .range = range, .idxs = &idx, .nr = 1 };
	struct na_effect effect = on_slots(NA_EFFECT_WINDOW_INVALIDATE, &slots);

	na_effect_begin(machine, &effect);
	na_port_window_invalidate(range, idx);
	na_effect_end(machine, &effect, 0);
}

void na_effect_window_invalidate(struct na_machine *machine,
				 struct na_port_range *range, u32 idx)
{
	if (is_heard(machine, NA_EFFECT_WINDOW_INVALIDATE))
		tell_invalidate(machine, range, idx);
	else
		na_port_window_invalidate(range, idx);
}

u32 na_effect_window_shootdown(struct na_machine *machine,
			       struct na_port_range *range, const u32 *idxs,
			       u32 nr, struct na_cpus cpus)
{
	struct na_effect_slots slots = {
		.range = range, .idxs = idxs, .nr = nr, .cpus = cpus,
	};
	struct na_effect effect = on_slots(NA_EFFECT_WINDOW_SHOOTDOWN, &slots);
	u32 nr_cpus;

	na_effect_begin(machine, &effect);
	nr_cpus = na_port_window_shootdown(range, idxs, nr, cpus);
	na_effect_end(machine, &effect, 0);
	return nr_cpus;
}
