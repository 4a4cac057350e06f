// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Holders: a descriptor of a dma-buf is recognized by its link and by fdinfo,
 * which has the name of the exporter and the inode; a mapping by path and inode
 * in maps. The first line of fdinfo with a key counts, because the last one is
 * a name chosen by a process, which may contain further lines.
 */
#include "holder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "file.h"

#define DMABUF_PATH	"/dmabuf:"

#define WAIT_ONE_MS	1000
#define WAIT_ALL_MS	5000
#define WAIT_LEAST_MS	20

/* --- the list ---------------------------------------------------------------- */

static int new_holder(struct holders *holders, struct holder **holder)
{
	struct holder *list;

	if (holders->nr == holders->room) {
		holders->room = holders->room ? holders->room * 2 : 16;
		list = realloc(holders->list, holders->room * sizeof(*list));
		if (!list)
			return ENOMEM;
		holders->list = list;
	}
	*holder = memset(&holders->list[holders->nr++], 0, sizeof(**holder));
	return 0;
}

/* Entries of a process are adjacent, at the end. */
static int find_holder(struct holders *holders, unsigned int pid,
		       uint64_t inode, struct holder **holder)
{
	size_t i = holders->nr;
	int err;

	while (i-- && holders->list[i].pid == pid) {
		*holder = &holders->list[i];
		if ((*holder)->inode == inode)
			return 0;
	}
	err = new_holder(holders, holder);
	if (err)
		return err;
	(*holder)->pid = pid;
	(*holder)->inode = inode;
	return 0;
}

/* --- one process ------------------------------------------------------------- */

/* Escape as the module does, so that a name is one field. */
static void escape(char *word, size_t len, const char *name)
{
	size_t at = 0;

	for (; *name && *name != '\n' && at + 5 < len; name++) {
		if (isascii((unsigned char)*name) &&
		    isgraph((unsigned char)*name) && !strchr("\\,", *name))
			word[at++] = *name;
		else
			at += (size_t)sprintf(word + at, "\\%03o",
					      (unsigned char)*name);
	}
	word[at] = 0;
}

static void name_process(struct holders *holders, size_t first)
{
	char path[64];
	struct cli_file file;
	size_t i;

	if (first == holders->nr)
		return;
	snprintf(path, sizeof(path), "/proc/%u/comm", holders->list[first].pid);
	if (file_read_system(path, &file))
		return;
	for (i = first; i < holders->nr; i++)
		escape(holders->list[i].comm, sizeof(holders->list[i].comm),
		       file.text);
	free(file.text);
}

static bool is_dmabuf_link(const char *path)
{
	char target[sizeof(DMABUF_PATH)];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	return len == sizeof(DMABUF_PATH) - 1 &&
	       !memcmp(target, DMABUF_PATH, (size_t)len);
}

/* Return: inode of the dma-buf; 0: not a dma-buf, or closed meanwhile. */
static uint64_t inode_of(unsigned int pid, const char *fd)
{
	char path[64];
	struct cli_file file;
	uint64_t inode = 0;
	const char *at;

	snprintf(path, sizeof(path), "/proc/%u/fdinfo/%.20s", pid, fd);
	if (file_read_system(path, &file))
		return 0;
	at = strstr(file.text, "\nino:");
	if (at && strstr(at, "\nexp_name:"))
		inode = strtoull(at + strlen("\nino:"), NULL, 10);
	free(file.text);
	return inode;
}

static int add_fd(struct holders *holders, unsigned int pid, const char *fd)
{
	char name[64], path[FILE_PATH_MAX];
	struct holder *holder;
	uint64_t inode;
	int err;

	snprintf(name, sizeof(name), "/proc/%u/fd/%.20s", pid, fd);
	if (!is_dmabuf_link(file_path(path, name)))
		return 0;
	inode = inode_of(pid, fd);
	if (!inode)
		return 0;
	err = find_holder(holders, pid, inode, &holder);
	if (!err)
		holder->nr_fds++;
	return err;
}

