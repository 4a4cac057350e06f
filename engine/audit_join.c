// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit join: from sightings to conflicts.
 *
 * A sweep over the frames. Sightings are sorted by their first frame; those
 * that map the current frame are active. The active set changes only where a
 * sighting begins or ends, so the frames between are judged together, by the
 * types in the active set. The cost is sorting, plus the number of such
 * intervals times the mappings of a frame.
 *
 * The sweep runs twice: first to mark the sightings in conflict, then, on the
 * confirmed ones, to record the conflicts.
 *
 * Adjacent intervals whose parties are the same owners become one conflict,
 * even if the addresses are scattered: a buffer whose frames are in no order
 * then has one line for each mapping, not for each page. Kmap slots and the
 * like are joined only in address order, because there the address is the name;
 * audit_group.c links those.
 */
#include "audit_internal.h"

struct sweep {
	struct na_audit *audit;
	int (*judge)(struct sweep *sweep, unsigned long end);
	struct na_sighting *sightings;
	u32 nr_sightings;
	u32 next;
	unsigned long pos;
	u32 *active;
	u32 nr_active;
};

/* --- the sweep ------------------------------------------------------------ */

static int compare_numbers(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

static int compare_sightings(const void *left, const void *right)
{
	const struct na_sighting *a = left, *b = right;
	int order = compare_numbers(a->run.first.nr, b->run.first.nr);

	if (!order)
		order = compare_numbers(a->owner, b->owner);
	return order ? order : compare_numbers(a->va, b->va);
}

static const struct na_sighting *active_at(const struct sweep *sweep, u32 i)
{
	(void)NA_ASSERT(i < sweep->nr_active);
	return &sweep->sightings[sweep->active[i]];
}

static void admit(struct sweep *sweep)
{
	while (sweep->next < sweep->nr_sightings &&
	       sweep->sightings[sweep->next].run.first.nr == sweep->pos)
		sweep->active[sweep->nr_active++] = sweep->next++;
	(void)NA_ASSERT(sweep->nr_active <= sweep->nr_sightings);
}

/* Up to which frame does the active set not change? */
static unsigned long find_end(const struct sweep *sweep)
{
	unsigned long end = na_run_end(active_at(sweep, 0)->run), other;
	u32 i;

	for (i = 1; i < sweep->nr_active; i++) {
		other = na_run_end(active_at(sweep, i)->run);
		if (other < end)
			end = other;
	}
	if (sweep->next < sweep->nr_sightings &&
	    sweep->sightings[sweep->next].run.first.nr < end)
		end = sweep->sightings[sweep->next].run.first.nr;
	(void)NA_ASSERT(end > sweep->pos);
	return end;
}

/* Keeps the order of the others. */
static void retire(struct sweep *sweep)
{
	u32 i, nr = 0;

	for (i = 0; i < sweep->nr_active; i++)
		if (na_run_end(active_at(sweep, i)->run) > sweep->pos)
			sweep->active[nr++] = sweep->active[i];
	/* At least one ended here, or another begins. */
	(void)NA_ASSERT(nr < sweep->nr_active ||
			sweep->next < sweep->nr_sightings);
	sweep->nr_active = nr;
}

static int sweep_frames(struct sweep *sweep)
{
	unsigned long end;
	int err;

	while (sweep->nr_active || sweep->next < sweep->nr_sightings) {
		if (!sweep->nr_active)
			sweep->pos = sweep->sightings[sweep->next].run.first.nr;
		admit(sweep);
		end = find_end(sweep);
		err = sweep->judge(sweep, end);
		if (err)
			return err;
		/* Many overlapping mappings can make this long. */
		if (na_port_is_dying(sweep->audit->port))
			return -EINTR;
		na_yield();
		sweep->pos = end;
		retire(sweep);
	}
	(void)NA_ASSERT(sweep->next == sweep->nr_sightings);
	return 0;
}

static int join(struct na_audit *audit,
		int (*judge)(struct sweep *sweep, unsigned long end))
{
	struct na_port *port = audit->port;
	struct sweep sweep = {
		.audit = audit,
		.judge = judge,
		.sightings = audit->sightings.items,
		.nr_sightings = audit->sightings.nr,
	};
	int err;

	if (!sweep.nr_sightings)
		return 0;
	na_sort(sweep.sightings, sweep.nr_sightings, sizeof(*sweep.sightings),
		compare_sightings);
	sweep.active = na_port_alloc(port, sweep.nr_sightings *
				     sizeof(*sweep.active));
	if (!sweep.active)
		return -ENOMEM;
	err = sweep_frames(&sweep);
	na_port_free(port, sweep.active);
	return err;
}

/* --- judging -------------------------------------------------------------- */

static u32 types_of(const struct sweep *sweep)
{
	u32 i, types = 0;

	for (i = 0; i < sweep->nr_active; i++)
		types |= 1u << active_at(sweep, i)->type;
	(void)NA_ASSERT(types && !(types >> NR_NA_AUDIT_TYPES));
	return types;
}

static int judge_mark(struct sweep *sweep, unsigned long end)
{
	u32 i;

	(void)NA_ASSERT(end > sweep->pos);
	if (na_audit_grade_of(types_of(sweep)) == NA_GRADE_NONE)
		return 0;
	for (i = 0; i < sweep->nr_active; i++)
		sweep->sightings[sweep->active[i]].hot = 1;
	return 0;
}

/* --- parties -------------------------------------------------------------- */

/* Uncached before cached, so that the two sides of an alias are apart. */
static int compare_parties(const void *left, const void *right)
{
	const struct na_audit_party *a = left, *b = right;
	int order = compare_numbers(na_audit_type_is_cached(a->type),
				    na_audit_type_is_cached(b->type));

	if (!order)
		order = compare_numbers(a->owner, b->owner);
	if (!order)
		order = compare_numbers(a->type, b->type);
	return order ? order : compare_numbers(a->va_low, b->va_low);
}

static struct na_audit_party make_party(const struct na_sighting *sighting,
					struct na_run run)
{
	struct na_sighting part = na_sighting_cut(sighting, run.first.nr,
						  na_run_end(run));

	return (struct na_audit_party){
		.va_low = part.va,
		.va_high = part.va + ((u64)run.nr << NA_AUDIT_PAGE_SHIFT),
		.owner = part.owner,
		.type = part.type,
		.entry = part.entry,
	};
}

/* Is there a party of this account and type among the first @nr? */
static bool is_listed(const struct na_audit *audit, u32 nr,
		      const struct na_sighting *sighting)
{
	const struct na_audit_owner *owners = audit->owners.items;
	u32 i, account = owners[sighting->owner].account;

	(void)NA_ASSERT(nr <= NA_AUDIT_PARTIES_MAX);
	for (i = 0; i < nr; i++)
		if (audit->listed[i].type == sighting->type &&
		    owners[audit->listed[i].owner].account == account)
			return true;
	return false;
}

/*
 * One of each account and type, or any others that there is room for. @hot
 * marks the sightings that are listed; it has no other use any more.
 */
static u32 list_some(const struct sweep *sweep, struct na_run run, u32 nr,
		     u32 *left, bool any)
{
	struct na_audit_party *listed = sweep->audit->listed;
	struct na_sighting *sighting;
	u32 i;

	(void)NA_ASSERT(nr <= sweep->nr_active);
	for (i = 0; i < sweep->nr_active && nr < NA_AUDIT_PARTIES_MAX; i++) {
		sighting = &sweep->sightings[sweep->active[i]];
		if (sighting->hot || !left[sighting->type] ||
		    (!any && is_listed(sweep->audit, nr, sighting)))
			continue;
		sighting->hot = 1;
		left[sighting->type]--;
		listed[nr++] = make_party(sighting, run);
	}
	return nr;
}

/*
 * As many of each type as there is room for; returns how many in all. Accounts
 * that have none yet come first, so that none is left out because another has
 * many.
 */
static u32 list_parties(const struct sweep *sweep, struct na_run run)
{
	u32 left[NR_NA_AUDIT_TYPES], types = types_of(sweep);
	u32 type, nr_types = 0, nr, i;

	for (type = 0; type < NR_NA_AUDIT_TYPES; type++)
		nr_types += types >> type & 1;
	for (type = 0; type < NR_NA_AUDIT_TYPES; type++)
		left[type] = NA_AUDIT_PARTIES_MAX / nr_types;
	for (i = 0; i < sweep->nr_active; i++)
		sweep->sightings[sweep->active[i]].hot = 0;
	nr = list_some(sweep, run, 0, left, false);
	nr = list_some(sweep, run, nr, left, true);
	(void)NA_ASSERT(nr >= nr_types && nr <= sweep->nr_active);
	na_sort(sweep->audit->listed, nr, sizeof(*sweep->audit->listed),
		compare_parties);
	return nr;
}

/* --- conflicts ------------------------------------------------------------ */

static enum na_space space_of(const struct na_audit *audit, u32 owner)
{
	const struct na_audit_owner *owners = audit->owners.items;

	(void)NA_ASSERT(owner < audit->owners.nr);
	return owners[owner].space;
}

static enum na_frame_kind kind_of(const struct sweep *sweep,
				  struct na_run run, u32 *nr)
{
	enum na_frame_kind kind;
	u32 i;

	*nr = run.nr;
	for (i = 0; i < sweep->nr_active; i++)
		if (space_of(sweep->audit, active_at(sweep, i)->owner) ==
		    NA_SPACE_LEDGER)
			return NA_KIND_OURS;
	kind = na_port_audit_kind(sweep->audit->walker, run, nr);
	(void)NA_ASSERT(*nr && *nr <= run.nr);
	return kind;
}

static bool party_goes_on(const struct na_audit *audit,
			  const struct na_audit_party *party,
			  const struct na_audit_party *next)
{
	enum na_space space = space_of(audit, party->owner);

	return party->owner == next->owner && party->type == next->type &&
	       party->entry == next->entry &&
	       (party->va_high == next->va_low || space == NA_SPACE_PROCESS ||
		space == NA_SPACE_VMALLOC);
}

/* Equal parties have equal types, hence equal grades. */
static bool conflict_goes_on(const struct na_audit *audit,
			     const struct na_audit_conflict *conflict,
			     const struct na_audit_conflict *next)
{
	const struct na_audit_party *parties = audit->parties.items;
	u32 i;

	(void)NA_ASSERT(na_run_end(conflict->run) <= next->run.first.nr);
	if (na_run_end(conflict->run) != next->run.first.nr ||
	    conflict->kind != next->kind ||
	    conflict->nr_parties != next->nr_parties ||
	    conflict->nr_more != next->nr_more ||
	    conflict->run.nr + next->run.nr > NA_AUDIT_RUN_MAX)
		return false;
	for (i = 0; i < next->nr_parties; i++)
		if (!party_goes_on(audit, &parties[conflict->first_party + i],
				   &audit->listed[i]))
			return false;
	return true;
}

static void extend_conflict(struct na_audit *audit,
			    struct na_audit_conflict *conflict, u32 nr)
{
	struct na_audit_party *parties = audit->parties.items;
	struct na_audit_party *party, *next;
	u32 i;

	conflict->run.nr += nr;
	for (i = 0; i < conflict->nr_parties; i++) {
		party = &parties[conflict->first_party + i];
		next = &audit->listed[i];
		(void)NA_ASSERT(party->owner == next->owner);
		if (next->va_low < party->va_low)
			party->va_low = next->va_low;
		if (next->va_high > party->va_high)
			party->va_high = next->va_high;
	}
}

/* --- account of a conflict ------------------------------------------------ */

static u32 account_of(const struct na_audit *audit,
		      const struct na_audit_party *party)
{
	const struct na_audit_owner *owners = audit->owners.items;

	(void)NA_ASSERT(party->owner < audit->owners.nr);
	return owners[party->owner].account;
}

/* Of the processes in the conflict, the one with the fewest listed. */
static u32 find_poorest(struct na_audit *audit,
			const struct na_audit_conflict *conflict)
{
	u32 i, account, used, poorest = NA_ACCOUNT_KERNEL, least = ~0u;

	(void)NA_ASSERT(conflict->nr_parties <= NA_AUDIT_PARTIES_MAX);
	for (i = 0; i < conflict->nr_parties; i++) {
		account = account_of(audit, &audit->listed[i]);
		if (account < NA_ACCOUNT_PROCESSES)
			continue;
		used = na_audit_account_at(audit, account)->
			used[NA_ROOM_CONFLICTS];
		if (used < least) {
			least = used;
			poorest = account;
		}
	}
	return poorest;
}

/* Conflicts of the ledger's frames count for it, others for a process. */
static bool take_room(struct na_audit *audit,
		      const struct na_audit_conflict *conflict)
{
	if (conflict->kind == NA_KIND_OURS &&
	    na_audit_room_take(audit, NA_ACCOUNT_LEDGER, NA_ROOM_CONFLICTS,
			       false))
		return true;
	return na_audit_room_take(audit, find_poorest(audit, conflict),
				  NA_ROOM_CONFLICTS, false);
}

static int cut_conflict(struct na_audit *audit,
			const struct na_audit_conflict *conflict)
{
	int err = 0;
	u32 i;

	for (i = 0; i < conflict->nr_parties && !err; i++)
		err = na_audit_cut(audit,
				   account_of(audit, &audit->listed[i]),
				   NA_AUDIT_CUT_CONFLICTS);
	return err;
}

/* --- recording ----------------------------------------------------------------- */

static int push_conflict(struct na_audit *audit,
			 struct na_audit_conflict *conflict)
{
	struct na_port *port = audit->port;
	int err = 0;
	u32 i;

	if (!take_room(audit, conflict) ||
	    audit->parties.nr + conflict->nr_parties > audit->parties.max)
		return cut_conflict(audit, conflict);
	conflict->first_party = audit->parties.nr;
	for (i = 0; i < conflict->nr_parties && !err; i++)
		err = na_vec_push(&audit->parties, port, &audit->listed[i]);
	if (!err)
		err = na_vec_push(&audit->conflicts, port, conflict);
	(void)NA_ASSERT(err != -ENOSPC);
	return err;
}

static int add_conflict(struct na_audit *audit,
			struct na_audit_conflict *conflict)
{
	struct na_audit_conflict *conflicts = audit->conflicts.items;
	struct na_audit_conflict *last;

	(void)NA_ASSERT(conflict->kind < NR_NA_KINDS && conflict->run.nr);
	audit->result->nr_frames[conflict->grade][conflict->kind] +=
		conflict->run.nr;
	if (audit->conflicts.nr) {
		last = &conflicts[audit->conflicts.nr - 1];
		if (conflict_goes_on(audit, last, conflict)) {
			extend_conflict(audit, last, conflict->run.nr);
			return 0;
		}
	}
	return push_conflict(audit, conflict);
}

static int judge_record(struct sweep *sweep, unsigned long end)
{
	struct na_audit_conflict conflict = {
		.grade = na_audit_grade_of(types_of(sweep)),
	};
	unsigned long pos = sweep->pos;
	int err;

	while (conflict.grade != NA_GRADE_NONE && pos < end) {
		conflict.run = na_run(na_frame(pos), (u32)(end - pos));
		conflict.kind = kind_of(sweep, conflict.run, &conflict.run.nr);
		conflict.nr_parties = list_parties(sweep, conflict.run);
		conflict.nr_more = sweep->nr_active - conflict.nr_parties;
		err = add_conflict(sweep->audit, &conflict);
		if (err)
			return err;
		pos += conflict.run.nr;
	}
	return 0;
}

int na_audit_join_mark(struct na_audit *audit)
{
	return join(audit, judge_mark);
}

int na_audit_join_record(struct na_audit *audit)
{
	return join(audit, judge_record);
}
