// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "json_out.h"

#include <inttypes.h>

#include "character.h"

static void put_string(struct json_out *out, const char *text)
{
	int len;

	fputc('"', out->file);
	for (; *text; text += len ? len : 1) {
		len = character_len(text);
		if (!len)
			fputs("\\ufffd", out->file);
		else if (*text == '"' || *text == '\\')
			fprintf(out->file, "\\%c", *text);
		else if (character_is_control(text, len))
			/* Of two bytes the second is its number. */
			fprintf(out->file, "\\u%04x",
				(unsigned char)text[len - 1]);
		else
			fwrite(text, 1, (size_t)len, out->file);
	}
	fputc('"', out->file);
}

void put_newline(struct json_out *out)
{
	if (!out->one_line)
		fputc('\n', out->file);
}

void put_break(struct json_out *out)
{
	out->breaks = true;
}

/* Comma, white space and key before a value. */
static void put_key(struct json_out *out, const char *key)
{
	if (out->has_item)
		fputc(',', out->file);
	if (out->breaks)
		put_newline(out);
	out->has_item = true;
	out->breaks = false;
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
