// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Unusual and bad input to the ioctl and to the heap's node. The reference is
 * the kernel's own heaps (drivers/dma-buf/dma-heap.c): they ignore much, and
 * programs written for them rely on that.
 *
 * A refused call must leave no descriptor behind: a program that got an error
 * never closes what it does not know. Each case therefore counts descriptors.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct dma_heap_allocation_data request;

static request whole(void)
{
	return (request){ .len = PAGE, .fd_flags = O_RDWR | O_CLOEXEC };
}

static unsigned int alloc_cmd(size_t size)
{
	return _IOC(_IOC_READ | _IOC_WRITE, 'H', 0, size);
}

/* @cmd on @data fails with @error, opens nothing, and changes no field. */
static void expect_refused(unsigned int cmd, void *data, size_t size,
			   int error)
{
	int heap = open_heap();
	unsigned int nr_fds = nr_open_fds();
	void *before = malloc(size + 1);

	memcpy(before, data, size);
	EXPECT_ERRNO(ioctl(heap, cmd, data), error);
	EXPECT_EQ(nr_open_fds(), nr_fds);
	EXPECT(!memcmp(before, data, size));
	EXPECT_EQ(nr_held(), 0);
	free(before);
	close(heap);
}

static void expect_request_refused(request data, int error)
{
	expect_refused(DMA_HEAP_IOCTL_ALLOC, &data, sizeof(data), error);
}

/* @cmd on @bytes works; what lies outside of fd is as it was. */
static void expect_works(unsigned int cmd, void *bytes, size_t size)
{
	int heap = open_heap();
	request *data = bytes;
	void *before = malloc(size);

	memcpy(before, bytes, size);
	EXPECT(!ioctl(heap, cmd, data));
	EXPECT(data->fd > 2 && fcntl(data->fd, F_GETFD) >= 0);
	close(data->fd);
	data->fd = 0;
	EXPECT(!memcmp(before, bytes, size));
	free(before);
	close(heap);
}

/* @cmd on @data works, and the caller is not told its descriptor. */
static void expect_untold(unsigned int cmd, request data)
{
	unsigned int nr_fds = nr_open_fds();
	request before = data;
	int heap = open_heap();

	EXPECT(!ioctl(heap, cmd, &data));
	EXPECT(!memcmp(&before, &data, sizeof(data)));
	EXPECT_EQ(nr_open_fds(), nr_fds + 2);
	EXPECT_EQ(counter("frames_in_buffers"), 1);
	EXPECT(!close(heap + 1));
	close(heap);
	EXPECT(wait_released());
}

/* --- the command ------------------------------------------------------------ */

/* kills: ENOTTY for a number that the kernel's heaps call invalid */
static void ioctl_wrong_nr(void)
{
	request data = whole();

	expect_refused(_IOWR('H', 1, request), &data, sizeof(data), EINVAL);
	EXPECT(refused("ioctl number", "0"));
	expect_refused(_IOWR('H', 255, request), &data, sizeof(data), EINVAL);
}

/* kills: a look at the command's type, which the kernel's heaps ignore */
static void ioctl_any_type(void)
{
	request data = whole();

	expect_works(_IOWR('b', 0, request), &data, sizeof(data));
	expect_works(_IOWR(0, 0, request), &data, sizeof(data));
}

/* kills: a direction that is demanded, or a struct written without being told */
static void ioctl_one_way(void)
{
	request data = whole();

	expect_untold(_IOW('H', 0, request), data);
	/* Nothing was given, so nothing was asked for. */
	expect_refused(_IOR('H', 0, request), &data, sizeof(data), EINVAL);
	EXPECT(refused("len", "1 or more"));
	expect_refused(_IO('H', 0), &data, sizeof(data), EINVAL);
	expect_refused(_IOC(_IOC_NONE, 'H', 0, 16383), &data, sizeof(data),
		       EINVAL);
}

/* kills: an answer to commands of every file, as FIONBIO */
static void ioctl_foreign_command(void)
{
	char data[64] = "";

	expect_refused(0x5401 /* TCGETS */, data, sizeof(data), EINVAL);
	expect_refused(0xffffffff, data, sizeof(data), EINVAL);
}

/* --- the struct's size -------------------------------------------------------- */

/* kills: bytes taken from beyond the struct that the command names */
static void ioctl_struct_without_len(void)
{
	static const size_t sizes[] = { 0, 1 };
	request data = whole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		expect_refused(alloc_cmd(sizes[i]), &data, sizeof(data),
			       EINVAL);
		EXPECT(refused("len", "1 or more"));
	}
}

