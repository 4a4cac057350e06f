// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A fake module for noalias doctor and noalias selftest with the answers that the
 * case selects (NA_FAKE, a list of words), while files come from a sysroot. The
 * linker inserts it (--wrap). Its buffers are memfds. Descriptors and buffers
 * that are not released are reported.
 *
 * doctor takes pages; what takes more says "large". NA_RATES is what bench
 * measures: MB/s to read and to write cached memory, UC and WC.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <libnoalias/buffer.h>
#include <libnoalias/error.h>

#include "../../cli/bench.h"

#define LEN 4096

struct noalias_heap {
	char name[NOALIAS_NAME_LEN];
};

struct noalias_buffer {
	struct noalias_heap *heap;
	size_t len;
	int fd;
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
int __wrap_noalias_heap_find(const struct noalias_heap_request *request,
			     struct noalias_heap **heap);
int __wrap_noalias_heap_query(const struct noalias_heap *heap,
			      struct noalias_heap_info *info);
int __wrap_noalias_buffer_export(const struct noalias_buffer *buffer, int *fd);
int __wrap_bench_run(struct bench_memory *memory,
		     const struct noalias_heap *heap, size_t len,
		     unsigned int rounds);
bool __wrap_machine_is_guest(void);
bool __wrap_machine_is_emulated(void);
ssize_t __wrap_vmsplice(int fd, const struct iovec *from, size_t nr,
			unsigned int flags);
ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *to,
				unsigned long nr_to, const struct iovec *from,
				unsigned long nr_from, unsigned long flags);

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
	static const char byte = 1;

	if ((len == LEN) == is_wanted("large") || is_wanted("no-alloc"))
		return fail(ENOMEM, "alloc", heap->name);
	*buffer = calloc(1, sizeof(**buffer));
	(*buffer)->heap = heap;
	(*buffer)->len = len;
	(*buffer)->fd = memfd_create("fake", 0);
	if (ftruncate((*buffer)->fd, (off_t)len) ||
	    (is_wanted("dirty") &&
	     pwrite((*buffer)->fd, &byte, 1, (off_t)len - 1) != 1))
		return fail(EIO, "alloc", heap->name);
	nr_buffers++;
	return 0;
}

int __wrap_noalias_buffer_map(struct noalias_buffer *buffer,
			      enum noalias_access access, void **addr)
{
	if (access != NOALIAS_READ_WRITE || is_wanted("no-map") ||
	    (nr_mappings % 2 && is_wanted("once")))
		return fail(EACCES, "map", buffer->heap->name);
	*addr = mmap(NULL, buffer->len, PROT_READ | PROT_WRITE,
		     is_wanted("torn") ? MAP_PRIVATE : MAP_SHARED, buffer->fd,
		     0);
	nr_mappings++;
	return 0;
}

int __wrap_noalias_buffer_unmap(struct noalias_buffer *buffer, void *addr)
{
	if (munmap(addr, buffer->len))
		return fail(EINVAL, "unmap", buffer->heap->name);
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
	close(buffer->fd);
	free(buffer);
}

/* --- noalias selftest ------------------------------------------------------------- */

static bool is_wc(const char *name)
{
	return strstr(name, "writecombine");
}

int __wrap_noalias_heap_find(const struct noalias_heap_request *request,
			     struct noalias_heap **heap)
{
	const char *name = request->memtype == NOALIAS_MEMTYPE_WB ? "memfd" :
			   request->memtype == NOALIAS_MEMTYPE_UC ?
			   "system-uncached" : "system-writecombine";

	if (is_wanted("no-wc") && is_wc(name))
		return fail(ENOENT, "find", name);
	return __wrap_noalias_heap_open(name, 0, heap);
}

int __wrap_noalias_heap_query(const struct noalias_heap *heap,
			      struct noalias_heap_info *info)
{
	snprintf(info->name, sizeof(info->name), "%s", heap->name);
	info->memtype = is_wc(heap->name) ? NOALIAS_MEMTYPE_WC :
					    NOALIAS_MEMTYPE_UC;
	return 0;
}

/* Another process gets other memory: what "apart" asks for. */
int __wrap_noalias_buffer_export(const struct noalias_buffer *buffer, int *fd)
{
	*fd = is_wanted("apart") ? memfd_create("other", 0) : dup(buffer->fd);
	return is_wanted("apart") ? ftruncate(*fd, (off_t)buffer->len) : 0;
}

int __wrap_bench_run(struct bench_memory *memory,
		     const struct noalias_heap *heap, size_t len,
		     unsigned int rounds)
{
	const char *rates = getenv("NA_RATES");
	double rate[6];
	int at = is_wc(heap->name) ? 4 :
		 strcmp(heap->name, "memfd") != 0 ? 2 : 0;

	(void)len;
	(void)rounds;
	if (!rates || sscanf(rates, "%lf %lf %lf %lf %lf %lf", &rate[0],
			     &rate[1], &rate[2], &rate[3], &rate[4],
			     &rate[5]) != 6)
		return 2;
	memory->value[BENCH_READ] = rate[at];
	memory->value[BENCH_WRITE] = rate[at + 1];
	return 0;
}

bool __wrap_machine_is_guest(void)
{
	return is_wanted("guest") || is_wanted("emulated");
}

bool __wrap_machine_is_emulated(void)
{
	return is_wanted("emulated");
}

ssize_t __wrap_vmsplice(int fd, const struct iovec *from, size_t nr,
			unsigned int flags)
{
	(void)fd;
	(void)flags;
	errno = EFAULT;
	return is_wanted("spliced") ? (ssize_t)(from->iov_len * nr) : -1;
}

ssize_t __wrap_process_vm_readv(pid_t pid, const struct iovec *to,
				unsigned long nr_to, const struct iovec *from,
				unsigned long nr_from, unsigned long flags)
{
	(void)pid;
	(void)from;
	(void)nr_from;
	(void)flags;
	errno = EFAULT;
	return is_wanted("peeked") ? (ssize_t)(to->iov_len * nr_to) : -1;
}
