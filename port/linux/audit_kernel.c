// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of the kernel's own page tables: its regions one after the other.
 * walk_kernel.c of the architecture finds the tables and reads entries.
 *
 * No lock protects the kernel's page tables from change while we read, as for
 * the kernel's own dump. They are not freed, except a table that a huge vmalloc
 * mapping replaces, from which we may read entries that the engine will not
 * find again, and those of memory that is removed, see audit_memory.c.
 */
#include <linux/highmem.h>
#include <linux/sched/signal.h>
#include <asm/fixmap.h>

#include "audit.h"

void na_linux_region_add(struct na_audit_walker *walker, unsigned long start,
			 unsigned long end, enum na_space space,
			 const char *name)
{
	if (WARN_ON_ONCE(walker->nr_regions == NA_LINUX_REGIONS_MAX) ||
	    start >= end)
		return;
	walker->regions[walker->nr_regions++] = (struct na_linux_region){
		.start = start, .end = end, .space = space, .name = name,
	};
}

int na_linux_kernel_read(struct na_audit_walker *walker, unsigned long from,
			 unsigned long to)
{
	unsigned long end;
	int err;

	while (from < to) {
		if (fatal_signal_pending(current))
			return -EINTR;
		end = to;
		if (!na_linux_memory_enter(walker, from, &end)) {
			from = end;
			continue;
		}
		err = na_linux_kernel_read_block(walker, &from, end);
		na_linux_memory_leave(walker);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static int walk_part(struct na_audit_walker *walker,
		     const struct na_linux_region *region, unsigned long from,
		     unsigned long to)
{
	struct na_linux_place place = {
		.base.has_areas = region->space == NA_SPACE_VMALLOC,
		.region = region, .vaddr = from,
	};
	int err, err_end;

	na_audit_place_begin(walker->audit, &place.base);
	err = na_linux_kernel_read(walker, from, to);
	err_end = na_audit_place_end(walker->audit);
	return err ? err : err_end;
}

/* Each fixed address has a meaning, so each is a separate place. */
static int walk_fixmap(struct na_audit_walker *walker,
		       const struct na_linux_region *region)
{
	unsigned long vaddr;
	int err = 0;

	for (vaddr = region->start; vaddr < region->end && !err;
	     vaddr += PAGE_SIZE)
		err = walk_part(walker, region, vaddr, vaddr + PAGE_SIZE);
	return err;
}

int na_linux_kernel_walk(struct na_audit_walker *walker)
{
	const struct na_linux_region *region = walker->regions;
	int err = 0;
	u32 i;

	for (i = 0; i < walker->nr_regions && !err; i++, region++)
		err = region->space == NA_SPACE_FIXMAP ?
		      walk_fixmap(walker, region) :
		      walk_part(walker, region, region->start, region->end);
	return err;
}

/* --- names ---------------------------------------------------------------- */

static void name_fixmap(unsigned long vaddr, char *name, size_t len)
{
	unsigned int idx = __virt_to_fix(vaddr);

#ifdef CONFIG_KMAP_LOCAL
	if (idx >= FIX_KMAP_BEGIN && idx <= FIX_KMAP_END) {
		idx -= FIX_KMAP_BEGIN;
		snprintf(name, len, "kmap_local cpu %u idx %u",
			 idx / KM_MAX_IDX, idx % KM_MAX_IDX);
		return;
	}
#endif
	snprintf(name, len, "fixmap idx %u", idx);
}

void na_linux_kernel_describe(const struct na_linux_place *place,
			      struct na_audit_owner *owner)
{
	const struct na_linux_region *region = place->region;

	owner->space = region->space;
	owner->start = region->start;
	owner->end = region->end;
	if (region->space == NA_SPACE_FIXMAP)
		name_fixmap(place->vaddr, owner->name, sizeof(owner->name));
	else
		strscpy(owner->name, region->name, sizeof(owner->name));
}
