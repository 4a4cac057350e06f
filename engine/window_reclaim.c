// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window: reclaim, which needs slots, and purge, which removes frames. window.c
 * has the states.
 *
 * Both make slots DYING (by swap, so a slot with a user is never taken), put
 * them into the batch, clear their entries, and take them out of the index.
 * The order of what follows is fixed:
 *
 *   1. swap       no new user
 *   2. clear      no walk finds the entry any more
 *   3. shootdown  no TLB has what was walked before
 *   4. FREE       the slot may be pointed again
 *
 * 3 before 2 would be undone: a CPU may fetch the entry again between the
 * two. 4 before 3 would let a user of the new frame read and write the old
 * one through a translation left behind.
 *
 * One shootdown serves the batch. A conversion stops after 2, because its own
 * flush of all TLBs follows; the DYING slots wait in the batch for the next
 * shootdown of the set. So a batch may begin with slots whose entries were
 * cleared long ago.
 *
 * CPUs of the shootdown. Hardware may fetch any present entry of a table that
 * it has loaded, whether the program used it or not. So the port's mask is
 * used: all CPUs that can reach the range. It is narrowed to the CPUs that
 * mapped one of the slots only if the port's TLBs are filled on access alone,
 * and the users of the set have promised to access a window only where they
 * mapped it. A CPU records its use between becoming a user and dropping it, in
 * its own word (no atomic), and the swap of 1 comes after the last user's
 * subtraction, so no use is missed.
 *
 * Reclaim goes round the slots with a hand, so that it takes those pointed
 * longest ago, even if used since. A mark of recent use would be a store on the
 * hit path.
 */
#include <noalias/effect.h>

#include "window.h"

static u32 used_by(const struct na_window_set *set, u32 cpu, u32 idx)
{
	(void)NA_ASSERT(idx < set->config.nr_slots);
	return na_atomic32_read(&set->cpus[cpu].seen[idx]);
}

/* @gen is the slot's generation before. */
static void add_users_cpus(struct na_window_set *set, u32 idx, u32 gen)
{
	u32 cpu;

	na_mutex_assert_held(&set->mutex);
	if (!set->is_narrowed)
		return;
	for (cpu = 0; cpu < set->nr_cpus; cpu++)
		if (used_by(set, cpu, idx) == gen + 1)
			set->batch_cpus = na_cpus_add(set->batch_cpus, cpu);
}

/* Step 1. -EBUSY: it has users; -EFAULT: it is DEAD; -ENOENT: not pointed. */
static int kill_slot(struct na_window_set *set, u32 idx)
{
	struct slot *slot = slot_at(set, idx);
	u32 word = na_atomic32_read(&slot->word), seen;

	na_mutex_assert_held(&set->mutex);
	for (;;) {
		if (word_state(word) == SLOT_DEAD)
			return -EFAULT;
		if (word_state(word) != SLOT_POINTED)
			return -ENOENT;
		if (word_users(word))
			return -EBUSY;
		seen = na_atomic32_cmpxchg(&slot->word, word,
					   slot_word(word_gen(word),
						     SLOT_DYING, 0));
		if (seen == word)
			break;
		word = seen;
	}
	(void)NA_ASSERT(set->nr_batch < set->config.nr_slots);
	set->batch[set->nr_batch++] = idx;
	add_users_cpus(set, idx, word_gen(word));
	return 0;
}

static void unindex_locked(struct na_window_set *set, u32 idx)
{
	struct slot *slot = slot_at(set, idx);
	na_atomic32_t *at;
	u32 link;

	na_spin_assert_held(&set->index_lock);
	(void)NA_ASSERT(word_state(na_atomic32_read(&slot->word)) ==
			SLOT_DYING);
	at = frame_head(set, na_frame(na_word_read(&slot->frame)));
	for (link = na_atomic32_read(at); link != idx + 1;
	     link = na_atomic32_read(at)) {
		if (!NA_ASSERT(link))
			return;
		at = &slot_at(set, link - 1)->next;
	}
	na_atomic32_set(at, na_atomic32_read(&slot->next));
}

