// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * na_set_pages_uc(), _wc() and _wb(): any pages in any order, all or nothing.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "plant_audit.h"

#include <stdlib.h>

#define NR 24u

struct world {
	int consumer;
	int bed;
	uint32_t pfns[NR];
};

/* High and low in turns, where there are both, as the allocator gave them. */
static struct world new_world(void)
{
	struct world world = { open_consumer(), open_bed(), { 0 } };
	uint32_t i;

	for (i = 0; i < NR; i++)
		world.pfns[i] = take_page(world.bed,
					  i % 2 ? PLANT_LOW : PLANT_ANY);
	return world;
}

static void expect_type(const struct world *world, const uint32_t *pfns,
			uint32_t nr, enum plant_type type)
{
	struct plant_page page;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		page = look_at_page(world->bed, pfns[i]);
		EXPECT_EQ(page.tracked, type);
		EXPECT_EQ(page.direct, page.high ? PLANT_ABSENT : type);
		EXPECT_EQ(page.pool_va, 0);
	}
}

/* kills: WC promised, and UC given, where there is no WC */
static void refuses_wc(const uint32_t *pfns, uint32_t nr,
		       const struct world *world)
{
	EXPECT_EQ(call(world->consumer, CONSUMER_WC, pfns, nr), -EOPNOTSUPP);
	EXPECT(refused("type", "UC on this machine"));
	EXPECT_EQ(counter("frames_lent"), 0);
	expect_type(world, pfns, nr, PLANT_WB);
}

static void there_and_back(const uint32_t *pfns, uint32_t nr,
			   const struct world *world, enum consumer_op op,
			   enum plant_type type)
{
	if (type == PLANT_WC && !has_pat()) {
		refuses_wc(pfns, nr, world);
		return;
	}
	EXPECT_EQ(call(world->consumer, op, pfns, nr), 0);
	EXPECT_EQ(counter("frames_lent"), nr);
	expect_type(world, pfns, nr, type);
	expect_clean_audit();
	EXPECT_EQ(call(world->consumer, CONSUMER_WB, pfns, nr), 0);
	EXPECT_EQ(counter("frames_lent"), 0);
	expect_type(world, pfns, nr, PLANT_WB);
	expect_clean_audit();
}

static void shuffle(uint32_t *pfns, uint32_t nr)
{
	uint32_t i, j, pfn;

	srand(1);
	for (i = nr - 1; i; i--) {
		j = rand() % (i + 1);
		pfn = pfns[i];
		pfns[i] = pfns[j];
		pfns[j] = pfn;
	}
}

/* --- which pages ----------------------------------------------------------------- */

/* kills: high pages given to a call that only knows the direct map */
static void set_pages_high(void)
{
	struct world world = new_world();
	uint32_t pfns[NR];

	take_pages(world.bed, PLANT_HIGH, NR, false, pfns);
	there_and_back(pfns, NR, &world, CONSUMER_UC, PLANT_UC);
	there_and_back(pfns, NR, &world, CONSUMER_WC, PLANT_WC);
}

/* kills: a direct map that keeps WB, on the way there or back */
static void set_pages_low(void)
{
	struct world world = new_world();
	uint32_t pfns[NR];

	take_pages(world.bed, PLANT_LOW, NR, false, pfns);
	there_and_back(pfns, NR, &world, CONSUMER_UC, PLANT_UC);
	there_and_back(pfns, NR, &world, CONSUMER_WC, PLANT_WC);
}

/* kills: the kind of the first page taken for that of all */
static void set_pages_mixed(void)
{
	struct world world = new_world();

	there_and_back(world.pfns, NR, &world, CONSUMER_UC, PLANT_UC);
	there_and_back(world.pfns, NR, &world, CONSUMER_WC, PLANT_WC);
}

/* kills: runs that are taken for ascending */
static void set_pages_in_any_order(void)
{
	struct world world = new_world();
	uint32_t pfns[64];

	take_pages(world.bed, PLANT_LOW, 32, true, pfns);
	take_pages(world.bed, PLANT_ANY, 32, true, pfns + 32);
	shuffle(pfns, 64);
	there_and_back(pfns, 64, &world, CONSUMER_UC, PLANT_UC);
	shuffle(pfns, 64);
	there_and_back(pfns, 64, &world, CONSUMER_WC, PLANT_WC);
}

