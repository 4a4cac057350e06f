/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The file below an image: opened with care, mapped where that is possible.
 *
 * A mapped page costs a few nanoseconds where pread() costs hundreds, and an
 * audit reads millions. But a file that is truncated while it is mapped raises
 * SIGBUS at the next read. Zeroes instead would look like empty page tables, and
 * whoever reads holds a pointer and no error to check. So the process says why
 * in one line and ends with status 2, as after any incomplete audit.
 */
#ifndef NA_DUMP_FILE_H
#define NA_DUMP_FILE_H

#include <na_platform.h>

#include "notes.h"

#define NA_FILE_NAME_MAX	100u
/* Length of a file that has no end: any offset may be tried. */
#define NA_FILE_ENDLESS		(~0ull >> 1)

/**
 * struct na_file - an open file
 * @name: for messages: printable, its end if it is long
 * @fd: descriptor, or -1
 * @len: bytes when it was opened, or NA_FILE_ENDLESS
 * @map: all of them, or NULL: then they are read one by one
 * @is_proc: it is on procfs: no length, no mapping
 * @next: next mapped file of the process
 */
struct na_file {
	char name[NA_FILE_NAME_MAX];
	int fd;
	u64 len;
	const u8 *map;
	bool is_proc;
	struct na_file *next;
};

/**
 * na_file_open() - open a regular file or a block device
 *
 * Never waits, as opening a FIFO would. Return: 0, or -1 after an error, with
 * errno of open(), or 0; na_file_close() is allowed then and not needed.
 */
int na_file_open(struct na_file *file, const char *path,
		 struct na_notes *notes);

/**
 * na_file_map() - map all of it, if the process has room for it
 *
 * Context: one thread at a time opens or closes images.
 */
void na_file_map(struct na_file *file);

/** na_file_close() - unmap and close. */
void na_file_close(struct na_file *file);

/** na_file_read() - true if all @len bytes at @offset could be read. */
bool na_file_read(const struct na_file *file, u64 offset, void *to,
		  size_t len);

/** na_file_is_whole() - is it still as long as when it was opened? */
bool na_file_is_whole(const struct na_file *file);

#endif
