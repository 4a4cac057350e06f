// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Convert: the order of the steps, and why.
 *
 * WB to UC or WC:
 *
 *   1. claim      nobody else converts or pins the frames; a refusal here
 *                 leaves everything as it was
 *   2. purge      no kmap pool entry and no window of ours points at them
 *                 (I1, page tables)
 *   3. direct map entries of frames that have one get the new type
 *   4. TLB flush  one shootdown for 2 and 3 and for what is only in TLBs:
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
 * The caller zeroes the frames through a cached mapping before 1.
 *
 * Back to WB:
 *
 *   1. claim      fails while a frame is pinned (I5)
 *   2. purge      no window of ours points at them (I4): a stale UC or WC
 *                 window would be an alias for the next owner
 *   3. drain      WC buffers of all CPUs, before a cached entry exists: a WC
 *                 buffer drains without a look-up in caches, so a line filled
 *                 early would hide its stores (I6)
 *   4. direct map WB
 *   5. TLB flush  a UC translation left behind would be an alias for the
 *                 frame's next owner (I4)
 *   6. mark, 7. commit
 *
 * Without frames in the direct map 4 is empty, and the flush of 5 drains too:
 * one shootdown.
 *
 * When the direct map cannot be set:
 *
 *   1. restore    the frames that were changed, and no others, get their old
 *                 entries again. One that fails is skipped, so that the
 *                 frames after it are restored
 *   2. TLB flush  a CPU may have fetched an entry that was changed back
 *   3. read back  a frame whose entry is not WB is quarantined, alone: a
 *                 leak is counted, an alias would not be noticed
 *   4. mark, commit  the rest belongs to the system as before
 *
 * A conversion back to WB fails in the same way: a frame that cannot be made WB
 * keeps its type, in quarantine; the others are WB and are freed.
 */
#include <noalias/convert.h>
#include <noalias/effect.h>
#include <noalias/purge.h>

/* Only the claim keeps others away: check both ends of it. */
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

	for (i = 0; i < nr_runs; i++)
		if (na_port_frame_is_direct(port, runs[i].first) ||
		    na_port_frame_is_direct(port, na_frame_add(runs[i].first,
							runs[i].nr - 1)))
			return true;
	return false;
}

static int set_direct(struct na_machine *machine, const struct na_run *runs,
		      u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	return na_effect_direct_set(machine, runs, nr_runs, type, nr_done);
}

static int clean_cache(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	return na_effect_cache_clean(machine, runs, nr_runs, type);
}

/* Where frames are handled one by one, yield after so many. */
#define FRAMES_A_YIELD 1024u

/**
 * struct walk - position of a walk over the frames of some runs
 * @runs: remaining runs; of the first, @skip frames are done
 * @nr_runs: length of @runs
 * @skip: below runs[0].nr
 * @left: frames still to visit, maybe fewer than in @runs
 * @part: rest of a run of which some frames are done
 */
struct walk {
	const struct na_run *runs;
	u32 nr_runs;
	u32 skip;
	u32 left;
	struct na_run part;
};

/* Whole runs, or the rest of one that was begun. */
static const struct na_run *walk_next(struct walk *walk, u32 *nr_runs)
{
	u32 nr = walk->runs[0].nr - walk->skip, left = walk->left;

	(void)NA_ASSERT(left && walk->skip < walk->runs[0].nr);
	*nr_runs = 1;
	if (walk->skip || left < nr) {
		walk->part = na_run(na_frame_add(walk->runs[0].first,
						 walk->skip),
				    left < nr ? left : nr);
		return &walk->part;
	}
	for (left -= nr; *nr_runs < walk->nr_runs &&
	     walk->runs[*nr_runs].nr <= left; (*nr_runs)++)
		left -= walk->runs[*nr_runs].nr;
	return walk->runs;
}

static void walk_advance(struct walk *walk, u32 nr)
{
	(void)NA_ASSERT(nr <= walk->left);
	walk->left -= nr;
	walk->skip += nr;
	while (walk->nr_runs && walk->skip >= walk->runs[0].nr) {
		walk->skip -= walk->runs[0].nr;
		walk->runs++;
		walk->nr_runs--;
	}
}

