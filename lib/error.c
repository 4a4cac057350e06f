// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Error: the message of the last failure, one for each thread.
 */
#include <libnoalias/error.h>

#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

/* A sentence of the module with the name of a heap before it. */
#define MESSAGE_LEN 512

static __thread char message[MESSAGE_LEN];

int lib_fail(int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	return -err;
}

LIB_PUBLIC const char *noalias_error_message(void)
{
	return message;
}
