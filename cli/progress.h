/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One line on stderr that says what takes so long; nothing unless stderr is a
 * terminal.
 */
#ifndef NA_CLI_PROGRESS_H
#define NA_CLI_PROGRESS_H

/** progress() - show this instead of what was shown. */
__attribute__((format(printf, 1, 2)))
void progress(const char *format, ...);

/** progress_end() - show nothing. */
void progress_end(void);

#endif
