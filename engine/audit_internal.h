/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of the audit.
 *
 * audit.c         walks, readings, life
 * audit_ledger.c  types that the ledger promises
 * audit_frames.c  which types each frame is mapped with
 * audit_room.c    limits of each account, and what was cut
 * audit_join.c    from sightings to conflicts
 * audit_group.c   conflicts of the same owners
 */
#ifndef NA_ENGINE_AUDIT_INTERNAL_H
#define NA_ENGINE_AUDIT_INTERNAL_H

#include <noalias/audit_port.h>

#include "audit_frames.h"
#include "vec.h"

/**
 * enum na_audit_phase - current walk
 * @NA_AUDIT_MARK: record the frames of an offer that the choice has
 * @NA_AUDIT_TYPES: record its type, if it maps one of those frames
 * @NA_AUDIT_GATHER: keep the offer if it maps a frame with several types, or
 *	any of those frames if all mappings are listed
 * @NA_AUDIT_CONFIRM: keep it if it is as expected
 */
enum na_audit_phase {
	NA_AUDIT_MARK,
	NA_AUDIT_TYPES,
	NA_AUDIT_GATHER,
	NA_AUDIT_CONFIRM,
};

/** NA_FRAME_WANTED - bit beside the types: a process's sighting is kept. */
#define NA_FRAME_WANTED 0x80

/**
 * enum na_audit_room - array with a limit
 * @NA_ROOM_SIGHTINGS: struct na_audit.sightings
 * @NA_ROOM_OWNERS: struct na_audit.owners
 * @NA_ROOM_CONFLICTS: struct na_audit.conflicts
 * @NR_NA_ROOMS: number of limits
 */
enum na_audit_room {
	NA_ROOM_SIGHTINGS,
	NA_ROOM_OWNERS,
	NA_ROOM_CONFLICTS,
	NR_NA_ROOMS,
};

/** Accounts that do not belong to processes; those follow. */
enum {
	NA_ACCOUNT_KERNEL,
	NA_ACCOUNT_LEDGER,
	NA_ACCOUNT_PROCESSES,
};

/**
 * struct na_audit_account - an owner of mappings, and the room that it uses
 * @space: NA_SPACE_PROCESS, NA_SPACE_LEDGER, or NA_SPACE_KERNEL for all of it
 * @pid: of a process
 * @comm: name of the process
 * @used: items, by enum na_audit_room
 * @cut: NA_AUDIT_CUT_ bits
 */
struct na_audit_account {
	enum na_space space;
	int pid;
	char comm[NA_AUDIT_COMM_MAX];
	u32 used[NR_NA_ROOMS];
	u32 cut;
};

/**
 * struct na_audit_share - how a limit is divided
 * @max: items of all processes together; only minima may exceed it
 * @each: items that each may have while all have less than @max
 * @min: items that each may have in any case
 * @wanted: items that the kernel, and likewise the ledger, may have beside its
 *	own @max for frames that processes have in conflict: as many as these
 *	may have together
 * @used: items that all processes have
 */
struct na_audit_share {
	u32 max;
	u32 each;
	u32 min;
	u32 wanted;
	u32 used;
};

/**
 * struct na_audit - a running audit
 * @port: instance
 * @ledger: the ledger's types, or NULL
 * @walker: the port's state
 * @result: result under construction
 * @phase: current walk
 * @choice: frames that the first walk records
 * @lists: all of their mappings are listed, in conflict or not
 * @limits: limits in use
 * @frames: types of these frames
 * @accounts: struct na_audit_account, of the current or last walk
 * @account: index of the account of the current place
 * @shares: by enum na_audit_room
 * @missed: struct na_audit_missed
 * @nr_unnamed: accounts cut in this walk that had no room in @missed
 * @sightings: struct na_sighting: mappings of frames with several types
 * @confirmed: struct na_sighting: those of them that were read again
 * @owners: struct na_audit_owner: their owners
 * @conflicts: struct na_audit_conflict
 * @parties: struct na_audit_party
 * @place: the port's current place
 * @area_start: first address of the current unbroken range of addresses
 * @area_end: address after its last
 * @pending: the last offer, which the next one may extend; empty if none
 * @expected: the sighting that is being read again
 * @listed: parties of the conflict being recorded
 */
struct na_audit {
	struct na_port *port;
	struct na_audit_ledger *ledger;
	struct na_audit_walker *walker;
	struct na_audit_result *result;
	enum na_audit_phase phase;
	struct na_audit_choice choice;
	bool lists;
	struct na_audit_limits limits;
	struct na_audit_frames frames;
	struct na_vec accounts;
	u32 account;
	struct na_audit_share shares[NR_NA_ROOMS];
	struct na_vec missed;
	u32 nr_unnamed;
	struct na_vec sightings;
	struct na_vec confirmed;
	struct na_vec owners;
	struct na_vec conflicts;
	struct na_vec parties;
	struct na_audit_place *place;
	u64 area_start;
	u64 area_end;
	struct na_sighting pending;
	const struct na_sighting *expected;
	struct na_audit_party listed[NA_AUDIT_PARTIES_MAX];
};

