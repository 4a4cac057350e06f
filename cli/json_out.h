/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A writer of JSON. Members come in the order in which they are put; commas
 * are its own business. Text may hold any bytes: what is not well-formed
 * UTF-8 becomes U+FFFD.
 */
#ifndef NA_CLI_JSON_OUT_H
#define NA_CLI_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json_out - zeroed but for @file and @one_line
 * @file: where it goes
 * @one_line: no newlines but the one after the end
 * @has_item: the writer's own, as are the rest
 * @breaks: a newline stands before the next item
 */
struct json_out {
	FILE *file;
	bool one_line;
	bool has_item;
	bool breaks;
};

/** put_newline() - here. */
void put_newline(struct json_out *out);

/** put_break() - before the next item, after its comma. */
void put_break(struct json_out *out);

/** put_open() - '{' or '['; @key is NULL within a list or at the top. */
void put_open(struct json_out *out, const char *key, char bracket);

/** put_close() - '}' or ']' */
void put_close(struct json_out *out, char bracket);

/** put_end() - the last bracket, and a newline. */
void put_end(struct json_out *out, char bracket);

void put_text(struct json_out *out, const char *key, const char *text);
void put_number(struct json_out *out, const char *key, uint64_t value);
/** put_real() - with @digits after the point. */
void put_real(struct json_out *out, const char *key, double value, int digits);
void put_bool(struct json_out *out, const char *key, bool value);

#endif
