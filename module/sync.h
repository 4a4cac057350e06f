/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: sync
 *
 * Who may use the bytes of a buffer: the CPU, or the devices that it is mapped for.
 * These are the dma-buf operations that hand it over.
 */
#ifndef NA_MODULE_SYNC_H
#define NA_MODULE_SYNC_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

struct na_dmabuf;

/** struct na_sync_range - @len bytes of a buffer, 1 or more, from @offset on. */
struct na_sync_range {
	u64 offset;
	u64 len;
};

/**
 * na_sync_map() - map a buffer for a device, and hand it over
 * @ours: buffer
 * @dev: device
 * @dir: direction of the DMA
 *
 * Context: may sleep. Return: as na_device_map(): its addresses, or an ERR_PTR.
 */
struct sg_table *na_sync_map(struct na_dmabuf *ours, struct device *dev,
			     enum dma_data_direction dir);

/**
 * na_sync_unmap() - undo na_sync_map()
 * @ours: buffer
 * @table: what na_sync_map() returned
 *
 * Context: may sleep.
 */
void na_sync_unmap(struct na_dmabuf *ours, struct sg_table *table);

/**
 * na_sync_begin() - the CPU is going to access the buffer
 * @ours: buffer
 * @dir: DMA_FROM_DEVICE to read, DMA_TO_DEVICE to write
 * @range: what it accesses, within the buffer
 *
 * Waits for devices that have fences in the buffer.
 *
 * Context: may sleep, no lock but the buffer's reservation. Return: 0; -ERESTARTSYS a
 * signal came while it waited, nothing was done.
 */
int na_sync_begin(struct na_dmabuf *ours, enum dma_data_direction dir,
		  struct na_sync_range range);

/**
 * na_sync_end() - the CPU has accessed the buffer
 * @ours: buffer
 * @dir: as na_sync_begin()
 * @range: likewise
 *
 * Ordering. What the calling process stored into the range before is what a device
 * reads that is started afterwards.
 *
 * Context: may sleep.
 */
void na_sync_end(struct na_dmabuf *ours, enum dma_data_direction dir,
		 struct na_sync_range range);

#endif
