/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Records of the module, one a line: a word, then KEY=VALUE separated by
 * single spaces. Names have no spaces: what is no printable ASCII, a space and
 * the backslash are written as \NNN.
 *
 * After the first error every call fails and returns nothing new, so callers
 * test once, at the end of a record. The error was said on stderr, with file
 * and line.
 */
#ifndef NA_CLI_RECORD_H
#define NA_CLI_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h"

/** RECORD_FIELDS_MAX - more are an error; today's records have up to 12. */
#define RECORD_FIELDS_MAX 32

/**
 * struct record - a line
 * @word: what it is about
 * @fields: what it says, in its order
 * @nr_fields: how many
 * @lines: for messages
 * @failed: an error was said
 */
struct record {
	const char *word;
	struct {
		const char *key;
		const char *value;
	} fields[RECORD_FIELDS_MAX];
	int nr_fields;
	const struct file_lines *lines;
	bool failed;
};

/**
 * record_next() - take the next line apart
 * @record: receives it; points into the file's text
 * @lines: where the reader stands
 *
 * Return: false after the last line, and after an error.
 */
bool record_next(struct record *record, struct file_lines *lines);

/** record_fail() - say what is wrong with it, if it is the first error. */
__attribute__((format(printf, 2, 3)))
void record_fail(struct record *record, const char *format, ...);

/** record_is() - is it about @word? */
bool record_is(const struct record *record, const char *word);

/** record_has() - does it say @key? */
bool record_has(const struct record *record, const char *key);

/** record_value() - as it stands there; "" and an error when it is missing. */
const char *record_value(struct record *record, const char *key);

/** record_number() - decimal, from 0 to @max. */
uint64_t record_number(struct record *record, const char *key, uint64_t max);

/** record_hex() - hexadecimal after 0x, from 0 to @max. */
uint64_t record_hex(struct record *record, const char *key, uint64_t max);

/**
 * record_name() - a name, without its escapes
 * @record: record
 * @key: of which field
 * @name: receives it; what does not fit is an error
 * @size: bytes of @name
 */
void record_name(struct record *record, const char *key, char *name,
		 size_t size);

#endif
