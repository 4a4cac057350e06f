// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers: allocated, mapped, shared, asked about, from each source.
 */
#define _GNU_SOURCE
#include "heap_world.h"
#include "tap.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PAGE 4096u

static struct noalias_heap *new_heap(const char *name, uint32_t flags)
{
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_open(name, flags, &heap), 0);
	return heap;
}

static struct noalias_heap *find_heap(enum noalias_memtype memtype,
				      enum noalias_promise promise)
{
	struct noalias_heap_wish wish = {
		.size = sizeof(wish), .memtype = memtype, .promise = promise,
	};
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_find(&wish, &heap), 0);
	return heap;
}

static struct noalias_buffer *new_buffer(const char *name, uint64_t len)
{
	struct noalias_heap *heap = new_heap(name, NOALIAS_HEAP_FALLBACK);
	struct noalias_buffer *buffer;

	EXPECT_EQ(noalias_buffer_alloc(heap, len, &buffer), 0);
	noalias_heap_close(heap);
	return buffer;
}

static struct noalias_buffer_info info_of(const struct noalias_buffer *buffer)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_buffer_query(buffer, &info), 0);
	return info;
}

static unsigned int nr_fds(void)
{
	unsigned int nr = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

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
			     "heap system-uncached: does not give 8192 bytes");
	}
	world.failures[WORLD_ALLOC] = (struct world_failure) { ENOTTY, 0, 1 };
	EXPECT_ERROR(noalias_buffer_alloc(heap, 8192, &buffer), ENOTTY,
		     "the node is no heap");
	noalias_heap_close(heap);
}

static struct noalias_query_refusal refusal_of_len(int err, uint64_t max,
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
		     "does not give 4096 bytes");
	noalias_heap_close(heap);
	world_node("foreign", "252:9");
	heap = new_heap("foreign", 0);
	world.nr_calls[WORLD_REFUSAL] = 0;
	fail_alloc(ENOMEM, refusal_of_len(ENOMEM, 1, NOALIAS_IOC_LIMIT_FIXED));
	EXPECT_ERROR(noalias_buffer_alloc(heap, PAGE, &buffer), ENOMEM,
		     "does not give 4096 bytes");
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
		     "does not give 4096 bytes");
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
		     "remembers none of this thread");
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
		     "fd: 0 is no node of the module");
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

/* kills: a wish that holds for the heap and not for what comes out of it */
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

/* kills: a weaker wish refused where only sysfs can be asked */
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
		     "memfd: does not get 20971520 bytes");
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
		     "udmabuf: does not take 4096 bytes");
	EXPECT_EQ(nr_fds(), nr);
	world.failures[WORLD_UDMABUF] = (struct world_failure) { EINTR, 0, 2 };
	EXPECT_EQ(noalias_buffer_alloc(heap, 2 << 20, &buffer), 0);
	noalias_buffer_close(buffer);
	noalias_heap_close(heap);
}

/* --- mappings ---------------------------------------------------------------- */

/* kills: rights that are not those that were asked for */
static void map_with_rights(void)
{
	struct noalias_buffer *buffer;
	void *ro, *wo, *rw;

	world_begin();
	buffer = new_buffer("none", PAGE);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ, &ro), 0);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_WRITE, &wo), 0);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ_WRITE, &rw), 0);
	*(volatile char *)wo = 7;
	EXPECT_EQ(*(volatile char *)ro, 7);
	*(volatile char *)rw = 8;
	EXPECT_EQ(*(volatile char *)ro, 8);
	fflush(stdout);
	pid_t pid = fork();
	if (!pid) {
		/* The sanitizer would call it a success of its own. */
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)ro = 9;
		_exit(0);
	}
	EXPECT(WIFSIGNALED(tap_ended(pid)));
	noalias_buffer_close(buffer);
}

