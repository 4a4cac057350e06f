// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Convert: the order that must hold.
 *
 * WB to UC or WC:
 *
 *   1. claim      nobody else converts or pins the frames; a refusal here
 *                 leaves everything as it was
 *   2. purge      no kmap pool entry and no window of ours points at them
 *                 (I1, page tables)
 *   3. direct map entries of frames that have one get the new type
 *   4. TLB flush  one shootdown for 2 and 3 and for what cannot be seen:
 *                 lazily flushed vmap ranges, other CPUs' fixmaps, entries
 *                 fetched speculatively (I1, TLBs)
 *   5. cache      clean and invalidate through mappings of the new type (I2)
 *   6. mark       the system's own bookkeeping
 *   7. commit     from here on the frames may be pinned and mapped
 *
 * 5 before 4 would be undone: as long as one CPU can translate to the frame
 * through a cached mapping it may speculate a line back in, and a later
 * eviction of that line overwrites what the device wrote. For the same
 * reason 5 must not work through a cached mapping of its own.
 *
 * Zeroing through a cached mapping is the caller's and comes before 1.
 *
 * Back to WB:
 *
 *   1. claim      refuses while somebody holds a pin (I5)
 *   2. purge      no window of ours points at them (I4): a stale UC or WC
 *                 window would be an alias in the hands of the next owner
 *   3. drain      WC buffers of all CPUs, before a cached entry exists: a WC
 *                 buffer drains without asking the caches, so a line filled
 *                 early would hide what it writes (I6)
 *   4. direct map WB
 *   5. TLB flush  a UC translation left behind would be an alias for the
 *                 frame's next owner (I4)
 *   6. mark, 7. commit
 *
 * Without frames in the direct map 4 is empty, and the flush of 5 drains too:
 * one shootdown. Failure to set the direct map in either direction is undone
 * by setting the old entries again, flushed as well, since some CPU may have
 * fetched a new one. If even that fails the frames go to quarantine: a leak
 * can be counted, an alias cannot be seen.
 */
#include <noalias/convert.h>
#include <noalias/purge.h>

/* The claim is what keeps everybody else away: look at both ends of it. */
static bool is_claimed(const struct na_machine *machine,
		       const struct na_run *runs, u32 nr_runs)
{
	const struct na_ledger *ledger = &machine->ledger;
	struct na_run last;

	if (!NA_ASSERT(nr_runs))
		return false;
	last = runs[nr_runs - 1];
	return na_ledger_lookup(ledger, runs[0].first).state == NA_CLAIMED &&
	       na_ledger_lookup(ledger, na_frame_add(last.first, last.nr - 1))
	       .state == NA_CLAIMED;
}

static bool any_direct(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs)
{
	struct na_port *port = machine->port;
	u32 i;

	(void)NA_ASSERT(nr_runs);
	for (i = 0; i < nr_runs; i++)
		if (na_port_frame_is_direct(port, runs[i].first) ||
		    na_port_frame_is_direct(port, na_frame_add(runs[i].first,
							runs[i].nr - 1)))
			return true;
	return false;
}

static bool frame_agrees(struct na_port *port, struct na_frame frame,
			 enum na_memtype type)
{
	(void)NA_ASSERT(na_memtype_is_valid(type));
	return !na_port_frame_is_direct(port, frame) ||
	       na_port_direct_has(port, frame, type);
}

/* Read back the ends of each run: a port that lied is caught here. */
static bool direct_agrees(struct na_machine *machine,
			  const struct na_run *runs, u32 nr_runs,
			  enum na_memtype type)
{
	u32 i;

	(void)NA_ASSERT(nr_runs);
	for (i = 0; i < nr_runs; i++)
		if (!frame_agrees(machine->port, runs[i].first, type) ||
		    !frame_agrees(machine->port, na_frame_add(runs[i].first,
						runs[i].nr - 1), type))
			return false;
	return true;
}

static int set_direct(struct na_machine *machine, const struct na_run *runs,
		      u32 nr_runs, enum na_memtype type)
{
	u64 start_ns = na_port_time_ns(machine->port);
	int err;

	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	err = na_port_direct_set(machine->port, runs, nr_runs, type);
	if (!err && !NA_CHECK(direct_agrees(machine, runs, nr_runs, type)))
		err = -EFAULT;
	na_stat_add(machine, NA_STAT_DIRECT_NS,
		    na_port_time_ns(machine->port) - start_ns);
	return err;
}

static int clean_cache(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u64 start_ns = na_port_time_ns(machine->port);
	int err;

	/* Through a cached mapping the lines could come straight back. */
	(void)NA_ASSERT(!na_memtype_is_cached(type));
	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	err = na_port_cache_clean(machine->port, runs, nr_runs, type);
	na_stat_add(machine, NA_STAT_CACHE_NS,
		    na_port_time_ns(machine->port) - start_ns);
	return err;
}

