// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Leaks of the kernel's memory by every kind of thing, successes and failures.
 */
#define _GNU_SOURCE
#include "leaks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN (20 * PAGE)

static void do_life_of_buffer(void)
{
	int heap = open_heap(), i, fd;
	char *mem;

	for (i = 0; i < NR_REPEAT; i++) {
		fd = alloc_on(heap, LEN);
		EXPECT(fd >= 0);
		mem = map_buffer(fd, LEN);
		close(fd);
		mem[PAGE] = 1;
		EXPECT(!munmap(mem + PAGE, PAGE));
		munmap(mem, LEN);
	}
	close(heap);
}

/* kills: an object of each buffer, area or name, or frames of a block, that are
 * not freed
 */
static void life_of_buffer_leaks_nothing(void)
{
	expect_no_leak(do_life_of_buffer);
}

static void do_refusals(void)
{
	struct dma_heap_allocation_data *data =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int heap = open_heap(), fd = new_buffer(PAGE), i;

	data->len = PAGE;
	mprotect(data, PAGE, PROT_READ);
	for (i = 0; i < NR_REPEAT; i++) {
		EXPECT_EQ(alloc_on(heap, 0), -EINVAL);
		EXPECT_EQ(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, data), -1);
		EXPECT_EQ(map_errno(fd, PAGE, PROT_READ, MAP_PRIVATE, 0),
			  EINVAL);
		EXPECT_EQ(map_errno(fd, 2 * PAGE, PROT_READ, MAP_SHARED, 0),
			  EINVAL);
	}
	munmap(data, PAGE);
	close(heap);
	close(fd);
}

/* kills: an object that a refusal leaves behind */
static void refusals_leak_nothing(void)
{
	expect_no_leak(do_refusals);
}

/* Longer than what the module has room for on its stack. */
#define LARGE_LEN 512u

static void do_large_structs(void)
{
	unsigned long cmd = _IOC(_IOC_READ | _IOC_WRITE, 'H', 0, LARGE_LEN);
	char room[LARGE_LEN] __attribute__((aligned(8)));
	struct dma_heap_allocation_data *data = (void *)room;
	int heap = open_heap(), i;

	for (i = 0; i < NR_REPEAT; i++) {
		memset(room, 0, sizeof(room));
		data->len = PAGE;
		data->fd_flags = O_RDWR | O_CLOEXEC;
		EXPECT(!ioctl(heap, cmd, room));
		close((int)data->fd);
	}
	close(heap);
}

/* kills: the copy of a struct that is larger than ours */
static void large_structs_leak_nothing(void)
{
	expect_no_leak(do_large_structs);
}

static void fail_often(const char *symbol, unsigned long nth, long value)
{
	int heap = open_heap(), i, fd;

	memory_in_pieces(4);
	for (i = 0; i < NR_REPEAT; i++) {
		fail_call(symbol, nth, true, value);
		fd = alloc_on(heap, LEN);
		fail_off();
		EXPECT(fd < 0);
	}
	close(heap);
}

static void do_failed_pages(void)
{
	/* 20 and 16 are refused, frames come one by one. */
	fail_often("na_port_frames_alloc", 6, -ENOMEM);
}

static void do_failed_arrays(void)
{
	fail_often("na_port_alloc_owned", 2, 0);
}

static void do_failed_exports(void)
{
	fail_often("dma_buf_export", 1, -ENOMEM);
}

/* kills: blocks, arrays or the shell of a buffer that failed half way */
static void failures_leak_nothing(void)
{
	expect_no_leak(do_failed_pages);
	expect_no_leak(do_failed_arrays);
	expect_no_leak(do_failed_exports);
}

#define NR_LARGE 400	/* together more than any guest has */

/*
 * kills: a request that fails and keeps what it was promised: in the end nobody
 * gets anything
 */
static void failures_keep_no_promise(void)
{
	int heap = open_heap(), i;

	for (i = 0; i < NR_LARGE; i++) {
		fail_call("na_port_frames_alloc", 1, true, -ENOMEM);
		EXPECT(alloc_on(heap, 64 * MIB) < 0);
		fail_off();
	}
	EXPECT(alloc_on(heap, 64 * MIB) >= 0);
}

static const struct guest_case cases[] = {
	CASE(life_of_buffer_leaks_nothing),
	CASE(refusals_leak_nothing),
	CASE(large_structs_leak_nothing),
	CASE(failures_leak_nothing),
	CASE(failures_keep_no_promise),
};
GUEST_MAIN(cases)
