// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, rows: adjacent slots that show consecutive frames, so that a run of
 * frames has consecutive addresses.
 *
 * A row is not an object: each of its slots is in the index, has its users and
 * its state, and is reclaimed, purged and converted as any other. A run is
 * mapped if the slot of its first frame is followed by slots of its other
 * frames, whether one map made the row or several. So a frame may have several
 * slots, one alone and others in rows: all have the ledger's type, and a purge
 * or a conversion walks the whole chain.
 *
 * Present. If a row shows the frames, its slots are taken one by one, from the
 * first to the last, and dropped again if one has changed. Two maps of
 * overlapping runs never wait for each other, because no map holds a slot while
 * it waits. The row is checked before it is taken, because dropping users wakes
 * all waiters: a waiter for a row of which only the first slot exists would
 * wake itself for ever. Under mutex and index_lock the frame of a slot does not
 * change, so a check needs no user.
 *
 * Absent. The row is claimed under the mutex: FREE slots are taken off the free
 * list, stale ones become DYING and are shot down with a batch, and no other
 * user can take them until the row is pointed or released. FREE slots are tried
 * first, so that stale ones are kept while there is room. Then all entries are
 * set under one hold of index_lock, after the ledger was checked for every
 * frame: a conversion finds the row complete or not begun, like a single slot.
 * A conversion that claims a frame while we set entries waits for the lock
 * afterwards; if we see its claim, we fail.
 *
 * Rejected: slots wider than a frame (a purge would have to find the rows
 * that cover a frame); counting the users of a row in its first slot only (a
 * reclaim would have to check two slots, which is not atomic).
 */
#include "window.h"

static void put_users(struct na_window_set *set, u32 idx, u32 nr)
{
	(void)NA_ASSERT(nr <= set->config.nr_slots - idx);
	while (nr--)
		na_window_put_user(set, slot_at(set, idx + nr));
}

/* A snapshot, unless the caller is a user. */
static bool row_shows(struct na_window_set *set, u32 idx, struct na_run run)
{
	const struct slot *slot;
	u32 i;

	if (run.nr > set->config.nr_slots - idx)
		return false;
	for (i = 0; i < run.nr; i++) {
		slot = slot_at(set, idx + i);
		if (na_word_read(&slot->frame) != run.first.nr + i ||
		    word_state(na_atomic32_read(&slot->word)) != SLOT_POINTED)
			return false;
	}
	return true;
}

/* One user of one slot of a row. */
static int get_one(struct na_window_set *set, u32 idx, struct na_frame frame)
{
	struct slot *slot = slot_at(set, idx);
	u32 word = na_atomic32_read(&slot->word);
	int err;

	if (na_word_read(&slot->frame) != frame.nr)
		return -ENOENT;
	err = na_window_get_user(set, slot, frame, &word);
	if (err)
		return err;
	err = word_users(word) ? 0 :
	      na_window_check_revival(set, slot, frame);
	if (err)
		na_window_put_user(set, slot);
	return err;
}

/* We are a user of each, so the generations do not change. */
static void note_row(struct na_window_set *set, u32 idx, u32 nr)
{
	u32 word;

	for (; nr--; idx++) {
		word = na_atomic32_read(&slot_at(set, idx)->word);
		(void)NA_ASSERT(word_users(word));
		na_window_note_use(set, idx, word_gen(word),
				   word_users(word) > 1 ? NA_WINDOW_HITS :
							  NA_WINDOW_REVIVALS);
	}
}

/* -ENOENT: the row that begins at @idx shows other frames. */
static int get_row(struct na_window_set *set, u32 idx, struct na_run run)
{
	u32 i;
	int err;

	for (i = 0; i < run.nr; i++) {
		err = get_one(set, idx + i, na_frame_add(run.first, i));
		if (!err)
			continue;
		put_users(set, idx, i);
		return err;
	}
	note_row(set, idx, run.nr);
	return 0;
}

/*
 * The chain may change while we walk it: a slot found is checked again when a
 * user is added, and a miss is repeated under index_lock.
 */
int na_window_find_row(struct na_window_set *set, struct na_run run, u32 looks,
		       struct na_window *window)
{
	u32 link = na_atomic32_read(frame_head(set, run.first));
	struct slot *slot;
	int err;

	for (; link && looks; looks--) {
		if (!NA_ASSERT(link <= set->config.nr_slots))
			break;
		slot = slot_at(set, link - 1);
		if (row_shows(set, link - 1, run)) {
			err = get_row(set, link - 1, run);
			if (!err)
				na_window_show(set, link - 1, window);
			if (err != -ENOENT)
				return err;
		}
		link = na_atomic32_read(&slot->next);
	}
	return -ENOENT;
}

/* Frames from the first on with its type; 0: the first is claimed. */
static u32 count_like_first(struct na_window_set *set, struct na_run run,
			    enum na_memtype *type)
{
	struct na_ledger_entry entry;
	u32 i;

	for (i = 0; i < run.nr; i++) {
		entry = na_ledger_lookup(&set->machine->ledger,
					 na_frame_add(run.first, i));
		if (!entry_is_mappable(entry))
			return 0;
		if (i && entry.type != *type)
			break;
		*type = entry.type;
	}
	return i;
}

