// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit room: limits of each account, and what was cut.
 *
 * A process may map a page thousands of times with another type. If it could
 * fill an array, the aliases of others would be lost. So each limit is divided
 * by the number of processes; a process has its share, but at least a minimum.
 * The minimum costs less than the kernel itself spends on a process, so it
 * needs no limit: creating processes to get more of it runs out of memory
 * first.
 *
 *	process:  used < min  or  used < each and all have less than max
 *
 * The kernel and the ledger have separate room: some for all of their sightings
 * and the rest for frames that a process has in conflict, because a process
 * must be reported together with the mapping that it conflicts with. The rest
 * is as much as all processes have, so it grows with them.
 *
 *	wanted:   max + min * processes, WANTED_MAX at most
 *	kernel:   used < max  or  used < max + wanted and the frame is wanted
 *
 * One sighting of a process may conflict with several of the kernel's: a block
 * of frames that the kernel maps page by page. So this may be too little, but
 * no process can cause that alone.
 *
 * What does not fit is dropped, and the result says whose it was.
 */
#include "audit_internal.h"

#define SIGHTINGS_MIN	16u
#define OWNERS_MIN	8u
#define CONFLICTS_MIN	4u
/* 128 MiB of sightings, enough for 200 000 processes. */
#define WANTED_MAX	(1u << 22)

/* --- limits ------------------------------------------------------------------ */

static u32 bound(u64 value, u32 low, u32 high)
{
	(void)NA_ASSERT(low <= high);
	return value < low ? low : value > high ? high : (u32)value;
}

/* For 1 GiB: 2^14 sightings, 2^12 owners, 2^12 conflicts. */
struct na_audit_limits na_audit_usual_limits(u64 nr_frames)
{
	return (struct na_audit_limits){
		.frames_max = 1u << 14,
		.sightings_max = bound(nr_frames / 16, 1u << 13, 1u << 20),
		.owners_max = bound(nr_frames / 64, 1u << 12, 1u << 16),
		.conflicts_max = bound(nr_frames / 128, 1u << 12, 1u << 16),
		.sightings_min = SIGHTINGS_MIN,
		.owners_min = OWNERS_MIN,
		.conflicts_min = CONFLICTS_MIN,
	};
}

static struct na_audit_share divide(u32 max, u32 min, u64 nr_processes)
{
	u32 nr = bound(nr_processes, 1, max);

	return (struct na_audit_share){
		.max = max, .min = min, .each = max / nr,
		.wanted = bound(max + min * nr_processes, max, WANTED_MAX),
	};
}

static void make_shares(struct na_audit *audit, u64 nr_processes)
{
	const struct na_audit_limits *limits = &audit->limits;

	audit->shares[NA_ROOM_SIGHTINGS] = divide(limits->sightings_max,
						  limits->sightings_min,
						  nr_processes);
	audit->shares[NA_ROOM_OWNERS] = divide(limits->owners_max,
					       limits->owners_min,
					       nr_processes);
	audit->shares[NA_ROOM_CONFLICTS] = divide(limits->conflicts_max,
						  limits->conflicts_min,
						  nr_processes);
}

/* --- accounts ---------------------------------------------------------------- */

int na_audit_accounts_begin(struct na_audit *audit)
{
	static const struct na_audit_account fixed[NA_ACCOUNT_PROCESSES] = {
		[NA_ACCOUNT_KERNEL] = { .space = NA_SPACE_KERNEL },
		[NA_ACCOUNT_LEDGER] = { .space = NA_SPACE_LEDGER },
	};
	int i, err = 0;

	make_shares(audit, audit->result->seen.nr_processes);
	audit->accounts.nr = 0;
	audit->nr_unnamed = 0;
	for (i = 0; i < NA_ACCOUNT_PROCESSES && !err; i++)
		err = na_vec_push(&audit->accounts, audit->port,
				  &fixed[i]);
	(void)NA_ASSERT(err != -ENOSPC);
	audit->account = NA_ACCOUNT_KERNEL;
	return err;
}

struct na_audit_account *na_audit_account_at(struct na_audit *audit, u32 idx)
{
	struct na_audit_account *accounts = audit->accounts.items;

	(void)NA_ASSERT(idx < audit->accounts.nr);
	return &accounts[idx];
}

bool na_audit_room_take(struct na_audit *audit, u32 idx,
			enum na_audit_room room, bool is_wanted)
{
	struct na_audit_account *account = na_audit_account_at(audit, idx);
	struct na_audit_share *share = &audit->shares[room];
	u32 used = account->used[room];

	(void)NA_ASSERT(share->max && share->each <= share->max);
	if (account->space != NA_SPACE_PROCESS) {
		if (used >= share->max &&
		    (!is_wanted || used - share->max >= share->wanted))
			return false;
	} else if (used >= share->min) {
		if (used >= share->each || share->used >= share->max)
			return false;
	}
	account->used[room]++;
	share->used += account->space == NA_SPACE_PROCESS;
	return true;
}

void na_audit_room_give(struct na_audit *audit, u32 idx,
			enum na_audit_room room)
{
	struct na_audit_account *account = na_audit_account_at(audit, idx);
	struct na_audit_share *share = &audit->shares[room];

	if (!NA_ASSERT(account->used[room]))
		return;
	account->used[room]--;
	share->used -= account->space == NA_SPACE_PROCESS;
}

/* --- what was cut --------------------------------------------------------- */

static bool is_same(const struct na_audit_missed *missed,
		    const struct na_audit_account *account)
{
	return missed->space == account->space && missed->pid == account->pid;
}

static int name_missed(struct na_audit *audit,
		       const struct na_audit_account *account, u32 cut)
{
	struct na_audit_missed *all = audit->missed.items, missed;
	int err;
	u32 i;

	for (i = 0; i < audit->missed.nr; i++) {
		if (is_same(&all[i], account)) {
			all[i].cut |= cut;
			return 0;
		}
	}
	missed = (struct na_audit_missed){
		.space = account->space, .pid = account->pid, .cut = cut,
	};
	na_memcpy(missed.comm, account->comm, sizeof(missed.comm));
	(void)NA_ASSERT(audit->result->cut & cut);
	err = na_vec_push(&audit->missed, audit->port, &missed);
	if (err != -ENOSPC)
		return err;
	(void)NA_ASSERT(audit->missed.nr == NA_AUDIT_MISSED_MAX);
	/* Each walk finds the same ones again. */
	if (!account->cut && ++audit->nr_unnamed > audit->result->nr_missed_more)
		audit->result->nr_missed_more = audit->nr_unnamed;
	return 0;
}

int na_audit_cut(struct na_audit *audit, u32 idx, u32 cut)
{
	struct na_audit_account *account = na_audit_account_at(audit, idx);
	int err;

	(void)NA_ASSERT(cut && !(cut >> NR_NA_AUDIT_CUTS));
	audit->result->cut |= cut;
	/* Recorded once for each walk and process, not for each mapping. */
	if (account->cut & cut)
		return 0;
	err = name_missed(audit, account, cut);
	account->cut |= cut;
	return err;
}
