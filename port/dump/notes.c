// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lines that a reader of an image has to tell.
 */
#include <stdarg.h>

#include "notes.h"

/* Names, releases and a library's words come from what may be hostile. */
__attribute__((format(printf, 2, 0)))
static void format_line(char *line, const char *format, va_list args)
{
	vsnprintf(line, NA_NOTE_MAX, format, args);
	for (; *line; line++)
		if ((u8)*line < 0x20 || *line == 0x7f)
			*line = '?';
}

int na_notes_fail(struct na_notes *notes, const char *format, ...)
{
	va_list args;

	if (notes->error[0])
		return -1;
	va_start(args, format);
	format_line(notes->error, format, args);
	va_end(args);
	return -1;
}

__attribute__((format(printf, 2, 0)))
static void add(struct na_note_list *list, const char *format, va_list args)
{
	char line[NA_NOTE_MAX];
	u32 i;

	format_line(line, format, args);
	for (i = 0; i < list->nr; i++)
		if (!strcmp(list->lines[i], line))
			return;
	if (list->nr == NA_NOTES_MAX)
		list->nr_more++;
	else
		memcpy(list->lines[list->nr++], line, sizeof(line));
}

void na_notes_assume(struct na_notes *notes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&notes->assumed, format, args);
	va_end(args);
}

void na_notes_lose(struct na_notes *notes, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(&notes->lost, format, args);
	va_end(args);
}
