// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a result means, what of it was asked for, and how it is printed: the
 * engine writes, and here severities are put into what it wrote.
 */
#include <stdio.h>
#include <string.h>

#include "audit.h"
#include "color.h"

/* --- severity -------------------------------------------------------------- */

enum severity severity_of(enum na_grade grade, enum na_frame_kind kind)
{
	if (kind == NA_KIND_DEVICE)
		return SEVERITY_NOTE;
	return grade == NA_GRADE_ALIAS ? SEVERITY_ERROR : SEVERITY_WARNING;
}

static const char *const severity_names[NR_SEVERITIES] = {
	"note", "warning", "error",
};

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

enum severity severity_parse(const char *name)
{
	u32 i;

	for (i = 0; i < NR_SEVERITIES; i++)
		if (!strcmp(name, severity_names[i]))
			break;
	return (enum severity)i;
}

u64 report_count(const struct report *report, enum severity severity)
{
	u64 nr = 0;
	u32 grade, kind;

	for (grade = NA_GRADE_MIXED; grade < NR_NA_GRADES; grade++)
		for (kind = 0; kind < NR_NA_KINDS; kind++)
			if (severity_of((enum na_grade)grade,
					(enum na_frame_kind)kind) == severity)
				nr += report->result.nr_frames[grade][kind];
	return nr;
}

/* --- leaving out ----------------------------------------------------------- */

void report_keep_ours(struct report *report)
{
	struct na_audit_result *result = &report->result;
	u32 i, nr = 0, grade, kind;

	for (i = 0; i < result->nr_conflicts; i++)
		if (result->conflicts[i].kind == NA_KIND_OURS)
			result->conflicts[nr++] = result->conflicts[i];
	result->nr_conflicts = nr;
	report_link_groups(report);
	result->ours_only = true;
	for (grade = 0; grade < NR_NA_GRADES; grade++)
		for (kind = 0; kind < NR_NA_KINDS; kind++)
			if (kind != NA_KIND_OURS)
				result->nr_frames[grade][kind] = 0;
}

static bool has_pid(const struct na_audit_result *result,
		    const struct na_audit_conflict *conflict, int pid)
{
	const struct na_audit_owner *owner;
	u32 i;

	for (i = 0; i < conflict->nr_parties; i++) {
		owner = &result->owners[result->parties[conflict->first_party +
							i].owner];
		if (owner->space == NA_SPACE_PROCESS && owner->pid == pid)
			return true;
	}
	return false;
}

bool report_names_pid(const struct report *report, int pid)
{
	const struct na_audit_result *result = &report->result;
	u32 i;

	for (i = 0; i < result->nr_conflicts; i++)
		if (has_pid(result, &result->conflicts[i], pid))
			return true;
	for (i = 0; i < result->nr_missed; i++)
		if (result->missed[i].space == NA_SPACE_PROCESS &&
		    result->missed[i].pid == pid)
			return true;
	return false;
}

/* Frames are counted anew, so conflicts that were cut are not among them. */
void report_keep_pid(struct report *report, int pid)
{
	struct na_audit_result *result = &report->result;
	const struct na_audit_conflict *conflict;
	u32 i, nr = 0;

	memset(result->nr_frames, 0, sizeof(result->nr_frames));
	for (i = 0; i < result->nr_conflicts; i++) {
		conflict = &result->conflicts[i];
		if (!has_pid(result, conflict, pid))
			continue;
		result->nr_frames[conflict->grade][conflict->kind] +=
			conflict->run.nr;
		result->conflicts[nr++] = *conflict;
	}
	result->nr_conflicts = nr;
	result->pid_only = pid;
	report_link_groups(report);
}

/* --- printing -------------------------------------------------------------- */

/*
 * struct inserting - a sink that puts words before the first byte of a kind
 * @before: the byte; 0: nothing is put in
 * @words: the words
 * @drop_newlines: JSON has no others than those between its members
 */
