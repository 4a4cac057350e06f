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

/** struct json_out - zeroed but for @file; the rest is the writer's own. */
struct json_out {
	FILE *file;
	bool has_item;
};

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
