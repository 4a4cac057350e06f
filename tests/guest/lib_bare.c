// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * libnoalias on a stock kernel without the module. The runner of the other
 * programs asks the module after each case; this one has its own.
 */
#define _GNU_SOURCE
#include "../lib/tap.h"

#include <fcntl.h>
#include <sys/mman.h>

#define LEN 12288u

static struct noalias_heap *fallback(void)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = NOALIAS_MEMTYPE_UC,
		.flags = NOALIAS_HEAP_FALLBACK,
	};
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_find(&request, &heap), 0);
	return heap;
}

/* kills: cached memory that nobody asked for */
static void refused_unless_allowed(void)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = NOALIAS_MEMTYPE_UC,
	};
	struct noalias_heap *heap;
	int promise;

	for (promise = 0; promise <= NOALIAS_PROMISE_GUARANTEED; promise++) {
		request.promise = (enum noalias_promise)promise;
		EXPECT_ERROR(noalias_heap_find(&request, &heap), ENOENT,
			     "is the module noalias loaded?");
	}
	EXPECT_ERROR(noalias_heap_open("system-uncached", 0, &heap), ENOENT,
		     "is the module noalias loaded?");
}

/* kills: a source that does not match what this kernel has */
static void fallback_is_what_the_kernel_has(void)
{
	struct noalias_heap_info info = { .size = sizeof(info) };
	struct noalias_heap *heap = fallback();
	const char *source = "memfd";

	if (!access("/dev/udmabuf", R_OK | W_OK))
		source = "udmabuf";
	if (!access("/dev/dma_heap/system", R_OK))
		source = "system";
	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	EXPECT_STR(info.name, source);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_NONE);
	EXPECT_EQ(info.fallback, ENOENT);
	tap_say("%s", source);
	noalias_heap_close(heap);
}

/* kills: a buffer that does not say that it is cached, or does not work */
static void fallback_works_and_says_so(void)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };
	struct noalias_heap *heap = fallback();
	struct noalias_buffer *buffer, *other;
	char *mem, *there;
	int fd;

	EXPECT_EQ(noalias_buffer_alloc(heap, LEN - 1, &buffer), 0);
	noalias_heap_close(heap);
	EXPECT_EQ(noalias_buffer_query(buffer, &info), 0);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_NONE);
	EXPECT_EQ(info.fallback, ENOENT);
	EXPECT_EQ(info.len, LEN);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ_WRITE,
				     (void **)&mem), 0);
	EXPECT_EQ(noalias_buffer_sync_begin(buffer, NOALIAS_WRITE), 0);
	noalias_fill_uncached(mem, 3, LEN);
	EXPECT_EQ(noalias_buffer_sync_end(buffer, NOALIAS_WRITE), 0);
	EXPECT_EQ(noalias_buffer_export(buffer, &fd), 0);
	EXPECT_EQ(noalias_buffer_import(fd, &other), 0);
	close(fd);
	noalias_buffer_close(buffer);
	EXPECT_EQ(noalias_buffer_query(other, &info), 0);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(info.fallback, 0);
	EXPECT_EQ(noalias_buffer_map(other, NOALIAS_READ, (void **)&there), 0);
	EXPECT_EQ(there[0], 3);
	EXPECT_EQ(there[LEN - 1], 3);
	noalias_buffer_close(other);
}

/* kills: a list that is an error where there is nothing to list */
static void list_is_empty(void)
{
	if (!access("/dev/dma_heap", F_OK))
		return;
	/* It would call a function at NULL. */
	EXPECT_EQ(noalias_heap_list(NULL, NULL), 0);
}

/* kills: more memory than the machine has, ended by the kernel */
static void fallback_refuses_more_than_half(void)
{
	struct noalias_heap *heap = fallback();
	struct noalias_buffer *buffer;

	EXPECT(noalias_buffer_alloc(heap, 1ull << 38, &buffer) < 0);
	EXPECT(strstr(noalias_error_message(), "274877906944 bytes"));
	noalias_heap_close(heap);
}

static const struct tap_case cases[] = {
	TAP(refused_unless_allowed),
	TAP(fallback_is_what_the_kernel_has),
	TAP(fallback_works_and_says_so),
	TAP(list_is_empty),
	TAP(fallback_refuses_more_than_half),
};

TAP_MAIN(cases)