static bool is_absent(struct na_window_set *set, u32 idx)
{
	enum na_memtype type;
	struct na_frame frame;

	return !na_port_window_read(set->range, idx, &frame, &type);
}

/* The entry could not be cleared: keep the slot, to prevent conversions. */
static void give_up_slot(struct na_window_set *set, u32 idx)
{
	struct slot *slot = slot_at(set, idx);
	u32 word = na_atomic32_read(&slot->word);

	(void)NA_ASSERT(word_state(word) == SLOT_DYING);
	na_atomic32_set(&slot->word,
			slot_word(word_gen(word), SLOT_DEAD, 0));
	count(set, NA_WINDOW_LOST, 1);
}

/* Step 2 for the batch from @from on. -EFAULT: an entry is still present. */
static int clear_batch(struct na_window_set *set, u32 from)
{
	u32 i, idx;
	int err = 0;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(from <= set->nr_batch);
	if (from == set->nr_batch)
		return 0;
	na_effect_window_clear(set->machine, set->range, set->batch + from,
			       set->nr_batch - from);
	na_spin_lock(&set->index_lock);
	for (i = from; i < set->nr_batch; i++) {
		idx = set->batch[i];
		if (NA_CHECK(is_absent(set, idx))) {
			unindex_locked(set, idx);
			continue;
		}
		give_up_slot(set, idx);
		err = -EFAULT;
	}
	na_spin_unlock(&set->index_lock);
	return err;
}

static bool is_in_row(const struct na_window_set *set, u32 idx)
{
	(void)NA_ASSERT(set->row_first + set->row_nr <=
			set->config.nr_slots);
	return idx - set->row_first < set->row_nr;
}

static void free_slot_locked(struct na_window_set *set, u32 idx)
{
	struct slot *slot = slot_at(set, idx);
	u32 word = na_atomic32_read(&slot->word);

	na_spin_assert_held(&set->index_lock);
	if (word_state(word) == SLOT_DEAD)
		return;
	(void)NA_ASSERT(word_state(word) == SLOT_DYING);
	na_atomic32_set(&slot->word, slot_word(word_gen(word), SLOT_FREE, 0));
	if (!is_in_row(set, idx))
		na_window_push_free_locked(set, idx);
}

/* Step 4, backwards, so that the list has them in ascending order. */
static void free_batch(struct na_window_set *set)
{
	u32 i;

	na_mutex_assert_held(&set->mutex);
	na_spin_lock(&set->index_lock);
	for (i = set->nr_batch; i--; )
		free_slot_locked(set, set->batch[i]);
	na_spin_unlock(&set->index_lock);
	set->nr_batch = 0;
	set->batch_cpus = na_cpus_none();
}

/* Steps 3 and 4 for the whole batch. */
static void shoot_batch(struct na_window_set *set)
{
	struct na_cpus cpus;
	u32 nr_cpus;

	na_mutex_assert_held(&set->mutex);
	if (!set->nr_batch)
		return;
	cpus = na_port_range_cpus(set->range);
	(void)NA_ASSERT(set->is_narrowed || !set->batch_cpus.bits);
	if (set->is_narrowed)
		cpus.bits &= set->batch_cpus.bits;
	if (cpus.bits) {
		nr_cpus = na_effect_window_shootdown(set->machine, set->range,
						     set->batch,
						     set->nr_batch,
						     cpus);
		(void)NA_ASSERT(nr_cpus < set->nr_cpus);
		count(set, NA_WINDOW_SHOOTDOWNS, 1);
		count(set, NA_WINDOW_IPIS, nr_cpus);
	}
	free_batch(set);
}

static void collect_stale(struct na_window_set *set, u32 room)
{
	u32 looks;

	na_mutex_assert_held(&set->mutex);
	for (looks = set->config.nr_slots; looks && room; looks--) {
		if (!kill_slot(set, set->hand))
			room--;
		if (++set->hand == set->config.nr_slots)
			set->hand = 0;
	}
}

/* -EAGAIN: no slot was stale, and the batch was empty. */
static int reclaim_locked(struct na_window_set *set)
{
	u32 from = set->nr_batch;
	int err;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(!set->row_nr);
	collect_stale(set, set->config.batch_max);
	count(set, NA_WINDOW_RECLAIMED, set->nr_batch - from);
	(void)clear_batch(set, from);
	err = set->nr_batch ? 0 : -EAGAIN;
	shoot_batch(set);
	return err;
}

