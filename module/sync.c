// SPDX-License-Identifier: GPL-2.0
/*
 * Who may use the bytes of a buffer.
 *
 * Devices need no cache maintenance for UC and WC memory: no cache holds a line.
 * Stores may still be in write-combining buffers, of any CPU on which a thread of
 * the owner runs. They are drained when the owner ends a write access, and when a
 * device gets the buffer.
 */
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "device.h"
#include "dmabuf.h"
#include "sync.h"

struct sg_table *na_sync_map(struct na_dmabuf *ours, struct device *dev,
			     enum dma_data_direction dir)
{
	struct na_device_map *map;

	mutex_lock(&ours->lock);
	map = na_device_map(dev, ours->buffer, dir);
	if (!IS_ERR(map))
		list_add(&map->entry, &ours->maps);
	mutex_unlock(&ours->lock);
	if (IS_ERR(map))
		return ERR_CAST(map);
	atomic_inc(&ours->nr_dma);
	/* Other exporters clean caches here, and clients rely on that. */
	if (dir != DMA_FROM_DEVICE)
		na_buffer_publish(ours->buffer);
	return &map->addresses;
}

void na_sync_unmap(struct na_dmabuf *ours, struct sg_table *table)
{
	struct na_device_map *map = container_of(table, struct na_device_map,
						 addresses);

	mutex_lock(&ours->lock);
	list_del(&map->entry);
	na_device_unmap(map);
	mutex_unlock(&ours->lock);
	atomic_dec(&ours->nr_dma);
}

int na_sync_begin(struct na_dmabuf *ours, enum dma_data_direction dir)
{
	mb();
	return 0;
}

void na_sync_end(struct na_dmabuf *ours, enum dma_data_direction dir)
{
	/* Drain this CPU for UC as well: an MTRR may make it WC. */
	mb();
	if (dir != DMA_FROM_DEVICE)
		na_buffer_publish(ours->buffer);
}
