// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The file below an image.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "fault.h"
#include "file.h"

/* Of linux/magic.h, which not every C library brings. */
#define PROC_MAGIC	0x9fa0

/* A message is one line, whatever the file is called. */
static void set_name(struct na_file *file, const char *path)
{
	size_t len = strlen(path), max = NA_FILE_NAME_MAX - 1;
	char *c;

	if (len <= max)
		memcpy(file->name, path, len + 1);
	else
		snprintf(file->name, sizeof(file->name), "...%s",
			 path + len - (max - 3));
	for (c = file->name; *c; c++)
		if ((u8)*c < 0x20 || *c == 0x7f)
			*c = '?';
}

static const char *kind_of(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISCHR(mode))
		return "a character device";
	if (S_ISSOCK(mode))
		return "a socket";
	return "no file";
}

static bool find_len(struct na_file *file)
{
	off_t end = lseek(file->fd, 0, SEEK_END);

	file->len = end > 0 ? (u64)end : 0;
	return end >= 0;
}

static int look_at(struct na_file *file, struct na_notes *notes)
{
	struct statfs fs;
	struct stat st;

	if (fstat(file->fd, &st) || fstatfs(file->fd, &fs))
		return na_notes_fail(notes, "%s: %s", file->name,
				     strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return na_notes_fail(notes, "%s: is %s, not a file or a block device with memory in it",
				     file->name, kind_of(st.st_mode));
	file->is_proc = fs.f_type == PROC_MAGIC;
	if (file->is_proc)
		file->len = NA_FILE_ENDLESS;
	else if (!find_len(file))
		return na_notes_fail(notes, "%s: its length is not known: %s",
				     file->name, strerror(errno));
	if (!file->len)
		return na_notes_fail(notes, "%s: is empty", file->name);
	return 0;
}

int na_file_open(struct na_file *file, const char *path, struct na_notes *notes)
{
	int err;

	memset(file, 0, sizeof(*file));
	set_name(file, path);
	/* A FIFO without a writer would be waited for. */
	file->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	err = errno;
	if (file->fd < 0) {
		na_notes_fail(notes, "%s: %s", file->name, strerror(err));
		errno = err;
		return -1;
	}
	if (!look_at(file, notes))
		return 0;
	na_file_close(file);
	errno = 0;
	return -1;
}

void na_file_map(struct na_file *file)
{
	void *map;

	if (file->is_proc || file->len > SIZE_MAX)
		return;
	map = mmap(NULL, (size_t)file->len, PROT_READ, MAP_SHARED, file->fd, 0);
	if (map == MAP_FAILED)
		return;
	file->map = map;
	na_fault_watch(file);
}

void na_file_close(struct na_file *file)
{
	if (file->map) {
		na_fault_unwatch(file);
		munmap((void *)(uintptr_t)file->map, (size_t)file->len);
	}
	if (file->fd >= 0)
		close(file->fd);
	file->map = NULL;
	file->fd = -1;
}

static bool read_by_call(const struct na_file *file, u64 offset, u8 *to,
			 size_t len)
{
	ssize_t done;

	while (len) {
		done = pread(file->fd, to, len, (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		offset += (u64)done;
		to += done;
		len -= (size_t)done;
	}
	return true;
}

bool na_file_read(const struct na_file *file, u64 offset, void *to, size_t len)
{
	if (offset > file->len || len > file->len - offset)
		return false;
	if (!file->map)
		return read_by_call(file, offset, to, len);
	memcpy(to, file->map + offset, len);
	return true;
}

bool na_file_is_whole(const struct na_file *file)
{
	struct stat st;

	return !fstat(file->fd, &st) &&
	       (!S_ISREG(st.st_mode) || (u64)st.st_size >= file->len);
}
