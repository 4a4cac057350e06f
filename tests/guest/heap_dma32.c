// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A heap for devices of 32 bits: its frames are below 4 GiB whatever else is
 * free, and have a limit of their own. NA_HEAP names one whose name ends in
 * -dma32.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_buffers.h"

#include <string.h>

#define PFN_4G		(1u << 20)
#define BUFFERS_MAX	512

static uint32_t highest_of(const char *mem, size_t len)
{
	uint32_t pfn, highest = 0;
	int bed = open_bed();
	size_t i;

	for (i = 0; i < len / PAGE; i++) {
		pfn = peek_user(bed, mem + i * PAGE).pfn;
		if (pfn > highest)
			highest = pfn;
	}
	close(bed);
	return highest;
}

/* kills: dma32-takes-any-memory */
static void dma32_frames_are_below_4_gib(void)
{
	static const size_t lens[] = { PAGE, 45 * PAGE, 6 * MIB + 5 * PAGE };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lens); i++)
		EXPECT(highest_of(new_mapping(lens[i]), lens[i]) < PFN_4G);
	expect_clean_audit();
}

/*
 * The parameter is for the heaps without a zone of their own.
 *
 * kills: dma32-follows-the-parameter
 */
static void dma32_is_no_matter_of_the_parameter(void)
{
	const size_t len = 6 * MIB;

	use_zone(has_high_memory() ? "high" : "any");
	EXPECT(highest_of(new_mapping(len), len) < PFN_4G);
	/* Of 32 bit that is low memory, and counted as such. */
	EXPECT_EQ(my_buffer().high_frames, 0);
}

/* Buffers of 1 MiB until one is refused; returns how many there are. */
static uint32_t fill_heap(int fds[BUFFERS_MAX])
{
	uint32_t nr = 0;

	while (nr < BUFFERS_MAX && (fds[nr] = try_buffer(MIB)) >= 0)
		nr++;
	EXPECT(nr && nr < BUFFERS_MAX);
	EXPECT_EQ(fds[nr], -ENOMEM);
	return nr;
}

static void drain_heap(const int *fds, uint32_t nr)
{
	while (nr--)
		close(fds[nr]);
	EXPECT(wait_released());
}

/* Of 32 bit the memory below 4 GiB that heaps take is low memory. */
static const char *limit_text(void)
{
	if (sizeof(long) == 8)
		return "limit_percent of memory below 4 GiB in buffers of dma32 heaps";
	return has_high_memory() ?
	       "limit_percent of low memory in all buffers" :
	       "limit_percent of memory in all buffers";
}

/* kills: dma32-limit-not-given-back, dma32-without-a-limit */
static void dma32_has_a_limit_of_its_own(void)
{
	static int fds[BUFFERS_MAX];
	uint32_t nr, again;

	EXPECT(!write_text(PARAMETERS "limit_percent", "2"));
	nr = fill_heap(fds);
	say("%u MiB", nr);
	EXPECT(refused("len", limit_text()));
	drain_heap(fds, nr);
	again = fill_heap(fds);
	EXPECT_EQ(again, nr);
	drain_heap(fds, again);
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
}

static const struct guest_case cases[] = {
	CASE(dma32_frames_are_below_4_gib),
	CASE(dma32_is_no_matter_of_the_parameter),
	CASE(dma32_has_a_limit_of_its_own),
};

GUEST_MAIN(cases)
