// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers: allocated from each source.
 */
#define _GNU_SOURCE
#include "heap_room.h"

/* --- allocation -------------------------------------------------------------- */

/* kills: facts of the heap where the buffer is asked; facts left out */
static void alloc_from_module(void)
{
	struct noalias_buffer_info info;
	struct noalias_buffer *buffer;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", PAGE + 1);
	info = info_of(buffer);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_UC);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_GUARANTEED);
	EXPECT_EQ(info.kind, NOALIAS_BUFFER_DMABUF);
	EXPECT_EQ(info.fallback, 0);
	EXPECT_STR(info.source, "system-uncached");
	EXPECT_EQ(info.len, 2 * PAGE);
	EXPECT(info.id != 0);
	EXPECT_EQ(noalias_buffer_len(buffer), 2 * PAGE);
	world.buffer_promise = NOALIAS_IOC_NONE;
	EXPECT_EQ(info_of(buffer).promise, NOALIAS_PROMISE_NONE);
	noalias_buffer_close(buffer);
}

/* kills: a length of 0 or beyond all limits that reaches the heap */
static void alloc_refuses_bad_lengths(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	heap = new_heap("system-uncached", 0);
	EXPECT_ERROR(noalias_buffer_alloc(heap, 0, &buffer), EINVAL,
		     "len: is 0, must be 1 or more");
	EXPECT_ERROR(noalias_buffer_alloc(heap, UINT64_MAX, &buffer), EFBIG,
		     "len: is 18446744073709551615 bytes, limit of a file");
	EXPECT_ERROR(noalias_buffer_alloc(heap, INT64_MAX, &buffer), EFBIG,
		     "len: is 9223372036854775807 bytes");
	EXPECT_EQ(world.nr_calls[WORLD_ALLOC], 0);
	noalias_heap_close(heap);
}

/* kills: an errno of the heap replaced, or taken for success */
static void alloc_passes_errors_on(void)
{
	static const int errors[] = { ENOMEM, ENODEV, EMFILE, EIO };
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;
	size_t i;

	world_begin();
	world_module();
	heap = new_heap("system-uncached", 0);
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		world.failures[WORLD_ALLOC] =
			(struct world_failure) { errors[i], 0, 1 };
		EXPECT_ERROR(noalias_buffer_alloc(heap, 8192, &buffer),
			     errors[i],
			     "heap system-uncached: cannot allocate 8192 bytes");
	}
	world.failures[WORLD_ALLOC] = (struct world_failure) { ENOTTY, 0, 1 };
	EXPECT_ERROR(noalias_buffer_alloc(heap, 8192, &buffer), ENOTTY,
		     "the node is not a heap");
	noalias_heap_close(heap);
}

static void fail_alloc(int err, struct noalias_query_refusal refusal)
{
	world.refusal = refusal;
	world.failures[WORLD_ALLOC] = (struct world_failure) { err, 0, 1 };
}

/* kills: a module's reason that is left out; ENOMEM for what is never given;
 * EFBIG for what may be given later
 */
static void alloc_says_why_not(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world.denied = "/dev/noalias";
	heap = new_heap("system-uncached", 0);
	fail_alloc(ENOMEM, refusal_of_len(ENOMEM, 2147479552,
					  NOALIAS_IOC_LIMIT_FIXED));
	EXPECT_ERROR(noalias_buffer_alloc(heap, 3ull << 30, &buffer), EFBIG,
		     "heap system-uncached: len: is 3221225472, allowed: all that there is, limit 2147479552; take less");
	fail_alloc(ENOMEM, refusal_of_len(ENOMEM, 8192,
					  NOALIAS_IOC_LIMIT_NOW));
	EXPECT_ERROR(noalias_buffer_alloc(heap, 3ull << 30, &buffer), ENOMEM,
		     "len: is 3221225472, allowed: all that there is, limit 8192 now, used 4096; take less");
	noalias_heap_close(heap);
}

/* kills: the reason of an older failure; a question to a node of somebody else */
static void alloc_says_no_others_reason(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	heap = new_heap("system-uncached", 0);
	fail_alloc(EMFILE, refusal_of_len(ENOMEM, 1, NOALIAS_IOC_LIMIT_FIXED));
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), EMFILE,
		     "cannot allocate 4096 bytes");
	noalias_heap_close(heap);
	world_node("foreign", "252:9");
	heap = new_heap("foreign", 0);
	world.nr_calls[WORLD_REFUSAL] = 0;
	fail_alloc(ENOMEM, refusal_of_len(ENOMEM, 1, NOALIAS_IOC_LIMIT_FIXED));
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), ENOMEM,
		     "cannot allocate 4096 bytes");
	EXPECT_EQ(world.nr_calls[WORLD_REFUSAL], 0);
	noalias_heap_close(heap);
}

