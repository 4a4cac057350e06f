// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, local: short access from one CPU, without a shootdown.
 *
 * Each CPU has a stack of slots in a separate range. A local map points the
 * next one and stays on the CPU; the unmap clears the entry and drops this
 * CPU's translation, so that the next use of the slot finds neither. No other
 * CPU ever uses the address. One that fetched the entry speculatively may keep
 * that translation: it has the type that the frame had then, and a conversion
 * flushes all TLBs before the type changes, so it never becomes an alias (I1).
 *
 * The frame's number in locals[] is the pin. As with the slots of a set, a
 * local map takes its place first (swap of NULL, a full barrier) and checks the
 * ledger second; a conversion claims first and checks the places second. The
 * place is released after the entry was cleared.
 *
 * Only its CPU changes depth. An interrupt that maps and unmaps between two of
 * our steps restores it, and takes only places above it: depth is raised before
 * the place is taken.
 */
#include <noalias/effect.h>

#include "window.h"

static void *frame_token(struct na_frame frame)
{
	(void)NA_ASSERT(frame.nr != ~0ul);
	return (void *)(frame.nr + 1);
}

static struct na_frame token_frame(const void *token)
{
	return na_frame((unsigned long)token - 1);
}

static u32 local_idx(const struct na_window_set *set, u32 cpu, u32 depth)
{
	(void)NA_ASSERT(cpu < set->nr_cpus && depth < set->config.local_depth);
	return cpu * set->config.local_depth + depth;
}

static int point_local(struct na_window_set *set, void **place, u32 idx,
		       struct na_frame frame)
{
	struct na_ledger_entry entry;
	int err = -EBUSY;

	/* An earlier unmap could not clear the entry: never used again. */
	if (!NA_CHECK(!na_ptr_cmpxchg(place, NULL, frame_token(frame))))
		return -EFAULT;
	entry = na_ledger_lookup(&set->machine->ledger, frame);
	if (entry_is_mappable(entry))
		err = na_effect_window_set(set->machine, set->local_range, idx,
					   na_run(frame, 1), entry.type);
	if (err)
		na_ptr_store_release(place, NULL);
	return err;
}

static int push_local(struct na_window_set *set, struct na_frame frame,
		      u32 cpu, struct na_window_local *local)
{
	struct window_cpu *own = &set->cpus[cpu];
	unsigned long depth = na_word_read(&own->depth);
	u32 idx;
	int err;

	if (!NA_CHECK(depth < set->config.local_depth))
		return -ENOSPC;
	idx = local_idx(set, cpu, (u32)depth);
	na_word_write(&own->depth, depth + 1);
	err = point_local(set, &own->locals[depth], idx, frame);
	if (err) {
		na_word_write(&own->depth, depth);
		return err;
	}
	na_tally_add(&own->tallies[NA_WINDOW_LOCALS], 1);
	local->addr = na_port_range_addr(set->local_range, idx);
	local->cpu = cpu;
	local->depth = (u32)depth;
	return 0;
}

int na_window_local_map(struct na_window_set *set, struct na_frame frame,
			struct na_window_local *local)
{
	u32 cpu;
	int err;

	if (!NA_CHECK(frame.nr < set->machine->ledger.nr_frames))
		return -ERANGE;
	cpu = na_port_cpu_get(set->port);
	err = NA_ASSERT(cpu < set->nr_cpus) ?
	      push_local(set, frame, cpu, local) : -EFAULT;
	if (err)
		na_port_cpu_put(set->port);
	if (err == -EBUSY)
		count(set, NA_WINDOW_REFUSED, 1);
	return err;
}

static void pop_local(struct na_window_set *set, u32 cpu, u32 depth)
{
	struct window_cpu *own = &set->cpus[cpu];
	u32 idx = local_idx(set, cpu, depth);
	enum na_memtype type;
	struct na_frame frame;

	(void)NA_ASSERT(na_ptr_load_acquire(&own->locals[depth]));
	na_effect_window_clear(set->machine, set->local_range, &idx, 1);
	/* The slot is used for another frame without a shootdown before. */
	na_effect_window_invalidate(set->machine, set->local_range, idx);
	if (NA_CHECK(!na_port_window_read(set->local_range, idx, &frame,
					  &type)))
		na_ptr_store_release(&own->locals[depth], NULL);
	else
		count(set, NA_WINDOW_LOST, 1);
	na_word_write(&own->depth, depth);
}

void na_window_local_unmap(struct na_window_set *set,
			   struct na_window_local local)
{
	u32 cpu = na_port_cpu_get(set->port);

	/* Wrong CPU or order: the window stays, and makes purges fail. */
	if (NA_CHECK(cpu == local.cpu && cpu < set->nr_cpus &&
		     na_word_read(&set->cpus[cpu].depth) ==
		     local.depth + 1ul)) {
		pop_local(set, cpu, local.depth);
		na_port_cpu_put(set->port);
	}
	na_port_cpu_put(set->port);
}

bool na_window_local_last(struct na_window_set *set,
			  struct na_window_local *local)
{
	u32 cpu = na_port_cpu_get(set->port);
	unsigned long depth = 0;

	if (NA_ASSERT(cpu < set->nr_cpus))
		depth = na_word_read(&set->cpus[cpu].depth);
	if (depth) {
		local->cpu = cpu;
		local->depth = (u32)depth - 1;
		local->addr = na_port_range_addr(set->local_range,
				local_idx(set, cpu, local->depth));
	}
	na_port_cpu_put(set->port);
	return depth;
}

static bool runs_hold(const struct na_run *runs, u32 nr_runs,
		      struct na_frame frame)
{
	u32 i;

	for (i = 0; i < nr_runs; i++)
		if (na_run_holds(runs[i], frame))
			return true;
	return false;
}

bool na_window_local_holds(const struct na_window_set *set,
			   const struct na_run *runs, u32 nr_runs)
{
	u32 cpu, depth;
	void *token;

	for (cpu = 0; cpu < set->nr_cpus; cpu++) {
		for (depth = 0; depth < set->config.local_depth; depth++) {
			token = na_ptr_load_acquire(
				&set->cpus[cpu].locals[depth]);
			if (token && runs_hold(runs, nr_runs,
					       token_frame(token)))
				return true;
		}
	}
	return false;
}

bool na_window_local_holds_any(const struct na_window_set *set)
{
	u32 cpu, depth;

	for (cpu = 0; cpu < set->nr_cpus; cpu++)
		for (depth = 0; depth < set->config.local_depth; depth++)
			if (na_ptr_load_acquire(&set->cpus[cpu].locals[depth]))
				return true;
	return false;
}
