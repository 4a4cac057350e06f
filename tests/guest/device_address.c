// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Which devices get a buffer: those whose addresses lead to its frames. The
 * others would use bounce buffers that are never copied, or access other
 * memory.
 *
 * The odd device stands for what emulation does not have. A bus that adds an
 * offset looks to the kernel as memory encryption does: the address on the bus
 * is not the physical one, and lies beyond the mask though the frame does not.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_importer.h"

#define NR_OF_BLOCK 16u
#define NR 45u			/* 2 * 16 + 13 */
#define LEN (NR * PAGE)
#define NR_RANGES (NR * 8)
#define ENCRYPTED (1ull << 46)

static const uint32_t directions[] = {
	DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE,
};

struct world {
	int fd;
	char *mem;
	uint32_t pfns[NR];
	uint32_t highest;	/* page of the buffer */
};

static struct world new_world_of(unsigned int nr_of_block)
{
	struct world world = { 0 };
	int bed = open_bed();
	uint32_t i;

	memory_in_pieces(nr_of_block);
	world.fd = new_buffer(LEN);
	world.mem = map_buffer(world.fd, LEN);
	fill(world.mem, LEN, 5);
	pfns_of(bed, world.mem, NR, world.pfns);
	for (i = 0; i < NR; i++)
		if (world.pfns[i] > world.pfns[world.highest])
			world.highest = i;
	close(bed);
	return world;
}

static struct world new_world(void)
{
	return new_world_of(NR_OF_BLOCK);
}

static uint64_t last_byte(const struct world *world)
{
	return (world->pfns[world->highest] + 1ull) * PAGE - 1;
}

static bool is_mask(uint64_t value)
{
	return !(value & (value + 1));
}

static void expect_refused(const struct world *world, int importer,
			   const char *field, const char *limit)
{
	struct importer_map map = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directions); i++) {
		map.dir = directions[i];
		EXPECT_EQ(import_map(importer, &map), -EOPNOTSUPP);
		EXPECT(refused(field, limit));
		EXPECT(is_mask(told_value()));
		EXPECT(holds(world->mem, LEN, 5));
	}
	/* -EBUSY: what was mapped to look at it was not unmapped. */
	EXPECT_EQ(import_detach(importer), 0);
	expect_clean_audit();
}

/* kills: where the buffer lies told to a program that may not know it */
static void expect_out_of_reach(const struct world *world, int importer)
{
	expect_refused(world, importer, "attachment",
		       "within the device's DMA mask");
	/* It does say how wide a mask would do. */
	EXPECT(told_value() >= last_byte(world));
}

static struct importer_range ranges[NR_RANGES];

/* Return: so many ranges. */
static uint32_t map_ranges(int importer)
{
	struct importer_map map = {
		.nr_ranges = NR_RANGES, .ranges = (uintptr_t)ranges,
	};

	EXPECT_EQ(import_map(importer, &map), 0);
	EXPECT(map.nr_ranges <= NR_RANGES);
	return map.nr_ranges;
}

/* The device's addresses are the frames, @offset higher, byte by byte. */
static void expect_frames(const struct world *world, int importer,
			  uint64_t offset)
{
	uint32_t i, nr = map_ranges(importer);
	uint64_t byte = 0, at;

	for (i = 0; i < nr; i++)
		for (at = 0; at < ranges[i].len; at++, byte++)
			EXPECT_EQ(ranges[i].address + at, offset + byte % PAGE +
				  (uint64_t)world->pfns[byte / PAGE] * PAGE);
	EXPECT_EQ(byte, LEN);
	EXPECT_EQ(import_detach(importer), 0);
}

/* kills: a look at physical addresses, where the bus carries others: the
 * kernel would bounce, for ever and unseen
 */
static void mask_below_the_encryption_bit(void)
{
	struct importer_odd odd = { .mask_bits = 40, .offset = ENCRYPTED };
	struct world world = new_world();

	EXPECT(last_byte(&world) < 1ull << odd.mask_bits);
	expect_out_of_reach(&world, new_odd_import(world.fd, odd));
}

/* kills: a refusal of every address that is not the physical one */
static void mask_above_the_encryption_bit(void)
{
	struct importer_odd odd = { .mask_bits = 47, .offset = ENCRYPTED };
	struct world world = new_world();

	expect_frames(&world, new_odd_import(world.fd, odd), ENCRYPTED);
}

