// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_vfio PCI_ADDRESS -- COMMAND...: a driver in user space: every BAR that can
 * be mapped is, and a buffer for DMA. The device belongs to vfio-pci already.
 */
#define _GNU_SOURCE
#include "hunt.h"

#include <linux/vfio.h>

#define DMA_LEN (1ul << 20)

static int open_group(const char *address)
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

static int open_device(const char *address)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	int group = open_group(address);
	struct vfio_iommu_type1_dma_map dma = {
		.argsz = sizeof(dma), .size = DMA_LEN,
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
	};
	void *mem;

	if (group < 0 || hunt_call(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU))
		return -1;
	mem = mmap(NULL, DMA_LEN, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	dma.vaddr = (uintptr_t)mem;
	if (mem == MAP_FAILED || hunt_call(container, VFIO_IOMMU_MAP_DMA, &dma))
		return -1;
	return ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
}

static int map_bars(int device)
{
	uint32_t i;
	int nr = 0;

	for (i = VFIO_PCI_BAR0_REGION_INDEX; i <= VFIO_PCI_BAR5_REGION_INDEX;
	     i++) {
		struct vfio_region_info info = { .argsz = sizeof(info),
						 .index = i };

		if (!hunt_call(device, VFIO_DEVICE_GET_REGION_INFO, &info) &&
		    info.size && info.flags & VFIO_REGION_INFO_FLAG_MMAP)
			nr += !!hunt_map(device, info.offset, info.size,
					 PROT_READ);
	}
	return nr;
}

int main(int argc, char **argv)
{
	int device = argc > 1 ? open_device(argv[1]) : -1;

	if (device < 0) {
		hunt_say("%s: %s", argc > 1 ? argv[1] : "?", strerror(errno));
		return 2;
	}
	return hunt_hold(argv, map_bars(device));
}
