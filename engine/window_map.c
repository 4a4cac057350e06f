// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, mapping: the calls of users. A map looks for a slot without a lock,
 * then with index_lock; then it points a slot, reclaims, or waits.
 *
 * Hit path: find the frame's slot in the index by plain loads, add one user by
 * compare-and-swap; unmap subtracts one. No lock, two atomic
 * read-modify-writes. The chains may change meanwhile, so a slot found may be
 * the wrong one and the right one may be missed. Both are harmless: a slot is
 * checked again after we became its user, when it cannot change any more, and a
 * miss is repeated under index_lock, where the index is exact. The search ends
 * after WINDOW_LOOKS_MAX steps, whatever the chain does.
 *
 * Waiting, without a lost wake-up. A waiter raises nr_waiters, reads wake_seq,
 * tries everything once more, and only then sleeps while wake_seq has that
 * value. An unmap that leaves no user reads nr_waiters after its subtraction.
 * So either the waiter's try sees the stale slot, or the unmap sees the waiter
 * and changes wake_seq. If it does so before the waiter reads wake_seq, the
 * slot was stale before the try. A map that pointed a slot wakes waiters too,
 * because one may wait for the same frame: the try may have found the slot
 * neither stale nor pointed yet. All waiters are woken each time: a single one
 * could be served by a hit, and the stale slot would stay unused. Waiters do
 * not queue: a later caller may get the slot first.
 *
 * Rejected: a lock on the hit path for revivals only (a revival is the common
 * case of a lazily unmapped window); clearing the entry at unmap if there are
 * waiters (the slot needs a shootdown anyway).
 */
#include "window.h"

/*
 * Map through a slot that points at the frame already. -ENOENT: there is none;
 * -ESTALE: it has another type than the ledger.
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
	/* A waiter may want the same frame. */
	na_window_tell_waiters(set);
	return 0;
}

/* Share or point a slot under index_lock. -EAGAIN: no slot is free. */
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

/* -EBUSY: a slot of another frame of the run is in use, with its right type. */
static int purge_mistyped(struct na_window_set *set, struct na_run run)
{
	int err = na_window_purge(set, &run, 1);

	return err == -EBUSY && run.nr > 1 ? 0 : err;
}

/* Everything except waiting for an unmap. */
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
		/*
		 * A barrier: if it were read after the try, a wake-up could be
		 * lost.
		 */
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
	/* The sum would overflow: the latest time that is not "for ever". */
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
	/* Unmaps from here on wake us; the try finds slots of earlier ones. */
	na_atomic32_add(&set->nr_waiters, 1);
	err = map_waiting(set, run, deadline_ns, window);
	na_atomic32_add(&set->nr_waiters, (u32)-1);
	/* A waiter succeeds, is refused, or times out. */
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

/* Is it a WB slot of a frame without a ledger entry, i.e. SYSTEM and WB? */
static __always_inline bool is_plain(const struct na_window_set *set,
				     const struct slot *slot,
				     struct na_frame frame)
{
	return !na_ledger_has_seen(&set->machine->ledger, frame) &&
	       na_atomic32_read(&slot->type) == NA_WB;
}

/*
 * map_present() with as few instructions as possible; all but a plain hit is
 * left to it. It makes no calls, so that the compiler saves no registers, and
 * hence has no assertions. It is inlined into the library's map.
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

/* Not inlined, so that it takes no registers of the hit path. */
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
	/* A separate struct, so that that of a hit can stay in registers. */
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
	/*
	 * Purging a slot of the wrong type takes a shootdown, which may sleep.
	 */
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
