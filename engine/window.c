// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window: mapping frames through a bounded range, and the way they are found.
 *
 * Structures. A set has N slots and a hash of frame numbers, the index, whose
 * chains run through the slots. A slot is one 32-bit word (generation, state,
 * users) and what it points at (frame, type). FREE slots are on a list, DYING
 * ones in the batch, all others in the index.
 *
 *   state    entry    in TLBs  users  who may end it, and how
 *   FREE     absent   no       0      map: points it, under index_lock, and
 *                                     goes on to LIVE with one user
 *   LIVE     present  yes      1..    map, unmap: users +1, -1; at 0 it is
 *                                     STALE (one encoding: POINTED)
 *   STALE    present  yes      0      map: revives it, +1
 *                                     reclaim, purge: to DYING, under mutex
 *   DYING    absent*  maybe    0      whoever holds mutex: to FREE, after the
 *                                     batch's shootdown
 *   DEAD     ?        maybe    0      nobody; stays in the index
 *
 *   * from the moment that mutex is next free. The one who makes slots DYING
 *     clears their entries before it lets go of mutex.
 *
 * All steps are compare-and-swap on the word. A map can only win a POINTED
 * word, a reclaim only a POINTED word without users: of the two that meet,
 * one wins and the other sees it.
 *
 * Hit path: find the frame's slot in the index by plain loads, add one user
 * by compare-and-swap; unmap subtracts one. No lock, two atomic
 * read-modify-writes. The chains change while we look, so that what is found
 * may be wrong and what is not found may be there. Neither harms: a slot
 * taken is looked at again when it can no longer change (POINTED with a user
 * of ours), and a miss is repeated under index_lock, where the index is
 * exact. Looking ends after WINDOW_LOOKS_MAX steps whatever the chain does.
 *
 * ABA. Between our load of the word and the swap the slot may have been taken
 * back and pointed anew. Its generation differs then, and the swap fails. The
 * generation has 16 bits: after exactly 65536 times the swap succeeds on
 * another frame's slot. Hence the second look at the frame; we give the user
 * back and go the slow way. All that can be seen of it is a conversion of
 * that other frame refused for once. (A 64-bit word that holds the frame
 * would need no second look, but 64-bit loads are locked instructions on
 * i386, the machine that needs windows most.)
 *
 * Types, and why a conversion cannot be overtaken (I1, I5). A slot gets the
 * type that the ledger has and keeps it while POINTED. Nothing pins the frame
 * in the ledger: the slot is the pin, and a conversion asks for it. The
 * conversion claims first and looks at the slots second; a map takes its
 * place first and looks at the ledger second; a full barrier is between the
 * two on both sides:
 *
 *     map                                conversion
 *     1 place: swap of the word, or      1 claim: swap of the ledger's word
 *       index_lock taken
 *     2 ledger says CLAIMED?             2 index_lock taken and let go; each
 *       then give back, -EBUSY             slot: users? then refuse, -EBUSY;
 *                                          none? swap to DYING
 *
 * Not both can miss the other. If both see the other both give way, which the
 * callers see as -EBUSY twice. A map that points a slot does 2 and the entry
 * inside one hold of index_lock, so that a conversion finds it complete or
 * not begun. For a revival the swap alone decides: what a conversion has made
 * DYING cannot be revived, and what was revived before refuses it. Step 2 is
 * there so that a map gives way to a conversion that has begun, and for the
 * next paragraph. A map that shares a LIVE slot need not ask: its first user
 * did.
 *
 * A type that changed without a purge is a conversion that did not know of
 * this set. It is caught at revival, where the type is compared, and the slot
 * is purged; between the change and that map the alias was there.
 *
 * Waiting (no wake-up is lost). A waiter raises nr_waiters, reads wake_seq,
 * tries everything once more, and only then sleeps while wake_seq has that
 * value. An unmap that leaves no user reads nr_waiters after its addition. So
 * either the waiter's try sees the stale slot, or the unmap sees the waiter
 * and changes wake_seq, before or after the waiter read it: if before, the
 * slot was stale before the try. A map that pointed a slot does the same,
 * since the waiter may want that very frame: the slot may have been stale
 * when the waiter came, and in use by the other when it looked. All waiters
 * wake each time: waking one could wake one that is served by a hit, and the
 * stale slot would be left alone. Nobody queues: a waiter that wakes may find
 * that a newcomer was faster.
 *
 * Rejected: a lock on the hit path taken only for revivals (a revival is the
 * common case of a lazily unmapped window); dropping the entry at unmap when
 * someone waits (the slot must go through a shootdown anyway); a reference in
 * the ledger for each slot (a stale slot would refuse the very conversion
 * that is to purge it).
 */
