// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers: a descriptor, its length, and its mappings.
 *
 * The list of mappings lets unmap refuse a wrong address, and close remove all.
 * Nothing else changes after creation.
 */
#include <libnoalias/buffer.h>
#include <libnoalias/error.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dma-buf.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "extensible.h"
#include "heap.h"

struct mapping {
	struct mapping *next;
	void *addr;
};

/**
 * struct noalias_buffer - one buffer
 * @fd: ours
 * @known: what was known at creation; used if the module cannot be asked
 * @lock: protects @mappings
 * @mappings: made by noalias_buffer_map() and not removed yet
 */
struct noalias_buffer {
	int fd;
	struct noalias_buffer_info known;
	pthread_mutex_t lock;
	struct mapping *mappings;
};

/* --- making ------------------------------------------------------------------ */

/* Takes ownership of @fd, also on failure. */
static int create_buffer(int fd, const struct noalias_buffer_info *known,
			 struct noalias_buffer **buffer)
{
	*buffer = calloc(1, sizeof(**buffer));
	if (!*buffer) {
		close(fd);
		return lib_fail(ENOMEM, "buffer: no memory to describe it");
	}
	(*buffer)->fd = fd;
	(*buffer)->known = *known;
	pthread_mutex_init(&(*buffer)->lock, NULL);
	return 0;
}

/* The promise of a buffer that was not queried is unknown. */
static enum noalias_promise unasked(enum noalias_promise promise)
{
	return promise > NOALIAS_PROMISE_NONE ? NOALIAS_PROMISE_UNKNOWN :
						promise;
}

/* Use the heap's values where the descriptor's are unknown. */
static void inherit(struct noalias_buffer_info *info,
		    const struct noalias_heap_info *heap)
{
	info->fallback = heap->fallback;
	if (info->memtype != NOALIAS_MEMTYPE_UNKNOWN)
		return;
	info->memtype = heap->memtype;
	info->promise = unasked(heap->promise);
	memcpy(info->source, heap->name, sizeof(info->source));
}

static int check_promise(const struct noalias_heap *heap,
			 const struct noalias_buffer_info *info)
{
	if (info->promise >= heap->least &&
	    (!heap->least || info->memtype == heap->known.memtype))
		return 0;
	return lib_fail(EOPNOTSUPP, "promise: the buffer from heap %s is %s, %s; must be %s, %s",
			heap->known.name, noalias_memtype_name(info->memtype),
			noalias_promise_name(info->promise),
			noalias_memtype_name(heap->known.memtype),
			noalias_promise_name(heap->least));
}

static int query_new(const struct noalias_heap *heap, int fd,
		     struct noalias_buffer_info *info)
{
	int err = lib_fd_query(fd, info);

	if (err)
		return err;
	inherit(info, &heap->known);
	return check_promise(heap, info);
}

LIB_PUBLIC int noalias_buffer_alloc(const struct noalias_heap *heap,
				    uint64_t len,
				    struct noalias_buffer **buffer)
{
	struct noalias_buffer_info info;
	int fd, err;

	err = lib_heap_alloc(heap, len, &fd);
	if (err)
		return err;
	err = query_new(heap, fd, &info);
	if (err) {
		close(fd);
		return err;
	}
	return create_buffer(fd, &info, buffer);
}

static int check_import(int fd, const struct noalias_buffer_info *info)
{
	if (info->kind == NOALIAS_BUFFER_OTHER)
		return lib_fail(EINVAL, "fd: %d is neither a dma-buf nor a memfd",
				fd);
	if (!info->len)
		return lib_fail(EINVAL, "fd: %d has no bytes", fd);
	if (info->kind == NOALIAS_BUFFER_MEMFD &&
	    !(fcntl(fd, F_GET_SEALS) & F_SEAL_SHRINK))
		return lib_fail(EPERM, "fd: %d is a memfd that can shrink, must have F_SEAL_SHRINK",
				fd);
	return 0;
}

LIB_PUBLIC int noalias_buffer_import(int fd, struct noalias_buffer **buffer)
{
	struct noalias_buffer_info info;
	int err = lib_fd_query(fd, &info), ours;

	if (!err)
		err = check_import(fd, &info);
	if (err)
		return err;
	ours = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (ours < 0)
		return lib_fail(errno, "fd: %d cannot be duplicated", fd);
	return create_buffer(ours, &info, buffer);
}

