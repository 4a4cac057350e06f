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

static void to_cpu(struct na_device_map *map)
{
	dma_sync_sgtable_for_cpu(map->dev, &map->pages, map->dir);
}

static void to_device(struct na_device_map *map)
{
	dma_sync_sgtable_for_device(map->dev, &map->pages, map->dir);
}

/* Lines of the kernel's own mapping, where caches look at virtual addresses. */
static void all_to_cpu(struct na_dmabuf *ours)
{
	struct na_device_map *map;

	mutex_lock(&ours->lock);
	if (ours->vaddr)
		invalidate_kernel_vmap_range(ours->vaddr, ours->dmabuf->size);
	list_for_each_entry(map, &ours->maps, entry)
		to_cpu(map);
	mutex_unlock(&ours->lock);
}

static void all_to_devices(struct na_dmabuf *ours)
{
	struct na_device_map *map;

	mutex_lock(&ours->lock);
	if (ours->vaddr)
		flush_kernel_vmap_range(ours->vaddr, ours->dmabuf->size);
	list_for_each_entry(map, &ours->maps, entry)
		to_device(map);
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
			to_device(map);
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
		to_cpu(map);
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

int na_sync_begin(struct na_dmabuf *ours, enum dma_data_direction dir)
{
	int err = wait_for_fences(ours, dir);

	if (err)
		return err;
	mb();
	if (is_cached(ours))
		all_to_cpu(ours);
	return 0;
}

void na_sync_end(struct na_dmabuf *ours, enum dma_data_direction dir)
{
	/* Drain this CPU for UC as well: an MTRR may make it WC. */
	mb();
	if (dir == DMA_FROM_DEVICE)
		return;
	if (is_cached(ours))
		all_to_devices(ours);
	else
		na_buffer_publish(ours->buffer);
}
