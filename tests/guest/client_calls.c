// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The calls of clients that cannot run here, in their order and with their
 * flags: libdmabufheap, the gralloc modules over it, mpp, rpicam-apps, libcamera
 * and GStreamer's allocators, as their sources have them. docs/clients.md says
 * which names they open. Only the calls are theirs, the code is ours.
 *
 * Expects the heaps that tests/vm/client.sh adds.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A picture of 320 by 180 in three planes: not of whole pages. */
#define PLANE_LEN	(320u * 180u)
#define PICTURE_LEN	(PLANE_LEN + PLANE_LEN / 2)

/* --- what all of them do -------------------------------------------------- */

/* The names do not tell the type to the helpers of guest.h: this one does. */
static void judge_as(const char *heap)
{
	EXPECT(!setenv("NA_HEAP", heap, 1));
}

static int try_open(const char *name, int mode)
{
	char path[64];

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", name);
	return open(path, mode | O_CLOEXEC);
}

static int open_named(const char *name, int mode)
{
	int heap = try_open(name, mode);

	EXPECT(heap >= 0);
	return heap;
}

static int alloc_named(int heap, const char *name)
{
	int fd = alloc_on(heap, PICTURE_LEN);

	EXPECT(fd >= 0);
	EXPECT(!ioctl(fd, DMA_BUF_SET_NAME, name));
	return fd;
}

