/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The part of an audit's report that lists all mappings of some frames, in
 * conflict or not, and the registers by which their types were judged.
 */
#ifndef NA_CLI_REPORT_LIST_H
#define NA_CLI_REPORT_LIST_H

#include <stdio.h>
#include <noalias/audit.h>

#include <dump/dump.h>

#include "cli.h"

struct json;
struct json_out;
struct report;

/**
 * REPORT_RANGES_MAX - range registers of a machine: each variable one, and each
 * page of the first MiB if no two of them are equal.
 */
#define REPORT_RANGES_MAX (NA_X86_MTRRS_MAX + NA_X86_FIXED_FRAMES)

/** REPORT_NO_RANGE - type by the range registers, where none has the frame. */
#define REPORT_NO_RANGE NR_NA_AUDIT_TYPES

/**
 * struct report_range - range registers with one type
 * @start: first byte
 * @end: byte after the last; if @mask has gaps, of the first block
 * @mask: bits of an address that must equal those of @start; 0: of the fixed
 *	registers
 * @type: enum na_audit_type
 */
struct report_range {
	u64 start;
	u64 end;
	u64 mask;
	u8 type;
};

/**
 * struct report_registers - registers by which types are judged
 * @is_mair: it is an ARM, whose MAIR is in @pat; there is no more
 * @pat_from: where the PAT is from
 * @pat: enum na_audit_type by PAT index
 * @mtrrs_from: where the rest is from
 * @is_enabled: the MTRRs are enabled
 * @default_type: enum na_audit_type of frames without an MTRR; not used
 * @ranges: the fixed, then the variable registers
 * @nr_ranges: length of @ranges
 */
struct report_registers {
	bool is_mair;
	u32 pat_from;
	u8 pat[8];
	u32 mtrrs_from;
	bool is_enabled;
	u8 default_type;
	struct report_range ranges[REPORT_RANGES_MAX];
	u32 nr_ranges;
};

/**
 * struct report_mapping - consecutive addresses mapped to consecutive frames
 * @va: first address
 * @first: number of the first frame
 * @nr: number of frames
 * @owner: index into the owners of the list
 * @type: enum na_audit_type, effective
 * @entry: enum na_audit_type, from the page table entry
 * @range: enum na_audit_type, from the range registers, or REPORT_NO_RANGE
 * @grade: enum na_grade, of the worst conflict of one of its frames
 * @nr_conflict: its frames that are in conflict
 */
struct report_mapping {
	u64 va;
	u64 first;
	u64 nr;
	u32 owner;
	u8 type;
	u8 entry;
	u8 range;
	u8 grade;
	u64 nr_conflict;
};

/** REPORT_ANY_TYPE - report_choice.type: of any type. */
#define REPORT_ANY_TYPE NR_NA_AUDIT_TYPES

/**
 * struct report_choice - what to list
 * @first: number of the first frame
 * @end: number of the frame after the last; 0: nothing is listed
 * @type: enum na_audit_type of the mappings: effective, but NA_AUDIT_UC_MINUS is
 *	that of the entry; or REPORT_ANY_TYPE
 */
struct report_choice {
	uint64_t first;
	uint64_t end;
	u8 type;
};

/**
 * struct report_list - a list
 * @choice: what was asked for
 * @mappings: by frame
 * @nr: length of @mappings
 * @room: capacity of @mappings
 * @owners: their owners
 * @nr_owners: length of @owners
 * @owners_room: capacity of @owners
 * @registers: registers of the machine
 */
struct report_list {
	struct report_choice choice;
	struct report_mapping *mappings;
	u32 nr;
	u32 room;
	struct na_audit_owner *owners;
	u32 nr_owners;
	u32 owners_room;
	struct report_registers registers;
};

/** report_list_is_there() - is the report one with a list? */
static inline bool report_list_is_there(const struct report_list *list)
{
	return list->choice.end;
}

/** report_register_source_name() - "read", "given", "assumed", or "??". */
const char *report_register_source_name(u32 source);

/** report_range_name() - as na_audit_type_name(), and "none". */
const char *report_range_name(u32 type);

/** report_range_has_gaps() - is a variable register not one range of bytes? */
bool report_range_has_gaps(const struct report_range *range);

/**
 * report_list_take() - what na_dump_list() has found
 * @report: with its result as it was returned, and list.choice
 * @dump: dump
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int report_list_take(struct report *report, struct na_dump *dump);

/** report_list_audit() - na_dump_list() with the room of a program. */
int report_list_audit(const struct report_choice *choice, struct na_dump *dump,
		      struct na_audit_result **result);

/** report_list_add() - a zeroed mapping; NULL, or an error text. */
const char *report_list_add(struct report_list *list);

/** report_list_add_owner() - a zeroed owner; NULL, or an error text. */
const char *report_list_add_owner(struct report_list *list);

/** report_list_mark() - set grade and nr_conflict from the conflicts. */
void report_list_mark(struct report *report);

/** report_list_keep_type() - keep mappings of the chosen type. */
void report_list_keep_type(struct report_list *list);

/** report_list_keep_pid() - keep mappings of a process. */
void report_list_keep_pid(struct report_list *list, int pid);

/** report_list_count_frames() - how many frames do its mappings have? */
u64 report_list_count_frames(const struct report_list *list);

/**
 * report_list_check() - is it consistent, in itself and with the conflicts?
 *
 * Return: NULL, or an error text.
 */
const char *report_list_check(const struct report *report);

/** report_list_fini() - free its memory. */
void report_list_fini(struct report_list *list);

/** report_list_print_text() - registers and mappings, before the conflicts. */
void report_list_print_text(const struct report *report, FILE *out);

/** report_list_print_json() - its members of the report's object. */
void report_list_print_json(const struct report_list *list,
			    struct json_out *out);

/**
 * report_list_parse() - read one of these members
 *
 * Return: false if @key is none of them.
 */
bool report_list_parse(struct json *json, const char *key,
		       struct report_list *list);

#endif
