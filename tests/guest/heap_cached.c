// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A heap of cached memory: nothing of it is converted, and what makes it useful to
 * devices is done when CPU and device take turns. On x86 that is to fill and empty
 * bounce buffers.
 */
#define _GNU_SOURCE
#include "plant_audit.h"
#include "heap_buffers.h"
#include "heap_turns.h"
#include "status_node.h"

#include <sys/mman.h>

/* --- memory --------------------------------------------------------------------- */

/* kills: a buffer that is converted; pages behind entries */
static void mapping_is_cached(void)
{
	struct world world = new_world();
	uint32_t pfns[NR], i;
	struct look look;

	for (i = 0; i < NR; i++) {
		EXPECT_EQ(look_at(world.mem + i * PAGE, &look), 0);
		EXPECT(!strcmp(look.type, "WB"));
		EXPECT(look.special);
		EXPECT(look.write);
		pfns[i] = look.pfn;
	}
	EXPECT_EQ(scan_kernel(world.bed, pfns, NR, PLANT_WB).nr_direct_odd, 0);
	expect_clean_audit();
}

/* kills: an entry that comes back with another type, or another page */
static void page_comes_back_cached(void)
{
	struct world world = new_world();
	struct look before, after;

	set(&world, 3 * PAGE, NEW);
	EXPECT_EQ(look_at(world.mem + 3 * PAGE, &before), 0);
	EXPECT(!madvise(world.mem, LEN, MADV_DONTNEED));
	EXPECT(look_at(world.mem + 3 * PAGE, &after));
	EXPECT_EQ(get(&world, 3 * PAGE), NEW);
	EXPECT_EQ(look_at(world.mem + 3 * PAGE, &after), 0);
	EXPECT_EQ(after.pfn, before.pfn);
	EXPECT(!strcmp(after.type, "WB"));
}

/* kills: a kernel mapping of another type */
static void vmap_is_cached(void)
{
	struct world world = new_world();
	struct plant_entry entry;
	uint64_t va;

	world.importer = new_import(world.fd);
	va = import_vmap(world.importer);
	entry = peek_kernel(world.bed, va + LEN - PAGE);
	EXPECT(entry.present);
	EXPECT_EQ(entry.type, PLANT_WB);
	import_write(world.importer, LEN - 4, NEW);
	EXPECT_EQ(get(&world, LEN - 4), NEW);
	EXPECT_EQ(import_access(world.importer, true, DMA_BIDIRECTIONAL), 0);
	EXPECT_EQ(import_access(world.importer, false, DMA_BIDIRECTIONAL), 0);
	expect_clean_audit();
}

/* kills: contents of one owner seen by the next */
static void next_owner_gets_zeroes(void)
{
	char *mem;
	int i;

	for (i = 0; i < 20; i++) {
		mem = new_mapping(LEN);
		EXPECT(is_zero(mem, LEN));
		fill(mem, LEN, i);
		EXPECT(holds(mem, LEN, i));
		EXPECT(!munmap(mem, LEN));
	}
}

/* kills: frames in the ledger, or not charged */
static void nothing_is_converted(void)
{
	uint64_t conversions = counter("conversions");
	uint64_t flushes = counter("tlb_flushes");
	int fd = new_buffer(LEN);

	EXPECT_EQ(counter("frames_in_buffers"), 0);
	EXPECT_EQ(counter("frames_charged"), NR);
	EXPECT_EQ(my_buffer().bytes, LEN);
	EXPECT(!strcmp(my_buffer().type, "WB"));
	close(fd);
	EXPECT_EQ(counter("conversions"), conversions);
	EXPECT_EQ(counter("tlb_flushes"), flushes);
	EXPECT_EQ(counter("frames_charged"), 0);
}

/* kills: cached-is-guaranteed; frames that the ledger lacks taken for wrong */
static void queries_say_cached_and_promise_nothing(void)
{
	struct noalias_query_buffer buffer = ask_buffer(new_buffer(LEN));
	struct noalias_query_heap heap = ask_heap(heap_name());

	EXPECT_EQ(buffer.memtype, NOALIAS_IOC_WB);
	EXPECT_EQ(buffer.promise, NOALIAS_IOC_NONE);
	EXPECT_EQ(buffer.wrong, 0);
	EXPECT_EQ(buffer.len, LEN);
	EXPECT_EQ(heap.memtype, NOALIAS_IOC_WB);
	EXPECT_EQ(heap.promise, NOALIAS_IOC_NONE);
	EXPECT_EQ(heap.nr_buffers, 1);
	EXPECT_EQ(heap.used, LEN);
}

/* --- CPU and device take turns ---------------------------------------------------- */

/* kills: a suite that is to bounce and does not */
static void device_gets_frames_or_copies(void)
{
	struct world world = new_mapped_world(DMA_BIDIRECTIONAL);
	uint32_t pfn;

	pfns_of(world.bed, world.mem, 1, &pfn);
	EXPECT_EQ(ranges[0].address != pfn * (uint64_t)PAGE, all_bounce());
	expect_device_all(&world, OLD);
}

