// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A list of mappings in JSON. Three members of the report's object: "range",
 * "registers" and "mappings".
 */
#include "json_out.h"
#include "report_parts.h"

static void put_pa(struct json_out *out, const char *key, u64 frame)
{
	report_put_address(out, key, frame << NA_AUDIT_PAGE_SHIFT);
}

static void put_choice(struct json_out *out, const struct report_choice *choice)
{
	put_open(out, "range", '{');
	put_pa(out, "start", choice->first);
	put_pa(out, "end", choice->end);
	if (choice->type != REPORT_ANY_TYPE)
		put_text(out, "type", na_audit_type_name(choice->type));
	put_close(out, '}');
	put_break(out);
}

static void put_pat(struct json_out *out,
		    const struct report_registers *registers)
{
	u32 i;

	put_open(out, registers->is_mair ? "mair" : "pat", '{');
	put_text(out, "from", report_register_source_name(registers->pat_from));
	put_open(out, "types", '[');
	for (i = 0; i < 8; i++)
		put_text(out, NULL, na_audit_type_name(registers->pat[i]));
	put_close(out, ']');
	put_close(out, '}');
}

static void put_range(struct json_out *out, const struct report_range *range)
{
	put_open(out, NULL, '{');
	report_put_address(out, "start", range->start);
	report_put_address(out, "end", range->end);
	if (range->mask)
		report_put_address(out, "mask", range->mask);
	put_text(out, "type", na_audit_type_name(range->type));
	put_close(out, '}');
}

static void put_mtrrs(struct json_out *out,
		      const struct report_registers *registers)
{
	u32 i;

	put_open(out, "mtrrs", '{');
	put_text(out, "from",
		 report_register_source_name(registers->mtrrs_from));
	put_bool(out, "enabled", registers->is_enabled);
	put_text(out, "default", na_audit_type_name(registers->default_type));
	put_open(out, "ranges", '[');
	for (i = 0; i < registers->nr_ranges; i++)
		put_range(out, &registers->ranges[i]);
	put_close(out, ']');
	put_close(out, '}');
}

static void put_mapping(struct json_out *out, const struct report_list *list,
			const struct report_mapping *mapping)
{
	const struct na_audit_owner *owner = &list->owners[mapping->owner];
	u64 len = mapping->nr << NA_AUDIT_PAGE_SHIFT;

	put_open(out, NULL, '{');
	put_number(out, "first_frame", mapping->first);
	put_number(out, "nr_frames", mapping->nr);
	put_text(out, "space", na_space_name(owner->space));
	put_text(out, "type", na_audit_type_name(mapping->type));
	put_text(out, "entry", na_audit_type_name(mapping->entry));
	put_text(out, "mtrr", report_range_name(mapping->range));
	put_text(out, "conflict", na_grade_name(mapping->grade));
	put_number(out, "conflict_frames", mapping->nr_conflict);
	report_put_owner(out, owner);
	report_put_address(out, "va", mapping->va);
	report_put_address(out, "va_end", mapping->va + len);
	report_put_address(out, "start", owner->start);
	report_put_address(out, "end", owner->end);
	put_close(out, '}');
	put_newline(out);
}

void report_list_print_json(const struct report_list *list,
			    struct json_out *out)
{
	u32 i;

	put_choice(out, &list->choice);
	put_open(out, "registers", '{');
	put_pat(out, &list->registers);
	if (!list->registers.is_mair)
		put_mtrrs(out, &list->registers);
	put_close(out, '}');
	put_break(out);
	put_open(out, "mappings", '[');
	put_newline(out);
	for (i = 0; i < list->nr; i++)
		put_mapping(out, list, &list->mappings[i]);
	put_close(out, ']');
	put_break(out);
}
