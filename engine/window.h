/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the files of the window share, each of which stands on those before it:
 * window.c (slots), window_reclaim.c and window_local.c, window_row.c,
 * window_map.c (all that a user calls), window_set.c. The theory is at the top of
 * each; the fields are explained here and touched nowhere else.
 */
#ifndef NA_ENGINE_WINDOW_H
#define NA_ENGINE_WINDOW_H

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

/* POINTED with @least users or more, and room for one more or one less. */
static inline bool word_has_users(u32 word, u32 least)
{
	u32 first = (u32)SLOT_POINTED << SLOT_STATE_SHIFT | least;

	return (word & ((1u << SLOT_GEN_SHIFT) - 1)) - first <
	       NA_WINDOW_USERS_MAX;
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
 * prev: link before this one, while on the free list; 0: it is on top
 * frame: number of the frame it points at
 * addr: where it shows it; constant
 */
struct slot {
	na_atomic32_t word;
	na_atomic32_t next;
	na_atomic32_t type;
	u32 prev;
	unsigned long frame;
	void *addr;
};

/* Steps along a chain that may change, before it is walked under a lock. */
#define WINDOW_LOOKS_MAX 32u

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
 * pad: what the next CPU writes is in another cache line
 */
struct window_cpu {
	unsigned long tallies[NR_TALLIES];
	unsigned long depth;
	void *locals[NA_WINDOW_LOCAL_MAX];
	na_atomic32_t *seen;
	u8 pad[64];
};

/*
 * Constant after create: machine to cpus. index_lock: heads, next of all
 * slots, free, and the step from FREE to POINTED. mutex: hand, batch,
 * nr_batch, batch_cpus, and the steps to DYING and out of it. Order: the
 * machine's purgers_mutex, mutex, index_lock.
 *
 * heads: hash of frame to link; 2^(32 - head_shift) of them
 * pad: what a hit reads is in other cache lines than what a miss writes
 * nr_waiters: maps that found no slot and will look at wake_seq
 * wake_seq: changes when a waiter should look again
 * free, nr_free: list of FREE slots, and its length
 * hand: where the next reclaim begins
 * row_hand: where the next row is looked for first
 * row_first, row_nr: slots of a row that is being made; they belong to the
 *	holder of mutex and are off the free list, or DYING
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

	u8 pad[64];
	na_spin_t index_lock;
	u32 free;
	unsigned long nr_free;

	na_mutex_t mutex;
	u32 hand;
	u32 row_hand;
	u32 row_first;
	u32 row_nr;
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
	return entry.state != NA_CLAIMED && entry.state != NA_QUARANTINED;
}

static inline void count(struct na_window_set *set, enum na_window_stat stat,
			 u64 nr)
{
	/* The others are kept by CPU. */
	(void)NA_ASSERT((u32)stat >= NR_TALLIES);
	na_atomic64_add(&set->stats[stat], nr);
}

/* At one moment. Context: any. */
static inline u32 na_window_nr_free(const struct na_window_set *set)
{
	return (u32)na_word_read(&set->nr_free);
}

/* --- window.c ------------------------------------------------------------ */

/** na_window_push_free_locked() - a FREE slot onto the free list. */
void na_window_push_free_locked(struct na_window_set *set, u32 idx);

/** na_window_take_free_locked() - and off it, wherever it is. */
void na_window_take_free_locked(struct na_window_set *set, u32 idx);

/** na_window_pop_free_locked() - the first of the list. Return: link or 0. */
u32 na_window_pop_free_locked(struct na_window_set *set);

/** na_window_tell_waiters() - something changed that a waiter may want. */
void na_window_tell_waiters(struct na_window_set *set);

/** na_window_put_user() - undo na_window_get_user(). */
void na_window_put_user(struct na_window_set *set, struct slot *slot);

/**
 * na_window_point_locked() - point slots that are FREE and off the list
 * @idx: first slot
 * @run: frames
 * @type: of all of them, the ledger's
 *
 * Return: 0, each has one user; else an errno and none has: they are FREE and
 * off the list still, or stale, or DEAD.
 */
int na_window_point_locked(struct na_window_set *set, u32 idx,
			   struct na_run run, enum na_memtype type);

/* --- window_row.c ---------------------------------------------------------- */

/**
 * na_window_find_row() - map a run through a row of slots that is there
 * @looks: steps along the index chain at most
 *
 * Context: any. Return: 0; -ENOENT, or not found while others changed it;
 * -ESTALE; -EBUSY; -EOVERFLOW.
 */
int na_window_find_row(struct na_window_set *set, struct na_run run, u32 looks,
		       struct na_window *window);

/**
 * na_window_make_row() - map a run through a row of slots, there or made
 *
 * Context: may sleep, no lock. At most one shootdown.
 * Return: 0; -EAGAIN no row of slots is without users; -ESTALE; -EBUSY; what
 * the port said.
 */
int na_window_make_row(struct na_window_set *set, struct na_run run,
		       struct na_window *window);

/* --- window_reclaim.c ------------------------------------------------------ */

/**
 * na_window_reclaim() - see to it that a slot is free
 *
 * Context: may sleep, no lock. At most one shootdown.
 * Return: 0 a slot was free or became so; -EAGAIN all are in use.
 */
