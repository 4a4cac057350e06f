/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: devices
 *
 * A buffer in the hands of a device: addresses that are its frames, or
 * nothing.
 */
#ifndef NA_MODULE_DEVICE_H
#define NA_MODULE_DEVICE_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/scatterlist.h>
#include <noalias/buffer.h>

/**
 * na_device_map() - map a buffer for a device
 * @dev: device
 * @buffer: buffer; stays until na_device_unmap()
 * @dir: what the device is going to do
 *
 * Context: may sleep. By whoever the driver works for: the caller of its
 * ioctl, who is told of a refusal.
 * Return: a table of DMA addresses that has no pages; or an ERR_PTR:
 * -EOPNOTSUPP the device does not reach the frames (recorded as a refusal);
 * -ENOMEM; what dma_map_sgtable() said.
 */
struct sg_table *na_device_map(struct device *dev, struct na_buffer *buffer,
			       enum dma_data_direction dir);

/** na_device_unmap() - undo na_device_map(). Context: may sleep. */
void na_device_unmap(struct device *dev, struct sg_table *table,
		     enum dma_data_direction dir);

#endif
