/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A pull reader of JSON. It builds no tree.
 *
 * After the first error every call fails, so callers check once, at the end.
 */
#ifndef NA_CLI_JSON_H
#define NA_CLI_JSON_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct json - state of the reader
 * @error: first error and its place, or NULL; overwritten by the next reader
 */
struct json {
	const char *begin;
	const char *at;
	const char *end;
	const char *error;
};

/** json_begin() - begin to read @len bytes of @text. */
void json_begin(struct json *json, const char *text, size_t len);

/** json_fail() - record @error and the position, if it is the first. */
void json_fail(struct json *json, const char *error);

/** json_open() - read '{' or '['. */
void json_open(struct json *json, char bracket);

/**
 * json_next() - is there another member or item?
 * @json: reader
 * @bracket: '}' or ']', which is then consumed
 */
bool json_next(struct json *json, char bracket);

/** json_key() - read a member's key and the colon; truncated to @size. */
void json_key(struct json *json, char *key, size_t size);

/**
 * json_string() - read a string as UTF-8; truncated to @size, between
 * characters
 *
 * Half a surrogate pair is an error (RFC 8259, 8.2: its meaning is not
 * defined), and so are a NUL, which would end a C string, and an unescaped
 * control character.
 */
void json_string(struct json *json, char *text, size_t size);

/** json_number() - read a whole number from 0 to @max. */
unsigned long long json_number(struct json *json, unsigned long long max);

/** json_bool() - read true or false. */
bool json_bool(struct json *json);

/** json_skip() - skip any value. */
void json_skip(struct json *json);

/** json_finish() - check that only white space is left. */
void json_finish(struct json *json);

#endif
