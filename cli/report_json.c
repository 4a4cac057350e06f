// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit as JSON: one object, one line for each conflict.
 *
 * Addresses are strings, "0xff011000", because most readers lose precision
 * above 2^53. Frames and counts are numbers.
 */
#include "json_out.h"
#include "report_parts.h"

#define VERSION 1

/* --- a conflict ------------------------------------------------------------ */

void report_put_address(struct json_out *out, const char *key, u64 va)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%0*llx", report_va_digits(va),
		 (unsigned long long)va);
	put_text(out, key, text);
}

void report_put_owner(struct json_out *out, const struct na_audit_owner *owner)
{
	put_text(out, "name", owner->name);
	if (owner->space != NA_SPACE_PROCESS)
		return;
	put_number(out, "pid", (u64)owner->pid);
	put_text(out, "comm", owner->comm);
	put_text(out, "perms", owner->perms);
}

static void put_party(struct json_out *out,
		      const struct na_audit_result *result,
		      const struct na_audit_party *party)
{
	const struct na_audit_owner *owner = report_owner_of(result, party);

	put_open(out, NULL, '{');
	put_text(out, "space", na_space_name(owner->space));
	put_text(out, "type", na_audit_type_name(party->type));
	put_text(out, "entry", na_audit_type_name(party->entry));
	report_put_owner(out, owner);
	if (owner->space == NA_SPACE_KMAP)
		put_number(out, "slot", report_slot(owner, party));
	if (owner->space != NA_SPACE_LEDGER) {
		report_put_address(out, "va", party->va_low);
		report_put_address(out, "va_end", party->va_high);
		report_put_address(out, "start", owner->start);
		report_put_address(out, "end", owner->end);
	}
	put_close(out, '}');
}

static void put_rule(struct json_out *out, const struct accept_rule *rule)
{
	put_open(out, "accepted", '{');
	put_text(out, "until", rule->until);
	put_text(out, "reason", rule->reason);
	put_close(out, '}');
}

static void put_conflict(struct json_out *out, const struct report *report,
			 u32 idx)
{
	const struct na_audit_result *result = &report->result;
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	char maker[REPORT_MAKER_MAX];
	u32 i;

	report_maker(result, conflict, maker);
	put_open(out, NULL, '{');
	put_text(out, "severity", severity_name(report_severity(report, idx)));
	if (report_rule(report, idx))
		put_rule(out, report_rule(report, idx));
	put_text(out, "grade", na_grade_name(conflict->grade));
	put_text(out, "kind", na_frame_kind_name(conflict->kind));
	put_number(out, "first_frame", conflict->run.first.nr);
	put_number(out, "nr_frames", conflict->run.nr);
	put_number(out, "nr_more", conflict->nr_more);
	put_number(out, "group", conflict->group);
	put_text(out, "maker", maker);
	put_open(out, "parties", '[');
	for (i = 0; i < conflict->nr_parties; i++)
		put_party(out, result, report_party_at(result, conflict, i));
	put_close(out, ']');
	put_close(out, '}');
	put_newline(out);
}

/* --- the source ------------------------------------------------------------- */

/* @more: key of the number of lines for which there was no room. */
static void put_notes(struct json_out *out, const char *key, const char *more,
		      const struct na_note_list *list)
{
	u32 i;

	put_open(out, key, '[');
	for (i = 0; i < list->nr; i++)
		put_text(out, NULL, list->lines[i]);
	put_close(out, ']');
	put_number(out, more, list->nr_more);
}

/* Absent is what is not known. */
static void put_known(struct json_out *out, const char *key, const char *text)
{
	if (*text)
		put_text(out, key, text);
}

static void put_source(struct json_out *out,
		       const struct report_source *source)
{
	put_open(out, "source", '{');
	put_text(out, "kind", report_origin_name(source->origin));
	put_known(out, "file", source->file);
	put_known(out, "format", source->format);
	put_known(out, "kernel", source->kernel);
	put_known(out, "build_id", source->build_id);
	put_known(out, "arch", source->arch);
	put_close(out, '}');
	put_bool(out, "confirmed", !source->is_unconfirmed);
	put_break(out);
	put_notes(out, "assumed", "assumed_more", &source->notes.assumed);
	put_break(out);
	put_notes(out, "lost", "lost_more", &source->notes.lost);
	put_break(out);
}

