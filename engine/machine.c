// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Machine: life, counters and purgers of an instance. The counters are
 * independent of each other; a reader may see one a call ahead of another.
 */
#include <noalias/machine.h>

int na_machine_init(struct na_machine *machine, struct na_port *port,
		    unsigned long nr_frames)
{
	int i;

	machine->port = port;
	na_mutex_init(&machine->purgers_mutex);
	INIT_LIST_HEAD(&machine->purgers);
	na_atomic32_set(&machine->nr_purgers, 0);
	for (i = 0; i < NR_NA_STATS; i++)
		na_atomic64_set(&machine->stats[i], 0);
	return na_ledger_init(&machine->ledger, port, nr_frames);
}

void na_machine_fini(struct na_machine *machine)
{
	(void)NA_ASSERT(!na_ledger_count(&machine->ledger, NA_BUFFER));
	(void)NA_ASSERT(list_empty(&machine->purgers));
	na_ledger_fini(&machine->ledger);
}

/*
 * The count lets conversions skip the mutex when there is no purger. A
 * conversion claims first and reads the count second; a new purger raises the
 * count first and reads the ledger second: one of the two sees the other.
 */
void na_machine_add_purger(struct na_machine *machine,
			   struct na_purger *purger)
{
	na_might_sleep();
	(void)NA_ASSERT(purger->purge && purger->purge_all);
	na_mutex_lock(&machine->purgers_mutex);
	list_add_tail(&purger->link, &machine->purgers);
	na_atomic32_add(&machine->nr_purgers, 1);
	na_mutex_unlock(&machine->purgers_mutex);
}

void na_machine_remove_purger(struct na_machine *machine,
			      struct na_purger *purger)
{
	na_might_sleep();
	na_mutex_lock(&machine->purgers_mutex);
	(void)NA_ASSERT(na_atomic32_read(&machine->nr_purgers));
	na_atomic32_add(&machine->nr_purgers, (u32)-1);
	list_del(&purger->link);
	na_mutex_unlock(&machine->purgers_mutex);
}

const char *na_stat_name(enum na_stat stat)
{
	static const char *const names[NR_NA_STATS] = {
		[NA_STAT_CONVERSIONS] = "conversions",
		[NA_STAT_CONVERTED_FRAMES] = "converted_frames",
		[NA_STAT_RETURNS] = "returns",
		[NA_STAT_RETURNED_FRAMES] = "returned_frames",
		[NA_STAT_REFUSED] = "refused",
		[NA_STAT_PURGES] = "purges",
		[NA_STAT_KMAP_HITS] = "kmap_hits",
		[NA_STAT_KMAP_PURGES] = "kmap_purges",
		[NA_STAT_TLB_FLUSHES] = "tlb_flushes",
		[NA_STAT_PURGE_NS] = "purge_ns",
		[NA_STAT_DIRECT_NS] = "direct_ns",
		[NA_STAT_TLB_NS] = "tlb_ns",
		[NA_STAT_CACHE_NS] = "cache_ns",
		[NA_STAT_ALLOC_NS] = "alloc_ns",
	};

	if (!NA_ASSERT((u32)stat < NR_NA_STATS))
		return "unknown";
	return names[stat];
}