/** NA_OWNER_UNKNOWN - na_audit_place.owner of a place not described yet. */
#define NA_OWNER_UNKNOWN (~0u)

/**
 * struct na_audit_ledger - types that are promised beside the page tables
 * @walk: offers all of them, after the port's walk
 * @reread: offers those of frames in @sighting again
 * @describe: describes the current place, as na_port_audit_describe()
 *
 * All return as the port's calls of the same names.
 */
struct na_audit_ledger {
	int (*walk)(struct na_audit_ledger *ledger, struct na_audit *audit);
	int (*reread)(struct na_audit_ledger *ledger, struct na_audit *audit,
		      const struct na_sighting *sighting);
	void (*describe)(struct na_audit_ledger *ledger,
			 struct na_audit_owner *owner);
};

/**
 * na_audit_run_with() - as na_audit_run()
 * @port: port whose memory is audited
 * @ledger: ledger, or NULL
 * @limits: see there
 * @result: see there
 */
int na_audit_run_with(struct na_port *port, struct na_audit_ledger *ledger,
		      const struct na_audit_limits *limits,
		      struct na_audit_result **result);

/* --- audit_room.c ----------------------------------------------------------- */

/**
 * na_audit_usual_limits() - defaults for a machine with @nr_frames of memory.
 */
struct na_audit_limits na_audit_usual_limits(u64 nr_frames);

/**
 * na_audit_accounts_begin() - reset all accounts for a new walk
 *
 * The shares are computed for the number of processes of the last walk.
 * Return: 0 or -ENOMEM.
 */
int na_audit_accounts_begin(struct na_audit *audit);

/** na_audit_account_at() - account @idx. */
struct na_audit_account *na_audit_account_at(struct na_audit *audit, u32 idx);

/**
 * na_audit_room_take() - take room for one more item
 * @audit: audit
 * @idx: account
 * @room: array
 * @is_wanted: of the kernel or the ledger: a process has the frame in conflict
 *
 * Return: true if it was taken; otherwise the caller calls na_audit_cut().
 */
bool na_audit_room_take(struct na_audit *audit, u32 idx,
			enum na_audit_room room, bool is_wanted);

/** na_audit_room_give() - undo the last na_audit_room_take(). */
void na_audit_room_give(struct na_audit *audit, u32 idx,
			enum na_audit_room room);

/**
 * na_audit_cut() - record that an item of this account was dropped
 * @audit: audit
 * @idx: account
 * @cut: NA_AUDIT_CUT_ bit
 *
 * Return: 0 or -ENOMEM.
 */
int na_audit_cut(struct na_audit *audit, u32 idx, u32 cut);

/* --- audit_group.c ----------------------------------------------------------- */

/**
 * na_audit_groups_make() - find conflicts of the same owners
 *
 * Sets group and next of @audit->conflicts. Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int na_audit_groups_make(struct na_audit *audit);

/* --- audit_join.c ------------------------------------------------------------ */

/**
 * na_audit_join_mark() - which sightings take part in a conflict?
 *
 * Sorts @audit->sightings and sets their @hot. Context: may sleep.
 * Return: 0; -ENOMEM; -EINTR a fatal signal.
 */
int na_audit_join_mark(struct na_audit *audit);

/**
 * na_audit_join_record() - make conflicts from the sightings
 *
 * Fills @audit->conflicts, @audit->parties and the counts of the result.
 * Context: may sleep. Return: 0; -ENOMEM; -EINTR a fatal signal.
 */
int na_audit_join_record(struct na_audit *audit);

/** na_audit_grade_of() - grade of a frame with a set of types, a bit each. */
static inline enum na_grade na_audit_grade_of(u32 types)
{
	u32 cached = types & ((1u << NA_AUDIT_WC) - 1);

	(void)NA_ASSERT(!(types >> NR_NA_AUDIT_TYPES));
	if (cached && cached != types)
		return NA_GRADE_ALIAS;
	/* More than one bit? */
	return types & (types - 1) ? NA_GRADE_MIXED : NA_GRADE_NONE;
}

/** na_run_end() - number of the frame after the last. */
static inline unsigned long na_run_end(struct na_run run)
{
	return run.first.nr + run.nr;
}

/**
 * na_sighting_cut() - part of a sighting that maps frames @first up to @end.
 */
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