LIB_PUBLIC int noalias_buffer_export(const struct noalias_buffer *buffer,
				     int *fd)
{
	int theirs = fcntl(buffer->fd, F_DUPFD_CLOEXEC, 0);

	if (theirs < 0)
		return lib_fail(errno, "buffer: no descriptor is left to export it");
	*fd = theirs;
	return 0;
}

/* --- mapping ----------------------------------------------------------------- */

static int check_access(enum noalias_access access)
{
	if ((int)access >= NOALIAS_READ && (int)access <= NOALIAS_READ_WRITE)
		return 0;
	return lib_fail(EINVAL, "access: is %d, must be 1 (read), 2 (write) or 3 (both)",
			(int)access);
}

static void *map_fd(const struct noalias_buffer *buffer,
		    enum noalias_access access)
{
	int prot = (access & NOALIAS_READ ? PROT_READ : 0) |
		   (access & NOALIAS_WRITE ? PROT_WRITE : 0);

	return mmap(NULL, (size_t)buffer->known.len, prot, MAP_SHARED,
		    buffer->fd, 0);
}

static uint64_t nr_refusals(struct noalias_query_refusal *why)
{
	return lib_refusal_ask_any(why) ? 0 : why->nr;
}

/*
 * Was it refused by the module, or by the kernel before it called the module?
 * Only a record of a second try is certainly about this mapping. Return: as
 * map_fd().
 */
static void *map_explained(const struct noalias_buffer *buffer,
			   enum noalias_access access,
			   struct noalias_query_refusal *why)
{
	void *addr = map_fd(buffer, access);
	uint64_t nr_before;
	int err = errno;

	why->nr = 0;
	if (addr != MAP_FAILED ||
	    buffer->known.kind != NOALIAS_BUFFER_DMABUF ||
	    (buffer->known.memtype == NOALIAS_MEMTYPE_WB && !buffer->known.id))
		return addr;
	nr_before = nr_refusals(why);
	addr = map_fd(buffer, access);
	err = addr == MAP_FAILED ? errno : err;
	if (nr_refusals(why) == nr_before)
		why->nr = 0;
	errno = err;
	return addr;
}

static int map_failed(const struct noalias_buffer *buffer,
		      enum noalias_access access, int err,
		      const struct noalias_query_refusal *why)
{
	const char *source = *buffer->known.source ? buffer->known.source :
						     "unknown source";
	char sentence[NOALIAS_SENTENCE_LEN];

	if (!why->nr)
		return lib_fail(err, "buffer: %" PRIu64 " bytes of %s cannot be mapped for access %d",
				buffer->known.len, source, (int)access);
	lib_refusal_say(why, sentence);
	return lib_fail(err, "buffer of %s: %s", source, sentence);
}

static void add_mapping(struct noalias_buffer *buffer, struct mapping *mapping)
{
	pthread_mutex_lock(&buffer->lock);
	mapping->next = buffer->mappings;
	buffer->mappings = mapping;
	pthread_mutex_unlock(&buffer->lock);
}

LIB_PUBLIC int noalias_buffer_map(struct noalias_buffer *buffer,
				  enum noalias_access access, void **addr)
{
	uint64_t len = buffer->known.len;
	struct noalias_query_refusal why;
	struct mapping *mapping;
	int err = check_access(access);

	if (err)
		return err;
	if (len > SIZE_MAX)
		return lib_fail(EFBIG, "buffer: has %" PRIu64 " bytes, limit of a mapping %zu",
				len, SIZE_MAX);
	mapping = malloc(sizeof(*mapping));
	if (!mapping)
		return lib_fail(ENOMEM, "buffer: no memory to describe a mapping");
	mapping->addr = map_explained(buffer, access, &why);
	if (mapping->addr == MAP_FAILED) {
		err = map_failed(buffer, access, errno, &why);
		free(mapping);
		return err;
	}
	*addr = mapping->addr;
	add_mapping(buffer, mapping);
	return 0;
}

/* Off the list, so no other thread can use it. */
static struct mapping *take_mapping(struct noalias_buffer *buffer, void *addr)
{
	struct mapping **at, *found;

	pthread_mutex_lock(&buffer->lock);
	for (at = &buffer->mappings; *at && (*at)->addr != addr;
	     at = &(*at)->next)
		;
	found = *at;
	if (found)
		*at = found->next;
	pthread_mutex_unlock(&buffer->lock);
	return found;
}

static void destroy_mapping(const struct noalias_buffer *buffer,
			    struct mapping *mapping)
{
	munmap(mapping->addr, (size_t)buffer->known.len);
	free(mapping);
}

