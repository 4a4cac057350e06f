// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of memory that may be removed.
 *
 * Page tables of the kernel are not freed, with one exception: when memory is
 * removed from a running machine, the tables of its direct map and of its
 * memory map are freed without a grace period. The lock against removal is not
 * exported. But memory goes offline before it is removed, with a notification:
 *
 *	section marked offline ──▶ MEM_OFFLINE notifiers ──▶ removal
 *
 * So tables of a section are read under a lock, and only while the section is
 * online; the notifier takes the same lock once and returns. A reader of the
 * section's tables is done by then, and later ones find it offline. An audit
 * may begin at any time, also between the first two steps.
 *
 * Offline memory is not used. Device memory (ZONE_DEVICE) is added and removed
 * without a notification and is skipped too.
 */
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mmzone.h>
#include <asm/pgtable_areas.h>

#include "audit.h"

#ifdef CONFIG_MEMORY_HOTREMOVE

static int memory_event(struct notifier_block *block, unsigned long event,
			void *unused)
{
	struct na_audit_walker *walker =
		container_of(block, struct na_audit_walker, memory_block);

	if (event == MEM_OFFLINE) {
		mutex_lock(&walker->memory_lock);
		mutex_unlock(&walker->memory_lock);
	}
	return NOTIFY_OK;
}

int na_linux_memory_watch(struct na_audit_walker *walker)
{
	mutex_init(&walker->memory_lock);
	walker->memory_block.notifier_call = memory_event;
	return register_memory_notifier(&walker->memory_block);
}

void na_linux_memory_unwatch(struct na_audit_walker *walker)
{
	unregister_memory_notifier(&walker->memory_block);
	mutex_destroy(&walker->memory_lock);
}

/* Bytes of a region for each frame; 0: it does not depend on frames. */
static unsigned long bytes_each(unsigned long vaddr, unsigned long *start)
{
	if (vaddr >= PAGE_OFFSET && vaddr < VMALLOC_START) {
		*start = PAGE_OFFSET;
		return PAGE_SIZE;
	}
	if (vaddr >= VMEMMAP_START && vaddr < __START_KERNEL_map &&
	    (vaddr - VMEMMAP_START) / sizeof(struct page) <
	    1ul << (MAX_PHYSMEM_BITS - PAGE_SHIFT)) {
		*start = VMEMMAP_START;
		return sizeof(struct page);
	}
	return 0;
}

/* Are frames from @pfn on online, and how many have the same answer? */
static unsigned long count_alike(unsigned long pfn, bool *is_online)
{
	unsigned long nr = pfn_to_section_nr(pfn), unit = PAGES_PER_SECTION;

	*is_online = nr < NR_MEM_SECTIONS && online_section_nr(nr);
	if (*is_online && online_device_section(__nr_to_section(nr))) {
		unit = PAGES_PER_SUBSECTION;
		*is_online = pfn_to_online_page(pfn);
	}
	return unit - (pfn & (unit - 1));
}

bool na_linux_memory_enter(struct na_audit_walker *walker, unsigned long from,
			   unsigned long *to)
{
	unsigned long start, each = bytes_each(from, &start), pfn, end;
	bool is_online = true;

	mutex_lock(&walker->memory_lock);
	if (!each)
		return true;
	pfn = (from - start) / each;
	end = start + (pfn + count_alike(pfn, &is_online)) * each;
	*to = min(*to, PAGE_ALIGN(end));
	if (!is_online)
		mutex_unlock(&walker->memory_lock);
	return is_online;
}

void na_linux_memory_leave(struct na_audit_walker *walker)
{
	mutex_unlock(&walker->memory_lock);
}

#else /* these tables are not freed */

int na_linux_memory_watch(struct na_audit_walker *walker)
{
	return 0;
}

void na_linux_memory_unwatch(struct na_audit_walker *walker)
{
}

bool na_linux_memory_enter(struct na_audit_walker *walker, unsigned long from,
			   unsigned long *to)
{
	return true;
}

void na_linux_memory_leave(struct na_audit_walker *walker)
{
}

#endif
