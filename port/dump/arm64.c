// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A kernel of arm64: its root, and where it has its regions.
 *
 * All of it is in VMCOREINFO: images have no registers of arm64. The kernel's
 * image is at its physical addresses and kimage_voffset; the direct map begins at
 * the first address of the kernel's half, with the physical address PHYS_OFFSET.
 * With KASLR that one is not where memory begins, and may be below 0 (memstart_
 * addr, arch/arm64/mm/init.c).
 */
#include "arch.h"
#include "layout.h"
#include "paging.h"
#include "vmcoreinfo.h"

#define MIB		(1ull << 20)
/* A hole in the image is no longer than what is freed after the start. */
#define HOLE_MAX	(64 * MIB)
#define IMAGE_MAX	(512 * MIB)

/* Of the tables: 64 bits less TCR_EL1.T1SZ; 0: it is not known. */
static u64 find_va_bits(const struct na_vmcoreinfo *info)
{
	u64 bits = 0, t1sz;

	if (na_vmcoreinfo_number(info, "NUMBER(TCR_EL1_T1SZ)", &t1sz))
		return 64 - (t1sz & 63);
	na_vmcoreinfo_number(info, "NUMBER(VA_BITS)", &bits);
	return bits;
}

static u64 find_page_size(const struct na_vmcoreinfo *info)
{
	u64 size = 0;

	na_vmcoreinfo_number(info, "PAGESIZE", &size);
	return size;
}

static bool is_arm64(const struct na_kernel *kernel, u64 *voffset)
{
	enum na_arch arch = na_image_about(kernel->image)->arch;

	return (arch == NA_ARCH_UNKNOWN || arch == NA_ARCH_ARM64) &&
	       na_vmcoreinfo_number(kernel->info, "NUMBER(kimage_voffset)",
				    voffset);
}

/* NR_NA_PAGINGS: a format that cannot be read. */
static enum na_paging find_paging(const struct na_vmcoreinfo *info)
{
	u64 va_bits = find_va_bits(info);

	if (find_page_size(info) != NA_IMAGE_PAGE)
		return NR_NA_PAGINGS;
	return va_bits == 48 ? NA_PAGING_ARM64_48 :
	       va_bits == 39 ? NA_PAGING_ARM64_39 : NR_NA_PAGINGS;
}

bool na_arm64_refuse(const struct na_kernel *kernel)
{
	u64 voffset, size = find_page_size(kernel->info);

	if (!is_arm64(kernel, &voffset) ||
	    find_paging(kernel->info) != NR_NA_PAGINGS)
		return false;
	if (size != NA_IMAGE_PAGE)
		na_notes_fail(kernel->notes,
			      "kernel '%s' of arm64 has pages of %llu bytes; tables of pages of %u bytes can be read, and no others",
			      kernel->release, size, NA_IMAGE_PAGE);
	else
		na_notes_fail(kernel->notes,
			      "kernel '%s' of arm64 has addresses of %llu bits; tables of 39 and 48 bits can be read, and no others",
			      kernel->release, find_va_bits(kernel->info));
	return true;
}

bool na_arm64_info_fits(struct na_kernel *kernel, u64 va)
{
	u64 voffset;

	if (!is_arm64(kernel, &voffset))
		return false;
	kernel->arch = NA_ARCH_ARM64;
	kernel->paging = find_paging(kernel->info);
	kernel->root = va - voffset;
	return kernel->paging != NR_NA_PAGINGS &&
	       va >= na_paging_kernel_start(kernel) &&
	       !(kernel->root % NA_IMAGE_PAGE) &&
	       na_paging_maps(kernel, kernel->root, va, kernel->root);
}

/*
 * The lower half of the kernel's addresses is the direct map since 5.4; before
 * it was the upper one.
 */
bool na_arm64_has_direct_map(struct na_kernel *kernel, u64 root)
{
	struct na_kernel_layout *layout = &kernel->layout;
	u64 start = na_paging_kernel_start(kernel), half = (0 - start) / 2;
	u32 i;

	if (!na_vmcoreinfo_number(kernel->info, "NUMBER(PHYS_OFFSET)",
				  &layout->direct_shift))
		return false;
	for (i = 0; i < 2; i++) {
		layout->page_offset = start + i * half;
		layout->direct_end = layout->page_offset + half;
		if (na_paging_maps(kernel, root, layout->page_offset +
				   (root - layout->direct_shift), root))
			return true;
	}
	layout->page_offset = 0;
	layout->direct_end = 0;
	return false;
}

/*
 * The image is mapped at one distance to its physical addresses; what belonged
 * to its start alone is a hole later.
 */
static void find_image(struct na_kernel *kernel)
{
	struct na_kernel_layout *layout = &kernel->layout;
	struct na_paging_leaf leaf;
	u64 va, start, voffset;

	if (!na_vmcoreinfo_symbol(kernel->info, "_stext", &start) ||
	    !na_vmcoreinfo_number(kernel->info, "NUMBER(kimage_voffset)",
				  &voffset))
		return;
	layout->text_end = start;
	for (va = start; va - layout->text_end < HOLE_MAX &&
			 va - start < IMAGE_MAX; va = leaf.va + leaf.size)
		if (na_paging_translate(kernel, kernel->root, va, &leaf) ==
		    NA_PAGING_MAPPED && leaf.va - leaf.pa == voffset)
			layout->text_end = leaf.va + leaf.size;
}

static void find_number(const struct na_kernel *kernel, const char *name,
			u64 *value)
{
	na_vmcoreinfo_number(kernel->info, name, value);
}

void na_arm64_find_layout(struct na_kernel *kernel)
{
	struct na_kernel_layout *layout = &kernel->layout;

	if (!na_arm64_has_direct_map(kernel, kernel->root))
		na_notes_assume(kernel->notes,
				"the direct map has no name: it is not where VMCOREINFO has it");
	find_number(kernel, "NUMBER(VMALLOC_START)", &layout->vmalloc_start);
	find_number(kernel, "NUMBER(VMALLOC_END)", &layout->vmalloc_end);
	find_number(kernel, "NUMBER(MODULES_VADDR)", &layout->modules_start);
	find_number(kernel, "NUMBER(MODULES_END)", &layout->modules_end);
	find_number(kernel, "NUMBER(VMEMMAP_START)", &layout->vmemmap);
	find_number(kernel, "NUMBER(VMEMMAP_END)", &layout->vmemmap_end);
	if (!layout->vmalloc_start || !layout->vmemmap)
		na_notes_assume(kernel->notes,
				"regions of the kernel are not told apart: VMCOREINFO lacks them, as before 6.1");
	find_image(kernel);
}
