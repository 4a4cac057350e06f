// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A fake module for noalias doctor with the answers that the case selects
 * (NA_FAKE, a list of words), while files come from a sysroot. The linker
 * inserts it (--wrap). Descriptors and buffers that are not released are
 * reported.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libnoalias/buffer.h>
#include <libnoalias/error.h>

#define LEN 4096

struct noalias_heap {
	char name[NOALIAS_NAME_LEN];
};

struct noalias_buffer {
	struct noalias_heap *heap;
	void *mapped;
};

static int nr_heaps, nr_buffers, nr_mappings;
static char message[128];

int __wrap_noalias_heap_open(const char *name, uint32_t flags,
			     struct noalias_heap **heap);
void __wrap_noalias_heap_close(struct noalias_heap *heap);
int __wrap_noalias_buffer_alloc(struct noalias_heap *heap, uint64_t len,
				struct noalias_buffer **buffer);
int __wrap_noalias_buffer_map(struct noalias_buffer *buffer,
			      enum noalias_access access, void **addr);
int __wrap_noalias_buffer_unmap(struct noalias_buffer *buffer, void *addr);
int __wrap_noalias_buffer_query(struct noalias_buffer *buffer,
				struct noalias_buffer_info *info);
void __wrap_noalias_buffer_close(struct noalias_buffer *buffer);
const char *__wrap_noalias_error_message(void);
bool __wrap_file_has_sysroot(void);

static bool is_wanted(const char *word)
{
	const char *words = getenv("NA_FAKE");

	return words && strstr(words, word);
}

static int fail(int err, const char *what, const char *name)
{
	snprintf(message, sizeof(message), "%s of %s failed", what, name);
	return -err;
}

static void say_balance(void)
{
	if (nr_heaps || nr_buffers || nr_mappings)
		fprintf(stderr, "left: %d heaps, %d buffers, %d mappings\n",
			nr_heaps, nr_buffers, nr_mappings);
}

bool __wrap_file_has_sysroot(void)
{
	return false;
}

const char *__wrap_noalias_error_message(void)
{
	return message;
}

int __wrap_noalias_heap_open(const char *name, uint32_t flags,
			     struct noalias_heap **heap)
{
	atexit(say_balance);
	if (flags || is_wanted("no-open"))
		return fail(EACCES, "open", name);
	*heap = calloc(1, sizeof(**heap));
	snprintf((*heap)->name, sizeof((*heap)->name), "%s", name);
	nr_heaps++;
	return 0;
}

void __wrap_noalias_heap_close(struct noalias_heap *heap)
{
	nr_heaps--;
	free(heap);
}

int __wrap_noalias_buffer_alloc(struct noalias_heap *heap, uint64_t len,
				struct noalias_buffer **buffer)
{
	if (len != LEN || is_wanted("no-alloc"))
		return fail(ENOMEM, "alloc", heap->name);
	*buffer = calloc(1, sizeof(**buffer));
	(*buffer)->heap = heap;
	nr_buffers++;
	return 0;
}

int __wrap_noalias_buffer_map(struct noalias_buffer *buffer,
			      enum noalias_access access, void **addr)
{
	if (access != NOALIAS_READ_WRITE || is_wanted("no-map"))
		return fail(EACCES, "map", buffer->heap->name);
	*addr = buffer->mapped = calloc(1, LEN);
	if (is_wanted("dirty"))
		((char *)*addr)[LEN - 1] = 1;
	nr_mappings++;
	return 0;
}

int __wrap_noalias_buffer_unmap(struct noalias_buffer *buffer, void *addr)
{
	if (addr != buffer->mapped)
		return fail(EINVAL, "unmap", buffer->heap->name);
	free(addr);
	nr_mappings--;
	return 0;
}

int __wrap_noalias_buffer_query(struct noalias_buffer *buffer,
				struct noalias_buffer_info *info)
{
	bool is_uc = !strstr(buffer->heap->name, "writecombine");

	if (is_wanted("no-query"))
		return fail(EMFILE, "query", buffer->heap->name);
	if (is_wanted("mute"))
		return 0;
	info->memtype = is_wanted("crossed") == is_uc ?
			NOALIAS_MEMTYPE_WC : NOALIAS_MEMTYPE_UC;
	info->promise = is_wanted("weak") || (is_wanted("half") && !is_uc) ?
			NOALIAS_PROMISE_BEST_EFFORT :
			is_wanted("wrong") ? NOALIAS_PROMISE_NONE :
			NOALIAS_PROMISE_GUARANTEED;
	info->id = 7;
	return 0;
}

void __wrap_noalias_buffer_close(struct noalias_buffer *buffer)
{
	nr_buffers--;
	free(buffer);
}
