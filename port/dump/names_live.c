// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names of mappings of running processes: /proc/PID/maps.
 *
 * The number of a process comes from the kernel's memory, and counts in the
 * first namespace of processes: in another one /proc has other numbers, and is
 * not asked. Between that reading and this one, a process may have ended and its
 * number been given to another: its name is compared.
 *
 * A file of /proc is read anew for each question about another process, so that
 * the maps of one are at most as old as the questions about it.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names_parts.h"

#define FIRST_PID_NS	0xeffffffcu	/* PROC_PID_INIT_INO */
#define MAPS_MAX	(64u << 20)

struct na_live {
	bool is_first_ns;
	int pid;		/* of whom are the maps; 0: nobody */
	char *maps;		/* text with a NUL after it */
	size_t len_max;
};

struct na_live *na_live_create(void)
{
	struct na_live *live = calloc(1, sizeof(*live));
	struct stat stat_;

	if (live)
		live->is_first_ns = !stat("/proc/self/ns/pid", &stat_) &&
				    stat_.st_ino == FIRST_PID_NS;
	return live;
}

void na_live_destroy(struct na_live *live)
{
	if (!live)
		return;
	free(live->maps);
	free(live);
}

static bool grow(struct na_live *live)
{
	size_t len_max = live->len_max ? live->len_max * 2 : 65536;
	char *maps;

	if (len_max > MAPS_MAX)
		return false;
	maps = realloc(live->maps, len_max);
	if (!maps)
		return false;
	live->maps = maps;
	live->len_max = len_max;
	return true;
}

/* All of a file of /proc/PID, with a NUL after it. */
static bool read_file(struct na_live *live, int pid, const char *name,
		      size_t *len)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	for (*len = 0;; *len += (size_t)got) {
		got = -1;
		if (*len + 1 >= live->len_max && !grow(live))
			break;
		got = read(fd, live->maps + *len, live->len_max - *len - 1);
		if (got <= 0)
			break;
	}
	close(fd);
	if (got < 0)
		return false;
	live->maps[*len] = 0;
	return true;
}

static bool is_same_process(struct na_live *live,
			    const struct na_kernel_space *space)
{
	char comm[NA_KERNEL_COMM_MAX + 2];
	size_t len;

	snprintf(comm, sizeof(comm), "%s\n", space->comm);
	return read_file(live, space->pid, "comm", &len) &&
	       !strcmp(live->maps, comm);
}

static bool load(struct na_live *live, const struct na_kernel_space *space)
{
	size_t len;

	if (live->pid == space->pid)
		return true;
	live->pid = 0;
	if (!is_same_process(live, space) ||
	    !read_file(live, space->pid, "maps", &len))
		return false;
	live->pid = space->pid;
	return true;
}

/* The end of a name tells more than its start. */
static void put_name(struct na_mapping *mapping, const char *name, size_t len)
{
	size_t max = sizeof(mapping->name) - 1;

	if (len > max)
		snprintf(mapping->name, sizeof(mapping->name), "...%.*s",
			 (int)(max - 3), name + len - (max - 3));
	else
		snprintf(mapping->name, sizeof(mapping->name), "%.*s",
			 (int)len, name);
}

/* "start-end perms offset device inode", blanks, and the name. */
static bool parse(const char *line, size_t len, struct na_mapping *mapping)
{
	int at = 0;

	if (sscanf(line, "%llx-%llx %4s %*s %*s %*s%n", &mapping->start,
		   &mapping->end, mapping->perms, &at) != 3 ||
	    (size_t)at > len)
		return false;
	while ((size_t)at < len && line[at] == ' ')
		at++;
	put_name(mapping, line + at, len - (size_t)at);
	return true;
}

static bool find_in_maps(const char *maps, u64 va, struct na_mapping *mapping)
{
	size_t len;

	for (; *maps; maps += len + (maps[len] == '\n')) {
		len = strcspn(maps, "\n");
		if (parse(maps, len, mapping) && mapping->start <= va &&
		    va < mapping->end)
			return true;
	}
	memset(mapping, 0, sizeof(*mapping));
	return false;
}

bool na_live_find(struct na_live *live, const struct na_kernel_space *space,
		  u64 va, struct na_mapping *mapping)
{
	return live->is_first_ns && space->pid > 0 && space->is_process &&
	       load(live, space) && find_in_maps(live->maps, va, mapping);
}