static bool is_mappable(struct na_window_set *set, struct na_run run)
{
	struct na_ledger *ledger = &set->machine->ledger;
	u32 i;

	for (i = 0; i < run.nr; i++)
		if (!entry_is_mappable(na_ledger_lookup(ledger,
					na_frame_add(run.first, i))))
			return false;
	return true;
}

/* Point a claimed row, with one call for frames of the same type. */
static int point_row_locked(struct na_window_set *set, u32 idx,
			    struct na_run run)
{
	enum na_memtype type = NA_WB;
	u32 done = 0, nr;
	int err;

	na_spin_assert_held(&set->index_lock);
	if (!is_mappable(set, run))
		return -EBUSY;
	while (done < run.nr) {
		struct na_run rest = na_run(na_frame_add(run.first, done),
					    run.nr - done);

		nr = count_like_first(set, rest, &type);
		err = !nr ? -EBUSY :
		      na_window_point_locked(set, idx + done,
					     na_run(rest.first, nr), type);
		if (err) {
			/* The slots pointed so far become stale. */
			put_users(set, idx, done);
			return err;
		}
		done += nr;
	}
	return 0;
}

/* Is the slot unused? Others may take it before it is claimed. */
static bool is_idle(const struct na_window_set *set, u32 idx, bool or_stale)
{
	u32 word = na_atomic32_read(&slot_at(set, idx)->word);

	switch (word_state(word)) {
	case SLOT_FREE:
		return true;
	case SLOT_POINTED:
		return or_stale && !word_users(word);
	case SLOT_DYING:
		return or_stale;
	case SLOT_DEAD:
		return false;
	}
	(void)NA_ASSERT(!"a slot's word has a state of the four");
	return false;
}

/*
 * First slot of an idle row of @nr at or above @from that ends at or below
 * @end; @end if there is none.
 */
static u32 find_row(const struct na_window_set *set, u32 from, u32 end,
		    u32 nr, bool or_stale)
{
	u32 idx, len = 0;

	(void)NA_ASSERT(nr && end <= set->config.nr_slots);
	for (idx = from; idx < end; idx++) {
		len = is_idle(set, idx, or_stale) ? len + 1 : 0;
		if (len == nr)
			return idx + 1 - nr;
	}
	return end;
}

/* Claim a row between @from and @end. -EAGAIN: there is none. */
static int claim_between(struct na_window_set *set, u32 from, u32 end, u32 nr,
			 bool or_stale)
{
	u32 first;

	na_mutex_assert_held(&set->mutex);
	for (first = from; first < end; first++) {
		first = find_row(set, first, end, nr, or_stale);
		if (first == end)
			break;
		if (!na_window_claim_row_locked(set, first, nr))
			return 0;
	}
	return -EAGAIN;
}

/* Claim a row, searching all slots once from @from on. */
static int claim_round(struct na_window_set *set, u32 from, u32 nr,
		       bool or_stale)
{
	u32 nr_slots = set->config.nr_slots;
	int err;

	err = claim_between(set, from, nr_slots, nr, or_stale);
	return err ? claim_between(set, 0, nr_slots, nr, or_stale) : 0;
}

/*
 * Rows are searched after the last one, so that the slots of a reclaim are used
 * in order. Stale slots come last, because they cost a shootdown.
 */
static int claim_row(struct na_window_set *set, u32 nr)
{
	na_mutex_assert_held(&set->mutex);
	if (claim_round(set, set->row_hand, nr, false) &&
	    claim_round(set, set->hand, nr, true))
		return -EAGAIN;
	(void)NA_ASSERT(set->row_nr == nr);
	set->row_hand = (set->row_first + nr) % set->config.nr_slots;
	return 0;
}

/* In the row that is claimed. */
static int fill_row(struct na_window_set *set, struct na_run run,
		    struct na_window *window)
{
	int err;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(set->row_nr == run.nr);
	na_spin_lock(&set->index_lock);
	err = point_row_locked(set, set->row_first, run);
	if (!err) {
		na_window_show(set, set->row_first, window);
		/* Waiters may want the same frames. */
		na_window_tell_waiters(set);
	}
	na_spin_unlock(&set->index_lock);
	return err;
}

static int make_row(struct na_window_set *set, struct na_run run,
		    struct na_window *window)
{
	int err;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(!set->row_nr);
	err = claim_row(set, run.nr);
	if (err)
		return err;
	err = fill_row(set, run, window);
	na_window_release_row_locked(set);
	return err;
}

int na_window_make_row(struct na_window_set *set, struct na_run run,
		       struct na_window *window)
{
	int err;

	na_might_sleep();
	na_mutex_lock(&set->mutex);
	na_spin_lock(&set->index_lock);
	err = na_window_find_row(set, run, set->config.nr_slots, window);
	na_spin_unlock(&set->index_lock);
	if (err == -ENOENT)
		err = make_row(set, run, window);
	na_mutex_unlock(&set->mutex);
	return err;
}
