/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the parts that know of heaps and buffers share.
 *
 * heap_node.c asks the module and sysfs, heap.c chooses, heap_alloc.c makes a
 * descriptor, buffer_query.c says what a descriptor is, buffer.c keeps one.
 * Functions that return a bare errno leave no message: their caller may have
 * another way to go.
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
 * struct noalias_heap - does not change once it is open
 * @fd: of the node; -1 if the source has none
 * @source: how to allocate
 * @least: promise that each buffer has to have; 0: whatever it has
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
 * lib_node_ask() - one ioctl of /dev/noalias
 * @request: NOALIAS_IOC_*
 * @arg: its struct
 *
 * Return: 0; -ENOSYS there is nobody to ask: the node is missing, or may not
 * be opened; what open() or the call said. No message.
 */
int lib_node_ask(unsigned long request, void *arg);

/*
 * The library's numbers are those of the uapi, one higher: 0 is what nobody
 * knows. So a struct that was not filled in promises nothing, and a request
 * of zeroes does not ask for cached memory.
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

/** lib_memtype_told() - a number of the module's, which may be a newer one. */
static inline enum noalias_memtype lib_memtype_told(uint32_t memtype)
{
	return memtype < NOALIAS_MEMTYPE_UC ?
	       (enum noalias_memtype)(memtype + 1) : NOALIAS_MEMTYPE_UNKNOWN;
}

/** lib_promise_told() - likewise. */
static inline enum noalias_promise lib_promise_told(uint32_t promise)
{
	return promise < NOALIAS_PROMISE_GUARANTEED ?
	       (enum noalias_promise)(promise + 1) : NOALIAS_PROMISE_UNKNOWN;
}

/** lib_memtype_named() - Return: what the name of a heap claims. */
enum noalias_memtype lib_memtype_named(const char *name);

/**
 * lib_heap_describe() - what is known of a heap
 * @name: of the node
 * @fd: of the node if it is open: another may have its name by now; or -1
 * @info: receives it; its fallback is 0
 *
 * Return: 0; -EMFILE, -ENFILE, -ENOMEM. No message.
 */
int lib_heap_describe(const char *name, int fd, struct noalias_heap_info *info);

/* --- heap_alloc.c ------------------------------------------------------------ */

/**
 * lib_heap_alloc() - a descriptor of new memory
 * @heap: where from
 * @len: bytes, not rounded
 * @fd: receives it
 *
 * Return: as noalias_buffer_alloc(), with a message.
 */
int lib_heap_alloc(const struct noalias_heap *heap, uint64_t len, int *fd);

/* --- refusal.c --------------------------------------------------------------- */

/**
 * lib_refusal_ask() - the last refusal of this thread
 * @fd: a node of the module
 * @query: receives it; its words end within
 *
 * Return: 0; -ENOENT there is none; what the call said. No message.
 */
int lib_refusal_ask(int fd, struct noalias_query_refusal *query);

/**
 * lib_refusal_ask_any() - the same of whatever node may be opened
 *
 * Return: as there; -ENOSYS there is none; -EMFILE, -ENFILE, -ENOMEM.
 */
int lib_refusal_ask_any(struct noalias_query_refusal *query);

/* --- error.c ----------------------------------------------------------------- */

/**
 * lib_refusal_say() - field, value, limit and remedy in one line
 * @query: of lib_refusal_ask()
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
