// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's regions: by symbols, by VMCOREINFO, from the tables, or assumed.
 *
 * With KASLR the direct map, vmalloc region and memory map of x86-64 are moved
 * together (arch/x86/mm/kaslr.c). So if the direct map is where it is without
 * KASLR, all three are.
 */
#include "../x86/entry.h"
#include "arch.h"
#include "layout.h"
#include "paging.h"
#include "symbols.h"

#define GIB			(1ull << 30)
#define TIB			(1ull << 40)
#define MIB			(1ull << 20)
#define KERNEL_MAP		0xffffffff80000000ull
#define MODULES_END		0xffffffffff000000ull
#define FIXMAP_END		0xffffffffff800000ull
#define FIXMAP_END_32		0x100000000ull
#define VMALLOC_HOLE_32		(8 * MIB)
#define SHADOW_OFFSET		0xdffffc0000000000ull
#define SHADOW_SHIFT		3
#define ENTRIES_MAX		(1u << 18)	/* looked at for the direct map */

/* Without KASLR (Documentation/arch/x86/x86_64/mm.rst). */
struct defaults {
	u64 page_offset;
	u64 vmalloc_start;
	u64 vmalloc_len;
	u64 vmemmap;
};

static const struct defaults defaults_4level = {
	0xffff888000000000ull, 0xffffc90000000000ull, 32 * TIB,
	0xffffea0000000000ull,
};

static const struct defaults defaults_5level = {
	0xff11000000000000ull, 0xffa0000000000000ull, 12800 * TIB,
	0xffd4000000000000ull,
};

/* --- the direct map --- */

struct search {
	const struct na_kernel *kernel;
	u64 root;
	u32 nr_entries;
	u64 found;
};

static bool maps_root(const struct search *search, u64 page_offset)
{
	u64 va = page_offset + search->root;
	struct na_paging_leaf leaf;

	return na_paging_translate(search->kernel, search->root, va, &leaf) ==
	       NA_PAGING_MAPPED && leaf.pa + (va - leaf.va) == search->root;
}

/*
 * Memory begins below 1 GiB and the direct map at a multiple of it, so that its
 * first address is that of an entry of 1 GiB. The kernel's image is mapped at
 * higher addresses and is not taken for it.
 */
static bool search_table(struct search *search, u64 table, u32 level, u64 va)
{
	const struct na_paging_shape *shape =
		na_paging_shape(search->kernel->paging);
	u32 shift = shape->levels[level].shift;
	u64 entry, address;
	u32 i;

	for (i = level ? 0 : 256; i < 512; i++) {
		if (search->nr_entries >= ENTRIES_MAX ||
		    !na_paging_entry(search->kernel, table, i, &entry))
			return false;
		search->nr_entries++;
		if (!na_x86_is_present(entry))
			continue;
		address = va | (u64)i << shift;
		if (shift == 30) {
			if (!maps_root(search, address))
				continue;
			search->found = address;
			return true;
		}
		if (search_table(search, na_x86_address(entry, 4096),
				 level + 1, address))
			return true;
	}
	return false;
}

bool na_layout_direct_map(const struct na_kernel *kernel, u64 root,
			  u64 *page_offset)
{
	u32 va_bits = na_paging_shape(kernel->paging)->va_bits;
	struct search search = { .kernel = kernel, .root = root };

	if (!search_table(&search, root, 0, ~0ull << va_bits))
		return false;
	*page_offset = search.found;
	return true;
}

static bool is_direct_map(const struct na_kernel *kernel, u64 page_offset)
{
	const struct search search = { .kernel = kernel,
				       .root = kernel->root };

	return page_offset && maps_root(&search, page_offset);
}

/* --- 64 bit --- */

static void find_page_offset(struct na_kernel *kernel,
			     const struct defaults *defaults)
{
	struct na_kernel_layout *layout = &kernel->layout;

	layout->page_offset = na_kernel_variable(kernel, "page_offset_base");
	if (is_direct_map(kernel, layout->page_offset) ||
	    na_layout_direct_map(kernel, kernel->root, &layout->page_offset))
		return;
	layout->page_offset = defaults->page_offset;
	na_notes_assume(kernel->notes,
			"the direct map is at %#llx, as without KASLR",
			layout->page_offset);
}

static void assume_moved_together(struct na_kernel *kernel,
				  const struct defaults *defaults)
{
	struct na_kernel_layout *layout = &kernel->layout;

	if (layout->vmalloc_start && layout->vmemmap)
		return;
	if (layout->page_offset != defaults->page_offset) {
		na_notes_assume(kernel->notes,
				"regions of the kernel are not told apart: KASLR moved them, and symbols are missing");
		return;
	}
	na_notes_assume(kernel->notes,
			"the kernel's regions are where they are without KASLR, as its direct map is");
	if (!layout->vmalloc_start)
		layout->vmalloc_start = defaults->vmalloc_start;
	if (!layout->vmemmap)
		layout->vmemmap = defaults->vmemmap;
}

/*
 * KASAN's shadow has a byte for 8 of the kernel's half, where its compiler was
 * told (arch/x86/Kconfig: KASAN_SHADOW_OFFSET).
 */
static void find_shadow(struct na_kernel *kernel)
{
	u32 half_bits = na_paging_shape(kernel->paging)->va_bits - 1;
	struct na_kernel_layout *layout = &kernel->layout;

	if (!na_kernel_symbol(kernel, "kasan_early_shadow_page"))
		return;
	layout->shadow = SHADOW_OFFSET + ((~0ull << half_bits) >> SHADOW_SHIFT);
	layout->shadow_end = layout->shadow +
			     (1ull << (half_bits - SHADOW_SHIFT));
}

