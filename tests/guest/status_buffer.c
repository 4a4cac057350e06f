// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Answers of /dev/noalias about a buffer, compared with the table of buffers,
 * page tables, the auditor, and a ledger that was changed. Expects plant.ko,
 * na_fail.ko, consumer_test.ko and, for foreign dma-bufs, vivid.ko.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "heap_buffers.h"
#include "plant_audit.h"
#include "status_node.h"

#include <limits.h>
#include <linux/videodev2.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define NR 300u
#define LEN (NR * PAGE)

static bool is_all_zero(const void *mem, size_t len)
{
	const char *byte = mem;

	while (len--)
		if (*byte++)
			return false;
	return true;
}

/* --- what is true ----------------------------------------------------------- */

/* kills: an answer that is another buffer's, or nobody's */
static void buffer_agrees_with_table(void)
{
	int fd = new_buffer(LEN - 5);
	struct buffer_line line = my_buffer();
	struct noalias_query_buffer query = ask_buffer(fd);

	EXPECT_EQ(query.len, LEN);
	EXPECT_EQ(query.len, line.bytes);
	EXPECT_EQ(query.low, (uint64_t)line.low_frames * PAGE);
	EXPECT_EQ(query.id, line.id);
	EXPECT_EQ(query.memtype, node_type());
	EXPECT_EQ(query.promise, NOALIAS_IOC_GUARANTEED);
	EXPECT_EQ(query.wrong, 0);
	EXPECT(!strcmp(query.heap, heap_name()));
	EXPECT(!strcmp(query.heap, line.heap));
	EXPECT_EQ(query.fd, fd);
}

/* kills: a promise that page tables and the auditor do not bear out */
static void buffer_agrees_with_audit(void)
{
	int bed = open_bed(), fd = new_buffer(LEN);
	void *mem = map_buffer(fd, LEN);
	uint32_t pfns[NR], i, nr_low = 0;
	struct noalias_query_buffer query = ask_buffer(fd);
	struct plant_page page;

	pfns_of(bed, mem, NR, pfns);
	for (i = 0; i < NR; i++) {
		page = look_at_page(bed, pfns[i]);
		EXPECT_EQ(page.tracked, plant_heap_type());
		nr_low += !page.high;
	}
	EXPECT_EQ(query.low, (uint64_t)nr_low * PAGE);
	EXPECT_EQ(query.promise, NOALIAS_IOC_GUARANTEED);
	expect_no_alias(mem, LEN);
	expect_clean_audit();
}

/* kills: numbers that come again; a copy of a descriptor as a new buffer */
static void buffer_id_is_its_own(void)
{
	int fd = new_buffer(PAGE), other = new_buffer(PAGE), copy = dup(fd);
	uint64_t id = ask_buffer(fd).id;

	EXPECT(id);
	EXPECT_EQ(ask_buffer(copy).id, id);
	EXPECT(ask_buffer(other).id != id);
	close(fd);
	EXPECT_EQ(ask_buffer(copy).id, id);
	close(copy);
	fd = new_buffer(PAGE);
	EXPECT(ask_buffer(fd).id > id);
}

/* kills: an answer that depends on who allocated, or how it is held */
static void buffer_held_by_another_process(void)
{
	struct noalias_query_buffer mine, theirs;
	int sockets[2], fd = new_buffer(LEN), given;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
	mine = ask_buffer(fd);
	EXPECT_EQ(send_fd(sockets[0], fd), 0);
	close(fd);
	given = receive_fd(sockets[1]);
	EXPECT(given >= 0);
	theirs = ask_buffer(given);
	theirs.fd = mine.fd;
	EXPECT(!memcmp(&mine, &theirs, sizeof(mine)));
}

/* kills: rights asked for that a question does not need */
static void buffer_read_only_fd(void)
{
	struct dma_heap_allocation_data data = {
		.len = PAGE, .fd_flags = O_RDONLY | O_CLOEXEC,
	};
	int heap = open_heap();

	EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	EXPECT_EQ(ask_buffer(data.fd).len, PAGE);
}

/* kills: fields added to what was there; old answers kept */
static void buffer_out_fields_may_hold_anything(void)
{
	int fd = new_buffer(LEN), node = open_node();
	struct noalias_query_buffer query, expected = ask_buffer(fd);

	memset(&query, 0xa5, sizeof(query));
	query.fd = fd;
	query.flags = 0;
	memset(query.reserved, 0, sizeof(query.reserved));
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_BUFFER, &query), 0);
	EXPECT(!memcmp(&query, &expected, sizeof(query)));
	EXPECT(is_all_zero(query.heap + strlen(query.heap),
			   sizeof(query.heap) - strlen(query.heap)));
}

/* --- a ledger that was cheated ------------------------------------------------ */

/* A buffer whose conversion was never made, so its frames are plain memory. */
static int new_cheat(size_t len)
{
	int fd;

	fail_call("na_convert_to", 1, false, 0);
	fd = new_buffer(len);
	EXPECT_EQ(fail_off().failed, 1);
	return fd;
}

static void close_cheat(int fd)
{
	fail_call("na_convert_back", 1, false, 0);
	close(fd);
	EXPECT_EQ(fail_off().failed, 1);
}

/* kills: an answer from the allocation and not from the ledger; a count of
 * runs, or of the first frame only
 */
static void buffer_not_in_ledger(void)
{
	int fd = new_cheat(LEN);
	struct noalias_query_buffer query = ask_buffer(fd);

	/* First: the module warns of one that is closed like any other. */
	close_cheat(fd);
	EXPECT_EQ(query.wrong, LEN);
	EXPECT_EQ(query.promise, NOALIAS_IOC_NONE);
	EXPECT_EQ(query.len, LEN);
}

