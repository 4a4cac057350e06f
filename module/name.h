/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_NAME_H
#define NA_MODULE_NAME_H

#include <linux/sched.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

/** NA_NAME_MAX - bytes for a process name with every byte escaped. */
#define NA_NAME_MAX (4 * TASK_COMM_LEN)

/**
 * na_word_escape() - write a name as one word of printable ASCII
 * @word: receives the word
 * @size: bytes of @word; 4 * @len + 1 are enough for any name
 * @name: name chosen by a process, any bytes
 * @len: largest length of @name
 *
 * Line breaks, spaces and terminal escapes in a name must not reach the output.
 * isprint() of the kernel would include Latin-1.
 */
static inline void na_word_escape(char *word, int size, const char *name,
				  size_t len)
{
	int nr = string_escape_mem(name, strnlen(name, len), word, size - 1,
				   ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND,
				   " \\");

	word[min(nr, size - 1)] = 0;
}

/**
 * na_name_escape() - the same for a process's name; @word: NA_NAME_MAX bytes
 */
static inline void na_name_escape(char *word, const char *comm)
{
	na_word_escape(word, NA_NAME_MAX, comm, TASK_COMM_LEN);
}

#endif
