// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One buffer: its type by the module, its contents through every mapping that a
 * program can have, and that nobody gets at its frames behind the module's back.
 */
#include "selftest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libnoalias/error.h>

#define NR_WORDS (SELFTEST_LEN / sizeof(uint32_t))

static void failed(struct selftest *test, const struct selftest_heap *heap,
		   const char *name, const char *what)
{
	findings_add(&test->findings, name, FINDING_PROBLEM, "%s: %s: %s",
		     heap->name, what, noalias_error_message());
}

static void add_wrong(struct selftest *test, const struct selftest_heap *heap,
		      const char *name, const char *wrong)
{
	struct finding *finding =
		findings_add(&test->findings, name, FINDING_PROBLEM, "%s: %s",
			     heap->name, wrong);

	finding_remedy(finding, "report it, with the output of noalias selftest --json and of dmesg");
}

/* --- contents ---------------------------------------------------------------- */

static uint32_t word_of(size_t i, uint32_t seed)
{
	return (uint32_t)i * 0x9e3779b1u + seed;
}

static void fill(volatile uint32_t *words, uint32_t seed)
{
	size_t i;

	for (i = 0; i < NR_WORDS; i++)
		words[i] = word_of(i, seed);
}

static bool holds(const volatile uint32_t *words, uint32_t seed)
{
	size_t i;

	for (i = 0; i < NR_WORDS; i++)
		if (words[i] != word_of(i, seed))
			return false;
	return true;
}

static bool is_zero(const volatile uint32_t *words)
{
	size_t i;

	for (i = 0; i < NR_WORDS; i++)
		if (words[i])
			return false;
	return true;
}

/* The other process: exit status 0 only if it read seed 2 and wrote seed 3. */
static void look_from_outside(int fd)
{
	void *mem = mmap(NULL, SELFTEST_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
			 fd, 0);

	if (mem == MAP_FAILED || !holds(mem, 2))
		_exit(1);
	fill(mem, 3);
	_exit(0);
}

static const char *share_with_process(struct noalias_buffer *buffer)
{
	int fd, status;
	pid_t pid;

	if (noalias_buffer_export(buffer, &fd))
		return "has no descriptor";
	pid = fork();
	if (!pid)
		look_from_outside(fd);
	close(fd);
	if (pid < 0)
		return "could not be given to another process: fork() failed";
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status ? "is another one in another process" : NULL;
}

static const char *contents_wrong(struct selftest_heap *heap)
{
	const char *wrong = NULL;
	void *second;

	if (!is_zero(heap->mapped))
		return "a new buffer is not zeroed";
	fill(heap->mapped, 1);
	if (!holds(heap->mapped, 1))
		return "a buffer does not keep what is written";
	if (noalias_buffer_map(heap->buffer, NOALIAS_READ_WRITE, &second))
		return "a buffer cannot be mapped twice";
	if (!holds(second, 1))
		wrong = "a second mapping shows other contents";
	fill(second, 2);
	if (!wrong && !holds(heap->mapped, 2))
		wrong = "what is written through a second mapping does not arrive";
	noalias_buffer_unmap(heap->buffer, second);
	if (!wrong)
		wrong = share_with_process(heap->buffer);
	if (!wrong && !holds(heap->mapped, 3))
		wrong = "what another process wrote does not arrive";
	return wrong;
}

static void check_contents(struct selftest *test, struct selftest_heap *heap)
{
	const char *wrong = contents_wrong(heap);

	if (wrong)
		add_wrong(test, heap, "contents", wrong);
	else
		findings_add(&test->findings, "contents", FINDING_OK,
			     "%s: zeroed; the same through two mappings and from another process",
			     heap->name);
}

/* --- other users of its frames ----------------------------------------------------- */

/* A special entry has no page: get_user_pages() says so in two ways. */
static bool is_refused(ssize_t result)
{
	return result < 0 && (errno == EFAULT || errno == EEXIST);
}

static bool vmsplice_is_refused(void *mem)
{
	struct iovec from = { .iov_base = mem, .iov_len = 4096 };
	bool refused;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return false;
	refused = is_refused(vmsplice(ends[1], &from, 1, 0));
	close(ends[0]);
	close(ends[1]);
	return refused;
}

static bool vm_read_is_refused(void *mem)
{
	char bytes[64];
	struct iovec to = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct iovec from = { .iov_base = mem, .iov_len = sizeof(bytes) };

	return is_refused(process_vm_readv(getpid(), &to, 1, &from, 1, 0));
}

/*
 * Who gets a reference to a frame by get_user_pages() may keep it, and touch it
 * through the kernel's cached mapping, after the buffer is gone.
 */
static void check_pins(struct selftest *test, struct selftest_heap *heap)
{
	if (!vmsplice_is_refused(heap->mapped))
		add_wrong(test, heap, "pins", "vmsplice() is not refused: get_user_pages() gives frames away");
	else if (!vm_read_is_refused(heap->mapped))
		add_wrong(test, heap, "pins", "process_vm_readv() is not refused: get_user_pages() gives frames away");
	else
		findings_add(&test->findings, "pins", FINDING_OK,
			     "%s: get_user_pages() is refused (vmsplice, process_vm_readv)",
			     heap->name);
}

/* --- type and promise ---------------------------------------------------------------- */

static void check_type(struct selftest *test, struct selftest_heap *heap)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };
	const char *type, *promise;
	char wrong[160];

	if (noalias_buffer_query(heap->buffer, &info)) {
		failed(test, heap, "type", "a buffer cannot be queried");
		return;
	}
	heap->promise = info.promise;
	type = noalias_memtype_name(info.memtype);
	promise = noalias_promise_name(info.promise);
	if (info.memtype == NOALIAS_MEMTYPE_UNKNOWN || !info.id) {
		findings_add(&test->findings, "type", FINDING_NOTE,
			     "%s: unknown without /dev/noalias", heap->name);
	} else if (info.memtype == heap->memtype &&
		   info.promise >= NOALIAS_PROMISE_BEST_EFFORT) {
		findings_add(&test->findings, "type",
			     info.promise == NOALIAS_PROMISE_GUARANTEED ?
			     FINDING_OK : FINDING_NOTE,
			     "%s: %s, promise: %s", heap->name, type, promise);
	} else {
		snprintf(wrong, sizeof(wrong), "%s, promise: %s; it should be %s",
			 type, promise, noalias_memtype_name(heap->memtype));
		add_wrong(test, heap, "type", wrong);
	}
}

void selftest_try(struct selftest *test, struct selftest_heap *heap)
{
	if (noalias_buffer_alloc(heap->heap, SELFTEST_LEN, &heap->buffer)) {
		heap->buffer = NULL;
		failed(test, heap, "buffer", "1 MiB cannot be allocated");
		return;
	}
	if (noalias_buffer_map(heap->buffer, NOALIAS_READ_WRITE,
			       &heap->mapped)) {
		heap->mapped = NULL;
		failed(test, heap, "buffer", "it cannot be mapped");
		return;
	}
	check_type(test, heap);
	check_contents(test, heap);
	check_pins(test, heap);
}

void selftest_release(struct selftest_heap *heap)
{
	if (heap->mapped)
		noalias_buffer_unmap(heap->buffer, heap->mapped);
	if (heap->buffer)
		noalias_buffer_close(heap->buffer);
	if (heap->heap)
		noalias_heap_close(heap->heap);
}
