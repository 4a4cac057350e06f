// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Reads an audit that was saved with --json back into a result. Unknown keys,
 * of a newer command, are skipped.
 */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

#include "json.h"
#include "report_parts.h"

#define VERSION		1
#define KEY_LEN		32
/* Required members, a bit each. */
static const char *const required[] = {
	"noalias_audit", "conflicts", "frames", "seen", "cut",
};

static const char *const missing[] = {
	"it is not an audit: it has no member \"noalias_audit\"",
	"it has no member \"conflicts\"",
	"it has no member \"frames\"",
	"it has no member \"seen\"",
	"it has no member \"cut\"",
};

#define NR_REQUIRED (sizeof(required) / sizeof(required[0]))

/* --- words ----------------------------------------------------------------- */

u32 report_take_word(struct json *json, const char *(*name)(u32), u32 nr)
{
	char word[KEY_LEN];
	u32 i;

	json_string(json, word, sizeof(word));
	for (i = 0; i < nr; i++)
		if (!strcmp(word, name(i)))
			return i;
	json_fail(json, "a word is unknown");
	return 0;
}

u64 report_take_address(struct json *json)
{
	char text[KEY_LEN], *end;
	u64 va;

	json_string(json, text, sizeof(text));
	errno = 0;
	va = strtoull(text, &end, 16);
	/* A truncated string fills the buffer. */
	if (strncmp(text, "0x", 2) != 0 || !isxdigit((unsigned char)text[2]) ||
	    errno || *end || strlen(text) == sizeof(text) - 1)
		json_fail(json, "an address is not valid, allowed: 0x0 to 0xffffffffffffffff");
	return va;
}

/* --- a conflict ------------------------------------------------------------ */

static bool take_place(struct json *json, const char *key,
		       struct na_audit_party *party)
{
	if (!strcmp(key, "va"))
		party->va_low = report_take_address(json);
	else if (!strcmp(key, "va_end"))
		party->va_high = report_take_address(json);
	else
		return false;
	return true;
}

bool report_take_owner(struct json *json, const char *key,
		       struct na_audit_owner *owner)
{
	if (!strcmp(key, "space"))
		owner->space = (enum na_space)
			report_take_word(json, na_space_name, NR_NA_SPACES);
	else if (!strcmp(key, "start"))
		owner->start = report_take_address(json);
	else if (!strcmp(key, "end"))
		owner->end = report_take_address(json);
	else if (!strcmp(key, "name"))
		json_string(json, owner->name, sizeof(owner->name));
	else if (!strcmp(key, "comm"))
		json_string(json, owner->comm, sizeof(owner->comm));
	else if (!strcmp(key, "perms"))
		json_string(json, owner->perms, sizeof(owner->perms));
	else if (!strcmp(key, "pid"))
		owner->pid = (int)json_number(json, INT_MAX);
	else
		return false;
	return true;
}

static void take_party_member(struct json *json, const char *key,
			      struct na_audit_party *party,
			      struct na_audit_owner *owner)
{
	if (!strcmp(key, "type"))
		party->type = (u8)report_take_word(json, na_audit_type_name,
					    NR_NA_AUDIT_TYPES);
	else if (!strcmp(key, "entry"))
		party->entry = (u8)report_take_word(json, na_audit_type_name,
					     NR_NA_AUDIT_TYPES);
	else if (!take_place(json, key, party) &&
		 !report_take_owner(json, key, owner))
		json_skip(json);
}

static void take_party(struct json *json, struct report *report)
{
	struct na_audit_result *result = &report->result;
	const char *wrong = report_add_party(report);
	struct na_audit_party *party;
	char key[KEY_LEN];

	if (wrong) {
		json_fail(json, wrong);
		return;
	}
	party = &result->parties[result->nr_parties - 1];
	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		take_party_member(json, key, party,
				  &result->owners[party->owner]);
	}
	if (party->type == NA_AUDIT_UC_MINUS)
		json_fail(json, "UC- is not an effective type");
}

static void take_parties(struct json *json, struct report *report,
			 struct na_audit_conflict *conflict)
{
	conflict->first_party = report->result.nr_parties;
	json_open(json, '[');
	while (json_next(json, ']'))
		take_party(json, report);
	conflict->nr_parties = report->result.nr_parties -
			       conflict->first_party;
}

