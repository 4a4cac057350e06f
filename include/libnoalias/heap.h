/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: heaps
 *
 * Buffers are allocated from a heap, a node in /dev/dma_heap. A heap is opened
 * by name, or by the memory type and the promise that it must have. The promise
 * says how certain it is that no mapping of another type is left.
 *
 * The noalias module describes its heaps through /dev/noalias. Where that node
 * is missing or may not be opened, type and promise are reported as unknown.
 * They are not derived from a name such as system-uncached: there are kernels
 * where such a heap maps its memory cached.
 *
 * A node is identified by its device number: a link to a heap is that heap
 * under another name, and a node that another driver created first is not the
 * module's heap even if it has its name.
 *
 * Nothing is replaced silently. Only with NOALIAS_HEAP_FALLBACK may a heap
 * differ from the request: it is then cached memory, from the first that exists
 * of the kernel's heap "system", /dev/udmabuf, and a memfd.
 *
 * An open heap does not change: any number of threads may use it. Buffers stay
 * valid after the heap is closed. A heap may be used after fork().
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

/** NOALIAS_HEAP_FALLBACK - use cached memory instead of failing. */
#define NOALIAS_HEAP_FALLBACK	(1u << 0)

/** enum noalias_memtype - memory types; UC on x86 is the kernel's UC-. */
enum noalias_memtype {
	NOALIAS_MEMTYPE_UNKNOWN,	/* the module cannot be asked */
	NOALIAS_MEMTYPE_WB,		/* cached */
	NOALIAS_MEMTYPE_WC,		/* write-combined */
	NOALIAS_MEMTYPE_UC		/* uncached */
};

/**
 * enum noalias_promise - how certain is it that no mapping of another type is
 * left?
 *
 * Known promises compare as numbers: a greater one is stronger.
 */
enum noalias_promise {
	NOALIAS_PROMISE_UNKNOWN,	/* the module cannot be asked */
	NOALIAS_PROMISE_NONE,		/* no protection is known, or needed: WB */
	NOALIAS_PROMISE_BEST_EFFORT,	/* a cached mapping may be left */
	NOALIAS_PROMISE_GUARANTEED	/* no cached mapping is left */
};

/**
 * struct noalias_heap_request - required properties of a heap; 0 is the default
 * @size: sizeof(struct noalias_heap_request)
 * @memtype: NOALIAS_MEMTYPE_WB, _WC or _UC; there is no default
 * @promise: the weakest promise to accept. 0: GUARANTEED for WC and UC, NONE
 *	for WB. With NONE for WC and UC, a heap whose type is unknown is
 *	accepted by its name
 * @flags: NOALIAS_HEAP_FALLBACK or 0
 */
struct noalias_heap_request {
	size_t size;
	enum noalias_memtype memtype;
	enum noalias_promise promise;
	uint32_t flags;
};

/**
 * struct noalias_heap_info - what is known about a heap
 * @size: in: sizeof(struct noalias_heap_info)
 * @memtype: memory type of its buffers
 * @promise: as the module reports it now; UNKNOWN if the module cannot be asked
 * @fallback: 0, or the errno, positive, because of which this is not the
 *	requested heap
 * @zone: "low", "high", "dma32" or "any": where frames are allocated now; "" is unknown
 * @name: name of the heap; "udmabuf" and "memfd" are not heaps of the kernel
 * @nr_buffers: buffers of this heap in the whole system; 0 if unknown
 * @used: bytes that they hold; 0 if unknown
 * @limit: bytes that buffers of all heaps of the module may hold together, or
 *	those of this heap, if it has a smaller limit of its own; 0
 *	if unknown
 * @is_contiguous: 1 if each buffer is one range of physical memory, which the
 *	largest block of the kernel limits (4 MiB); 0 if it need not be, or is
 *	unknown
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
	uint32_t is_contiguous;
};

/**
 * noalias_heap_open() - open a heap by name
 * @name: name of the node in /dev/dma_heap
 * @flags: NOALIAS_HEAP_FALLBACK or 0
 * @heap: receives the heap
 *
 * Return: 0; -EINVAL @name is not a valid name, or @flags; -ENOENT there is no
 * such heap; -EACCES, -EPERM the node may not be opened; -EMFILE, -ENFILE;
 * -ENOMEM. With NOALIAS_HEAP_FALLBACK the call succeeds with cached memory
 * instead of -ENOENT, -EACCES and -EPERM; noalias_heap_query() reports it.
 */
int noalias_heap_open(const char *name, uint32_t flags,
		      struct noalias_heap **heap);

/**
 * noalias_heap_find() - open a heap by its required properties
 * @request: required properties; must not be NULL
 * @heap: receives the heap
 *
 * The heap with the strongest promise is taken; between equals, one that is
 * neither contiguous nor has the zone "dma32" before one that is or has, and of
 * these the first by name. Every
 * buffer allocated from the heap is checked against the request.
 *
 * Return: 0; -EINVAL @request; -E2BIG @request uses a field of a later version;
 * -ENOENT no heap has this memory type; -EOPNOTSUPP those that have it promise
 * less; -EACCES, -EPERM those that promise it may not be opened; -EMFILE,
 * -ENFILE; -ENOMEM. With NOALIAS_HEAP_FALLBACK the call succeeds with cached
 * memory instead of -ENOENT, -EOPNOTSUPP, -EACCES and -EPERM;
 * noalias_heap_query() reports it.
 */
int noalias_heap_find(const struct noalias_heap_request *request,
		      struct noalias_heap **heap);

/**
 * noalias_heap_list() - list the heaps
 * @visit: called for each heap, in the order of names; its argument is valid
 *	until it returns. It returns 0 to continue
 * @arg: passed to it
 *
 * No heap is opened: a listed heap may still refuse to be opened.
 *
 * Return: 0, also if there are no heaps; the result of @visit if it was not 0;
 * -EACCES /dev/dma_heap may not be read; -ENOMEM.
 */
int noalias_heap_list(int (*visit)(const struct noalias_heap_info *info,
				   void *arg), void *arg);

/**
 * noalias_heap_query() - what is known about an open heap, read now
 * @heap: heap
 * @info: receives it; @info->size: in, sizeof(*@info)
 *
 * Return: 0; -EINVAL @info->size.
 */
int noalias_heap_query(const struct noalias_heap *heap,
		       struct noalias_heap_info *info);

/**
 * noalias_heap_close() - close a heap; its buffers stay. NULL is allowed.
 */
void noalias_heap_close(struct noalias_heap *heap);

/**
 * noalias_memtype_name() - name of a type. Return: "WB", "WC", "UC" or
 * "unknown".
 */
const char *noalias_memtype_name(enum noalias_memtype memtype);

/**
 * noalias_promise_name() - name of a promise
 *
 * Return: "guaranteed", "best effort", "none" or "unknown".
 */
const char *noalias_promise_name(enum noalias_promise promise);

#ifdef __cplusplus
}
#endif

#endif
