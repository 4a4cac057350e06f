// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers and their user mappings, with every allocation refused once.
 *
 * In each case the test kills: something kept of what was taken before the
 * refusal, a refusal taken for success, an error that is none of the caller's
 * business. What was there before the deed must be as good after it.
 */
#define _GNU_SOURCE
#include "faults.h"
#include "../../include/uapi/noalias.h"

#include <fcntl.h>
#include <linux/dma-buf.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define NR 300u			/* 18 * 16 + 12 in pieces of 16 */
#define LEN (NR * PAGE)
#define LONG (8 * MIB)		/* several page tables */
#define RW (PROT_READ | PROT_WRITE)

static int heap = -1, fd = -1, node = -1;
static char *mem, *mem_before;
static size_t len;

static void open_both(void)
{
	heap = open_heap();
	node = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC);
	EXPECT(node >= 0);
}

/* --- buffers -------------------------------------------------------------------- */

static int allocate(void)
{
	fd = alloc_on(heap, len);
	return fd < 0 ? fd : 0;
}

/* A buffer that came through a refusal is as good as any. */
static void check_and_close(int err)
{
	if (err)
		return;
	mem = map_buffer(fd, len);
	EXPECT(is_zero(mem, len));
	fill(mem, len, 5);
	EXPECT(holds(mem, len, 5));
	EXPECT(!munmap(mem, len));
	EXPECT(!close(fd));
}

static void alloc_of_one_page(void)
{
	open_both();
	len = PAGE;
	sweep(&(struct deed){ "alloc of a page", NULL, allocate,
			      check_and_close, .nr_min = 8 });
}

static void alloc_of_many_blocks(void)
{
	open_both();
	memory_in_pieces(16);
	len = LEN;
	sweep(&(struct deed){ "alloc of 300 pages", NULL, allocate,
			      check_and_close, .nr_min = 20 });
}

static void alloc_in_zone(const char *zone)
{
	char *before = read_text(PARAMETERS "zone");

	use_zone(zone);
	open_both();
	memory_in_pieces(16);
	len = LEN;
	sweep(&(struct deed){ "alloc in a zone", NULL, allocate,
			      check_and_close, .nr_min = 20 });
	EXPECT(!write_text(PARAMETERS "zone", before));
}

static void alloc_in_low_memory(void)
{
	alloc_in_zone("low");
}

static void alloc_in_high_memory(void)
{
	alloc_in_zone("high");
}

/* Of a newer kernel: longer than what the module keeps on its stack. */
struct long_request {
	struct dma_heap_allocation_data data;
	uint8_t tail[1000];
};

static int allocate_long(void)
{
	struct long_request request = {
		.data = { .len = len, .fd_flags = O_RDWR | O_CLOEXEC },
	};

	if (ioctl(heap, _IOC(_IOC_READ | _IOC_WRITE, DMA_HEAP_IOC_MAGIC, 0,
			     sizeof(request)), &request))
		return -errno;
	fd = request.data.fd;
	return 0;
}

static void alloc_with_long_struct(void)
{
	open_both();
	len = PAGE;
	sweep(&(struct deed){ "alloc with a long struct", NULL, allocate_long,
			      check_and_close, .nr_min = 9 });
}

static void make_buffer(void)
{
	EXPECT((fd = alloc_on(heap, len)) >= 0);
}

static int close_buffer(void)
{
	return close(fd) ? -errno : 0;
}

/* kills: a way back to WB that needs memory, and loses frames without */
static void free_needs_nothing(void)
{
	open_both();
	len = LEN;
	sweep(&(struct deed){ "free", make_buffer, close_buffer, NULL,
			      .spares_all = true });
}

static int open_and_close_heap(void)
{
	char path[64];
	int file;

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", heap_name());
	file = open(path, O_RDWR | O_CLOEXEC);
	return file < 0 ? -errno : close(file);
}

static void open_of_heap(void)
{
	sweep(&(struct deed){ "open", NULL, open_and_close_heap, NULL,
			      .nr_min = 1, .error = -ENFILE });
}

/* --- mappings --------------------------------------------------------------------- */

static int map_all(void)
{
	mem = mmap(NULL, len, RW, MAP_SHARED, fd, 0);
	return mem == MAP_FAILED ? -errno : 0;
}

static void use_and_unmap(int err)
{
	if (!err) {
		fill(mem, len, 6);
		EXPECT(holds(mem, len, 6));
		EXPECT(!munmap(mem, len));
	}
	EXPECT(!close(fd));
}

