// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Purge: stale mappings of given frames.
 *
 * A kunmap() leaves the entry of the kmap pool in place, cached, until the pool
 * wraps. The pool can be searched by frame, and the first entry found is
 * enough: the port's purge empties all unused slots at once with one shootdown.
 *
 * If no entry is found, TLBs may still hold a translation. The pool's own
 * reclaim clears entries first and flushes afterwards; between the two no entry
 * is found while another CPU still translates through the old one. The same
 * holds for vmap ranges, whose entries are cleared at vunmap() and whose
 * translations stay until a later flush. The TLB flush at the end of
 * na_purge_stale(), or that of the conversion around na_purge_kmap(), covers
 * both.
 *
 * Window sets are purged first: they find the slots of a frame, and fail
 * cheaply when one is in use.
 */
#include <noalias/effect.h>
#include <noalias/purge.h>

int na_purge_windows(struct na_machine *machine, const struct na_run *runs,
		     u32 nr_runs)
{
	struct na_purger *purger;
	int err = 0, last;

	na_might_sleep();
	if (!na_atomic32_read(&machine->nr_purgers))
		return 0;
	na_mutex_lock(&machine->purgers_mutex);
	list_for_each_entry(purger, &machine->purgers, link) {
		last = purger->purge(purger, runs, nr_runs);
		err = last ? last : err;
	}
	na_mutex_unlock(&machine->purgers_mutex);
	return err;
}

static void purge_windows_all(struct na_machine *machine)
{
	struct na_purger *purger;

	na_might_sleep();
	na_mutex_lock(&machine->purgers_mutex);
	list_for_each_entry(purger, &machine->purgers, link)
		purger->purge_all(purger);
	na_mutex_unlock(&machine->purgers_mutex);
}

/*
 * Looking up a frame is a search in a table under a lock; reading the whole
 * pool once costs as much as about slots/16 lookups. So for many frames the
 * pool is read into a Bloom filter, and only frames that pass are looked up;
 * for few frames all pass. Entries of others are mostly far away from the
 * caller's frames, so the filter takes only a range of frames and is often
 * empty.
 *
 * The filter stays valid during the call: the frames are not mapped meanwhile,
 * so no entry of theirs can appear.
 */
#define SLOTS_A_QUESTION 16u

static u32 list_pool(struct na_machine *machine, const struct na_run *runs,
		     u32 nr_runs, struct na_bloom *bloom)
{
	unsigned long lowest = runs[0].first.nr, highest = lowest, last;
	u32 i;

	for (i = 0; i < nr_runs; i++) {
		last = runs[i].first.nr + runs[i].nr - 1;
		lowest = runs[i].first.nr < lowest ? runs[i].first.nr : lowest;
		highest = last > highest ? last : highest;
	}
	na_memset(bloom, 0, sizeof(*bloom));
	return na_port_kmap_list(machine->port, na_frame(lowest),
				 na_frame(highest), bloom);
}

/* Returns false when no frame can be in the pool. */
static bool fill_bloom(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, struct na_bloom *bloom)
{
	u32 nr_slots = na_port_kmap_nr_slots(machine->port);

	if (na_runs_count_frames(runs, nr_runs) > nr_slots / SLOTS_A_QUESTION)
		return nr_slots && list_pool(machine, runs, nr_runs, bloom);
	na_memset(bloom, 0xff, sizeof(*bloom));
	return true;
}

static bool is_direct_run(struct na_port *port, struct na_run run)
{
	struct na_frame last = na_frame_add(run.first, run.nr - 1);

	return na_port_frame_is_direct(port, run.first) &&
	       (run.nr == 1 || na_port_frame_is_direct(port, last));
}

/* @idx is the first frame of @run that passes. */
static bool ask_about_run(struct na_port *port, struct na_run run, u32 idx,
			  const struct na_bloom *bloom)
{
	/* The pool has no entries for frames in the direct map. */
	if (is_direct_run(port, run))
		return false;
	for (; idx < run.nr; idx = na_bloom_next(bloom, run, idx + 1))
		if (na_port_kmap_holds(port, na_frame_add(run.first, idx)))
			return true;
	return false;
}

static bool kmap_holds_any(struct na_machine *machine,
			   const struct na_run *runs, u32 nr_runs)
{
	struct na_bloom bloom;
	u32 i, idx;

	if (!fill_bloom(machine, runs, nr_runs, &bloom))
		return false;
	for (i = 0; i < nr_runs; i++) {
		idx = na_bloom_next(&bloom, runs[i], 0);
		if (idx < runs[i].nr &&
		    ask_about_run(machine->port, runs[i], idx, &bloom))
			return true;
		na_yield();
	}
	return false;
}

static int purge_kmap(struct na_machine *machine, const struct na_run *runs,
		      u32 nr_runs)
{
	int err = na_purge_windows(machine, runs, nr_runs);

	(void)NA_ASSERT(!err || err == -EBUSY || err == -EFAULT);
	if (!kmap_holds_any(machine, runs, nr_runs))
		return err;
	na_stat_add(machine, NA_STAT_KMAP_HITS, 1);
	na_effect_kmap_purge(machine);
	/* An entry that the purge did not remove is a live kmap(). */
	return kmap_holds_any(machine, runs, nr_runs) ? -EBUSY : err;
}

int na_purge_kmap(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_PURGE, runs,
						      nr_runs, NA_WB);

	na_might_sleep();
	na_effect_begin(machine, &effect);
	return na_effect_end(machine, &effect,
			     purge_kmap(machine, runs, nr_runs));
}

int na_purge_stale(struct na_machine *machine, const struct na_run *runs,
		   u32 nr_runs)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_PURGE_ALONE,
						      runs, nr_runs, NA_WB);
	int err;

	na_might_sleep();
	na_effect_begin(machine, &effect);
	err = purge_kmap(machine, runs, nr_runs);
	/* The flush has its own counter. */
	na_effect_count(machine, &effect);
	na_effect_tlb_flush(machine);
	return na_effect_end(machine, &effect, err);
}

void na_purge_all(struct na_machine *machine)
{
	na_might_sleep();
	purge_windows_all(machine);
	na_effect_kmap_purge(machine);
	na_effect_tlb_flush(machine);
}