int na_window_reclaim(struct na_window_set *set);

/**
 * na_window_claim_row_locked() - make a row of slots the caller's
 * @first: first slot
 * @nr: slots
 *
 * All slots of the row are FREE then and on no list. If some were stale, one
 * shootdown serves them and a batch besides. Undone by
 * na_window_release_row_locked().
 *
 * Context: may sleep, set's mutex held. No shootdown when it fails.
 * Return: 0; -EAGAIN one of them is in use, or not to be had; nothing is
 * claimed then.
 */
int na_window_claim_row_locked(struct na_window_set *set, u32 first, u32 nr);

/** na_window_release_row_locked() - those still FREE onto the free list. */
void na_window_release_row_locked(struct na_window_set *set);

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

/*
 * --- the hit path ----------------------------------------------------------
 *
 * Inlined into whoever maps: a call costs as much as everything between its
 * two locked instructions.
 */

/* -EINVAL: nobody has it mapped; the word is left alone, or it would borrow. */
static __always_inline int na_window_drop_user(struct na_window_set *set,
					       struct slot *slot)
{
	u32 word = na_atomic32_read(&slot->word), seen;

	for (;;) {
		if (!NA_CHECK(word_has_users(word, 1)))
			return -EINVAL;
		seen = na_atomic32_cmpxchg(&slot->word, word, word - 1);
		if (seen == word)
			break;
		word = seen;
	}
	if (word_users(word) == 1)
		na_window_tell_waiters(set);
	return 0;
}

/*
 * Link of a slot that seems to point at @frame, and the slot's word then; 0:
 * none. With @in_any_state whoever asks looks at the state himself.
 *
 * Calls nothing, so that the compiler keeps nothing for after the call: hence
 * no assertion. A chain that leads out of the array ends there; index_locked()
 * says so when the frame gets its next slot.
 */
static __always_inline u32 na_window_find(const struct na_window_set *set,
					  struct na_frame frame, u32 looks,
					  bool in_any_state, u32 *word)
{
	u32 link = na_atomic32_read(frame_head(set, frame));
	const struct slot *slot;

	for (; looks; looks--) {
		if (unlikely(link - 1 >= set->config.nr_slots))
			return 0;
		slot = &set->slots[link - 1].slot;
		/* The word first: a frame that is read later is of its life. */
		*word = na_atomic32_read(&slot->word);
		if (likely(na_word_read(&slot->frame) == frame.nr) &&
		    (in_any_state || word_state(*word) == SLOT_POINTED))
			return link;
		link = na_atomic32_read(&slot->next);
	}
	return 0;
}

/*
 * Become a user of the slot if it points at @frame; @word is the slot's word,
 * read before, and receives what was replaced. -ENOENT: it does not, or no
 * longer; -EOVERFLOW.
 */
static __always_inline int na_window_get_user(struct na_window_set *set,
					      struct slot *slot,
					      struct na_frame frame, u32 *word)
{
	u32 old = *word, seen;

	for (;;) {
		if (!NA_CHECK(word_has_users(old, 0)))
			return word_state(old) == SLOT_POINTED ? -EOVERFLOW :
								 -ENOENT;
		seen = na_atomic32_cmpxchg(&slot->word, old, old + 1);
		if (seen == old)
			break;
		old = seen;
	}
	*word = old;
	if (likely(na_word_read(&slot->frame) == frame.nr))
		return 0;
	na_window_put_user(set, slot);
	return -ENOENT;
}

/*
 * May a slot without users be used again? Asked after becoming one. -EBUSY;
 * -ESTALE: it has another type than the ledger.
 */
static __always_inline int na_window_check_revival(struct na_window_set *set,
						   struct slot *slot,
						   struct na_frame frame)
{
	struct na_ledger_entry entry = { .state = NA_SYSTEM, .type = NA_WB };
	const struct na_ledger *ledger = &set->machine->ledger;

	if (unlikely(na_ledger_has_seen(ledger, frame)))
		entry = na_ledger_lookup(ledger, frame);
	if (!entry_is_mappable(entry))
		return -EBUSY;
	return NA_CHECK(entry.type == na_atomic32_read(&slot->type)) ?
	       0 : -ESTALE;
}

/* Counters of this CPU, and that it may hold a translation of the slot. */
static __always_inline void na_window_note_use(struct na_window_set *set,
					       u32 idx, u32 gen,
					       enum na_window_stat stat)
{
	u32 cpu = na_port_cpu_get(set->port);
	struct window_cpu *own = &set->cpus[cpu];

	if (NA_ASSERT(cpu < set->nr_cpus)) {
		na_tally_add(&own->tallies[stat], 1);
		if (own->seen && na_atomic32_read(&own->seen[idx]) != gen + 1)
			na_atomic32_set(&own->seen[idx], gen + 1);
	}
	na_port_cpu_put(set->port);
}

/* What a user of slot @idx gets. */
static __always_inline void na_window_show(const struct na_window_set *set,
					   u32 idx, struct na_window *window)
{
	window->addr = set->slots[idx].slot.addr;
	window->idx = idx;
}

#endif