/* --- the end --------------------------------------------------------------- */

static void put_grade(struct json_out *out,
		      const struct na_audit_result *result,
		      enum na_grade grade)
{
	u32 kind;

	put_open(out, na_grade_name(grade), '{');
	for (kind = 0; kind < NR_NA_KINDS; kind++)
		put_number(out, na_frame_kind_name(kind),
			   result->nr_frames[grade][kind]);
	put_close(out, '}');
}

static void put_seen(struct json_out *out, const struct na_audit_seen *seen)
{
	put_open(out, "seen", '{');
	put_number(out, "walks", seen->nr_walks);
	put_number(out, "pages", seen->nr_pages);
	put_number(out, "mappings", seen->nr_mappings);
	put_number(out, "processes", seen->nr_processes);
	put_number(out, "frames", seen->nr_frames);
	put_number(out, "changed", seen->nr_changed);
	put_close(out, '}');
}

static void put_cut(struct json_out *out, u32 cut)
{
	u32 i;

	put_open(out, "cut", '[');
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++)
		if (cut >> i & 1)
			put_text(out, NULL, na_audit_cut_name(i));
	put_close(out, ']');
}

static void put_missed(struct json_out *out,
		       const struct na_audit_missed *missed)
{
	put_open(out, NULL, '{');
	put_text(out, "space", na_space_name(missed->space));
	if (missed->space == NA_SPACE_PROCESS) {
		put_number(out, "pid", (u64)missed->pid);
		put_text(out, "comm", missed->comm);
	}
	put_cut(out, missed->cut);
	put_close(out, '}');
}

static void put_cuts(struct json_out *out, const struct na_audit_result *result)
{
	u32 i;

	put_cut(out, result->cut);
	put_break(out);
	put_open(out, "missed", '[');
	for (i = 0; i < result->nr_missed; i++)
		put_missed(out, &result->missed[i]);
	put_close(out, ']');
	put_number(out, "missed_more", result->nr_missed_more);
}

static void put_conflicts(struct json_out *out, const struct report *report)
{
	u32 i;

	put_open(out, "conflicts", '[');
	put_newline(out);
	for (i = 0; i < report->result.nr_conflicts; i++)
		put_conflict(out, report, i);
	put_close(out, ']');
}

static void put_frames(struct json_out *out,
		       const struct na_audit_result *result)
{
	put_open(out, "frames", '{');
	put_grade(out, result, NA_GRADE_ALIAS);
	put_grade(out, result, NA_GRADE_MIXED);
	put_close(out, '}');
}

void report_print_json(const struct report *report, bool one_line, FILE *file)
{
	const struct na_audit_result *result = &report->result;
	struct json_out out = { .file = file, .one_line = one_line };
	const char *const *blind;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_audit", VERSION);
	if (result->pid_only)
		put_number(&out, "pid", (u64)result->pid_only);
	put_break(&out);
	put_source(&out, &report->source);
	if (report_list_is_there(&report->list))
		report_list_print_json(&report->list, &out);
	put_conflicts(&out, report);
	put_break(&out);
	put_frames(&out, result);
	if (report->accepted)
		put_number(&out, "accepted_frames",
			   report_count(report, SEVERITY_ACCEPTED));
	put_break(&out);
	put_seen(&out, &result->seen);
	put_break(&out);
	put_number(&out, "duration_ns", result->duration_ns);
	put_break(&out);
	put_bool(&out, "ours_only", result->ours_only);
	put_break(&out);
	put_cuts(&out, result);
	put_break(&out);
	put_open(&out, "cannot_see", '[');
	for (blind = report_blind(report->source.origin); *blind; blind++)
		put_text(&out, NULL, *blind);
	put_close(&out, ']');
	put_end(&out, '}');
}
