/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: buffers
 *
 * Memory that has a file descriptor, a dma-buf as a rule, and so can be shared
 * with devices and other processes.
 *
 *	noalias_heap_find()   noalias_buffer_alloc()    noalias_buffer_map()
 *	                      noalias_buffer_import()   noalias_buffer_export()
 *
 * What a buffer really is, its effective memory type and what is promised of
 * it, is asked of the module and not remembered: noalias_buffer_query(), or
 * noalias_buffer_query_fd() for any descriptor.
 *
 * The memory lives as long as anybody holds a descriptor or a mapping of it.
 * It is zero when it is allocated.
 *
 * Threads. All calls but close may be made by any number of threads at the
 * same time. After fork() the child has mappings and descriptors too, and
 * closes its own.
 */
#ifndef LIBNOALIAS_BUFFER_H
#define LIBNOALIAS_BUFFER_H

#include <libnoalias/heap.h>

#ifdef __cplusplus
extern "C" {
#endif

struct noalias_buffer;

/** enum noalias_access - what is done to a buffer. */
enum noalias_access {
	NOALIAS_READ = 1,
	NOALIAS_WRITE = 2,
	NOALIAS_READ_WRITE = 3
};

/** enum noalias_buffer_kind - what its descriptor is. */
enum noalias_buffer_kind {
	NOALIAS_BUFFER_OTHER,	/* no buffer */
	NOALIAS_BUFFER_DMABUF,	/* a dma-buf: devices can import it */
	NOALIAS_BUFFER_MEMFD	/* memory of processes only */
};

/**
 * struct noalias_buffer_info - what is known of a buffer
 * @size: in: sizeof(struct noalias_buffer_info)
 * @memtype: effective memory type
 * @promise: as the module says now; UNKNOWN if it cannot be asked
 * @kind: what its descriptor is
 * @fallback: as in struct noalias_heap_info, for a buffer that was allocated
 *	here; 0 for one that came as a descriptor
 * @source: heap, or who made the dma-buf, or "memfd"; "" is unknown
 * @len: bytes; 0 if unknown
 * @id: number that the module gave it, as in noalias list; 0 if it is not the
 *	module's or the module cannot be asked
 */
struct noalias_buffer_info {
	size_t size;
	enum noalias_memtype memtype;
	enum noalias_promise promise;
	enum noalias_buffer_kind kind;
	int fallback;
	char source[NOALIAS_NAME_LEN];
	uint64_t len;
	uint64_t id;
};

/**
 * noalias_buffer_alloc() - allocate a buffer
 * @heap: where from
 * @len: bytes, 1 or more; rounded up to pages
 * @buffer: receives the buffer
 *
 * A heap that noalias_heap_find() opened is held to its promise: a buffer
 * that has less is given back and refused.
 *
 * Return: 0; -EINVAL @len is 0; -EFBIG @len is more than the source ever
 * gives: of a heap of the module 2 GiB less a page, of cached memory half of
 * what there is; -ENOMEM no memory, or the limit on all buffers; -EOPNOTSUPP the buffer
 * promises less than was asked for; -ENOTTY the node is no heap; -ENODEV the heap
 * is gone; -EMFILE, -ENFILE; or what the heap said.
 */
int noalias_buffer_alloc(const struct noalias_heap *heap, uint64_t len,
			 struct noalias_buffer **buffer);

/**
 * noalias_buffer_import() - make a buffer of a descriptor
 * @fd: a dma-buf of anybody, or a memfd that cannot shrink (F_SEAL_SHRINK);
 *	stays the caller's
 * @buffer: receives the buffer
 *
 * Return: 0; -EBADF; -EINVAL @fd is neither; -EPERM it can shrink, and its
 * memory go away below a mapping; -EMFILE; -ENOMEM.
 */
int noalias_buffer_import(int fd, struct noalias_buffer **buffer);

/**
 * noalias_buffer_export() - a descriptor of the buffer, to give away
 * @buffer: buffer
 * @fd: receives it; close-on-exec; the caller closes it
 *
 * Return: 0; -EMFILE.
 */
int noalias_buffer_export(const struct noalias_buffer *buffer, int *fd);

/**
 * noalias_buffer_map() - map the whole buffer
 * @buffer: buffer
 * @access: what the mapping is for
 * @addr: receives the address, a multiple of the page
 *
 * Each call makes a mapping of its own.
 *
 * Return: 0; -EINVAL @access; -EACCES the descriptor was not opened for it;
 * -EFBIG longer than the address space; -ENOMEM no memory, or no such stretch
 * of addresses; -ENODEV who made the buffer does not let processes map it; or
 * what mmap() said.
 */
int noalias_buffer_map(struct noalias_buffer *buffer,
		       enum noalias_access access, void **addr);

/**
 * noalias_buffer_unmap() - undo one noalias_buffer_map()
 * @buffer: buffer
 * @addr: what that call gave
 *
 * Return: 0; -EINVAL @addr is no mapping of @buffer: nothing was done.
 */
int noalias_buffer_unmap(struct noalias_buffer *buffer, void *addr);

/**
 * noalias_buffer_sync_begin() - before the CPU accesses the buffer
 * @buffer: buffer
 * @access: what it is going to do
 *
 * Waits for devices that announced to write. For a buffer that is not the
 * module's it also does what its maker has to do about caches. To be called
 * before each piece of work, and answered by noalias_buffer_sync_end().
 *
 * Return: 0; -EINVAL @access; or what the maker of the buffer said.
 */
int noalias_buffer_sync_begin(const struct noalias_buffer *buffer,
			      enum noalias_access access);

/**
 * noalias_buffer_sync_end() - after the CPU accessed the buffer
 * @buffer: buffer
 * @access: what it has done
 *
 * Ordering. What any thread of this process wrote before, on whichever CPU, by
 * noalias_copy_to_uncached() or plain stores, can be read by a device that is
 * started afterwards. For a buffer of the module; other makers may promise less.
 *
 * Return: as noalias_buffer_sync_begin().
 */
int noalias_buffer_sync_end(const struct noalias_buffer *buffer,
			    enum noalias_access access);

/** noalias_buffer_len() - Return: bytes, whole pages. */
uint64_t noalias_buffer_len(const struct noalias_buffer *buffer);

/**
 * noalias_buffer_query() - what a buffer is, asked now
 * @buffer: buffer
 * @info: receives it; @info->size says how much there is room for
 *
 * Return: 0; -EINVAL @info->size; -EMFILE; -ENOMEM.
 */
int noalias_buffer_query(const struct noalias_buffer *buffer,
			 struct noalias_buffer_info *info);

/**
 * noalias_buffer_query_fd() - what the buffer behind a descriptor is
 * @fd: any descriptor
 * @info: receives it; @info->size says how much there is room for
 *
 * Cached memory that is known to be such: memfds, and dma-bufs of the kernel's
 * heap "system" and of udmabuf. A dma-buf of another driver is unknown, but
 * for its maker's name. A descriptor of something else is no error:
 * @info->kind says so.
 *
 * Return: 0; -EBADF; -EINVAL @info->size; -EMFILE; -ENOMEM.
 */
int noalias_buffer_query_fd(int fd, struct noalias_buffer_info *info);

/**
 * noalias_buffer_close() - unmap all and close. NULL is allowed.
 *
 * No other call on the buffer runs or begins. Exported descriptors stay good.
 */
void noalias_buffer_close(struct noalias_buffer *buffer);

#ifdef __cplusplus
}
#endif

#endif
