// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A kernel of 32-bit ARM with LPAE: its root, and where it has its regions.
 *
 * VMCOREINFO names the root by its address in the direct map and says nothing of
 * the physical address at which that map begins: the kernel takes it from where
 * it was loaded, a multiple of 2 MiB. So the root is looked for in all memory, at
 * the same place within 2 MiB, by a table that maps itself at that address.
 *
 * Tables of short descriptors, of kernels without LPAE, are another format: they
 * are known, and refused.
 */
#include "dump_internal.h"
#include "layout.h"
#include "vmcoreinfo.h"

#define MIB		(1ull << 20)
#define LOADED_AT	(2 * MIB)
/* A section, of 1 MiB and not of 16. */
#define SECTION_MASK	0x40003u
#define SECTION		0x2u
#define TRIES_MAX	(1u << 14)	/* 32 GiB */
#define MODULES_LEN	(16 * MIB)
#define KMAP_LEN	(2 * MIB)
#define VMALLOC_HOLE	(8 * MIB)
#define VMALLOC_END	0xff800000ull
#define FIXMAP_START	0xffc80000ull
#define FIXMAP_END	0xfff00000ull
#define VECTORS		0xffff0000ull
#define VECTORS_LEN	0x2000ull

/* Where the direct map begins: the root is in the image, near its start. */
static u64 split_below(u64 va)
{
	static const u64 splits[] = {	/* arch/arm/Kconfig: VMSPLIT_ */
		0xc0000000, 0xb0000000, 0x80000000, 0x40000000,
	};
	u32 i;

	for (i = 0; i < sizeof(splits) / sizeof(splits[0]); i++)
		if (va >= splits[i])
			return splits[i];
	return 0;
}

/*
 * By a block of 2 MiB or a page. An entry of x86 that points to a table would be
 * one of 1 GiB, which Linux has none of.
 */
static bool maps_itself(const struct na_kernel *kernel, u64 root, u64 va)
{
	struct na_paging_leaf leaf;

	return na_paging_translate(kernel, root, va, &leaf) ==
	       NA_PAGING_MAPPED && leaf.size <= 2 * MIB &&
	       leaf.pa + (va - leaf.va) == root;
}

/* Of short descriptors: 4096 entries, of which those are blocks of 1 MiB. */
static bool maps_itself_short(const struct na_kernel *kernel, u64 root, u64 va)
{
	u32 entry;

	return na_image_read(kernel->image, root + (va / MIB) * sizeof(entry),
			     &entry, sizeof(entry)) &&
	       (entry & SECTION_MASK) == SECTION &&
	       entry / MIB == root / MIB;
}

typedef bool (*maps_itself_t)(const struct na_kernel *kernel, u64 root, u64 va);

/* 0: there is none. */
static u64 find_root(const struct na_kernel *kernel, u64 va,
		     maps_itself_t does_map)
{
	const struct na_image_about *about = na_image_about(kernel->image);
	u32 i, nr_tries = 0;
	u64 root;

	for (i = 0; i < about->nr_ranges; i++) {
		root = about->ranges[i].start;
		root += (va - root) & (LOADED_AT - 1);
		for (; root < about->ranges[i].end; root += LOADED_AT) {
			if (nr_tries++ == TRIES_MAX)
				return 0;
			if (does_map(kernel, root, va))
				return root;
		}
	}
	return 0;
}

bool na_arm_info_fits(struct na_kernel *kernel, u64 va)
{
	enum na_arch arch = na_image_about(kernel->image)->arch;
	struct na_kernel_layout *layout = &kernel->layout;

	layout->page_offset = split_below(va);
	if ((arch != NA_ARCH_UNKNOWN && arch != NA_ARCH_ARM) || va >> 32 ||
	    va % NA_IMAGE_PAGE || !layout->page_offset)
		return false;
	kernel->arch = NA_ARCH_ARM;
	kernel->paging = NA_PAGING_ARM_LPAE;
	kernel->root = find_root(kernel, va, maps_itself);
	if (!kernel->root)
		return false;
	layout->direct_shift = kernel->root - (va - layout->page_offset);
	return true;
}

bool na_arm_has_direct_map(struct na_kernel *kernel, u64 root)
{
	const struct na_kernel_layout *layout = &kernel->layout;

	return maps_itself(kernel, root, layout->page_offset +
			   (root - layout->direct_shift));
}

bool na_arm_refuse(const struct na_kernel *kernel)
{
	enum na_arch arch = na_image_about(kernel->image)->arch;
	u64 va;

	if ((arch != NA_ARCH_UNKNOWN && arch != NA_ARCH_ARM) ||
	    !na_vmcoreinfo_symbol(kernel->info, "swapper_pg_dir", &va) ||
	    va >> 32)
		return false;
	if (find_root(kernel, va, maps_itself_short))
		na_notes_fail(kernel->notes,
			      "kernel '%s' of 32-bit ARM has page tables of short descriptors, as without LPAE; those of LPAE can be read, and no others",
			      kernel->release);
	else if (arch == NA_ARCH_ARM)
		na_notes_fail(kernel->notes,
			      "kernel '%s' of 32-bit ARM has no page tables where it says",
			      kernel->release);
	else
		return false;
	return true;
}

/* As in arch/arm/include/asm/: pgtable.h, fixmap.h, memory.h, highmem.h. */
void na_arm_find_layout(struct na_kernel *kernel)
{
	struct na_kernel_layout *layout = &kernel->layout;
	u64 end = na_layout_direct_end(kernel, VMALLOC_HOLE);

	layout->vmalloc_start = (end + VMALLOC_HOLE) & ~(VMALLOC_HOLE - 1);
	layout->vmalloc_end = VMALLOC_END;
	layout->fixmap_end = FIXMAP_END;
	layout->modules_start = layout->page_offset - MODULES_LEN;
	layout->modules_end = layout->page_offset;
	na_notes_assume(kernel->notes,
			"regions of the kernel are where 32-bit ARM has them, by its direct map from %#llx to %#llx",
			layout->page_offset, end);
	if (na_layout_take_kmap(kernel, layout->page_offset - KMAP_LEN, end))
		layout->modules_end = layout->kmap;
}

void na_arm_add_regions(struct na_dump *dump)
{
	const struct na_kernel_layout *layout = &dump->kernel.layout;

	na_region_add(dump, layout->modules_start, layout->modules_end,
		      NA_SPACE_VMALLOC, "modules");
	na_region_add(dump, layout->kmap, layout->kmap_end, NA_SPACE_KMAP,
		      "kmap");
	na_region_add(dump, layout->page_offset, layout->vmalloc_start,
		      NA_SPACE_DIRECT, "direct map");
	if (layout->vmalloc_start < layout->vmalloc_end)
		na_region_add(dump, layout->vmalloc_start, layout->vmalloc_end,
			      NA_SPACE_VMALLOC, "vmalloc");
	na_region_add(dump, FIXMAP_START, layout->fixmap_end, NA_SPACE_FIXMAP,
		      "fixmap");
	na_region_add(dump, VECTORS, VECTORS + VECTORS_LEN, NA_SPACE_KERNEL,
		      "vectors");
}
