// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a frame is: memory of the system, memory that the system does not own,
 * or a device's.
 *
 * The kernel knows its own memory. Of the rest the firmware's map tells, in
 * two versions: as it was handed over, and as it became of it. mem= takes
 * memory out of the second and leaves no trace there, memmap= makes it
 * reserved; the first still says memory.
 *
 * What the firmware itself reserves may be memory, or addresses of devices
 * that it wants left alone. If a PCI device has the frame in one of its
 * ranges it is that device's; the rest is taken for memory, because to call
 * memory a device's would hide aliases.
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <asm/e820/api.h>

#include "audit.h"
#include "compat.h"

static bool firmware_says(unsigned long frame, enum e820_type type)
{
	u64 start = (u64)frame << PAGE_SHIFT;

	return e820__mapped_raw_any(start, start + PAGE_SIZE, type) ||
	       e820__mapped_any(start, start + PAGE_SIZE, type);
}

/* Of every type that is memory and nothing else. */
static bool is_memory(unsigned long frame)
{
	static const enum e820_type types[] = {
		E820_TYPE_RAM, E820_TYPE_ACPI, E820_TYPE_NVS,
		E820_TYPE_UNUSABLE, E820_TYPE_PMEM, E820_TYPE_PRAM,
		E820_TYPE_SOFT_RESERVED,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (firmware_says(frame, types[i]))
			return true;
	return false;
}

static bool has_range(const struct pci_dev *dev, u64 addr)
{
	u32 i;

	for (i = 0; i < PCI_NUM_RESOURCES; i++)
		if (pci_resource_flags(dev, i) & IORESOURCE_MEM &&
		    pci_resource_start(dev, i) <= addr &&
		    addr <= pci_resource_end(dev, i))
			return true;
	return false;
}

static bool is_pci(unsigned long frame)
{
	struct pci_dev *dev = NULL;

	for_each_pci_dev(dev) {
		if (has_range(dev, (u64)frame << PAGE_SHIFT)) {
			pci_dev_put(dev);
			return true;
		}
	}
	return false;
}

enum na_frame_kind na_linux_frame_kind(unsigned long frame)
{
	if (page_is_ram(frame))
		return NA_KIND_RAM;
	if (is_memory(frame))
		return NA_KIND_RESERVED;
	/* Without the first map nothing tells of memory that mem= took. */
	if ((!NA_LINUX_HAS_RAW_MAP ||
	     firmware_says(frame, E820_TYPE_RESERVED)) && !is_pci(frame))
		return NA_KIND_RESERVED;
	return NA_KIND_DEVICE;
}
