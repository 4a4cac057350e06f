/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of the window. Each uses only those before it: window.c
 * (slots), window_reclaim.c and window_local.c, window_row.c, window_map.c
 * (calls of users), window_set.c. The top of each explains its design. No other
 * file uses these structs.
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

/* POINTED, with at least @least users and not the largest number. */
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
 * frame: number of the frame that it points at
 * addr: its address; constant
 */
struct slot {
	na_atomic32_t word;
	na_atomic32_t next;
	na_atomic32_t type;
	u32 prev;
	unsigned long frame;
	void *addr;
};

/* Steps along a chain without index_lock, before the search is repeated. */
#define WINDOW_LOOKS_MAX 32u

/* One cache line for each slot: different CPUs use adjacent ones. */
#define SLOT_LEN 64u

union slot_line {
	struct slot slot;
	u8 line[SLOT_LEN];
};

/* The first counters are per CPU. */
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
 * pad: keeps the next CPU's fields in another cache line
 */
struct window_cpu {
	unsigned long tallies[NR_TALLIES];
	unsigned long depth;
	void *locals[NA_WINDOW_LOCAL_MAX];
	na_atomic32_t *seen;
	u8 pad[64];
};

/*
 * Constant after create: machine to cpus. index_lock protects heads, next of
 * all slots, free, and the transition from FREE to POINTED; mutex protects
 * hand, batch, nr_batch, batch_cpus, and the transitions to and from DYING.
 * Lock order: the machine's purgers_mutex, mutex, index_lock.
 *
 * heads: hash of frame to link; 2^(32 - head_shift) of them
 * pad: keeps fields that a hit reads apart from those that a miss writes
 * nr_waiters: maps that found no slot and will wait on wake_seq
 * wake_seq: changes when waiters should try again
 * free, nr_free: list of FREE slots, and its length
 * hand: where the next reclaim begins
 * row_hand: where the search for the next row begins
 * row_first, row_nr: slots of a row under construction; they belong to the
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
	/* The other counters are per CPU. */
	(void)NA_ASSERT((u32)stat >= NR_TALLIES);
	na_atomic64_add(&set->stats[stat], nr);
}

/* A snapshot. Context: any. */
static inline u32 na_window_nr_free(const struct na_window_set *set)
{
	return (u32)na_word_read(&set->nr_free);
}

/* --- window.c ------------------------------------------------------------ */

/** na_window_push_free_locked() - put a FREE slot onto the free list. */
void na_window_push_free_locked(struct na_window_set *set, u32 idx);

/** na_window_take_free_locked() - take a slot off the free list. */
void na_window_take_free_locked(struct na_window_set *set, u32 idx);

/** na_window_pop_free_locked() - take the first slot. Return: link or 0. */
u32 na_window_pop_free_locked(struct na_window_set *set);

/**
 * na_window_tell_waiters() - wake waiters: a slot became stale or was pointed.
 */
void na_window_tell_waiters(struct na_window_set *set);

/** na_window_put_user() - undo na_window_get_user(). */
void na_window_put_user(struct na_window_set *set, struct slot *slot);

/**
 * na_window_point_locked() - point slots that are FREE and off the list
 * @idx: first slot
 * @run: frames
 * @type: of all of them, the ledger's
 *
 * Return: 0, each has one user; or an errno and none has: they are still FREE
 * and off the list, or stale, or DEAD.
 */
int na_window_point_locked(struct na_window_set *set, u32 idx,
			   struct na_run run, enum na_memtype type);

/* --- window_row.c ---------------------------------------------------------- */

/**
 * na_window_find_row() - map a run through an existing row of slots
 * @looks: steps along the index chain at most
 *
 * Context: any. Return: 0; -ENOENT not found, maybe because others changed the
 * chain; -ESTALE; -EBUSY; -EOVERFLOW.
 */
int na_window_find_row(struct na_window_set *set, struct na_run run, u32 looks,
		       struct na_window *window);