/* Tries all of them, also after a failure. Return: did all succeed? */
static bool restore_direct(struct na_machine *machine, struct walk walk)
{
	const struct na_run *runs;
	u32 nr_runs, nr_done, nr;
	bool is_whole = true;
	int err;

	while (walk.left) {
		runs = walk_next(&walk, &nr_runs);
		nr = (u32)na_runs_count_frames(runs, nr_runs);
		/* Each iteration makes progress, whatever the port does. */
		(void)NA_ASSERT(nr && nr <= walk.left);
		err = set_direct(machine, runs, nr_runs, NA_WB, &nr_done);
		is_whole = is_whole && !err;
		/*
		 * The frame after the last changed one is the one that failed.
		 */
		walk_advance(&walk, err && nr_done < nr ? nr_done + 1 : nr);
	}
	return is_whole;
}

static void quarantine(struct na_machine *machine, struct na_frame frame,
		       enum na_memtype type)
{
	struct na_run run = na_run(frame, 1);

	(void)NA_ASSERT(!na_memtype_is_cached(type));
	na_effect_mark(machine, &run, 1, type);
	na_ledger_commit(&machine->ledger, &run, 1, NA_QUARANTINED, type);
}

/* Trust the entries, not the port's result. */
static u32 quarantine_not_wb(struct na_machine *machine, struct walk walk,
			     enum na_memtype type)
{
	struct na_frame frame;
	u32 nr = 0;

	for (; walk.left; walk_advance(&walk, 1)) {
		if (!(walk.left % FRAMES_A_YIELD))
			na_yield();
		frame = na_frame_add(walk.runs[0].first, walk.skip);
		if (na_effect_direct_agrees(machine, frame, NA_WB))
			continue;
		quarantine(machine, frame, type);
		nr++;
	}
	if (nr)
		na_effect_frames_lost(machine, nr,
				      "their direct map does not change back");
	return nr;
}

/*
 * Make the first @nr frames of the runs WB again, or quarantine them with
 * @type. Return: number of frames quarantined.
 */
static u32 make_wb(struct na_machine *machine, const struct na_run *runs,
		   u32 nr_runs, u32 nr, enum na_memtype type)
{
	struct walk walk = { .runs = runs, .nr_runs = nr_runs, .left = nr };
	bool is_whole;

	(void)NA_ASSERT(nr && nr <= na_runs_count_frames(runs, nr_runs));
	is_whole = restore_direct(machine, walk);
	/* A CPU may have fetched an entry that was changed back. */
	na_effect_tlb_flush(machine);
	return is_whole ? 0 : quarantine_not_wb(machine, walk, type);
}

static void return_run(struct na_machine *machine, struct na_run run)
{
	na_effect_mark(machine, &run, 1, NA_WB);
	na_ledger_commit(&machine->ledger, &run, 1, NA_SYSTEM, NA_WB);
}

/* Return all frames to the system that are not in quarantine. */
static void return_kept(struct na_machine *machine, const struct na_run *runs,
			u32 nr_runs)
{
	struct na_frame frame;
	u32 i, j, nr = 0;

	(void)NA_ASSERT(na_ledger_count(&machine->ledger, NA_QUARANTINED));
	for (i = 0; i < nr_runs; i++) {
		for (j = 0; j < runs[i].nr; j++) {
			if (!(++nr % FRAMES_A_YIELD))
				na_yield();
			frame = na_frame_add(runs[i].first, j);
			if (na_ledger_lookup(&machine->ledger, frame).state ==
			    NA_CLAIMED)
				return_run(machine, na_run(frame, 1));
		}
	}
}

/* Commit the frames that are WB. Return: 0; -EUCLEAN if @nr_lost is not 0. */
static int return_frames(struct na_machine *machine, const struct na_run *runs,
			 u32 nr_runs, u32 nr_lost)
{
	if (nr_lost) {
		return_kept(machine, runs, nr_runs);
		return -EUCLEAN;
	}
	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	na_effect_mark(machine, runs, nr_runs, NA_WB);
	na_ledger_commit(&machine->ledger, runs, nr_runs, NA_SYSTEM, NA_WB);
	return 0;
}