LIB_PUBLIC int noalias_buffer_unmap(struct noalias_buffer *buffer, void *addr)
{
	struct mapping *mapping = take_mapping(buffer, addr);

	if (!mapping)
		return lib_fail(EINVAL, "addr: %p is not a mapping of the buffer",
				addr);
	destroy_mapping(buffer, mapping);
	return 0;
}

/* --- sync -------------------------------------------------------------------- */

static uint32_t sync_flags(enum noalias_access access, uint32_t when)
{
	return when | (access & NOALIAS_READ ? DMA_BUF_SYNC_READ : 0) |
	       (access & NOALIAS_WRITE ? DMA_BUF_SYNC_WRITE : 0);
}

static int sync_buffer(const struct noalias_buffer *buffer,
		       enum noalias_access access, uint32_t when)
{
	struct dma_buf_sync sync = { .flags = sync_flags(access, when) };
	int err = check_access(access);

	if (err || buffer->known.kind != NOALIAS_BUFFER_DMABUF)
		return err;
	/* In both cases nothing was done yet: try again. */
	while (ioctl(buffer->fd, DMA_BUF_IOCTL_SYNC, &sync))
		if (errno != EINTR && errno != EAGAIN)
			return lib_fail(errno, "buffer: cannot be synchronized for access %d",
					(int)access);
	return 0;
}

LIB_PUBLIC int noalias_buffer_sync_begin(const struct noalias_buffer *buffer,
					 enum noalias_access access)
{
	return sync_buffer(buffer, access, DMA_BUF_SYNC_START);
}

LIB_PUBLIC int noalias_buffer_sync_end(const struct noalias_buffer *buffer,
				       enum noalias_access access)
{
	return sync_buffer(buffer, access, DMA_BUF_SYNC_END);
}

static int check_range(const struct noalias_buffer *buffer, uint64_t offset,
		       uint64_t len)
{
	uint64_t size = buffer->known.len;

	if (offset < size && len && len <= size - offset)
		return 0;
	return lib_fail(EINVAL, "range: %" PRIu64 " bytes from %" PRIu64 " on, the buffer has %" PRIu64,
			len, offset, size);
}

/*
 * Of buffers of others, by an older module, or if the module cannot be asked: all of
 * it, which is right as well.
 */
static int sync_range(const struct noalias_buffer *buffer,
		      enum noalias_access access, uint32_t when,
		      uint64_t offset, uint64_t len)
{
	struct noalias_sync sync = {
		.fd = buffer->fd, .flags = sync_flags(access, when),
		.offset = offset, .len = len,
	};
	int err = check_access(access);

	if (!err)
		err = check_range(buffer, offset, len);
	if (err)
		return err;
	if (buffer->known.id && len < buffer->known.len &&
	    !lib_node_ask(NOALIAS_IOC_SYNC, &sync))
		return 0;
	return sync_buffer(buffer, access, when);
}

LIB_PUBLIC int
noalias_buffer_sync_begin_range(const struct noalias_buffer *buffer,
				enum noalias_access access, uint64_t offset,
				uint64_t len)
{
	return sync_range(buffer, access, DMA_BUF_SYNC_START, offset, len);
}

LIB_PUBLIC int
noalias_buffer_sync_end_range(const struct noalias_buffer *buffer,
			      enum noalias_access access, uint64_t offset,
			      uint64_t len)
{
	return sync_range(buffer, access, DMA_BUF_SYNC_END, offset, len);
}

/* --- query and close ------------------------------------------------------ */

LIB_PUBLIC uint64_t noalias_buffer_len(const struct noalias_buffer *buffer)
{
	return buffer->known.len;
}

LIB_PUBLIC int noalias_buffer_query(const struct noalias_buffer *buffer,
				    struct noalias_buffer_info *info)
{
	struct noalias_buffer_info now;
	int err = lib_fd_query(buffer->fd, &now);

	if (err)
		return err;
	now.fallback = buffer->known.fallback;
	if (now.memtype == NOALIAS_MEMTYPE_UNKNOWN) {
		now.memtype = buffer->known.memtype;
		now.promise = unasked(buffer->known.promise);
	}
	return lib_give("info", info, &now, sizeof(now));
}

LIB_PUBLIC void noalias_buffer_close(struct noalias_buffer *buffer)
{
	struct mapping *next;

	if (!buffer)
		return;
	while (buffer->mappings) {
		next = buffer->mappings->next;
		destroy_mapping(buffer, buffer->mappings);
		buffer->mappings = next;
	}
	close(buffer->fd);
	pthread_mutex_destroy(&buffer->lock);
	free(buffer);
}
