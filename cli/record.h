/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Records of the module, one a line: a word, then KEY=VALUE separated by
 * single spaces. In names, a space, a backslash and bytes that are not
 * printable ASCII are written as \NNN.
 *
 * After the first error every call fails, so callers check once, at the end of
 * a record. The error is printed to stderr, with file and line.
 */
#ifndef NA_CLI_RECORD_H
#define NA_CLI_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h"

/** RECORD_FIELDS_MAX - more are an error; current records have up to 12. */
#define RECORD_FIELDS_MAX 32

/**
 * struct record - a line
 * @word: type of the record
 * @fields: fields, in their order
 * @nr_fields: length of @fields
 * @lines: for messages
 * @failed: an error was printed
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
 * record_next() - parse the next line
 * @record: receives it; points into the file's text
 * @lines: reader of the lines
 *
 * Return: false after the last line, and after an error.
 */
bool record_next(struct record *record, struct file_lines *lines);

/** record_fail() - print an error, if it is the first. */
__attribute__((format(printf, 2, 3)))
void record_fail(struct record *record, const char *format, ...);

/** record_is() - is it of type @word? */
bool record_is(const struct record *record, const char *word);

/** record_has() - does it have @key? */
bool record_has(const struct record *record, const char *key);

/** record_value() - unparsed value; "" and an error if it is missing. */
const char *record_value(struct record *record, const char *key);

/** record_number() - decimal value, from 0 to @max. */
uint64_t record_number(struct record *record, const char *key, uint64_t max);

/** record_hex() - hexadecimal value after 0x, from 0 to @max. */
uint64_t record_hex(struct record *record, const char *key, uint64_t max);

/**
 * record_name() - name, unescaped
 * @record: record
 * @key: key of the field
 * @name: receives the name; too long is an error
 * @size: bytes of @name
 */
void record_name(struct record *record, const char *key, char *name,
		 size_t size);

#endif
