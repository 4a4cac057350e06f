// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reads the module's records of an audit back into a result.
 * module/debugfs_audit.c has the format.
 *
 * Each party gets a separate owner, so that names can be added to one and not
 * to others. Unknown records and keys, of a newer module, are skipped. All
 * fields of current records must be present, and a list without the last record
 * was truncated.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "record.h"
#include "report.h"

#define VERSION 2

/* --- room ------------------------------------------------------------------ */

bool report_make_room(void **array, u32 *room, u32 nr, size_t size)
{
	u32 more = *room ? *room * 2 : 64;
	void *moved;

	if (nr < *room)
		return true;
	moved = realloc(*array, more * size);
	if (!moved)
		return false;
	*array = moved;
	*room = more;
	return true;
}

const char *report_add_party(struct report *report)
{
	struct na_audit_result *result = &report->result;
	void *parties = result->parties, *owners = result->owners;
	u32 nr = result->nr_parties, room = report->room_parties;
	bool fits;

	if (nr == REPORT_PARTIES_MAX)
		return "it has too many mappings, allowed: 4194304";
	fits = report_make_room(&parties, &room, nr, sizeof(*result->parties));
	result->parties = parties;
	room = report->room_parties;
	fits = fits && report_make_room(&owners, &room, nr, sizeof(*result->owners));
	result->owners = owners;
	if (!fits)
		return "there is not enough memory for it";
	report->room_parties = room;
	memset(&result->parties[nr], 0, sizeof(*result->parties));
	memset(&result->owners[nr], 0, sizeof(*result->owners));
	result->parties[nr].owner = nr;
	result->nr_parties++;
	result->nr_owners++;
	return NULL;
}

const char *report_add_conflict(struct report *report,
				const struct na_audit_conflict *conflict)
{
	struct na_audit_result *result = &report->result;
	void *conflicts = result->conflicts;

	if (conflict->run.nr > REPORT_FRAMES_MAX - conflict->run.first.nr)
		return "a conflict ends beyond all memory";
	/* Each has two parties or more, so their limit bounds conflicts too. */
	if (conflict->nr_parties < 2)
		return "a conflict has fewer than two mappings";
	if (!report_make_room(&conflicts, &report->room_conflicts,
		       result->nr_conflicts, sizeof(*conflict)))
		return "there is not enough memory for it";
	result->conflicts = conflicts;
	result->conflicts[result->nr_conflicts++] = *conflict;
	return NULL;
}

const char *report_add_missed(struct report *report)
{
	struct na_audit_result *result = &report->result;
	void *all = result->missed;

	if (result->nr_missed == NA_AUDIT_MISSED_MAX ||
	    !report_make_room(&all, &report->room_missed, result->nr_missed,
		       sizeof(*result->missed)))
		return "it names too many that were cut";
	result->missed = all;
	memset(&result->missed[result->nr_missed++], 0,
	       sizeof(*result->missed));
	return NULL;
}

void report_fini(struct report *report)
{
	free(report->result.conflicts);
	free(report->result.parties);
	free(report->result.owners);
	free(report->result.missed);
	free(report->accepted);
	report_list_fini(&report->list);
}

/* --- words ----------------------------------------------------------------- */

/* Records that occur once, a bit each. */
enum once {
	ONCE_ALIAS,
	ONCE_MIXED,
	ONCE_SEEN,
	ONCE_END,
	NR_ONCE,
};

/**
 * struct reading - state of the reader
 * @report: report to fill
 * @record: current line
 * @parties_left: parties of the last conflict still to come
 * @seen: bits of enum once
 */
struct reading {
	struct report *report;
	struct record record;
	uint64_t parties_left;
	unsigned int seen;
};

static void fail_if(struct record *record, const char *wrong)
{
	if (wrong)
		record_fail(record, "%s", wrong);
}

static void take_once(struct reading *reading, enum once once)
{
	if (reading->seen >> once & 1)
		record_fail(&reading->record, "%s is there twice",
			    reading->record.word);
	reading->seen |= 1u << once;
}

static u32 word_among(struct record *record, const char *key, const char *word,
		      const char *(*name)(u32), u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (!strcmp(word, name(i)))
			return i;
	record_fail(record, "%s: %s is '%.20s', a word that is unknown",
		    record->word, key, word);
	return 0;
}

static u32 take_word(struct record *record, const char *key,
		     const char *(*name)(u32), u32 nr)
{
	return word_among(record, key, record_value(record, key), name, nr);
}