/* kills: one page more or less than given */
static void set_pages_leaves_neighbours(void)
{
	struct world world = new_world();
	uint32_t pfns[16];
	static const enum plant_zone zones[] = { PLANT_ANY, PLANT_LOW };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		take_pages(world.bed, zones[i], 16, true, pfns);
		EXPECT_EQ(call(world.consumer, CONSUMER_UC, pfns + 5, 6), 0);
		expect_type(&world, pfns, 5, PLANT_WB);
		expect_type(&world, pfns + 5, 6, PLANT_UC);
		expect_type(&world, pfns + 11, 5, PLANT_WB);
		EXPECT_EQ(call(world.consumer, CONSUMER_WB, pfns + 5, 6), 0);
		expect_type(&world, pfns, 16, PLANT_WB);
	}
}

#define NR_LARGE 1024u

/* kills: a large direct map entry changed as a whole, or not split */
static void set_pages_over_large_direct_entries(void)
{
	struct world world = new_world();
	static uint32_t pfns[NR_LARGE];
	uint64_t flushes = counter("tlb_flushes");

	take_pages(world.bed, PLANT_LOW, NR_LARGE, true, pfns);
	EXPECT_EQ(call(world.consumer, has_pat() ? CONSUMER_WC : CONSUMER_UC,
		       pfns + 1, NR_LARGE - 2), 0);
	expect_type(&world, pfns, 1, PLANT_WB);
	expect_type(&world, pfns + 1, NR_LARGE - 2,
		    has_pat() ? PLANT_WC : PLANT_UC);
	expect_type(&world, pfns + NR_LARGE - 1, 1, PLANT_WB);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, pfns + 1, NR_LARGE - 2),
		  0);
	expect_type(&world, pfns, NR_LARGE, PLANT_WB);
	EXPECT_EQ(counter("tlb_flushes") - flushes, 2);
}

/* --- contents --------------------------------------------------------------------- */

static void check_contents(const struct world *world, enum plant_type type,
			   uint32_t holds_seed, uint32_t fill_seed)
{
	char *mem = map_frames(world->bed, world->pfns, NR, type);

	if (holds_seed)
		EXPECT(holds(mem, NR * PAGE, holds_seed));
	fill(mem, NR * PAGE, fill_seed);
	EXPECT(!munmap(mem, NR * PAGE));
}

/* kills: pages zeroed or swapped on the way */
static void set_pages_keeps_contents(void)
{
	struct world world = new_world();

	check_contents(&world, PLANT_WB, 0, 11);
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, NR), 0);
	check_contents(&world, PLANT_UC, 11, 12);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, NR), 0);
	check_contents(&world, PLANT_WB, 12, 13);
	if (!has_pat())
		return;
	EXPECT_EQ(call(world.consumer, CONSUMER_WC, world.pfns, NR), 0);
	check_contents(&world, PLANT_WC, 13, 14);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, NR), 0);
	check_contents(&world, PLANT_WB, 14, 15);
}

/* --- refusals: nothing has changed ---------------------------------------------------- */

static void expect_refused(const struct world *world, enum consumer_op op,
			   const uint32_t *pfns, uint32_t nr, int err)
{
	uint64_t lent = counter("frames_lent");

	EXPECT_EQ(call(world->consumer, op, pfns, nr), err);
	EXPECT_EQ(counter("frames_lent"), lent);
	EXPECT_EQ(counter("frames_claimed"), 0);
	EXPECT_EQ(counter("frames_quarantined"), 0);
}

static const enum consumer_op sets[] = {
	CONSUMER_UC, CONSUMER_WB, CONSUMER_WC,
};

/* The type is looked at before the pages are. */
static int wc_errno(int err)
{
	return has_pat() ? err : -EOPNOTSUPP;
}

static int set_errno(enum consumer_op op, int err)
{
	return op == CONSUMER_WC ? wc_errno(err) : err;
}

/* kills: an array that is looked at before its length */
static void set_pages_nr_0(void)
{
	struct world world = new_world();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		EXPECT_EQ(call_nr(world.consumer, sets[i], world.pfns, 0, 0),
			  set_errno(sets[i], -EINVAL));
		EXPECT_EQ(call_nr(world.consumer, sets[i], world.pfns, NR, 0),
			  set_errno(sets[i], -EINVAL));
	}
}

