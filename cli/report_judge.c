// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Severities, and filters.
 */
#include <string.h>

#include "report.h"

const char *report_origin_name(u32 origin)
{
	static const char *const names[NR_REPORT_ORIGINS] = {
		"module", "kcore", "image",
	};

	return origin < NR_REPORT_ORIGINS ? names[origin] : "??";
}

#define BLIND_ALWAYS \
	"translations that a TLB still holds", \
	"tables of an IOMMU, EPT or NPT"

static const char *const blind_module[] = {
	BLIND_ALWAYS,
	"address spaces that no task uses",
	"the firmware's own page tables",
	"the direct map of memory that devices bring along",
	NULL,
};

/* Through the page tables of a page that is hidden nothing is seen. */
static const char *const blind_kcore[] = {
	BLIND_ALWAYS,
	"the ledger of noalias",
	"pages that /proc/kcore shows as zeroes: poisoned, offline, of a balloon",
	NULL,
};

static const char *const blind_image[] = {
	BLIND_ALWAYS,
	"the ledger of noalias",
	NULL,
};

const char *const *report_blind(enum report_origin origin)
{
	switch (origin) {
	case REPORT_FROM_KCORE:
		return blind_kcore;
	case REPORT_FROM_IMAGE:
		return blind_image;
	default:
		return blind_module;
	}
}

/* --- severity -------------------------------------------------------------- */

enum severity severity_of(enum na_grade grade, enum na_frame_kind kind)
{
	bool is_memory = kind != NA_KIND_DEVICE;

	if (grade == NA_GRADE_ALIAS)
		return is_memory ? SEVERITY_ERROR : SEVERITY_WARNING;
	return is_memory ? SEVERITY_WARNING : SEVERITY_NOTE;
}

static const char *const severity_names[NR_SEVERITIES] = {
	"accepted", "note", "warning", "error",
};

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

enum severity severity_parse(const char *name)
{
	u32 i;

	for (i = SEVERITY_NOTE; i < NR_SEVERITIES; i++)
		if (!strcmp(name, severity_names[i]))
			break;
	return (enum severity)i;
}

const struct accept_rule *report_rule(const struct report *report, u32 idx)
{
	return report->accepted ? report->accepted[idx] : NULL;
}

enum severity report_severity(const struct report *report, u32 idx)
{
	const struct na_audit_conflict *conflict =
		&report->result.conflicts[idx];

	return report_rule(report, idx) ? SEVERITY_ACCEPTED :
		severity_of(conflict->grade, conflict->kind);
}

/* Of frames that had no room in the list nobody knows whether they are accepted. */
u64 report_count(const struct report *report, enum severity severity)
{
	u64 nr = 0;
	u32 grade, kind;

	for (grade = NA_GRADE_MIXED; grade < NR_NA_GRADES; grade++)
		for (kind = 0; kind < NR_NA_KINDS; kind++)
			if (severity == SEVERITY_ACCEPTED)
				nr += report->nr_accepted[grade][kind];
			else if (severity_of((enum na_grade)grade,
					     (enum na_frame_kind)kind) ==
				 severity)
				nr += report->result.nr_frames[grade][kind] -
				      report->nr_accepted[grade][kind];
	return nr;
}

/* --- filters -------------------------------------------------------------- */

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

/* Frames are recounted, without conflicts that were cut. */
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
	report_list_keep_pid(&report->list, pid);
	report_link_groups(report);
}
