// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window: the ground that the other files stand on: slots, their states, the
 * index by which they are found, and how they are pointed.
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
 * Rejected: a reference in the ledger for each slot (a stale slot would refuse
 * the very conversion that is to purge it).
 */
#include <noalias/effect.h>

#include "window.h"

noinline void na_window_tell_waiters(struct na_window_set *set)
{
	if (likely(!na_atomic32_read(&set->nr_waiters)))
		return;
	na_atomic32_add(&set->wake_seq, 1);
	na_port_wake(set->port, &set->wake_seq);
}

void na_window_put_user(struct na_window_set *set, struct slot *slot)
{
	int err = na_window_drop_user(set, slot);

	(void)NA_ASSERT(!err);
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

u32 na_window_pop_free_locked(struct na_window_set *set)
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
	(void)NA_ASSERT(na_atomic32_read(head) <= set->config.nr_slots);
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
		(void)na_window_drop_user(set, slot_at(set, idx + i));
	return err;
}
