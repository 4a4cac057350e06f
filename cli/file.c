// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Files, and messages for errors of the module's files.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"

#define FILE_MAX	(256u << 20)

static const char *sysroot = "";

/* --- paths ----------------------------------------------------------------- */

int file_set_sysroot(const char *dir)
{
	struct stat stat_dir;

	if (strlen(dir) > FILE_PATH_MAX / 2)
		return cli_trouble("--sysroot has %zu bytes, allowed: %d",
				   strlen(dir), FILE_PATH_MAX / 2);
	if (stat(dir, &stat_dir))
		return cli_trouble("--sysroot %s: %s", dir, strerror(errno));
	if (!S_ISDIR(stat_dir.st_mode))
		return cli_trouble("--sysroot %s: not a directory", dir);
	sysroot = strcmp(dir, "/") != 0 ? dir : "";
	return CLI_GO_ON;
}

bool file_has_sysroot(void)
{
	return *sysroot;
}

const char *file_path(char *path, const char *name)
{
	snprintf(path, FILE_PATH_MAX, "%s%s", sysroot, name);
	return path;
}

bool file_exists(const char *name)
{
	char path[FILE_PATH_MAX];

	return !access(file_path(path, name), F_OK);
}

/* --- whole files ---------------------------------------------------------- */

static int read_all(int fd, size_t max, struct cli_file *file)
{
	size_t room = 0;
	ssize_t len;
	char *text;

	for (;;) {
		if (file->len + 1 >= room) {
			room = room ? room * 2 : 65536;
			if (room > max)
				return EFBIG;
			text = realloc(file->text, room);
			if (!text)
				return ENOMEM;
			file->text = text;
		}
		len = read(fd, file->text + file->len, room - file->len - 1);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return errno;
		file->text[file->len += (size_t)len] = 0;
		if (!len)
			return 0;
	}
}

int file_read_fd(int fd, size_t max, struct cli_file *file)
{
	int err;

	file->text = NULL;
	file->len = 0;
	snprintf(file->name, sizeof(file->name), "descriptor %d", fd);
	err = read_all(fd, max, file);
	if (err) {
		free(file->text);
		file->text = NULL;
	}
	return err;
}

int file_read(const char *path, struct cli_file *file)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	file->text = NULL;
	file->len = 0;
	if (fd < 0)
		return errno;
	err = file_read_fd(fd, FILE_MAX, file);
	close(fd);
	snprintf(file->name, sizeof(file->name), "%s", path);
	return err;
}

int file_read_system(const char *name, struct cli_file *file)
{
	char path[FILE_PATH_MAX];

	return file_read(file_path(path, name), file);
}

/* --- lines ----------------------------------------------------------------- */

int file_lines_begin(struct file_lines *lines, struct cli_file *file)
{
	const char *nul = memchr(file->text, 0, file->len), *at;

	*lines = (struct file_lines){ .file = file, .at = file->text };
	for (at = file->text; at < (nul ? nul : file->text + file->len); at++)
		lines->nr += *at == '\n';
	if (nul) {
		lines->nr++;
		return file_lines_fail(lines, "a byte is NUL");
	}
	if (file->len && file->text[file->len - 1] != '\n') {
		lines->nr++;
		return file_lines_fail(lines, "the line has no newline; the file was truncated");
	}
	lines->nr = 0;
	return CLI_CLEAN;
}

char *file_lines_next(struct file_lines *lines)
{
	/* After the last newline there is no line. */
	if (!*lines->at)
		return NULL;
	lines->nr++;
	return strsep(&lines->at, "\n");
}

int file_lines_fail(const struct file_lines *lines, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return cli_trouble("%s: line %lu: %s", lines->file->name, lines->nr,
			   text);
}

const char *file_error(int err)
{
	return err == EFBIG ? "it is larger than the limit of 256 MiB" :
			      strerror(err);
}

/* --- the module's files ---------------------------------------------------- */

void file_find_mount(const char *type, char *dir)
{
	char path[FILE_PATH_MAX];
	FILE *mounts = setmntent(file_path(path, "/proc/self/mounts"), "re");
	struct mntent *mount;

	*dir = 0;
	while (mounts && (mount = getmntent(mounts))) {
		if (strcmp(mount->mnt_type, type) != 0)
			continue;
		snprintf(dir, FILE_PATH_MAX / 4, "%s", mount->mnt_dir);
		break;
	}
	if (mounts)
		endmntent(mounts);
}

bool file_module_is_loaded(void)
{
	return file_exists("/sys/module/noalias");
}

static void debugfs_name(char *name, const char *file)
{
	char dir[FILE_PATH_MAX];

	file_find_mount("debugfs", dir);
	*name = 0;
	if (*dir)
		snprintf(name, FILE_PATH_MAX / 2, "%.255s/noalias/%.63s", dir,
			 file);
}

int file_try_debugfs(const char *name, struct cli_file *file)
{
	char path[FILE_PATH_MAX];

	debugfs_name(path, name);
	file->text = NULL;
	return *path ? file_read_system(path, file) : ENODEV;
}

static int explain(const char *path, int err)
{
	switch (err) {
	case EACCES:
		return cli_trouble("%s may be read by root only; try: sudo noalias ...",
				   path);
	case EPERM:
		return cli_trouble("%s: the kernel is locked down, which disables debugfs",
				   path);
	case ENOENT:
		return cli_trouble("the module has no %s; does its version differ from this command's (" NOALIAS_VERSION ")?",
				   path);
	case EOPNOTSUPP:
		return cli_trouble("the module cannot read page tables on this machine");
	default:
		return cli_trouble("%s: %s", path, file_error(err));
	}
}

int file_read_debugfs(const char *name, struct cli_file *file)
{
	char path[FILE_PATH_MAX];
	int err;

	debugfs_name(path, name);
	if (!file_module_is_loaded())
		return cli_trouble("the module is not loaded; as root: modprobe noalias (see noalias doctor)");
	if (!*path)
		return cli_trouble("debugfs is not mounted; as root: mount -t debugfs debugfs /sys/kernel/debug");
	err = file_read_system(path, file);
	return err ? explain(path, err) : CLI_CLEAN;
}
