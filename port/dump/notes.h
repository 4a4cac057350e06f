/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: what a reader of an image has to tell
 *
 * Three kinds of lines: the error that ended it; assumptions, without which
 * nothing could be said and which may be wrong; and losses: what could not be
 * read, for which an audit is incomplete. Whatever they quote, each is one line
 * without control characters.
 */
#ifndef NA_DUMP_NOTES_H
#define NA_DUMP_NOTES_H

#include <na_platform.h>

#define NA_NOTE_MAX	240u
#define NA_NOTES_MAX	32u

/**
 * struct na_note_list - lines of one kind
 * @lines: the lines, different ones
 * @nr: how many
 * @nr_more: further ones for which there was no room
 */
struct na_note_list {
	char lines[NA_NOTES_MAX][NA_NOTE_MAX];
	u32 nr;
	u32 nr_more;
};

/**
 * struct na_notes - all lines; initialized to zeroes
 * @error: the first error, or ""
 * @assumed: what was assumed
 * @lost: what could not be read
 */
struct na_notes {
	char error[NA_NOTE_MAX];
	struct na_note_list assumed;
	struct na_note_list lost;
};

/** na_notes_fail() - record an error, if it is the first. Return: -1. */
__attribute__((format(printf, 2, 3)))
int na_notes_fail(struct na_notes *notes, const char *format, ...);

/** na_notes_assume() - record an assumption; the same text counts once. */
__attribute__((format(printf, 2, 3)))
void na_notes_assume(struct na_notes *notes, const char *format, ...);

/** na_notes_lose() - record a loss; the same text counts once. */
__attribute__((format(printf, 2, 3)))
void na_notes_lose(struct na_notes *notes, const char *format, ...);

#endif
