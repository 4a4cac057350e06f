// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Effects of conversions.
 */
#include <noalias/effect.h>

/* --- direct map ------------------------------------------------------------ */

bool na_effect_direct_agrees(struct na_machine *machine, struct na_frame frame,
			     enum na_memtype type)
{
	return !na_port_frame_is_direct(machine->port, frame) ||
	       na_port_direct_has(machine->port, frame, type);
}

/* Both ends of each run. */
static bool ends_agree(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	struct na_frame last;
	u32 i;

	for (i = 0; i < nr_runs; i++) {
		last = na_frame_add(runs[i].first, runs[i].nr - 1);
		if (!na_effect_direct_agrees(machine, runs[i].first, type) ||
		    !na_effect_direct_agrees(machine, last, type))
			return false;
		na_yield();
	}
	return true;
}

int na_effect_direct_set(struct na_machine *machine, const struct na_run *runs,
			 u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_DIRECT_SET,
						      runs, nr_runs, type);
	int err;

	*nr_done = 0;
	err = na_effect_begin(machine, &effect);
	if (!err)
		err = na_port_direct_set(machine->port, runs, nr_runs, type,
					 nr_done);
	(void)NA_ASSERT(*nr_done <= na_runs_count_frames(runs, nr_runs));
	if (!err && !NA_CHECK(ends_agree(machine, runs, nr_runs, type)))
		err = -EFAULT;
	return na_effect_end(machine, &effect, err);
}

/* --- caches and buffers of the CPUs ----------------------------------------- */

int na_effect_cache_clean(struct na_machine *machine,
			  const struct na_run *runs, u32 nr_runs,
			  enum na_memtype type)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_CACHE_CLEAN,
						      runs, nr_runs, type);
	int err;

	/* Through a cached mapping the lines could be filled again at once. */
	(void)NA_ASSERT(!na_memtype_is_cached(type));
	err = na_effect_begin(machine, &effect);
	if (!err)
		err = na_port_cache_clean(machine->port, runs, nr_runs, type);
	return na_effect_end(machine, &effect, err);
}

void na_effect_wc_drain(struct na_machine *machine)
{
	struct na_effect effect = { .kind = NA_EFFECT_WC_DRAIN };

	na_effect_begin(machine, &effect);
	na_port_wc_drain(machine->port);
	na_effect_end(machine, &effect, 0);
}

/* --- the system -------------------------------------------------------------- */

void na_effect_mark(struct na_machine *machine, const struct na_run *runs,
		    u32 nr_runs, enum na_memtype type)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_MARK, runs,
						      nr_runs, type);

	na_effect_begin(machine, &effect);
	na_port_runs_mark(machine->port, runs, nr_runs, type);
	na_effect_end(machine, &effect, 0);
}

void na_effect_frames_lost(struct na_machine *machine, u32 nr,
			   const char *why)
{
	struct na_effect effect = { .kind = NA_EFFECT_FRAMES_LOST, .nr = nr };

	na_effect_begin(machine, &effect);
	na_port_frames_lost(machine->port, nr, why);
	na_effect_end(machine, &effect, 0);
}
