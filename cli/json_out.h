/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A writer of JSON. Members are written in the order of the calls; the writer
 * adds commas. Strings may have any bytes: those that are not well-formed UTF-8
 * become U+FFFD.
 */
#ifndef NA_CLI_JSON_OUT_H
#define NA_CLI_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/**
 * struct json_out - zero except @file and @one_line
 * @file: output
 * @one_line: no newlines except after the end
 * @has_item: private, as is the rest
 * @breaks: write a newline before the next item
 */
struct json_out {
	FILE *file;
	bool one_line;
	bool has_item;
	bool breaks;
};

/** put_newline() - write a newline now. */
void put_newline(struct json_out *out);

/** put_break() - write a newline before the next item. */
void put_break(struct json_out *out);

/** put_open() - write '{' or '['; @key is NULL within a list or at the top. */
void put_open(struct json_out *out, const char *key, char bracket);

/** put_close() - write '}' or ']' */
void put_close(struct json_out *out, char bracket);

/** put_end() - write the last bracket and a newline. */
void put_end(struct json_out *out, char bracket);

void put_text(struct json_out *out, const char *key, const char *text);
void put_number(struct json_out *out, const char *key, uint64_t value);
/** put_real() - with @digits after the point. */
void put_real(struct json_out *out, const char *key, double value, int digits);
void put_bool(struct json_out *out, const char *key, bool value);

#endif
