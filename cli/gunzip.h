/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Files that gzip made, read by gzip(1): the command is one static file also
 * for machines whose compiler has no libz to link.
 */
#ifndef NA_CLI_GUNZIP_H
#define NA_CLI_GUNZIP_H

#include "file.h"

/**
 * gunzip_read_system() - read a compressed file of the system whole
 * @name: from the root, "/proc/config.gz"
 * @file: receives it; the caller frees @file->text, which is NULL on error
 *
 * Return: 0; ENOENT there is no such file; ENOEXEC there is neither gzip nor
 * zcat; EFBIG it is more than 16 MiB; EBADMSG it is no whole gzip file; or
 * what opening it, a pipe or a process said.
 */
int gunzip_read_system(const char *name, struct cli_file *file);

#endif
