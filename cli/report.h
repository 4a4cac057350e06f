/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias audit: reading, checking, filtering and writing a result.
 */
#ifndef NA_CLI_REPORT_H
#define NA_CLI_REPORT_H

#include <limits.h>
#include <stdio.h>
#include <noalias/audit.h>

#include <dump/dump.h>

#include "accept.h"
#include "cli.h"
#include "file.h"
#include "report_list.h"

/**
 * enum report_origin - who read the page tables
 * @REPORT_FROM_MODULE: the module, in the running kernel
 * @REPORT_FROM_KCORE: this command, through /proc/kcore
 * @REPORT_FROM_IMAGE: this command, in a memory image
 * @NR_REPORT_ORIGINS: number of origins
 */
enum report_origin {
	REPORT_FROM_MODULE,
	REPORT_FROM_KCORE,
	REPORT_FROM_IMAGE,
	NR_REPORT_ORIGINS,
};

/** report_origin_name() - "module", "kcore", "image", or "??". */
const char *report_origin_name(u32 origin);

/**
 * struct report_source - what an audit is about, and how far it can be trusted
 * @origin: who read the page tables
 * @file: image, or /proc/kcore; "" for the module
 * @format: format of the image, or ""
 * @kernel: release of its kernel, or ""
 * @build_id: of its kernel, in hexadecimal, or ""
 * @arch: its architecture, or ""
 * @is_unconfirmed: mappings of a conflict may never have existed together
 * @notes: what was assumed and lost
 */
struct report_source {
	enum report_origin origin;
	char file[FILE_PATH_MAX];
	char format[16];
	char kernel[NA_KERNEL_RELEASE_MAX];
	char build_id[NA_KERNEL_BUILD_ID_MAX];
	char arch[16];
	bool is_unconfirmed;
	struct na_notes notes;
};

/**
 * struct report - a result that owns its memory
 * @result: as the engine returns it
 * @room_conflicts: capacity in conflicts
 * @room_parties: capacity in parties, and in owners
 * @room_missed: capacity in missed entries
 * @is_read: the module's file could be read, with any contents
 * @source: where it comes from
 * @list: all mappings of some frames, if there was a choice
 * @accepted: for each conflict the rule by which it is accepted, or NULL; NULL:
 *	none is
 * @nr_accepted: frames of these, as result.nr_frames
 */
struct report {
	struct na_audit_result result;
	struct report_source source;
	struct report_list list;
	u32 room_conflicts;
	u32 room_parties;
	u32 room_missed;
	bool is_read;
	const struct accept_rule **accepted;
	u64 nr_accepted[NR_NA_GRADES][NR_NA_KINDS];
};

/** REPORT_NO_GROUP - of a conflict from a file that knows no groups. */
#define REPORT_NO_GROUP (~0u)

/**
 * REPORT_PARTIES_MAX - largest number of mappings accepted, at 184 bytes each.
 * A mapping takes at least 60 bytes of a file, so a readable file hardly has
 * more.
 */
#define REPORT_PARTIES_MAX (1u << 22)
/** REPORT_FRAMES_MAX - of an address of 52 bits, as far as a number holds it */
#define REPORT_FRAMES_MAX (ULONG_MAX < 1ull << 40 ? ULONG_MAX : 1ull << 40)

/** report_make_room() - double an array if it is full; false: no memory. */
bool report_make_room(void **array, u32 *room, u32 nr, size_t size);

/**
 * report_add_party() - add a party, zeroed, with a separate owner
 *
 * Return: NULL, or an error text; likewise for the next two.
 */
const char *report_add_party(struct report *report);

/** report_add_conflict() - put @conflict at the end. */
const char *report_add_conflict(struct report *report,
				const struct na_audit_conflict *conflict);

/** report_add_missed() - add a missed entry, zeroed. */
const char *report_add_missed(struct report *report);

/**
 * report_read() - run an audit and read it from the module
 * @report: receives it; report_fini() also after an error
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message. Then @report->is_read says
 * whether there was an audit.
 */
int report_read(struct report *report);

/**
 * report_read_image() - audit a memory image, or the machine by /proc/kcore
 * @report: receives it; report_fini() also after an error
 * @options: what to open
 * @pid: a process that has to be in the image; 0: none
 * @choice: frames whose mappings are to be listed, with conflicts of these; or
 *	NULL: conflicts of all frames
 *
 * What could not be read makes the report incomplete.
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int report_read_image(struct report *report,
		      const struct na_dump_options *options, int pid,
		      const struct report_choice *choice);

/**
 * report_parse() - read an audit that was saved with --json
 * @report: receives it; report_fini() also after an error
 * @file: the text
 *
 * Return: NULL, or an error text.
 */
const char *report_parse(struct report *report, const struct cli_file *file);

/** report_read_saved() - report_parse() of a file; as report_read(). */
int report_read_saved(struct report *report, const char *path);

/**
 * report_check() - is the report complete and consistent?
 * @report: report as it was read
 *
 * Counters must agree with the listed conflicts, unless the report says that
 * conflicts were left out. Links the groups.
 *
 * Return: NULL, or an error text.
 */
const char *report_check(struct report *report);