/* Words separated by commas, or "none". */
static u32 take_cut(struct record *record)
{
	char text[80], *rest = text, *word;
	u32 cut = 0;

	record_name(record, "cut", text, sizeof(text));
	if (!strcmp(text, "none"))
		return 0;
	while ((word = strsep(&rest, ",")))
		cut |= 1u << word_among(record, "cut", word, na_audit_cut_name,
					NR_NA_AUDIT_CUTS);
	return cut;
}

/* --- a conflict ------------------------------------------------------------ */

static void take_conflict(struct reading *reading)
{
	struct record *record = &reading->record;
	struct na_audit_conflict conflict = {
		.grade = (enum na_grade)take_word(record, "grade",
						  na_grade_name, NR_NA_GRADES),
		.kind = (enum na_frame_kind)take_word(
			record, "kind", na_frame_kind_name, NR_NA_KINDS),
		.run.first = na_frame((unsigned long)record_hex(
			record, "first", REPORT_FRAMES_MAX)),
		.run.nr = (u32)record_number(record, "nr", UINT32_MAX),
		.nr_more = (u32)record_number(record, "more", UINT32_MAX),
		.group = (u32)record_number(record, "group", UINT32_MAX - 1),
		.first_party = reading->report->result.nr_parties,
		.nr_parties = (u32)record_number(record, "parties",
						 REPORT_PARTIES_MAX),
	};
	reading->parties_left = conflict.nr_parties;
	/* Its parties must follow before any other record. */
	if (!record->failed)
		fail_if(record,
			report_add_conflict(reading->report, &conflict));
}

static void take_owner(struct record *record, struct na_audit_owner *owner)
{
	owner->space = (enum na_space)take_word(record, "space", na_space_name,
						NR_NA_SPACES);
	record_name(record, "name", owner->name, sizeof(owner->name));
	if (owner->space == NA_SPACE_PROCESS) {
		owner->pid = (int)record_number(record, "pid", INT_MAX);
		record_name(record, "comm", owner->comm, sizeof(owner->comm));
		record_name(record, "perms", owner->perms,
			    sizeof(owner->perms));
	}
	if (owner->space != NA_SPACE_LEDGER) {
		owner->start = record_hex(record, "start", UINT64_MAX);
		owner->end = record_hex(record, "end", UINT64_MAX);
	}
}

static void take_party(struct reading *reading)
{
	struct record *record = &reading->record;
	struct na_audit_result *result = &reading->report->result;
	struct na_audit_party *party;
	struct na_audit_owner *owner;

	if (!reading->parties_left) {
		record_fail(record, "a party of no conflict");
		return;
	}
	reading->parties_left--;
	fail_if(record, report_add_party(reading->report));
	if (record->failed)
		return;
	party = &result->parties[result->nr_parties - 1];
	owner = &result->owners[party->owner];
	take_owner(record, owner);
	party->type = (u8)take_word(record, "type", na_audit_type_name,
				    NR_NA_AUDIT_TYPES);
	party->entry = (u8)take_word(record, "entry", na_audit_type_name,
				     NR_NA_AUDIT_TYPES);
	if (party->type == NA_AUDIT_UC_MINUS)
		record_fail(record, "UC- is not an effective type");
	if (owner->space == NA_SPACE_LEDGER)
		return;
	party->va_low = record_hex(record, "va", UINT64_MAX);
	party->va_high = record_hex(record, "va_end", UINT64_MAX);
}

/* --- the rest -------------------------------------------------------------- */

static void take_frames(struct reading *reading)
{
	struct record *record = &reading->record;
	u32 grade = take_word(record, "grade", na_grade_name, NR_NA_GRADES);
	u64 *nr_frames = reading->report->result.nr_frames[grade];
	u32 kind;

	if (grade == NA_GRADE_NONE) {
		record_fail(record, "frames without a grade are in no conflict");
		return;
	}
	take_once(reading, grade == NA_GRADE_ALIAS ? ONCE_ALIAS : ONCE_MIXED);
	for (kind = 0; kind < NR_NA_KINDS; kind++)
		nr_frames[kind] = record_number(record,
						na_frame_kind_name(kind),
						UINT64_MAX);
}

static void take_seen(struct reading *reading)
{
	struct record *record = &reading->record;
	struct na_audit_seen *seen = &reading->report->result.seen;

	take_once(reading, ONCE_SEEN);
	seen->nr_walks = (u32)record_number(record, "walks", UINT32_MAX);
	seen->nr_pages = record_number(record, "pages", UINT64_MAX);
	seen->nr_mappings = record_number(record, "mappings", UINT64_MAX);
	seen->nr_processes = record_number(record, "processes", UINT64_MAX);
	seen->nr_frames = record_number(record, "frames", UINT64_MAX);
	seen->nr_changed = record_number(record, "changed", UINT64_MAX);
}

