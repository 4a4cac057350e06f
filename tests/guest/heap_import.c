// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Import of a buffer: DMA addresses of its frames, no pages that could be
 * mapped cached, a kernel mapping of the right type, and never a bounce buffer.
 * The suite runs this for each heap and each zone.
 *
 * With "bounce" in the environment's NA_SWIOTLB the kernel was told to bounce
 * everything.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_buffers.h"
#include "heap_importer.h"

#include <stdlib.h>
#include <sys/mman.h>

#define NR_OF_BLOCK 16u
#define NR 45u
#define LEN (NR * PAGE)
#define NR_RANGES_MAX NR
#define BYTES_4G (1ull << 32)

static const uint32_t directions[] = {
	DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE,
};

struct world {
	int bed;
	int fd;
	char *mem;
	uint32_t pfns[NR];
	int importer;
};

static struct world new_world(void)
{
	const char *zone = getenv("NA_ZONE");
	struct world world = { .bed = open_bed() };

	if (zone)
		use_zone(zone);
	memory_in_pieces(NR_OF_BLOCK);
	world.fd = new_buffer(LEN);
	world.mem = map_buffer(world.fd, LEN);
	pfns_of(world.bed, world.mem, NR, world.pfns);
	world.importer = new_import(world.fd);
	return world;
}

static bool all_bounce(void)
{
	const char *mode = getenv("NA_SWIOTLB");

	return mode && !strcmp(mode, "bounce");
}

/* --- device mappings -------------------------------------------------------------------- */

static struct importer_range ranges[NR_RANGES_MAX];

static struct importer_map map_with(int importer, uint32_t dir)
{
	struct importer_map map = {
		.dir = dir, .nr_ranges = NR_RANGES_MAX,
		.ranges = (uintptr_t)ranges,
	};

	EXPECT_EQ(import_map(importer, &map), 0);
	return map;
}

/* The ranges, in order, are exactly the frames, in order. */
static void expect_ranges(const struct world *world,
			  const struct importer_map *map)
{
	uint64_t at = 0;
	uint32_t i, page;

	EXPECT(map->nr_ranges <= NR_RANGES_MAX);
	for (i = 0; i < map->nr_ranges; i++) {
		EXPECT_EQ(ranges[i].address % PAGE, 0);
		EXPECT_EQ(ranges[i].len % PAGE, 0);
		for (page = 0; page < ranges[i].len / PAGE; page++, at++) {
			EXPECT(at < NR);
			EXPECT_EQ(ranges[i].address / PAGE + page,
				  world->pfns[at]);
		}
	}
	EXPECT_EQ(at, NR);
}

/* kills: addresses of bounce buffers, runs left out or out of order */
static void dma_addresses_are_the_frames(void)
{
	struct world world = new_world();
	struct importer_map map;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directions); i++) {
		map = map_with(world.importer, directions[i]);
		expect_ranges(&world, &map);
		EXPECT_EQ(import_unmap(world.importer), 0);
	}
}

/* kills: pages in the table, which an importer would map cached */
static void dma_table_has_no_pages(void)
{
	struct world world = new_world();
	struct importer_map map = map_with(world.importer, DMA_BIDIRECTIONAL);

	EXPECT_EQ(map.nr_pages, 0);
	EXPECT(map.nr_ranges >= 1);
}