/* kills: dma32-for-any-mask */
static void mask_below_all_heaps(void)
{
	struct importer_odd odd = { .mask_bits = 24 };
	struct world world = new_world();

	EXPECT(last_byte(&world) >= 1ull << odd.mask_bits);
	expect_out_of_reach(&world, new_odd_import(world.fd, odd));
	EXPECT(told_remedy("none here: no heap has memory that low"));
}

/* kills: a look at the mask only, and not at what the bus carries */
static void bus_limit_by_one_byte(void)
{
	struct importer_odd odd = { .mask_bits = 64 };
	struct world world = new_world();

	odd.bus_limit = last_byte(&world);
	expect_frames(&world, new_odd_import(world.fd, odd), 0);
	odd.bus_limit--;
	expect_out_of_reach(&world, new_odd_import(world.fd, odd));
}

/* kills: a look at the last run only */
static void highest_frame_before_the_last_run(void)
{
	struct importer_odd odd = { .mask_bits = 64 };
	unsigned int tries, nr_before = 0, nr_last = 0;

	/* All of them stay: the system has other frames for each. */
	for (tries = 0; tries < 200 && !nr_before; tries++) {
		struct world world = new_world_of(1);

		if (world.highest == NR - 1)
			nr_last++;
		else
			nr_before++;
		odd.bus_limit = last_byte(&world) - PAGE;
		expect_out_of_reach(&world, new_odd_import(world.fd, odd));
	}
	say("highest frame: in the last run %u times, before it %u", nr_last,
	    nr_before);
	EXPECT(nr_before);
}

/* kills: addresses taken as dma_map_ops give them, or left mapped */
static void ops_that_give_other_addresses(void)
{
	struct importer_odd odd = { .mask_bits = 64, .shifts = 1 };
	struct world world = new_world();

	expect_refused(&world, new_odd_import(world.fd, odd), "DMA address",
		       "the frame's own, not a bounce buffer's");
}

/* kills: a device without a mask handed to the kernel, which warns */
static void device_that_does_no_dma(void)
{
	struct importer_odd odd = { .mask_bits = 0 };
	struct world world = new_world();

	expect_refused(&world, new_odd_import(world.fd, odd), "attachment",
		       "a device that does DMA");
}

/* --- segments ----------------------------------------------------------------- */

/* @nr_min: fewer ranges would be longer, or cross more, than the device wants. */
static void expect_segments(struct importer_odd odd, uint32_t nr_min)
{
	struct world world = new_world();
	uint32_t i, nr;
	int importer;

	expect_frames(&world, new_odd_import(world.fd, odd), 0);
	importer = new_odd_import(world.fd, odd);
	nr = map_ranges(importer);
	for (i = 0; i < nr; i++) {
		EXPECT(!odd.segment_len || ranges[i].len <= odd.segment_len);
		if (odd.segment_mask)
			EXPECT_EQ(ranges[i].address & ~odd.segment_mask,
				  (ranges[i].address + ranges[i].len - 1) &
				  ~odd.segment_mask);
	}
	EXPECT(nr >= nr_min);
	EXPECT_EQ(import_detach(importer), 0);
}

/* kills: entries as long as the buffer's runs, whatever the device takes; a
 * rest that is left out
 */
static void segments_are_as_short_as_the_device_wants(void)
{
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_len = PAGE }, NR);
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_len = 2 * PAGE + 100 }, NR / 2);
}

/* kills: an entry across a boundary that the device's engine cannot cross */
static void segments_cross_no_boundary(void)
{
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_mask = 2 * PAGE - 1 }, NR / 2);
}

/* kills: a page in one entry for a device that would cut it off, and a rest
 * of each page in an entry of its own
 */
static void segments_are_parts_of_a_page(void)
{
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_len = 512 }, NR * 8);
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_len = 1000 }, NR * 8);
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_mask = 1023 }, NR * 4);
	expect_segments((struct importer_odd){
		.mask_bits = 64, .segment_len = 2 * PAGE,
		.segment_mask = 511 }, NR * 8);
}

static const struct guest_case cases[] = {
	CASE(mask_below_the_encryption_bit),
	CASE(mask_above_the_encryption_bit),
	CASE(mask_below_all_heaps),
	CASE(bus_limit_by_one_byte),
	CASE(highest_frame_before_the_last_run),
	CASE(ops_that_give_other_addresses),
	CASE(device_that_does_no_dma),
	CASE(segments_are_as_short_as_the_device_wants),
	CASE(segments_cross_no_boundary),
	CASE(segments_are_parts_of_a_page),
};
GUEST_MAIN(cases)
