// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A device behind an IOMMU. Where that translates, the device reaches all
 * memory whatever its mask; where it does not, the mask counts.
 *
 * The device itself checks that the addresses lead to the frames: QEMU's edu
 * copies a page to its own memory and back to another page of the buffer.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_importer.h"

#include <glob.h>
#include <stdlib.h>

#define NR 45u			/* 2 * 16 + 13 * 1 */
#define LEN (NR * PAGE)
#define SEGMENT 512u
#define NR_RANGES (LEN / SEGMENT)
#define EDU_BITS 28
#define EDU_END (1ull << EDU_BITS)

static struct importer_range ranges[NR_RANGES];

struct world {
	int fd;
	char *mem;
	int importer;
	struct importer_map map;
};

/* --- the IOMMU ------------------------------------------------------------------- */

static bool is_edu(const char *folder)
{
	char path[256], *text;
	bool is;

	snprintf(path, sizeof(path), "%s/vendor", folder);
	text = read_text(path);
	is = text && !strncmp(text, "0x1234", 6);
	free(text);
	return is;
}

/* The file that says and sets what the IOMMU does for edu. */
static const char *type_path(void)
{
	static char path[256];
	glob_t all;
	size_t i;

	EXPECT(!glob("/sys/bus/pci/devices/*", 0, NULL, &all));
	for (i = 0; i < all.gl_pathc; i++)
		if (is_edu(all.gl_pathv[i]))
			snprintf(path, sizeof(path), "%s/iommu_group/type",
				 all.gl_pathv[i]);
	globfree(&all);
	EXPECT(*path);
	return path;
}

static void set_type(const char *type)
{
	EXPECT_EQ(write_text(type_path(), type), 0);
	EXPECT(file_has(type_path(), type));
}

/* --- the buffer ------------------------------------------------------------------- */

/* Of memory that a device of 28 bits does not reach. */
static struct world new_world(void)
{
	struct world world = { .fd = new_buffer(LEN) };
	uint32_t pfns[NR], i;
	int bed = open_bed();

	world.mem = map_buffer(world.fd, LEN);
	fill(world.mem, LEN, 5);
	pfns_of(bed, world.mem, NR, pfns);
	close(bed);
	for (i = 0; i < NR; i++)
		EXPECT(pfns[i] >= EDU_END / PAGE);
	world.importer = open_importer();
	EXPECT_EQ(import_attach(world.importer, world.fd, EDU_BITS), 0);
	return world;
}

static void map_for_edu(struct world *world)
{
	world->map = (struct importer_map){
		.nr_ranges = NR_RANGES, .ranges = (uintptr_t)ranges,
	};
	EXPECT_EQ(import_map(world->importer, &world->map), 0);
	EXPECT_EQ(world->map.nr_pages, 0);
}

static uint64_t address_of(const struct world *world, uint64_t at)
{
	uint32_t i;

	for (i = 0; i < world->map.nr_ranges && at >= ranges[i].len; i++)
		at -= ranges[i].len;
	EXPECT(i < world->map.nr_ranges);
	return ranges[i].address + at;
}

/* Pieces through the device into their neighbours: 100 ms for each copy. */
static void expect_device_sees(const struct world *world, uint32_t step,
			       uint32_t len)
{
	uint32_t i, from, to;

	for (i = 0; i < NR; i += 4) {
		from = i * PAGE;
		to = (from + step) % LEN;
		fill(world->mem + from, len, i + 100);
		EXPECT_EQ(import_access(world->importer, false,
					DMA_BIDIRECTIONAL), 0);
		EXPECT(address_of(world, from) < EDU_END);
		import_dma(world->importer, address_of(world, from), len, false);
		import_dma(world->importer, address_of(world, to), len, true);
		EXPECT(holds(world->mem + to, len, i + 100));
	}
}

static void expect_device_sees_pages(const struct world *world)
{
	expect_device_sees(world, PAGE, EDU_LEN_MAX);
}

/* --- cases --------------------------------------------------------------------- */

/* kills: a refusal by the mask where an IOMMU translates; addresses compared
 * with physical ones
 */
static void translated_device_sees_the_frames(void)
{
	struct world world = new_world();

	set_type("DMA");
	map_for_edu(&world);
	expect_device_sees_pages(&world);
	expect_clean_audit();
	EXPECT_EQ(import_detach(world.importer), 0);
	expect_clean_audit();
}

/* kills: the look at addresses that takes one range for one run */
static void ranges_of_several_runs(void)
{
	struct world world = new_world();

	map_for_edu(&world);
	say("%u ranges for %u runs", world.map.nr_ranges, 2 + NR % 16);
	EXPECT(world.map.nr_ranges < 2 + NR % 16);
	EXPECT_EQ(import_detach(world.importer), 0);
}

/* kills: a refusal of whatever an IOMMU does not trust; whole pages are not
 * bounced for it
 */
static void untrusted_device_sees_the_frames(void)
{
	struct world world = new_world();

	import_trust(world.importer, (struct importer_trust){ .untrusted = 1 });
	map_for_edu(&world);
	expect_device_sees_pages(&world);
	EXPECT_EQ(import_detach(world.importer), 0);
	import_trust(world.importer, (struct importer_trust){ 0 });
	expect_clean_audit();
}

/* kills: an identity domain taken for one that translates: DMA would go past
 * the IOMMU, from bounce buffers
 */
static void identity_domain_leaves_the_mask(void)
{
	struct world world = new_world();

	set_type("identity");
	EXPECT_EQ(import_map(world.importer, &world.map), -EOPNOTSUPP);
	EXPECT(refused("attachment", "within the device's DMA mask"));
	EXPECT(holds(world.mem, LEN, 5));
	EXPECT_EQ(import_detach(world.importer), 0);
	set_type("DMA");
	expect_clean_audit();
}

static void limit_segments(const struct world *world, uint32_t len,
			   uint32_t untrusted)
{
	import_trust(world->importer, (struct importer_trust){
		.untrusted = untrusted, .segment_len = len });
}

/* kills: a page in one entry for a device that would cut it off; parts of a
 * page taken for addresses that lead elsewhere
 */
static void segments_are_parts_of_a_page(void)
{
	struct world world = new_world();

	limit_segments(&world, SEGMENT, 0);
	map_for_edu(&world);
	EXPECT_EQ(world.map.nr_ranges, NR_RANGES);
	expect_device_sees(&world, 3 * SEGMENT, SEGMENT);
	EXPECT_EQ(import_detach(world.importer), 0);
	limit_segments(&world, 0, 0);
	expect_clean_audit();
}

/* kills: bounce buffers, in which the kernel puts parts of a page for a device
 * that it does not trust
 */
static void parts_of_a_page_are_not_bounced(void)
{
	struct world world = new_world();

	limit_segments(&world, SEGMENT, 1);
	EXPECT_EQ(import_map(world.importer, &world.map), -EOPNOTSUPP);
	EXPECT(refused("DMA address",
		       "the frame's own, not a bounce buffer's"));
	EXPECT_EQ(import_detach(world.importer), 0);
	limit_segments(&world, 0, 0);
	EXPECT(holds(world.mem, LEN, 5));
	expect_clean_audit();
}

static const struct guest_case cases[] = {
	CASE(translated_device_sees_the_frames),
	CASE(ranges_of_several_runs),
	CASE(untrusted_device_sees_the_frames),
	CASE(segments_are_parts_of_a_page),
	CASE(parts_of_a_page_are_not_bounced),
	CASE(identity_domain_leaves_the_mask),
};
GUEST_MAIN(cases)