/* kills: a module that is older than the question taken for a failure */
static void alloc_from_older_module(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	heap = new_heap("system-uncached", 0);
	world.failures[WORLD_ALLOC] = (struct world_failure) { ENOMEM, 0, 1 };
	world.failures[WORLD_REFUSAL] = (struct world_failure) { ENOTTY, 0, 1 };
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), ENOMEM,
		     "cannot allocate 4096 bytes");
	noalias_heap_close(heap);
}

static struct noalias_refusal refusal_now(int fd)
{
	struct noalias_refusal refusal = { .size = sizeof(refusal) };

	EXPECT_EQ(noalias_refusal_query(fd, &refusal), 0);
	return refusal;
}

/* kills: a field that is lost; a sentence without the limit */
static void refusal_of_a_request_elsewhere(void)
{
	struct noalias_refusal refusal;

	world_begin();
	world_module();
	world.refusal = refusal_of_len(EOPNOTSUPP, 99, NOALIAS_IOC_LIMIT_FIXED);
	refusal = refusal_now(-1);
	EXPECT_EQ(refusal.err, EOPNOTSUPP);
	EXPECT_EQ(refusal.limit, NOALIAS_LIMIT_FIXED);
	EXPECT_EQ(refusal.nr, 1);
	EXPECT_EQ(refusal.value, 3ull << 30);
	EXPECT_EQ(refusal.max, 99);
	EXPECT_EQ(refusal.used, 0);
	EXPECT_STR(refusal.field, "len");
	EXPECT_STR(refusal.sentence,
		   "len: is 3221225472, allowed: all that there is, limit 99; take less");
}

/* kills: a text of the module read past its end; the limit told for what is used */
static void refusal_that_fills_its_fields(void)
{
	struct noalias_refusal refusal;

	world_begin();
	world_module();
	world.refusal = refusal_of_len(ENOMEM, 99, NOALIAS_IOC_LIMIT_NOW);
	memset(world.refusal.limit, 'x', sizeof(world.refusal.limit));
	world.refusal.remedy[0] = 0;
	refusal = refusal_now(-1);
	EXPECT(strstr(refusal.sentence, "allowed: xxx"));
	EXPECT(strstr(refusal.sentence, "x, limit 99 now, used 4096"));
	EXPECT_EQ(strlen(strstr(refusal.sentence, "xxx")),
		  sizeof(world.refusal.limit) - 1 +
		  strlen(", limit 99 now, used 4096"));
}

/* kills: a program with a heap alone that is told nothing; an error that is
 * taken for an answer
 */
static void refusal_through_any_node(void)
{
	struct noalias_refusal refusal = { .size = sizeof(refusal) };

	world_begin();
	EXPECT_ERROR(noalias_refusal_query(-1, &refusal), ENOSYS,
		     "neither /dev/noalias nor a heap");
	world_module();
	EXPECT_ERROR(noalias_refusal_query(-1, &refusal), ENOENT,
		     "no refusal of this thread is recorded");
	world.refusal = refusal_of_len(ENOMEM, 1, NOALIAS_IOC_LIMIT_TEXT);
	world_remove("/dev/noalias");
	EXPECT_EQ(refusal_now(-1).err, ENOMEM);
	world.denied = "/dev/dma_heap/system-uncached";
	EXPECT_EQ(refusal_now(-1).err, ENOMEM);
	world_remove("/dev/dma_heap/system-writecombine");
	EXPECT_EQ(noalias_refusal_query(-1, &refusal), -ENOSYS);
	refusal.size = 8;
	world.denied = NULL;
	EXPECT_ERROR(noalias_refusal_query(-1, &refusal), EINVAL,
		     "refusal: size is 8");
	world.failures[WORLD_REFUSAL] = (struct world_failure) { ENOTTY, 0, 1 };
	EXPECT_ERROR(noalias_refusal_query(0, &refusal), ENOTTY,
		     "fd: 0 is not a node of the module");
}

/* kills: a signal taken for a failure */
static void alloc_goes_on_after_signals(void)
{
	struct noalias_buffer *buffer;

	world_begin();
	world_module();
	world.failures[WORLD_ALLOC] = (struct world_failure) { EINTR, 0, 3 };
	buffer = new_buffer("system-uncached", PAGE);
	EXPECT_EQ(world.nr_calls[WORLD_ALLOC], 4);
	noalias_buffer_close(buffer);
}

