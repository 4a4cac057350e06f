// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Purge: stale mappings of given frames.
 *
 * A kunmap() leaves the entry of the kmap pool in place, cached, until the
 * pool wraps. The pool knows its frames, so one question a frame tells
 * whether a purge is owed, and the first yes is enough: the port's purge
 * empties all unused slots at once for one shootdown.
 *
 * A "no" alone does not prove the TLBs clean. Reclaim of the pool clears
 * entries first and flushes after; between the two the question is answered
 * "no" while another CPU still translates through the old entry. The same
 * holds for vmap ranges, whose entries are cleared at vunmap() and whose
 * translations stay until somebody flushes. Both are covered by the TLB flush
 * that ends na_purge_stale(), or by that of the conversion around
 * na_purge_kmap().
 *
 * Window sets of our own are asked first: they know which of their slots show
 * a frame, and refuse cheaply when one is in use.
 */
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
		(void)NA_ASSERT(last <= 0);
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

static bool kmap_holds_run(struct na_machine *machine, struct na_run run)
{
	u32 i;

	(void)NA_ASSERT(run.nr);
	/* The pool maps nothing that has a permanent mapping. */
	if (na_port_frame_is_direct(machine->port, run.first) &&
	    na_port_frame_is_direct(machine->port,
				    na_frame_add(run.first, run.nr - 1)))
		return false;
	for (i = 0; i < run.nr; i++)
		if (na_port_kmap_holds(machine->port,
				       na_frame_add(run.first, i)))
			return true;
	return false;
}

static bool kmap_holds_any(struct na_machine *machine,
			   const struct na_run *runs, u32 nr_runs)
{
	u32 i;

	(void)NA_ASSERT(runs && nr_runs);
	for (i = 0; i < nr_runs; i++)
		if (kmap_holds_run(machine, runs[i]))
			return true;
	return false;
}

static int purge_kmap(struct na_machine *machine, const struct na_run *runs,
		      u32 nr_runs)
{
	int err;

	na_stat_add(machine, NA_STAT_PURGES, 1);
	err = na_purge_windows(machine, runs, nr_runs);
	if (!kmap_holds_any(machine, runs, nr_runs))
		return err;
	na_stat_add(machine, NA_STAT_KMAP_HITS, 1);
	na_stat_add(machine, NA_STAT_KMAP_PURGES, 1);
	na_port_kmap_purge(machine->port);
	/* What a purge cannot remove is in use by somebody: a live kmap(). */
	return kmap_holds_any(machine, runs, nr_runs) ? -EBUSY : err;
}

int na_purge_kmap(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs)
{
	u64 start_ns = na_port_time_ns(machine->port);
	int err;

	na_might_sleep();
	err = purge_kmap(machine, runs, nr_runs);
	na_stat_add(machine, NA_STAT_PURGE_NS,
		    na_port_time_ns(machine->port) - start_ns);
	return err;
}

int na_purge_stale(struct na_machine *machine, const struct na_run *runs,
		   u32 nr_runs)
{
	int err = na_purge_kmap(machine, runs, nr_runs);

	na_tlb_flush(machine);
	return err;
}

void na_purge_all(struct na_machine *machine)
{
	na_might_sleep();
	purge_windows_all(machine);
	na_stat_add(machine, NA_STAT_KMAP_PURGES, 1);
	na_port_kmap_purge(machine->port);
	na_tlb_flush(machine);
}

void na_tlb_flush(struct na_machine *machine)
{
	u64 start_ns = na_port_time_ns(machine->port);

	na_might_sleep();
	na_port_tlb_flush(machine->port);
	na_stat_add(machine, NA_STAT_TLB_FLUSHES, 1);
	na_stat_add(machine, NA_STAT_TLB_NS,
		    na_port_time_ns(machine->port) - start_ns);
}
