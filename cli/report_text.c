// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit as text: a block for each conflict, the worst first, the verdict last.
 *
 *	error   ALIAS  frame 0x3f2a1  (1 frame, memory held by noalias)
 *	       UC-  process 214 (camera)  b7e10000-b7e11000  in b7e00000-...
 *	       UC   noalias ledger: buffer
 *	       WB   kmap slot 17          ff011000-ff012000
 *
 * Conflicts of the same owners are one block, with a line for each:
 *
 *	error   ALIAS  24 frames in 12 places  (memory held by noalias)
 *	       UC-  process 214 (camera)  b7e10000..b7e28000 scattered  in ...
 *	       WB   kmap slots 17..399    ff011000..ff190000 scattered
 *	       frames 0x3f2a1-0x3f2a2  at b7e10000, slots 17-18
 *
 * Names come from processes and may contain anything, including terminal
 * escapes. Only printable ASCII is written as it is; other bytes, and the
 * backslash, are written as \xNN.
 */
#include <stdio.h>
#include <string.h>

#include "color.h"
#include "report_parts.h"

#define INDENT		"       "
#define PLACES_MAX	16u
#define MISSED_SHOWN	16u

/** SLOTS_MAX - bytes for two numbers and a word. */
#define SLOTS_MAX	64

/**
 * struct group - conflicts of the same owners
 * @first: the first conflict
 * @nr: number of conflicts
 * @nr_frames: frames of all conflicts
 */
struct group {
	const struct na_audit_conflict *first;
	u32 nr;
	u64 nr_frames;
};

const char *report_plain(char *text, const char *name)
{
	char *at = text;

	for (; *name; name++) {
		if (*name >= ' ' && *name <= '~' && *name != '\\')
			*at++ = *name;
		else
			at += sprintf(at, "\\x%02x", (unsigned char)*name);
	}
	*at = 0;
	return text;
}

static void put_number(u64 nr, FILE *out)
{
	fprintf(out, "%llu", (unsigned long long)nr);
}

void report_put_plural(u64 nr, const char *noun, FILE *out)
{
	fprintf(out, "%llu %s%s", (unsigned long long)nr, noun,
		nr == 1 ? "" : "s");
}

void report_put_va(u64 va, FILE *out)
{
	fprintf(out, "%0*llx", report_va_digits(va), (unsigned long long)va);
}

/* --- a conflict ----------------------------------------------------------- */

static const char *kind_text(enum na_frame_kind kind)
{
	switch (kind) {
	case NA_KIND_OURS:
		return "memory held by noalias";
	case NA_KIND_RAM:
		return "system memory";
	case NA_KIND_RESERVED:
		return "reserved memory";
	case NA_KIND_DEVICE:
	default:
		return "device memory";
	}
}

static void put_frames(const struct na_audit_conflict *conflict, FILE *out)
{
	unsigned long first = conflict->run.first.nr;

	if (conflict->run.nr == 1)
		fprintf(out, "frame 0x%lx", first);
	else
		fprintf(out, "frames 0x%lx-0x%lx", first,
			first + conflict->run.nr - 1);
}

static void put_head(const struct group *group, enum severity severity,
		     FILE *out)
{
	static const enum color colors[NR_SEVERITIES] = {
		COLOR_DIM, COLOR_DIM, COLOR_WARN, COLOR_BAD,
	};
	const struct na_audit_conflict *first = group->first;

	fprintf(out, "%s%-7s %s  ", color(colors[severity]),
		severity_name(severity),
		first->grade == NA_GRADE_ALIAS ? "ALIAS" : "MIXED");
	if (group->nr == 1) {
		put_frames(first, out);
		fputs("  (", out);
		report_put_plural(group->nr_frames, "frame", out);
		fputs(", ", out);
	} else {
		report_put_plural(group->nr_frames, "frame", out);
		fputs(" in ", out);
		report_put_plural(group->nr, "place", out);
		fputs("  (", out);
	}
	fprintf(out, "%s)%s\n", kind_text(first->kind), color(COLOR_PLAIN));
}

/* @text: receives "slot 17", or "slots 17-18" with @glue between them. */
static const char *slots(char *text, size_t size,
			 const struct na_audit_owner *owner,
			 const struct na_audit_party *party, const char *glue)
{
	unsigned long long slot = report_slot(owner, party);
	unsigned long long nr = report_party_pages(party);

	if (nr > 1)
		snprintf(text, size, "slots %llu%s%llu", slot, glue,
			 slot + nr - 1);
	else
		snprintf(text, size, "slot%s %llu", nr ? "" : "s", slot);
	return text;
}

