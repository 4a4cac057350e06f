// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of a buffer for devices.
 *
 * Devices get a table of DMA addresses without pages: an importer that maps the
 * pages of a table with its own mapping would create an alias. The table with
 * pages is private and is the one that gets unmapped.
 *
 * For a device that cannot address the frames the kernel would use bounce
 * buffers. For UC and WC memory it fills them while it maps, through cached mappings
 * of high frames, and nobody copies later: the device would never read what the CPU
 * writes. So a device gets the frames or an error:
 *
 * - before the kernel maps, where no IOMMU translates, each run is compared
 *   with the device's mask, by the address that the device would have to put on
 *   its bus. That is not the physical one where a bus adds an offset, or memory
 *   encryption a bit: with SME on, a device of 40 address bits reaches no frame
 *   at all. It must be before, because of the copying, and because the kernel
 *   warns if it has no bounce buffers either;
 * - after, each address must lead back to the frame, by the IOMMU's tables or
 *   by the bus's offset. That covers what the first check cannot know: other
 *   dma_map_ops, bounce buffers for devices that an IOMMU does not trust. The
 *   translation of an old GART cannot be read back: refused as well.
 *
 * A cached buffer may be bounced: sync.c has the bytes copied whenever it changes
 * hands, so that neither check is needed, but where the kernel has no bounce buffers
 * that the device reaches and would warn.
 *
 * Neither map nor unmap copies or cleans a cache by itself (DMA_ATTR_SKIP_CPU_SYNC),
 * whatever the type: for UC and WC there is nothing to do, for WB sync.c does it. A
 * bounce buffer is filled all the same, also for a device that only writes, so that
 * what it leaves out is not of somebody else.
 * The kernel's own heap leaves it to map and unmap. Then DMA_API_DEBUG takes a buffer
 * that two devices have at a time for a fault of the driver.
 *
 * The process that called the driver can read the refusal, and is seldom root.
 * Physical addresses are hidden from it (as in /proc/PID/pagemap), so the
 * refusal only says how many bits an address needs.
 */
#include <linux/bitops.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include "../port/linux/port.h"
#include "device.h"
#include "refusal.h"

static phys_addr_t last_byte(const struct na_buffer *buffer)
{
	unsigned long last = 0;
	u32 i;

	for (i = 0; i < buffer->nr_runs; i++)
		last = max(last, buffer->runs[i].first.nr +
				 buffer->runs[i].nr - 1);
	return PFN_PHYS(last) + PAGE_SIZE - 1;
}

/* The mask that a device needs for @addr; the address itself is not shown. */
static u64 mask_for(u64 addr)
{
	return addr ? ~0ull >> (64 - fls64(addr)) : 0;
}

static phys_addr_t run_phys(struct na_run run)
{
	return PFN_PHYS(run.first.nr);
}

static u64 run_len(struct na_run run)
{
	return (u64)run.nr << PAGE_SHIFT;
}

/* --- before ------------------------------------------------------------------ */

/* An identity domain does not translate. */
static struct iommu_domain *translation_of(struct device *dev)
{
#ifdef CONFIG_IOMMU_API
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && domain->type & __IOMMU_DOMAIN_PAGING ? domain : NULL;
#else
	return NULL;
#endif
}

static u64 reach_of(struct device *dev)
{
	return min_not_zero(dma_get_mask(dev), dev->bus_dma_limit);
}

/* As dma_capable(), which uses symbols that not every kernel exports. */
static bool reaches(struct device *dev, struct na_run run)
{
	dma_addr_t first = phys_to_dma(dev, run_phys(run));
	dma_addr_t last = first + run_len(run) - 1;

	return first != DMA_MAPPING_ERROR && first <= last &&
	       last <= reach_of(dev);
}

/* All memory of the dma32 heaps is below it. */
static u64 dma32_end(void)
{
	return IS_ENABLED(CONFIG_ZONE_DMA32) ? 1ull << 32 :
					       __pa(high_memory - 1) + 1ull;
}

static const char *remedy_for(u64 reach)
{
	return reach >= dma32_end() - 1 ?
	       "take a heap whose name ends in -dma32" :
	       "none here: no heap has memory that low";
}