/* kills: a length that is not checked before the array is read */
static void set_pages_nr_too_large(void)
{
	struct world world = new_world();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++) {
		EXPECT_EQ(call_nr(world.consumer, sets[i], world.pfns, NR,
				  NR_CALL_MAX + 1),
			  set_errno(sets[i], -EINVAL));
		EXPECT_EQ(call_nr(world.consumer, sets[i], world.pfns, NR,
				  ~0u), set_errno(sets[i], -EINVAL));
	}
	expect_type(&world, world.pfns, NR, PLANT_WB);
}

/* kills: a page claimed by the same call that then waits for itself */
static void set_pages_given_twice(void)
{
	struct world world = new_world();

	world.pfns[NR - 1] = world.pfns[0];
	expect_refused(&world, CONSUMER_UC, world.pfns, NR, -EBUSY);
	expect_refused(&world, CONSUMER_WC, world.pfns, NR,
		       wc_errno(-EBUSY));
	world.pfns[1] = world.pfns[0];
	expect_refused(&world, CONSUMER_UC, world.pfns, 2, -EBUSY);
	expect_type(&world, world.pfns, NR, PLANT_WB);
}

/* kills: a return that counts a page twice */
static void set_pages_wb_given_twice(void)
{
	struct world world = new_world();
	uint32_t twice[3] = { world.pfns[0], world.pfns[1], world.pfns[0] };

	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, 2), 0);
	expect_refused(&world, CONSUMER_WB, twice, 3, -EBUSY);
	expect_type(&world, world.pfns, 2, PLANT_UC);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, 2), 0);
}

/* kills: a conversion of what is converted; the first page decides for all */
static void set_pages_already_converted(void)
{
	struct world world = new_world();

	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns + 4, 2), 0);
	expect_refused(&world, CONSUMER_UC, world.pfns, NR, -EBUSY);
	expect_refused(&world, CONSUMER_WC, world.pfns, NR,
		       wc_errno(-EBUSY));
	expect_refused(&world, CONSUMER_WC, world.pfns + 4, 2,
		       wc_errno(-EBUSY));
	expect_type(&world, world.pfns, 4, PLANT_WB);
	expect_type(&world, world.pfns + 4, 2, PLANT_UC);
	expect_type(&world, world.pfns + 6, NR - 6, PLANT_WB);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns + 4, 2), 0);
}

/* kills: a return of pages that nobody lent; a frame's number told to whoever
 * called the driver
 */
static void set_pages_wb_of_others(void)
{
	struct world world = new_world();

	expect_refused(&world, CONSUMER_WB, world.pfns, NR, -EBUSY);
	EXPECT(refused("nr", "pages that na_set_pages_uc/wc() converted"));
	EXPECT_EQ(told_value(), NR);
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, NR - 1), 0);
	expect_refused(&world, CONSUMER_WB, world.pfns, NR, -EBUSY);
	expect_type(&world, world.pfns, NR - 1, PLANT_UC);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, NR - 1), 0);
}

/* kills: a return of both types with the type of the first */
static void set_pages_wb_of_two_types(void)
{
	struct world world = new_world();

	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, 4), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_WC, world.pfns + 4, 4), 0);
	expect_refused(&world, CONSUMER_WB, world.pfns, 8, -EBUSY);
	expect_type(&world, world.pfns, 4, PLANT_UC);
	expect_type(&world, world.pfns + 4, 4, PLANT_WC);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, 4), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns + 4, 4), 0);
}

/* kills: a heap's memory made cached under its owner */
static void set_pages_of_heap_buffer(void)
{
	struct world world = new_world();
	uint32_t pfns[NR];
	char *mem = new_mapping(NR * PAGE);

	pfns_of(world.bed, mem, NR, pfns);
	expect_refused(&world, CONSUMER_WB, pfns, NR, -EBUSY);
	expect_refused(&world, CONSUMER_UC, pfns, NR, -EBUSY);
	expect_refused(&world, CONSUMER_WC, pfns, NR, wc_errno(-EBUSY));
	expect_type(&world, pfns, NR, plant_heap_type());
}

/* kills: calls that must be given back together because lent together */
static void set_pages_wb_in_parts(void)
{
	struct world world = new_world();

	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, 10), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns + 10, NR - 10),
		  0);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns + 5, 10), 0);
	expect_type(&world, world.pfns, 5, PLANT_UC);
	expect_type(&world, world.pfns + 5, 10, PLANT_WB);
	expect_type(&world, world.pfns + 15, NR - 15, PLANT_UC);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, 5), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns + 15, NR - 15),
		  0);
	expect_type(&world, world.pfns, NR, PLANT_WB);
}

