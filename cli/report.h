/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias audit: reading, naming, judging and writing a result.
 */
#ifndef NA_CLI_REPORT_H
#define NA_CLI_REPORT_H

#include <limits.h>
#include <stdio.h>
#include <noalias/audit.h>

#include "cli.h"
#include "file.h"

/**
 * struct report - a result and its memory
 * @result: as the engine would have it
 * @room_conflicts: items that fit
 * @room_parties: items that fit, and as many owners
 * @room_missed: items that fit
 * @is_read: the module gave a file, whatever is in it
 */
struct report {
	struct na_audit_result result;
	u32 room_conflicts;
	u32 room_parties;
	u32 room_missed;
	bool is_read;
};

/** REPORT_NO_GROUP - of a conflict from a file that knows no groups. */
#define REPORT_NO_GROUP (~0u)

/**
 * REPORT_PARTIES_MAX - more mappings are taken for nonsense: they are 184 bytes
 * each. What is written of one is at least 60 bytes, so a file that can be read
 * has hardly more.
 */
#define REPORT_PARTIES_MAX (1u << 22)
/** REPORT_FRAMES_MAX - of an address of 52 bits, as far as a number holds it */
#define REPORT_FRAMES_MAX (ULONG_MAX < 1ull << 40 ? ULONG_MAX : 1ull << 40)

/**
 * report_add_party() - room for another party, zeroed, with an owner of its own
 *
 * Return: NULL, or why there is none. The same of the next two.
 */
const char *report_add_party(struct report *report);

/** report_add_conflict() - put @conflict at the end. */
const char *report_add_conflict(struct report *report,
				const struct na_audit_conflict *conflict);

/** report_add_missed() - room for another one that was cut, zeroed. */
const char *report_add_missed(struct report *report);

/**
 * report_read() - ask the module for an audit
 * @report: receives it; report_fini() also after an error
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after saying what is wrong and where. Then
 * @report->is_read says whether there was an audit at all.
 */
int report_read(struct report *report);

/**
 * report_parse() - make a result of an audit that was saved with --json
 * @report: receives it; report_fini() also after an error
 * @file: the text
 *
 * Return: NULL, or what is wrong with the text.
 */
const char *report_parse(struct report *report, const struct cli_file *file);

/**
 * report_check() - is the report whole, and does it agree with itself?
 * @report: as it was read
 *
 * A report is believed by what it lists. What it counts must be that, unless
 * it says that conflicts were left out. Links the groups.
 *
 * Return: NULL, or what contradicts what.
 */
const char *report_check(struct report *report);

/**
 * report_link_groups() - after conflicts were left out
 *
 * Return: false when conflicts of one group are not alike, or memory ran out.
 */
bool report_link_groups(struct report *report);

/** report_fini() - free its memory. */
void report_fini(struct report *report);

/**
 * report_name_vmalloc() - say who made the vmalloc areas in it
 *
 * From /proc/vmallocinfo, as far as it may be read and has true addresses.
 */
void report_name_vmalloc(struct report *report);

/* --- severity -------------------------------------------------------------- */

/**
 * enum severity - what a conflict means for the one who looks
 * @SEVERITY_NOTE: device memory: how it is mapped is its driver's business;
 *	memory that the system does not own is memory all the same
 * @SEVERITY_WARNING: memory with several uncached, or several cached types
 * @SEVERITY_ERROR: memory with a cached and an uncached mapping: data may be
 *	lost
 * @NR_SEVERITIES: number of severities
 */
enum severity {
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
	NR_SEVERITIES,
};

/** severity_of() - of a conflict. */
enum severity severity_of(enum na_grade grade, enum na_frame_kind kind);

/** severity_name() - "note", "warning" or "error". */
const char *severity_name(enum severity severity);

/** severity_parse() - the opposite; NR_SEVERITIES when it is none. */
enum severity severity_parse(const char *name);

/** report_count() - frames in conflict with @severity. */
u64 report_count(const struct report *report, enum severity severity);

/* --- leaving out ----------------------------------------------------------- */

/** report_keep_ours() - only memory that noalias holds. */
void report_keep_ours(struct report *report);

/** report_names_pid() - is process @pid in a conflict, or named as cut? */
bool report_names_pid(const struct report *report, int pid);

/** report_keep_pid() - only conflicts in which process @pid takes part. */
void report_keep_pid(struct report *report, int pid);

/* --- writing ---------------------------------------------------------------- */

/** report_blind - what no audit can see; ends with NULL. */
extern const char *const report_blind[];

/** report_party_at() - party @i of @conflict. */
static inline const struct na_audit_party *
report_party_at(const struct na_audit_result *result,
		const struct na_audit_conflict *conflict, u32 i)
{
	(void)NA_ASSERT(i < conflict->nr_parties &&
			conflict->first_party + i < result->nr_parties);
	return &result->parties[conflict->first_party + i];
}

/** report_owner_of() - who has @party. */
static inline const struct na_audit_owner *
report_owner_of(const struct na_audit_result *result,
		const struct na_audit_party *party)
{
	(void)NA_ASSERT(party->owner < result->nr_owners);
	return &result->owners[party->owner];
}

/** report_party_pages() - pages between its lowest and highest address. */
static inline u64 report_party_pages(const struct na_audit_party *party)
{
	return (party->va_high - party->va_low) >> NA_AUDIT_PAGE_SHIFT;
}

/** report_slot() - the first slot of the kmap pool that it has. */
static inline u64 report_slot(const struct na_audit_owner *owner,
			      const struct na_audit_party *party)
{
	return (party->va_low - owner->start) >> NA_AUDIT_PAGE_SHIFT;
}

/** report_va_digits() - of an address: 8, or 12, or 16, as it needs. */
static inline int report_va_digits(u64 va)
{
	return !(va >> 32) ? 8 : !(va >> 48) ? 12 : 16;
}

/** report_print_text() - for people: printable ASCII and newlines only. */
void report_print_text(const struct report *report, FILE *out);

/**
 * report_print_json() - one object, UTF-8; names may hold anything
 * @report: report
 * @one_line: for one that reads many
 * @file: receives it
 */
void report_print_json(const struct report *report, bool one_line, FILE *file);

#endif