struct inserting {
	struct na_sink sink;
	char before;
	const char *words;
	bool drop_newlines;
};

static void put(struct na_sink *sink, const char *text, size_t len)
{
	struct inserting *to = container_of(sink, struct inserting, sink);

	for (; len; len--, text++) {
		if (to->before && *text == to->before) {
			fputs(to->words, stdout);
			to->before = 0;
		}
		if (*text != '\n' || !to->drop_newlines)
			putchar(*text);
	}
}

static void print_text_conflict(const struct report *report, u32 idx)
{
	static const enum color colors[NR_SEVERITIES] = {
		COLOR_DIM, COLOR_WARN, COLOR_BAD,
	};
	const struct na_audit_conflict *conflict =
		&report->result.conflicts[idx];
	enum severity severity = severity_of(conflict->grade, conflict->kind);
	/* The heading ends with the line. */
	struct inserting to = { .sink.put = put, .before = '\n',
				.words = color(COLOR_PLAIN) };

	printf("%s%-8s", color(colors[severity]), severity_name(severity));
	na_audit_print_conflict(&report->result, idx, NA_AUDIT_TEXT, &to.sink);
}

static void print_severities(const struct report *report, int pid)
{
	bool any = false;
	u64 nr;
	int i;

	if (pid)
		printf("process:    %d only\n", pid);
	fputs("severity:   ", stdout);
	for (i = NR_SEVERITIES - 1; i >= 0; i--) {
		nr = report_count(report, (enum severity)i);
		if (!nr)
			continue;
		printf("%s%s for %llu frame%s", any ? ", " : "",
		       severity_name((enum severity)i), (unsigned long long)nr,
		       nr == 1 ? "" : "s");
		any = true;
	}
	puts(any ? "" : "none");
}

/* The others of its group are printed with it. */
static bool leads_group(const struct report *report, u32 idx, int severity)
{
	const struct na_audit_conflict *conflict =
		&report->result.conflicts[idx];

	return conflict->group == idx &&
	       (int)severity_of(conflict->grade, conflict->kind) == severity;
}

static void print_text(const struct report *report, int pid)
{
	struct inserting to = { .sink.put = put };
	int severity;
	u32 i;

	for (severity = NR_SEVERITIES - 1; severity >= 0; severity--)
		for (i = 0; i < report->result.nr_conflicts; i++)
			if (leads_group(report, i, severity))
				print_text_conflict(report, i);
	print_severities(report, pid);
	na_audit_print_end(&report->result, NA_AUDIT_TEXT, &to.sink);
}

static void print_json_conflict(const struct report *report, u32 idx,
				bool one_line)
{
	const struct na_audit_conflict *conflict =
		&report->result.conflicts[idx];
	struct inserting to = { .sink.put = put, .before = '"',
				.drop_newlines = one_line };
	char words[40];

	snprintf(words, sizeof(words), "\"severity\":\"%s\",",
		 severity_name(severity_of(conflict->grade, conflict->kind)));
	to.words = words;
	na_audit_print_conflict(&report->result, idx, NA_AUDIT_JSON, &to.sink);
}

static void print_json(const struct report *report, int pid, bool one_line)
{
	struct inserting to = { .sink.put = put, .before = pid ? ',' : 0,
				.drop_newlines = one_line };
	char words[24];
	u32 i;

	snprintf(words, sizeof(words), ",\"pid\":%d", pid);
	to.words = words;
	na_audit_print_begin(&report->result, NA_AUDIT_JSON, &to.sink);
	to.before = 0;
	for (i = 0; i < report->result.nr_conflicts; i++)
		print_json_conflict(report, i, one_line);
	na_audit_print_end(&report->result, NA_AUDIT_JSON, &to.sink);
	if (one_line)
		putchar('\n');
}

void report_print(const struct report *report, enum na_audit_format format,
		  int pid, bool one_line)
{
	if (format == NA_AUDIT_JSON)
		print_json(report, pid, one_line);
	else
		print_text(report, pid);
}
