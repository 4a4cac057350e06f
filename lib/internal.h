/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the parts of libnoalias share.
 */
#ifndef LIB_INTERNAL_H
#define LIB_INTERNAL_H

#include <errno.h>
#include <stdbool.h>

/* What libnoalias.map names; everything else stays inside. */
#define LIB_PUBLIC __attribute__((visibility("default")))

/**
 * lib_fail() - leave a message for noalias_error_message()
 * @err: positive errno
 * @format: one line, names the argument, the value and the limit; the text of
 *	@err is not appended
 *
 * Return: -@err.
 */
__attribute__((cold, format(printf, 2, 3)))
int lib_fail(int err, const char *format, ...);

/**
 * lib_is_scarcity() - is something used up, so that no other way would help?
 * @err: negative errno
 */
static inline bool lib_is_scarcity(int err)
{
	return err == -EMFILE || err == -ENFILE || err == -ENOMEM;
}

/** lib_watch_bugs() - from now on a failed assertion is told and survived. */
void lib_watch_bugs(void);

#endif