static void map_fails(void)
{
	open_both();
	len = LONG;
	sweep(&(struct deed){ "mmap", make_buffer, map_all, use_and_unmap,
			      .nr_min = 5 });
}

static void make_mapping(void)
{
	make_buffer();
	mem = map_buffer(fd, len);
	fill(mem, len, 7);
}

static int unmap_the_middle(void)
{
	return munmap(mem + 2 * PAGE, PAGE) ? -errno : 0;
}

static void unmap_rest(int err)
{
	EXPECT(holds(mem, 2 * PAGE, 7));
	if (err)
		EXPECT(holds(mem, len, 7));
	EXPECT(!munmap(mem, len));
	EXPECT(!close(fd));
}

/* kills: a split that opens an area and does not close it */
static void split_fails(void)
{
	open_both();
	len = 5 * PAGE;
	sweep(&(struct deed){ "munmap of a hole", make_mapping,
			      unmap_the_middle, unmap_rest, .nr_min = 2 });
}

static int protect_half(void)
{
	return mprotect(mem, 2 * PAGE, PROT_READ) ? -errno : 0;
}

static void protect_fails(void)
{
	open_both();
	len = 5 * PAGE;
	sweep(&(struct deed){ "mprotect", make_mapping, protect_half,
			      unmap_rest, .nr_min = 2 });
}

static int move_mapping(void)
{
	void *moved = mremap(mem, len, len, MREMAP_MAYMOVE | MREMAP_FIXED,
			     mem + 64 * MIB);

	if (moved == MAP_FAILED)
		return -errno;
	mem_before = mem;
	mem = moved;
	return 0;
}

/*
 * For want of memory the kernel may have moved all entries and left an area
 * without any where they were; it calls that success.
 */
static void unmap_moved(int err)
{
	EXPECT(holds(mem, len, 7));
	EXPECT(!munmap(mem, len));
	if (!err)
		EXPECT(!munmap(mem_before, len));
	EXPECT(!close(fd));
}

/* kills: entries, or an area, at the old place or at the new one */
static void move_fails(void)
{
	open_both();
	len = LONG;
	sweep(&(struct deed){ "mremap", make_mapping, move_mapping,
			      unmap_moved, .nr_min = 3 });
}

/* --- questions -------------------------------------------------------------------- */

static int ask_everything(void)
{
	struct noalias_query_version version = { 0 };
	struct noalias_query_heap one = { 0 };
	struct noalias_query_buffer buffer = { .fd = fd };

	if (ioctl(node, NOALIAS_IOC_QUERY_VERSION, &version) ||
	    ioctl(node, NOALIAS_IOC_QUERY_HEAP, &one) ||
	    ioctl(node, NOALIAS_IOC_QUERY_BUFFER, &buffer))
		return -errno;
	EXPECT_EQ(buffer.len, len);
	EXPECT_EQ(buffer.wrong, 0);
	return 0;
}

static void close_it(int err)
{
	(void)err;
	EXPECT(!close(fd));
}

static void queries_fail(void)
{
	open_both();
	len = LEN;
	sweep(&(struct deed){ "queries", make_buffer, ask_everything, close_it,
			      .nr_min = 6 });
}

static int open_and_close_node(void)
{
	int file = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC);

	return file < 0 ? -errno : close(file);
}

static void open_of_node(void)
{
	sweep(&(struct deed){ "open of the node", NULL, open_and_close_node,
			      NULL, .nr_min = 1, .error = -ENFILE });
}

static int sync_and_name(void)
{
	struct dma_buf_sync begin = { DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW };
	struct dma_buf_sync end = { DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW };

	if (ioctl(fd, DMA_BUF_IOCTL_SYNC, &begin) ||
	    ioctl(fd, DMA_BUF_IOCTL_SYNC, &end) ||
	    ioctl(fd, DMA_BUF_SET_NAME_B, "a name"))
		return -errno;
	return 0;
}

static void sync_fails(void)
{
	open_both();
	len = PAGE;
	sweep(&(struct deed){ "sync and name", make_buffer, sync_and_name,
			      close_it, .nr_min = 3 });
}

static const struct guest_case cases[] = {
	CASE(open_of_heap),
	CASE(alloc_of_one_page),
	CASE(alloc_of_many_blocks),
	CASE(alloc_in_low_memory),
	CASE(alloc_in_high_memory),
	CASE(alloc_with_long_struct),
	CASE(free_needs_nothing),
	CASE(map_fails),
	CASE(split_fails),
	CASE(protect_fails),
	CASE(move_fails),
	CASE(open_of_node),
	CASE(queries_fail),
	CASE(sync_fails),
};
GUEST_MAIN(cases)
