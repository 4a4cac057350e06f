// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Queries about a descriptor.
 *
 * The module is asked first: it checks every frame of its buffers. Of another
 * driver's dma-buf only the exporter's name is known, which the kernel shows in
 * fdinfo. Names chosen by user space are ignored.
 */
#include <noalias.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "extensible.h"
#include "heap.h"

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

static bool is_dmabuf(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && fs.f_type == DMA_BUF_MAGIC;
}

/* Return: 0, also when no name was found; -EMFILE, -ENFILE, -ENOMEM. */
static int read_maker(int fd, char *name)
{
	char path[32], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	file = fopen(path, "re");
	if (!file)
		return lib_is_scarcity(-errno) ? -errno : 0;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "exp_name: %63[^\n]", name) == 1)
			break;
	fclose(file);
	return 0;
}

/* Exporters in the kernel whose buffers are ordinary cached memory. */
static bool is_cached_maker(const char *name)
{
	return !strcmp(name, "system") || !strcmp(name, "udmabuf");
}

static int tell_foreign(int fd, struct noalias_buffer_info *info)
{
	int err = read_maker(fd, info->source);

	if (!err && is_cached_maker(info->source)) {
		info->memtype = NOALIAS_MEMTYPE_WB;
		info->promise = NOALIAS_PROMISE_NONE;
	}
	return err;
}

static void tell_answer(const struct noalias_query_buffer *answer,
			struct noalias_buffer_info *info)
{
	info->memtype = lib_memtype_told(answer->memtype);
	info->promise = lib_promise_told(answer->promise);
	info->id = answer->id;
	snprintf(info->source, sizeof(info->source), "%.*s",
		 (int)sizeof(answer->heap), answer->heap);
}

static int tell_dmabuf(int fd, struct noalias_buffer_info *info)
{
	struct noalias_query_buffer query = { .fd = fd };
	off_t len = lseek(fd, 0, SEEK_END);
	int err;

	info->kind = NOALIAS_BUFFER_DMABUF;
	info->len = len < 0 ? 0 : (uint64_t)len;
	err = lib_node_ask(NOALIAS_IOC_QUERY_BUFFER, &query);
	if (lib_is_scarcity(err))
		return err;
	if (err)
		return tell_foreign(fd, info);
	tell_answer(&query, info);
	return 0;
}

static void tell_memfd(const struct stat *stat_of,
		       struct noalias_buffer_info *info)
{
	info->kind = NOALIAS_BUFFER_MEMFD;
	info->len = (uint64_t)stat_of->st_size;
	info->memtype = NOALIAS_MEMTYPE_WB;
	info->promise = NOALIAS_PROMISE_NONE;
	strcpy(info->source, "memfd");
}

int lib_fd_query(int fd, struct noalias_buffer_info *info)
{
	struct stat stat_of;
	int err = 0;

	memset(info, 0, sizeof(*info));
	if (fstat(fd, &stat_of))
		return lib_fail(errno, "fd: %d is not open", fd);
	if (is_dmabuf(fd))
		err = tell_dmabuf(fd, info);
	else if (S_ISREG(stat_of.st_mode) && fcntl(fd, F_GET_SEALS) >= 0)
		tell_memfd(&stat_of, info);
	return err ? lib_fail(-err, "fd: %d cannot be queried", fd) : 0;
}

LIB_PUBLIC int noalias_buffer_query_fd(int fd,
				       struct noalias_buffer_info *info)
{
	struct noalias_buffer_info known;
	int err = lib_fd_query(fd, &known);

	return err ? err : lib_give("info", info, &known, sizeof(known));
}
