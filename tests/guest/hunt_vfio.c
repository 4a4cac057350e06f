// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_vfio PCI_ADDRESS -- COMMAND...: a driver in user space: every BAR that can
 * be mapped is, and a buffer for DMA. The device belongs to vfio-pci already.
 */
#define _GNU_SOURCE
#include "hunt.h"
#include "vfio_calls.h"

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
	int device = argc > 1 ? vfio_open_device(argv[1]) : -1;

	if (device < 0) {
		hunt_say("%s: %s", argc > 1 ? argv[1] : "?", strerror(errno));
		return 2;
	}
	return hunt_hold(argv, map_bars(device));
}
