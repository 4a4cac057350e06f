/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: buffers
 *
 * Memory with a file descriptor, usually a dma-buf, so that it can be shared
 * with devices and other processes.
 *
 *	noalias_heap_find()   noalias_buffer_alloc()    noalias_buffer_map()
 *	                      noalias_buffer_import()   noalias_buffer_export()
 *
 * The effective memory type of a buffer and its promise are read from the
 * module at each call, not cached: noalias_buffer_query(), or
 * noalias_buffer_query_fd() for any descriptor.
 *
 * The memory exists as long as any descriptor or mapping of it does. It is
 * zeroed when it is allocated.
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

/** enum noalias_access - how a buffer is accessed. */
enum noalias_access {
	NOALIAS_READ = 1,
	NOALIAS_WRITE = 2,
	NOALIAS_READ_WRITE = 3
};

/** enum noalias_buffer_kind - what the descriptor refers to. */
enum noalias_buffer_kind {
	NOALIAS_BUFFER_OTHER,	/* no buffer */
	NOALIAS_BUFFER_DMABUF,	/* a dma-buf: devices can import it */
	NOALIAS_BUFFER_MEMFD	/* memory of processes only */
};

/**
 * struct noalias_buffer_info - what is known about a buffer
 * @size: in: sizeof(struct noalias_buffer_info)
 * @memtype: effective memory type
 * @promise: as the module reports it now; UNKNOWN if the module cannot be asked
 * @kind: what the descriptor refers to
 * @fallback: as in struct noalias_heap_info, for a buffer that was allocated
 *	here; 0 for one that came as a descriptor
 * @source: heap, or exporter of the dma-buf, or "memfd"; "" is unknown
 * @len: bytes; 0 if unknown
 * @id: number that the module gave it, as shown by noalias list; 0 if the
 *	buffer is not the module's or the module cannot be asked
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
 * @heap: heap to allocate from
 * @len: bytes, 1 or more; rounded up to pages
 * @buffer: receives the buffer
 *
 * For a heap that noalias_heap_find() opened, each buffer is checked: one with
 * a weaker promise is freed again and the call fails.
 *
 * Return: 0; -EINVAL @len is 0; -EFBIG @len is more than the source can ever
 * allocate: 2 GiB less a page for a heap of the module, half of all memory for
 * cached memory; -ENOMEM no memory, or the limit on all buffers; -EOPNOTSUPP
 * the buffer's promise is weaker than requested; -ENOTTY the node is not a
 * heap; -ENODEV the heap is gone; -EMFILE, -ENFILE; or another errno of the
 * heap's ioctl.
 */
int noalias_buffer_alloc(const struct noalias_heap *heap, uint64_t len,
			 struct noalias_buffer **buffer);

/**
 * noalias_buffer_import() - make a buffer from a descriptor
 * @fd: any dma-buf, or a memfd that cannot shrink (F_SEAL_SHRINK); the caller
 *	keeps and closes it
 * @buffer: receives the buffer
 *
 * Return: 0; -EBADF; -EINVAL @fd is neither; -EPERM the memfd can shrink, which
 * would remove memory under a mapping; -EMFILE; -ENOMEM.
 */
int noalias_buffer_import(int fd, struct noalias_buffer **buffer);

/**
 * noalias_buffer_export() - get a descriptor of the buffer for others
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
 * Each call makes a new mapping.
 *
 * Return: 0; -EINVAL @access; -EACCES the descriptor was not opened for it;
 * -EFBIG longer than the address space; -ENOMEM no memory, or no free address
 * range of that length; -ENODEV the exporter does not let processes map the
 * buffer; or another errno of mmap().
 */
int noalias_buffer_map(struct noalias_buffer *buffer,
		       enum noalias_access access, void **addr);

/**
 * noalias_buffer_unmap() - undo one noalias_buffer_map()
 * @buffer: buffer
 * @addr: address returned by that call
 *
 * Return: 0; -EINVAL @addr is not a mapping of @buffer; nothing was done.
 */
