/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Files of the user, of the system (below --sysroot, if given), and of the
 * module in debugfs.
 */
#ifndef NA_CLI_FILE_H
#define NA_CLI_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_PATH_MAX 1024

/**
 * struct cli_file - contents of a file
 * @text: contents, followed by a NUL
 * @len: length without that NUL
 * @name: path that was opened, for messages
 */
struct cli_file {
	char *text;
	size_t len;
	char name[FILE_PATH_MAX];
};

/**
 * file_set_sysroot() - read files of the system below @dir
 *
 * Return: CLI_GO_ON, or CLI_TROUBLE after a message.
 */
int file_set_sysroot(const char *dir);

/**
 * file_has_sysroot() - was one given? Then the files are not of this machine.
 */
bool file_has_sysroot(void);

/**
 * file_path() - path of a file of the system
 * @path: receives the path, FILE_PATH_MAX bytes
 * @name: absolute name, e.g. "/proc/meminfo"
 *
 * Return: @path.
 */
const char *file_path(char *path, const char *name);

/**
 * file_read() - read a whole file
 * @path: path
 * @file: receives it; the caller frees @file->text, which is NULL on error
 *
 * Return: 0, or an errno.
 */
int file_read(const char *path, struct cli_file *file);

/**
 * file_read_fd() - read the rest of an open file
 * @fd: descriptor; stays open
 * @max: largest length, bytes
 * @file: as in file_read()
 *
 * Return: 0; EFBIG; or an errno of read().
 */
int file_read_fd(int fd, size_t max, struct cli_file *file);

/** file_error() - text for an errno of these: strerror(), or the limit. */
const char *file_error(int err);

/** file_read_system() - the same for a file of the system. */
int file_read_system(const char *name, struct cli_file *file);

/**
 * file_read_timed() - the same for a file whose read may block
 * @name: absolute name
 * @ms: time limit, ms
 * @file: as in file_read(), without a name
 *
 * Return: 0; ETIMEDOUT; or another errno.
 */
int file_read_timed(const char *name, uint64_t ms, struct cli_file *file);

/** file_exists() - does a file of the system exist? */
bool file_exists(const char *name);

/* --- lines ------------------------------------------------------------------- */

/**
 * struct file_lines - reader of lines
 * @file: its text is cut into pieces
 * @at: next line
 * @nr: number of the last line returned, from 1
 */
struct file_lines {
	struct cli_file *file;
	char *at;
	unsigned long nr;
};

/**
 * file_lines_begin() - begin with the first line
 *
 * Return: CLI_CLEAN; or CLI_TROUBLE after a message, if it contains a NUL or
 * its last line has no newline, because it was truncated.
 */
int file_lines_begin(struct file_lines *lines, struct cli_file *file);

/** file_lines_next() - next line without its newline; NULL after the last. */
char *file_lines_next(struct file_lines *lines);

/** file_lines_fail() - print an error in the last line. Return: CLI_TROUBLE. */
__attribute__((format(printf, 2, 3)))
int file_lines_fail(const struct file_lines *lines, const char *format, ...);

/**
 * file_find_mount() - find the mount point of a file system
 * @type: like "debugfs"
 * @dir: FILE_PATH_MAX bytes, receives the directory without the sysroot, or ""
 */
void file_find_mount(const char *type, char *dir);

/**
 * file_read_debugfs() - read a whole file of the module
 * @name: name within the module's directory
 * @file: receives it; the caller frees @file->text
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int file_read_debugfs(const char *name, struct cli_file *file);

/** file_try_debugfs() - the same without a message. Return: 0 or an errno. */
int file_try_debugfs(const char *name, struct cli_file *file);

/** file_module_is_loaded() - is the module loaded? */
bool file_module_is_loaded(void);

#endif
