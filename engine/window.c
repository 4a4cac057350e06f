// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window: slots, their states, the index that finds them by frame, and how they
 * are pointed at a frame. The other files build on this one.
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
 *   * once mutex is released. The holder of mutex that makes slots DYING clears
 *     their entries before it releases mutex.
 *
 * All transitions are a compare-and-swap of the word. A map succeeds only on a
 * POINTED word, a reclaim only on a POINTED word without users: if both race,
 * one succeeds and the other sees it.
 *
 * ABA. Between our load of the word and the swap the slot may have been
 * reclaimed and pointed again. Then its generation differs and the swap fails.
 * The generation has 16 bits: after exactly 65536 rounds the swap succeeds on
 * another frame's slot. So the frame is checked after the swap; if it differs
 * we drop the user and take the slow path. The only effect is that a conversion
 * of that other frame may fail meanwhile. (A 64-bit word with the frame would
 * need no second check, but 64-bit loads are locked instructions on i386, the
 * machine that needs windows most.)
 *
 * Types, and why a map and a conversion exclude each other (I1, I5). A slot
 * gets the type that the ledger has and keeps it while POINTED. The frame is
 * not pinned in the ledger: the slot is the pin, and a conversion checks the
 * slots. The conversion claims first and checks the slots second; a map takes
 * its place first and checks the ledger second; both have a full barrier
 * between the two:
 *
 *     map                                conversion
 *     1 place: swap of the word, or      1 claim: swap of the ledger's word
 *       index_lock taken
 *     2 ledger says CLAIMED?             2 index_lock taken and let go; each
 *       then give back, -EBUSY             slot: users? then refuse, -EBUSY;
 *                                          none? swap to DYING
 *
 * So at least one sees the other. If both do, both fail with -EBUSY. A map that
 * points a slot does 2 and sets the entry under one hold of index_lock, so that
 * a conversion finds it complete or not begun. For a revival the swap alone
 * decides: a slot that a conversion has made DYING cannot be revived, and a
 * slot revived before makes the conversion fail. Step 2 lets a map fail early
 * once a conversion has begun, and checks the type, see below. A map that
 * shares a LIVE slot needs no check: its first user made it.
 *
 * If the type changed without a purge, a conversion did not know of this set. A
 * revival compares the type, detects that, and purges the slot; until then
 * there was an alias.
 *
 * Rejected: a reference in the ledger for each slot (a stale slot would prevent
 * the conversion that has to purge it).
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
	/* A slot twice on the list would be pointed twice. */
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

/* From FREE to @state; the swap also publishes frame and type. */
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

/* Check the entry that was set, and put the slot into the index. */
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
	/* The entry is unknown. In the index the slot prevents conversions. */
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
	/* All or none: the slots that were pointed become stale. */
	for (i = 0; err && i < run.nr; i++)
		(void)na_window_drop_user(set, slot_at(set, idx + i));
	return err;
}