/* As long as the client thinks that it is. */
static void *map_picture(int fd, int prot)
{
	void *mem = mmap(NULL, PICTURE_LEN, prot, MAP_SHARED, fd, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

static void sync_buffer(int fd, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	EXPECT(!ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync));
}

static void write_picture(int fd, void *mem, uint64_t flags, uint32_t seed)
{
	sync_buffer(fd, DMA_BUF_SYNC_START | flags);
	fill(mem, PICTURE_LEN, seed);
	sync_buffer(fd, DMA_BUF_SYNC_END | flags);
}

static void read_picture(int fd, const void *mem, uint32_t seed)
{
	sync_buffer(fd, DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
	EXPECT(holds(mem, PICTURE_LEN, seed));
	sync_buffer(fd, DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
}

/* --- libdmabufheap and gralloc -------------------------------------------- */

static bool is_listed(const char *name)
{
	DIR *dir = opendir("/dev/dma_heap");
	struct dirent *entry;
	bool found = false;

	EXPECT(dir);
	while (!found && (entry = readdir(dir)))
		found = !strcmp(entry->d_name, name);
	closedir(dir);
	return found;
}

/*
 * It looks for the heap in the folder, opens it once for reading, and names each
 * buffer by the heap, with the command of 64 bits.
 *
 * kills: a heap that must be opened for writing, or once for each buffer
 */
static void libdmabufheap_keeps_the_heap_open(void)
{
	int heap, i, fds[3];
	char *mem;

	EXPECT(is_listed("system-uncached"));
	heap = open_named("system-uncached", O_RDONLY);
	for (i = 0; i < 3; i++) {
		fds[i] = alloc_on(heap, PICTURE_LEN);
		EXPECT(fds[i] >= 0);
		EXPECT(!ioctl(fds[i], DMA_BUF_SET_NAME_B, "system-uncached"));
	}
	close(heap);
	for (i = 0; i < 3; i++) {
		mem = map_picture(fds[i], PROT_READ | PROT_WRITE);
		write_picture(fds[i], mem, DMA_BUF_SYNC_WRITE, i);
		read_picture(fds[i], mem, i);
		expect_no_alias(mem, PICTURE_LEN);
	}
}

static void gralloc_consumer(void *arg)
{
	int socket = *(int *)arg, fd = receive_fd(socket);
	char *mem;

	EXPECT(fd >= 0);
	mem = map_picture(fd, PROT_READ | PROT_WRITE);
	read_picture(fd, mem, 31);
	write_picture(fd, mem, DMA_BUF_SYNC_RW, 32);
	EXPECT(!munmap(mem, PICTURE_LEN));
	close(fd);
}

/*
 * The allocator maps for reading and writing whatever the usage is, the process
 * that draws from it does too.
 *
 * kills: an access of one process that is not over when the other's begins
 */
static void gralloc_locks_in_two_processes(void)
{
	int sockets[2], heap = open_named("system-uncached", O_RDONLY);
	int fd = alloc_on(heap, PICTURE_LEN);
	char *mem = map_picture(fd, PROT_READ | PROT_WRITE);
	pid_t pid;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets));
	write_picture(fd, mem, DMA_BUF_SYNC_RW, 31);
	pid = start(gralloc_consumer, &sockets[1]);
	EXPECT(!send_fd(sockets[0], fd));
	EXPECT(passes(pid));
	read_picture(fd, mem, 32);
	expect_no_alias(mem, PICTURE_LEN);
}

/* --- mpp ------------------------------------------------------------------ */

#define MPP_DMA32	1
#define MPP_CACHEABLE	2

/* By these bits, and 4 for CMA. */
static const char *const mpp_names[8] = {
	"system-uncached", "system-uncached-dma32", "system", "system-dma32",
	"cma-uncached", "cma-uncached-dma32", "cma", "cma-dma32",
};

static int mpp_dup(int fd)
{
	return fd > 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
}

/* What is missing is replaced by what differs in one of the two bits. */
static void mpp_open_heaps(int heaps[8])
{
	int i;

	for (i = 0; i < 8; i++)
		heaps[i] = try_open(mpp_names[i], O_RDONLY);
	for (i = 0; i < 8; i++) {
		if (heaps[i] <= 0)
			heaps[i] = mpp_dup(heaps[i ^ MPP_CACHEABLE]);
		if (heaps[i] <= 0)
			heaps[i] = mpp_dup(heaps[i ^ MPP_DMA32]);
		EXPECT(heaps[i] > 0);
	}
}

/* A command of Rockchip's kernel; in others its number is another command's. */
struct mpp_sync_partial {
	uint64_t flags;
	uint32_t offset;
	uint32_t len;
};

#define MPP_SYNC_PARTIAL	_IOW(DMA_BUF_BASE, 2, struct mpp_sync_partial)

static void mpp_use(int heap)
{
	struct mpp_sync_partial part = { .len = 64 };
	int fd = alloc_on(heap, PICTURE_LEN), imported;
	char *mem;

	EXPECT(fd >= 0);
	imported = mpp_dup(fd);
	close(fd);
	EXPECT((fcntl(imported, F_GETFL) & O_ACCMODE) == O_RDWR);
	mem = map_picture(imported, PROT_READ | PROT_WRITE);
	part.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW;
	EXPECT_ERRNO(ioctl(imported, MPP_SYNC_PARTIAL, &part), ENOTTY);
	write_picture(imported, mem, DMA_BUF_SYNC_RW, 33);
	read_picture(imported, mem, 33);
	expect_no_alias(mem, PICTURE_LEN);
	EXPECT(!munmap(mem, PICTURE_LEN));
	close(imported);
}

/* kills: one of its names that gives memory of another type than the rest */
static void mpp_finds_a_heap_for_each_flag(void)
{
	int heaps[8], i;

	mpp_open_heaps(heaps);
	for (i = 0; i < 8; i++) {
		/* A kernel's own heap of that name is cached, and none of ours. */
		if (!(i & MPP_CACHEABLE) || !is_listed(mpp_names[i]))
			mpp_use(heaps[i]);
	}
}

/* --- rpicam-apps ---------------------------------------------------------- */

#define NR_PICTURES 6

/*
 * A picture is being read from the moment that it is there until it is queued
 * again; what draws on it begins and ends an access of its own within.
 *
 * kills: an access that is refused or ended because there is another
 */
static void rpicam_draws_within_a_read(void)
{
	int heap = open_named("vidbuf_cached", O_RDWR), fds[NR_PICTURES], i;
	char *mem[NR_PICTURES];

	judge_as("system-writecombine");
	for (i = 0; i < NR_PICTURES; i++) {
		fds[i] = alloc_named(heap, "rpicam-apps0");
		mem[i] = map_picture(fds[i], PROT_READ | PROT_WRITE);
	}
	for (i = 0; i < 2 * NR_PICTURES; i++) {
		int at = i % NR_PICTURES;

		sync_buffer(fds[at], DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ);
		write_picture(fds[at], mem[at], DMA_BUF_SYNC_RW, 40 + i);
		EXPECT(holds(mem[at], PICTURE_LEN, 40 + i));
		sync_buffer(fds[at], DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ);
	}
	expect_no_alias(mem[0], PICTURE_LEN);
}

/* --- libcamera ------------------------------------------------------------ */

/* The first that opens; udmabuf is not for us. */
static int libcamera_open(int mode)
{
	static const char *const names[] = { "linux,cma", "reserved", "system" };
	size_t i;
	int heap = -1;

	for (i = 0; i < ARRAY_SIZE(names) && heap < 0; i++)
		heap = try_open(names[i], mode);
	EXPECT(heap >= 0);
	return heap;
}

/*
 * All planes are in one buffer, whose length is asked of the descriptor. What
 * writes it maps for writing alone, what reads it for reading alone. Up to 0.7.2
 * the heap is opened for writing, later for reading.
 *
 * kills: an area that is for writing only refused, or one of more than was asked
 */
static void libcamera_maps_planes_one_way(void)
{
	int fd = alloc_named(libcamera_open(O_RDWR), "frame-0");
	char *in, *out;

	judge_as("system-writecombine");
	EXPECT(lseek(fd, 0, SEEK_END) >= (off_t)PICTURE_LEN);
	out = map_picture(fd, PROT_WRITE);
	write_picture(fd, out, DMA_BUF_SYNC_WRITE, 51);
	EXPECT(!munmap(out, PICTURE_LEN));
	in = map_picture(fd, PROT_READ);
	read_picture(fd, in, 51);
	EXPECT(holds(in, PICTURE_LEN, 51));
	expect_no_alias(in, PICTURE_LEN);
	close(alloc_named(libcamera_open(O_RDONLY), "frame-1"));
}

/* --- GStreamer ------------------------------------------------------------ */

/*
 * GstDmaBufAllocator: mapped first and synced then, the other way round at the
 * end, each time anew.
 *
 * kills: a buffer that is gone, or of another type, when it is mapped again
 */
static void gstreamer_maps_each_time(void)
{
	int heap = open_named("system-writecombine", O_RDONLY);
	int fd = alloc_on(heap, PICTURE_LEN), turn;
	char *mem;

	judge_as("system-writecombine");
	for (turn = 0; turn < 4; turn++) {
		mem = map_picture(fd, PROT_WRITE);
		write_picture(fd, mem, DMA_BUF_SYNC_WRITE, 60 + turn);
		EXPECT(!munmap(mem, PICTURE_LEN));
		mem = map_picture(fd, PROT_READ);
		read_picture(fd, mem, 60 + turn);
		expect_no_alias(mem, PICTURE_LEN);
		EXPECT(!munmap(mem, PICTURE_LEN));
	}
}

/*
 * The same with KEEP_MAPPED: the area stays, and its protection is changed to
 * what each access needs.
 *
 * kills: a protection made anew from a constant, without the type
 */
static void gstreamer_keeps_mapped(void)
{
	int heap = open_named("system-writecombine", O_RDONLY), turn;
	int fd = alloc_on(heap, PICTURE_LEN);
	char *mem = map_picture(fd, PROT_READ);

	judge_as("system-writecombine");
	for (turn = 0; turn < 4; turn++) {
		EXPECT(!mprotect(mem, PICTURE_LEN, PROT_WRITE));
		write_picture(fd, mem, DMA_BUF_SYNC_WRITE, 70 + turn);
		expect_no_alias(mem, PICTURE_LEN);
		EXPECT(!mprotect(mem, PICTURE_LEN, PROT_READ));
		read_picture(fd, mem, 70 + turn);
		expect_no_alias(mem, PICTURE_LEN);
	}
}

/*
 * GstVideoDmabufPool, since 1.28: a buffer goes back when the fences of whoever
 * reads it are over.
 *
 * kills: a fence where nobody works on the buffer
 */
static void gstreamer_pool_waits_for_readers(void)
{
	struct dma_buf_export_sync_file sync = {
		.flags = DMA_BUF_SYNC_WRITE, .fd = -1,
	};
	struct pollfd poll_fd = { .events = POLLIN };
	int fd = new_buffer(PICTURE_LEN);

	EXPECT(!ioctl(fd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE, &sync));
	poll_fd.fd = sync.fd;
	EXPECT(poll(&poll_fd, 1, 0) == 1);
	EXPECT(poll_fd.revents & POLLIN);
	close(sync.fd);
}

/*
 * MediaTek's GstDmaHeapAllocator takes the length that comes back for that of the
 * memory, and gives up when it is less than it asked for.
 *
 * kills: a length in the caller's struct that is not the one it asked for
 */
static void mediatek_gets_its_length_back(void)
{
	struct dma_heap_allocation_data data = {
		.len = PICTURE_LEN, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int heap = open_named("system-uncached", O_RDONLY);

	EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	EXPECT_EQ(data.len, PICTURE_LEN);
	EXPECT_EQ(data.fd_flags, O_RDWR | O_CLOEXEC);
	EXPECT_EQ(data.heap_flags, 0);
}

/* --- NXP's kernels -------------------------------------------------------- */

#define NXP_PHYSICAL_ADDRESS	_IOW(DMA_BUF_BASE, 10, unsigned long)

/*
 * libimxdmabuffer and NXP's GstDMABUFHEAPSAllocator ask where the buffer is, and
 * give up when they are not told.
 *
 * kills: an address of the first frame, which says nothing of the others
 */
static void nxp_gets_no_physical_address(void)
{
	int heap = open_named("linux,cma-uncached", O_RDWR);
	int fd = alloc_on(heap, PICTURE_LEN);
	unsigned long address = 0;

	EXPECT(fd >= 0);
	EXPECT_ERRNO(ioctl(fd, NXP_PHYSICAL_ADDRESS, &address), ENOTTY);
	EXPECT_EQ(address, 0);
}

static const struct guest_case cases[] = {
	CASE(libdmabufheap_keeps_the_heap_open),
	CASE(gralloc_locks_in_two_processes),
	CASE(mpp_finds_a_heap_for_each_flag),
	CASE_PAT(rpicam_draws_within_a_read),
	CASE_PAT(libcamera_maps_planes_one_way),
	CASE_PAT(gstreamer_maps_each_time),
	CASE_PAT(gstreamer_keeps_mapped),
	CASE(gstreamer_pool_waits_for_readers),
	CASE(mediatek_gets_its_length_back),
	CASE(nxp_gets_no_physical_address),
};
GUEST_MAIN(cases)