/* kills: a map or unmap that reads or writes through the CPU's mappings */
static void dma_mapping_leaves_contents_and_types(void)
{
	struct world world = new_world();
	struct plant_frames found;
	size_t i;

	fill(world.mem, LEN, 21);
	for (i = 0; i < ARRAY_SIZE(directions); i++) {
		map_with(world.importer, directions[i]);
		EXPECT(holds(world.mem, LEN, 21));
		EXPECT_EQ(import_unmap(world.importer), 0);
		EXPECT(holds(world.mem, LEN, 21));
	}
	found = scan_kernel(world.bed, world.pfns, NR, plant_heap_type());
	EXPECT_EQ(found.nr_kmap + found.nr_fixmap + found.nr_vmalloc, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
}

/* kills: a buffer that one device has for itself; mappings mixed up */
static void two_importers_at_once(void)
{
	struct world world = new_world();
	int other = new_import(world.fd);
	struct importer_map map;

	map = map_with(world.importer, DMA_TO_DEVICE);
	expect_ranges(&world, &map);
	map = map_with(other, DMA_FROM_DEVICE);
	expect_ranges(&world, &map);
	EXPECT_EQ(my_buffer().dma_maps, 2);
	EXPECT_EQ(import_detach(world.importer), 0);
	EXPECT_EQ(my_buffer().dma_maps, 1);
	EXPECT_EQ(import_unmap(other), 0);
	map = map_with(other, DMA_BIDIRECTIONAL);
	expect_ranges(&world, &map);
}

/* kills: an operation without its direction, or refused in one of them */
static void cpu_access_in_all_directions(void)
{
	struct world world = new_world();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(directions); i++) {
		EXPECT_EQ(import_access(world.importer, true, directions[i]),
			  0);
		EXPECT_EQ(import_access(world.importer, false, directions[i]),
			  0);
	}
	map_with(world.importer, DMA_BIDIRECTIONAL);
	EXPECT_EQ(import_access(world.importer, true, DMA_BIDIRECTIONAL), 0);
	EXPECT_EQ(import_access(world.importer, false, DMA_BIDIRECTIONAL), 0);
}

/* --- devices that do not reach ------------------------------------------------------------ */

static uint64_t last_byte(const struct world *world)
{
	uint64_t last = 0;
	uint32_t i;

	for (i = 0; i < NR; i++)
		if (world->pfns[i] > last)
			last = world->pfns[i];
	return (last + 1) * PAGE - 1;
}

static void need_memory_above_4g(void)
{
	if (!file_has("/proc/iomem", "100000000-"))
		skip_case(NO_MEMORY_ABOVE_4G);
}

/* As many buffers as it takes until one lies where it is wanted. */
static struct world new_world_above_4g(void)
{
	struct world world;
	int tries;

	for (tries = 0; tries < 64; tries++) {
		world = new_world();
		if (last_byte(&world) >= BYTES_4G)
			return world;
	}
	EXPECT(!"a buffer above 4 GiB");
	return world;
}

static int attach_32_bits(const struct world *world)
{
	int importer = open_importer();

	EXPECT_EQ(import_attach(importer, world->fd, 32), 0);
	return importer;
}

/* kills: bounce buffers, which the kernel fills through cached mappings */
static void device_of_32_bits_is_refused_above_4g(void)
{
	struct importer_map map = { .dir = DMA_BIDIRECTIONAL };
	struct world world;
	int importer;
	size_t i;

	need_memory_above_4g();
	EXPECT(!setenv("NA_ZONE", has_high_memory() ? "high" : "any", 1));
	world = new_world_above_4g();
	importer = attach_32_bits(&world);
	for (i = 0; i < ARRAY_SIZE(directions); i++) {
		map.dir = directions[i];
		EXPECT_EQ(import_map(importer, &map), -EOPNOTSUPP);
		EXPECT(refused("attachment", "within the device's DMA mask"));
		EXPECT(told_remedy("take a heap whose name ends in -dma32"));
	}
	EXPECT_EQ(scan_kernel(world.bed, world.pfns, NR,
			      plant_heap_type()).nr_fixmap, 0);
	/* The other device still may, and the CPU too. */
	map_with(world.importer, DMA_BIDIRECTIONAL);
	fill(world.mem, LEN, 2);
	expect_clean_audit();
}

/* kills: a refusal by the mask alone, without a look at the frames */
static void device_of_32_bits_reaches_dma32_heap(void)
{
	struct importer_map map;
	struct world world;
	char name[64];
	int importer;

	snprintf(name, sizeof(name), "%s-dma32", heap_name());
	EXPECT(!setenv("NA_HEAP", name, 1));
	world = new_world();
	EXPECT(last_byte(&world) < BYTES_4G);
	importer = attach_32_bits(&world);
	map = map_with(importer, DMA_BIDIRECTIONAL);
	expect_ranges(&world, &map);
}

