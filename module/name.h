/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_NAME_H
#define NA_MODULE_NAME_H

#include <linux/sched.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

/** NA_NAME_MAX - room for a process name that is escaped throughout. */
#define NA_NAME_MAX (4 * TASK_COMM_LEN)

/**
 * na_name_escape() - a process name as one word of plain ASCII
 * @word: NA_NAME_MAX bytes
 * @comm: the name, which the process chose
 *
 * A process names itself: lines, fields and terminal commands in it must not
 * become ours. The kernel's notion of printable includes Latin-1.
 */
static inline void na_name_escape(char *word, const char *comm)
{
	int len = string_escape_mem(comm, strnlen(comm, TASK_COMM_LEN), word,
				    NA_NAME_MAX - 1,
				    ESCAPE_OCTAL | ESCAPE_NAP | ESCAPE_APPEND,
				    " \\");

	word[min(len, NA_NAME_MAX - 1)] = 0;
}

#endif
