// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit as JSON: one object, one line a conflict.
 *
 * Addresses are strings, "0xff011000", because a number above 2^53 does not
 * survive most readers. Frames and counts are numbers. Names are what a
 * process or a file system says, any bytes at all: well-formed UTF-8 stays,
 * control characters are escaped, also those above 0x7f, any other byte becomes
 * U+FFFD, so that the output is always well-formed.
 */
#include "report_print.h"

/* --- names ---------------------------------------------------------------- */

/* Bytes of the well-formed sequence at @text, or 0 (RFC 3629, section 4). */
static u32 utf8_len(const u8 *text, u32 room)
{
	u32 len, i;
	u8 low = 0x80, high = 0xbf;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	len = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (text[0] == 0xe0)
		low = 0xa0;
	if (text[0] == 0xed)
		high = 0x9f;
	if (text[0] == 0xf0)
		low = 0x90;
	if (text[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i < len; i++) {
		if (i >= room || text[i] < low || text[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

static void put_escaped(struct na_sink *sink, u8 code)
{
	na_put(sink, "\\u");
	na_put_hex(sink, code, 4);
}

static void put_ascii(struct na_sink *sink, char c)
{
	(void)NA_ASSERT((u8)c < 0x80);
	if (c == '"' || c == '\\') {
		na_put_char(sink, '\\');
		na_put_char(sink, c);
	} else if (c < ' ' || c == 0x7f) {
		put_escaped(sink, (u8)c);
	} else {
		na_put_char(sink, c);
	}
}

/* 0x80 to 0x9f: a terminal may take them for commands. */
static bool is_control(const char *text, u32 len)
{
	(void)NA_ASSERT(len);
	return len == 2 && (u8)text[0] == 0xc2 && (u8)text[1] < 0xa0;
}

static void put_name(struct na_sink *sink, const char *name, u32 room)
{
	u32 len;

	na_put_char(sink, '"');
	for (; room && *name; room -= len, name += len) {
		len = utf8_len((const u8 *)name, room);
		(void)NA_ASSERT(len <= room);
		if (len == 1) {
			put_ascii(sink, *name);
		} else if (len && is_control(name, len)) {
			put_escaped(sink, (u8)name[1]);
		} else if (len) {
			sink->put(sink, name, len);
		} else {
			na_put(sink, "\\ufffd");
			len = 1;
		}
	}
	na_put_char(sink, '"');
}

/* --- values --------------------------------------------------------------- */

static void put_key(struct na_sink *sink, const char *glue, const char *key)
{
	na_put(sink, glue);
	na_put_char(sink, '"');
	na_put(sink, key);
	na_put(sink, "\":");
}

static void put_number(struct na_sink *sink, const char *glue,
		       const char *key, u64 value)
{
	put_key(sink, glue, key);
	na_put_dec(sink, value);
}

/* Of our own words, which need no escape. */
static void put_word(struct na_sink *sink, const char *glue, const char *key,
		     const char *word)
{
	(void)NA_ASSERT(*word != '"' && *word != '\\');
	put_key(sink, glue, key);
	na_put_char(sink, '"');
	na_put(sink, word);
	na_put_char(sink, '"');
}

static void put_va(struct na_sink *sink, const char *glue, const char *key,
		   u64 va)
{
	put_key(sink, glue, key);
	na_put(sink, "\"0x");
	na_put_va(sink, va);
	na_put_char(sink, '"');
}

/* --- a conflict ----------------------------------------------------------- */

static void put_process(const struct na_audit_owner *owner,
			struct na_sink *sink)
{
	put_number(sink, ",", "pid", (u64)owner->pid);
	put_key(sink, ",", "comm");
	put_name(sink, owner->comm, sizeof(owner->comm));
	put_key(sink, ",", "perms");
	put_name(sink, owner->perms, sizeof(owner->perms));
}

static void put_slot(const struct na_audit_party *party,
		     const struct na_audit_owner *owner, struct na_sink *sink)
{
	put_number(sink, ",", "slot",
		   (party->va_low - owner->start) >> NA_AUDIT_PAGE_SHIFT);
}

static void put_party(const struct na_audit_result *result,
		      const struct na_audit_party *party, const char *glue,
		      struct na_sink *sink)
{
	const struct na_audit_owner *owner = na_audit_owner_of(result, party);

	na_put(sink, glue);
	put_word(sink, "{", "space", na_space_name(owner->space));
	put_word(sink, ",", "type", na_audit_type_name(party->type));
	put_word(sink, ",", "entry", na_audit_type_name(party->entry));
	put_key(sink, ",", "name");
	put_name(sink, owner->name, sizeof(owner->name));
	if (owner->space == NA_SPACE_PROCESS)
		put_process(owner, sink);
	if (owner->space == NA_SPACE_KMAP)
		put_slot(party, owner, sink);
	if (owner->space != NA_SPACE_LEDGER) {
		put_va(sink, ",", "va", party->va_low);
		put_va(sink, ",", "va_end", party->va_high);
		put_va(sink, ",", "start", owner->start);
		put_va(sink, ",", "end", owner->end);
	}
	na_put_char(sink, '}');
}

void na_audit_json_begin(struct na_sink *sink)
{
	put_number(sink, "{", "noalias_audit", 1);
	put_key(sink, ",\n", "conflicts");
	na_put(sink, "[\n");
}

void na_audit_json_conflict(const struct na_audit_result *result, u32 idx,
			    struct na_sink *sink)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	u32 i;

	(void)NA_ASSERT(idx < result->nr_conflicts);
	na_put(sink, idx ? "," : "");
	put_word(sink, "{", "grade", na_grade_name(conflict->grade));
	put_word(sink, ",", "kind", na_frame_kind_name(conflict->kind));
	put_number(sink, ",", "first_frame", conflict->run.first.nr);
	put_number(sink, ",", "nr_frames", conflict->run.nr);
	put_number(sink, ",", "nr_more", conflict->nr_more);
	put_number(sink, ",", "group", conflict->group);
	put_key(sink, ",", "parties");
	na_put_char(sink, '[');
	for (i = 0; i < conflict->nr_parties; i++)
		put_party(result, na_audit_party_at(result, conflict, i),
			  i ? "," : "", sink);
	na_put(sink, "]}\n");
}

/* --- the end -------------------------------------------------------------- */

static void put_grade(const struct na_audit_result *result, const char *glue,
		      enum na_grade grade, struct na_sink *sink)
{
	u32 kind;

	put_key(sink, glue, na_grade_name(grade));
	for (kind = 0; kind < NR_NA_KINDS; kind++)
		put_number(sink, kind ? "," : "{", na_frame_kind_name(kind),
			   result->nr_frames[grade][kind]);
	na_put_char(sink, '}');
}

static void put_seen(const struct na_audit_result *result,
		     struct na_sink *sink)
{
	const struct na_audit_seen *seen = &result->seen;

	put_number(sink, "{", "walks", seen->nr_walks);
	put_number(sink, ",", "pages", seen->nr_pages);
	put_number(sink, ",", "mappings", seen->nr_mappings);
	put_number(sink, ",", "processes", seen->nr_processes);
	put_number(sink, ",", "frames", seen->nr_frames);
	put_number(sink, ",", "changed", seen->nr_changed);
	na_put_char(sink, '}');
}

static void put_words(const char *const *words, struct na_sink *sink)
{
	const char *glue = "[\"";

	for (; *words; words++) {
		na_put(sink, glue);
		na_put(sink, *words);
		glue = "\",\"";
	}
	na_put(sink, "\"]");
}

static void put_cut(u32 cut, struct na_sink *sink)
{
	const char *glue = "\"";
	u32 i;

	(void)NA_ASSERT(!(cut >> NR_NA_AUDIT_CUTS));
	na_put_char(sink, '[');
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++) {
		if (!(cut >> i & 1))
			continue;
		na_put(sink, glue);
		na_put(sink, na_audit_cut_name(i));
		na_put_char(sink, '"');
		glue = ",\"";
	}
	na_put_char(sink, ']');
}

static void put_missed(const struct na_audit_result *result,
		       struct na_sink *sink)
{
	const struct na_audit_missed *missed = result->missed;
	u32 i;

	na_put_char(sink, '[');
	for (i = 0; i < result->nr_missed; i++, missed++) {
		put_word(sink, i ? ",{" : "{", "space",
			 na_space_name(missed->space));
		if (missed->space == NA_SPACE_PROCESS) {
			put_number(sink, ",", "pid", (u64)missed->pid);
			put_key(sink, ",", "comm");
			put_name(sink, missed->comm, sizeof(missed->comm));
		}
		put_key(sink, ",", "cut");
		put_cut(missed->cut, sink);
		na_put_char(sink, '}');
	}
	na_put_char(sink, ']');
}

void na_audit_json_end(const struct na_audit_result *result,
		       struct na_sink *sink)
{
	put_key(sink, "],\n", "frames");
	put_grade(result, "{", NA_GRADE_ALIAS, sink);
	put_grade(result, ",", NA_GRADE_MIXED, sink);
	put_key(sink, "},\n", "seen");
	put_seen(result, sink);
	put_number(sink, ",\n", "duration_ns", result->duration_ns);
	put_key(sink, ",\n", "ours_only");
	na_put(sink, result->ours_only ? "true" : "false");
	put_key(sink, ",\n", "cut");
	put_cut(result->cut, sink);
	put_key(sink, ",\n", "missed");
	put_missed(result, sink);
	put_number(sink, ",", "missed_more", result->nr_missed_more);
	put_key(sink, ",\n", "cannot_see");
	put_words(na_audit_blind, sink);
	na_put(sink, "}\n");
}
