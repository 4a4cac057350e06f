/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the cases on buffers share.
 */
#ifndef HEAP_ROOM_H
#define HEAP_ROOM_H

#include "heap_world.h"
#include "tap.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PAGE 4096u

ROOM struct noalias_heap *new_heap(const char *name, uint32_t flags)
{
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_open(name, flags, &heap), 0);
	return heap;
}

ROOM struct noalias_heap *find_heap(enum noalias_memtype memtype,
				    enum noalias_promise promise)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = memtype, .promise = promise,
	};
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_find(&request, &heap), 0);
	return heap;
}

ROOM struct noalias_buffer *new_buffer(const char *name, uint64_t len)
{
	struct noalias_heap *heap = new_heap(name, NOALIAS_HEAP_FALLBACK);
	struct noalias_buffer *buffer;

	EXPECT_EQ(noalias_buffer_alloc(heap, len, &buffer), 0);
	noalias_heap_close(heap);
	return buffer;
}

ROOM struct noalias_buffer_info info_of(const struct noalias_buffer *buffer)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_buffer_query(buffer, &info), 0);
	return info;
}

ROOM unsigned int nr_fds(void)
{
	unsigned int nr = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

ROOM struct noalias_query_refusal refusal_of_len(int err, uint64_t max,
						 uint32_t scope)
{
	struct noalias_query_refusal refusal = {
		.err = err, .nr = 1, .value = 3ull << 30, .max = max,
		.used = scope == NOALIAS_IOC_LIMIT_NOW ? 4096 : 0,
		.scope = scope, .field = "len",
		.limit = "all that there is", .remedy = "take less",
	};

	return refusal;
}

#endif