int na_window_reclaim(struct na_window_set *set)
{
	int err = 0;

	na_might_sleep();
	na_mutex_lock(&set->mutex);
	/* Another thread may have reclaimed while we waited for the mutex. */
	if (!na_window_nr_free(set))
		err = reclaim_locked(set);
	na_mutex_unlock(&set->mutex);
	return err;
}

static enum slot_state state_at(const struct na_window_set *set, u32 idx)
{
	return word_state(na_atomic32_read(&slot_at(set, idx)->word));
}

/* Take the FREE ones off the list first; others may take the rest. */
static void take_free_slots(struct na_window_set *set, u32 first, u32 nr)
{
	u32 i;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(!set->row_nr);
	na_spin_lock(&set->index_lock);
	for (i = 0; i < nr; i++)
		if (state_at(set, first + i) == SLOT_FREE)
			na_window_take_free_locked(set, first + i);
	set->row_first = first;
	set->row_nr = nr;
	na_spin_unlock(&set->index_lock);
}

static bool row_is_free(const struct na_window_set *set)
{
	u32 i;

	for (i = 0; i < set->row_nr; i++)
		if (state_at(set, set->row_first + i) != SLOT_FREE)
			return false;
	return true;
}

/* Step 1 for the row. -EAGAIN: one of its slots is not available. */
static int kill_row(struct na_window_set *set)
{
	u32 i;
	int err;

	na_mutex_assert_held(&set->mutex);
	for (i = 0; i < set->row_nr; i++) {
		err = kill_slot(set, set->row_first + i);
		/* -ENOENT: FREE, or in the batch since a conversion. */
		if (err && err != -ENOENT)
			return -EAGAIN;
	}
	return 0;
}

/* The row needs a shootdown: let it serve a batch too. */
static void fill_batch(struct na_window_set *set, u32 from)
{
	u32 nr_killed = set->nr_batch - from, end;

	na_mutex_assert_held(&set->mutex);
	end = set->row_first + set->row_nr;
	/* The slots before the row are too few for one. */
	set->hand = end % set->config.nr_slots;
	if (nr_killed < set->config.batch_max)
		collect_stale(set, set->config.batch_max - nr_killed);
}

/* Steps 1 to 4. If that fails, DYING slots stay in the batch. */
static int take_row(struct na_window_set *set)
{
	u32 from = set->nr_batch;
	int err, last;

	na_mutex_assert_held(&set->mutex);
	err = kill_row(set);
	if (!err && !row_is_free(set))
		fill_batch(set, from);
	count(set, NA_WINDOW_RECLAIMED, set->nr_batch - from);
	last = clear_batch(set, from);
	if (err || last)
		return -EAGAIN;
	if (!row_is_free(set))
		shoot_batch(set);
	(void)NA_ASSERT(row_is_free(set));
	return 0;
}

int na_window_claim_row_locked(struct na_window_set *set, u32 first, u32 nr)
{
	int err;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(nr && nr <= set->config.nr_slots - first);
	take_free_slots(set, first, nr);
	err = take_row(set);
	if (err)
		na_window_release_row_locked(set);
	return err;
}

void na_window_release_row_locked(struct na_window_set *set)
{
	u32 i;

	na_mutex_assert_held(&set->mutex);
	(void)NA_ASSERT(set->row_nr);
	na_spin_lock(&set->index_lock);
	for (i = set->row_nr; i--; )
		if (state_at(set, set->row_first + i) == SLOT_FREE)
			na_window_push_free_locked(set, set->row_first + i);
	set->row_nr = 0;
	na_spin_unlock(&set->index_lock);
}

