// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Allocation of memory with a descriptor, from each source.
 *
 * The memory of a memfd is allocated at once: access to a hole would raise
 * SIGBUS when no memory is left. It is sealed against shrinking, growing and
 * further seals, because otherwise a receiver of the descriptor could remove
 * the memory under the others' mappings.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libnoalias/error.h>

#include "heap.h"
#include "internal.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

/* Bytes to reserve in one call: a call interrupted by a signal starts again. */
#define RESERVE_LEN (16u << 20)

static int too_long(uint64_t len, uint64_t limit, const char *whose)
{
	return lib_fail(EFBIG, "len: is %" PRIu64 " bytes, limit of %s %" PRIu64,
			len, whose, limit);
}

/*
 * Neither memfds nor the kernel's heap "system" fail before the OOM killer
 * runs.
 */
static int check_memory(uint64_t len)
{
	uint64_t limit = (uint64_t)sysconf(_SC_PHYS_PAGES) *
			 (uint64_t)sysconf(_SC_PAGESIZE) / 2;

	return len > limit ? too_long(len, limit, "half the memory") : 0;
}

/* --- the kernel's heaps ------------------------------------------------------ */

/*
 * The kernel's heaps have no separate errno for a length that can never be
 * allocated, and the module returns the same as they.
 */
static bool is_too_long(const struct noalias_query_refusal *why)
{
	return why->err == ENOMEM && why->scope == NOALIAS_IOC_LIMIT_FIXED &&
	       !strcmp(why->field, "len");
}

/* The zone of others' heaps, which may be cached as well, is not known. */
static bool is_modules(const struct noalias_heap *heap)
{
	return heap->known.memtype == NOALIAS_MEMTYPE_UC ||
	       heap->known.memtype == NOALIAS_MEMTYPE_WC ||
	       *heap->known.zone;
}

/* The module records each failed call on one of its heaps. */
static bool is_explained(const struct noalias_heap *heap, int err,
			 struct noalias_query_refusal *why)
{
	return is_modules(heap) && !lib_refusal_ask(heap->fd, why) &&
	       why->err == -err;
}

static int node_failed(const struct noalias_heap *heap, uint64_t len, int err)
{
	struct noalias_query_refusal why;
	char sentence[NOALIAS_SENTENCE_LEN];

	if (is_explained(heap, err, &why)) {
		lib_refusal_say(&why, sentence);
		return lib_fail(is_too_long(&why) ? EFBIG : -err,
				"heap %s: %s", heap->known.name, sentence);
	}
	return lib_fail(-err, err == -ENOTTY ?
			"heap %s: the node is not a heap, request for %" PRIu64 " bytes" :
			"heap %s: cannot allocate %" PRIu64 " bytes",
			heap->known.name, len);
}

static int alloc_node(const struct noalias_heap *heap, uint64_t len, int *fd)
{
	struct dma_heap_allocation_data data = {
		.len = len, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int err = heap->known.memtype == NOALIAS_MEMTYPE_WB &&
		  !is_modules(heap) ? check_memory(len) : 0;

	if (err)
		return err;
	while (ioctl(heap->fd, DMA_HEAP_IOCTL_ALLOC, &data))
		if (errno != EINTR)
			return node_failed(heap, len, -errno);
	*fd = (int)data.fd;
	return 0;
}

/* --- memfd ------------------------------------------------------------------- */

static int create_memfd(void)
{
	unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
	int fd = memfd_create("noalias", flags | MFD_NOEXEC_SEAL);

	/* Kernels before 6.3 do not know MFD_NOEXEC_SEAL. */
	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("noalias", flags);
	return fd;
}

static int reserve(int fd, uint64_t len)
{
	uint64_t done = 0, part;

	while (done < len) {
		part = len - done < RESERVE_LEN ? len - done : RESERVE_LEN;
		if (!fallocate(fd, 0, (off_t)done, (off_t)part))
			done += part;
		else if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int fill_memfd(int fd, uint64_t len)
{
	int err;

	if (ftruncate(fd, (off_t)len))
		return -errno;
	err = reserve(fd, len);
	if (err)
		return err;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -errno;
	return 0;
}

static int alloc_memfd(uint64_t len, int *fd)
{
	int err = check_memory(len);

	if (err)
		return err;
	*fd = create_memfd();
	if (*fd < 0)
		return lib_fail(errno, "memfd: cannot be created");
	err = fill_memfd(*fd, len);
	if (!err)
		return 0;
	close(*fd);
	/* ENOSPC of a memfd means that memory is used up. */
	return lib_fail(err == -ENOSPC ? ENOMEM : -err,
			"memfd: cannot allocate %" PRIu64 " bytes", len);
}

/* --- udmabuf ----------------------------------------------------------------- */

/* 0: unknown. */
static uint64_t udmabuf_limit(void)
{
	FILE *file = fopen("/sys/module/udmabuf/parameters/size_limit_mb",
			   "re");
	unsigned int mib = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%u", &mib) != 1)
		mib = 0;
	fclose(file);
	return (uint64_t)mib << 20;
}

static int wrap_memfd(const struct noalias_heap *heap, int memfd, uint64_t len)
{
	struct udmabuf_create create = {
		.memfd = (uint32_t)memfd, .flags = UDMABUF_FLAGS_CLOEXEC,
		.size = len,
	};
	int fd;

	do
		fd = ioctl(heap->fd, UDMABUF_CREATE, &create);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

static int alloc_udmabuf(const struct noalias_heap *heap, uint64_t len,
			 int *fd)
{
	uint64_t limit = udmabuf_limit();
	int memfd, err;

	if (limit && len > limit)
		return too_long(len, limit, "udmabuf (size_limit_mb)");
	err = alloc_memfd(len, &memfd);
	if (err)
		return err;
	*fd = wrap_memfd(heap, memfd, len);
	close(memfd);
	if (*fd < 0)
		return lib_fail(-*fd, "udmabuf: cannot create a buffer of %" PRIu64 " bytes",
				len);
	return 0;
}

/* --- all --------------------------------------------------------------------- */

static int round_len(uint64_t *len)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!*len)
		return lib_fail(EINVAL, "len: is 0, must be 1 or more");
	if (*len > INT64_MAX - page)
		return too_long(*len, INT64_MAX - page, "a file");
	*len = (*len + page - 1) / page * page;
	return 0;
}

int lib_heap_alloc(const struct noalias_heap *heap, uint64_t len, int *fd)
{
	int err = round_len(&len);

	if (err)
		return err;
	switch (heap->source) {
	case LIB_SOURCE_NODE:
		return alloc_node(heap, len, fd);
	case LIB_SOURCE_UDMABUF:
		return alloc_udmabuf(heap, len, fd);
	default:
		return alloc_memfd(len, fd);
	}
}
