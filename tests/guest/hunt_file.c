// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_file [sync] [write] PATTERN OFFSET LEN -- COMMAND...: maps files: a
 * frame buffer, a BAR in sysfs, /dev/mem. LEN 0 is as much as the file says.
 */
#define _GNU_SOURCE
#include "hunt.h"

#include <sys/stat.h>

static int open_flags = O_RDONLY;
static int prot = PROT_READ;
static uint64_t offset;
static uint64_t len;

static bool use(const char *path)
{
	int fd = open(path, open_flags | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat)) {
		hunt_say("%s: %s", path, strerror(errno));
		return false;
	}
	if (!hunt_map(fd, offset, len ? len : (size_t)stat.st_size, prot)) {
		hunt_say("%s: mmap: %s", path, strerror(errno));
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	char **word = argv + 1;

	for (; argc > 1 && *word; word++)
		if (!strcmp(*word, "sync"))
			open_flags |= O_SYNC;
		else if (!strcmp(*word, "write"))
			open_flags = (open_flags & ~O_ACCMODE) | O_RDWR,
			prot |= PROT_WRITE;
		else
			break;
	if (!word[0] || !word[1] || !word[2])
		return hunt_hold(argv, 0);
	offset = strtoull(word[1], NULL, 0);
	len = strtoull(word[2], NULL, 0);
	return hunt_hold(argv, hunt_each(word[0], use));
}