static int refuse_run(struct device *dev, struct na_run run)
{
	phys_addr_t last = run_phys(run) + run_len(run) - 1;
	struct na_limit limit = {
		.text = "within the device's DMA mask",
		.max = reach_of(dev),
		.scope = NOALIAS_IOC_LIMIT_FIXED,
	};

	/* Every encrypted address is above the mask. */
	if (last > limit.max)
		limit.remedy = remedy_for(limit.max);
	return na_refuse_limit("attachment", mask_for(phys_to_dma(dev, last)),
			       limit, -EOPNOTSUPP);
}

/*
 * Does the kernel have bounce buffers for @dev, where it reaches them? They are below
 * 4 GiB, and not encrypted.
 */
static bool has_bounce_buffers(struct device *dev)
{
	dma_addr_t last = phys_to_dma_unencrypted(dev, DMA_BIT_MASK(32));

	return dma_max_mapping_size(dev) != SIZE_MAX &&
	       last != DMA_MAPPING_ERROR && last <= reach_of(dev);
}

static int check_device(struct device *dev, const struct na_buffer *buffer)
{
	u32 i;

	/* The kernel would warn. */
	if (!dev->dma_mask)
		return na_refuse("attachment", 0, "a device that does DMA",
				 -EOPNOTSUPP);
	if (translation_of(dev))
		return 0;
	if (na_memtype_is_cached(buffer->type) && has_bounce_buffers(dev))
		return 0;
	/* swiotlb=force, encrypted guests: not a matter of the mask. */
	if (is_swiotlb_force_bounce(dev))
		return na_refuse("attachment", mask_for(last_byte(buffer)),
				 "within the device's DMA mask", -EOPNOTSUPP);
	for (i = 0; i < buffer->nr_runs; i++)
		if (!reaches(dev, buffer->runs[i]))
			return refuse_run(dev, buffer->runs[i]);
	return 0;
}

/* --- after ------------------------------------------------------------------- */

/* The memory that the device accesses at @addr. */
static phys_addr_t phys_seen(struct device *dev, dma_addr_t addr)
{
	struct iommu_domain *domain = translation_of(dev);

	return domain ? iommu_iova_to_phys(domain, addr) :
			dma_to_phys(dev, addr);
}

/* What the kernel maps in one piece: checking both ends is enough. */
static bool sees(struct device *dev, dma_addr_t addr, phys_addr_t phys, u64 len)
{
	return phys_seen(dev, addr) == phys &&
	       phys_seen(dev, addr + len - 1) == phys + len - 1;
}

/*
 * Does the range of @len bytes at @addr map the memory from @done bytes into
 * @run on? It may contain several runs, and a run may be in several ranges.
 */
static bool sees_range(struct device *dev, dma_addr_t addr, u64 len,
		       const struct na_run **run, const struct na_run *end,
		       u64 *done)
{
	u64 part;

	for (; len; len -= part, addr += part) {
		if (*run == end)
			return false;
		part = min(len, run_len(**run) - *done);
		if (!sees(dev, addr, run_phys(**run) + *done, part))
			return false;
		*done += part;
		if (*done == run_len(**run)) {
			(*run)++;
			*done = 0;
		}
	}
	return true;
}

static int check_addresses(struct device *dev, const struct na_buffer *buffer,
			   struct sg_table *mapped)
{
	const struct na_run *run = buffer->runs, *end = run + buffer->nr_runs;
	struct scatterlist *sg;
	u64 done = 0;
	int i;

	for_each_sgtable_dma_sg(mapped, sg, i) {
		if (!sees_range(dev, sg_dma_address(sg), sg_dma_len(sg), &run,
				end, &done))
			return na_refuse("DMA address",
					 mask_for(sg_dma_address(sg)),
					 "the frame's own, not a bounce buffer's",
					 -EOPNOTSUPP);
		cond_resched();
	}
	return run == end ? 0 : -EIO;
}

/* --- the tables ---------------------------------------------------------------- */

/*
 * How much @dev takes in one entry: whole pages, or a power of two, so that
 * pages and boundaries (which are powers of two) are filled by whole parts. What may
 * be bounced has to fit into a bounce buffer.
 */