/**
 * report_link_groups() - link the groups after conflicts were removed
 *
 * Return: false if conflicts of a group differ, or without memory.
 */
bool report_link_groups(struct report *report);

/** report_fini() - free its memory. */
void report_fini(struct report *report);

/**
 * report_name_vmalloc() - add the callers of vmalloc areas
 *
 * From /proc/vmallocinfo, if it may be read and has real addresses.
 */
void report_name_vmalloc(struct report *report);

/**
 * report_name_kernel() - add release and build id of the running kernel
 *
 * From /proc and /sys, to what the module reported. What cannot be read is not
 * known, and no error.
 */
void report_name_kernel(struct report_source *source);

/** REPORT_MAKER_MAX - room for report_maker(), with its NUL. */
#define REPORT_MAKER_MAX NA_AUDIT_NAME_MAX

/**
 * report_maker() - who made the mappings of a conflict, in a word
 * @result: result
 * @conflict: conflict of it
 * @maker: REPORT_MAKER_MAX bytes, receives the first that is known: the module
 *	that made a vmalloc area, or the kernel's function; the device file that
 *	a process has mapped; "process"; the region of the kernel. Any bytes
 */
void report_maker(const struct na_audit_result *result,
		  const struct na_audit_conflict *conflict, char *maker);

/* --- severity -------------------------------------------------------------- */

/**
 * enum severity - severity of a conflict
 * @SEVERITY_ACCEPTED: somebody has looked at it; its own severity does not count
 * @SEVERITY_NOTE: addresses of a device with several uncached, or several
 *	cached types, as its driver may like
 * @SEVERITY_WARNING: the same of memory; or addresses of a device with a cached
 *	and an uncached mapping
 * @SEVERITY_ERROR: memory with a cached and an uncached mapping: data may be
 *	lost
 * @NR_SEVERITIES: number of severities
 */
enum severity {
	SEVERITY_ACCEPTED,
	SEVERITY_NOTE,
	SEVERITY_WARNING,
	SEVERITY_ERROR,
	NR_SEVERITIES,
};

/** severity_of() - severity of a conflict that nobody has accepted. */
enum severity severity_of(enum na_grade grade, enum na_frame_kind kind);

/** report_severity() - severity of conflict @idx of a report. */
enum severity report_severity(const struct report *report, u32 idx);

/** report_rule() - the rule by which conflict @idx is accepted, or NULL. */
const struct accept_rule *report_rule(const struct report *report, u32 idx);

/**
 * report_accept() - find out which conflicts are accepted
 * @report: report, of which nothing will be removed any more
 * @accept: rules; must outlive it
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int report_accept(struct report *report, const struct accept *accept);

/** severity_name() - "accepted", "note", "warning" or "error". */
const char *severity_name(enum severity severity);

/** severity_parse() - parse a name, but "accepted"; NR_SEVERITIES: invalid. */
enum severity severity_parse(const char *name);

/** report_count() - frames in conflict with @severity. */
u64 report_count(const struct report *report, enum severity severity);

/* --- filters -------------------------------------------------------------- */

/** report_keep_ours() - keep only conflicts of memory that noalias holds. */
void report_keep_ours(struct report *report);

/** report_names_pid() - is process @pid in a conflict, or named as cut? */
bool report_names_pid(const struct report *report, int pid);

/** report_keep_pid() - keep only conflicts in which process @pid takes part. */
void report_keep_pid(struct report *report, int pid);

/* --- writing ---------------------------------------------------------------- */

/**
 * report_blind() - list of what no audit of this origin can see
 *
 * Ends with NULL.
 */
const char *const *report_blind(enum report_origin origin);

/** report_party_at() - party @i of @conflict. */
static inline const struct na_audit_party *
report_party_at(const struct na_audit_result *result,
		const struct na_audit_conflict *conflict, u32 i)
{
	(void)NA_ASSERT(i < conflict->nr_parties &&
			conflict->first_party + i < result->nr_parties);
	return &result->parties[conflict->first_party + i];
}

/** report_owner_of() - owner of @party. */
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

/** report_slot() - first kmap slot of a party. */
static inline u64 report_slot(const struct na_audit_owner *owner,
			      const struct na_audit_party *party)
{
	return (party->va_low - owner->start) >> NA_AUDIT_PAGE_SHIFT;
}

/** report_va_digits() - digits of an address: 8, 12 or 16. */
static inline int report_va_digits(u64 va)
{
	return !(va >> 32) ? 8 : !(va >> 48) ? 12 : 16;
}

/**
 * report_shown_type() - type as it is shown: UC- if an entry with it is UC
 * @type: enum na_audit_type, effective
 * @entry: enum na_audit_type, of the entry
 */
static inline u8 report_shown_type(u8 type, u8 entry)
{
	return entry == NA_AUDIT_UC_MINUS && type == NA_AUDIT_UC ? entry : type;
}

/** report_print_text() - write text: printable ASCII and newlines only. */
void report_print_text(const struct report *report, FILE *out);

/**
 * report_print_json() - write one object in UTF-8
 * @report: report
 * @one_line: without newlines, for a stream of reports
 * @file: output
 */
void report_print_json(const struct report *report, bool one_line, FILE *file);

#endif