static void take_conflict_member(struct json *json, const char *key,
				 struct report *report,
				 struct na_audit_conflict *conflict)
{
	if (!strcmp(key, "grade"))
		conflict->grade = (enum na_grade)
			report_take_word(json, na_grade_name, NR_NA_GRADES);
	else if (!strcmp(key, "kind"))
		conflict->kind = (enum na_frame_kind)
			report_take_word(json, na_frame_kind_name, NR_NA_KINDS);
	else if (!strcmp(key, "first_frame"))
		conflict->run.first = na_frame((unsigned long)
					       json_number(json, REPORT_FRAMES_MAX));
	else if (!strcmp(key, "nr_frames"))
		conflict->run.nr = (u32)json_number(json, UINT32_MAX);
	else if (!strcmp(key, "nr_more"))
		conflict->nr_more = (u32)json_number(json, UINT32_MAX);
	else if (!strcmp(key, "group"))
		conflict->group = (u32)json_number(json, UINT32_MAX - 1);
	else if (!strcmp(key, "parties"))
		take_parties(json, report, conflict);
	else
		json_skip(json);
}

static void take_conflict(struct json *json, struct report *report)
{
	struct na_audit_conflict conflict = { .group = REPORT_NO_GROUP };
	const char *wrong;
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		take_conflict_member(json, key, report, &conflict);
	}
	wrong = report_add_conflict(report, &conflict);
	if (wrong)
		json_fail(json, wrong);
}

/* --- the rest -------------------------------------------------------------- */

static void take_kinds(struct json *json, u64 *nr_frames)
{
	char key[KEY_LEN];
	u32 kind;

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		for (kind = 0; kind < NR_NA_KINDS; kind++)
			if (!strcmp(key, na_frame_kind_name(kind)))
				break;
		if (kind < NR_NA_KINDS)
			nr_frames[kind] = json_number(json, ULLONG_MAX);
		else
			json_skip(json);
	}
}

static void take_frames(struct json *json, struct na_audit_result *result)
{
	char key[KEY_LEN];
	u32 grade;

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		for (grade = 0; grade < NR_NA_GRADES; grade++)
			if (!strcmp(key, na_grade_name(grade)))
				break;
		if (grade < NR_NA_GRADES)
			take_kinds(json, result->nr_frames[grade]);
		else
			json_skip(json);
	}
}

static void take_seen(struct json *json, struct na_audit_seen *seen)
{
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		if (!strcmp(key, "walks"))
			seen->nr_walks = (u32)json_number(json, UINT32_MAX);
		else if (!strcmp(key, "pages"))
			seen->nr_pages = json_number(json, ULLONG_MAX);
		else if (!strcmp(key, "mappings"))
			seen->nr_mappings = json_number(json, ULLONG_MAX);
		else if (!strcmp(key, "processes"))
			seen->nr_processes = json_number(json, ULLONG_MAX);
		else if (!strcmp(key, "frames"))
			seen->nr_frames = json_number(json, ULLONG_MAX);
		else if (!strcmp(key, "changed"))
			seen->nr_changed = json_number(json, ULLONG_MAX);
		else
			json_skip(json);
	}
}

static void take_cut(struct json *json, u32 *cut)
{
	json_open(json, '[');
	while (json_next(json, ']'))
		*cut |= 1u << report_take_word(json, na_audit_cut_name,
					       NR_NA_AUDIT_CUTS);
}

static void take_missed_member(struct json *json, const char *key,
			       struct na_audit_missed *missed)
{
	if (!strcmp(key, "space"))
		missed->space = (enum na_space)
			report_take_word(json, na_space_name, NR_NA_SPACES);
	else if (!strcmp(key, "pid"))
		missed->pid = (int)json_number(json, INT_MAX);
	else if (!strcmp(key, "comm"))
		json_string(json, missed->comm, sizeof(missed->comm));
	else if (!strcmp(key, "cut"))
		take_cut(json, &missed->cut);
	else
		json_skip(json);
}

static void take_missed(struct json *json, struct report *report)
{
	struct na_audit_result *result = &report->result;
	const char *wrong = report_add_missed(report);
	struct na_audit_missed *missed;
	char key[KEY_LEN];

	if (wrong) {
		json_fail(json, wrong);
		return;
	}
	missed = &result->missed[result->nr_missed - 1];
	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		take_missed_member(json, key, missed);
	}
	if (!missed->cut)
		json_fail(json, "it lists an owner as cut, but not what was cut");
}

static void take_all_missed(struct json *json, struct report *report)
{
	json_open(json, '[');
	while (json_next(json, ']'))
		take_missed(json, report);
}

static void take_conflicts(struct json *json, struct report *report)
{
	json_open(json, '[');
	while (json_next(json, ']'))
		take_conflict(json, report);
}

/* --- the source ------------------------------------------------------------ */

