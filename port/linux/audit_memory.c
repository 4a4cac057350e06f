// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of memory that goes away.
 *
 * Page tables of the kernel stay, once made, with one exception: when memory is
 * removed from a running machine, its part of the direct map and of the map of
 * pages goes, and with them the tables, which are freed without waiting for
 * anybody. The lock that keeps memory from being removed is not exported. But
 * memory goes offline before it is removed, and that is announced:
 *
 *	section marked offline ──▶ MEM_OFFLINE, all are asked ──▶ removal
 *
 * So tables of a section are read under a lock, and only while the section is
 * online; the announcement takes the same lock once and returns. Whoever read
 * tables of the section is done by then, and whoever comes later finds it
 * offline. Both orders of the first two steps are right, hence an audit may
 * begin at any time.
 *
 * Memory that is not online belongs to nobody. What devices bring along
 * (ZONE_DEVICE) comes and goes without a word to us and is passed over too.
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

/* Bytes of a region that stand for one frame; 0: it is not about frames. */
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

/* Frames from @pfn on that share an answer, and the answer. */
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

#else /* tables of the kernel stay */

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