static void take_missed(struct reading *reading)
{
	struct record *record = &reading->record;
	struct na_audit_result *result = &reading->report->result;
	struct na_audit_missed *missed;

	fail_if(record, report_add_missed(reading->report));
	if (record->failed)
		return;
	missed = &result->missed[result->nr_missed - 1];
	missed->space = (enum na_space)take_word(record, "space",
						 na_space_name, NR_NA_SPACES);
	missed->cut = take_cut(record);
	if (!missed->cut)
		record_fail(record, "it lists an owner as cut, but not what was cut");
	if (missed->space != NA_SPACE_PROCESS)
		return;
	missed->pid = (int)record_number(record, "pid", INT_MAX);
	record_name(record, "comm", missed->comm, sizeof(missed->comm));
}

static const char *verdict_of(const struct na_audit_result *result)
{
	if (na_audit_count(result, NA_GRADE_ALIAS) ||
	    na_audit_count(result, NA_GRADE_MIXED))
		return "found";
	return result->cut ? "incomplete" : "clean";
}

static void take_end(struct reading *reading)
{
	struct record *record = &reading->record;
	struct na_audit_result *result = &reading->report->result;
	const char *verdict = record_value(record, "verdict");

	take_once(reading, ONCE_END);
	result->cut = take_cut(record);
	result->nr_missed_more = (u32)record_number(record, "missed_more",
						    UINT32_MAX);
	result->duration_ns = record_number(record, "duration_ns", UINT64_MAX);
	if (record_number(record, "conflicts", UINT32_MAX) !=
	    result->nr_conflicts)
		record_fail(record, "\"end\" counts other conflicts than there are");
	if (reading->seen != (1u << NR_ONCE) - 1)
		record_fail(record, "\"frames\" or \"seen\" is missing");
	if (strcmp(verdict, verdict_of(result)) != 0)
		record_fail(record, "the verdict is '%.20s', but it counts frames for '%s'",
			    verdict, verdict_of(result));
}

/* --- records --------------------------------------------------------------- */

static void take_record(struct reading *reading)
{
	static const struct {
		const char *word;
		void (*take)(struct reading *reading);
	} known[] = {
		{ "conflict", take_conflict }, { "party", take_party },
		{ "frames", take_frames }, { "seen", take_seen },
		{ "missed", take_missed }, { "end", take_end },
	};
	struct record *record = &reading->record;
	size_t i;

	if (reading->seen >> ONCE_END & 1)
		record_fail(record, "something follows the end");
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (record_is(record, known[i].word))
			break;
	if (i == sizeof(known) / sizeof(known[0]) || record->failed)
		return;
	if (reading->parties_left && known[i].take != take_party)
		record_fail(record, "the conflict before it lacks %u parties",
			    (unsigned int)reading->parties_left);
	else
		known[i].take(reading);
}

static void take_heading(struct record *record, struct file_lines *lines)
{
	if (record_next(record, lines) && record_is(record, "audit")) {
		if (record_number(record, "version", UINT32_MAX) != VERSION)
			record_fail(record, "it is an audit of another version, known: %d",
				    VERSION);
		return;
	}
	lines->nr = 1;
	record_fail(record, "it is not an audit: 'audit version=%d' is missing",
		    VERSION);
}

static int read_records(struct report *report, struct cli_file *file)
{
	struct reading reading = { .report = report };
	struct file_lines lines;
	const char *wrong;

	if (file_lines_begin(&lines, file))
		return CLI_TROUBLE;
	take_heading(&reading.record, &lines);
	while (record_next(&reading.record, &lines))
		take_record(&reading);
	if (reading.record.failed)
		return CLI_TROUBLE;
	if (!(reading.seen >> ONCE_END & 1))
		return file_lines_fail(&lines, "it ends too early: the record \"end\" is missing");
	wrong = report_check(report);
	return wrong ? cli_trouble("%s: %s", file->name, wrong) : CLI_CLEAN;
}

int report_read(struct report *report)
{
	struct cli_file file;
	int result;

	memset(report, 0, sizeof(*report));
	progress("noalias: reading page tables ...");
	result = file_read_debugfs("audit", &file);
	progress_end();
	if (result)
		return result;
	report->is_read = true;
	result = read_records(report, &file);
	free(file.text);
	return result;
}
