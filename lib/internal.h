/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of libnoalias.
 */
#ifndef LIB_INTERNAL_H
#define LIB_INTERNAL_H

#include <errno.h>
#include <stdbool.h>

/* For symbols in libnoalias.map; all others are hidden. */
#define LIB_PUBLIC __attribute__((visibility("default")))

/**
 * lib_fail() - set the message of noalias_error_message()
 * @err: positive errno
 * @format: one line, names the argument, the value and the limit; the text of
 *	@err is not appended
 *
 * Return: -@err.
 */
__attribute__((cold, format(printf, 2, 3)))
int lib_fail(int err, const char *format, ...);

/**
 * lib_is_scarcity() - is a resource used up, so that a fallback would not help?
 * @err: negative errno
 */
static inline bool lib_is_scarcity(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM;
}

/** lib_watch_bugs() - let failed assertions warn and continue. */
void lib_watch_bugs(void);

#endif