/* Few enough to come one by one: consumer_test holds each by itself. */
#define NR_LENT 7u

/* kills: the type compared and the state not */
static void buffer_lent_in_ledger(void)
{
	int bed = open_bed(), consumer = open_consumer();
	int fd = new_cheat(NR_LENT * PAGE);
	enum consumer_op op = node_type() == NOALIAS_IOC_WC ? CONSUMER_WC :
							      CONSUMER_UC;
	void *mem = map_buffer(fd, NR_LENT * PAGE);
	struct noalias_query_buffer query;
	uint32_t pfns[NR_LENT];

	pfns_of(bed, mem, NR_LENT, pfns);
	EXPECT(!munmap(mem, NR_LENT * PAGE));
	EXPECT_EQ(call(consumer, op, pfns, NR_LENT), 0);
	query = ask_buffer(fd);
	EXPECT_EQ(call(consumer, CONSUMER_WB, pfns, NR_LENT), 0);
	close_cheat(fd);
	EXPECT_EQ(query.wrong, NR_LENT * PAGE);
	EXPECT_EQ(query.promise, NOALIAS_IOC_NONE);
}

/* --- descriptors that are no buffers of ours ---------------------------------- */

static void expect_fd_refused(int fd, int error, const char *limit)
{
	struct noalias_query_buffer query, before;
	int node = open_node();

	memset(&query, 0, sizeof(query));
	query.fd = fd;
	query.len = 77;
	before = query;
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_BUFFER, &query), -error);
	EXPECT(refused("query fd", limit));
	EXPECT(!memcmp(&query, &before, sizeof(query)));
	close(node);
}

/* kills: a descriptor used before it is looked at */
static void fd_not_open(void)
{
	static const int fds[] = { -1, INT_MIN, INT_MAX, 1000, -100 };
	int fd = dup2(new_buffer(PAGE), 900);
	int path = open("/dev/null", O_PATH);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fds); i++)
		expect_fd_refused(fds[i], EBADF, "an open descriptor");
	EXPECT_EQ(ask_buffer(fd).len, PAGE);
	close(fd);
	expect_fd_refused(fd, EBADF, "an open descriptor");
	EXPECT(path >= 0);
	expect_fd_refused(path, EBADF, "an open descriptor");
}

/* kills: any file's private data taken for a buffer */
static void fd_not_a_dma_buf(void)
{
	int pipes[2], heap = open_heap(), node = open_node();

	EXPECT(!pipe(pipes));
	expect_fd_refused(open("/dev/null", O_RDWR), EINVAL, "a dma-buf");
	expect_fd_refused(memfd_create("m", 0), EINVAL, "a dma-buf");
	expect_fd_refused(pipes[0], EINVAL, "a dma-buf");
	expect_fd_refused(heap, EINVAL, "a dma-buf");
	expect_fd_refused(node, EINVAL, "a dma-buf");
	expect_fd_refused(open("/proc/self", O_RDONLY), EINVAL, "a dma-buf");
}

/* The node itself may be the descriptor that it is asked about. */
static void fd_is_the_node_that_is_asked(void)
{
	int node = open_node();
	struct noalias_query_buffer query = { .fd = node };

	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_BUFFER, &query), -EINVAL);
	EXPECT(refused("query fd", "a dma-buf"));
}

static int open_camera(void)
{
	struct v4l2_capability capability;
	char path[32];
	int i, fd;

	for (i = 0; i < 8; i++) {
		snprintf(path, sizeof(path), "/dev/video%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && !ioctl(fd, VIDIOC_QUERYCAP, &capability) &&
		    !strcmp((char *)capability.driver, "vivid"))
			return fd;
		close(fd);
	}
	EXPECT(!"a camera of vivid");
	return -1;
}

/* A dma-buf that a stock driver made of its own memory. */
static int new_foreign(void)
{
	struct v4l2_requestbuffers request = {
		.count = 1, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
		.memory = V4L2_MEMORY_MMAP,
	};
	struct v4l2_exportbuffer export = {
		.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .flags = O_RDWR,
	};
	int camera = open_camera();

	EXPECT(!ioctl(camera, VIDIOC_REQBUFS, &request));
	EXPECT(!ioctl(camera, VIDIOC_EXPBUF, &export));
	return export.fd;
}

/* kills: somebody else's structure read as ours */
static void fd_of_another_driver(void)
{
	int fd = new_foreign();

	expect_fd_refused(fd, ENODEV, "a dma-buf of a heap here");
	expect_fd_refused(fd, ENODEV, "a dma-buf of a heap here");
	close(fd);
}

/* kills: a reference that an answer or a refusal keeps */
static void fd_keeps_no_reference(void)
{
	int fd = new_buffer(LEN), i;
	void *mem = map_buffer(fd, LEN);

	for (i = 0; i < 100; i++)
		ask_buffer(fd);
	close(fd);
	EXPECT(!munmap(mem, LEN));
	EXPECT_EQ(nr_held(), 0);
}

static const struct guest_case cases[] = {
	CASE(buffer_agrees_with_table),
	CASE(buffer_agrees_with_audit),
	CASE(buffer_id_is_its_own),
	CASE(buffer_held_by_another_process),
	CASE(buffer_read_only_fd),
	CASE(buffer_out_fields_may_hold_anything),
	CASE(buffer_not_in_ledger),
	CASE(buffer_lent_in_ledger),
	CASE(fd_not_open),
	CASE(fd_not_a_dma_buf),
	CASE(fd_is_the_node_that_is_asked),
	CASE(fd_of_another_driver),
	CASE(fd_keeps_no_reference),
};
GUEST_MAIN(cases)
