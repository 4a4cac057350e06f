/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: devices
 *
 * Mappings of a buffer for a device: DMA addresses of its frames. Those of a cached
 * buffer may be addresses of copies.
 */
#ifndef NA_MODULE_DEVICE_H
#define NA_MODULE_DEVICE_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/scatterlist.h>
#include <noalias/buffer.h>

/**
 * struct na_device_map - a buffer as a device has it
 * @entry: in the list of its owner
 * @dev: device
 * @dir: direction of the DMA
 * @pages: what the kernel mapped; ours, because it has pages
 * @addresses: the same without pages, for the importer
 */
struct na_device_map {
	struct list_head entry;
	struct device *dev;
	enum dma_data_direction dir;
	struct sg_table pages;
	struct sg_table addresses;
};

/**
 * na_device_map() - map a buffer for a device
 * @dev: device
 * @buffer: buffer; stays until na_device_unmap()
 * @dir: direction of the DMA
 *
 * Nothing is copied, and no cache cleaned: sync.h does that.
 *
 * Context: may sleep. In the thread that called the driver's ioctl, which can
 * read the refusal.
 * Return: the mapping; or an ERR_PTR: -EOPNOTSUPP the device cannot address the
 * frames (recorded as a refusal); -ENOMEM; or an errno of dma_map_sgtable().
 */
struct na_device_map *na_device_map(struct device *dev,
				    struct na_buffer *buffer,
				    enum dma_data_direction dir);

/** na_device_unmap() - undo na_device_map(). Context: may sleep. */
void na_device_unmap(struct na_device_map *map);

#endif