/* Descriptors of this process that a program after exec() would have. */
static int nr_inherited(void)
{
	int fd, flags, nr = 0;

	for (fd = 0; fd < 1024; fd++) {
		flags = fcntl(fd, F_GETFD);
		nr += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return nr;
}

/* kills: a descriptor of heap, buffer, import or export that exec() keeps */
static void descriptors_end_with_exec(void)
{
	struct noalias_buffer *buffer, *other;
	int before, fd;

	world_begin();
	before = nr_inherited();
	buffer = new_buffer("none", PAGE);
	EXPECT_EQ(nr_inherited(), before);
	EXPECT_EQ(noalias_buffer_export(buffer, &fd), 0);
	EXPECT_EQ(nr_inherited(), before);
	EXPECT_EQ(noalias_buffer_import(fd, &other), 0);
	EXPECT_EQ(nr_inherited(), before);
	close(fd);
	noalias_buffer_close(other);
	noalias_buffer_close(buffer);
}

/* kills: no or unknown access */
static void map_refuses_bad_access(void)
{
	struct noalias_buffer *buffer;
	void *addr;

	world_begin();
	buffer = new_buffer("none", PAGE);
	EXPECT_ERROR(noalias_buffer_map(buffer, (enum noalias_access)0, &addr),
		     EINVAL, "access: is 0");
	EXPECT_ERROR(noalias_buffer_map(buffer, (enum noalias_access)4, &addr),
		     EINVAL, "access: is 4");
	EXPECT_ERROR(noalias_buffer_sync_begin(buffer,
					       (enum noalias_access)0),
		     EINVAL, "access: is 0");
	EXPECT_ERROR(noalias_buffer_sync_end(buffer, (enum noalias_access)-1),
		     EINVAL, "access: is -1");
	noalias_buffer_close(buffer);
}

static bool is_mapped(void *addr)
{
	unsigned char vec;

	return !mincore(addr, PAGE, &vec);
}

/* kills: memory of others unmapped; a mapping that stays, or goes twice */
static void unmap_only_what_is_mapped(void)
{
	struct noalias_buffer *buffer;
	char here[16];
	void *one, *two;

	world_begin();
	buffer = new_buffer("none", PAGE);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ, &one), 0);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ, &two), 0);
	EXPECT(one != two);
	EXPECT_ERROR(noalias_buffer_unmap(buffer, here), EINVAL,
		     "is no mapping of the buffer");
	EXPECT_EQ(noalias_buffer_unmap(buffer, (char *)one + 1), -EINVAL);
	EXPECT_EQ(noalias_buffer_unmap(buffer, NULL), -EINVAL);
	EXPECT_EQ(noalias_buffer_unmap(buffer, one), 0);
	EXPECT(!is_mapped(one));
	EXPECT(is_mapped(two));
	EXPECT_EQ(noalias_buffer_unmap(buffer, one), -EINVAL);
	noalias_buffer_close(buffer);
}

/* kills: mappings or descriptors that outlive the buffer */
static void close_leaves_nothing(void)
{
	struct noalias_buffer *buffer;
	unsigned int nr;
	void *one, *two;

	world_begin();
	nr = nr_fds();
	buffer = new_buffer("none", PAGE);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ, &one), 0);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_WRITE, &two), 0);
	noalias_buffer_close(buffer);
	EXPECT(!is_mapped(one) && !is_mapped(two));
	EXPECT_EQ(nr_fds(), nr);
	noalias_buffer_close(NULL);
}

/* kills: an error of mmap() lost; a length cut to the address space */
static void map_passes_errors_on(void)
{
	struct noalias_buffer *buffer;
	void *addr;
	char path[64];
	int fd, ro;

	world_begin();
	fd = world_dmabuf("vgem", PAGE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	EXPECT(ro >= 0);
	EXPECT_EQ(noalias_buffer_import(ro, &buffer), 0);
	EXPECT_ERROR(noalias_buffer_map(buffer, NOALIAS_WRITE, &addr), EACCES,
		     "4096 bytes of vgem cannot be mapped for access 2");
	noalias_buffer_close(buffer);
	close(ro);
	EXPECT(!ftruncate(fd, 1ll << 50));
	EXPECT_EQ(noalias_buffer_import(fd, &buffer), 0);
	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ, &addr),
		  sizeof(size_t) == 4 ? -EFBIG : -ENOMEM);
	EXPECT(strstr(noalias_error_message(), "1125899906842624 bytes"));
	noalias_buffer_close(buffer);
	close(fd);
}

/* kills: a reason of the module that is left out; a reason of an older request
 * for what the kernel refused before the module was asked
 */
