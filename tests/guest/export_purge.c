// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * na_pages_purge() and na_kmap_flush_unused(): what must go goes, and the
 * pool is emptied only if one of the given pages is in it.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "plant_audit.h"

#define NR 16u
#define NR_MANY 128u
#define NR_TURN (10 * NR_MANY)	/* a turn of the pool and more */

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

	take_pages(world.bed, PLANT_ANY, NR, false, world.pfns);
	world.other = take_page(world.bed, PLANT_ANY);
	world.live = take_page(world.bed, PLANT_ANY);
	/* Without high memory the pool is empty for good. */
	if (has_high_memory()) {
		make_mapping(world.bed, PLANT_STALE_KMAP, world.other, 1, 0);
		make_mapping(world.bed, PLANT_KMAP, world.live, 1, 0);
	}
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

/* A page table's worth of 2 MiB is all of the pool with PAE, half of it without. */
static bool is_outer_slot(uint64_t va)
{
	return va % (2 * MIB) == 0 || va % (2 * MIB) == 2 * MIB - PAGE;
}

/*
 * More pages than are asked about one by one: the table of the pool is read.
 *
 * kills: a look at the table that leaves out its first or its last slot
 */
static void purge_with_stale_entry_in_outer_slot(void)
{
	struct world world = { .consumer = open_consumer(),
			       .bed = open_bed() };
	static uint32_t pfns[NR_TURN];
	unsigned int i, nr_outer = 0;
	uint64_t va;

	take_pages(world.bed, PLANT_HIGH, NR_TURN, false, pfns);
	for (i = 0; i < NR_TURN; i++) {
		va = make_mapping(world.bed, PLANT_STALE_KMAP, pfns[i], 1, 0);
		/* Others of the pages must not be what is found. */
		if (va % (2 * MIB) == 2 * MIB - 2 * PAGE)
			EXPECT_EQ(call(world.consumer, CONSUMER_FLUSH_UNUSED,
				       NULL, 0), 0);
		if (!is_outer_slot(va))
			continue;
		EXPECT_EQ(call(world.consumer, CONSUMER_PURGE,
			       &pfns[i - i % NR_MANY], NR_MANY), 0);
		EXPECT(!in_pool(&world, pfns[i]));
		nr_outer++;
	}
	say("%u times in the first or the last slot of 2 MiB", nr_outer);
	EXPECT(nr_outer >= 4);
}

static uint32_t outermost(const uint32_t *pfns, bool is_highest)
{
	uint32_t i, found = pfns[0];

	for (i = 1; i < NR_MANY; i++)
		if (is_highest ? pfns[i] > found : pfns[i] < found)
			found = pfns[i];
	return found;
}

/* kills: a look at the pool that passes over the lowest or the highest frame */
static void purge_of_outermost_among_many(void)
{
	struct world world = { .consumer = open_consumer(),
			       .bed = open_bed() };
	static uint32_t pfns[NR_MANY];
	uint32_t pfn, i;

	take_pages(world.bed, PLANT_HIGH, NR_MANY, false, pfns);
	for (i = 0; i < 2; i++) {
		pfn = outermost(pfns, i);
		make_mapping(world.bed, PLANT_STALE_KMAP, pfn, 1, 0);
		EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, pfns, NR_MANY),
			  0);
		EXPECT(!in_pool(&world, pfn));
	}
}

/* kills: the pool emptied although no page given is in it */
static void purge_with_nothing_stale(void)
{
	struct world world = new_world();
	struct cost before = cost_now();

	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR), 0);
	EXPECT_EQ(in_pool(&world, world.other), has_high_memory());
	EXPECT_EQ(in_pool(&world, world.live), has_high_memory());
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
	struct world world = new_world();
	struct conflict conflict;
	uint32_t pfn;
	char *mem, *audit;

	/* There the direct map is the alias, and only a conversion cures. */
	need_high_memory();
	mem = map_as_in_2014(world.bed, &pfn);
	audit = read_audit();
	EXPECT(find_conflict(audit, pfn, &conflict));
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, &pfn, 1), 0);
	expect_clean_audit();
	EXPECT_EQ(mem[0], 0x14);
}

static const struct guest_case cases[] = {
	CASE(purge_with_stale_entry),
	CASE(purge_with_stale_entry_at_either_end),
	CASE(purge_with_stale_entry_in_outer_slot),
	CASE(purge_of_outermost_among_many),
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