/* kills: a minimum that the kernel's heaps do not have; fd written all the same */
static void ioctl_struct_without_fd(void)
{
	static const size_t sizes[] = { 2, 4, 7, 8 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		expect_untold(alloc_cmd(sizes[i]), whole());
}

/* kills: fields that the caller did not give taken from beyond its struct */
static void ioctl_struct_shorter_but_whole(void)
{
	request data = { .len = PAGE, .fd_flags = ~0u, .heap_flags = ~0ull };

	expect_works(alloc_cmd(12), &data, sizeof(data));
	data = (request){ .len = PAGE, .fd_flags = O_RDWR,
			  .heap_flags = ~0ull };
	expect_works(alloc_cmd(16), &data, sizeof(data));
}

static const size_t larger[] = { 25, 32, 64, 128, 129, 256, 4097, 16383 };

static void expect_larger_works(unsigned char tail)
{
	static char buf[16384];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(larger); i++) {
		memset(buf, tail, sizeof(buf));
		*(request *)buf = whole();
		expect_works(alloc_cmd(larger[i]), buf, sizeof(buf));
	}
}

/* kills: refusing newer callers, or writing past our struct in theirs */
static void ioctl_struct_larger_zero_tail(void)
{
	expect_larger_works(0);
}

/* kills: a tail that must be zero: the kernel's heaps do not look at it */
static void ioctl_struct_larger_nonzero_tail(void)
{
	expect_larger_works(0xa5);
}

/* kills: fields in reach checked less because the struct is longer */
static void ioctl_struct_larger_is_checked(void)
{
	static char buf[16384];
	request *data = (request *)buf;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(larger); i++) {
		*data = whole();
		data->heap_flags = 1;
		expect_refused(alloc_cmd(larger[i]), buf, sizeof(buf), EINVAL);
		EXPECT(refused("heap_flags", "0"));
	}
}

/* --- the argument's address ------------------------------------------------------ */

/* kills: a pointer that is followed without copy_from_user() */
static void ioctl_null_argument(void)
{
	int heap = open_heap();
	unsigned int nr_fds = nr_open_fds();

	EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, NULL), EFAULT);
	EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, 0xc0000000), EFAULT);
	EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, -8l), EFAULT);
	EXPECT_EQ(nr_open_fds(), nr_fds);
}

/* kills: a struct half of which is unmapped read as if whole */
static void ioctl_argument_crosses_into_nothing(void)
{
	char *mem = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int heap = open_heap();
	unsigned int nr_fds = nr_open_fds();
	request data = whole();

	munmap(mem + PAGE, PAGE);
	memcpy(mem + PAGE - 16, &data, 16);
	EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, mem + PAGE - 16),
		     EFAULT);
	EXPECT_EQ(nr_open_fds(), nr_fds);
}

/* A struct of @size bytes; what follows our fields has protection @prot. */
static void expect_tail_faults(size_t size, int prot)
{
	const size_t before = sizeof(request);
	char *mem = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int nr_fds = nr_open_fds();
	int heap = open_heap();
	request data = whole();

	EXPECT(mem != MAP_FAILED);
	EXPECT(!mprotect(mem + PAGE, 7 * PAGE, prot));
	memcpy(mem + PAGE - before, &data, sizeof(data));
	EXPECT_ERRNO(ioctl(heap, alloc_cmd(size), mem + PAGE - before),
		     EFAULT);
	EXPECT(wait_released());
	close(heap);
	EXPECT_EQ(nr_open_fds(), nr_fds);
	munmap(mem, 8 * PAGE);
}

/* kills: a tail that is not read as a whole, or not written back */
static void ioctl_tail_crosses_into_nothing(void)
{
	static const size_t sizes[] = { 32, 128, 129, 16383 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		expect_tail_faults(sizes[i], PROT_NONE);
		expect_tail_faults(sizes[i], PROT_READ);
	}
}

/* kills: fd installed before the copy to the caller; its number kept */
static void ioctl_read_only_argument(void)
{
	request *data = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int heap = open_heap();
	unsigned int nr_fds = nr_open_fds(), i;
	int next = dup(heap);

	EXPECT(next >= 0 && !close(next));
	*data = whole();
	mprotect(data, PAGE, PROT_READ);
	for (i = 0; i < 20; i++)
		EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, data), EFAULT);
	EXPECT_EQ(nr_open_fds(), nr_fds);
	/* A number that is taken and leads nowhere is not listed. */
	EXPECT_EQ(dup(heap), next);
	EXPECT(wait_released());
}

/* --- the fields -------------------------------------------------------------------- */

