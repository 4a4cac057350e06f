/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the files of the window share. The theory is at the top of window.c;
 * the fields are explained here and touched nowhere else.
 */
#ifndef NA_WINDOW_INTERNAL_H
#define NA_WINDOW_INTERNAL_H

#include <noalias/window.h>

/*
 * A slot's word: users in bits 0-12, state in bits 13-15, generation in bits
 * 16-31. The generation changes each time that the slot is pointed.
 */
#define SLOT_USERS_MASK	0x1fffu
#define SLOT_STATE_SHIFT	13
#define SLOT_STATE_MASK	0x7u
#define SLOT_GEN_SHIFT	16

enum slot_state {
	SLOT_FREE,
	SLOT_POINTED,
	SLOT_DYING,
	SLOT_DEAD,
};

static inline u32 slot_word(u32 gen, enum slot_state state, u32 users)
{
	(void)NA_ASSERT(users <= SLOT_USERS_MASK);
	(void)NA_ASSERT(state == SLOT_POINTED || !users);
	return gen << SLOT_GEN_SHIFT | (u32)state << SLOT_STATE_SHIFT | users;
}

static inline u32 word_users(u32 word)
{
	return word & SLOT_USERS_MASK;
}

static inline enum slot_state word_state(u32 word)
{
	return (enum slot_state)(word >> SLOT_STATE_SHIFT & SLOT_STATE_MASK);
}

static inline u32 word_gen(u32 word)
{
	return word >> SLOT_GEN_SHIFT;
}

/*
 * A link is a slot's index plus one; 0 ends a chain.
 *
 * word: above
 * next: link of the index chain or of the free list
 * type: of the mapping; like frame written only while the slot is FREE
 * frame: number of the frame it points at
 * addr: where it shows it; constant
 */
struct slot {
	na_atomic32_t word;
	na_atomic32_t next;
	na_atomic32_t type;
	unsigned long frame;
	void *addr;
};

/* One cache line a slot: neighbours are used by different CPUs. */
#define SLOT_LEN 64u

union slot_line {
	struct slot slot;
	u8 line[SLOT_LEN];
};

/* The first stats are kept by CPU. */
#define NR_TALLIES (NA_WINDOW_MISSES + 1)

/*
 * Written by its own CPU between cpu_get and cpu_put, read by all.
 *
 * tallies: counters
 * depth: local windows in use
 * locals: frame number plus one of each local window, as a pointer; NULL when
 *	the local slot is absent and this CPU has no translation of it
 * seen: by slot, generation plus one in which this CPU last mapped it; NULL
 *	when shootdowns are not narrowed
 */
struct window_cpu {
	unsigned long tallies[NR_TALLIES];
	unsigned long depth;
	void *locals[NA_WINDOW_LOCAL_MAX];
	na_atomic32_t *seen;
};

/*
 * Constant after create: machine to cpus. index_lock: heads, next of all
 * slots, free, and the step from FREE to POINTED. mutex: hand, batch,
 * nr_batch, batch_cpus, and the steps to DYING and out of it. Order: the
 * machine's purgers_mutex, mutex, index_lock.
 *
 * heads: hash of frame to link; 2^(32 - head_shift) of them
 * nr_waiters: maps that found no slot and will look at wake_seq
 * wake_seq: changes when a waiter should look again
 * hand: where the next reclaim begins
 * batch: slots that are DYING
 * batch_cpus: CPUs that used one of them, when shootdowns are narrowed
 */
struct na_window_set {
	struct na_machine *machine;
	struct na_port *port;
	struct na_port_range *range;
	struct na_port_range *local_range;
	struct na_window_config config;
	bool is_narrowed;
	u32 nr_cpus;
	u32 head_shift;
	void *slots_mem;
	union slot_line *slots;
	na_atomic32_t *heads;
	struct window_cpu *cpus;

	na_atomic32_t nr_waiters;
	na_atomic32_t wake_seq;

	na_spin_t index_lock;
	u32 free;

	na_mutex_t mutex;
	u32 hand;
	u32 *batch;
	u32 nr_batch;
	struct na_cpus batch_cpus;

	na_atomic64_t stats[NR_NA_WINDOW_STATS];
	struct na_purger purger;
};

static inline struct slot *slot_at(const struct na_window_set *set, u32 idx)
{
	(void)NA_ASSERT(idx < set->config.nr_slots);
	return &set->slots[idx].slot;
}

/* Multiplying by 2^32 over the golden ratio keeps neighbours apart. */
static inline na_atomic32_t *frame_head(const struct na_window_set *set,
					struct na_frame frame)
{
	u32 key = (u32)frame.nr ^ (u32)((u64)frame.nr >> 32);

	return &set->heads[key * 0x9e3779b1u >> set->head_shift];
}

/* May the ledger's @entry be mapped now? */
static inline bool entry_is_mappable(struct na_ledger_entry entry)
{
	(void)NA_ASSERT(na_memtype_is_valid(entry.type));
	return entry.state != NA_CLAIMED && entry.state != NA_QUARANTINED;
}

static inline void count(struct na_window_set *set, enum na_window_stat stat,
			 u64 nr)
{
	/* The others are kept by CPU. */
	(void)NA_ASSERT((u32)stat >= NR_TALLIES);
	na_atomic64_add(&set->stats[stat], nr);
}

/* --- window.c ------------------------------------------------------------ */

/** na_window_push_free_locked() - a FREE slot onto the free list. */
void na_window_push_free_locked(struct na_window_set *set, u32 idx);

/* --- window_reclaim.c ------------------------------------------------------ */

/**
 * na_window_reclaim() - see to it that a slot is free
 *
 * Context: may sleep, no lock. At most one shootdown.
 * Return: 0 a slot was free or became so; -EAGAIN all are in use.
 */
int na_window_reclaim(struct na_window_set *set);

/**
 * na_window_kill() - the conversion's half of a purge
 *
 * Page tables are clean on return, TLBs are left to the caller; the slots
 * rest until the next shootdown of the set.
 *
 * Context: may sleep, no set's lock.
 * Return: 0; -EBUSY a frame has a user; -EFAULT the port left an entry.
 */
int na_window_kill(struct na_window_set *set, const struct na_run *runs,
		   u32 nr_runs);

/** na_window_kill_all() - likewise, all stale slots. */
void na_window_kill_all(struct na_window_set *set);

/* --- window_local.c -------------------------------------------------------- */

/** na_window_local_holds() - has a CPU a local window of one of the frames? */
bool na_window_local_holds(const struct na_window_set *set,
			   const struct na_run *runs, u32 nr_runs);

/** na_window_local_holds_any() - has a CPU a local window? */
bool na_window_local_holds_any(const struct na_window_set *set);

#endif