/* kills: cached-end-hands-nothing-over; what the CPU wrote is not handed over at its end */
static void device_reads_what_the_cpu_wrote(void)
{
	struct world world = new_mapped_world(DMA_TO_DEVICE);

	sync_all(&world, BEGIN_WRITE);
	set_all(&world, NEW);
	expect_device_all(&world, if_bounced(OLD, NEW));
	sync_all(&world, END_WRITE);
	expect_device_all(&world, NEW);
}

/* kills: cached-begin-fetches-nothing */
static void cpu_reads_what_the_device_wrote(void)
{
	struct world world = new_mapped_world(DMA_FROM_DEVICE);

	device_set_all(&world, NEW);
	expect_all(&world, if_bounced(OLD, NEW));
	sync_all(&world, BEGIN_READ);
	expect_all(&world, NEW);
	sync_all(&world, END_READ);
}

/* kills: what a device leaves out, filled with what a bounce buffer had before */
static void device_that_writes_a_part_leaves_the_rest(void)
{
	struct world world = new_mapped_world(DMA_FROM_DEVICE);

	device_set(&world, places[1], NEW);
	sync_all(&world, BEGIN_READ);
	EXPECT_EQ(get(&world, places[0]), OLD);
	EXPECT_EQ(get(&world, places[1]), NEW);
	EXPECT_EQ(get(&world, places[1] - 4), 0);
	EXPECT_EQ(get(&world, places[2]), OLD);
}

/* kills: cached-unmap-fetches-nothing: what a device wrote is lost at its end */
static void unmap_gives_back_what_the_device_wrote(void)
{
	struct world world = new_mapped_world(DMA_BIDIRECTIONAL);

	device_set_all(&world, NEW);
	EXPECT_EQ(import_unmap(world.importer), 0);
	expect_all(&world, NEW);
	sync_all(&world, BEGIN_READ);
	expect_all(&world, NEW);
}

/* kills: a mapping that has the contents of the one before */
static void map_hands_over_what_the_cpu_wrote(void)
{
	struct world world = new_mapped_world(DMA_TO_DEVICE);

	EXPECT_EQ(import_unmap(world.importer), 0);
	set_all(&world, NEW);
	map_for_device(&world, DMA_TO_DEVICE);
	expect_device_all(&world, NEW);
}

/*
 * Of a write access the device gets the whole buffer: so the CPU has to have what
 * the device wrote, where it does not write itself.
 *
 * kills: the access's direction passed on
 */
static void cpu_writes_beside_what_the_device_wrote(void)
{
	struct world world = new_mapped_world(DMA_BIDIRECTIONAL);

	device_set_all(&world, NEW);
	sync_all(&world, BEGIN_WRITE);
	set(&world, PAGE, 7);
	sync_all(&world, END_WRITE);
	EXPECT_EQ(device_get(&world, PAGE), 7);
	expect_device_all(&world, NEW);
	expect_all(&world, NEW);
}

/* kills: what the CPU wrote last, replaced by the copy of a device that reads */
static void reading_device_gives_nothing_back(void)
{
	struct world world = new_mapped_world(DMA_TO_DEVICE);

	set_all(&world, NEW);
	sync_all(&world, BEGIN_READ);
	expect_all(&world, NEW);
	sync_all(&world, END_READ);
	expect_device_all(&world, if_bounced(OLD, NEW));
	EXPECT_EQ(import_unmap(world.importer), 0);
	expect_all(&world, NEW);
}

/* kills: cached-end-of-reading-hands-over: over what a device wrote meanwhile */
static void end_of_reading_hands_nothing_over(void)
{
	struct world world = new_mapped_world(DMA_BIDIRECTIONAL);

	sync_all(&world, BEGIN_READ);
	device_set_all(&world, NEW);
	sync_all(&world, END_READ);
	expect_device_all(&world, NEW);
}

/* kills: one device synced of two */
static void each_device_reads_what_the_cpu_wrote(void)
{
	struct world one = new_mapped_world(DMA_TO_DEVICE), two = one;
	uint64_t first = address_of(&one, 8);

	two.importer = 0;
	map_for_device(&two, DMA_TO_DEVICE);
	EXPECT_EQ(my_buffer().dma_maps, 2);
	sync_all(&one, BEGIN_WRITE);
	set_all(&one, NEW);
	sync_all(&one, END_WRITE);
	EXPECT_EQ(import_peek(one.importer, first), NEW);
	expect_device_all(&two, NEW);
	EXPECT_EQ(import_detach(one.importer), 0);
	set_all(&one, OLD);
	sync_all(&one, END_WRITE);
	expect_device_all(&two, OLD);
}

/*
 * For a device that takes them in one, where a bounce buffer has 256 KiB.
 *
 * kills: cached-entry-longer-than-a-bounce-buffer
 */
static void megabytes_are_mapped(void)
{
	struct importer_odd odd = { .mask_bits = 64, .segment_len = 4 * MIB };
	struct world world = { .fd = new_buffer(2 * MIB) };

	world.mem = map_buffer(world.fd, 2 * MIB);
	world.importer = new_odd_import(world.fd, odd);
	set(&world, 2 * MIB - 4, NEW);
	map_for_device(&world, DMA_BIDIRECTIONAL);
	EXPECT_EQ(device_get(&world, 2 * MIB - 4), NEW);
	device_set(&world, 2 * MIB - 4, OLD);
	sync_all(&world, BEGIN_READ);
	EXPECT_EQ(get(&world, 2 * MIB - 4), OLD);
}

