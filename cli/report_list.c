// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lists of all mappings of some frames: filtered, counted, checked.
 */
#include <stdlib.h>
#include <string.h>

#include "report.h"

const char *report_register_source_name(u32 source)
{
	static const char *const names[NR_NA_REGISTER_SOURCES] = {
		"read", "given", "assumed",
	};

	return source < NR_NA_REGISTER_SOURCES ? names[source] : "??";
}

const char *report_range_name(u32 type)
{
	return type == REPORT_NO_RANGE ? "none" : na_audit_type_name(type);
}

bool report_range_has_gaps(const struct report_range *range)
{
	u64 block = range->end - range->start;

	/* Without gaps the mask is all ones from a bit on. */
	return range->mask && (range->mask + block) & (range->mask + block - 1);
}

void report_list_fini(struct report_list *list)
{
	free(list->mappings);
	free(list->owners);
}

/* --- conflicts ------------------------------------------------------------------ */

static u64 end_of(const struct na_audit_conflict *conflict)
{
	return (u64)conflict->run.first.nr + conflict->run.nr;
}

/* The first conflict that ends behind a frame; conflicts are by frame. */
static u32 seek(const struct na_audit_result *result, u64 frame)
{
	u32 low = 0, high = result->nr_conflicts, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (end_of(&result->conflicts[middle]) <= frame)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void mark(const struct na_audit_result *result,
		 struct report_mapping *mapping)
{
	u64 end = mapping->first + mapping->nr, from, to;
	const struct na_audit_conflict *conflict;
	u32 i;

	mapping->grade = NA_GRADE_NONE;
	mapping->nr_conflict = 0;
	for (i = seek(result, mapping->first); i < result->nr_conflicts; i++) {
		conflict = &result->conflicts[i];
		from = conflict->run.first.nr;
		if (from >= end)
			break;
		/* In a file they may be in no order. */
		if (end_of(conflict) <= mapping->first)
			continue;
		to = end_of(conflict) < end ? end_of(conflict) : end;
		mapping->nr_conflict += to - (from > mapping->first ?
						      from : mapping->first);
		if (conflict->grade > mapping->grade)
			mapping->grade = (u8)conflict->grade;
	}
}

void report_list_mark(struct report *report)
{
	u32 i;

	for (i = 0; i < report->list.nr; i++)
		mark(&report->result, &report->list.mappings[i]);
}

/* --- filters ---------------------------------------------------------------------- */

void report_list_keep_type(struct report_list *list)
{
	bool by_entry = list->choice.type == NA_AUDIT_UC_MINUS;
	u32 i, nr = 0;

	if (list->choice.type == REPORT_ANY_TYPE)
		return;
	for (i = 0; i < list->nr; i++)
		if ((by_entry ? list->mappings[i].entry :
				list->mappings[i].type) == list->choice.type)
			list->mappings[nr++] = list->mappings[i];
	list->nr = nr;
}

void report_list_keep_pid(struct report_list *list, int pid)
{
	const struct na_audit_owner *owner;
	u32 i, nr = 0;

	for (i = 0; i < list->nr; i++) {
		owner = &list->owners[list->mappings[i].owner];
		if (owner->space == NA_SPACE_PROCESS && owner->pid == pid)
			list->mappings[nr++] = list->mappings[i];
	}
	list->nr = nr;
}

u64 report_list_count_frames(const struct report_list *list)
{
	const struct report_mapping *mapping = list->mappings;
	u64 nr = 0, counted = 0, end, first;
	u32 i;

	for (i = 0; i < list->nr; i++, mapping++) {
		end = mapping->first + mapping->nr;
		first = mapping->first > counted ? mapping->first : counted;
		if (end <= first)
			continue;
		nr += end - first;
		counted = end;
	}
	return nr;
}

/* --- checks ----------------------------------------------------------------------- */

static const char *check_mapping(const struct report_list *list,
				 const struct report_mapping *mapping)
{
	const struct report_choice *choice = &list->choice;

	if (!mapping->nr || mapping->first < choice->first ||
	    mapping->first >= choice->end ||
	    mapping->nr > choice->end - mapping->first)
		return "a listed mapping is not within \"range\"";
	if (mapping->type == NA_AUDIT_UC_MINUS)
		return "UC- is not an effective type";
	if (!mapping->nr_conflict != (mapping->grade == NA_GRADE_NONE) ||
	    mapping->nr_conflict > mapping->nr)
		return "\"conflict\" of a listed mapping contradicts its \"conflict_frames\"";
	return NULL;
}

/* With --pid conflicts of other mappings were removed. */
static const char *check_mark(const struct report *report,
			      const struct report_mapping *mapping)
{
	struct report_mapping marked = *mapping;

	mark(&report->result, &marked);
	if (marked.nr_conflict > mapping->nr_conflict ||
	    (marked.nr_conflict < mapping->nr_conflict &&
	     !report->result.cut && !report->result.pid_only))
		return "a listed mapping and \"conflicts\" are not of one mind";
	return NULL;
}

const char *report_list_check(const struct report *report)
{
	const struct report_list *list = &report->list;
	const char *wrong = NULL;
	u32 i;

	if (!report_list_is_there(list))
		return list->nr ? "mappings are listed without a \"range\"" :
				  NULL;
	if (list->choice.first >= list->choice.end ||
	    list->choice.end > REPORT_FRAMES_MAX)
		return "\"range\" is empty, or beyond all memory";
	for (i = 0; i < list->nr && !wrong; i++) {
		wrong = check_mapping(list, &list->mappings[i]);
		if (!wrong)
			wrong = check_mark(report, &list->mappings[i]);
	}
	return wrong;
}
