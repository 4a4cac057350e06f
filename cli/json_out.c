// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "json_out.h"

#include <inttypes.h>

/* Bytes of the well-formed sequence at @text, or 0 (RFC 3629, section 4). */
static int utf8_len(const unsigned char *text)
{
	unsigned char low = 0x80, high = 0xbf;
	int len, i;

	if (text[0] < 0x80)
		return 1;
	if (text[0] < 0xc2 || text[0] > 0xf4)
		return 0;
	len = text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
	if (text[0] == 0xe0)
		low = 0xa0;
	if (text[0] == 0xed)
		high = 0x9f;
	if (text[0] == 0xf0)
		low = 0x90;
	if (text[0] == 0xf4)
		high = 0x8f;
	for (i = 1; i < len; i++) {
		if (text[i] < low || text[i] > high)
			return 0;
		low = 0x80;
		high = 0xbf;
	}
	return len;
}

static void put_string(struct json_out *out, const char *text)
{
	int len;

	fputc('"', out->file);
	for (; *text; text += len ? len : 1) {
		len = utf8_len((const unsigned char *)text);
		if (!len)
			fputs("\\ufffd", out->file);
		else if (*text == '"' || *text == '\\')
			fprintf(out->file, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			fprintf(out->file, "\\u%04x", *text);
		else
			fwrite(text, 1, (size_t)len, out->file);
	}
	fputc('"', out->file);
}

/* What stands before a value. */
static void put_key(struct json_out *out, const char *key)
{
	if (out->has_item)
		fputc(',', out->file);
	out->has_item = true;
	if (!key)
		return;
	put_string(out, key);
	fputc(':', out->file);
}

void put_open(struct json_out *out, const char *key, char bracket)
{
	put_key(out, key);
	fputc(bracket, out->file);
	out->has_item = false;
}

void put_close(struct json_out *out, char bracket)
{
	fputc(bracket, out->file);
	out->has_item = true;
}

void put_end(struct json_out *out, char bracket)
{
	put_close(out, bracket);
	fputc('\n', out->file);
	out->has_item = false;
}

void put_text(struct json_out *out, const char *key, const char *text)
{
	put_key(out, key);
	put_string(out, text);
}

void put_number(struct json_out *out, const char *key, uint64_t value)
{
	put_key(out, key);
	fprintf(out->file, "%" PRIu64, value);
}

void put_real(struct json_out *out, const char *key, double value, int digits)
{
	put_key(out, key);
	fprintf(out->file, "%.*f", digits, value);
}

void put_bool(struct json_out *out, const char *key, bool value)
{
	put_key(out, key);
	fputs(value ? "true" : "false", out->file);
}