static bool has_bounce_buffers(void)
{
	char *text = read_text("/sys/kernel/debug/swiotlb/io_tlb_nslabs");
	bool has = text && atoi(text);

	free(text);
	return has;
}

static bool is_above_4g(const struct world *world)
{
	uint32_t pfns[NR], i;

	pfns_of(world->bed, world->mem, NR, pfns);
	for (i = 0; i < NR; i++)
		if (pfns[i] >= 4 * GIB / PAGE)
			return true;
	return false;
}

static struct world new_world_above_4g(void)
{
	struct world world;
	int tries;

	if (!file_has("/proc/iomem", "100000000-"))
		skip_case(NO_MEMORY_ABOVE_4G);
	EXPECT(!setenv("NA_ZONE", has_high_memory() ? "high" : "any", 1));
	for (tries = 0; tries < 64; tries++) {
		world = new_world();
		if (is_above_4g(&world))
			return world;
	}
	EXPECT(!"a buffer above 4 GiB");
	return world;
}

/* kills: a device that does not reach the frames, refused; or left without copies */
static void device_of_32_bits_gets_copies_from_above_4g(void)
{
	struct world world = new_world_above_4g();
	struct importer_map map = { .dir = DMA_BIDIRECTIONAL };
	int importer = open_importer();

	EXPECT_EQ(import_attach(importer, world.fd, 32), 0);
	world.importer = importer;
	if (!has_bounce_buffers()) {
		EXPECT_EQ(import_map(importer, &map), -EOPNOTSUPP);
		EXPECT(refused("attachment", "within the device's DMA mask"));
		return;
	}
	map_for_device(&world, DMA_BIDIRECTIONAL);
	sync_all(&world, BEGIN_WRITE);
	set_all(&world, NEW);
	sync_all(&world, END_WRITE);
	expect_device_all(&world, NEW);
	device_set_all(&world, OLD);
	sync_all(&world, BEGIN_READ);
	expect_all(&world, OLD);
	EXPECT(address_of(&world, LEN - 1) < 4 * GIB);
}

/* --- refusals --------------------------------------------------------------------- */

static void expect_refused(struct importer_odd odd)
{
	struct importer_map map = { .dir = DMA_BIDIRECTIONAL };
	int importer = new_odd_import(new_buffer(LEN), odd);

	EXPECT_EQ(import_map(importer, &map), -EOPNOTSUPP);
	EXPECT_EQ(import_detach(importer), 0);
}

/* kills: a device that the kernel would warn of */
static void device_without_dma_is_refused(void)
{
	expect_refused((struct importer_odd){ .mask_bits = 0 });
	EXPECT(refused("attachment", "a device that does DMA"));
}

/* kills: cached-bounce-buffers-out-of-reach, of which the kernel would warn */
static void device_that_reaches_no_bounce_buffer_is_refused(void)
{
	expect_refused((struct importer_odd){ .mask_bits = 20 });
	EXPECT(refused("attachment", "within the device's DMA mask"));
}

/* --- balance ---------------------------------------------------------------------- */

/* kills: a mapping or its table left, also in the list */
static void many_turns_leave_nothing(void)
{
	struct world world = new_world();
	int i;

	for (i = 0; i < 200; i++) {
		map_for_device(&world, i % 3);
		sync_all(&world, BEGIN_WRITE);
		sync_all(&world, END_WRITE);
		EXPECT_EQ(import_unmap(world.importer), 0);
		EXPECT_EQ(my_buffer().dma_maps, 0);
	}
	sync_all(&world, BEGIN_READ);
	sync_all(&world, END_WRITE);
}

static const struct guest_case cases[] = {
	CASE(mapping_is_cached),
	CASE(page_comes_back_cached),
	CASE(vmap_is_cached),
	CASE(next_owner_gets_zeroes),
	CASE(nothing_is_converted),
	CASE(queries_say_cached_and_promise_nothing),
	CASE(device_gets_frames_or_copies),
	CASE(device_reads_what_the_cpu_wrote),
	CASE(cpu_reads_what_the_device_wrote),
	CASE(device_that_writes_a_part_leaves_the_rest),
	CASE(unmap_gives_back_what_the_device_wrote),
	CASE(map_hands_over_what_the_cpu_wrote),
	CASE(cpu_writes_beside_what_the_device_wrote),
	CASE(reading_device_gives_nothing_back),
	CASE(end_of_reading_hands_nothing_over),
	CASE(each_device_reads_what_the_cpu_wrote),
	CASE(megabytes_are_mapped),
	CASE(device_of_32_bits_gets_copies_from_above_4g),
	CASE(device_without_dma_is_refused),
	CASE(device_that_reaches_no_bounce_buffer_is_refused),
	CASE(many_turns_leave_nothing),
};
GUEST_MAIN(cases)