/* kills: a request that holds for the heap and not for what comes out of it */
static void alloc_holds_the_heap_to_its_promise(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;
	unsigned int nr;

	world_begin();
	world_module();
	heap = find_heap(NOALIAS_MEMTYPE_UC, NOALIAS_PROMISE_GUARANTEED);
	nr = nr_fds();
	world.buffer_promise = NOALIAS_IOC_BEST_EFFORT;
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), EOPNOTSUPP,
		     "is UC, best effort; must be UC, guaranteed");
	world.buffer_promise = NOALIAS_IOC_GUARANTEED;
	world.heaps[0].memtype = NOALIAS_IOC_WC;
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), EOPNOTSUPP,
		     "is WC, guaranteed");
	world.heaps[0].memtype = NOALIAS_IOC_UC;
	world_remove("/dev/noalias");
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), EOPNOTSUPP,
		     "is UC, unknown");
	EXPECT_EQ(nr_fds(), nr);
	noalias_heap_close(heap);
}

/* kills: a weaker request refused where only sysfs can be asked */
static void alloc_without_node(void)
{
	struct noalias_buffer_info info;
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_remove("/dev/noalias");
	heap = find_heap(NOALIAS_MEMTYPE_UC, NOALIAS_PROMISE_NONE);
	EXPECT_EQ(noalias_buffer_alloc(heap, PAGE, &buffer), 0);
	info = info_of(buffer);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_UC);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT_EQ(info.id, 0);
	EXPECT_STR(info.source, "system-uncached");
	noalias_heap_close(heap);
	noalias_buffer_close(buffer);
}

/* kills: the guarantee of a moment kept when nobody can be asked any more */
static void promise_fades_with_the_node(void)
{
	struct noalias_buffer *buffer;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", PAGE);
	EXPECT_EQ(info_of(buffer).promise, NOALIAS_PROMISE_GUARANTEED);
	world_remove("/dev/noalias");
	EXPECT_EQ(info_of(buffer).promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT_EQ(info_of(buffer).memtype, NOALIAS_MEMTYPE_UC);
	noalias_buffer_close(buffer);
}

/* kills: the heap's word, given before, for a buffer that nobody can be asked about */
static void alloc_holds_an_unknown_buffer_to_the_promise(void)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = NOALIAS_MEMTYPE_UC,
	};
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	EXPECT_EQ(noalias_heap_find(&request, &heap), 0);
	world_remove("/dev/noalias");
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), EOPNOTSUPP,
		     "promise: the buffer from heap system-uncached is UC, unknown");
	noalias_heap_close(heap);
}

/* --- fallback ---------------------------------------------------------------- */

static void expect_cached(const char *source, enum noalias_buffer_kind kind)
{
	struct noalias_buffer *buffer = new_buffer("system-uncached", 3 * PAGE);
	struct noalias_buffer_info info = info_of(buffer);
	char *mem;

	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_NONE);
	EXPECT_EQ(info.kind, kind);
	EXPECT_EQ(info.fallback, ENOENT);
	EXPECT_STR(info.source, source);
	EXPECT_EQ(info.len, 3 * PAGE);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ_WRITE,
				     (void **)&mem), 0);
	EXPECT_EQ(mem[0] | mem[3 * PAGE - 1], 0);
	memset(mem, 1, 3 * PAGE);
	EXPECT_EQ(noalias_buffer_sync_begin(buffer, NOALIAS_READ), 0);
	EXPECT_EQ(noalias_buffer_sync_end(buffer, NOALIAS_READ), 0);
	noalias_buffer_close(buffer);
}

/* kills: a fallback that says it is what was asked for, or does not work */
static void fallback_says_what_it_is(void)
{
	world_begin();
	world_kernel_heap("system", "252:0");
	world_file("/dev/udmabuf", "10:125");
	expect_cached("system", NOALIAS_BUFFER_DMABUF);
	world_remove("/dev/dma_heap/system");
	expect_cached("udmabuf", NOALIAS_BUFFER_DMABUF);
	EXPECT_EQ(world.nr_calls[WORLD_UDMABUF], 1);
	world_remove("/dev/udmabuf");
	expect_cached("memfd", NOALIAS_BUFFER_MEMFD);
}

/* kills: a file that can be cut below the mappings of others */
static void memfd_is_sealed(void)
{
	struct noalias_buffer *buffer;
	int fd;

	world_begin();
	buffer = new_buffer("none", PAGE);
	EXPECT_EQ(noalias_buffer_export(buffer, &fd), 0);
	EXPECT(ftruncate(fd, 0) && errno == EPERM);
	EXPECT(ftruncate(fd, 2 * PAGE) && errno == EPERM);
	EXPECT(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) && errno == EPERM);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	noalias_buffer_close(buffer);
}

/* kills: no memory where the kernel does not know what need not be executable */
static void memfd_of_a_kernel_before_6_3(void)
{
	world_begin();
	world.unknown_memfd_flags = 8;	/* MFD_NOEXEC_SEAL */
	noalias_buffer_close(new_buffer("none", PAGE));
}

