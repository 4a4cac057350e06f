// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers while storm.ko maps other pages with kmap() and vmap(): pages that it
 * freed come with stale mappings, and none may be left in a buffer. Expects
 * storm.ko and na_fail.ko to be loaded.
 */
#define _GNU_SOURCE
#include "plant_audit.h"

#include <sched.h>
#include <stdlib.h>

#define NR_ROUNDS 6
#define STORM "/sys/module/storm/parameters/"

static uint64_t storm_count(const char *name)
{
	char path[64], *text;
	uint64_t value;

	snprintf(path, sizeof(path), STORM "%s", name);
	text = read_text(path);
	EXPECT(text);
	value = strtoull(text, NULL, 10);
	free(text);
	return value;
}

static void wait_for_storm(void)
{
	uint64_t kmaps = storm_count("kmaps"), vmaps = storm_count("vmaps");
	uint64_t end_ms = now_ms() + 20000;

	while (storm_count("kmaps") - kmaps < 100 ||
	       storm_count("vmaps") - vmaps < 10) {
		EXPECT(now_ms() < end_ms);
		sleep_ms(5);
	}
}

/*
 * Single pages that come from this CPU's own list, where those that were
 * freed last are taken first.
 */
#define NR_SINGLE 15u
#define NR_LARGE 1100u

static void free_pages_with_stale_entries(int bed)
{
	uint32_t pfns[2 * NR_SINGLE], i;

	take_pages(bed, PLANT_HIGH, ARRAY_SIZE(pfns), false, pfns);
	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		make_mapping(bed, PLANT_STALE_KMAP, pfns[i], 1, 0);
	give_pages(bed, pfns, ARRAY_SIZE(pfns));
}

static void expect_no_entry(int bed, const char *mem, uint32_t nr)
{
	static uint32_t pfns[NR_LARGE];
	struct plant_frames found;

	pfns_of(bed, mem, nr, pfns);
	found = scan_kernel(bed, pfns, nr, plant_heap_type());
	EXPECT_EQ(found.nr_kmap, 0);
	EXPECT_EQ(found.nr_fixmap, 0);
	EXPECT_EQ(found.nr_vmalloc, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
}

static void check_buffer(int bed, uint32_t nr)
{
	char *mem = new_mapping(nr * PAGE);

	expect_no_entry(bed, mem, nr);
	EXPECT(is_zero(mem, nr * PAGE));
	fill(mem, nr * PAGE, 1);
	expect_no_entry(bed, mem, nr);
	EXPECT(!munmap(mem, nr * PAGE));
}

static void stay_on_one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	EXPECT(!sched_setaffinity(0, sizeof(set), &set));
}

static void run_rounds(const char *zone)
{
	uint64_t hits = counter("kmap_hits");
	int i, bed;

	use_zone(zone);
	stay_on_one_cpu();
	wait_for_storm();
	for (i = 0; i < NR_ROUNDS; i++) {
		bed = open_bed();
		if (has_high_memory())
			free_pages_with_stale_entries(bed);
		memory_in_pieces(1);
		check_buffer(bed, NR_SINGLE);
		/* Its mappings end with it; the pages are not its any more. */
		close(bed);
		bed = open_bed();
		memory_in_pieces(NR_LARGE);
		check_buffer(bed, NR_LARGE);
		close(bed);
	}
	say("%d buffers of %s memory, %llu came with stale kmap entries",
	    2 * NR_ROUNDS, zone, counter("kmap_hits") - hits + 0ull);
	/* Without a hit nothing was tested. */
	if (!strcmp(zone, "high"))
		EXPECT(counter("kmap_hits") > hits);
}

/* kills: a purge that is skipped, or that stops at the first frame */
static void storm_leaves_no_entry_of_high_buffers(void)
{
	run_rounds("high");
}

/* kills: a direct map changed by somebody else meanwhile */
static void storm_leaves_no_entry_of_low_buffers(void)
{
	run_rounds("low");
}

static const struct guest_case cases[] = {
	CASE(storm_leaves_no_entry_of_high_buffers),
	CASE(storm_leaves_no_entry_of_low_buffers),
};
GUEST_MAIN(cases)
