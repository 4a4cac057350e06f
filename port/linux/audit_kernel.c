// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of the kernel's own page tables.
 *
 * lookup_address() is the exported way into init_mm. It is asked once for a
 * page table; the entries beside the one that it returns are read from there.
 *
 * Where nothing is mapped it returns NULL and a level, and the size of the
 * hole has to be made of that. Until 6.11 the level is that of the entry
 * above the empty one, later that of the empty entry itself. Taking the old
 * answer for the new would step over mappings. So a hole that is known is
 * asked for first: 6.1 says NONE (64 bit) or a level more than the hole has.
 *
 * Page tables of the kernel are not locked against us, as they are not for
 * the kernel's own dump. They stay, once made, except for one that a huge
 * vmalloc mapping replaces; reading it then gives entries that the engine
 * will not find again; and those of memory that is removed, see
 * audit_memory.c. The direct map and the map of pages are walked as far as
 * there is memory: beyond it there are only sections to be asked for.
 *
 * Not walked: the LDT area (a mapping of each process), the ESPFIX stacks
 * (the same few pages thousands of times), the firmware's own tables.
 */
#include <linux/highmem.h>
#include <linux/sched/signal.h>
#include <asm/cpu_entry_area.h>
#include <asm/fixmap.h>
#include <asm/pgtable_areas.h>

#include "audit.h"

/* --- regions -------------------------------------------------------------- */

static void add_region(struct na_audit_walker *walker, unsigned long start,
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

#ifdef CONFIG_X86_64
/* Of all kernel addresses the lowest: a hole for a hypervisor's own use. */
#define KNOWN_HOLE	GUARD_HOLE_BASE_ADDR
#define OLD_HOLE_LEVEL	PG_LEVEL_NONE

static void add_regions(struct na_audit_walker *walker)
{
	unsigned long nr_frames = na_linux_nr_frames();
	unsigned long map_len = PAGE_ALIGN(nr_frames * sizeof(struct page));

	add_region(walker, PAGE_OFFSET, PAGE_OFFSET + PFN_PHYS(nr_frames),
		   NA_SPACE_DIRECT, "direct map");
	add_region(walker, VMALLOC_START, VMALLOC_END + 1, NA_SPACE_VMALLOC,
		   "vmalloc");
	add_region(walker, VMEMMAP_START, VMEMMAP_START + map_len,
		   NA_SPACE_KERNEL, "memory map");
	add_region(walker, CPU_ENTRY_AREA_BASE,
		   CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE,
		   NA_SPACE_KERNEL, "CPU entry area");
	add_region(walker, __START_KERNEL_map, MODULES_VADDR, NA_SPACE_KERNEL,
		   "kernel image");
	add_region(walker, MODULES_VADDR, MODULES_END, NA_SPACE_VMALLOC,
		   "modules");
	add_region(walker, FIXADDR_TOT_START, FIXADDR_TOP, NA_SPACE_FIXMAP,
		   "fixmap");
}
#else
/* Addresses of processes have no entries in init_mm. */
#define KNOWN_HOLE	0ul
#define OLD_HOLE_LEVEL	(IS_ENABLED(CONFIG_X86_PAE) ? PG_LEVEL_512G : \
						      PG_LEVEL_1G)

static void add_regions(struct na_audit_walker *walker)
{
	add_region(walker, PAGE_OFFSET, (unsigned long)high_memory,
		   NA_SPACE_DIRECT, "direct map");
	add_region(walker, VMALLOC_START, VMALLOC_END, NA_SPACE_VMALLOC,
		   "vmalloc");
#ifdef CONFIG_HIGHMEM
	add_region(walker, PKMAP_ADDR(0), PKMAP_ADDR(LAST_PKMAP),
		   NA_SPACE_KMAP, "kmap");
#endif
	add_region(walker, CPU_ENTRY_AREA_BASE,
		   CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE,
		   NA_SPACE_KERNEL, "CPU entry area");
	add_region(walker, FIXADDR_TOT_START, FIXADDR_TOP, NA_SPACE_FIXMAP,
		   "fixmap");
}
#endif

void na_linux_regions_init(struct na_audit_walker *walker)
{
	unsigned int level;
	pte_t *pte = lookup_address(KNOWN_HOLE, &level);

	walker->holes_have_own_level = !pte && level != OLD_HOLE_LEVEL;
	add_regions(walker);
}

/* --- walking -------------------------------------------------------------- */

static unsigned long hole_size(const struct na_audit_walker *walker,
			       unsigned int level)
{
	if (walker->holes_have_own_level || level == PG_LEVEL_NONE)
		return na_pte_level_size(level);
	return na_pte_level_size(level - 1);
}

static int read_table(struct na_audit_walker *walker, const pte_t *table,
		      unsigned long vaddr, unsigned long end)
{
	int err;

	for (; vaddr < end; vaddr += PAGE_SIZE, table++) {
		err = na_linux_entry_offer(walker, vaddr, na_pte_read(table),
					   PAGE_SIZE, 1);
		if (err)
			return err;
	}
	return 0;
}

static int read_block(struct na_audit_walker *walker, unsigned long *vaddr,
		      unsigned long to)
{
	unsigned long from = *vaddr;
	unsigned int level;
	pte_t *pte = lookup_address(from, &level);

	if (!pte) {
		*vaddr = na_linux_block_end(from, hole_size(walker, level), to);
		return 0;
	}
	if (level == PG_LEVEL_4K) {
		*vaddr = na_linux_block_end(from, PMD_SIZE, to);
		return read_table(walker, pte, from, *vaddr);
	}
	*vaddr = na_linux_block_end(from, na_pte_level_size(level), to);
	return na_linux_entry_offer(walker, from, na_pte_read(pte),
				    na_pte_level_size(level),
				    (*vaddr - from) >> PAGE_SHIFT);
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
		err = read_block(walker, &from, end);
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

/* Each fixed address has a meaning, so each is a place of its own. */
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
