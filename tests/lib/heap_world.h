/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: heap_world
 *
 * A machine with the heaps that a case needs, below the library: paths in /dev,
 * /sys and fdinfo are looked up in a directory of the case, and the ioctls of
 * heaps, /dev/noalias and udmabuf are answered here. Everything else goes to
 * the kernel. The linker inserts it (--wrap).
 *
 * A dma-buf is a memfd that is called one. Answers are checked against the
 * rules of the kernel's interfaces where the library could break them.
 */
#ifndef LIB_HEAP_WORLD_H
#define LIB_HEAP_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <noalias.h>

enum world_call {
	WORLD_ALLOC,	/* DMA_HEAP_IOCTL_ALLOC */
	WORLD_SYNC,	/* DMA_BUF_IOCTL_SYNC */
	WORLD_SYNC_RANGE, /* NOALIAS_IOC_SYNC */
	WORLD_UDMABUF,	/* UDMABUF_CREATE */
	WORLD_QUERY,	/* any of /dev/noalias, but */
	WORLD_REFUSAL,	/* NOALIAS_IOC_QUERY_REFUSAL */
	WORLD_RESERVE,	/* fallocate() */
	NR_WORLD_CALLS,
};

/**
 * struct world_failure - what a call does instead
 * @err: errno
 * @after: calls that go well first
 * @times: calls that fail then
 */
struct world_failure {
	int err;
	unsigned int after;
	unsigned int times;
};

struct world {
	/* What /dev/noalias says, if there is one. */
	struct noalias_query_heap heaps[4];
	uint32_t nr_heaps;
	/* Promise of buffers, NOALIAS_IOC_*; their type is their heap's. */
	uint32_t buffer_promise;
	/* The last of this thread; without a number there is none. */
	struct noalias_query_refusal refusal;
	/* Something is refused again before each question about it. */
	bool is_refusing;
	/* Path that may not be opened. */
	const char *denied;
	struct world_failure failures[NR_WORLD_CALLS];
	unsigned int nr_calls[NR_WORLD_CALLS];
	uint64_t last_sync;
	struct noalias_sync last_range;
	/* 0: the real one. */
	uint64_t memory_pages;
	/* What an older kernel does not know of memfds. */
	unsigned int unknown_memfd_flags;
};

extern struct world world;

/** world_begin() - an empty machine: no heaps, no module. */
void world_begin(void);

/** world_file() - a file of the machine, e.g. "/dev/udmabuf". */
void world_file(const char *path, const char *text);

/** world_node() - a heap's node with a device number, "10:60". */
void world_node(const char *name, const char *dev);

/** world_link() - another name for a heap's node. */
void world_link(const char *name, const char *target);

/** world_kernel_heap() - a heap of the kernel, which sysfs knows. */
void world_kernel_heap(const char *name, const char *dev);

/** world_remove() - a file, or an empty directory. */
void world_remove(const char *path);

/** world_module() - the module with both heaps and /dev/noalias. */
void world_module(void);

/** world_dmabuf() - a dma-buf that @maker made; close() it. */
int world_dmabuf(const char *maker, uint64_t len);

#endif