/* Return: 0, also if the process has exited; EACCES: not allowed; an errno. */
static int add_fds(struct holders *holders, unsigned int pid)
{
	char name[64], path[FILE_PATH_MAX];
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	snprintf(name, sizeof(name), "/proc/%u/fd", pid);
	dir = opendir(file_path(path, name));
	if (!dir)
		return errno == ENOENT || errno == ESRCH ? 0 : errno;
	while (!err && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			err = add_fd(holders, pid, entry->d_name);
	closedir(dir);
	return err;
}

/* Address range, permissions, offset, device, inode, path. */
static int add_map(struct holders *holders, unsigned int pid, const char *line)
{
	struct holder *holder;
	uint64_t inode;
	int err, at = 0;

	if (sscanf(line, "%*s %*s %*s %*s %" SCNu64 " %n", &inode, &at) != 1 ||
	    !at || strncmp(line + at, DMABUF_PATH, strlen(DMABUF_PATH)) != 0)
		return 0;
	err = find_holder(holders, pid, inode, &holder);
	if (!err)
		holder->nr_maps++;
	return err;
}

/* A thousand held locks take little longer than five. */
static int read_maps(struct holders *holders, unsigned int pid,
		     struct cli_file *file)
{
	uint64_t left_ms = holders->waited_ms < WAIT_ALL_MS ?
			   WAIT_ALL_MS - holders->waited_ms : 0;
	uint64_t ms = left_ms < WAIT_ONE_MS ? left_ms : WAIT_ONE_MS;
	uint64_t begun_ms = cli_now_ms();
	char path[64];
	int err;

	if (ms < WAIT_LEAST_MS)
		ms = WAIT_LEAST_MS;
	snprintf(path, sizeof(path), "/proc/%u/maps", pid);
	err = file_read_timed(path, ms, file);
	/*
	 * Count the time also if the read succeeded: there may be many of them.
	 */
	holders->waited_ms += cli_now_ms() - begun_ms;
	return err;
}

static int add_maps(struct holders *holders, unsigned int pid)
{
	char *rest, *line;
	struct cli_file file;
	int err = read_maps(holders, pid, &file);

	if (err)
		return err == ENOENT || err == ESRCH ? 0 : err;
	rest = file.text;
	while (!err && (line = strsep(&rest, "\n")))
		err = add_map(holders, pid, line);
	free(file.text);
	return err;
}

static int add_process(struct holders *holders, unsigned int pid)
{
	size_t first = holders->nr;
	int err = add_fds(holders, pid);

	if (!err)
		err = add_maps(holders, pid);
	name_process(holders, first);
	/*
	 * A process with too many mappings, or for which no child could be
	 * created, must not hide others.
	 */
	if (err != EACCES && err != EPERM && err != EFBIG && err != ETIMEDOUT &&
	    err != EAGAIN)
		return err;
	holders->nr_unseen++;
	return 0;
}

/* --- all --------------------------------------------------------------------- */

static int is_process(const struct dirent *entry)
{
	return isdigit((unsigned char)*entry->d_name);
}

static int by_number(const struct dirent **one, const struct dirent **other)
{
	unsigned long a = strtoul((*one)->d_name, NULL, 10),
		      b = strtoul((*other)->d_name, NULL, 10);

	return (a > b) - (a < b);
}

int holders_read(struct holders *holders)
{
	char path[FILE_PATH_MAX];
	struct dirent **entries;
	int nr = scandir(file_path(path, "/proc"), &entries, is_process,
			 by_number), i, err = 0;

	if (nr < 0)
		return errno;
	for (i = 0; i < nr; i++) {
		if (!err)
			err = add_process(holders, (unsigned int)
					  strtoul(entries[i]->d_name, NULL, 10));
		free(entries[i]);
	}
	free(entries);
	if (err)
		holders_free(holders);
	return err;
}

char *holders_text(const struct holders *holders, uint64_t inode)
{
	const struct holder *holder;
	const char *comma = "";
	char *text = NULL;
	size_t len, i;
	FILE *stream = open_memstream(&text, &len);

	if (!stream)
		return NULL;
	for (i = 0; i < holders->nr; i++) {
		holder = &holders->list[i];
		if (holder->inode != inode)
			continue;
		fprintf(stream, "%s%u/%s", comma, holder->pid, holder->comm);
		comma = ",";
	}
	if (!*comma)
		fputc('-', stream);
	return fclose(stream) ? NULL : text;
}

void holders_free(struct holders *holders)
{
	free(holders->list);
	memset(holders, 0, sizeof(*holders));
}
