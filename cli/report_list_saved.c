// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reads what report_list_json.c has written.
 */
#include <string.h>

#include "json.h"
#include "report_parts.h"

#define KEY_LEN		32

static u8 take_type(struct json *json)
{
	return (u8)report_take_word(json, na_audit_type_name,
				    NR_NA_AUDIT_TYPES);
}

static u64 take_pa(struct json *json)
{
	u64 pa = report_take_address(json);

	if (pa & ((1u << NA_AUDIT_PAGE_SHIFT) - 1))
		json_fail(json, "a physical address is not that of a frame");
	return pa >> NA_AUDIT_PAGE_SHIFT;
}

static void take_choice(struct json *json, struct report_choice *choice)
{
	char key[KEY_LEN];

	choice->type = REPORT_ANY_TYPE;
	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		if (!strcmp(key, "start"))
			choice->first = take_pa(json);
		else if (!strcmp(key, "end"))
			choice->end = take_pa(json);
		else if (!strcmp(key, "type"))
			choice->type = take_type(json);
		else
			json_skip(json);
	}
	if (!choice->end)
		json_fail(json, "\"range\" has no end");
}

static u32 take_from(struct json *json)
{
	return report_take_word(json, report_register_source_name,
				NR_NA_REGISTER_SOURCES);
}

static void take_pat_types(struct json *json, u8 *types)
{
	u32 nr = 0;

	json_open(json, '[');
	while (json_next(json, ']')) {
		if (nr == 8)
			json_fail(json, "the PAT has more than 8 types");
		else
			types[nr++] = take_type(json);
	}
	if (nr < 8)
		json_fail(json, "the PAT has fewer than 8 types");
}

static void take_pat(struct json *json, struct report_registers *registers)
{
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		if (!strcmp(key, "from"))
			registers->pat_from = take_from(json);
		else if (!strcmp(key, "types"))
			take_pat_types(json, registers->pat);
		else
			json_skip(json);
	}
}

static void take_range(struct json *json, struct report_range *range)
{
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		if (!strcmp(key, "start"))
			range->start = report_take_address(json);
		else if (!strcmp(key, "end"))
			range->end = report_take_address(json);
		else if (!strcmp(key, "mask"))
			range->mask = report_take_address(json);
		else if (!strcmp(key, "type"))
			range->type = take_type(json);
		else
			json_skip(json);
	}
	if (range->start >= range->end)
		json_fail(json, "an MTRR ends before it begins");
}

static void take_ranges(struct json *json, struct report_registers *registers)
{
	json_open(json, '[');
	while (json_next(json, ']')) {
		if (registers->nr_ranges == REPORT_RANGES_MAX)
			json_fail(json, "there are too many MTRRs, allowed: 320");
		else
			take_range(json,
				   &registers->ranges[registers->nr_ranges++]);
	}
}

static void take_mtrrs(struct json *json, struct report_registers *registers)
{
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		if (!strcmp(key, "from"))
			registers->mtrrs_from = take_from(json);
		else if (!strcmp(key, "enabled"))
			registers->is_enabled = json_bool(json);
		else if (!strcmp(key, "default"))
			registers->default_type = take_type(json);
		else if (!strcmp(key, "ranges"))
			take_ranges(json, registers);
		else
			json_skip(json);
	}
}

static void take_registers(struct json *json,
			   struct report_registers *registers)
{
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		registers->is_mair |= !strcmp(key, "mair");
		if (!strcmp(key, "pat") || !strcmp(key, "mair"))
			take_pat(json, registers);
		else if (!strcmp(key, "mtrrs"))
			take_mtrrs(json, registers);
		else
			json_skip(json);
	}
}

static bool take_types(struct json *json, const char *key,
		       struct report_mapping *mapping)
{
	if (!strcmp(key, "type"))
		mapping->type = take_type(json);
	else if (!strcmp(key, "entry"))
		mapping->entry = take_type(json);
	else if (!strcmp(key, "mtrr"))
		mapping->range = (u8)report_take_word(json, report_range_name,
						      REPORT_NO_RANGE + 1);
	else if (!strcmp(key, "conflict"))
		mapping->grade = (u8)report_take_word(json, na_grade_name,
						      NR_NA_GRADES);
	else if (!strcmp(key, "conflict_frames"))
		mapping->nr_conflict = json_number(json, REPORT_FRAMES_MAX);
	else
		return false;
	return true;
}

static void take_member(struct json *json, const char *key,
			struct report_mapping *mapping,
			struct na_audit_owner *owner)
{
	if (!strcmp(key, "first_frame"))
		mapping->first = json_number(json, REPORT_FRAMES_MAX);
	else if (!strcmp(key, "nr_frames"))
		mapping->nr = json_number(json, REPORT_FRAMES_MAX);
	else if (!strcmp(key, "va"))
		mapping->va = report_take_address(json);
	else if (!take_types(json, key, mapping) &&
		 !report_take_owner(json, key, owner))
		json_skip(json);
}

static void take_mapping(struct json *json, struct report_list *list)
{
	const char *wrong = report_list_add(list);
	char key[KEY_LEN];

	if (!wrong)
		wrong = report_list_add_owner(list);
	if (wrong) {
		json_fail(json, wrong);
		return;
	}
	list->mappings[list->nr - 1].owner = list->nr_owners - 1;
	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		take_member(json, key, &list->mappings[list->nr - 1],
			    &list->owners[list->nr_owners - 1]);
	}
}

static void take_mappings(struct json *json, struct report_list *list)
{
	json_open(json, '[');
	while (json_next(json, ']'))
		take_mapping(json, list);
}

bool report_list_parse(struct json *json, const char *key,
		       struct report_list *list)
{
	if (!strcmp(key, "range"))
		take_choice(json, &list->choice);
	else if (!strcmp(key, "registers"))
		take_registers(json, &list->registers);
	else if (!strcmp(key, "mappings"))
		take_mappings(json, list);
	else
		return false;
	return true;
}
