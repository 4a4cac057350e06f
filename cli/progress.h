/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A line on stderr for the current operation; nothing unless stderr is a
 * terminal.
 */
#ifndef NA_CLI_PROGRESS_H
#define NA_CLI_PROGRESS_H

/** progress() - replace the line. */
__attribute__((format(printf, 1, 2)))
void progress(const char *format, ...);

/** progress_end() - remove the line. */
void progress_end(void);

#endif