static int quarantine(struct na_machine *machine, const struct na_run *runs,
		      u32 nr_runs, enum na_memtype type)
{
	(void)NA_ASSERT(!na_memtype_is_cached(type));
	/* Whoever fetched an entry that is gone by now must forget it. */
	na_tlb_flush(machine);
	na_ledger_commit(&machine->ledger, runs, nr_runs, NA_QUARANTINED,
			 type);
	return -EUCLEAN;
}

static int refuse(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs, int err)
{
	(void)NA_ASSERT(err < 0);
	na_ledger_commit(&machine->ledger, runs, nr_runs, NA_SYSTEM, NA_WB);
	na_stat_add(machine, NA_STAT_REFUSED, 1);
	return err;
}

/* The direct map may say anything by now; make it WB again or give up. */
static int undo_direct(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, int err)
{
	if (set_direct(machine, runs, nr_runs, NA_WB))
		return quarantine(machine, runs, nr_runs, type);
	na_tlb_flush(machine);
	/* Splitting a large entry may have left a mark. */
	na_port_runs_mark(machine->port, runs, nr_runs, NA_WB);
	return refuse(machine, runs, nr_runs, err);
}

static bool may_convert(const struct na_run *runs, u32 nr_runs,
			enum na_memtype type, enum na_state owner)
{
	u32 i;

	for (i = 0; i < nr_runs; i++)
		if (!runs[i].nr)
			return false;
	return nr_runs && na_memtype_is_valid(type) &&
	       !na_memtype_is_cached(type) &&
	       (owner == NA_BUFFER || owner == NA_LENT);
}

static int change_to(struct na_machine *machine, const struct na_run *runs,
		     u32 nr_runs, enum na_memtype type)
{
	int err;

	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	err = na_purge_kmap(machine, runs, nr_runs);
	if (err)
		return refuse(machine, runs, nr_runs, err);
	err = set_direct(machine, runs, nr_runs, type);
	if (err)
		return undo_direct(machine, runs, nr_runs, type, err);
	/* Others may still translate through what is gone from the tables. */
	na_tlb_flush(machine);
	err = clean_cache(machine, runs, nr_runs, type);
	if (err)
		return undo_direct(machine, runs, nr_runs, type, err);
	return 0;
}

int na_convert_to(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	int err;

	na_might_sleep();
	if (!NA_CHECK(may_convert(runs, nr_runs, type, owner)))
		return -EINVAL;
	err = na_ledger_claim(&machine->ledger, runs, nr_runs, NA_SYSTEM,
			      NA_WB);
	if (err) {
		na_stat_add(machine, NA_STAT_REFUSED, 1);
		return err;
	}
	err = change_to(machine, runs, nr_runs, type);
	if (err)
		return err;
	na_port_runs_mark(machine->port, runs, nr_runs, type);
	na_ledger_commit(&machine->ledger, runs, nr_runs, owner, type);
	na_stat_add(machine, NA_STAT_CONVERSIONS, 1);
	na_stat_add(machine, NA_STAT_CONVERTED_FRAMES,
		    na_runs_count_frames(runs, nr_runs));
	return 0;
}

static int change_back(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	bool direct = any_direct(machine, runs, nr_runs);

	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	/* The flush below drains as well; a WB entry must not come first. */
	if (direct && type == NA_WC)
		na_port_wc_drain(machine->port);
	if (direct && set_direct(machine, runs, nr_runs, NA_WB)) {
		/* Half and half is worst; the old type is what users had. */
		(void)set_direct(machine, runs, nr_runs, type);
		return quarantine(machine, runs, nr_runs, type);
	}
	na_tlb_flush(machine);
	return 0;
}

int na_convert_back(struct na_machine *machine, const struct na_run *runs,
		    u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	int err;

	na_might_sleep();
	if (!NA_CHECK(may_convert(runs, nr_runs, type, owner)))
		return -EINVAL;
	err = na_ledger_claim(&machine->ledger, runs, nr_runs, owner, type);
	if (err)
		return err;
	err = na_purge_windows(machine, runs, nr_runs);
	if (err) {
		na_ledger_commit(&machine->ledger, runs, nr_runs, owner, type);
		return err;
	}
	err = change_back(machine, runs, nr_runs, type);
	if (err)
		return err;
	na_port_runs_mark(machine->port, runs, nr_runs, NA_WB);
	na_ledger_commit(&machine->ledger, runs, nr_runs, NA_SYSTEM, NA_WB);
	na_stat_add(machine, NA_STAT_RETURNS, 1);
	na_stat_add(machine, NA_STAT_RETURNED_FRAMES,
		    na_runs_count_frames(runs, nr_runs));
	return 0;
}