/* --- kmap ------------------------------------------------------------------------------ */

/* kills: a conversion without its purge */
static void set_pages_with_stale_kmap(void)
{
	struct world world = new_world();

	make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[2], 1, 0);
	EXPECT(look_at_page(world.bed, world.pfns[2]).pool_va);
	there_and_back(world.pfns, NR, &world, CONSUMER_UC, PLANT_UC);
}

/* kills: a purge whose failure is overlooked */
static void set_pages_with_live_kmap(void)
{
	struct world world = new_world();
	uint32_t live = world.pfns[NR - 2];
	uint64_t va = make_mapping(world.bed, PLANT_KMAP, live, 1, 0);

	expect_refused(&world, CONSUMER_UC, world.pfns, NR, -EBUSY);
	expect_type(&world, world.pfns, NR - 2, PLANT_WB);
	EXPECT_EQ(look_at_page(world.bed, live).pool_va, va);
	EXPECT_EQ(look_at_page(world.bed, live).tracked, PLANT_WB);
	unmake_mapping(world.bed, PLANT_KMAP, live, va);
	there_and_back(world.pfns, NR, &world, CONSUMER_UC, PLANT_UC);
}

/* --- the driver of 2014 ----------------------------------------------------------------- */

/* kills: a cure that leaves the mapping it was called for: a slot of the pool,
 * or the direct map
 */
static void set_pages_cures_driver_of_2014(void)
{
	struct world world = new_world();
	struct conflict conflict;
	char *mem, *audit;
	uint32_t pfn;

	mem = map_as_in_2014(world.bed, &pfn);
	audit = read_audit();
	EXPECT(find_conflict(audit, pfn, &conflict));
	free(audit);
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, &pfn, 1), 0);
	expect_clean_audit();
	EXPECT_EQ(mem[0], 0x14);
	EXPECT(!munmap(mem, PAGE));
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, &pfn, 1), 0);
}

/* --- in the auditor's eyes ---------------------------------------------------------------- */

/* kills: lent frames that the auditor does not know */
static void lent_pages_with_wb_vmap_are_found(void)
{
	struct world world = new_world();
	struct conflict conflict;
	uint64_t va, uc;
	char *audit;

	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, NR), 0);
	uc = make_mapping(world.bed, PLANT_VMAP, world.pfns[1], 1, PLANT_UC);
	expect_clean_audit();
	unmake_mapping(world.bed, PLANT_VMAP, world.pfns[1], uc);
	va = make_mapping(world.bed, PLANT_VMAP, world.pfns[0], 1, PLANT_WB);
	audit = read_audit();
	EXPECT(find_conflict(audit, world.pfns[0], &conflict));
	EXPECT(!strcmp(conflict.kind, "ours"));
	EXPECT(find_party(&conflict, "vmalloc", 0, va));
	EXPECT(!strcmp(find_party(&conflict, "ledger", 0, 0)->name, "lent"));
	EXPECT_EQ(audit_nr_frames(audit, "alias", "ours"), 1);
	unmake_mapping(world.bed, PLANT_VMAP, world.pfns[0], va);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, NR), 0);
}

static const struct guest_case cases[] = {
	CASE(set_pages_high),
	CASE(set_pages_low),
	CASE(set_pages_mixed),
	CASE(set_pages_in_any_order),
	CASE(set_pages_leaves_neighbours),
	CASE(set_pages_over_large_direct_entries),
	CASE(set_pages_keeps_contents),
	CASE(set_pages_nr_0),
	CASE(set_pages_nr_too_large),
	CASE(set_pages_given_twice),
	CASE(set_pages_wb_given_twice),
	CASE(set_pages_already_converted),
	CASE(set_pages_wb_of_others),
	CASE_PAT(set_pages_wb_of_two_types),
	CASE(set_pages_of_heap_buffer),
	CASE(set_pages_wb_in_parts),
	CASE(set_pages_with_stale_kmap),
	CASE(set_pages_with_live_kmap),
	CASE(set_pages_cures_driver_of_2014),
	CASE(lent_pages_with_wb_vmap_are_found),
};
GUEST_MAIN(cases)
