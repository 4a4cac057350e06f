/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Files compressed by gzip, read with gzip(1), so that a static build of the
 * command needs no libz.
 */
#ifndef NA_CLI_GUNZIP_H
#define NA_CLI_GUNZIP_H

#include "file.h"

/**
 * gunzip_read_system() - read a whole compressed file of the system
 * @name: absolute name, e.g. "/proc/config.gz"
 * @file: receives it; the caller frees @file->text, which is NULL on error
 *
 * Return: 0; ENOENT there is no such file; ENOEXEC there is neither gzip nor
 * zcat; EFBIG it is more than 16 MiB; EBADMSG it is not a complete gzip file;
 * or another errno.
 */
int gunzip_read_system(const char *name, struct cli_file *file);

#endif
