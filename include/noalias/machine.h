/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: machine
 *
 * One instance of the engine: the ledger, the counters and the platform it
 * acts on. Every call carries its machine, so one process can hold many.
 */
#ifndef NOALIAS_MACHINE_H
#define NOALIAS_MACHINE_H

#include <noalias/ledger.h>

/**
 * enum na_stat - what the machine counts since na_machine_init()
 *
 * Frames are 4 KiB on all platforms so far; times are ns of na_port_time_ns().
 */
enum na_stat {
	NA_STAT_CONVERSIONS,		/* to UC or WC, committed */
	NA_STAT_CONVERTED_FRAMES,
	NA_STAT_RETURNS,		/* back to WB, committed */
	NA_STAT_RETURNED_FRAMES,
	NA_STAT_REFUSED,		/* conversions that changed nothing */
	NA_STAT_PURGES,			/* stale checks of given frames */
	NA_STAT_KMAP_HITS,		/* purges that found a stale entry */
	NA_STAT_KMAP_PURGES,		/* pool purges paid */
	NA_STAT_TLB_FLUSHES,		/* shootdowns asked of the port */
	NA_STAT_PURGE_NS,
	NA_STAT_DIRECT_NS,
	NA_STAT_TLB_NS,
	NA_STAT_CACHE_NS,
	NA_STAT_ALLOC_NS,		/* frames from the system, zeroed */
	NR_NA_STATS,
};

/**
 * struct na_purger - somebody who keeps stale mappings and can remove them
 * @link: the machine's own
 * @purge: removes those of the given frames from the page tables; the caller
 *	flushes the TLBs afterwards. Returns 0, or an errno when a mapping of
 *	one of them stays, in use or not (-EBUSY, -EFAULT)
 * @purge_all: removes all that are not in use, likewise
 *
 * Both may sleep. The frames of @purge are claimed, or the caller owns them
 * and maps them nowhere.
 */
struct na_purger {
	struct list_head link;
	int (*purge)(struct na_purger *purger, const struct na_run *runs,
		     u32 nr_runs);
	void (*purge_all)(struct na_purger *purger);
};

/** struct na_machine - caller's memory; fields are the engine's own. */
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
 * No frame may be in a buffer: that would be our own leak, asserted and left
 * alone. What drivers were lent and did not return is theirs to answer for:
 * the frames keep the type that they have, and nobody knows of it any more.
 * The caller says so, while the ledger can still be asked.
 */
void na_machine_fini(struct na_machine *machine);

/**
 * na_machine_add_purger() - conversions ask @purger from now on
 *
 * Before it has a mapping. Context: may sleep, no lock.
 */
void na_machine_add_purger(struct na_machine *machine,
			   struct na_purger *purger);

/** na_machine_remove_purger() - and no longer; it has no mapping left. */
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

/** na_stat_name() - name as debugfs and scripts know it, e.g. "tlb_flushes". */
const char *na_stat_name(enum na_stat stat);

#endif