/* kills: holes, for which there may be no memory later */
static void memfd_has_its_memory(void)
{
	struct noalias_buffer *buffer;
	struct stat stat_of;
	int fd;

	world_begin();
	world.failures[WORLD_RESERVE] = (struct world_failure) { EINTR, 1, 2 };
	buffer = new_buffer("none", 40 << 20);
	EXPECT_EQ(noalias_buffer_export(buffer, &fd), 0);
	EXPECT(!fstat(fd, &stat_of));
	EXPECT_EQ(stat_of.st_size, 40 << 20);
	EXPECT_EQ(stat_of.st_blocks, (40 << 20) / 512);
	EXPECT(world.nr_calls[WORLD_RESERVE] > 3);
	close(fd);
	noalias_buffer_close(buffer);
}

/* kills: what a failure leaves open; ENOSPC, which nobody understands here */
static void memfd_without_memory(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;
	unsigned int nr;

	world_begin();
	heap = new_heap("none", NOALIAS_HEAP_FALLBACK);
	nr = nr_fds();
	world.failures[WORLD_RESERVE] = (struct world_failure) { ENOSPC, 1, 1 };
	EXPECT_ERROR(noalias_buffer_alloc(heap, 20 << 20, &buffer), ENOMEM,
		     "memfd: cannot allocate 20971520 bytes");
	world.memory_pages = 1000;
	EXPECT_ERROR(noalias_buffer_alloc(heap, 501 * PAGE, &buffer), EFBIG,
		     "len: is 2052096 bytes, limit of half the memory 2048000");
	EXPECT_EQ(nr_fds(), nr);
	EXPECT_EQ(noalias_buffer_alloc(heap, 500 * PAGE, &buffer), 0);
	noalias_buffer_close(buffer);
	noalias_heap_close(heap);
}

/* kills: the kernel's heap asked for more than the machine has, which ends
 * processes; a limit of the library on the module's heaps, which have theirs
 */
static void system_heap_within_half_the_memory(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	world_begin();
	world_module();
	world_kernel_heap("system", "252:0");
	world.memory_pages = 1000;
	heap = new_heap("system", 0);
	EXPECT_ERROR(noalias_buffer_alloc(heap, 501 * PAGE, &buffer), EFBIG,
		     "limit of half the memory 2048000");
	EXPECT_EQ(noalias_buffer_alloc(heap, 500 * PAGE, &buffer), 0);
	noalias_buffer_close(buffer);
	noalias_heap_close(heap);
	buffer = new_buffer("system-uncached", 501 * PAGE);
	noalias_buffer_close(buffer);
}

/* kills: EINVAL of a limit that can be named; what a failure leaves open */
static void udmabuf_limits(void)
{
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;
	unsigned int nr;

	world_begin();
	world_file("/dev/udmabuf", "10:125");
	world_file("/sys/module/udmabuf/parameters/size_limit_mb", "2\n");
	heap = new_heap("none", NOALIAS_HEAP_FALLBACK);
	nr = nr_fds();
	EXPECT_ERROR(noalias_buffer_alloc(heap, (2 << 20) + 1, &buffer), EFBIG,
		     "len: is 2101248 bytes, limit of udmabuf (size_limit_mb) 2097152");
	world.failures[WORLD_UDMABUF] = (struct world_failure) { EINVAL, 0, 1 };
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), EINVAL,
		     "udmabuf: cannot create a buffer of 4096 bytes");
	EXPECT_EQ(nr_fds(), nr);
	world.failures[WORLD_UDMABUF] = (struct world_failure) { EINTR, 0, 2 };
	EXPECT_EQ(noalias_buffer_alloc(heap, 2 << 20, &buffer), 0);
	noalias_buffer_close(buffer);
	noalias_heap_close(heap);
}

static const struct tap_case cases[] = {
	TAP(alloc_from_module),
	TAP(alloc_refuses_bad_lengths),
	TAP(alloc_passes_errors_on),
	TAP(alloc_says_why_not),
	TAP(alloc_says_no_others_reason),
	TAP(alloc_from_older_module),
	TAP(refusal_of_a_request_elsewhere),
	TAP(refusal_that_fills_its_fields),
	TAP(refusal_through_any_node),
	TAP(alloc_goes_on_after_signals),
	TAP(alloc_holds_the_heap_to_its_promise),
	TAP(alloc_without_node),
	TAP(promise_fades_with_the_node),
	TAP(alloc_holds_an_unknown_buffer_to_the_promise),
	TAP(fallback_says_what_it_is),
	TAP(memfd_is_sealed),
	TAP(memfd_of_a_kernel_before_6_3),
	TAP(memfd_has_its_memory),
	TAP(memfd_without_memory),
	TAP(system_heap_within_half_the_memory),
	TAP(udmabuf_limits),
};

TAP_MAIN(cases)
