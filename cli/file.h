/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Files: of the user, of the system (below --sysroot, when it is given), and
 * of the module in debugfs.
 */
#ifndef NA_CLI_FILE_H
#define NA_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_PATH_MAX 1024

/**
 * struct cli_file - a file read whole
 * @text: what is in it, and a NUL after it
 * @len: without that NUL
 * @name: as it was opened, for messages
 */
struct cli_file {
	char *text;
	size_t len;
	char name[FILE_PATH_MAX];
};

/**
 * file_set_sysroot() - files of the system are below @dir from here on
 *
 * Return: CLI_GO_ON, or CLI_TROUBLE after saying why.
 */
int file_set_sysroot(const char *dir);

/** file_has_sysroot() - was one given? Then nothing is what runs here. */
bool file_has_sysroot(void);

/**
 * file_path() - where a file of the system is
 * @path: FILE_PATH_MAX bytes, receives it
 * @name: from the root, "/proc/meminfo"
 *
 * Return: @path.
 */
const char *file_path(char *path, const char *name);

/**
 * file_read() - read a file whole
 * @path: which
 * @file: receives it; the caller frees @file->text, which is NULL on error
 *
 * Return: 0, or an errno.
 */
int file_read(const char *path, struct cli_file *file);

/**
 * file_read_fd() - read what is left of an open file
 * @fd: which; stays open
 * @max: bytes, the limit of the room that is taken for it
 * @file: as in file_read()
 *
 * Return: 0; EFBIG; or what reading it said.
 */
int file_read_fd(int fd, size_t max, struct cli_file *file);

/** file_error() - what an errno of these means: strerror(), or the limit. */
const char *file_error(int err);

/** file_read_system() - the same for a file of the system. */
int file_read_system(const char *name, struct cli_file *file);

/**
 * file_read_timed() - the same for one that may keep its reader waiting
 * @name: of the system
 * @ms: so long at most
 * @file: as in file_read(), without a name
 *
 * Return: 0; ETIMEDOUT; or another errno.
 */
int file_read_timed(const char *name, uint64_t ms, struct cli_file *file);

/** file_exists() - is there such a file of the system? */
bool file_exists(const char *name);

/* --- lines ------------------------------------------------------------------- */

/**
 * struct file_lines - a text that is read line by line
 * @file: its text is cut into pieces
 * @at: what comes next
 * @nr: number of the line that was given last, from 1
 */
struct file_lines {
	struct cli_file *file;
	char *at;
	unsigned long nr;
};

/**
 * file_lines_begin() - from the first line on
 *
 * Return: CLI_CLEAN; or CLI_TROUBLE, after saying where it has a NUL, or that
 * its last line does not end: then it was cut.
 */
int file_lines_begin(struct file_lines *lines, struct cli_file *file);

/** file_lines_next() - a line without its newline; NULL after the last. */
char *file_lines_next(struct file_lines *lines);

/** file_lines_fail() - say what is wrong with that line. Return: CLI_TROUBLE. */
__attribute__((format(printf, 2, 3)))
int file_lines_fail(const struct file_lines *lines, const char *format, ...);

/**
 * file_find_mount() - where a file system is mounted
 * @type: like "debugfs"
 * @dir: FILE_PATH_MAX bytes, receives the directory without the sysroot, or ""
 */
void file_find_mount(const char *type, char *dir);

/**
 * file_read_debugfs() - read a file of the module whole
 * @name: name within the module's directory
 * @file: receives it; the caller frees @file->text
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after saying why.
 */
int file_read_debugfs(const char *name, struct cli_file *file);

/** file_try_debugfs() - the same, silent. Return: 0 or an errno. */
int file_try_debugfs(const char *name, struct cli_file *file);

/** file_module_is_loaded() - is the module there? */
bool file_module_is_loaded(void);

#endif
