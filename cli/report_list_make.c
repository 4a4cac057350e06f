// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lists of all mappings of some frames, made from what an audit has found.
 */
#include <stdlib.h>
#include <string.h>

#include "report.h"

/*
 * A program may take more than the kernel: 32 MiB of sightings, twice. A process
 * may have 65536 of them in any case.
 */
static const struct na_audit_limits limits = {
	.frames_max = 1u << 20,
	.sightings_max = 1u << 20,
	.owners_max = 1u << 17,
	.conflicts_max = 1u << 16,
	.sightings_min = 1u << 16,
	.owners_min = 1u << 12,
	.conflicts_min = 1u << 10,
};

/* --- room ------------------------------------------------------------------ */

const char *report_list_add(struct report_list *list)
{
	void *all = list->mappings;

	if (list->nr == REPORT_PARTIES_MAX)
		return "it lists too many mappings, allowed: 4194304";
	if (!report_make_room(&all, &list->room, list->nr,
			      sizeof(*list->mappings)))
		return "there is not enough memory for it";
	list->mappings = all;
	memset(&list->mappings[list->nr++], 0, sizeof(*list->mappings));
	return NULL;
}

const char *report_list_add_owner(struct report_list *list)
{
	void *all = list->owners;

	if (!report_make_room(&all, &list->owners_room, list->nr_owners,
			      sizeof(*list->owners)))
		return "there is not enough memory for it";
	list->owners = all;
	memset(&list->owners[list->nr_owners++], 0, sizeof(*list->owners));
	return NULL;
}

/* --- registers --------------------------------------------------------------- */

static void add_range(struct report_registers *to, u64 start, u64 end,
		      u64 mask, u8 type)
{
	to->ranges[to->nr_ranges++] = (struct report_range){
		start, end, mask, type,
	};
}

static void take_fixed(struct report_registers *to,
		       const struct na_x86_types *types)
{
	const u8 *fixed = types->fixed;
	u32 first, end;

	for (first = 0; first < NA_X86_FIXED_FRAMES; first = end) {
		for (end = first + 1; end < NA_X86_FIXED_FRAMES; end++)
			if (fixed[end] != fixed[first])
				break;
		if (fixed[first] != NR_NA_AUDIT_TYPES)
			add_range(to, (u64)first << 12, (u64)end << 12, 0,
				  fixed[first]);
	}
}

static void take_variable(struct report_registers *to,
			  const struct na_x86_mtrr *mtrr)
{
	u64 mask = mtrr->mask << 12, start = mtrr->base << 12 & mask;

	add_range(to, start, start + (mask & -mask), mask, mtrr->type);
}

static void take_registers(struct report_registers *to,
			   const struct na_dump_registers *from)
{
	const struct na_x86_types *types = from->types;
	u32 i;

	to->pat_from = from->pat;
	to->is_mair = !types;
	memcpy(to->pat, types ? types->pat : from->attrs, sizeof(to->pat));
	if (!types)
		return;
	to->mtrrs_from = from->mtrrs;
	to->is_enabled = from->mtrrs_enabled;
	to->default_type = from->default_type;
	take_fixed(to, types);
	for (i = 0; i < types->nr_mtrrs; i++)
		take_variable(to, &types->mtrrs[i]);
}

/* --- making one ---------------------------------------------------------------- */

/* An entry that is UC- is UC, unless a range register makes it WC. */
static u32 types_of(const struct report_choice *choice)
{
	if (choice->type == REPORT_ANY_TYPE)
		return NA_AUDIT_TYPES_ALL;
	if (choice->type == NA_AUDIT_UC_MINUS)
		return 1u << NA_AUDIT_UC | 1u << NA_AUDIT_WC;
	return 1u << choice->type;
}

int report_list_audit(const struct report_choice *choice, struct na_dump *dump,
		      struct na_audit_result **result)
{
	const struct na_audit_choice frames = {
		.first = na_frame((unsigned long)choice->first),
		.last = na_frame((unsigned long)(choice->end - 1)),
		.types = types_of(choice),
	};

	return na_dump_list(dump, &frames, &limits, result);
}

static int take_owners(struct report_list *list,
		       const struct na_audit_result *result)
{
	if (!result->nr_owners)
		return CLI_CLEAN;
	list->owners = calloc(result->nr_owners, sizeof(*list->owners));
	if (!list->owners)
		return cli_trouble("there is not enough memory for the list");
	memcpy(list->owners, result->owners,
	       result->nr_owners * sizeof(*list->owners));
	list->nr_owners = list->owners_room = result->nr_owners;
	return CLI_CLEAN;
}

/* From @first on: for how many frames do the range registers say the same? */
static u32 find_equal(struct na_dump *dump, u64 first, u32 left, u8 *range)
{
	u32 equal = left, nr;

	*range = na_dump_range_type(dump, first, &equal);
	/* Below 1 MiB they are asked page by page. */
	while (equal < left) {
		nr = left - equal;
		if (na_dump_range_type(dump, first + equal, &nr) != *range)
			break;
		equal += nr;
	}
	return equal;
}

/* In parts, of which the range registers say one thing each. */
static const char *take_mapping(struct report_list *list,
				const struct na_audit_mapping *mapping,
				struct na_dump *dump)
{
	u64 first = mapping->run.first.nr, va = mapping->va;
	const char *wrong = NULL;
	u32 left, nr;
	u8 range;

	for (left = mapping->run.nr; left && !wrong; left -= nr) {
		nr = find_equal(dump, first, left, &range);
		wrong = report_list_add(list);
		if (wrong)
			break;
		list->mappings[list->nr - 1] = (struct report_mapping){
			.va = va, .first = first, .nr = nr,
			.owner = mapping->owner, .type = mapping->type,
			.entry = mapping->entry, .range = range,
		};
		first += nr;
		va += (u64)nr << NA_AUDIT_PAGE_SHIFT;
	}
	return wrong;
}

static int compare_mappings(const void *left, const void *right)
{
	const struct report_mapping *a = left, *b = right;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a->va < b->va ? -1 : a->va > b->va;
}

int report_list_take(struct report *report, struct na_dump *dump)
{
	const struct na_audit_result *result = &report->result;
	struct report_list *list = &report->list;
	const char *wrong = NULL;
	u32 i;

	take_registers(&list->registers, na_dump_registers(dump));
	if (take_owners(list, result))
		return CLI_TROUBLE;
	for (i = 0; i < result->nr_mappings && !wrong; i++)
		wrong = take_mapping(list, &result->mappings[i], dump);
	if (wrong)
		return cli_trouble("the list: %s", wrong);
	if (list->nr)
		qsort(list->mappings, list->nr, sizeof(*list->mappings),
		      compare_mappings);
	report_list_mark(report);
	report_list_keep_type(list);
	return CLI_CLEAN;
}

