// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Walk of the kernel's own page tables, for the auditor.
 *
 * lookup_address() is exported and walks init_mm. It is called once for each
 * page table; the other entries of the table are read from the one that it
 * returns.
 *
 * Where nothing is mapped it returns NULL and a level, from which the size of
 * the hole follows. Until 6.11 the level is that of the entry above the empty
 * one, later that of the empty entry itself. Mistaking the old meaning for the
 * new would skip mappings. So it is first called for a known hole: 6.1 returns
 * NONE (64 bit) or one level more than the hole has.
 *
 * The direct map and the memory map are walked up to the end of memory; beyond
 * it there is nothing online.
 *
 * Not walked: the LDT area (a mapping of each process), the ESPFIX stacks
 * (the same few pages thousands of times), KASAN's shadow (one page, millions of
 * times, and no memory that anybody maps), the firmware's own tables.
 */
#include <linux/highmem.h>
#include <asm/cpu_entry_area.h>
#include <asm/fixmap.h>
#include <asm/pgtable_areas.h>

#include "../audit.h"

/* --- regions -------------------------------------------------------------- */

#ifdef CONFIG_X86_64
/* The lowest kernel addresses: a hole reserved for hypervisors. */
#define KNOWN_HOLE	GUARD_HOLE_BASE_ADDR
#define OLD_HOLE_LEVEL	PG_LEVEL_NONE

static void add_regions(struct na_audit_walker *walker)
{
	unsigned long nr_frames = na_linux_nr_frames();
	unsigned long map_len = PAGE_ALIGN(nr_frames * sizeof(struct page));

	na_linux_region_add(walker, PAGE_OFFSET,
			    PAGE_OFFSET + PFN_PHYS(nr_frames), NA_SPACE_DIRECT,
			    "direct map");
	na_linux_region_add(walker, VMALLOC_START, VMALLOC_END + 1,
			    NA_SPACE_VMALLOC, "vmalloc");
	na_linux_region_add(walker, VMEMMAP_START, VMEMMAP_START + map_len,
			    NA_SPACE_KERNEL, "memory map");
	na_linux_region_add(walker, CPU_ENTRY_AREA_BASE,
			    CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE,
			    NA_SPACE_KERNEL, "CPU entry area");
	na_linux_region_add(walker, __START_KERNEL_map, MODULES_VADDR,
			    NA_SPACE_KERNEL, "kernel image");
	na_linux_region_add(walker, MODULES_VADDR, MODULES_END,
			    NA_SPACE_VMALLOC, "modules");
	na_linux_region_add(walker, FIXADDR_TOT_START, FIXADDR_TOP,
			    NA_SPACE_FIXMAP, "fixmap");
}
#else
/* Addresses of processes have no entries in init_mm. */
#define KNOWN_HOLE	0ul
#define OLD_HOLE_LEVEL	(IS_ENABLED(CONFIG_X86_PAE) ? PG_LEVEL_512G : \
						      PG_LEVEL_1G)

static void add_regions(struct na_audit_walker *walker)
{
	na_linux_region_add(walker, PAGE_OFFSET, (unsigned long)high_memory,
			    NA_SPACE_DIRECT, "direct map");
	na_linux_region_add(walker, VMALLOC_START, VMALLOC_END,
			    NA_SPACE_VMALLOC, "vmalloc");
#ifdef CONFIG_HIGHMEM
	na_linux_region_add(walker, PKMAP_ADDR(0), PKMAP_ADDR(LAST_PKMAP),
			    NA_SPACE_KMAP, "kmap");
#endif
	na_linux_region_add(walker, CPU_ENTRY_AREA_BASE,
			    CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE,
			    NA_SPACE_KERNEL, "CPU entry area");
	na_linux_region_add(walker, FIXADDR_TOT_START, FIXADDR_TOP,
			    NA_SPACE_FIXMAP, "fixmap");
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
	u32 i, nr = (end - vaddr) >> PAGE_SHIFT;

	for (i = 0; i < nr; i++)
		walker->entries[i] = na_pte_read(&table[i]);
	return na_linux_table_offer(walker, vaddr, nr);
}

int na_linux_kernel_read_block(struct na_audit_walker *walker,
			       unsigned long *vaddr, unsigned long to)
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
