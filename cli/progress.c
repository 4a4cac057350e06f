// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "progress.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

/* Is a line shown? */
static int is_shown;

void progress(const char *format, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	fputs("\r\033[K", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fflush(stderr);
	is_shown = 1;
}

void progress_end(void)
{
	if (is_shown)
		fputs("\r\033[K", stderr);
	is_shown = 0;
}