/* Padded, so that addresses are aligned. */
static void put_owner(const struct na_audit_owner *owner,
		      const struct na_audit_party *party, bool is_whole,
		      FILE *out)
{
	char name[PLAIN_MAX], place[SLOTS_MAX], text[PLAIN_MAX + SLOTS_MAX];

	if (owner->space == NA_SPACE_PROCESS)
		snprintf(text, sizeof(text), "process %d (%s)", owner->pid,
			 report_plain(name, owner->comm));
	else if (owner->space == NA_SPACE_KMAP)
		snprintf(text, sizeof(text), "%s %s", report_plain(name, owner->name),
			 slots(place, sizeof(place), owner, party,
			       is_whole ? "-" : ".."));
	else
		report_plain(text, owner->name);
	fprintf(out, "%-30s  ", text);
}

static void put_addresses(const struct na_audit_party *party, u64 nr_frames,
			  FILE *out)
{
	bool scattered = report_party_pages(party) != nr_frames;

	report_put_va(party->va_low, out);
	fputs(scattered ? ".." : "-", out);
	report_put_va(party->va_high, out);
	if (scattered)
		fputs(" scattered", out);
}

void report_put_mapping(const struct na_audit_owner *owner, FILE *out)
{
	char perms[PLAIN_MAX], name[PLAIN_MAX];

	if (owner->space != NA_SPACE_PROCESS)
		return;
	fputs("  in ", out);
	report_put_va(owner->start, out);
	fputc('-', out);
	report_put_va(owner->end, out);
	fprintf(out, " %s %s", report_plain(perms, owner->perms),
		report_plain(name, owner->name));
}

/* Only if an MTRR changed the type of the entry. */
static void put_override(const struct na_audit_party *party, FILE *out)
{
	if (party->entry == party->type ||
	    (party->entry == NA_AUDIT_UC_MINUS && party->type == NA_AUDIT_UC))
		return;
	fprintf(out, "  (entry: %s, overridden by a range register)",
		na_audit_type_name(party->entry));
}

static void put_party(const struct na_audit_owner *owner,
		      const struct na_audit_party *party,
		      const struct group *group, FILE *out)
{
	char name[PLAIN_MAX];

	fprintf(out, INDENT "%-5s",
		na_audit_type_name(report_shown_type(party->type,
						     party->entry)));
	if (owner->space == NA_SPACE_LEDGER) {
		fprintf(out, "noalias ledger: %s", report_plain(name, owner->name));
	} else {
		put_owner(owner, party, group->nr == 1, out);
		put_addresses(party, group->nr_frames, out);
	}
	report_put_mapping(owner, out);
	put_override(party, out);
	fputc('\n', out);
}

/* --- a group ------------------------------------------------------------------- */

static const struct na_audit_conflict *
next_of(const struct na_audit_result *result,
	const struct na_audit_conflict *conflict)
{
	if (conflict->next == NA_AUDIT_NO_NEXT)
		return NULL;
	(void)NA_ASSERT(conflict->next < result->nr_conflicts);
	return &result->conflicts[conflict->next];
}

static struct group make_group(const struct na_audit_result *result, u32 idx)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	struct group group = { .first = conflict };

	(void)NA_ASSERT(conflict->group == idx);
	for (; conflict; conflict = next_of(result, conflict)) {
		group.nr++;
		group.nr_frames += conflict->run.nr;
	}
	return group;
}

/* Party @i of the first conflict, from its lowest to its highest address. */
static struct na_audit_party spread_party(const struct na_audit_result *result,
					  const struct group *group, u32 i)
{
	struct na_audit_party all =
		*report_party_at(result, group->first, i);
	const struct na_audit_conflict *conflict = group->first;
	const struct na_audit_party *party;

	while ((conflict = next_of(result, conflict))) {
		party = report_party_at(result, conflict, i);
		(void)NA_ASSERT(party->type == all.type);
		if (party->va_low < all.va_low)
			all.va_low = party->va_low;
		if (party->va_high > all.va_high)
			all.va_high = party->va_high;
	}
	return all;
}

static void put_place(const struct na_audit_result *result,
		      const struct na_audit_conflict *conflict,
		      FILE *out)
{
	const struct na_audit_party *party;
	const struct na_audit_owner *owner;
	const char *glue = "  at ";
	char text[SLOTS_MAX];
	u32 i;

	fputs(INDENT, out);
	put_frames(conflict, out);
	for (i = 0; i < conflict->nr_parties; i++) {
		party = report_party_at(result, conflict, i);
		owner = report_owner_of(result, party);
		if (owner->space == NA_SPACE_LEDGER)
			continue;
		fputs(glue, out);
		glue = ", ";
		if (owner->space == NA_SPACE_KMAP)
			fputs(slots(text, sizeof(text), owner, party, "-"),
			      out);
		else
			report_put_va(party->va_low, out);
	}
	fputc('\n', out);
}

