// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A buffer's file descriptor: DMA_BUF_IOCTL_SYNC, copies of the descriptor,
 * close-on-exec, read-only descriptors, and who keeps the memory alive.
 */
#define _GNU_SOURCE
#include "plant.h"
#include "heap_buffers.h"

#include <linux/dma-buf.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define LEN (20 * PAGE)

static int sync_buffer(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	return ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync) ? -errno : 0;
}

/* kills: an operation that refuses a direction it must take */
static void sync_all_good_flags(void)
{
	static const uint64_t directions[] = {
		DMA_BUF_SYNC_READ, DMA_BUF_SYNC_WRITE, DMA_BUF_SYNC_RW,
	};
	int fd = new_buffer(LEN);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directions); i++) {
		EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_START | directions[i]),
			  0);
		EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_END | directions[i]),
			  0);
	}
	/* Pairs need not match: nothing is owed to a device. */
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW), 0);
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ), 0);
}

/* kills: success for what nobody asked for in earnest */
static void sync_bad_flags(void)
{
	int fd = new_buffer(LEN);

	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_START), -EINVAL);
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_END), -EINVAL);
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_RW | 8), -EINVAL);
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_RW | 1ull << 32), -EINVAL);
	EXPECT_EQ(sync_buffer(fd, ~0ull), -EINVAL);
	EXPECT_ERRNO(ioctl(fd, DMA_BUF_IOCTL_SYNC, NULL), EFAULT);
}

/* kills: cache maintenance through a cached mapping; entries changed */
static void sync_leaves_entries_alone(void)
{
	int bed = open_bed(), fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN);
	uint32_t pfns[LEN / PAGE];
	struct plant_frames found;

	pfns_of(bed, mem, LEN / PAGE, pfns);
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW), 0);
	fill(mem, LEN, 4);
	EXPECT_EQ(sync_buffer(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW), 0);
	EXPECT(holds(mem, LEN, 4));
	EXPECT_EQ(peek_user(bed, mem).type, plant_heap_type());
	found = scan_kernel(bed, pfns, LEN / PAGE, plant_heap_type());
	EXPECT_EQ(found.nr_kmap + found.nr_fixmap + found.nr_vmalloc, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
}

/* --- descriptors ---------------------------------------------------------------------- */

/* kills: a buffer that goes with one of its descriptors */
static void dup_keeps_buffer(void)
{
	int fd = new_buffer(LEN), other = dup(fd);
	char *mem;

	mem = map_buffer(fd, LEN);
	fill(mem, LEN, 5);
	EXPECT(!munmap(mem, LEN));
	close(fd);
	EXPECT_EQ(my_buffer().bytes, LEN);
	mem = map_buffer(other, LEN);
	EXPECT(holds(mem, LEN, 5));
	close(other);
	EXPECT(holds(mem, LEN, 5));
	EXPECT_EQ(my_buffer().bytes, LEN);
	EXPECT(!munmap(mem, LEN));
	EXPECT_EQ(nr_held(), 0);
}

static int new_fd(uint32_t fd_flags)
{
	struct dma_heap_allocation_data data = {
		.len = LEN, .fd_flags = fd_flags,
	};
	int heap = open_heap();

	EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	close(heap);
	return data.fd;
}

/* kills: O_CLOEXEC dropped, or set for everybody */
static void cloexec_is_as_asked(void)
{
	char path[64];
	pid_t pid;
	int with = new_fd(O_RDWR | O_CLOEXEC), without = new_fd(O_RDWR);

	EXPECT_EQ(fcntl(with, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(fcntl(without, F_GETFD), 0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		snprintf(path, sizeof(path),
			 "[ ! -e /proc/self/fd/%d -a -e /proc/self/fd/%d ]",
			 with, without);
		execl("/bin/sh", "sh", "-c", path, NULL);
		_exit(1);
	}
	EXPECT(passes(pid));
}

/* kills: a read-only descriptor that can be written through after all */
static void read_only_fd_maps_read_only(void)
{
	int bed = open_bed(), fd = new_fd(O_RDONLY | O_CLOEXEC);
	struct plant_entry entry;
	char *mem;

	EXPECT_EQ(map_errno(fd, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, 0),
		  EACCES);
	mem = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	EXPECT(mem != MAP_FAILED);
	entry = peek_user(bed, mem);
	EXPECT_EQ(entry.type, plant_heap_type());
	EXPECT_EQ(entry.writable, 0);
	EXPECT_EQ(entry.special, 1);
	EXPECT_ERRNO(mprotect(mem, LEN, PROT_READ | PROT_WRITE), EACCES);
	EXPECT(is_zero(mem, LEN));
}

/* kills: a write-only descriptor taken for a readable one */
static void write_only_fd_cannot_be_mapped(void)
{
	int fd = new_fd(O_WRONLY | O_CLOEXEC);

	EXPECT_EQ(map_errno(fd, LEN, PROT_WRITE, MAP_SHARED, 0), EACCES);
	EXPECT_EQ(map_errno(fd, LEN, PROT_READ, MAP_SHARED, 0), EACCES);
}

/* --- from process to process ------------------------------------------------------------ */

static void make_and_send(void *arg)
{
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN);

	fill(mem, LEN, 6);
	EXPECT_EQ(send_fd(*(int *)arg, fd), 0);
}

/* kills: a buffer that goes with the process that made it */
static void buffer_outlives_its_maker(void)
{
	struct buffer_line line = { 0 };
	int pair[2], fd, bed;
	pid_t pid;
	char *mem;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid = start(make_and_send, &pair[1]);
	fd = receive_fd(pair[0]);
	EXPECT(passes(pid));
	mem = map_buffer(fd, LEN);
	EXPECT(holds(mem, LEN, 6));
	bed = open_bed();
	EXPECT_EQ(peek_user(bed, mem).type, plant_heap_type());
	EXPECT_EQ(read_buffers(0, &line, 1), 1);
	EXPECT_EQ(line.pid, pid);
	EXPECT_EQ(line.mmaps, 1);
}

static const struct guest_case cases[] = {
	CASE(sync_all_good_flags),
	CASE(sync_bad_flags),
	CASE(sync_leaves_entries_alone),
	CASE(dup_keeps_buffer),
	CASE(cloexec_is_as_asked),
	CASE(read_only_fd_maps_read_only),
	CASE(write_only_fd_cannot_be_mapped),
	CASE(buffer_outlives_its_maker),
};
GUEST_MAIN(cases)
