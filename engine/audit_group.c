// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit groups: conflicts of the same owners.
 *
 * A buffer with scattered frames has many conflicts, each with the same parties
 * at other addresses. A group is one thing to fix; its conflicts are the
 * places. Conflicts stay in the order of frames: equal ones are found by a hash
 * of their parties, and linked.
 */
#include "audit_internal.h"

/** struct item - a conflict while groups are made. */
struct item {
	u64 hash;
	u32 idx;
};

static u64 mix(u64 hash, u64 value)
{
	/* FNV, a word at a time. */
	return (hash ^ value) * 0x100000001b3ull;
}

static const struct na_audit_conflict *conflict_at(const struct na_audit *audit,
						   u32 idx)
{
	const struct na_audit_conflict *conflicts = audit->conflicts.items;

	(void)NA_ASSERT(idx < audit->conflicts.nr);
	return &conflicts[idx];
}

static u64 hash_of(const struct na_audit *audit, u32 idx)
{
	const struct na_audit_conflict *conflict = conflict_at(audit, idx);
	const struct na_audit_party *party = audit->parties.items;
	u64 hash = mix(conflict->nr_parties, conflict->nr_more);
	u32 i;

	hash = mix(hash, (u64)conflict->kind << 8 | (u64)conflict->grade);
	party += conflict->first_party;
	for (i = 0; i < conflict->nr_parties; i++, party++)
		hash = mix(hash, (u64)party->owner << 16 |
				 (u64)party->type << 8 | party->entry);
	return hash;
}

static bool is_alike(const struct na_audit *audit, u32 left, u32 right)
{
	const struct na_audit_conflict *a = conflict_at(audit, left);
	const struct na_audit_conflict *b = conflict_at(audit, right);
	const struct na_audit_party *p = audit->parties.items, *q = p;
	u32 i;

	if (a->kind != b->kind || a->grade != b->grade ||
	    a->nr_parties != b->nr_parties || a->nr_more != b->nr_more)
		return false;
	p += a->first_party;
	q += b->first_party;
	for (i = 0; i < a->nr_parties; i++, p++, q++)
		if (p->owner != q->owner || p->type != q->type ||
		    p->entry != q->entry)
			return false;
	return true;
}

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return a->idx < b->idx ? -1 : a->idx > b->idx;
}

/* Of equal hashes the conflict with the lowest index leads the group. */
static void link_items(struct na_audit *audit, const struct item *items)
{
	struct na_audit_conflict *conflicts = audit->conflicts.items;
	u32 i, idx, last;

	for (i = 0; i < audit->conflicts.nr; i++) {
		idx = items[i].idx;
		conflicts[idx].group = idx;
		conflicts[idx].next = NA_AUDIT_NO_NEXT;
		if (!i || items[i].hash != items[i - 1].hash)
			continue;
		last = items[i - 1].idx;
		/* A hash collision: two groups, or more. */
		if (!is_alike(audit, last, idx))
			continue;
		conflicts[idx].group = conflicts[last].group;
		conflicts[last].next = idx;
	}
}

int na_audit_groups_make(struct na_audit *audit)
{
	struct na_port *port = audit->port;
	u32 i, nr = audit->conflicts.nr;
	struct item *items;

	if (!nr)
		return 0;
	items = na_port_alloc(port, nr * sizeof(*items));
	if (!items)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		items[i] = (struct item){ hash_of(audit, i), i };
	na_sort(items, nr, sizeof(*items), compare_items);
	link_items(audit, items);
	na_port_free(port, items);
	return 0;
}