static void put_places(const struct na_audit_result *result,
		       const struct group *group, FILE *out)
{
	const struct na_audit_conflict *conflict = group->first;
	u32 i;

	for (i = 0; conflict && i < PLACES_MAX; i++) {
		put_place(result, conflict, out);
		conflict = next_of(result, conflict);
	}
	if (!conflict)
		return;
	fputs(INDENT "and ", out);
	report_put_plural(group->nr - i, "more place", out);
	fputc('\n', out);
}

/* Prints the group at its first conflict; nothing at the others. */
static void put_conflict(const struct report *report, u32 idx, FILE *out)
{
	const struct accept_rule *rule = report_rule(report, idx);
	const struct na_audit_result *result = &report->result;
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	struct na_audit_party party;
	struct group group;
	char reason[4 * sizeof(rule->reason)];
	u32 i;

	if (conflict->group != idx)
		return;
	group = make_group(result, idx);
	put_head(&group, report_severity(report, idx), out);
	if (rule)
		fprintf(out, INDENT "accepted until %s: %s\n", rule->until,
			report_plain(reason, rule->reason));
	for (i = 0; i < conflict->nr_parties; i++) {
		party = spread_party(result, &group, i);
		put_party(report_owner_of(result, &party), &party, &group,
			  out);
	}
	if (conflict->nr_more) {
		fputs(INDENT "and ", out);
		report_put_plural(conflict->nr_more, "more mapping", out);
		fputc('\n', out);
	}
	if (group.nr > 1)
		put_places(result, &group, out);
	fputc('\n', out);
}

/* --- the source ----------------------------------------------------------- */

static const char *moment_of(const struct report_source *source)
{
	if (source->origin == REPORT_FROM_KCORE)
		return "read while the machine ran, suspects twice more";
	return source->is_unconfirmed ? "written while the machine ran" :
					"of one instant";
}

/* The module's is not mentioned: it is the usual one. */
static void put_source(const struct report_source *source, FILE *out)
{
	char name[4 * FILE_PATH_MAX];

	if (source->origin == REPORT_FROM_MODULE)
		return;
	fprintf(out, "source:     %s", report_plain(name, source->file));
	if (*source->format && strcmp(source->format, source->file))
		fprintf(out, " (%s)", report_plain(name, source->format));
	fputs(", kernel ", out);
	fputs(*source->kernel ? report_plain(name, source->kernel) : "unknown", out);
	fprintf(out, ", %s; %s\n", report_plain(name, source->arch),
		moment_of(source));
}

static void put_notes(const char *title, const struct na_note_list *list,
		      FILE *out)
{
	char line[4 * NA_NOTE_MAX];
	u32 i;

	for (i = 0; i < list->nr; i++)
		fprintf(out, "%s%s\n", title, report_plain(line, list->lines[i]));
	if (list->nr_more)
		fprintf(out, "%sand %u more\n", title,
			(unsigned int)list->nr_more);
}

/* --- the end -------------------------------------------------------------- */

static void put_seen(const struct na_audit_result *result, bool is_list,
		     FILE *out)
{
	const struct na_audit_seen *seen = &result->seen;
	unsigned long long ns = result->duration_ns;

	fputs("seen:       ", out);
	report_put_plural(seen->nr_pages, "page mapping", out);
	fputs(" of the kernel and ", out);
	report_put_plural(seen->nr_processes, "address space", out);
	fputs("; ", out);
	report_put_plural(seen->nr_frames, "frame", out);
	fprintf(out, "%s; %llu.%llu ms\n",
		is_list ? " of the range" : " with a type other than WB",
		ns / 1000000, ns / 100000 % 10);
}

static void put_list(const char *title, const char *const *items,
		     FILE *out)
{
	const char *glue = "";

	fputs(title, out);
	for (; *items; items++) {
		fputs(glue, out);
		fputs(*items, out);
		glue = "; ";
	}
	fputc('\n', out);
}

static void put_cut_names(u32 cut, FILE *out)
{
	const char *glue = " (";
	u32 i;

	(void)NA_ASSERT(cut && !(cut >> NR_NA_AUDIT_CUTS));
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++) {
		if (!(cut >> i & 1))
			continue;
		fputs(glue, out);
		fputs(na_audit_cut_name(i), out);
		glue = ", ";
	}
	fputc(')', out);
}

static void put_missed(const struct na_audit_missed *missed, FILE *out)
{
	char name[PLAIN_MAX];

	if (missed->space == NA_SPACE_PROCESS)
		fprintf(out, "process %d (%s)", missed->pid,
			report_plain(name, missed->comm));
	else
		fputs(missed->space == NA_SPACE_LEDGER ? "the noalias ledger" :
							 "the kernel", out);
	put_cut_names(missed->cut, out);
}