static void map_says_why_not(void)
{
	struct noalias_buffer *buffer;
	void *addr;
	int fd;

	world_begin();
	world_module();
	fd = world_dmabuf("system-uncached", PAGE);
	EXPECT(!fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	EXPECT_EQ(noalias_buffer_import(fd, &buffer), 0);
	world.refusal = refusal_of_len(EPERM, 1, NOALIAS_IOC_LIMIT_TEXT);
	EXPECT_ERROR(noalias_buffer_map(buffer, NOALIAS_WRITE, &addr), EPERM,
		     "4096 bytes of system-uncached cannot be mapped for access 2");
	world.is_refusing = true;
	EXPECT_ERROR(noalias_buffer_map(buffer, NOALIAS_WRITE, &addr), EPERM,
		     "buffer of system-uncached: len: is 3221225472, allowed: all that there is; take less");
	noalias_buffer_close(buffer);
	close(fd);
}

/* --- sync -------------------------------------------------------------------- */

/* kills: a direction or an end mixed up; a retry left out */
static void sync_directions(void)
{
	struct noalias_buffer *buffer;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", PAGE);
	EXPECT_EQ(noalias_buffer_sync_begin(buffer, NOALIAS_READ), 0);
	EXPECT_EQ(world.last_sync, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	EXPECT_EQ(noalias_buffer_sync_end(buffer, NOALIAS_WRITE), 0);
	EXPECT_EQ(world.last_sync, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
	world.failures[WORLD_SYNC] = (struct world_failure) { EINTR, 0, 3 };
	EXPECT_EQ(noalias_buffer_sync_begin(buffer, NOALIAS_READ_WRITE), 0);
	EXPECT_EQ(world.last_sync, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW);
	world.failures[WORLD_SYNC] = (struct world_failure) { EAGAIN, 0, 3 };
	EXPECT_EQ(noalias_buffer_sync_end(buffer, NOALIAS_READ_WRITE), 0);
	EXPECT_EQ(world.last_sync, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW);
	world.failures[WORLD_SYNC] = (struct world_failure) { EIO, 0, 1 };
	EXPECT_ERROR(noalias_buffer_sync_end(buffer, NOALIAS_READ), EIO,
		     "cannot be synchronized");
	noalias_buffer_close(buffer);
}

/* --- descriptors ------------------------------------------------------------- */

/* kills: the caller's descriptor taken or kept; other memory behind it */
static void export_and_import(void)
{
	struct noalias_buffer *one, *other;
	char *here, *there;
	int fd;

	world_begin();
	world_module();
	one = new_buffer("system-writecombine", PAGE);
	EXPECT_EQ(noalias_buffer_export(one, &fd), 0);
	EXPECT_EQ(noalias_buffer_import(fd, &other), 0);
	EXPECT_EQ(close(fd), 0);
	EXPECT_EQ(info_of(other).memtype, NOALIAS_MEMTYPE_WC);
	EXPECT_EQ(info_of(other).id, info_of(one).id);
	EXPECT_EQ(info_of(other).fallback, 0);
	EXPECT_EQ(noalias_buffer_map(one, NOALIAS_READ_WRITE, (void **)&here),
		  0);
	EXPECT_EQ(noalias_buffer_map(other, NOALIAS_READ, (void **)&there), 0);
	here[17] = 5;
	noalias_buffer_close(one);
	EXPECT_EQ(there[17], 5);
	noalias_buffer_close(other);
}

/* kills: files that are no buffers; memory that can go away */
static void import_refuses_what_is_none(void)
{
	struct noalias_buffer *buffer;
	int fds[2], fd;

	world_begin();
	EXPECT_ERROR(noalias_buffer_import(-1, &buffer), EBADF,
		     "fd: -1 is not open");
	EXPECT_EQ(pipe(fds), 0);
	EXPECT_ERROR(noalias_buffer_import(fds[0], &buffer), EINVAL,
		     "is neither a dma-buf nor a memfd");
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	EXPECT_EQ(noalias_buffer_import(fd, &buffer), -EINVAL);
	fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	EXPECT_ERROR(noalias_buffer_import(fd, &buffer), EINVAL,
		     "has no bytes");
	EXPECT_EQ(ftruncate(fd, PAGE), 0);
	EXPECT_ERROR(noalias_buffer_import(fd, &buffer), EPERM,
		     "can shrink, must have F_SEAL_SHRINK");
	EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	EXPECT_EQ(noalias_buffer_import(fd, &buffer), 0);
	EXPECT_EQ(noalias_buffer_len(buffer), PAGE);
	noalias_buffer_close(buffer);
}

static struct noalias_buffer_info info_of_fd(int fd)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_buffer_query_fd(fd, &info), 0);
	return info;
}

/* kills: a type guessed for memory of another driver; its name left out */
static void query_of_foreign_is_unknown(void)
{
	struct noalias_buffer_info info;
	int fd;

	world_begin();
	world_module();
	fd = world_dmabuf("i915", 2 * PAGE);
	info = info_of_fd(fd);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_UNKNOWN);
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT_EQ(info.kind, NOALIAS_BUFFER_DMABUF);
	EXPECT_EQ(info.len, 2 * PAGE);
	EXPECT_EQ(info.id, 0);
	EXPECT_STR(info.source, "i915");
	close(fd);
	/* Another's heap of our heap's name, and nobody to ask. */
	world_remove("/dev/noalias");
	fd = world_dmabuf("system-uncached", PAGE);
	info = info_of_fd(fd);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_UNKNOWN);
	EXPECT_STR(info.source, "system-uncached");
	close(fd);
}

