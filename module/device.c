// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of a buffer for devices.
 *
 * Devices get a table of DMA addresses without pages. An importer that maps
 * the pages of a table itself would make the very alias this module exists
 * to prevent. The table with pages stays here and is what gets unmapped.
 *
 * A device that cannot reach the frames would be served through bounce
 * buffers, which the kernel fills through cached mappings of the frames.
 * Such a mapping is refused before anything is copied.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "../port/linux/port.h"
#include "device.h"
#include "refusal.h"

struct dma_map {
	struct sg_table pages;		/* ours, with pages */
	struct sg_table addresses;	/* the importer's, without */
};

static phys_addr_t last_byte(const struct na_buffer *buffer)
{
	unsigned long last = 0;
	u32 i;

	for (i = 0; i < buffer->nr_runs; i++)
		last = max(last, buffer->runs[i].first.nr +
				 buffer->runs[i].nr - 1);
	return PFN_PHYS(last) + PAGE_SIZE - 1;
}

static bool would_bounce(struct device *dev, const struct na_buffer *buffer)
{
	u64 reach = min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);

	if (is_swiotlb_force_bounce(dev))
		return true;
	/*
	 * An IOMMU translates; without one the address is what it is. Without
	 * bounce buffers too the kernel would fail as we do, and warn.
	 */
	return dma_addressing_limited(dev) && last_byte(buffer) > reach;
}

static int refuse_device(struct device *dev, const struct na_buffer *buffer)
{
	u64 reach = min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);
	struct na_limit limit = { .text = "within the device's DMA mask" };

	/* With swiotlb=force it is not the mask that is in the way. */
	if (last_byte(buffer) > reach) {
		limit.max = reach;
		limit.scope = NOALIAS_IOC_LIMIT_FIXED;
		limit.remedy = "allocate with zone=low (set by root)";
	}
	return na_refuse_limit("attachment", last_byte(buffer), limit,
			       -EOPNOTSUPP);
}

static int fill_pages(struct sg_table *table, const struct na_buffer *buffer)
{
	struct scatterlist *sg;
	int i, err;

	err = sg_alloc_table(table, buffer->nr_runs, GFP_KERNEL);
	if (err)
		return err;
	for_each_sgtable_sg(table, sg, i)
		sg_set_page(sg, na_linux_page(buffer->runs[i].first),
			    buffer->runs[i].nr << PAGE_SHIFT, 0);
	return 0;
}

static int fill_addresses(struct sg_table *table, struct sg_table *mapped)
{
	struct scatterlist *from, *to;
	int i, err;

	err = sg_alloc_table(table, mapped->nents, GFP_KERNEL);
	if (err)
		return err;
	to = table->sgl;
	for_each_sgtable_dma_sg(mapped, from, i) {
		sg_set_page(to, NULL, sg_dma_len(from), 0);
		sg_dma_address(to) = sg_dma_address(from);
		sg_dma_len(to) = sg_dma_len(from);
		to = sg_next(to);
	}
	return 0;
}

static int map_for(struct device *dev, struct na_buffer *buffer,
		   struct dma_map *map, enum dma_data_direction dir)
{
	int err;

	if (would_bounce(dev, buffer))
		return refuse_device(dev, buffer);
	err = fill_pages(&map->pages, buffer);
	if (err)
		return err;
	err = dma_map_sgtable(dev, &map->pages, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (err)
		goto free_pages;
	err = fill_addresses(&map->addresses, &map->pages);
	if (err)
		goto unmap;
	return 0;
unmap:
	dma_unmap_sgtable(dev, &map->pages, dir, DMA_ATTR_SKIP_CPU_SYNC);
free_pages:
	sg_free_table(&map->pages);
	return err;
}

struct sg_table *na_device_map(struct device *dev, struct na_buffer *buffer,
			       enum dma_data_direction dir)
{
	struct dma_map *map = kzalloc(sizeof(*map), GFP_KERNEL);
	u64 mark = na_refusal_mark();
	int err = -ENOMEM;

	if (map)
		err = map_for(dev, buffer, map, dir);
	if (err) {
		kfree(map);
		return ERR_PTR(na_refuse_unless(mark, "attachment",
						last_byte(buffer), err));
	}
	return &map->addresses;
}

void na_device_unmap(struct device *dev, struct sg_table *table,
		     enum dma_data_direction dir)
{
	struct dma_map *map = container_of(table, struct dma_map, addresses);

	sg_free_table(&map->addresses);
	dma_unmap_sgtable(dev, &map->pages, dir, DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(&map->pages);
	kfree(map);
}
