/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the writers of audit results share. There is no printf() here: each
 * call puts one piece of text into a sink.
 */
#ifndef NA_CLI_REPORT_PRINT_H
#define NA_CLI_REPORT_PRINT_H

#include <noalias/audit.h>

/**
 * struct na_sink - where text goes
 * @put: takes @len bytes; called any number of times
 */
struct na_sink {
	void (*put)(struct na_sink *sink, const char *text, size_t len);
};

/**
 * enum na_audit_format - how a result is written
 * @NA_AUDIT_TEXT: for people; nothing but printable ASCII and newlines
 * @NA_AUDIT_JSON: one object, UTF-8; names may hold anything and are escaped
 */
enum na_audit_format {
	NA_AUDIT_TEXT,
	NA_AUDIT_JSON,
};

/**
 * na_audit_print_begin() - what stands before the conflicts
 * @result: result
 * @format: format
 * @sink: receives the text
 *
 * Context: that of the sink.
 */
void na_audit_print_begin(const struct na_audit_result *result,
			  enum na_audit_format format, struct na_sink *sink);

/**
 * na_audit_print_conflict() - one conflict, a few KiB at most; as text, all of
 * a group with its first and nothing with the others
 * @result: result
 * @idx: which, in rising order for well-formed JSON
 * @format: format
 * @sink: receives the text
 *
 * Context: that of the sink.
 */
void na_audit_print_conflict(const struct na_audit_result *result, u32 idx,
			     enum na_audit_format format,
			     struct na_sink *sink);

/** na_audit_print_end() - what stands after them, the verdict last. */
void na_audit_print_end(const struct na_audit_result *result,
			enum na_audit_format format, struct na_sink *sink);

/** na_audit_print() - all of it. */
void na_audit_print(const struct na_audit_result *result,
		    enum na_audit_format format, struct na_sink *sink);

/** na_put() - @text as it stands. */
void na_put(struct na_sink *sink, const char *text);

/** na_put_char() - one byte. */
void na_put_char(struct na_sink *sink, char c);

/** na_put_dec() - decimal. */
void na_put_dec(struct na_sink *sink, u64 value);

/** na_put_ms() - @ns as milliseconds with one decimal. */
void na_put_ms(struct na_sink *sink, u64 ns);

/** na_put_hex() - hexadecimal, no prefix, at least @width digits. */
void na_put_hex(struct na_sink *sink, u64 value, u32 width);

/** na_put_va() - an address: 8 digits, or 12, or 16, as it needs. */
void na_put_va(struct na_sink *sink, u64 va);

/** na_audit_party_at() - party @i of @conflict. */
static inline const struct na_audit_party *
na_audit_party_at(const struct na_audit_result *result,
		  const struct na_audit_conflict *conflict, u32 i)
{
	(void)NA_ASSERT(i < conflict->nr_parties &&
			conflict->first_party + i < result->nr_parties);
	return &result->parties[conflict->first_party + i];
}

/** na_audit_owner_of() - who has @party. */
static inline const struct na_audit_owner *
na_audit_owner_of(const struct na_audit_result *result,
		  const struct na_audit_party *party)
{
	(void)NA_ASSERT(party->owner < result->nr_owners);
	return &result->owners[party->owner];
}

/** na_audit_party_pages() - pages between its lowest and highest address. */
static inline u64 na_audit_party_pages(const struct na_audit_party *party)
{
	return (party->va_high - party->va_low) >> NA_AUDIT_PAGE_SHIFT;
}

/** na_audit_blind - what no audit can see; ends with NULL. */
extern const char *const na_audit_blind[];

/** na_audit_text_conflict() - a block for people; with the first of a group. */
void na_audit_text_conflict(const struct na_audit_result *result, u32 idx,
			    struct na_sink *sink);

/** na_audit_text_end() - what was seen, what cannot be, and the verdict. */
void na_audit_text_end(const struct na_audit_result *result,
		       struct na_sink *sink);

/** na_audit_json_begin() - up to the bracket of the conflicts. */
void na_audit_json_begin(struct na_sink *sink);

/** na_audit_json_conflict() - a line, with the comma before it. */
void na_audit_json_conflict(const struct na_audit_result *result, u32 idx,
			    struct na_sink *sink);

/** na_audit_json_end() - from the closing bracket on. */
void na_audit_json_end(const struct na_audit_result *result,
		       struct na_sink *sink);

#endif
