// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Checker of window sets: no slot is lost, none is on two lists. By its state a
 * slot is
 *
 *   FREE         on the free list; off it while the holder of the set's
 *                mutex makes a row of it
 *   POINTED      in the index, once, whatever other slots its frame has
 *   DYING        in the batch, once
 *   DEAD         in the index, once
 *
 * Lists change under index_lock, so they are checked when it is free. check.c
 * checks the translations of slots.
 */
#include "window.h"

#include "check.h"

static enum slot_state state_of(const struct na_window_set *set, u32 idx)
{
	return word_state(set->slots[idx].slot.word.value);
}

static void lost(u32 idx, const char *how)
{
	sim_fail(SIM_I7, -1, "slot %u of a window set %s", idx, how);
}

static bool is_in_row(const struct na_window_set *set, u32 idx)
{
	return set->mutex.owner && idx - set->row_first < set->row_nr;
}

/* Which slots are on the list (bits), each once and FREE. */
static u64 walk_free(const struct na_window_set *set)
{
	u32 link = set->free, before = 0, nr = 0;
	u64 seen = 0;

	for (; link; link = set->slots[link - 1].slot.next.value) {
		if (seen >> (link - 1) & 1)
			lost(link - 1, "is on the free list twice");
		seen |= 1ull << (link - 1);
		if (state_of(set, link - 1) != SLOT_FREE)
			lost(link - 1, "is on the free list, but not free");
		if (set->slots[link - 1].slot.prev != before)
			lost(link - 1, "has a false link back");
		before = link;
		nr++;
		if (sim.verdict != SIM_OK)
			return seen;
	}
	if (nr != set->nr_free)
		lost(0, "is not counted: the free list has another length");
	return seen;
}

static u32 count_in_chain(const struct na_window_set *set, u32 idx)
{
	u32 key = (u32)set->slots[idx].slot.frame, link, nr = 0, looks = 0;

	link = set->heads[key * 0x9e3779b1u >> set->head_shift].value;
	for (; link && looks <= set->config.nr_slots; looks++) {
		nr += link == idx + 1;
		link = set->slots[link - 1].slot.next.value;
	}
	return nr;
}

static u32 count_in_batch(const struct na_window_set *set, u32 idx)
{
	u32 i, nr = 0;

	for (i = 0; i < set->nr_batch; i++)
		nr += set->batch[i] == idx;
	return nr;
}

static void check_slot(const struct na_window_set *set, u32 idx, bool is_listed)
{
	switch (state_of(set, idx)) {
	case SLOT_FREE:
		if (is_listed == is_in_row(set, idx))
			lost(idx, is_listed ? "is in a row and can be had" :
					      "is free and cannot be had");
		break;
	case SLOT_DYING:
		if (count_in_batch(set, idx) != 1)
			lost(idx, "is dying, but not in the batch once");
		break;
	case SLOT_POINTED:
	case SLOT_DEAD:
		if (count_in_chain(set, idx) != 1)
			lost(idx, "shows a frame, but is not in the index once");
		break;
	}
}

static void check_set(const struct na_window_set *set)
{
	u32 idx;
	u64 listed;

	if (set->index_lock.owner)
		return;
	listed = walk_free(set);
	for (idx = 0; idx < set->config.nr_slots; idx++)
		check_slot(set, idx, listed >> idx & 1);
	if (!set->mutex.owner && set->row_nr)
		lost(set->row_first, "is in a row that nobody makes");
}

void sim_check_windows(struct na_port *m)
{
	struct na_purger *purger;

	/* Nobody but window sets keeps stale mappings on this machine. */
	list_for_each_entry(purger, &m->engine.purgers, link)
		check_set(container_of(purger, struct na_window_set, purger));
}