/* Undo what step 3 did to the first @nr_done frames. */
static int undo_direct(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, u32 nr_done, int err)
{
	u32 nr_lost = 0;

	if (nr_done)
		nr_lost = make_wb(machine, runs, nr_runs, nr_done, type);
	/*
	 * Also those not reached: splitting an entry may have changed their
	 * mark.
	 */
	return return_frames(machine, runs, nr_runs, nr_lost) ? -EUCLEAN : err;
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
	u32 nr_done;
	int err;

	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	err = na_purge_kmap(machine, runs, nr_runs);
	if (err) {
		na_ledger_commit(&machine->ledger, runs, nr_runs, NA_SYSTEM,
				 NA_WB);
		return err;
	}
	err = set_direct(machine, runs, nr_runs, type, &nr_done);
	if (err)
		return undo_direct(machine, runs, nr_runs, type, nr_done, err);
	/* Other CPUs may still translate through entries that were cleared. */
	na_effect_tlb_flush(machine);
	err = clean_cache(machine, runs, nr_runs, type);
	if (err)
		return undo_direct(machine, runs, nr_runs, type,
				   (u32)na_runs_count_frames(runs, nr_runs),
				   err);
	return 0;
}

static int convert_to(struct na_machine *machine, const struct na_run *runs,
		      u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	int err = na_ledger_claim(&machine->ledger, runs, nr_runs, NA_SYSTEM,
				  NA_WB);

	if (err)
		return err;
	err = change_to(machine, runs, nr_runs, type);
	if (err)
		return err;
	na_effect_mark(machine, runs, nr_runs, type);
	na_ledger_commit(&machine->ledger, runs, nr_runs, owner, type);
	return 0;
}

int na_convert_to(struct na_machine *machine, const struct na_run *runs,
		  u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_CONVERT_TO,
						      runs, nr_runs, type);

	na_might_sleep();
	if (!NA_CHECK(may_convert(runs, nr_runs, type, owner)))
		return -EINVAL;
	na_effect_begin(machine, &effect);
	return na_effect_end(machine, &effect,
			     convert_to(machine, runs, nr_runs, type, owner));
}

/* Return: number of frames quarantined; the others are WB everywhere. */
static u32 change_back(struct na_machine *machine, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	(void)NA_ASSERT(is_claimed(machine, runs, nr_runs));
	if (!any_direct(machine, runs, nr_runs)) {
		na_effect_tlb_flush(machine);
		return 0;
	}
	/* The flush below also drains, but a WB entry must not exist before. */
	if (type == NA_WC)
		na_effect_wc_drain(machine);
	return make_wb(machine, runs, nr_runs,
		       (u32)na_runs_count_frames(runs, nr_runs), type);
}

/* @nr_done receives how many frames are WB. */
static int convert_back(struct na_machine *machine, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type, enum na_state owner,
			u32 *nr_done)
{
	u32 nr = (u32)na_runs_count_frames(runs, nr_runs), nr_lost;
	int err = na_ledger_claim(&machine->ledger, runs, nr_runs, owner, type);

	if (err)
		return err;
	err = na_purge_windows(machine, runs, nr_runs);
	if (err) {
		na_ledger_commit(&machine->ledger, runs, nr_runs, owner, type);
		return err;
	}
	nr_lost = change_back(machine, runs, nr_runs, type);
	(void)NA_ASSERT(nr_lost <= nr);
	*nr_done = nr - nr_lost;
	return return_frames(machine, runs, nr_runs, nr_lost);
}

int na_convert_back(struct na_machine *machine, const struct na_run *runs,
		    u32 nr_runs, enum na_memtype type, enum na_state owner)
{
	struct na_effect effect = na_effect_on_frames(NA_EFFECT_CONVERT_BACK,
						      runs, nr_runs, type);

	na_might_sleep();
	if (!NA_CHECK(may_convert(runs, nr_runs, type, owner)))
		return -EINVAL;
	na_effect_begin(machine, &effect);
	return na_effect_end(machine, &effect,
			     convert_back(machine, runs, nr_runs, type, owner,
					  &effect.nr));
}