/* kills: memory that everybody knows to be cached called unknown */
static void query_of_cached_makers(void)
{
	static const char *const makers[] = { "system", "udmabuf" };
	size_t i;
	int fd;

	world_begin();
	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		fd = world_dmabuf(makers[i], PAGE);
		EXPECT_EQ(info_of_fd(fd).memtype, NOALIAS_MEMTYPE_WB);
		EXPECT_EQ(info_of_fd(fd).promise, NOALIAS_PROMISE_NONE);
		EXPECT_STR(info_of_fd(fd).source, makers[i]);
		close(fd);
	}
}

/* kills: an error for a question that has an answer; a moved offset */
static void query_of_anything(void)
{
	struct noalias_buffer_info info = { .size = 3 };
	int fds[2], fd;

	world_begin();
	EXPECT_EQ(pipe(fds), 0);
	EXPECT_EQ(info_of_fd(fds[0]).kind, NOALIAS_BUFFER_OTHER);
	EXPECT_EQ(info_of_fd(fds[0]).memtype, NOALIAS_MEMTYPE_UNKNOWN);
	fd = memfd_create("test", MFD_CLOEXEC);
	EXPECT_EQ(ftruncate(fd, 3 * PAGE), 0);
	EXPECT_EQ(lseek(fd, 5, SEEK_SET), 5);
	EXPECT_EQ(info_of_fd(fd).kind, NOALIAS_BUFFER_MEMFD);
	EXPECT_EQ(info_of_fd(fd).len, 3 * PAGE);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
	EXPECT_ERROR(noalias_buffer_query_fd(fd, &info), EINVAL,
		     "info: size is 3");
	EXPECT_ERROR(noalias_buffer_query_fd(12345, &info), EBADF,
		     "fd: 12345 is not open");
}

/* kills: "unknown" where the answer is that no file may be opened */
static void scarcity_is_an_error(void)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };
	struct noalias_buffer *buffer;
	struct rlimit limit = { 0, 0 };
	struct noalias_heap *heap;
	int fd = -1;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", PAGE);
	EXPECT(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = 3;
	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_ERROR(noalias_buffer_query(buffer, &info), EMFILE,
		     "cannot be asked about");
	EXPECT_ERROR(noalias_buffer_export(buffer, &fd), EMFILE,
		     "no descriptor is left");
	EXPECT_EQ(fd, -1);
	EXPECT_EQ(noalias_heap_open("system-uncached", NOALIAS_HEAP_FALLBACK,
				    &heap), -EMFILE);
	limit.rlim_cur = limit.rlim_max;
	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
	noalias_buffer_close(buffer);
}

static const struct tap_case cases[] = {
	TAP(alloc_from_module),
	TAP(alloc_refuses_bad_lengths),
	TAP(alloc_passes_errors_on),
	TAP(alloc_says_why_not),
	TAP(alloc_says_no_others_reason),
	TAP(alloc_from_older_module),
	TAP(refusal_of_a_request_elsewhere),
	TAP(refusal_through_any_node),
	TAP(alloc_goes_on_after_signals),
	TAP(alloc_holds_the_heap_to_its_promise),
	TAP(alloc_without_node),
	TAP(promise_fades_with_the_node),
	TAP(fallback_says_what_it_is),
	TAP(memfd_is_sealed),
	TAP(memfd_has_its_memory),
	TAP(memfd_without_memory),
	TAP(system_heap_within_half_the_memory),
	TAP(udmabuf_limits),
	TAP(map_with_rights),
	TAP(map_refuses_bad_access),
	TAP(unmap_only_what_is_mapped),
	TAP(close_leaves_nothing),
	TAP(map_passes_errors_on),
	TAP(map_says_why_not),
	TAP(sync_directions),
	TAP(export_and_import),
	TAP(descriptors_end_with_exec),
	TAP(import_refuses_what_is_none),
	TAP(query_of_foreign_is_unknown),
	TAP(query_of_cached_makers),
	TAP(query_of_anything),
	TAP(scarcity_is_an_error),
};

TAP_MAIN(cases)
