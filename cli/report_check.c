// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Is a report complete and consistent? Files may be edited, truncated or
 * merged, and a tool that trusts a counter would call a file clean that lists
 * an alias. So everything that follows from other fields is computed and
 * compared.
 */
#include <stdlib.h>
#include <string.h>

#include "report.h"

/** struct item - item to sort by @key, then by @value. */
struct item {
	u64 key;
	u32 value;
};

static int compare_items(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

/* --- groups ------------------------------------------------------------------ */

static bool same_party(const struct na_audit_result *result,
		       const struct na_audit_party *a,
		       const struct na_audit_party *b)
{
	const struct na_audit_owner *one = &result->owners[a->owner];
	const struct na_audit_owner *other = &result->owners[b->owner];

	return a->type == b->type && a->entry == b->entry &&
	       one->space == other->space && one->pid == other->pid &&
	       one->start == other->start;
}

static bool is_alike(const struct na_audit_result *result, u32 left, u32 right)
{
	const struct na_audit_conflict *a = &result->conflicts[left];
	const struct na_audit_conflict *b = &result->conflicts[right];
	u32 i;

	if (a->grade != b->grade || a->kind != b->kind ||
	    a->nr_parties != b->nr_parties)
		return false;
	for (i = 0; i < a->nr_parties; i++)
		if (!same_party(result, &result->parties[a->first_party + i],
				&result->parties[b->first_party + i]))
			return false;
	return true;
}

static bool link_items(struct na_audit_result *result,
		       const struct item *items)
{
	struct na_audit_conflict *conflicts = result->conflicts;
	u32 i, idx, last;

	for (i = 0; i < result->nr_conflicts; i++) {
		idx = items[i].value;
		conflicts[idx].group = idx;
		conflicts[idx].next = NA_AUDIT_NO_NEXT;
		if (!i || items[i].key != items[i - 1].key)
			continue;
		last = items[i - 1].value;
		if (!is_alike(result, last, idx))
			return false;
		conflicts[idx].group = conflicts[last].group;
		conflicts[last].next = idx;
	}
	return true;
}

bool report_link_groups(struct report *report)
{
	struct na_audit_result *result = &report->result;
	struct item *items;
	u32 i, group;
	bool linked;

	if (!result->nr_conflicts)
		return true;
	items = calloc(result->nr_conflicts, sizeof(*items));
	if (!items)
		return false;
	for (i = 0; i < result->nr_conflicts; i++) {
		group = result->conflicts[i].group;
		items[i].value = i;
		items[i].key = group != REPORT_NO_GROUP ? group :
							  1ull << 32 | i;
	}
	qsort(items, result->nr_conflicts, sizeof(*items), compare_items);
	linked = link_items(result, items);
	free(items);
	return linked;
}

/* --- conflicts ---------------------------------------------------------------- */

static enum na_grade grade_of(const struct na_audit_result *result,
			      const struct na_audit_conflict *conflict)
{
	u32 i, type, types = 0;
	bool has_cached = false, has_uncached = false;

	for (i = 0; i < conflict->nr_parties; i++) {
		type = result->parties[conflict->first_party + i].type;
		types |= 1u << type;
		has_cached |= na_audit_type_is_cached(type);
		has_uncached |= !na_audit_type_is_cached(type);
	}
	if (has_cached && has_uncached)
		return NA_GRADE_ALIAS;
	return types & (types - 1) ? NA_GRADE_MIXED : NA_GRADE_NONE;
}

static const char *check_conflict(const struct na_audit_result *result,
				  const struct na_audit_conflict *conflict)
{
	if (!conflict->run.nr)
		return "a conflict has no frames";
	if (conflict->grade == NA_GRADE_NONE ||
	    conflict->grade != grade_of(result, conflict))
		return "the grade of a conflict is not that of its types";
	return NULL;
}

/* A frame must not be in two conflicts. */
static const char *check_overlap(const struct na_audit_result *result)
{
	u32 i, nr = result->nr_conflicts;
	const char *wrong = NULL;
	struct item *items;

	if (!nr)
		return NULL;
	items = calloc(nr, sizeof(*items));
	if (!items)
		return "there is not enough memory for it";
	for (i = 0; i < nr; i++)
		items[i] = (struct item){
			result->conflicts[i].run.first.nr,
			result->conflicts[i].run.nr,
		};
	qsort(items, nr, sizeof(*items), compare_items);
	for (i = 1; i < nr && !wrong; i++)
		if (items[i].key - items[i - 1].key < items[i - 1].value)
			wrong = "two conflicts are about one frame";
	free(items);
	return wrong;
}

/* Counts may exceed the listed conflicts only if the report was cut. */
static const char *check_counts(const struct na_audit_result *result)
{
	u64 listed[NR_NA_GRADES][NR_NA_KINDS] = { 0 };
	bool has_more = result->cut & NA_AUDIT_CUT_CONFLICTS;
	const struct na_audit_conflict *conflict = result->conflicts;
	u32 i, grade, kind;

	for (i = 0; i < result->nr_conflicts; i++, conflict++)
		listed[conflict->grade][conflict->kind] += conflict->run.nr;
	for (grade = 0; grade < NR_NA_GRADES; grade++)
		for (kind = 0; kind < NR_NA_KINDS; kind++)
			if (listed[grade][kind] >
				    result->nr_frames[grade][kind] ||
			    (listed[grade][kind] <
				     result->nr_frames[grade][kind] &&
			     !has_more))
				return "\"frames\" counts other frames than \"conflicts\" lists";
	return NULL;
}

const char *report_check(struct report *report)
{
	struct na_audit_result *result = &report->result;
	const char *wrong;
	u32 i;

	for (i = 0; i < result->nr_conflicts; i++) {
		wrong = check_conflict(result, &result->conflicts[i]);
		if (wrong)
			return wrong;
	}
	wrong = check_overlap(result);
	if (wrong)
		return wrong;
	if (!result->seen.nr_walks || !result->seen.nr_pages)
		return "\"seen\" says that nothing was read";
	if ((result->nr_missed || result->nr_missed_more) && !result->cut)
		return "\"missed\" lists cut owners, but \"cut\" is empty";
	if (report->source.notes.lost.nr && !result->cut)
		return "\"lost\" lists what was not read, but \"cut\" is empty";
	if (!report_link_groups(report))
		return "conflicts of one group have different mappings";
	wrong = check_counts(result);
	return wrong ? wrong : report_list_check(report);
}
