// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyz_"

void record_fail(struct record *record, const char *format, ...)
{
	char text[200];
	va_list args;

	if (record->failed)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	file_lines_fail(record->lines, "%s", text);
	record->failed = true;
}

/* --- a line ---------------------------------------------------------------- */

/* A key must not occur twice. */
static void take_field(struct record *record, char *text)
{
	size_t len = strspn(text, LETTERS);

	if (!len || text[len] != '=') {
		record_fail(record, "%s: '%.20s' is not KEY=VALUE",
			    record->word, text);
		return;
	}
	text[len] = 0;
	if (record_has(record, text)) {
		record_fail(record, "%s: %.20s is there twice", record->word,
			    text);
		return;
	}
	if (record->nr_fields == RECORD_FIELDS_MAX) {
		record_fail(record, "%s has more than %d values", record->word,
			    RECORD_FIELDS_MAX);
		return;
	}
	record->fields[record->nr_fields].key = text;
	record->fields[record->nr_fields++].value = text + len + 1;
}

bool record_next(struct record *record, struct file_lines *lines)
{
	char *text = file_lines_next(lines), *field;
	size_t len;

	record->lines = lines;
	record->nr_fields = 0;
	if (!text || record->failed)
		return false;
	len = strspn(text, LETTERS);
	if (!len || (text[len] && text[len] != ' ')) {
		record_fail(record, "it begins with no word");
		return false;
	}
	record->word = strsep(&text, " ");
	while (!record->failed && (field = strsep(&text, " ")))
		take_field(record, field);
	return !record->failed;
}

/* --- values ---------------------------------------------------------------- */

bool record_is(const struct record *record, const char *word)
{
	return !strcmp(record->word, word);
}

static const char *find(const struct record *record, const char *key)
{
	int i;

	for (i = 0; i < record->nr_fields; i++)
		if (!strcmp(record->fields[i].key, key))
			return record->fields[i].value;
	return NULL;
}

bool record_has(const struct record *record, const char *key)
{
	return find(record, key);
}

const char *record_value(struct record *record, const char *key)
{
	const char *value = find(record, key);

	if (!value)
		record_fail(record, "%s does not say %s", record->word, key);
	return value ? value : "";
}

static bool take_digits(const char *text, unsigned int base, uint64_t max,
			uint64_t *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;
	uint64_t digit;

	*value = 0;
	if (!*text || (*text == '0' && text[1]))
		return false;
	for (; *text; text++) {
		found = memchr(digits, *text, base);
		if (!found)
			return false;
		digit = (uint64_t)(found - digits);
		if (digit > max || *value > (max - digit) / base)
			return false;
		*value = *value * base + digit;
	}
	return true;
}

uint64_t record_number(struct record *record, const char *key, uint64_t max)
{
	const char *text = record_value(record, key);
	uint64_t value;

	if (take_digits(text, 10, max, &value))
		return value;
	record_fail(record, "%s: %s is '%.20s', allowed: 0 to %" PRIu64,
		    record->word, key, text, max);
	return 0;
}

uint64_t record_hex(struct record *record, const char *key, uint64_t max)
{
	const char *text = record_value(record, key);
	uint64_t value;

	if (!strncmp(text, "0x", 2) && take_digits(text + 2, 16, max, &value))
		return value;
	record_fail(record, "%s: %s is '%.20s', allowed: 0x0 to 0x%" PRIx64,
		    record->word, key, text, max);
	return 0;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The byte at @text and the length of its encoding; 0: malformed. */
static int take_byte(const char *text, char *byte)
{
	unsigned int code;

	*byte = *text;
	if (*text <= ' ' || *text > '~')
		return 0;
	if (*text != '\\')
		return 1;
	if (!is_octal(text[1]) || !is_octal(text[2]) || !is_octal(text[3]))
		return 0;
	code = (unsigned int)(text[1] - '0') << 6 |
	       (unsigned int)(text[2] - '0') << 3 |
	       (unsigned int)(text[3] - '0');
	*byte = (char)code;
	return code && code < 256 ? 4 : 0;
}

void record_name(struct record *record, const char *key, char *name,
		 size_t size)
{
	const char *text = record_value(record, key);
	size_t len = 0;
	int taken;
	char byte;

	for (; *text && len < size - 1; text += taken) {
		taken = take_byte(text, &byte);
		if (!taken) {
			record_fail(record, "%s: %s is not an escaped name",
				    record->word, key);
			break;
		}
		name[len++] = byte;
	}
	name[len] = 0;
	if (*text)
		record_fail(record, "%s: %s is longer than %zu bytes",
			    record->word, key, size - 1);
}
