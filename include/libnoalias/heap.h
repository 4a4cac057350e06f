/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: heaps
 *
 * Where buffers come from: a node in /dev/dma_heap. A heap is opened by its
 * name, or by what its memory has to be: uncached, write-combined or cached,
 * and how far it is certain that no mapping of another type is left.
 *
 * What is known of a heap comes from the noalias module, through /dev/noalias.
 * When that node is missing, or may not be opened, less is known, and what is
 * not known is said to be unknown: a name such as system-uncached is what
 * somebody wrote, and kernels exist where such a heap maps its memory cached.
 *
 * A node is known by its device number: a link to a heap is that heap under
 * another name, and a node that somebody else made first is not the module's
 * heap, whatever it is called.
 *
 * Nothing is replaced in silence. Only with NOALIAS_HEAP_FALLBACK may a heap
 * be something else than what was asked for: cached memory, from the first
 * that is there of the kernel's heap "system", /dev/udmabuf, and a memfd.
 *
 * A heap does not change after it was opened: any number of threads may use
 * it. Buffers do not need it any more once they are allocated. It may be used
 * after fork().
 */
#ifndef LIBNOALIAS_HEAP_H
#define LIBNOALIAS_HEAP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct noalias_heap;

/** NOALIAS_NAME_LEN - room for the name of a heap, with its final 0. */
#define NOALIAS_NAME_LEN	64

/** NOALIAS_HEAP_FALLBACK - cached memory is better than an error. */
#define NOALIAS_HEAP_FALLBACK	(1u << 0)

/** enum noalias_memtype - memory types; UC on x86 is the kernel's UC-. */
enum noalias_memtype {
	NOALIAS_MEMTYPE_UNKNOWN,	/* nobody says so that could know */
	NOALIAS_MEMTYPE_WB,		/* cached */
	NOALIAS_MEMTYPE_WC,		/* write-combined */
	NOALIAS_MEMTYPE_UC		/* uncached */
};

/**
 * enum noalias_promise - how far no mapping of another memory type is left
 *
 * A greater one is a better one, as far as it is known.
 */
enum noalias_promise {
	NOALIAS_PROMISE_UNKNOWN,	/* nobody says so that could know */
	NOALIAS_PROMISE_NONE,		/* nobody sees to it */
	NOALIAS_PROMISE_BEST_EFFORT,	/* a cached one may be left */
	NOALIAS_PROMISE_GUARANTEED	/* none is left */
};

/**
 * struct noalias_heap_request - what a heap has to be; zeroes are defaults
 * @size: sizeof(struct noalias_heap_request)
 * @memtype: NOALIAS_MEMTYPE_WB, _WC or _UC; there is no default
 * @promise: the least that will do. 0: GUARANTEED for WC and UC, NONE for WB,
 *	which is the memory that everybody has. NONE for WC and UC takes a heap
 *	at its name
 * @flags: NOALIAS_HEAP_FALLBACK or 0
 */
struct noalias_heap_request {
	size_t size;
	enum noalias_memtype memtype;
	enum noalias_promise promise;
	uint32_t flags;
};

/**
 * struct noalias_heap_info - what is known of a heap
 * @size: in: sizeof(struct noalias_heap_info)
 * @memtype: of the memory of its buffers
 * @promise: as the module says now; UNKNOWN if it cannot be asked
 * @fallback: 0, or the errno, positive, for which this is not the heap that
 *	was asked for
 * @zone: "low", "high" or "any": where frames come from now; "" is unknown
 * @name: of the heap; "udmabuf" and "memfd" are no heaps of the kernel
 * @nr_buffers: of this heap that exist in the system; 0 if unknown
 * @used: bytes that they hold; 0 if unknown
 * @limit: bytes that buffers of all heaps of the module may hold together; 0
 *	if unknown
 */
struct noalias_heap_info {
	size_t size;
	enum noalias_memtype memtype;
	enum noalias_promise promise;
	int fallback;
	char zone[8];
	char name[NOALIAS_NAME_LEN];
	uint64_t nr_buffers;
	uint64_t used;
	uint64_t limit;
};

/**
 * noalias_heap_open() - open a heap by name
 * @name: of the node in /dev/dma_heap
 * @flags: NOALIAS_HEAP_FALLBACK or 0
 * @heap: receives the heap
 *
 * Return: 0; -EINVAL @name is no name, or @flags; -ENOENT there is no such
 * heap; -EACCES, -EPERM the node may not be opened; -EMFILE, -ENFILE; -ENOMEM.
 * With NOALIAS_HEAP_FALLBACK the third to fifth become a heap that says so.
 */
int noalias_heap_open(const char *name, uint32_t flags,
		      struct noalias_heap **heap);

/**
 * noalias_heap_find() - open a heap by what it has to be
 * @request: what; must not be NULL
 * @heap: receives the heap
 *
 * The best promise wins, then the name. Every buffer allocated from the heap
 * is asked whether it is what was asked for.
 *
 * Return: 0; -EINVAL @request; -E2BIG a @request of a later version that asks
 * for what this one lacks; -ENOENT no heap has this memory; -EOPNOTSUPP those that
 * have it promise less; -EACCES, -EPERM those that promise it may not be
 * opened; -EMFILE, -ENFILE; -ENOMEM. With NOALIAS_HEAP_FALLBACK the fourth to
 * seventh become a heap that says so.
 */
int noalias_heap_find(const struct noalias_heap_request *request,
		      struct noalias_heap **heap);

/**
 * noalias_heap_list() - tell what heaps there are
 * @visit: called for each, in the order of their names; what it gets is valid
 *	until it returns. It returns 0 to go on
 * @arg: passed to it
 *
 * No heap is opened: that one is listed does not say that it may be.
 *
 * Return: 0, also when there are none; what @visit returned, if it was not 0;
 * -EACCES /dev/dma_heap may not be read; -ENOMEM.
 */
int noalias_heap_list(int (*visit)(const struct noalias_heap_info *info,
				   void *arg), void *arg);

/**
 * noalias_heap_query() - what is known of an open heap, asked now
 * @heap: heap
 * @info: receives it; @info->size says how much there is room for
 *
 * Return: 0; -EINVAL @info->size.
 */
int noalias_heap_query(const struct noalias_heap *heap,
		       struct noalias_heap_info *info);

/**
 * noalias_heap_close() - close a heap; its buffers stay. NULL is allowed.
 */
void noalias_heap_close(struct noalias_heap *heap);

/** noalias_memtype_name() - Return: "WB", "WC", "UC" or "unknown". */
const char *noalias_memtype_name(enum noalias_memtype memtype);

/**
 * noalias_promise_name() - words for people
 *
 * Return: "guaranteed", "best effort", "none" or "unknown".
 */
const char *noalias_promise_name(enum noalias_promise promise);

#ifdef __cplusplus
}
#endif

#endif