static void take_source_member(struct json *json, const char *key,
			       struct report_source *source)
{
	if (!strcmp(key, "kind"))
		source->origin = (enum report_origin)
			report_take_word(json, report_origin_name, NR_REPORT_ORIGINS);
	else if (!strcmp(key, "file"))
		json_string(json, source->file, sizeof(source->file));
	else if (!strcmp(key, "format"))
		json_string(json, source->format, sizeof(source->format));
	else if (!strcmp(key, "kernel"))
		json_string(json, source->kernel, sizeof(source->kernel));
	else if (!strcmp(key, "build_id"))
		json_string(json, source->build_id, sizeof(source->build_id));
	else if (!strcmp(key, "arch"))
		json_string(json, source->arch, sizeof(source->arch));
	else
		json_skip(json);
}

static void take_source(struct json *json, struct report_source *source)
{
	char key[KEY_LEN];

	json_open(json, '{');
	while (json_next(json, '}')) {
		json_key(json, key, sizeof(key));
		take_source_member(json, key, source);
	}
}

typedef void (*note_t)(struct na_notes *notes, const char *format, ...);

static void take_notes(struct json *json, struct na_notes *notes, note_t note)
{
	char line[NA_NOTE_MAX];

	json_open(json, '[');
	while (json_next(json, ']')) {
		json_string(json, line, sizeof(line));
		note(notes, "%s", line);
	}
}

/* Return: false if the member is none of these. */
static bool take_about(struct json *json, const char *key,
		       struct report_source *source)
{
	if (!strcmp(key, "source"))
		take_source(json, source);
	else if (!strcmp(key, "confirmed"))
		source->is_unconfirmed = !json_bool(json);
	else if (!strcmp(key, "assumed"))
		take_notes(json, &source->notes, na_notes_assume);
	else if (!strcmp(key, "lost"))
		take_notes(json, &source->notes, na_notes_lose);
	else if (!strcmp(key, "assumed_more"))
		source->notes.assumed.nr_more =
			(u32)json_number(json, UINT32_MAX);
	else if (!strcmp(key, "lost_more"))
		source->notes.lost.nr_more = (u32)json_number(json, UINT32_MAX);
	else
		return false;
	return true;
}

static void take_version(struct json *json)
{
	if (json_number(json, ULLONG_MAX) != VERSION)
		json_fail(json, "it is an audit of another version");
}

static void take_member(struct json *json, const char *key,
			struct report *report)
{
	struct na_audit_result *result = &report->result;

	if (!strcmp(key, "noalias_audit"))
		take_version(json);
	else if (!strcmp(key, "conflicts"))
		take_conflicts(json, report);
	else if (!strcmp(key, "frames"))
		take_frames(json, result);
	else if (!strcmp(key, "seen"))
		take_seen(json, &result->seen);
	else if (!strcmp(key, "duration_ns"))
		result->duration_ns = json_number(json, ULLONG_MAX);
	else if (!strcmp(key, "cut"))
		take_cut(json, &result->cut);
	else if (!strcmp(key, "missed"))
		take_all_missed(json, report);
	else if (!strcmp(key, "missed_more"))
		result->nr_missed_more = (u32)json_number(json, UINT32_MAX);
	else if (!strcmp(key, "pid"))
		result->pid_only = (int)json_number(json, INT_MAX);
	else if (!strcmp(key, "ours_only"))
		result->ours_only = json_bool(json);
	else if (!take_about(json, key, &report->source) &&
		 !report_list_parse(json, key, &report->list))
		json_skip(json);
}

const char *report_parse(struct report *report, const struct cli_file *file)
{
	u32 i, seen = 0;
	char key[KEY_LEN];
	struct json json;

	memset(report, 0, sizeof(*report));
	json_begin(&json, file->text, file->len);
	json_open(&json, '{');
	while (json_next(&json, '}')) {
		json_key(&json, key, sizeof(key));
		for (i = 0; i < NR_REQUIRED; i++)
			if (!strcmp(key, required[i]))
				break;
		if (i < NR_REQUIRED && seen >> i & 1)
			json_fail(&json, "a member is there twice");
		seen |= i < NR_REQUIRED ? 1u << i : 0;
		take_member(&json, key, report);
	}
	json_finish(&json);
	if (json.error)
		return json.error;
	for (i = 0; i < NR_REQUIRED; i++)
		if (!(seen >> i & 1))
			return missing[i];
	return report_check(report);
}

int report_read_saved(struct report *report, const char *path)
{
	struct cli_file file;
	const char *wrong;
	int err = file_read(path, &file);

	memset(report, 0, sizeof(*report));
	if (err)
		return cli_trouble("%s: %s", path, file_error(err));
	wrong = report_parse(report, &file);
	free(file.text);
	return wrong ? cli_trouble("%s: %s", path, wrong) : CLI_CLEAN;
}