static void put_cuts(const struct na_audit_result *result,
		     FILE *out)
{
	u32 i, nr = result->nr_missed, more;

	if (!result->cut)
		return;
	if (nr > MISSED_SHOWN)
		nr = MISSED_SHOWN;
	fputs("INCOMPLETE: not everything was read or had room", out);
	put_cut_names(result->cut, out);
	for (i = 0; i < nr; i++) {
		fputs(i ? ", " : ": ", out);
		put_missed(&result->missed[i], out);
	}
	more = result->nr_missed - nr + result->nr_missed_more;
	if (more) {
		fputs(", and ", out);
		put_number(more, out);
		fputs(" more", out);
	}
	fputc('\n', out);
}

static void put_grade(const struct na_audit_result *result,
		      enum na_grade grade, FILE *out)
{
	const u64 *nr_frames = result->nr_frames[grade];
	const char *glue = " (";
	u32 kind;

	report_put_plural(na_audit_count(result, grade), "frame", out);
	fputs(grade == NA_GRADE_ALIAS ? " aliased" : " mixed", out);
	for (kind = 0; kind < NR_NA_KINDS; kind++) {
		if (!nr_frames[kind])
			continue;
		fputs(glue, out);
		put_number(nr_frames[kind], out);
		fputs(" of ", out);
		fputs(kind_text((enum na_frame_kind)kind), out);
		glue = ", ";
	}
	fputc(')', out);
}

static void put_clean(const struct report *report, FILE *out)
{
	const struct na_audit_result *result = &report->result;

	if (result->cut) {
		fputs("nothing found, but incomplete", out);
		return;
	}
	fputs("clean, no frame ", out);
	if (report_list_is_there(&report->list))
		fputs("of the range ", out);
	if (result->ours_only)
		fputs("held by noalias ", out);
	if (result->pid_only) {
		fputs("of process ", out);
		put_number(result->pid_only, out);
		fputc(' ', out);
	}
	fputs("is mapped with conflicting types", out);
}

static void put_verdict(const struct report *report, FILE *out)
{
	const struct na_audit_result *result = &report->result;
	bool has_alias = na_audit_count(result, NA_GRADE_ALIAS);
	bool has_mixed = na_audit_count(result, NA_GRADE_MIXED);

	fputs("verdict:    ", out);
	if (has_alias)
		put_grade(result, NA_GRADE_ALIAS, out);
	if (has_alias && has_mixed)
		fputs(", ", out);
	if (has_mixed)
		put_grade(result, NA_GRADE_MIXED, out);
	if (!has_alias && !has_mixed)
		put_clean(report, out);
	else if (result->cut)
		fputs(", and incomplete", out);
	if (report_count(report, SEVERITY_ACCEPTED))
		fprintf(out, "; %llu of these accepted", (unsigned long long)
			report_count(report, SEVERITY_ACCEPTED));
	if ((has_alias || has_mixed) && report->source.is_unconfirmed)
		fputs(", unconfirmed: the mappings may never have existed together",
		      out);
	fputc('\n', out);
}

static void put_severities(const struct report *report, FILE *out)
{
	const char *glue = "";
	u64 nr;
	int i;

	fputs("severity:   ", out);
	for (i = NR_SEVERITIES - 1; i >= 0; i--) {
		nr = report_count(report, (enum severity)i);
		if (!nr)
			continue;
		fprintf(out, "%s%s for ", glue,
			severity_name((enum severity)i));
		report_put_plural(nr, "frame", out);
		glue = ", ";
	}
	fputs(*glue ? "\n" : "none\n", out);
}

void report_print_text(const struct report *report, FILE *out)
{
	const struct na_audit_result *result = &report->result;
	int severity;
	u32 i;

	if (report_list_is_there(&report->list))
		report_list_print_text(report, out);
	for (severity = NR_SEVERITIES - 1; severity >= 0; severity--) {
		for (i = 0; i < result->nr_conflicts; i++)
			if ((int)report_severity(report, i) == severity)
				put_conflict(report, i, out);
	}
	if (result->pid_only)
		fprintf(out, "process:    %d only\n", result->pid_only);
	put_source(&report->source, out);
	put_severities(report, out);
	put_seen(result, report_list_is_there(&report->list), out);
	put_list("cannot see: ", report_blind(report->source.origin), out);
	put_notes("assumed:    ", &report->source.notes.assumed, out);
	put_notes("lost:       ", &report->source.notes.lost, out);
	put_cuts(result, out);
	put_verdict(report, out);
}
