// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * na_pages_purge() and na_kmap_flush_unused(): what must go goes, and the
 * pool is emptied only if one of the given pages is in it.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "plant_audit.h"

#define NR 16u

struct world {
	int consumer;
	int bed;
	uint32_t pfns[NR];
	uint32_t other;		/* not given to any call */
	uint32_t live;		/* under kmap(), not given either */
};

static struct world new_world(void)
{
	struct world world = { .consumer = open_consumer(),
			       .bed = open_bed() };

	take_pages(world.bed, PLANT_HIGH, NR, false, world.pfns);
	world.other = take_page(world.bed, PLANT_HIGH);
	world.live = take_page(world.bed, PLANT_HIGH);
	make_mapping(world.bed, PLANT_STALE_KMAP, world.other, 1, 0);
	make_mapping(world.bed, PLANT_KMAP, world.live, 1, 0);
	return world;
}

static bool in_pool(const struct world *world, uint32_t pfn)
{
	bool held = look_at_page(world->bed, pfn).pool_va;

	EXPECT_EQ(scan_kernel(world->bed, &pfn, 1, PLANT_WB).nr_kmap, held);
	return held;
}

struct cost {
	uint64_t purges;
	uint64_t hits;
	uint64_t flushes;
};

static struct cost cost_now(void)
{
	return (struct cost){ counter("kmap_purges"), counter("kmap_hits"),
			      counter("tlb_flushes") };
}

static void expect_cost(struct cost before, struct cost cost)
{
	struct cost now = cost_now();

	EXPECT_EQ(now.purges - before.purges, cost.purges);
	EXPECT_EQ(now.hits - before.hits, cost.hits);
	EXPECT_EQ(now.flushes - before.flushes, cost.flushes);
}

/* kills: a purge that does nothing; one that ends live mappings */
static void purge_with_stale_entry(void)
{
	struct world world = new_world();
	struct cost before = cost_now();

	make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[7], 1, 0);
	EXPECT(in_pool(&world, world.pfns[7]));
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR), 0);
	EXPECT(!in_pool(&world, world.pfns[7]));
	EXPECT(in_pool(&world, world.live));
	expect_cost(before, (struct cost){ 1, 1, 1 });
}

/* kills: a check that stops at the first or leaves out the last page */
static void purge_with_stale_entry_at_either_end(void)
{
	struct world world = new_world();
	uint32_t ends[] = { world.pfns[0], world.pfns[NR - 1] }, i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		make_mapping(world.bed, PLANT_STALE_KMAP, ends[i], 1, 0);
		EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR),
			  0);
		EXPECT(!in_pool(&world, ends[i]));
	}
}

/* kills: the pool emptied although no page given is in it */
static void purge_with_nothing_stale(void)
{
	struct world world = new_world();
	struct cost before = cost_now();

	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR), 0);
	EXPECT(in_pool(&world, world.other));
	EXPECT(in_pool(&world, world.live));
	/* The flush stays: entries that are gone may live on in a TLB. */
	expect_cost(before, (struct cost){ 0, 0, 1 });
}

/* kills: low pages, which always have an address, taken for kmapped ones */
static void purge_of_low_pages(void)
{
	struct world world = new_world();
	struct cost before = cost_now();
	uint32_t pfns[NR];

	take_pages(world.bed, PLANT_LOW, NR, false, pfns);
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, pfns, NR), 0);
	expect_cost(before, (struct cost){ 0, 0, 1 });
}

/* kills: success while somebody still writes through a cached mapping */
static void purge_with_live_entry(void)
{
	struct world world = new_world();
	uint64_t va = make_mapping(world.bed, PLANT_KMAP, world.pfns[3], 1, 0);

	make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[4], 1, 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR),
		  -EBUSY);
	EXPECT(in_pool(&world, world.pfns[3]));
	EXPECT(!in_pool(&world, world.pfns[4]));
	unmake_mapping(world.bed, PLANT_KMAP, world.pfns[3], va);
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR), 0);
	EXPECT(!in_pool(&world, world.pfns[3]));
}

/* kills: a purge that converts or claims */
static void purge_leaves_types_alone(void)
{
	struct world world = new_world();

	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR), 0);
	EXPECT_EQ(look_at_page(world.bed, world.pfns[0]).tracked, PLANT_WB);
	EXPECT_EQ(nr_held(), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, NR), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR), 0);
	EXPECT_EQ(look_at_page(world.bed, world.pfns[0]).tracked, PLANT_UC);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, NR), 0);
}

/* kills: no check of the length */
static void purge_nr_0_and_too_large(void)
{
	struct world world = new_world();
	struct cost before = cost_now();

	EXPECT_EQ(call_nr(world.consumer, CONSUMER_PURGE, world.pfns, NR, 0),
		  -EINVAL);
	EXPECT_EQ(call_nr(world.consumer, CONSUMER_PURGE, world.pfns, NR,
			  NR_CALL_MAX + 1), -EINVAL);
	expect_cost(before, (struct cost){ 0, 0, 0 });
}

/* kills: a flush that leaves stale entries, or takes live ones */
static void kmap_flush_unused_takes_all_stale(void)
{
	struct world world = new_world();
	uint32_t i;

	for (i = 0; i < NR; i++)
		make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[i], 1, 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_FLUSH_UNUSED, NULL, 0), 0);
	for (i = 0; i < NR; i++)
		EXPECT(!in_pool(&world, world.pfns[i]));
	EXPECT(!in_pool(&world, world.other));
	EXPECT(in_pool(&world, world.live));
}

/* kills: a flush that does not count what it pays */
static void kmap_flush_unused_is_counted(void)
{
	struct world world = new_world();
	uint64_t before = counter("kmap_purges");

	EXPECT_EQ(call(world.consumer, CONSUMER_FLUSH_UNUSED, NULL, 0), 0);
	EXPECT_EQ(counter("kmap_purges") - before, 1);
}

/* kills: a cure that does not cure the driver of 2014 */
static void purge_cures_driver_of_2014(void)
{
	int fd = open("/dev/bug2014", O_RDWR | O_CLOEXEC);
	struct world world = new_world();
	struct conflict conflict;
	uint32_t pfn;
	char *mem, *audit;

	EXPECT(fd >= 0);
	mem = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	EXPECT(mem != MAP_FAILED);
	pfn = peek_user(world.bed, mem).pfn;
	audit = read_audit();
	EXPECT(find_conflict(audit, pfn, &conflict));
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, &pfn, 1), 0);
	expect_clean_audit();
	EXPECT_EQ(mem[0], 0x14);
}

static const struct guest_case cases[] = {
	CASE(purge_with_stale_entry),
	CASE(purge_with_stale_entry_at_either_end),
	CASE(purge_with_nothing_stale),
	CASE(purge_of_low_pages),
	CASE(purge_with_live_entry),
	CASE(purge_leaves_types_alone),
	CASE(purge_nr_0_and_too_large),
	CASE(kmap_flush_unused_takes_all_stale),
	CASE(kmap_flush_unused_is_counted),
	CASE(purge_cures_driver_of_2014),
};
GUEST_MAIN(cases)
