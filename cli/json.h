/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A reader of JSON that is asked for what comes next. It builds no tree.
 *
 * After the first error every call fails and returns nothing new, so callers
 * test once, at the end.
 */
#ifndef NA_CLI_JSON_H
#define NA_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct json - where the reader stands
 * @error: first error and its place, or NULL; the next reader writes over it
 */
struct json {
	const char *begin;
	const char *at;
	const char *end;
	const char *error;
};

/** json_begin() - read @len bytes of @text. */
void json_begin(struct json *json, const char *text, size_t len);

/** json_fail() - record @error and where the reader is, if it is the first. */
void json_fail(struct json *json, const char *error);

/** json_open() - '{' or '[' comes next. */
void json_open(struct json *json, char bracket);

/**
 * json_next() - is there another member or item?
 * @json: reader
 * @bracket: '}' or ']', which is then consumed
 */
bool json_next(struct json *json, char bracket);

/** json_key() - key of a member, up to its colon; cut at @size. */
void json_key(struct json *json, char *key, size_t size);

/**
 * json_string() - as UTF-8; cut at @size, and never within a character
 *
 * Half a surrogate pair is an error (RFC 8259, 8.2: nobody knows what it
 * means), and so are a NUL, which would end the text for us alone, and a
 * control character that is not escaped.
 */
void json_string(struct json *json, char *text, size_t size);

/** json_number() - a whole number from 0 to @max. */
unsigned long long json_number(struct json *json, unsigned long long max);

/** json_bool() - true or false. */
bool json_bool(struct json *json);

/** json_skip() - any value. */
void json_skip(struct json *json);

/** json_finish() - nothing but white space is left. */
void json_finish(struct json *json);

#endif
