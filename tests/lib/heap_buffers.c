// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers: mapped, shared, asked about, from each source.
 */
#define _GNU_SOURCE
#include "heap_room.h"

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
		     "is not a mapping of the buffer");
	EXPECT_EQ(noalias_buffer_unmap(buffer, (char *)one + 1), -EINVAL);
	EXPECT_EQ(noalias_buffer_unmap(buffer, NULL), -EINVAL);
	EXPECT_EQ(noalias_buffer_unmap(buffer, one), 0);
	EXPECT(!is_mapped(one));
	EXPECT(is_mapped(two));
	EXPECT_EQ(noalias_buffer_unmap(buffer, one), -EINVAL);
	noalias_buffer_close(buffer);
}

/* kills: mappings or descriptors that outlive buffer or heap */
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
	world_module();
	noalias_buffer_close(new_buffer("system-uncached", PAGE));
	EXPECT_EQ(nr_fds(), nr);
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

static void expect_range(uint32_t flags, uint64_t offset, uint64_t len)
{
	EXPECT_EQ(world.last_range.flags, flags);
	EXPECT_EQ(world.last_range.offset, offset);
	EXPECT_EQ(world.last_range.len, len);
	EXPECT_EQ(world.nr_calls[WORLD_SYNC], 0);
}

/* kills: sync-range-of-all; a direction or an end mixed up */
static void sync_range_of_modules_buffer(void)
{
	struct noalias_buffer *buffer;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", 3 * PAGE);
	EXPECT_EQ(noalias_buffer_sync_begin_range(buffer, NOALIAS_READ, 5, 9), 0);
	expect_range(DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ, 5, 9);
	EXPECT_EQ(noalias_buffer_sync_end_range(buffer, NOALIAS_WRITE,
						3 * PAGE - 1, 1), 0);
	expect_range(DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE, 3 * PAGE - 1, 1);
	world.failures[WORLD_SYNC_RANGE] =
		(struct world_failure) { EINTR, 0, 3 };
	EXPECT_EQ(noalias_buffer_sync_end_range(buffer, NOALIAS_READ_WRITE, 0,
						PAGE), 0);
	expect_range(DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW, 0, PAGE);
	noalias_buffer_close(buffer);
}

static void expect_all_synced(struct noalias_buffer *buffer)
{
	world.last_sync = 0;
	EXPECT_EQ(noalias_buffer_sync_end_range(buffer, NOALIAS_WRITE, 7, 1), 0);
	EXPECT_EQ(world.last_sync, DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE);
}

/* kills: sync-range-or-nothing: a buffer that is not synchronized at all */
static void sync_range_is_all_without_the_module(void)
{
	struct noalias_buffer *buffer;
	int fd;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", 3 * PAGE);
	world.failures[WORLD_SYNC_RANGE] =
		(struct world_failure) { ENOTTY, 0, 1 };
	expect_all_synced(buffer);
	world.denied = "/dev/noalias";
	expect_all_synced(buffer);
	noalias_buffer_close(buffer);
	fd = world_dmabuf("system", PAGE);
	EXPECT_EQ(noalias_buffer_import(fd, &buffer), 0);
	expect_all_synced(buffer);
	EXPECT_EQ(world.nr_calls[WORLD_SYNC_RANGE], 1);
	noalias_buffer_close(buffer);
	close(fd);
}

/* kills: sync-range-overflows */
static void sync_range_refuses_what_is_outside(void)
{
	static const struct { uint64_t offset, len; } bad[] = {
		{ 0, 0 }, { 0, 3 * PAGE + 1 }, { 3 * PAGE, 1 },
		{ 3 * PAGE - 1, 2 }, { 1, UINT64_MAX }, { UINT64_MAX, 2 },
	};
	struct noalias_buffer *buffer;
	size_t i;

	world_begin();
	world_module();
	buffer = new_buffer("system-uncached", 3 * PAGE);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT_ERROR(noalias_buffer_sync_begin_range(buffer,
							     NOALIAS_READ,
							     bad[i].offset,
							     bad[i].len),
			     EINVAL, "the buffer has 12288");
		EXPECT_ERROR(noalias_buffer_sync_end_range(buffer,
							   NOALIAS_READ,
							   bad[i].offset,
							   bad[i].len),
			     EINVAL, "the buffer has 12288");
	}
	EXPECT_ERROR(noalias_buffer_sync_end_range(buffer,
						   (enum noalias_access)4, 0,
						   1),
		     EINVAL, "access: is 4");
	EXPECT_EQ(world.nr_calls[WORLD_SYNC_RANGE], 0);
	EXPECT_EQ(noalias_buffer_sync_end_range(buffer, NOALIAS_READ, 0,
						3 * PAGE), 0);
	EXPECT_EQ(world.nr_calls[WORLD_SYNC], 1);
	noalias_buffer_close(buffer);
}

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
		     "cannot be queried");
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
	TAP(map_with_rights),
	TAP(map_refuses_bad_access),
	TAP(unmap_only_what_is_mapped),
	TAP(close_leaves_nothing),
	TAP(map_passes_errors_on),
	TAP(map_says_why_not),
	TAP(sync_directions),
	TAP(sync_range_of_modules_buffer),
	TAP(sync_range_is_all_without_the_module),
	TAP(sync_range_refuses_what_is_outside),
	TAP(export_and_import),
	TAP(descriptors_end_with_exec),
	TAP(import_refuses_what_is_none),
	TAP(query_of_foreign_is_unknown),
	TAP(query_of_cached_makers),
	TAP(query_of_anything),
	TAP(scarcity_is_an_error),
};

TAP_MAIN(cases)