static u32 part_len_max(struct device *dev, const struct na_buffer *buffer)
{
	u32 len = dma_get_max_seg_size(dev);

	if (na_memtype_is_cached(buffer->type))
		len = min_t(size_t, len, dma_max_mapping_size(dev));
	return len < PAGE_SIZE ? rounddown_pow_of_two(len) :
				 round_down(len, PAGE_SIZE);
}

/*
 * How much of @run, from @done bytes on, goes into one entry: a device's engine
 * may have a counter of few bits, or not carry into the upper part of an address
 * (struct device_dma_parameters). Some have less than a page: a longer entry
 * would be cut off there. Never 0.
 */
static u32 part_len(struct device *dev, u32 len_max, struct na_run run,
		    u64 done)
{
	u64 boundary = dma_get_seg_boundary(dev);
	u64 first = phys_to_dma(dev, run_phys(run)) + done;

	return min3(boundary - (first & boundary), len_max - 1ull,
		    run_len(run) - done - 1) + 1;
}

static u32 count_parts(struct device *dev, u32 len_max,
		       const struct na_buffer *buffer)
{
	u32 i, nr = 0;
	u64 done;

	for (i = 0; i < buffer->nr_runs; i++) {
		for (done = 0; done < run_len(buffer->runs[i]); nr++)
			done += part_len(dev, len_max, buffer->runs[i], done);
		cond_resched();
	}
	return nr;
}

static struct scatterlist *set_parts(struct device *dev, u32 len_max,
				     struct na_run run, struct scatterlist *sg)
{
	u64 done;
	u32 len;

	for (done = 0; done < run_len(run); done += len, sg = sg_next(sg)) {
		len = part_len(dev, len_max, run, done);
		sg_set_page(sg,
			    na_linux_page(na_frame_add(run.first,
						       done >> PAGE_SHIFT)),
			    len, offset_in_page(done));
	}
	return sg;
}

static int fill_pages(struct device *dev, struct sg_table *table,
		      const struct na_buffer *buffer)
{
	u32 len_max = part_len_max(dev, buffer);
	struct scatterlist *sg;
	u32 i;
	int err;

	err = sg_alloc_table(table, count_parts(dev, len_max, buffer),
			     NA_GFP_OWNED);
	if (err)
		return err;
	sg = table->sgl;
	for (i = 0; i < buffer->nr_runs; i++) {
		sg = set_parts(dev, len_max, buffer->runs[i], sg);
		cond_resched();
	}
	return 0;
}

static int fill_addresses(struct sg_table *table, struct sg_table *mapped)
{
	struct scatterlist *from, *to;
	int i, err;

	err = sg_alloc_table(table, mapped->nents, NA_GFP_OWNED);
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

static int map_for(struct na_device_map *map, struct na_buffer *buffer)
{
	int err = check_device(map->dev, buffer);

	if (err)
		return err;
	err = fill_pages(map->dev, &map->pages, buffer);
	if (err)
		return err;
	err = dma_map_sgtable(map->dev, &map->pages, map->dir,
			      DMA_ATTR_SKIP_CPU_SYNC);
	if (err)
		goto free_pages;
	if (!na_memtype_is_cached(buffer->type))
		err = check_addresses(map->dev, buffer, &map->pages);
	if (err)
		goto unmap;
	err = fill_addresses(&map->addresses, &map->pages);
	if (err)
		goto unmap;
	return 0;
unmap:
	dma_unmap_sgtable(map->dev, &map->pages, map->dir,
			  DMA_ATTR_SKIP_CPU_SYNC);
free_pages:
	sg_free_table(&map->pages);
	return err;
}

struct na_device_map *na_device_map(struct device *dev,
				    struct na_buffer *buffer,
				    enum dma_data_direction dir)
{
	struct na_device_map *map = kzalloc(sizeof(*map), GFP_KERNEL_ACCOUNT);
	u64 mark = na_refusal_mark();
	int err = -ENOMEM;

	if (map) {
		map->dev = dev;
		map->dir = dir;
		err = map_for(map, buffer);
	}
	if (err) {
		kfree(map);
		return ERR_PTR(na_refuse_unless(mark, "attachment",
						mask_for(last_byte(buffer)),
						err));
	}
	return map;
}

void na_device_unmap(struct na_device_map *map)
{
	sg_free_table(&map->addresses);
	dma_unmap_sgtable(map->dev, &map->pages, map->dir,
			  DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(&map->pages);
	kfree(map);
}
