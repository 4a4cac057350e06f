/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the commands of the noalias program share.
 */
#ifndef NA_CLI_H
#define NA_CLI_H

#include <stddef.h>

/** Exit statuses of every command. */
enum cli_status {
	CLI_CLEAN,	/* done, nothing wrong */
	CLI_FOUND,	/* done, and what was looked for is there */
	CLI_TROUBLE,	/* not done; stderr says why and what helps */
};

/** struct cli_file - a file read whole; @text ends with a NUL. */
struct cli_file {
	char *text;
	size_t len;
};

/** cli_trouble() - say what is wrong on stderr. Return: CLI_TROUBLE. */
__attribute__((format(printf, 1, 2)))
int cli_trouble(const char *format, ...);

/**
 * cli_read() - read a file whole
 * @path: which
 * @file: receives it; the caller frees @file->text
 *
 * Return: 0, or an errno.
 */
int cli_read(const char *path, struct cli_file *file);

/**
 * cli_read_debugfs() - read a file of the module whole
 * @name: name within the module's directory
 * @file: receives it; the caller frees @file->text
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after saying why.
 */
int cli_read_debugfs(const char *name, struct cli_file *file);

/** cli_audit() - noalias audit; @argv[0] is "audit". */
int cli_audit(int argc, char **argv);

#endif
