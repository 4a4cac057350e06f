// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Machine: one instance of everything. The counters are independent of each
 * other; a reader may see one a call ahead of another.
 */
#include <noalias/machine.h>

int na_machine_init(struct na_machine *machine, struct na_port *port,
		    unsigned long nr_frames)
{
	int i;

	machine->port = port;
	for (i = 0; i < NR_NA_STATS; i++)
		na_atomic64_set(&machine->stats[i], 0);
	return na_ledger_init(&machine->ledger, port, nr_frames);
}

void na_machine_fini(struct na_machine *machine)
{
	(void)NA_ASSERT(!na_ledger_count(&machine->ledger, NA_BUFFER));
	(void)NA_ASSERT(!na_ledger_count(&machine->ledger, NA_LENT));
	na_ledger_fini(&machine->ledger);
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