/* kills: swiotlb=force overlooked: every mapping would be bounced */
static void every_device_is_refused_when_all_bounce(void)
{
	struct importer_map map = { .dir = DMA_TO_DEVICE };
	struct world world = new_world();

	EXPECT(file_has("/proc/cmdline", "swiotlb=force"));
	EXPECT_EQ(import_map(world.importer, &map), -EOPNOTSUPP);
	EXPECT(refused("attachment", "within the device's DMA mask"));
	EXPECT_EQ(import_map(attach_32_bits(&world), &map), -EOPNOTSUPP);
	expect_clean_audit();
}

/* --- the kernel mapping --------------------------------------------------------------------- */

static void expect_window(const struct world *world, uint64_t va)
{
	struct plant_frames found;
	struct plant_entry entry;
	uint32_t i;

	for (i = 0; i < NR; i++) {
		entry = peek_kernel(world->bed, va + i * PAGE);
		EXPECT_EQ(entry.present, 1);
		EXPECT_EQ(entry.pfn, world->pfns[i]);
		EXPECT_EQ(entry.type, plant_heap_type());
		EXPECT_EQ(entry.writable, 1);
	}
	EXPECT(!peek_kernel(world->bed, va + LEN).present);
	found = scan_kernel(world->bed, world->pfns, NR, plant_heap_type());
	EXPECT_EQ(found.nr_vmalloc, NR);
	EXPECT_EQ(found.nr_direct_odd, 0);
	EXPECT_EQ(found.nr_kmap, 0);
}

/* kills: a vmap with PAGE_KERNEL as it is: a cached alias */
static void vmap_has_the_buffers_type(void)
{
	struct world world = new_world();

	expect_window(&world, import_vmap(world.importer));
	expect_clean_audit();
}

/* kills: a second vmap with another address, or gone with the first vunmap */
static void vmap_nests(void)
{
	struct world world = new_world();
	int other = new_import(world.fd);
	uint64_t va = import_vmap(world.importer);

	EXPECT_EQ(import_vmap(world.importer), va);
	EXPECT_EQ(import_vmap(other), va);
	EXPECT_EQ(import_vunmap(world.importer), 0);
	expect_window(&world, va);
	EXPECT_EQ(import_vunmap(world.importer), 0);
	expect_window(&world, va);
	EXPECT_EQ(import_vunmap(other), 0);
	EXPECT(!peek_kernel(world.bed, va).present);
	EXPECT_EQ(scan_kernel(world.bed, world.pfns, NR,
			      plant_heap_type()).nr_vmalloc, 0);
}

/* kills: vmap and mmap that do not show the same memory */
static void vmap_and_mmap_agree(void)
{
	struct world world = new_world();
	volatile uint32_t *words = (volatile uint32_t *)world.mem;
	uint32_t i;

	import_vmap(world.importer);
	for (i = 0; i < NR; i++) {
		import_write(world.importer, i * PAGE + 8, 1000 + i);
		EXPECT_EQ(words[i * PAGE / 4 + 2], 1000 + i);
		words[i * PAGE / 4 + 3] = 2000 + i;
		EXPECT_EQ(import_read(world.importer, i * PAGE + 12),
			  2000 + i);
	}
	EXPECT_EQ(peek_user(world.bed, world.mem).type, plant_heap_type());
}

/* kills: /proc/kcore given the window to read, which it does by kmap() */
static void vmap_is_not_read_by_kcore(void)
{
	struct world world = new_world();
	char *text;

	import_vmap(world.importer);
	text = read_text("/proc/vmallocinfo");
	EXPECT(text);
	/* "vmap" is of VM_MAP, "ioremap" of VM_IOREMAP: kcore skips that. */
	text = strstr(text, "[noalias]");
	EXPECT(text);
	text[strcspn(text, "\n")] = 0;
	EXPECT(strstr(text, "ioremap"));
}

