// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * JSON reader, RFC 8259, for what our own module and files say: strings,
 * whole numbers, objects, arrays. Other values are stepped over.
 */
#include "json.h"

#include <string.h>

#define DEPTH_MAX 32

void json_begin(struct json *json, const char *text, size_t len)
{
	json->at = text;
	json->end = text + len;
	json->error = NULL;
}

void json_fail(struct json *json, const char *error)
{
	if (!json->error)
		json->error = error;
	json->at = json->end;
}

/* The next byte that is not white space, or 0 at the end. */
static char peek(struct json *json)
{
	while (json->at < json->end && strchr(" \t\r\n", *json->at) &&
	       *json->at)
		json->at++;
	return json->at < json->end ? *json->at : 0;
}

static bool take(struct json *json, char c)
{
	if (peek(json) != c || !c)
		return false;
	json->at++;
	return true;
}

void json_open(struct json *json, char bracket)
{
	if (!take(json, bracket))
		json_fail(json, bracket == '{' ? "an object is missing" :
						 "an array is missing");
}

bool json_next(struct json *json, char bracket)
{
	const char *last = json->at;
	char c = peek(json);

	if (!c) {
		json_fail(json, "it ends too early");
		return false;
	}
	if (take(json, bracket))
		return false;
	/* What stands before the first member is its opening bracket. */
	if (last[-1] == (bracket == '}' ? '{' : '[') || take(json, ','))
		return true;
	json_fail(json, "a comma is missing");
	return false;
}

/* --- strings --------------------------------------------------------------- */

struct text {
	char *at;
	size_t room;
};

static void put(struct text *text, unsigned int byte)
{
	if (text->room < 2)
		return;
	*text->at++ = (char)byte;
	text->room--;
}

static void put_utf8(struct text *text, unsigned int code)
{
	if (code < 0x80) {
		put(text, code);
		return;
	}
	if (code < 0x800) {
		put(text, 0xc0 | code >> 6);
	} else {
		put(text, 0xe0 | code >> 12);
		put(text, 0x80 | (code >> 6 & 0x3f));
	}
	put(text, 0x80 | (code & 0x3f));
}

static unsigned int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + 10;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + 10;
	return 16;
}

static unsigned int take_code(struct json *json)
{
	unsigned int code = 0, digit, i;

	for (i = 0; i < 4; i++) {
		digit = json->at < json->end ? hex_digit(*json->at) : 16;
		if (digit == 16) {
			json_fail(json, "\\u without four digits");
			return 0;
		}
		code = code << 4 | digit;
		json->at++;
	}
	return code;
}

static void take_escape(struct json *json, struct text *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (json->at == json->end) {
		json_fail(json, "a string does not end");
		return;
	}
	c = *json->at++;
	if (c == 'u') {
		put_utf8(text, take_code(json));
		return;
	}
	found = c ? strchr(from, c) : NULL;
	if (found)
		put(text, (unsigned char)to[found - from]);
	else
		json_fail(json, "an escape is unknown");
}

void json_string(struct json *json, char *buffer, size_t size)
{
	struct text text = { buffer, size };

	if (!take(json, '"'))
		json_fail(json, "a string is missing");
	while (json->at < json->end && *json->at != '"') {
		if (*json->at == '\\') {
			json->at++;
			take_escape(json, &text);
		} else {
			put(&text, (unsigned char)*json->at++);
		}
	}
	if (size)
		*text.at = 0;
	if (json->at < json->end)
		json->at++;
	else
		json_fail(json, "a string does not end");
}

void json_key(struct json *json, char *key, size_t size)
{
	json_string(json, key, size);
	if (!take(json, ':'))
		json_fail(json, "a colon is missing");
}

/* --- other values ---------------------------------------------------------- */

unsigned long long json_number(struct json *json, unsigned long long max)
{
	unsigned long long value = 0;
	unsigned int digit;
	const char *first;

	(void)peek(json);
	first = json->at;
	while (json->at < json->end && *json->at >= '0' && *json->at <= '9') {
		digit = (unsigned int)(*json->at++ - '0');
		if (digit > max || value > (max - digit) / 10) {
			json_fail(json, "a number is too large");
			return 0;
		}
		value = value * 10 + digit;
	}
	if (json->at == first)
		json_fail(json, "a number is missing");
	return value;
}

bool json_bool(struct json *json)
{
	static const char *const words[] = { "false", "true" };
	size_t i, len;

	(void)peek(json);
	for (i = 0; i < 2; i++) {
		len = strlen(words[i]);
		if ((size_t)(json->end - json->at) < len ||
		    memcmp(json->at, words[i], len) != 0)
			continue;
		json->at += len;
		return i;
	}
	json_fail(json, "true or false is missing");
	return false;
}

static void skip_value(struct json *json, int depth);

static void skip_members(struct json *json, int depth, char open, char close)
{
	if (depth == DEPTH_MAX) {
		json_fail(json, "it is nested too deeply");
		return;
	}
	json_open(json, open);
	while (json_next(json, close)) {
		if (open == '{')
			json_key(json, NULL, 0);
		skip_value(json, depth + 1);
	}
}

static void skip_word(struct json *json)
{
	const char *first = json->at;

	while (json->at < json->end && *json->at &&
	       strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *json->at))
		json->at++;
	if (json->at == first)
		json_fail(json, "a value is missing");
}

static void skip_value(struct json *json, int depth)
{
	switch (peek(json)) {
	case '{':
		skip_members(json, depth, '{', '}');
		return;
	case '[':
		skip_members(json, depth, '[', ']');
		return;
	case '"':
		json_string(json, NULL, 0);
		return;
	default:
		skip_word(json);
	}
}

void json_skip(struct json *json)
{
	skip_value(json, 0);
}

void json_finish(struct json *json)
{
	if (!json->error && peek(json))
		json_fail(json, "something follows the end");
}