/* kills: no check of fd: a caller that reuses its struct gets surprises */
static void ioctl_fd_not_zero(void)
{
	static const uint32_t fds[] = { 1, 3, 0x7fffffff, ~0u };
	request data = whole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		data.fd = fds[i];
		expect_request_refused(data, EINVAL);
		EXPECT(refused("fd", "0 on entry"));
	}
}

/* kills: fd_flags passed on unchecked (O_DIRECT, O_PATH, ...) */
static void ioctl_wrong_fd_flags(void)
{
	static const uint32_t flags[] = {
		O_NONBLOCK, O_DIRECT, O_PATH, O_CREAT, 0x80000000,
	};
	request data = whole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		data.fd_flags = O_RDWR | flags[i];
		expect_request_refused(data, EINVAL);
		EXPECT(refused("fd_flags", "O_CLOEXEC|O_ACCMODE"));
	}
}

/* kills: heap_flags not checked, or only its lower half */
static void ioctl_wrong_heap_flags(void)
{
	static const uint64_t flags[] = { 1, 1ull << 31, 1ull << 32, 1ull << 63 };
	request data = whole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		data.heap_flags = flags[i];
		expect_request_refused(data, EINVAL);
		EXPECT(refused("heap_flags", "0"));
	}
}

/* kills: access mode or close-on-exec lost on the way to the file */
static void ioctl_fd_flags_are_kept(void)
{
	static const uint32_t modes[] = { O_RDONLY, O_WRONLY, O_RDWR };
	int heap = open_heap();
	size_t i;

	for (i = 0; i < 2 * ARRAY_SIZE(modes); i++) {
		request data = whole();

		data.fd_flags = modes[i / 2] | (i % 2 ? O_CLOEXEC : 0);
		EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
		EXPECT_EQ(fcntl(data.fd, F_GETFL) & O_ACCMODE, modes[i / 2]);
		EXPECT_EQ(fcntl(data.fd, F_GETFD), i % 2);
		close(data.fd);
	}
}

/* --- length --------------------------------------------------------------------------- */

/* kills: no check of an empty length, or one before rounding to pages */
static void ioctl_len_0(void)
{
	static const uint64_t lens[] = { 0, ~0ull, ~0ull - PAGE + 2 };
	request data = whole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		data.len = lens[i];
		expect_request_refused(data, EINVAL);
		EXPECT(refused("len", "1 or more"));
	}
}

/* kills: checks in another order: a client tells by the errno what it missed */
static void ioctl_flags_are_checked_before_len(void)
{
	request data = whole();

	data.len = 1ull << 44;
	data.heap_flags = 1;
	expect_request_refused(data, EINVAL);
	EXPECT(refused("heap_flags", "0"));
	data.fd_flags |= O_DIRECT;
	expect_request_refused(data, EINVAL);
	EXPECT(refused("fd_flags", "O_CLOEXEC|O_ACCMODE"));
	data.fd = 1;
	expect_request_refused(data, EINVAL);
	EXPECT(refused("fd", "0 on entry"));
}

static void expect_rounded(uint64_t len, uint64_t bytes)
{
	int fd = new_buffer(len);
	char *mem;

	EXPECT_EQ(lseek(fd, 0, SEEK_END), bytes);
	EXPECT_EQ(counter("frames_in_buffers"), bytes / PAGE);
	mem = map_buffer(fd, bytes);
	EXPECT(is_zero(mem, bytes));
	fill(mem, bytes, 7);
	EXPECT(holds(mem, bytes, 7));
	expect_no_alias(mem, bytes);
	munmap(mem, bytes);
	close(fd);
}

/* kills: length rounded down, or to a power of two */
static void ioctl_len_is_rounded_up(void)
{
	expect_rounded(1, PAGE);
	expect_rounded(PAGE - 1, PAGE);
	expect_rounded(PAGE, PAGE);
	expect_rounded(PAGE + 1, 2 * PAGE);
	expect_rounded(16 * PAGE + 5, 17 * PAGE);
	expect_rounded(257 * PAGE - 1, 257 * PAGE);
}

/* kills: a length of 32 bits, or a frame count that wraps */
static void ioctl_len_beyond_a_buffer(void)
{
	const uint64_t lens[] = {
		BUFFER_LEN_MAX + 1, BUFFER_LEN_MAX + PAGE,
		(1ull << 32) + 1 + (sizeof(long) == 8 ? BUFFER_LEN_MAX : 0),
		1ull << 44, (1ull << 44) + PAGE, 1ull << 63, ~0ull - PAGE + 1,
	};
	request data = whole();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		data.len = lens[i];
		expect_request_refused(data, ENOMEM);
		EXPECT(refused("len", BUFFER_LEN_MAX_TEXT));
	}
}