static int kill_chain_locked(struct na_window_set *set, struct na_frame frame)
{
	u32 link = na_atomic32_read(frame_head(set, frame)), looks = 0;
	int err = 0, last;
	struct slot *slot;

	na_spin_assert_held(&set->index_lock);
	for (; link; link = na_atomic32_read(&slot->next), looks++) {
		/* The chain is a ring: other slots may point at the frame. */
		if (!NA_ASSERT(looks < set->config.nr_slots))
			return -EFAULT;
		slot = slot_at(set, link - 1);
		if (na_word_read(&slot->frame) != frame.nr)
			continue;
		last = kill_slot(set, link - 1);
		/* -ENOENT: @runs has the frame twice. */
		if (last && last != -ENOENT)
			err = last;
	}
	return err;
}

/*
 * An empty chain can be read without the lock: the chain of a frame in the
 * index is not empty, and since the caller has taken the lock after its claim,
 * no map of the frame can be in progress.
 */
static int kill_frame(struct na_window_set *set, struct na_frame frame)
{
	int err;

	if (!na_atomic32_read(frame_head(set, frame)))
		return 0;
	na_spin_lock(&set->index_lock);
	err = kill_chain_locked(set, frame);
	na_spin_unlock(&set->index_lock);
	return err;
}

static int kill_runs(struct na_window_set *set, const struct na_run *runs,
		     u32 nr_runs)
{
	int err = 0, last;
	u32 i, j;

	na_mutex_assert_held(&set->mutex);
	/*
	 * Maps that checked the ledger before the claim are complete after
	 * this.
	 */
	na_spin_lock(&set->index_lock);
	na_spin_unlock(&set->index_lock);
	for (i = 0; i < nr_runs; i++) {
		for (j = 0; j < runs[i].nr; j++) {
			last = kill_frame(set, na_frame_add(runs[i].first, j));
			err = last ? last : err;
		}
	}
	return err;
}

static int compare_idxs(const void *a, const void *b)
{
	u32 first = *(const u32 *)a, second = *(const u32 *)b;

	return first < second ? -1 : first > second;
}

/* Slots of consecutive frames are in any order; the port clears rows. */
static void sort_batch(struct na_window_set *set, u32 from)
{
	na_mutex_assert_held(&set->mutex);
	na_sort(set->batch + from, set->nr_batch - from, sizeof(*set->batch),
		compare_idxs);
}

/* Steps 1 and 2 for all slots that show one of the frames. */
static int purge_runs(struct na_window_set *set, const struct na_run *runs,
		      u32 nr_runs)
{
	u32 from = set->nr_batch;
	int err, last;

	na_mutex_assert_held(&set->mutex);
	err = kill_runs(set, runs, nr_runs);
	count(set, NA_WINDOW_PURGED, set->nr_batch - from);
	sort_batch(set, from);
	last = clear_batch(set, from);
	if (last)
		return last;
	/* Purge all that are stale, even if others are in use. */
	return !err && na_window_local_holds(set, runs, nr_runs) ? -EBUSY : err;
}

static void purge_all(struct na_window_set *set)
{
	u32 from = set->nr_batch, idx;

	na_mutex_assert_held(&set->mutex);
	for (idx = 0; idx < set->config.nr_slots; idx++)
		(void)kill_slot(set, idx);
	count(set, NA_WINDOW_PURGED, set->nr_batch - from);
	(void)clear_batch(set, from);
}

int na_window_kill(struct na_window_set *set, const struct na_run *runs,
		   u32 nr_runs)
{
	int err;

	na_might_sleep();
	na_mutex_lock(&set->mutex);
	err = purge_runs(set, runs, nr_runs);
	na_mutex_unlock(&set->mutex);
	return err;
}

void na_window_kill_all(struct na_window_set *set)
{
	na_might_sleep();
	na_mutex_lock(&set->mutex);
	purge_all(set);
	na_mutex_unlock(&set->mutex);
}

int na_window_purge(struct na_window_set *set, const struct na_run *runs,
		    u32 nr_runs)
{
	int err;

	na_might_sleep();
	na_mutex_lock(&set->mutex);
	err = purge_runs(set, runs, nr_runs);
	shoot_batch(set);
	na_mutex_unlock(&set->mutex);
	return err;
}

void na_window_purge_all(struct na_window_set *set)
{
	na_might_sleep();
	na_mutex_lock(&set->mutex);
	purge_all(set);
	shoot_batch(set);
	na_mutex_unlock(&set->mutex);
}
