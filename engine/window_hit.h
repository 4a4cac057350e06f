/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The hit path of the window, inlined into whoever maps: a call costs as much
 * as everything between its two locked instructions. The theory is at the top
 * of window.c.
 */
#ifndef NA_WINDOW_HIT_H
#define NA_WINDOW_HIT_H

#include "window_internal.h"

/* A slot that seems to point at @frame, and its word then; NULL: none. */
static __always_inline struct slot *
na_window_find_slot(const struct na_window_set *set, struct na_frame frame,
		    u32 looks, u32 *word)
{
	u32 link = na_atomic32_read(frame_head(set, frame));
	struct slot *slot;

	for (; link && looks; looks--) {
		if (!NA_ASSERT(link <= set->config.nr_slots))
			break;
		slot = &set->slots[link - 1].slot;
		/* The word first: a frame that is read later is of its life. */
		*word = na_atomic32_read(&slot->word);
		if (na_word_read(&slot->frame) == frame.nr &&
		    word_state(*word) == SLOT_POINTED)
			return slot;
		link = na_atomic32_read(&slot->next);
	}
	return NULL;
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

/* What a user gets. */
static __always_inline void na_window_show(const struct na_window_set *set,
					   const struct slot *slot,
					   struct na_window *window)
{
	window->addr = slot->addr;
	window->idx = slot_idx(set, slot);
}

#endif
