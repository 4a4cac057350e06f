/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What audit.c and audit_join.c share.
 */
#ifndef NA_ENGINE_AUDIT_INTERNAL_H
#define NA_ENGINE_AUDIT_INTERNAL_H

#include <noalias/audit_port.h>

#include "vec.h"

/**
 * enum na_audit_phase - what is done with an offer
 * @NA_AUDIT_MARK: remember its frames if its type is not WB
 * @NA_AUDIT_GATHER: keep it if it maps one of those frames
 * @NA_AUDIT_CONFIRM: keep it if it is the one that was expected
 */
enum na_audit_phase {
	NA_AUDIT_MARK,
	NA_AUDIT_GATHER,
	NA_AUDIT_CONFIRM,
};

/** struct na_span - frames @first up to, not including, @end. */
struct na_span {
	unsigned long first;
	unsigned long end;
};

/**
 * struct na_audit - an audit under way
 * @machine: instance
 * @walker: the port's
 * @result: what is being made
 * @phase: see there
 * @frames: struct na_span: frames with a type other than WB; after the first
 *	walk sorted and disjoint
 * @sightings: struct na_sighting: mappings of those frames
 * @confirmed: struct na_sighting: those of them that were read again
 * @owners: struct na_audit_owner: who has them
 * @conflicts: struct na_audit_conflict
 * @parties: struct na_audit_party
 * @place: where the port stands
 * @pending: the last offer, which the next one may extend; no frames: none
 * @expected: the sighting that is being read again
 * @ledger_places: one for each state of the ledger
 * @state: while the ledger is walked, which of them; else NA_SYSTEM
 * @listed: parties of the conflict that is being recorded
 */
struct na_audit {
	struct na_machine *machine;
	struct na_audit_walker *walker;
	struct na_audit_result *result;
	enum na_audit_phase phase;
	struct na_vec frames;
	struct na_vec sightings;
	struct na_vec confirmed;
	struct na_vec owners;
	struct na_vec conflicts;
	struct na_vec parties;
	struct na_audit_place *place;
	struct na_sighting pending;
	const struct na_sighting *expected;
	struct na_audit_place ledger_places[NR_NA_STATES];
	enum na_state state;
	struct na_audit_party listed[NA_AUDIT_PARTIES_MAX];
};

/**
 * na_audit_join_mark() - which sightings take part in a conflict?
 *
 * Sorts @audit->sightings and sets their @hot. Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int na_audit_join_mark(struct na_audit *audit);

/**
 * na_audit_join_record() - make conflicts of the sightings
 *
 * Fills @audit->conflicts, @audit->parties and the counts of the result.
 * Context: may sleep. Return: 0 or -ENOMEM.
 */
int na_audit_join_record(struct na_audit *audit);

/** na_run_end() - number of the frame after the last. */
static inline unsigned long na_run_end(struct na_run run)
{
	(void)NA_ASSERT(run.nr);
	return run.first.nr + run.nr;
}

/** na_sighting_cut() - the part that maps frames @first up to @end. */
static inline struct na_sighting
na_sighting_cut(const struct na_sighting *sighting, unsigned long first,
		unsigned long end)
{
	struct na_sighting cut = *sighting;

	(void)NA_ASSERT(sighting->run.first.nr <= first && first < end &&
			end <= na_run_end(sighting->run));
	cut.va += (u64)(first - sighting->run.first.nr) << NA_AUDIT_PAGE_SHIFT;
	cut.run = na_run(na_frame(first), (u32)(end - first));
	return cut;
}

#endif
