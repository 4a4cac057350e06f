/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files for heaps and buffers.
 *
 * heap_node.c queries the module and sysfs, heap.c chooses a heap, heap_alloc.c
 * allocates a descriptor, buffer_query.c queries one, buffer.c owns one.
 * Functions documented as "No message" set none, because their caller may have
 * a fallback.
 */
#ifndef LIB_HEAP_H
#define LIB_HEAP_H

#include <noalias.h>

#include <libnoalias/buffer.h>
#include <libnoalias/error.h>
#include <libnoalias/heap.h>

#define LIB_HEAP_DIR	"/dev/dma_heap"
#define LIB_UDMABUF	"/dev/udmabuf"

enum lib_source {
	LIB_SOURCE_NODE,	/* of LIB_HEAP_DIR */
	LIB_SOURCE_UDMABUF,
	LIB_SOURCE_MEMFD,
};

/**
 * struct noalias_heap - an open heap; does not change
 * @fd: descriptor of the node; -1 if the source has none
 * @source: how to allocate
 * @least: weakest promise that a buffer must have; 0: any
 * @known: what was known when it was opened
 */
struct noalias_heap {
	int fd;
	enum lib_source source;
	enum noalias_promise least;
	struct noalias_heap_info known;
};

/* --- heap_node.c ------------------------------------------------------------- */

/**
 * lib_node_ask() - make an ioctl on /dev/noalias
 * @request: NOALIAS_IOC_*
 * @arg: its struct
 *
 * Return: 0; -ENOSYS the node is missing or may not be opened; or an errno of
 * open() or the ioctl. No message.
 */
int lib_node_ask(unsigned long request, void *arg);

/*
 * The library's numbers are those of the uapi plus one, and 0 is unknown. So a
 * struct that was not filled in promises nothing, and a request of zeroes does
 * not request cached memory.
 */
_Static_assert(NOALIAS_MEMTYPE_WB == NOALIAS_IOC_WB + 1 &&
	       NOALIAS_MEMTYPE_WC == NOALIAS_IOC_WC + 1 &&
	       NOALIAS_MEMTYPE_UC == NOALIAS_IOC_UC + 1, "");
_Static_assert(NOALIAS_PROMISE_NONE == NOALIAS_IOC_NONE + 1 &&
	       NOALIAS_PROMISE_BEST_EFFORT == NOALIAS_IOC_BEST_EFFORT + 1 &&
	       NOALIAS_PROMISE_GUARANTEED == NOALIAS_IOC_GUARANTEED + 1, "");
_Static_assert(NOALIAS_LIMIT_TEXT == NOALIAS_IOC_LIMIT_TEXT &&
	       NOALIAS_LIMIT_FIXED == NOALIAS_IOC_LIMIT_FIXED &&
	       NOALIAS_LIMIT_NOW == NOALIAS_IOC_LIMIT_NOW, "");

/** lib_memtype_told() - convert a number of the module, maybe a newer one. */
static inline enum noalias_memtype lib_memtype_told(uint32_t memtype)
{
	return memtype < NOALIAS_MEMTYPE_UC ?
	       (enum noalias_memtype)(memtype + 1) : NOALIAS_MEMTYPE_UNKNOWN;
}

/** lib_promise_told() - the same for a promise. */
static inline enum noalias_promise lib_promise_told(uint32_t promise)
{
	return promise < NOALIAS_PROMISE_GUARANTEED ?
	       (enum noalias_promise)(promise + 1) : NOALIAS_PROMISE_UNKNOWN;
}

/** lib_memtype_named() - memory type according to the name of a heap. */
enum noalias_memtype lib_memtype_named(const char *name);

/**
 * lib_heap_describe() - what is known about a heap
 * @name: name of the node
 * @fd: its descriptor if it is open, because the name may have been reused; or
 *	-1
 * @info: receives it, with fallback 0
 *
 * Return: 0; -EMFILE, -ENFILE, -ENOMEM. No message.
 */
int lib_heap_describe(const char *name, int fd, struct noalias_heap_info *info);

/* --- heap_alloc.c ------------------------------------------------------------ */

/**
 * lib_heap_alloc() - allocate memory
 * @heap: heap to allocate from
 * @len: bytes, not rounded
 * @fd: receives its descriptor
 *
 * Return: as noalias_buffer_alloc(), with a message.
 */
int lib_heap_alloc(const struct noalias_heap *heap, uint64_t len, int *fd);

/* --- refusal.c --------------------------------------------------------------- */

/**
 * lib_refusal_ask() - read the last refusal of this thread
 * @fd: a node of the module
 * @query: receives it, with terminated strings
 *
 * Return: 0; -ENOENT there is none; or an errno of the ioctl. No message.
 */
int lib_refusal_ask(int fd, struct noalias_query_refusal *query);

/**
 * lib_refusal_ask_any() - the same, through any node that may be opened
 *
 * Return: as there; -ENOSYS there is none; -EMFILE, -ENFILE, -ENOMEM.
 */
int lib_refusal_ask_any(struct noalias_query_refusal *query);

/* --- error.c ----------------------------------------------------------------- */

/**
 * lib_refusal_say() - write field, value, limit and remedy into one line
 * @query: from lib_refusal_ask()
 * @sentence: NOALIAS_SENTENCE_LEN bytes
 */
void lib_refusal_say(const struct noalias_query_refusal *query, char *sentence);

/* --- buffer_query.c ---------------------------------------------------------- */

/**
 * lib_fd_query() - noalias_buffer_query_fd() into a struct of this version
 *
 * Return: as there, with a message.
 */
int lib_fd_query(int fd, struct noalias_buffer_info *info);

#endif
