// SPDX-License-Identifier: GPL-2.0
/*
 * Who may use the bytes of a buffer.
 *
 * UC and WC. Devices need no cache maintenance: no cache holds a line. Stores may
 * still be in write-combining buffers, of any CPU on which a thread of the owner
 * runs. They are drained when the owner ends a write access, and when a device gets
 * the buffer.
 *
 * WB. The DMA API hands the bytes over, for each device that has the buffer mapped:
 * it cleans caches where the device does not see them, and copies where the device
 * has a bounce buffer instead of the frames. Who has the buffer:
 *
 *	a device maps it	device
 *	CPU access begins	CPU, for whatever access
 *	CPU access ends		device again; after reading alone it has not changed
 *	a device unmaps it	CPU
 *
 * The direction is that of the device's mapping, as the DMA API wants it, not that of
 * the access. The kernel's own heap passes the access's: what a device wrote is then
 * not fetched before the CPU writes a part of the buffer, and lost when the whole of
 * it goes back into the bounce buffer; and where the device only reads, its copy
 * would replace what the CPU wrote last.
 *
 * A mapping is in the list from when it is handed over until it is taken back, all
 * under one lock: an access that begins or ends meanwhile either finds it, or has
 * happened before it.
 *
 * The kernel waits for fences of devices after it called us, which may do so better.
 * We have to do it before: a device that is still writing its bounce buffer would be
 * fetched half done.
 *
 * Two devices with bounce buffers that may both write, at a time, are not told
 * apart: what was mapped first is fetched last. As with the kernel's heap.
 */
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/err.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "device.h"
#include "dmabuf.h"
#include "sync.h"

static bool is_cached(const struct na_dmabuf *ours)
{
	return na_memtype_is_cached(ours->buffer->type);
}

/* --- cached memory ------------------------------------------------------------- */

enum owner {
	OWNER_CPU,
	OWNER_DEVICE,
};

static void sync_whole(struct na_device_map *map, enum owner to)
{
	if (to == OWNER_CPU)
		dma_sync_sgtable_for_cpu(map->dev, &map->pages, map->dir);
	else
		dma_sync_sgtable_for_device(map->dev, &map->pages, map->dir);
}

static void sync_piece(struct na_device_map *map, dma_addr_t addr, u32 len,
		       enum owner to)
{
	if (to == OWNER_CPU)
		dma_sync_single_for_cpu(map->dev, addr, len, map->dir);
	else
		dma_sync_single_for_device(map->dev, addr, len, map->dir);
}

/* Where a walk is in a table: @done bytes into @sg, which @nr_left begin with. */
struct place {
	struct scatterlist *sg;
	u32 nr_left;
	u32 done;
};

static void advance(struct place *place, u32 entry_len, u32 len)
{
	place->done += len;
	if (place->done < entry_len)
		return;
	place->sg = sg_next(place->sg);
	place->nr_left--;
	place->done = 0;
}

/* What @range has of the @len bytes that are @at bytes into the buffer. */
static void sync_overlap(struct na_device_map *map, struct na_sync_range range,
			 u64 at, dma_addr_t addr, u32 len, enum owner to)
{
	u64 first = max(at, range.offset);
	u64 end = min(at + len, range.offset + range.len);

	if (first < end)
		sync_piece(map, addr + (first - at), end - first, to);
}

/*
 * The table has two lists of the same bytes, with borders of their own: an IOMMU may
 * have merged entries. A piece is within one of each, so that it is consecutive for
 * the device and in memory, as the DMA API needs a part to be. Return: were there so
 * many bytes in both?
 */
static bool sync_part(struct na_device_map *map, struct na_sync_range range,
		      enum owner to)
{
	struct place segment = { map->pages.sgl, map->pages.nents };
	struct place page = { map->pages.sgl, map->pages.orig_nents };
	u64 at, end = range.offset + range.len;
	u32 len;

