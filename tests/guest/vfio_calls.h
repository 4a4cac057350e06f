/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * A driver in user space: what programs do that use vfio-pci. Includers have
 * _GNU_SOURCE.
 */
#ifndef VFIO_CALLS_H
#define VFIO_CALLS_H

#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define VFIO_DMA_LEN (1ul << 20)

static inline int vfio_open_group(const char *address)
{
	char path[128], target[128], *number;
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
		 address);
	len = readlink(path, target, sizeof(target) - 1);
	if (len <= 0)
		return -1;
	target[len] = '\0';
	number = strrchr(target, '/');
	snprintf(path, sizeof(path), "/dev/vfio/%s", number ? number + 1 : "?");
	return open(path, O_RDWR | O_CLOEXEC);
}

/**
 * vfio_open_device() - a device of vfio-pci, with a buffer for DMA
 * @address: its PCI address
 *
 * Return: its descriptor; -1 and errno.
 */
static inline int vfio_open_device(const char *address)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	int group = vfio_open_group(address);
	struct vfio_iommu_type1_dma_map dma = {
		.argsz = sizeof(dma), .size = VFIO_DMA_LEN,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
	};
	void *mem;

	if (group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU))
		return -1;
	mem = mmap(NULL, VFIO_DMA_LEN, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	dma.vaddr = (uintptr_t)mem;
	if (mem == MAP_FAILED || ioctl(container, VFIO_IOMMU_MAP_DMA, &dma))
		return -1;
	return ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
}

#endif