static void find_64bit(struct na_kernel *kernel)
{
	const struct defaults *defaults =
		kernel->paging == NA_PAGING_5LEVEL ? &defaults_5level :
						     &defaults_4level;
	struct na_kernel_layout *layout = &kernel->layout;
	u64 image_size = GIB;

	find_page_offset(kernel, defaults);
	layout->vmalloc_start = na_kernel_variable(kernel, "vmalloc_base");
	if (!layout->vmalloc_start)
		na_vmcoreinfo_number(kernel->info, "NUMBER(VMALLOC_START)",
				     &layout->vmalloc_start);
	layout->vmemmap = na_kernel_variable(kernel, "vmemmap_base");
	if (!layout->vmemmap)
		na_vmcoreinfo_symbol(kernel->info, "vmemmap",
				     &layout->vmemmap);
	assume_moved_together(kernel, defaults);
	if (layout->vmalloc_start)
		layout->vmalloc_end =
			layout->vmalloc_start + defaults->vmalloc_len;
	na_vmcoreinfo_number(kernel->info, "NUMBER(KERNEL_IMAGE_SIZE)",
			     &image_size);
	layout->modules_start = KERNEL_MAP + image_size;
	layout->modules_end = MODULES_END;
	layout->fixmap_end = FIXMAP_END;
	find_shadow(kernel);
}

/* --- 32 bit --- */

u64 na_layout_direct_end(const struct na_kernel *kernel, u64 hole_max)
{
	const struct na_kernel_layout *layout = &kernel->layout;
	u64 va = layout->page_offset, end = va;
	struct na_paging_leaf leaf;

	for (; va < 1ull << 32 && va - end <= hole_max;
	     va = leaf.va + leaf.size)
		if (na_paging_translate(kernel, kernel->root, va, &leaf) ==
		    NA_PAGING_MAPPED &&
		    leaf.pa + (layout->page_offset - leaf.va) ==
		    layout->direct_shift)
			end = leaf.va + leaf.size;
	return end;
}

/* The table of 4 KiB pages that covers an address. */
static bool has_table(const struct na_kernel *kernel, u64 va)
{
	struct na_paging_leaf leaf;

	return na_paging_translate(kernel, kernel->root, va, &leaf) !=
	       NA_PAGING_LOST && leaf.size == NA_IMAGE_PAGE;
}

/* All that the pool maps is high memory: low memory has no need of it. */
static bool maps_only_high(const struct na_kernel *kernel, u64 va, u64 len,
			   u64 direct_end)
{
	const struct na_kernel_layout *layout = &kernel->layout;
	u64 high = direct_end - layout->page_offset + layout->direct_shift;
	struct na_paging_leaf leaf;
	u64 end = va + len;

	for (; va < end; va += NA_IMAGE_PAGE)
		if (na_paging_translate(kernel, kernel->root, va, &leaf) ==
		    NA_PAGING_MAPPED && leaf.pa < high)
			return false;
	return true;
}

bool na_layout_take_kmap(struct na_kernel *kernel, u64 va, u64 direct_end)
{
	const struct na_paging_shape *shape = na_paging_shape(kernel->paging);
	u64 span = 1ull << shape->levels[shape->nr_levels - 2].shift;
	struct na_kernel_layout *layout = &kernel->layout;

	if (!has_table(kernel, va) ||
	    !maps_only_high(kernel, va, span, direct_end))
		return false;
	layout->kmap = va;
	layout->kmap_end = va + span;
	na_notes_assume(kernel->notes,
			"the kmap pool is at %#llx, where such a kernel has it",
			va);
	return true;
}

/*
 * From the top down there are the fixed addresses and the CPUs' entry areas,
 * whose tables are all present; one table's span for LDTs, without a table; and
 * the pool, whose one table is present from the start (arch/x86/include/asm/
 * pgtable_32_areas.h). How long the first two are depends on the configuration.
 */
static void find_kmap(struct na_kernel *kernel, u64 direct_end)
{
	const struct na_paging_shape *shape = na_paging_shape(kernel->paging);
	u64 span = 1ull << shape->levels[shape->nr_levels - 2].shift;
	struct na_kernel_layout *layout = &kernel->layout;
	u64 va = FIXMAP_END_32 - span;

	while (va > layout->vmalloc_start && has_table(kernel, va))
		va -= span;
	va -= span;
	if (va > layout->vmalloc_start)
		na_layout_take_kmap(kernel, va, direct_end);
}

static void find_32bit(struct na_kernel *kernel)
{
	struct na_kernel_layout *layout = &kernel->layout;
	u64 direct_end = na_layout_direct_end(kernel, 0);

	layout->vmalloc_start = direct_end + VMALLOC_HOLE_32;
	na_vmcoreinfo_number(kernel->info, "NUMBER(VMALLOC_START)",
			     &layout->vmalloc_start);
	layout->fixmap_end = FIXMAP_END_32;
	find_kmap(kernel, direct_end);
	if (layout->kmap)
		layout->vmalloc_end = layout->kmap - 2 * NA_IMAGE_PAGE;
	/* Modules are in the vmalloc region. */
	layout->modules_start = layout->vmalloc_start;
	layout->modules_end = layout->vmalloc_end;
}

void na_x86_find_layout(struct na_kernel *kernel)
{
	if (na_paging_is_64bit(kernel->paging))
		find_64bit(kernel);
	else
		find_32bit(kernel);
}

void na_layout_find(struct na_kernel *kernel)
{
	struct na_kernel_layout *layout = &kernel->layout;

	na_arch_calls(kernel->arch)->find_layout(kernel);
	layout->text = na_kernel_symbol(kernel, "_text");
	if (!layout->text)
		na_vmcoreinfo_symbol(kernel->info, "_stext", &layout->text);
}