/**
 * na_window_make_row() - map a run through an existing or a new row of slots
 *
 * Context: may sleep, no lock. At most one shootdown.
 * Return: 0; -EAGAIN no row of slots is unused; -ESTALE; -EBUSY; or an errno of
 * the port.
 */
int na_window_make_row(struct na_window_set *set, struct na_run run,
		       struct na_window *window);

/* --- window_reclaim.c ------------------------------------------------------ */

/**
 * na_window_reclaim() - free slots unless one is free
 *
 * Context: may sleep, no lock. At most one shootdown.
 * Return: 0 a slot was free or was freed; -EAGAIN all are in use.
 */
int na_window_reclaim(struct na_window_set *set);

/**
 * na_window_claim_row_locked() - claim a row of slots
 * @first: first slot
 * @nr: slots
 *
 * On success all slots of the row are FREE and on no list. If some were stale,
 * one shootdown serves them and a batch. Undone by
 * na_window_release_row_locked().
 *
 * Context: may sleep, set's mutex held. No shootdown if it fails.
 * Return: 0; -EAGAIN a slot is in use or was taken by another user; nothing is
 * claimed.
 */
int na_window_claim_row_locked(struct na_window_set *set, u32 first, u32 nr);

/** na_window_release_row_locked() - free the slots of the row that are FREE. */
void na_window_release_row_locked(struct na_window_set *set);

/**
 * na_window_kill() - purge frames for a conversion, without a shootdown
 *
 * On return no page table entry is left; the caller flushes the TLBs. The slots
 * stay DYING until the next shootdown of the set.
 *
 * Context: may sleep, no set's lock.
 * Return: 0; -EBUSY a frame has a user; -EFAULT an entry could not be cleared.
 */
int na_window_kill(struct na_window_set *set, const struct na_run *runs,
		   u32 nr_runs);

/** na_window_kill_all() - the same for all stale slots. */
void na_window_kill_all(struct na_window_set *set);

/* --- window_local.c -------------------------------------------------------- */

/**
 * na_window_local_holds() - does a CPU have a local window of one of the
 * frames?
 */
bool na_window_local_holds(const struct na_window_set *set,
			   const struct na_run *runs, u32 nr_runs);

/** na_window_local_holds_any() - does a CPU have a local window? */
bool na_window_local_holds_any(const struct na_window_set *set);

/*
 * --- the hit path ----------------------------------------------------------
 *
 * Inlined into the callers: a call would cost as much as everything between the
 * two locked instructions.
 */

/* -EINVAL: it has no user; a subtraction would borrow from the state. */
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
 * Link of a slot that seems to point at @frame, with the slot's word; 0: none.
 * With @in_any_state the caller checks the state.
 *
 * It makes no calls, so that the compiler saves no registers, and hence has no
 * assertion. A link out of the array ends the search; index_locked() asserts it
 * when the frame gets its next slot.
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
		/*
		 * Read the word first: then the swap detects a later change of
		 * the frame.
		 */
		*word = na_atomic32_read(&slot->word);
		if (likely(na_word_read(&slot->frame) == frame.nr) &&
		    (in_any_state || word_state(*word) == SLOT_POINTED))
			return link;
		link = na_atomic32_read(&slot->next);
	}
	return 0;
}

/*
 * Become a user of the slot if it points at @frame; @word is the slot's word
 * read before, and receives the word that was replaced. -ENOENT: it points
 * elsewhere; -EOVERFLOW.
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
 * May a stale slot be used again? Called after becoming its user. -EBUSY;
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

/* Count a map, and record that this CPU may have a translation of the slot. */
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

/* Fill in @window for a user of slot @idx. */
static __always_inline void na_window_show(const struct na_window_set *set,
					   u32 idx, struct na_window *window)
{
	window->addr = set->slots[idx].slot.addr;
	window->idx = idx;
}

#endif
