// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * JSON reader, RFC 8259, for saved reports: strings, whole numbers, objects,
 * arrays. Other values are skipped.
 */
#include "json.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 32
#define ERROR_LEN 160

void json_fail(struct json *json, const char *error)
{
	static char message[ERROR_LEN];
	const char *at, *line = json->begin;
	size_t nr = 1;

	if (!json->error) {
		for (at = json->begin; at < json->at; at++)
			if (*at == '\n') {
				nr++;
				line = at + 1;
			}
		snprintf(message, sizeof(message), "line %zu, byte %zu: %s", nr,
			 (size_t)(json->at - line) + 1, error);
		json->error = message;
	}
	json->at = json->end;
}

/* A NUL would end the text for C strings. */
static void refuse_nul(struct json *json)
{
	const char *nul = memchr(json->at, 0, (size_t)(json->end - json->at));

	if (!nul)
		return;
	json->at = nul;
	json_fail(json, "a byte is NUL");
}

void json_begin(struct json *json, const char *text, size_t len)
{
	json->begin = json->at = text;
	json->end = text + len;
	json->error = NULL;
	refuse_nul(json);
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
	/* Before the first member comes the opening bracket. */
	if (last[-1] == (bracket == '}' ? '{' : '[') || take(json, ','))
		return true;
	json_fail(json, "a comma is missing");
	return false;
}

/* --- strings --------------------------------------------------------------- */

/* A full text takes no more, so that it contains the beginning. */
struct text {
	char *at;
	size_t room;
};

/* All bytes of a character, or none. */
static void put(struct text *text, const unsigned char *bytes, size_t len)
{
	if (text->room <= len) {
		text->room = 0;
		return;
	}
	memcpy(text->at, bytes, len);
	text->at += len;
	text->room -= len;
}

/* RFC 3629, section 3. */
static void put_utf8(struct text *text, unsigned int code)
{
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 :
		     code < 0x10000 ? 3 : 4, i;
	unsigned char bytes[4];

	for (i = len - 1; i > 0; i--, code >>= 6)
		bytes[i] = (unsigned char)(0x80 | (code & 0x3f));
	bytes[0] = (unsigned char)(first[len] | code);
	put(text, bytes, len);
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

static bool is_high(unsigned int code)
{
	return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low(unsigned int code)
{
	return code >= 0xdc00 && code <= 0xdfff;
}

/* After \u: one code, or the two of a surrogate pair. */
static void take_unicode(struct json *json, struct text *text)
{
	unsigned int code = take_code(json), low = 0;

	if (json->error)
		return;
	if (is_high(code) && json->end - json->at > 2 && json->at[0] == '\\' &&
	    json->at[1] == 'u') {
		json->at += 2;
		low = take_code(json);
	}
	if (!code)
		json_fail(json, "\\u0000 in a text");
	else if (is_low(code) || (is_high(code) && !is_low(low)))
		json_fail(json, "half a surrogate pair");
	else if (is_high(code))
		put_utf8(text, 0x10000 + ((code - 0xd800) << 10) +
			 (low - 0xdc00));
	else
		put_utf8(text, code);
}

static void take_escape(struct json *json, struct text *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	char c;

	if (json->at == json->end)
		return;
	c = *json->at++;
	if (c == 'u') {
		take_unicode(json, text);
		return;
	}
	found = c ? strchr(from, c) : NULL;
	if (found)
		put(text, (const unsigned char *)&to[found - from], 1);
	else
		json_fail(json, "an escape is unknown");
}

/* An unescaped character; names of tasks that are not UTF-8 are kept. */
static void take_plain(struct json *json, struct text *text)
{
	const unsigned char *at = (const unsigned char *)json->at;
	size_t left = (size_t)(json->end - json->at), len = 1;

	if (*at < ' ') {
		json_fail(json, "a control character in a text");
		return;
	}
	if (*at >= 0xc2)
		while (len < 4 && len < left && (at[len] & 0xc0) == 0x80)
			len++;
	put(text, at, len);
	json->at += len;
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
			take_plain(json, &text);
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
	else if (*first == '0' && json->at - first > 1)
		json_fail(json, "a number begins with 0");
	else if (json->at < json->end && *json->at && strchr(".eE", *json->at))
		json_fail(json, "a number is not whole");
	return json->error ? 0 : value;
}

/* Skips one of @nr words; returns @nr if none of them comes next. */
static size_t find_word(struct json *json, const char *const *words, size_t nr)
{
	size_t i, len;

	(void)peek(json);
	for (i = 0; i < nr; i++) {
		len = strlen(words[i]);
		if ((size_t)(json->end - json->at) < len ||
		    memcmp(json->at, words[i], len) != 0)
			continue;
		json->at += len;
		break;
	}
	return i;
}

bool json_bool(struct json *json)
{
	static const char *const words[] = { "false", "true" };
	size_t found = find_word(json, words, 2);

	if (found == 2)
		json_fail(json, "true or false is missing");
	return found == 1;
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

static bool skip_digits(struct json *json)
{
	const char *first = json->at;

	while (json->at < json->end && *json->at >= '0' && *json->at <= '9')
		json->at++;
	return json->at > first;
}

static bool skip_one_of(struct json *json, const char *bytes)
{
	if (json->at == json->end || !strchr(bytes, *json->at))
		return false;
	json->at++;
	return true;
}

/* RFC 8259, section 6. */
static bool skip_number(struct json *json)
{
	bool is_good;

	(void)skip_one_of(json, "-");
	is_good = skip_one_of(json, "0") || skip_digits(json);
	if (is_good && skip_one_of(json, "."))
		is_good = skip_digits(json);
	if (is_good && skip_one_of(json, "eE")) {
		(void)skip_one_of(json, "+-");
		is_good = skip_digits(json);
	}
	return is_good;
}

static void skip_word(struct json *json)
{
	static const char *const words[] = { "false", "true", "null" };

	if (find_word(json, words, 3) == 3 && !skip_number(json))
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
	(void)peek(json);
	if (!json->error && json->at < json->end)
		json_fail(json, "something follows the end");
}