/* --- the importer's own mmap() ------------------------------------------------------------ */

static void expect_same_memory(const struct world *world, const char *mem)
{
	struct plant_entry entry, own;
	uint32_t i;

	for (i = 0; i < NR; i++) {
		entry = peek_user(world->bed, mem + i * PAGE);
		own = peek_user(world->bed, world->mem + i * PAGE);
		EXPECT_EQ(entry.pfn, world->pfns[i]);
		EXPECT_EQ(entry.type, plant_heap_type());
		EXPECT_EQ(entry.special, 1);
		EXPECT_EQ(entry.executable, own.executable);
	}
	EXPECT(holds(mem, LEN, 3));
}

/* kills: an area of an importer taken as it comes, with its protection */
static void mmap_by_importer(void)
{
	static const enum importer_area areas[] = {
		IMPORTER_AREA_PLAIN, IMPORTER_AREA_PROT,
	};
	struct world world = new_world();
	size_t i;
	char *mem;

	fill(world.mem, LEN, 3);
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		import_preset(world.importer, areas[i]);
		mem = map_buffer(world.importer, LEN);
		expect_same_memory(&world, mem);
		EXPECT(!munmap(mem, LEN));
	}
	expect_clean_audit();
}

/* kills: areas that KVM and VFIO follow without a page, and others in which
 * special entries are not what they are
 */
static void mmap_by_importer_of_another_nature(void)
{
	static const enum importer_area areas[] = {
		IMPORTER_AREA_IO, IMPORTER_AREA_PFNMAP,
		IMPORTER_AREA_HUGETLB, IMPORTER_AREA_GROWSDOWN,
	};
	struct world world = new_world();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		import_preset(world.importer, areas[i]);
		EXPECT_EQ(map_errno(world.importer, LEN,
				    PROT_READ | PROT_WRITE, MAP_SHARED, 0),
			  EINVAL);
		EXPECT(refused("mmap area",
			       "no VM_IO, VM_PFNMAP, VM_HUGETLB, VM_GROWSDOWN"));
		EXPECT_EQ(my_buffer().mmaps, 1);
	}
}

/* --- lives --------------------------------------------------------------------------------- */

/* kills: a buffer that goes while a device still has it */
static void importer_keeps_buffer_without_owner(void)
{
	struct world world = new_world();
	uint32_t word;

	memset(world.mem, 0x5a, LEN);
	import_vmap(world.importer);
	map_with(world.importer, DMA_BIDIRECTIONAL);
	EXPECT(!munmap(world.mem, LEN));
	close(world.fd);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	word = import_read(world.importer, LEN - 4);
	EXPECT_EQ(word, 0x5a5a5a5a);
	expect_clean_audit();
	EXPECT_EQ(import_detach(world.importer), 0);
	EXPECT_EQ(nr_held(), 0);
}

static const struct guest_case usual_cases[] = {
	CASE(dma_addresses_are_the_frames),
	CASE(dma_table_has_no_pages),
	CASE(dma_mapping_leaves_contents_and_types),
	CASE(two_importers_at_once),
	CASE(cpu_access_in_all_directions),
	CASE(device_of_32_bits_is_refused_above_4g),
	CASE(device_of_32_bits_reaches_dma32_heap),
	CASE(vmap_has_the_buffers_type),
	CASE(vmap_nests),
	CASE(vmap_and_mmap_agree),
	CASE(vmap_is_not_read_by_kcore),
	CASE(mmap_by_importer),
	CASE(mmap_by_importer_of_another_nature),
	CASE(importer_keeps_buffer_without_owner),
};

static const struct guest_case bounce_cases[] = {
	CASE(every_device_is_refused_when_all_bounce),
};

int main(int argc, char **argv)
{
	if (all_bounce())
		return guest_main(argc, argv, bounce_cases,
				  ARRAY_SIZE(bounce_cases));
	return guest_main(argc, argv, usual_cases, ARRAY_SIZE(usual_cases));
}