#include <noalias/effect.h>

#include "window_hit.h"

noinline void na_window_tell_waiters(struct na_window_set *set)
{
	if (likely(!na_atomic32_read(&set->nr_waiters)))
		return;
	na_atomic32_add(&set->wake_seq, 1);
	na_port_wake(set->port, &set->wake_seq);
}

/* -EINVAL: nobody has it mapped; the word is left alone, or it would borrow. */
static __always_inline int drop_user(struct na_window_set *set,
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

void na_window_put_user(struct na_window_set *set, struct slot *slot)
{
	int err = drop_user(set, slot);

	(void)NA_ASSERT(!err);
}

/*
 * Map through a slot that points at the frame already. -ENOENT: there is
 * none; -ESTALE: there is one of another type than the ledger's.
 */
static __always_inline int map_present(struct na_window_set *set,
				       struct na_frame frame, u32 looks,
				       struct na_window *window)
{
	struct slot *slot;
	u32 word;
	int err;

	slot = na_window_find_slot(set, frame, looks, &word);
	if (!slot)
		return -ENOENT;
	err = na_window_get_user(set, slot, frame, &word);
	if (err)
		return err;
	if (!word_users(word)) {
		err = na_window_check_revival(set, slot, frame);
		if (err) {
			na_window_put_user(set, slot);
			return err;
		}
	}
	na_window_note_use(set, slot_idx(set, slot), word_gen(word),
			   word_users(word) ? NA_WINDOW_HITS :
					      NA_WINDOW_REVIVALS);
	na_window_show(set, slot, window);
	return 0;
}

void na_window_push_free_locked(struct na_window_set *set, u32 idx)
{
	struct slot *slot = slot_at(set, idx);

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(word_state(na_atomic32_read(&slot->word)) ==
			SLOT_FREE);
	/* Put there twice, it would be pointed twice. */
	(void)NA_ASSERT(set->free != idx + 1);
	na_atomic32_set(&slot->next, set->free);
	slot->prev = 0;
	if (set->free)
		slot_at(set, set->free - 1)->prev = idx + 1;
	set->free = idx + 1;
	na_word_write(&set->nr_free, set->nr_free + 1);
}

void na_window_take_free_locked(struct na_window_set *set, u32 idx)
{
	struct slot *slot = slot_at(set, idx);
	u32 next = na_atomic32_read(&slot->next);

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(word_state(na_atomic32_read(&slot->word)) ==
			SLOT_FREE);
	(void)NA_ASSERT(slot->prev || set->free == idx + 1);
	if (slot->prev)
		na_atomic32_set(&slot_at(set, slot->prev - 1)->next, next);
	else
		set->free = next;
	if (next)
		slot_at(set, next - 1)->prev = slot->prev;
	slot->prev = 0;
	(void)NA_ASSERT(set->nr_free);
	na_word_write(&set->nr_free, set->nr_free - 1);
}

static u32 pop_free_locked(struct na_window_set *set)
{
	u32 link = set->free;

	na_spin_assert_held(&set->index_lock);
	if (link)
		na_window_take_free_locked(set, link - 1);
	return link;
}

static void index_locked(struct na_window_set *set, u32 idx,
			 struct na_frame frame)
{
	na_atomic32_t *head = frame_head(set, frame);

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(na_atomic32_read(head) != idx + 1);
	na_atomic32_set(&slot_at(set, idx)->next, na_atomic32_read(head));
	na_atomic32_set(head, idx + 1);
}

/* From FREE to @state; the swap also publishes what the slot points at. */
static u32 leave_free_locked(struct na_window_set *set, u32 idx,
			     enum slot_state state, u32 users)
{
	struct slot *slot = slot_at(set, idx);
	u32 old = na_atomic32_read(&slot->word);
	u32 new = slot_word(word_gen(old) + 1, state, users), seen;

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(word_state(old) == SLOT_FREE);
	(void)NA_ASSERT(!word_users(old));
	seen = na_atomic32_cmpxchg(&slot->word, old, new);
	(void)NA_ASSERT(seen == old);
	return word_gen(new);
}

static bool shows(struct na_port_range *range, u32 idx, struct na_frame frame,
		  enum na_memtype type)
{
	enum na_memtype found_type;
	struct na_frame found;

	return na_port_window_read(range, idx, &found, &found_type) &&
	       found.nr == frame.nr && found_type == type;
}

/* A slot whose entry was set, read back: known from now on, with one user. */
static int admit_locked(struct na_window_set *set, u32 idx,
			struct na_frame frame, enum na_memtype type)
{
	u32 gen;

	na_spin_assert_held(&set->index_lock);
	index_locked(set, idx, frame);
	if (NA_CHECK(shows(set->range, idx, frame, type))) {
		gen = leave_free_locked(set, idx, SLOT_POINTED, 1);
		na_window_note_use(set, idx, gen, NA_WINDOW_MISSES);
		return 0;
	}
	/* Who knows what it shows. In the index it refuses conversions. */
	leave_free_locked(set, idx, SLOT_DEAD, 0);
	count(set, NA_WINDOW_LOST, 1);
	return -EFAULT;
}

static void prepare_locked(struct na_window_set *set, u32 idx,
			   struct na_frame frame, enum na_memtype type)
{
	struct slot *slot = slot_at(set, idx);

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(frame.nr < set->machine->ledger.nr_frames);
	(void)NA_ASSERT(word_state(na_atomic32_read(&slot->word)) ==
			SLOT_FREE);
	na_word_write(&slot->frame, frame.nr);
	na_atomic32_set(&slot->type, type);
}

int na_window_point_locked(struct na_window_set *set, u32 idx,
			   struct na_run run, enum na_memtype type)
{
	u32 i;
	int err;

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(run.nr && run.nr <= set->config.nr_slots - idx);
	for (i = 0; i < run.nr; i++)
		prepare_locked(set, idx + i, na_frame_add(run.first, i), type);
	err = na_effect_window_set(set->machine, set->range, idx, run, type);
	if (err)
		return err;
	for (i = 0; i < run.nr; i++)
		if (admit_locked(set, idx + i, na_frame_add(run.first, i),
				 type))
			err = -EFAULT;
	/* All or nothing: those that are good go stale. */
	for (i = 0; err && i < run.nr; i++)
		(void)drop_user(set, slot_at(set, idx + i));
	return err;
}

static bool is_free(const struct na_window_set *set, u32 idx)
{
	u32 word = na_atomic32_read(&slot_at(set, idx)->word);

	(void)NA_ASSERT(word_state(word) != SLOT_DYING);
	return word_state(word) == SLOT_FREE;
}

static int map_absent_locked(struct na_window_set *set, struct na_frame frame,
			     struct na_window *window)
{
	struct na_ledger_entry entry;
	u32 link;
	int err;

	na_spin_assert_held(&set->index_lock);
	entry = na_ledger_lookup(&set->machine->ledger, frame);
	if (!entry_is_mappable(entry))
		return -EBUSY;
	link = pop_free_locked(set);
	if (!link)
		return -EAGAIN;
	err = na_window_point_locked(set, link - 1, na_run(frame, 1),
				     entry.type);
	if (err && is_free(set, link - 1))
		na_window_push_free_locked(set, link - 1);
	if (err)
		return err;
	na_window_show(set, slot_at(set, link - 1), window);
	/* Someone may sleep for a slot to show this very frame. */
	na_window_tell_waiters(set);
	return 0;
}

/* Share or point a slot, with the index exact. -EAGAIN: no slot is free. */
static int map_locked(struct na_window_set *set, struct na_frame frame,
		      struct na_window *window)
{
	int err;

	na_spin_lock(&set->index_lock);
	err = map_present(set, frame, set->config.nr_slots, window);
	if (err == -ENOENT)
		err = map_absent_locked(set, frame, window);
	na_spin_unlock(&set->index_lock);
	return err;
}

/* Whoever holds another frame of the row is not in the way: it is right. */
static int purge_mistyped(struct na_window_set *set, struct na_run run)
{
	int err = na_window_purge(set, &run, 1);

	return err == -EBUSY && run.nr > 1 ? 0 : err;
}

/* All that can be done without waiting for other users' unmap. */
static int map_or_reclaim(struct na_window_set *set, struct na_run run,
			  struct na_window *window)
{
	int err;

	for (;;) {
		if (run.nr > 1)
			err = na_window_map_span(set, run, window);
		else
			err = map_locked(set, run.first, window);
		if (err == -EAGAIN && run.nr == 1)
			err = na_window_reclaim(set);
		else if (err == -ESTALE)
			err = purge_mistyped(set, run);
		else
			return err;
		if (err)
			return err;
	}
}

/* The caller is counted in nr_waiters. */
static int map_waiting(struct na_window_set *set, struct na_run run,
		       u64 deadline_ns, struct na_window *window)
{
	int err, stop = 0;
	u64 now_ns = 0;
	u32 seen;

	(void)NA_ASSERT(na_atomic32_read(&set->nr_waiters));
	for (;;) {
		/* A barrier: read late, it would hide a wake-up we missed. */
		seen = na_atomic32_add_return(&set->wake_seq, 0);
		err = map_or_reclaim(set, run, window);
		if (err != -EAGAIN)
			return err;
		if (stop)
			return stop;
		if (deadline_ns != NA_WAIT_FOREVER)
			now_ns = na_port_time_ns(set->port);
		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
		stop = na_port_wait(set->port, &set->wake_seq, seen,
				    deadline_ns == NA_WAIT_FOREVER ?
				    NA_WAIT_FOREVER : deadline_ns - now_ns);
	}
}

static u64 deadline_after(struct na_port *port, u64 timeout_ns)
{
	u64 now_ns;

	if (timeout_ns == NA_WAIT_FOREVER)
		return NA_WAIT_FOREVER;
	now_ns = na_port_time_ns(port);
	/* Too far away to come: one less than never. */
	if (timeout_ns >= NA_WAIT_FOREVER - now_ns)
		return NA_WAIT_FOREVER - 1;
	return now_ns + timeout_ns;
}

int na_window_map_slow(struct na_window_set *set, struct na_run run,
		       u64 timeout_ns, struct na_window *window)
{
	u64 deadline_ns;
	int err;

	na_might_sleep();
	err = map_or_reclaim(set, run, window);
	if (err != -EAGAIN)
		return err;
	if (!timeout_ns)
		return -ETIMEDOUT;
	deadline_ns = deadline_after(set->port, timeout_ns);
	count(set, NA_WINDOW_WAITS, 1);
	/* From here on every unmap tells us; what came before, we look for. */
	na_atomic32_add(&set->nr_waiters, 1);
	err = map_waiting(set, run, deadline_ns, window);
	na_atomic32_add(&set->nr_waiters, (u32)-1);
	/* Who waits is served, refused or out of time, never sent away. */
	(void)NA_ASSERT(err != -EAGAIN);
	return err;
}

static bool knows_frame(const struct na_window_set *set, struct na_frame frame)
{
	return frame.nr < set->machine->ledger.nr_frames;
}

int na_window_finish_map(struct na_window_set *set, int err)
{
	if (err == -EBUSY)
		count(set, NA_WINDOW_REFUSED, 1);
	return err;
}

/* A slot of a frame that the ledger has never seen: SYSTEM and WB. */
static __always_inline bool is_plain(const struct na_window_set *set,
				     const struct slot *slot,
				     struct na_frame frame)
{
	return !na_ledger_has_seen(&set->machine->ledger, frame) &&
	       na_atomic32_read(&slot->type) == NA_WB;
}

/*
 * Nothing here calls anything, so that the compiler keeps nothing for after
 * the call: hence no assertion, whatever is odd is left to the long way.
 */
int na_window_try_hit(struct na_window_set *set, struct na_frame frame,
		      u32 cpu, struct na_window *window)
{
	u32 link = na_atomic32_read(frame_head(set, frame)), word, looks;
	struct window_cpu *own = &set->cpus[cpu];
	struct slot *slot = NULL;

	for (looks = WINDOW_LOOKS_MAX; looks; looks--) {
		if (unlikely(link - 1 >= set->config.nr_slots))
			return -EAGAIN;
		slot = &set->slots[link - 1].slot;
		word = na_atomic32_read(&slot->word);
		if (likely(na_word_read(&slot->frame) == frame.nr))
			break;
		link = na_atomic32_read(&slot->next);
	}
	if (unlikely(!looks || own->seen || !word_has_users(word, 0) ||
		     na_atomic32_cmpxchg(&slot->word, word, word + 1) != word))
		return -EAGAIN;
	window->addr = slot->addr;
	window->idx = link - 1;
	if (unlikely(na_word_read(&slot->frame) != frame.nr))
		return -ESTALE;
	if (word_users(word)) {
		na_tally_add(&own->tallies[NA_WINDOW_HITS], 1);
		return 0;
	}
	if (unlikely(!is_plain(set, slot, frame)))
		return -ESTALE;
	na_tally_add(&own->tallies[NA_WINDOW_REVIVALS], 1);
	return 0;
}

/* Not on the hit path: kept out of its registers. */
static noinline int map_miss(struct na_window_set *set, struct na_frame frame,
			     u64 timeout_ns, int err, struct na_window *window)
{
	if (err == -ENOENT || err == -ESTALE)
		err = na_window_map_slow(set, na_run(frame, 1), timeout_ns,
					 window);
	return na_window_finish_map(set, err);
}

int na_window_map_timeout(struct na_window_set *set, struct na_frame frame,
			  u64 timeout_ns, struct na_window *window)
{
	struct na_window missed;
	int err;

	if (!NA_CHECK(knows_frame(set, frame)))
		return -ERANGE;
	err = map_present(set, frame, WINDOW_LOOKS_MAX, window);
	if (likely(!err))
		return 0;
	/* One of its own: what a hit fills in need not be in memory. */
	err = map_miss(set, frame, timeout_ns, err, &missed);
	if (!err)
		*window = missed;
	return err;
}

int na_window_map(struct na_window_set *set, struct na_frame frame,
		  struct na_window *window)
{
	return na_window_map_timeout(set, frame, NA_WAIT_FOREVER, window);
}

int na_window_try_map(struct na_window_set *set, struct na_frame frame,
		      struct na_window *window)
{
	int err;

	if (!NA_CHECK(knows_frame(set, frame)))
		return -ERANGE;
	err = map_present(set, frame, WINDOW_LOOKS_MAX, window);
	if (likely(!err))
		return 0;
	if (err == -ENOENT)
		err = map_locked(set, frame, window);
	/* To purge the wrong type takes a shootdown, which may sleep. */
	return na_window_finish_map(set, err == -ESTALE ? -EAGAIN : err);
}

int na_window_unmap(struct na_window_set *set, struct na_window window)
{
	struct slot *slot;

	if (!NA_CHECK(window.idx < set->config.nr_slots))
		return -EINVAL;
	slot = slot_at(set, window.idx);
	if (!NA_CHECK(slot->addr == window.addr))
		return -EINVAL;
	return drop_user(set, slot);
}
