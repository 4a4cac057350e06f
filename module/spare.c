// SPDX-License-Identifier: GPL-2.0
/*
 * Spare memory is computed as the kernel's allocator does, for each zone: above
 * the boosted high watermark and above the zone's reserve for lower zones.
 * MemAvailable ignores boosted watermarks: with 127 MB of it the OOM killer ran
 * on a machine with 1 GiB. There are two values: for processes, which can use
 * any memory, and for the kernel, which needs low memory. Without high memory
 * the second can still be smaller, because it excludes ZONE_MOVABLE.
 *
 * It takes no lock: a walk over the zones costs some ten reads each.
 */
#include <linux/mm.h>
#include <linux/sizes.h>

#include "spare.h"

/* Reserve for others, of all memory and of low memory. */
#define RESERVE_SHIFT 4
#define RESERVE_MAX (SZ_256M >> PAGE_SHIFT)

static u64 beyond(u64 nr, u64 reserve)
{
	return nr > reserve ? nr - reserve : 0;
}

static u64 reserve_of(u64 nr_frames)
{
	return min_t(u64, nr_frames >> RESERVE_SHIFT, RESERVE_MAX);
}

/*
 * By how much the watermarks of a zone are boosted, or may be soon: the kernel
 * boosts them when unmovable memory, as frames of buffers are, is taken from a
 * movable block. Its limit follows from a sysctl that modules cannot read, so
 * this is the default, or the current boost if that is more.
 */
static u64 count_boost(struct zone *zone)
{
	u64 boost = READ_ONCE(zone->watermark_boost);
	u64 max = zone->_watermark[WMARK_HIGH] * 3ull / 2;

	if (zone_managed_pages(zone) < 4 * pageblock_nr_pages)
		return boost;
	return max3(boost, max, (u64)pageblock_nr_pages);
}

/* Frames of a zone that are reserved from requests for zones up to @idx. */
static u64 count_held_back(struct zone *zone, enum zone_type idx)
{
	u64 nr = zone->_watermark[WMARK_HIGH] + count_boost(zone) +
		 zone->lowmem_reserve[idx] + zone->nr_reserved_highatomic;

	/* Only movable memory may be allocated there. */
	if (idx < ZONE_MOVABLE)
		nr += zone_page_state(zone, NR_FREE_CMA_PAGES);
	return nr;
}

/*
 * Half of the page cache counts, because programs run from it. Slab caches do
 * not, because one object in use keeps its page.
 */
static u64 count_spare(struct zone *zone, enum zone_type idx)
{
	u64 nr = zone_page_state(zone, NR_FREE_PAGES) +
		 (zone_page_state(zone, NR_ZONE_ACTIVE_FILE) +
		  zone_page_state(zone, NR_ZONE_INACTIVE_FILE)) / 2;

	return beyond(nr, count_held_back(zone, idx));
}

/* Frames that a request with @gfp can get without the OOM killer. */
static u64 count_available(gfp_t gfp)
{
	enum zone_type idx = gfp_zone(gfp), i;
	struct zone *zone;
	u64 nr = 0;
	int nid;

	for_each_online_node(nid) {
		for (i = 0; i <= idx; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			if (populated_zone(zone))
				nr += count_spare(zone, idx);
		}
	}
	return nr;
}

u64 na_spare_high(void)
{
	u64 nr = 0;
#ifdef CONFIG_HIGHMEM
	struct zone *zone;
	int nid;

	for_each_online_node(nid) {
		zone = &NODE_DATA(nid)->node_zones[ZONE_HIGHMEM];
		if (populated_zone(zone))
			nr += beyond(zone_page_state(zone, NR_FREE_PAGES),
				     zone->_watermark[WMARK_LOW] +
				     count_boost(zone));
	}
#endif
	return nr;
}

u64 na_spare(void)
{
	return beyond(count_available(GFP_HIGHUSER_MOVABLE),
		      reserve_of(totalram_pages()));
}

u64 na_spare_low(void)
{
	return beyond(count_available(GFP_KERNEL), reserve_of(na_low_frames()));
}

u64 na_dma32_frames(void)
{
	u64 nr = 0;
#ifdef CONFIG_ZONE_DMA32
	enum zone_type i;
	int nid;

	for_each_online_node(nid)
		for (i = 0; i <= ZONE_DMA32; i++)
			nr += zone_managed_pages(&NODE_DATA(nid)->node_zones[i]);
#endif
	return nr;
}

u64 na_spare_dma32(void)
{
	return beyond(count_available(GFP_DMA32), reserve_of(na_dma32_frames()));
}