	for (at = 0; at < end; at += len) {
		if (!segment.nr_left || !page.nr_left)
			return false;
		len = min(sg_dma_len(segment.sg) - segment.done,
			  page.sg->length - page.done);
		if (!len)
			return false;
		sync_overlap(map, range, at,
			     sg_dma_address(segment.sg) + segment.done, len,
			     to);
		advance(&segment, sg_dma_len(segment.sg), len);
		advance(&page, page.sg->length, len);
	}
	return true;
}

/* Where a part is not to be found: as DMA_BUF_IOCTL_SYNC does, all of it. */
static void sync_map(struct na_device_map *map, struct na_sync_range range,
		     u64 size, enum owner to)
{
	if (range.len == size || !sync_part(map, range, to))
		sync_whole(map, to);
}

/* Also lines of the kernel's own mapping, if caches look at virtual addresses. */
static void hand_over(struct na_dmabuf *ours, struct na_sync_range range,
		      enum owner to)
{
	struct na_device_map *map;

	mutex_lock(&ours->lock);
	if (ours->vaddr && to == OWNER_CPU)
		invalidate_kernel_vmap_range(ours->vaddr + range.offset,
					     range.len);
	if (ours->vaddr && to == OWNER_DEVICE)
		flush_kernel_vmap_range(ours->vaddr + range.offset, range.len);
	list_for_each_entry(map, &ours->maps, entry)
		sync_map(map, range, ours->dmabuf->size, to);
	mutex_unlock(&ours->lock);
}

/* --- mappings ------------------------------------------------------------------- */

struct sg_table *na_sync_map(struct na_dmabuf *ours, struct device *dev,
			     enum dma_data_direction dir)
{
	struct na_device_map *map;

	mutex_lock(&ours->lock);
	map = na_device_map(dev, ours->buffer, dir);
	if (!IS_ERR(map)) {
		if (is_cached(ours))
			sync_whole(map, OWNER_DEVICE);
		list_add(&map->entry, &ours->maps);
	}
	mutex_unlock(&ours->lock);
	if (IS_ERR(map))
		return ERR_CAST(map);
	atomic_inc(&ours->nr_dma);
	/* Other exporters clean caches here, and clients rely on that. */
	if (!is_cached(ours) && dir != DMA_FROM_DEVICE)
		na_buffer_publish(ours->buffer);
	return &map->addresses;
}

void na_sync_unmap(struct na_dmabuf *ours, struct sg_table *table)
{
	struct na_device_map *map = container_of(table, struct na_device_map,
						 addresses);

	mutex_lock(&ours->lock);
	list_del(&map->entry);
	if (is_cached(ours))
		sync_whole(map, OWNER_CPU);
	na_device_unmap(map);
	mutex_unlock(&ours->lock);
	atomic_dec(&ours->nr_dma);
}

/* --- accesses of the CPU -------------------------------------------------------- */

static int wait_for_fences(struct na_dmabuf *ours, enum dma_data_direction dir)
{
	bool writes = dir != DMA_FROM_DEVICE;
	long left = dma_resv_wait_timeout(ours->dmabuf->resv,
					  dma_resv_usage_rw(writes), true,
					  MAX_SCHEDULE_TIMEOUT);

	return left < 0 ? left : 0;
}

int na_sync_begin(struct na_dmabuf *ours, enum dma_data_direction dir,
		  struct na_sync_range range)
{
	int err = wait_for_fences(ours, dir);

	if (err)
		return err;
	mb();
	if (is_cached(ours))
		hand_over(ours, range, OWNER_CPU);
	return 0;
}

void na_sync_end(struct na_dmabuf *ours, enum dma_data_direction dir,
		 struct na_sync_range range)
{
	/* Drain this CPU for UC as well: an MTRR may make it WC. */
	mb();
	if (dir == DMA_FROM_DEVICE)
		return;
	if (is_cached(ours))
		hand_over(ours, range, OWNER_DEVICE);
	else
		na_buffer_publish(ours->buffer);
}