int noalias_buffer_unmap(struct noalias_buffer *buffer, void *addr);

/**
 * noalias_buffer_sync_begin() - before the CPU accesses the buffer
 * @buffer: buffer
 * @access: access that will follow
 *
 * Waits for device writes that are fenced (dma_resv). For cached memory it also
 * fetches what devices wrote, and for a buffer of another exporter it does that
 * exporter's cache maintenance. Call it before each period of access and pair it with
 * noalias_buffer_sync_end().
 *
 * Return: 0; -EINVAL @access; or an errno of the exporter.
 */
int noalias_buffer_sync_begin(const struct noalias_buffer *buffer,
			      enum noalias_access access);

/**
 * noalias_buffer_sync_end() - after the CPU accessed the buffer
 * @buffer: buffer
 * @access: access that has ended
 *
 * Ordering. For a buffer of the module: earlier stores by any thread of this
 * process, on any CPU, with noalias_copy_to_uncached() or plain, are visible to
 * a device that is started after the return. Other exporters may promise less.
 *
 * Return: as noalias_buffer_sync_begin().
 */
int noalias_buffer_sync_end(const struct noalias_buffer *buffer,
			    enum noalias_access access);

/**
 * noalias_buffer_sync_begin_range() - the same for a part of the buffer
 * @buffer: buffer
 * @access: access that will follow
 * @offset: first byte of the part
 * @len: bytes of the part, 1 or more
 *
 * For a cached buffer of the module it costs by the length of the part, where caches
 * or copies have to be brought up to date at all. For all others, and if the module
 * cannot be asked, it does what noalias_buffer_sync_begin() does.
 *
 * Return: as noalias_buffer_sync_begin(); -EINVAL the part is not within the buffer.
 */
int noalias_buffer_sync_begin_range(const struct noalias_buffer *buffer,
				    enum noalias_access access,
				    uint64_t offset, uint64_t len);

/**
 * noalias_buffer_sync_end_range() - after the CPU accessed a part of the buffer
 * @buffer: buffer
 * @access: access that has ended
 * @offset: as noalias_buffer_sync_begin_range()
 * @len: likewise
 *
 * Ordering. As noalias_buffer_sync_end(), for stores into the part.
 *
 * Return: as noalias_buffer_sync_begin_range().
 */
int noalias_buffer_sync_end_range(const struct noalias_buffer *buffer,
				  enum noalias_access access, uint64_t offset,
				  uint64_t len);

/** noalias_buffer_len() - length. Return: bytes, whole pages. */
uint64_t noalias_buffer_len(const struct noalias_buffer *buffer);

/**
 * noalias_buffer_query() - type and promise of a buffer, read now
 * @buffer: buffer
 * @info: receives it; @info->size: in, sizeof(*@info)
 *
 * Return: 0; -EINVAL @info->size; -EMFILE; -ENOMEM.
 */
int noalias_buffer_query(const struct noalias_buffer *buffer,
			 struct noalias_buffer_info *info);

/**
 * noalias_buffer_query_fd() - type and promise of the buffer behind a
 * descriptor
 * @fd: any descriptor
 * @info: receives it; @info->size: in, sizeof(*@info)
 *
 * Memfds and dma-bufs of the kernel's heap "system" and of udmabuf are known to
 * be cached memory. Of a dma-buf of another driver only the exporter's name is
 * known. A descriptor of anything else is not an error: @info->kind says so.
 *
 * Return: 0; -EBADF; -EINVAL @info->size; -EMFILE; -ENOMEM.
 */
int noalias_buffer_query_fd(int fd, struct noalias_buffer_info *info);

/**
 * noalias_buffer_close() - unmap all and close. NULL is allowed.
 *
 * No other call on the buffer may run or begin. Exported descriptors stay
 * valid.
 */
void noalias_buffer_close(struct noalias_buffer *buffer);

#ifdef __cplusplus
}
#endif

#endif
