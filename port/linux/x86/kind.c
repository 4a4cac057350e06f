// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Kind of a frame: memory of the system, reserved memory, or a device's.
 *
 * The kernel knows its own memory. For the rest there are two versions of the
 * firmware's map: the original, and the kernel's. mem= removes memory from the
 * second without a trace, memmap= makes it reserved; in the original it is
 * still memory.
 *
 * Ranges that the firmware reserves may be memory or addresses of devices. A
 * frame in a range of a PCI device belongs to that device; the others are
 * treated as memory, because treating memory as a device's would hide aliases.
 *
 * Each lookup walks a list. A device may have a range of many GiB, so a range
 * is looked up as a whole, and frame by frame only if it contains memory.
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <asm/e820/api.h>

#include "../audit.h"
#include "../compat.h"

/* Is any of @nr frames RAM? */
static bool firmware_says(unsigned long frame, u32 nr, enum e820_type type)
{
	u64 start = (u64)frame << PAGE_SHIFT;
	u64 end = start + ((u64)nr << PAGE_SHIFT);

	return e820__mapped_raw_any(start, end, type) ||
	       e820__mapped_any(start, end, type);
}

/* Does any of them have a type that can only be memory? */
static bool has_memory(unsigned long frame, u32 nr)
{
	static const enum e820_type types[] = {
		E820_TYPE_RAM, E820_TYPE_ACPI, E820_TYPE_NVS,
		E820_TYPE_UNUSABLE, E820_TYPE_PMEM, E820_TYPE_PRAM,
		E820_TYPE_SOFT_RESERVED,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (firmware_says(frame, nr, types[i]))
			return true;
	return false;
}

static int stop(struct resource *unused, void *arg)
{
	return 1;
}

/* As page_is_ram(), for any of them or a part of one. */
static bool has_ram(unsigned long frame, u32 nr)
{
	u64 start = (u64)frame << PAGE_SHIFT;

	return walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM |
				   IORESOURCE_BUSY, start, start - 1 +
				   ((u64)nr << PAGE_SHIFT), NULL, stop) > 0;
}

/* --- PCI ------------------------------------------------------------------------ */

/* Frames from @frame on, at most @max, in a device's range; 0: in none. */
static u32 count_in_ranges(const struct pci_dev *dev, unsigned long frame,
			   u32 max)
{
	u64 addr = (u64)frame << PAGE_SHIFT, left;
	u32 i;

	for (i = 0; i < PCI_NUM_RESOURCES; i++) {
		if (!(pci_resource_flags(dev, i) & IORESOURCE_MEM) ||
		    addr < pci_resource_start(dev, i) ||
		    addr > pci_resource_end(dev, i))
			continue;
		/* A range smaller than a page counts as well. */
		left = (pci_resource_end(dev, i) - addr) >> PAGE_SHIFT;
		return min_t(u64, left + 1, max);
	}
	return 0;
}

static u32 count_pci(unsigned long frame, u32 max)
{
	struct pci_dev *dev = NULL;
	u32 nr;

	for_each_pci_dev(dev) {
		nr = count_in_ranges(dev, frame, max);
		if (nr) {
			pci_dev_put(dev);
			return nr;
		}
	}
	return 0;
}

/* --- frames ----------------------------------------------------------------------- */

enum na_frame_kind na_linux_frame_kind(unsigned long frame, u32 max, u32 *nr)
{
	u32 nr_pci;

	*nr = 1;
	if (page_is_ram(frame))
		return NA_KIND_RAM;
	if (has_memory(frame, 1))
		return NA_KIND_RESERVED;
	nr_pci = count_pci(frame, max);
	/* Without the original map, memory excluded by mem= is not known. */
	if (!nr_pci && (!NA_LINUX_HAS_RAW_MAP ||
			firmware_says(frame, 1, E820_TYPE_RESERVED)))
		return NA_KIND_RESERVED;
	if (nr_pci && !has_ram(frame, nr_pci) && !has_memory(frame, nr_pci))
		*nr = nr_pci;
	return NA_KIND_DEVICE;
}
