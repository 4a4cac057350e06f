/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Mapping a buffer: what is refused, and what a process may do to a mapping
 * afterwards. Whatever it does, an entry that exists has the heap's type, and
 * the contents stay.
 *
 * Lengths cross blocks on purpose: a buffer of NR pages is several blocks of
 * different order, so a frame taken for its neighbour shows.
 */
#ifndef INPUT_MMAP_H
#define INPUT_MMAP_H

#include "guest.h"
#include "mman_calls.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NR 300u			/* 256 + 2 * 16 + 12 * 1 */
#define LEN (NR * PAGE)
#define RW (PROT_READ | PROT_WRITE)

ROOM int new_fd(uint32_t fd_flags)
{
	struct dma_heap_allocation_data data = {
		.len = LEN, .fd_flags = fd_flags,
	};
	int heap = open_heap();

	EXPECT(!ioctl(heap, DMA_HEAP_IOCTL_ALLOC, &data));
	close(heap);
	return data.fd;
}

/* A mapped buffer with contents; nothing else holds it. */
ROOM char *new_filled(void)
{
	char *mem = new_mapping(LEN);

	fill(mem, LEN, 1);
	return mem;
}

ROOM void expect_intact(const char *mem)
{
	EXPECT(holds(mem, LEN, 1));
	expect_no_alias(mem, LEN);
}

ROOM bool is_mapped(const void *addr)
{
	struct look look;

	return !look_at(addr, &look);
}

ROOM void peek(void *addr)
{
	volatile char *byte = addr;

	(void)*byte;
}

ROOM bool reading_kills(void *addr)
{
	return !passes(start(peek, addr));
}

#endif
