/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: machine
 *
 * One instance of the engine: ledger, counters and port. Every call takes its
 * machine as a parameter, so one process can have many.
 */
#ifndef NOALIAS_MACHINE_H
#define NOALIAS_MACHINE_H

#include <noalias/ledger.h>

/**
 * enum na_stat - counters since na_machine_init()
 *
 * Frames are 4 KiB on all platforms so far; times are ns of na_port_time_ns().
 */
enum na_stat {
	NA_STAT_CONVERSIONS,		/* to UC or WC, committed */
	NA_STAT_CONVERTED_FRAMES,
	NA_STAT_RETURNS,		/* back to WB, committed */
	NA_STAT_RETURNED_FRAMES,
	NA_STAT_REFUSED,		/* conversions that failed */
	NA_STAT_PURGES,			/* stale checks of given frames */
	NA_STAT_KMAP_HITS,		/* of these, with a stale entry found */
	NA_STAT_KMAP_PURGES,		/* flushes of the kmap pool */
	NA_STAT_TLB_FLUSHES,		/* flushes of all TLBs */
	NA_STAT_PURGE_NS,
	NA_STAT_DIRECT_NS,
	NA_STAT_TLB_NS,
	NA_STAT_CACHE_NS,
	NA_STAT_ALLOC_NS,		/* frames from the system, zeroed */
	NR_NA_STATS,
};

/**
 * struct na_purger - callbacks that remove stale mappings
 * @link: private to the machine
 * @purge: removes stale mappings of the given frames from the page tables; the
 *	caller flushes the TLBs afterwards. Returns 0, -EBUSY if a frame is
 *	mapped by a user, -EFAULT if an entry could not be removed
 * @purge_all: the same for all frames; mappings in use stay
 *
 * Both may sleep. The frames passed to @purge are claimed, or the caller owns
 * them and does not map them.
 */
struct na_purger {
	struct list_head link;
	int (*purge)(struct na_purger *purger, const struct na_run *runs,
		     u32 nr_runs);
	void (*purge_all)(struct na_purger *purger);
};

/** struct na_machine - caller's memory; fields are private to the engine. */
struct na_machine {
	struct na_port *port;
	struct na_ledger ledger;
	na_mutex_t purgers_mutex;
	struct list_head purgers;
	na_atomic32_t nr_purgers;
	na_atomic64_t stats[NR_NA_STATS];
};

/**
 * na_machine_init() - make an instance
 * @machine: caller's memory
 * @port: platform, outlives the machine
 * @nr_frames: highest frame number that the platform can ever have, plus one
 *
 * Return: 0; -EINVAL; -ENOMEM.
 */
int na_machine_init(struct na_machine *machine, struct na_port *port,
		    unsigned long nr_frames);

/**
 * na_machine_fini() - end an instance
 *
 * No frame may be in a buffer: that would be our leak, and is asserted. Frames
 * that drivers converted and never converted back keep their type, and no
 * record of them is left. The caller has to report them before, while the
 * ledger still exists.
 */
void na_machine_fini(struct na_machine *machine);

/**
 * na_machine_add_purger() - let conversions call @purger
 *
 * Call it before the first mapping exists. Context: may sleep, no lock.
 */
void na_machine_add_purger(struct na_machine *machine,
			   struct na_purger *purger);

/** na_machine_remove_purger() - undo it; no mapping may be left. */
void na_machine_remove_purger(struct na_machine *machine,
			      struct na_purger *purger);

static inline void na_stat_add(struct na_machine *machine, enum na_stat stat,
			       u64 count)
{
	na_atomic64_add(&machine->stats[stat], count);
}

static inline u64 na_stat_read(const struct na_machine *machine,
			       enum na_stat stat)
{
	return na_atomic64_read(&machine->stats[stat]);
}

/** na_stat_name() - name for debugfs and scripts, e.g. "tlb_flushes". */
const char *na_stat_name(enum na_stat stat);

#endif
