// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, mapping: what a user calls. A map looks for what is there, without a
 * lock; then with the index exact; then it points a slot, reclaims, waits.
 *
 * Hit path: find the frame's slot in the index by plain loads, add one user
 * by compare-and-swap; unmap subtracts one. No lock, two atomic
 * read-modify-writes. The chains change while we look, so that what is found
 * may be wrong and what is not found may be there. Neither harms: a slot
 * taken is looked at again when it can no longer change (POINTED with a user
 * of ours), and a miss is repeated under index_lock, where the index is
 * exact. Looking ends after WINDOW_LOOKS_MAX steps whatever the chain does.
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
 * someone waits (the slot must go through a shootdown anyway).
 */
#include "window.h"

/*
 * Map through a slot that points at the frame already. -ENOENT: there is
 * none; -ESTALE: there is one of another type than the ledger's.
 */
static __always_inline int map_present(struct na_window_set *set,
				       struct na_frame frame, u32 looks,
				       struct na_window *window)
{
	u32 word, link = na_window_find(set, frame, looks, false, &word);
	struct slot *slot;
	int err;

	if (!link)
		return -ENOENT;
	slot = &set->slots[link - 1].slot;
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
	na_window_note_use(set, link - 1, word_gen(word),
			   word_users(word) ? NA_WINDOW_HITS :
					      NA_WINDOW_REVIVALS);
	na_window_show(set, link - 1, window);
	return 0;
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
	link = na_window_pop_free_locked(set);
	if (!link)
		return -EAGAIN;
	err = na_window_point_locked(set, link - 1, na_run(frame, 1),
				     entry.type);
	if (err && is_free(set, link - 1))
		na_window_push_free_locked(set, link - 1);
	if (err)
		return err;
	na_window_show(set, link - 1, window);
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
			err = na_window_make_row(set, run, window);
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

static int map_slow(struct na_window_set *set, struct na_run run,
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

static int finish_map(struct na_window_set *set, int err)
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
 * The same in as few instructions as there can be: whatever is not plain is left
 * to map_present(). Calls nothing, and hence asserts nothing.
 */
int na_window_try_hit(struct na_window_set *set, struct na_frame frame,
		      u32 cpu, struct na_window *window)
{
	u32 word, link = na_window_find(set, frame, WINDOW_LOOKS_MAX, true,
					&word);
	struct window_cpu *own = &set->cpus[cpu];
	struct slot *slot;

	if (unlikely(!link || own->seen))
		return -EAGAIN;
	slot = &set->slots[link - 1].slot;
	if (unlikely(!word_has_users(word, 0) ||
		     na_atomic32_cmpxchg(&slot->word, word, word + 1) != word))
		return -EAGAIN;
	na_window_show(set, link - 1, window);
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
		err = map_slow(set, na_run(frame, 1), timeout_ns, window);
	return finish_map(set, err);
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
	return finish_map(set, err == -ESTALE ? -EAGAIN : err);
}

int na_window_unmap(struct na_window_set *set, struct na_window window)
{
	struct slot *slot;

	if (!NA_CHECK(window.idx < set->config.nr_slots))
		return -EINVAL;
	slot = slot_at(set, window.idx);
	if (!NA_CHECK(slot->addr == window.addr))
		return -EINVAL;
	return na_window_drop_user(set, slot);
}

int na_window_map_run(struct na_window_set *set, struct na_run run,
		      u64 timeout_ns, struct na_window *window)
{
	unsigned long nr_frames = set->machine->ledger.nr_frames;
	int err;

	if (!NA_CHECK(run.nr && run.nr <= set->config.nr_slots))
		return -EINVAL;
	if (run.nr == 1)
		return na_window_map_timeout(set, run.first, timeout_ns,
					     window);
	if (!NA_CHECK(run.first.nr < nr_frames &&
		      run.nr <= nr_frames - run.first.nr))
		return -ERANGE;
	err = na_window_find_row(set, run, WINDOW_LOOKS_MAX, window);
	if (err == -ENOENT || err == -ESTALE)
		err = map_slow(set, run, timeout_ns, window);
	return finish_map(set, err);
}

int na_window_unmap_run(struct na_window_set *set, struct na_window window,
			u32 nr)
{
	u32 i;
	int err = 0, last;

	if (!NA_CHECK(nr && window.idx < set->config.nr_slots &&
		      nr <= set->config.nr_slots - window.idx))
		return -EINVAL;
	if (!NA_CHECK(slot_at(set, window.idx)->addr == window.addr))
		return -EINVAL;
	for (i = 0; i < nr; i++)
		if (!NA_CHECK(na_window_info(set, window.idx + i).users))
			return -EINVAL;
	for (i = 0; i < nr; i++) {
		na_window_show(set, window.idx + !!i, &window);
		last = na_window_unmap(set, window);
		err = last ? last : err;
	}
	return err;
}