/* kills: limit not charged, or charged and kept after the refusal */
static void ioctl_len_beyond_the_limit(void)
{
	request data = whole();
	uint64_t limit;

	EXPECT(!write_text(PARAMETERS "limit_percent", "10"));
	limit = counter("frames_limit") * PAGE;
	data.len = limit + 1;
	expect_request_refused(data, ENOMEM);
	EXPECT(refused("len", "limit_percent of memory in all buffers"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
}

/* --- descriptors ------------------------------------------------------------------------ */

static void set_nofile(rlim_t nr)
{
	struct rlimit limit = { nr, 65536 };

	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
}

/* kills: buffer kept when no descriptor is left for it */
static void ioctl_no_descriptor_left(void)
{
	request data = whole();
	int heap = open_heap();
	unsigned int i;

	/* The lowest free number is out of bounds from here on. */
	set_nofile(heap + 1);
	for (i = 0; i < 20; i++)
		EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data), EMFILE);
	EXPECT_EQ(data.fd, 0);
	set_nofile(1024);
	EXPECT(wait_released());
	EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
}

/* --- other calls on the node and on the buffer --------------------------------------------- */

/* kills: a node that can be read, written, mapped or sought */
static void node_other_calls(void)
{
	int heap = open_heap();
	char byte = 0;

	EXPECT_ERRNO(read(heap, &byte, 1), EINVAL);
	EXPECT_ERRNO(write(heap, &byte, 1), EINVAL);
	EXPECT_ERRNO(lseek(heap, 0, SEEK_END), ESPIPE);
	EXPECT_ERRNO(pread(heap, &byte, 1, 0), ESPIPE);
	EXPECT_ERRNO(ftruncate(heap, PAGE), EINVAL);
	EXPECT_EQ(map_errno(heap, PAGE, PROT_READ, MAP_SHARED, 0), ENODEV);
	EXPECT_EQ(map_errno(heap, PAGE, PROT_READ, MAP_PRIVATE, 0), ENODEV);
}

/* kills: a buffer file with contents beside its mapping */
static void buffer_other_calls(void)
{
	int fd = new_buffer(2 * PAGE);
	char byte = 0;

	EXPECT_ERRNO(read(fd, &byte, 1), EINVAL);
	EXPECT_ERRNO(write(fd, &byte, 1), EINVAL);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 2 * PAGE);
	EXPECT_EQ(lseek(fd, 0, SEEK_SET), 0);
	EXPECT_ERRNO(lseek(fd, 1, SEEK_SET), EINVAL);
	EXPECT_ERRNO(ftruncate(fd, 4 * PAGE), EINVAL);
	EXPECT_ERRNO(fallocate(fd, 0, 0, PAGE), ENODEV);
	EXPECT_ERRNO(ioctl(fd, DMA_HEAP_IOCTL_ALLOC, &byte), ENOTTY);
}

/* kills: a way from a read-only descriptor to a writable one */
static void buffer_reopened_for_writing(void)
{
	request data = { .len = PAGE, .fd_flags = O_RDONLY | O_CLOEXEC };
	char path[64];
	int heap = open_heap();

	EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	snprintf(path, sizeof(path), "/proc/self/fd/%u", data.fd);
	EXPECT_ERRNO(open(path, O_RDWR), ENXIO);
}

static const struct guest_case cases[] = {
	CASE(ioctl_wrong_nr),
	CASE(ioctl_any_type),
	CASE(ioctl_one_way),
	CASE(ioctl_foreign_command),
	CASE(ioctl_struct_without_len),
	CASE(ioctl_struct_without_fd),
	CASE(ioctl_struct_shorter_but_whole),
	CASE(ioctl_struct_larger_zero_tail),
	CASE(ioctl_struct_larger_nonzero_tail),
	CASE(ioctl_struct_larger_is_checked),
	CASE(ioctl_null_argument),
	CASE(ioctl_argument_crosses_into_nothing),
	CASE(ioctl_tail_crosses_into_nothing),
	CASE(ioctl_read_only_argument),
	CASE(ioctl_fd_not_zero),
	CASE(ioctl_wrong_fd_flags),
	CASE(ioctl_wrong_heap_flags),
	CASE(ioctl_fd_flags_are_kept),
	CASE(ioctl_len_0),
	CASE(ioctl_flags_are_checked_before_len),
	CASE(ioctl_len_is_rounded_up),
	CASE(ioctl_len_beyond_a_buffer),
	CASE(ioctl_len_beyond_the_limit),
	CASE(ioctl_no_descriptor_left),
	CASE(node_other_calls),
	CASE(buffer_other_calls),
	CASE(buffer_reopened_for_writing),
};
GUEST_MAIN(cases)
