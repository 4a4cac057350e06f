// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A list of mappings as text: how types were judged, then a line for each
 * mapping.
 *
 *	range:      0xfd000000-0xfdffffff, 4096 frames
 *	PAT:        0 WB, 1 WC, 2 UC-, 3 UC, 4 WB, 5 WP, 6 UC-, 7 WT (read)
 *	MTRR:       default UC, enabled (read)
 *	MTRR:       variable 0xc0000000-0xffffffff UC
 *	listed:     1 mapping of 4096 frames
 *
 *	0xfd000000-0xfdffffff  WC   entry WC   MTRR UC    ffffc90000800000-...
 */
#include "color.h"
#include "report_parts.h"

static void put_bytes(u64 start, u64 end, FILE *out)
{
	fprintf(out, "0x%llx-0x%llx", (unsigned long long)start,
		(unsigned long long)(end - 1));
}

static void put_choice(const struct report_choice *choice, FILE *out)
{
	fputs("range:      ", out);
	if (!choice->first && choice->end == REPORT_FRAMES_MAX) {
		fputs("all addresses", out);
	} else {
		put_bytes(choice->first << NA_AUDIT_PAGE_SHIFT,
			  choice->end << NA_AUDIT_PAGE_SHIFT, out);
		fputs(", ", out);
		report_put_plural(choice->end - choice->first, "frame", out);
	}
	if (choice->type != REPORT_ANY_TYPE)
		fprintf(out, "; mappings %s %s",
			choice->type == NA_AUDIT_UC_MINUS ?
				"whose entry is" : "that are",
			na_audit_type_name(choice->type));
	fputc('\n', out);
}

static void put_range(const struct report_range *range, FILE *out)
{
	if (report_range_has_gaps(range))
		fprintf(out, "0x%llx mask 0x%llx",
			(unsigned long long)range->start,
			(unsigned long long)range->mask);
	else
		put_bytes(range->start, range->end, out);
	fprintf(out, " %s", na_audit_type_name(range->type));
}

static void put_ranges(const struct report_registers *registers,
		       bool is_fixed, FILE *out)
{
	const char *glue = is_fixed ? "MTRR:       fixed " :
				      "MTRR:       variable ";
	bool is_any = false;
	u32 i;

	for (i = 0; i < registers->nr_ranges; i++) {
		if (!registers->ranges[i].mask != is_fixed)
			continue;
		fputs(is_any ? ", " : glue, out);
		put_range(&registers->ranges[i], out);
		is_any = true;
	}
	if (is_any)
		fputc('\n', out);
}

static void put_registers(const struct report_registers *registers, FILE *out)
{
	u32 i;

	fputs(registers->is_mair ? "MAIR:       " : "PAT:        ", out);
	for (i = 0; i < 8; i++)
		fprintf(out, "%s%u %s", i ? ", " : "", i,
			na_audit_type_name(registers->pat[i]));
	fprintf(out, " (%s)\n",
		report_register_source_name(registers->pat_from));
	if (registers->is_mair)
		return;
	fprintf(out, "MTRR:       default %s, %s (%s)\n",
		na_audit_type_name(registers->default_type),
		registers->is_enabled ? "enabled" : "not enabled",
		report_register_source_name(registers->mtrrs_from));
	put_ranges(registers, true, out);
	put_ranges(registers, false, out);
}

/* --- mappings ------------------------------------------------------------------ */

static void put_mark(const struct report_mapping *mapping, FILE *out)
{
	bool is_alias = mapping->grade == NA_GRADE_ALIAS;

	if (mapping->grade == NA_GRADE_NONE)
		return;
	fprintf(out, "  %s%s", color(is_alias ? COLOR_BAD : COLOR_WARN),
		is_alias ? "ALIAS" : "MIXED");
	if (mapping->nr_conflict < mapping->nr) {
		fputs(" for ", out);
		report_put_plural(mapping->nr_conflict, "frame", out);
	}
	fputs(color(COLOR_PLAIN), out);
}

static void put_who(const struct na_audit_owner *owner, FILE *out)
{
	char name[PLAIN_MAX];

	if (owner->space != NA_SPACE_PROCESS) {
		fputs(report_plain(name, owner->name), out);
		return;
	}
	fprintf(out, "process %d (%s)", owner->pid,
		report_plain(name, owner->comm));
	report_put_mapping(owner, out);
}

static void put_mapping(const struct report_list *list,
			const struct report_mapping *mapping, FILE *out)
{
	u64 pa = mapping->first << NA_AUDIT_PAGE_SHIFT;
	u64 len = mapping->nr << NA_AUDIT_PAGE_SHIFT;

	put_bytes(pa, pa + len, out);
	fprintf(out, "  %-3s  entry %-3s  MTRR %-4s  ",
		na_audit_type_name(report_shown_type(mapping->type,
						     mapping->entry)),
		na_audit_type_name(mapping->entry),
		report_range_name(mapping->range));
	report_put_va(mapping->va, out);
	fputc('-', out);
	report_put_va(mapping->va + len, out);
	fputs("  ", out);
	put_who(&list->owners[mapping->owner], out);
	put_mark(mapping, out);
	fputc('\n', out);
}

void report_list_print_text(const struct report *report, FILE *out)
{
	const struct report_list *list = &report->list;
	u32 i;

	put_choice(&list->choice, out);
	put_registers(&list->registers, out);
	fputs("listed:     ", out);
	report_put_plural(list->nr, "mapping", out);
	fputs(" of ", out);
	report_put_plural(report_list_count_frames(list), "frame", out);
	fputs("\n\n", out);
	for (i = 0; i < list->nr; i++)
		put_mapping(list, &list->mappings[i], out);
	if (list->nr)
		fputc('\n', out);
}
