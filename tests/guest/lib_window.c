// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * libnoalias, windows over a dma-buf of the module: uncached memory through
 * fewer slots than it has pages.
 */
#define _GNU_SOURCE
#include "plant.h"

#include <stdlib.h>
#include <libnoalias.h>

#define NR_PAGES 24u
#define NR_SLOTS 4u

struct bed {
	struct noalias_buffer *buffer;
	struct noalias_window *window;
};

static struct bed make_bed(void)
{
	struct noalias_window_options options = {
		.size = sizeof(options), .nr_slots = NR_SLOTS,
	};
	const char *name = getenv("NA_HEAP");
	struct noalias_heap *heap;
	struct bed bed;
	int fd;

	EXPECT_EQ(noalias_heap_open(name ? name : "system-uncached", 0, &heap),
		  0);
	EXPECT_EQ(noalias_buffer_alloc(heap, NR_PAGES * PAGE, &bed.buffer), 0);
	EXPECT_EQ(noalias_buffer_export(bed.buffer, &fd), 0);
	if (noalias_window_open(fd, &options, &bed.window))
		end_case(__FILE__, __LINE__, noalias_error_message());
	close(fd);
	noalias_heap_close(heap);
	return bed;
}

static void end_bed(struct bed bed)
{
	EXPECT_EQ(noalias_window_close(bed.window), 0);
	noalias_buffer_close(bed.buffer);
}

/* kills: a slot that shows another page of the buffer, or none */
static void window_shows_the_buffer(void)
{
	struct bed bed = make_bed();
	unsigned int round, page;
	unsigned int *word;
	void *mem;

	EXPECT_EQ(noalias_buffer_map(bed.buffer, NOALIAS_READ_WRITE, &mem), 0);
	for (round = 0; round < 3; round++) {
		for (page = 0; page < NR_PAGES; page++) {
			EXPECT_EQ(noalias_window_map(bed.window,
					(uint64_t)page * PAGE, sizeof(*word),
					(void **)&word), 0);
			EXPECT_EQ(*word, round ? page + round - 1 : 0);
			*word = page + round;
			EXPECT_EQ(*(unsigned int *)((char *)mem + page * PAGE),
				  page + round);
			EXPECT_EQ(noalias_window_unmap(bed.window, word,
						       sizeof(*word)), 0);
		}
	}
	end_bed(bed);
}

/* kills: the length of a dma-buf not known, or believed to be a file's */
static void window_ends_with_the_buffer(void)
{
	struct bed bed = make_bed();
	void *addr;

	EXPECT_EQ(noalias_window_map(bed.window, (NR_PAGES - 1) * PAGE, PAGE,
				     &addr), 0);
	EXPECT_EQ(noalias_window_unmap(bed.window, addr, PAGE), 0);
	EXPECT_EQ(noalias_window_map(bed.window, NR_PAGES * PAGE, 1, &addr),
		  -ERANGE);
	EXPECT_EQ(noalias_window_map(bed.window, 0, 3 * PAGE, &addr), 0);
	EXPECT_EQ(noalias_window_unmap(bed.window, addr, 3 * PAGE), 0);
	EXPECT_EQ(noalias_kmap_flush_unused(bed.window), 0);
	end_bed(bed);
}

static const struct guest_case cases[] = {
	CASE(window_shows_the_buffer),
	CASE(window_ends_with_the_buffer),
};

GUEST_MAIN(cases)
