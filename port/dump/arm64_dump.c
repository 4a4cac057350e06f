// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory types of arm64 and of 32-bit ARM with LPAE, and regions of arm64.
 *
 * MAIR_EL1 is in no image, and the kernel keeps no copy: it is a constant of the
 * kernel's code. Linux has used two. The direct map tells which of them it is,
 * because it is Write-Back: the index of its entry is 0 or 1 in the one and 4
 * in the other. Of 32-bit ARM it has used one, in which 3 and 7 are Write-Back.
 */
#include "dump_internal.h"

/* --- types -------------------------------------------------------------------- */

/* What Linux has used; 0 ends it. */
static const u64 *mairs_of(enum na_arch arch)
{
	static const u64 arm64[] = {
		NA_ARM64_MAIR_LINUX, NA_ARM64_MAIR_LINUX_OLD, 0,
	};
	static const u64 arm[] = { NA_ARM_MAIR_LINUX, 0 };

	return arch == NA_ARCH_ARM ? arm : arm64;
}

static const char *mair_name(enum na_arch arch)
{
	return arch == NA_ARCH_ARM ? "MAIR1 and MAIR0" : "MAIR_EL1";
}

/* 0: none of them makes the entry Write-Back. */
static u64 choose_mair(enum na_arch arch, u64 entry)
{
	const u64 *mair = mairs_of(arch);
	struct na_arm64_types types;

	for (; *mair; mair++) {
		na_arm64_types_init(&types, *mair);
		if (na_arm64_types_entry(&types, entry) == NA_AUDIT_WB)
			break;
	}
	return *mair;
}

static u64 find_mair(struct na_dump *dump)
{
	const struct na_kernel *kernel = &dump->kernel;
	const struct na_kernel_layout *layout = &kernel->layout;
	struct na_paging_leaf leaf;
	u64 mair = 0;

	dump->registers.pat = NA_REGISTER_GIVEN;
	if (dump->options.has_mair)
		return dump->options.mair;
	dump->registers.pat = NA_REGISTER_ASSUMED;
	if (layout->page_offset &&
	    na_paging_translate(kernel, kernel->root, layout->page_offset +
				(kernel->root - layout->direct_shift),
				&leaf) == NA_PAGING_MAPPED)
		mair = choose_mair(kernel->arch, leaf.entry);
	if (mair) {
		na_notes_assume(dump->notes,
				"the register %s is %#llx, as Linux sets it if its direct map has index %u; --mair VALUE if it is not",
				mair_name(kernel->arch), mair,
				na_arm64_attr_index(leaf.entry));
		return mair;
	}
	na_notes_lose(dump->notes,
		      "memory types: the direct map does not tell which %s the kernel has; --mair VALUE names it",
		      mair_name(kernel->arch));
	return *mairs_of(kernel->arch);
}

void na_arm64_find_types(struct na_dump *dump)
{
	struct na_arm64_types *types = &dump->arm64_types;
	u64 bits, value;

	na_arm64_types_init(types, find_mair(dump));
	memcpy(dump->registers.attrs, types->attrs, sizeof(types->attrs));
	bits = na_arm64_wb_bits(types, &value);
	if (!bits)
		return;
	/* What is not Inner Shareable is looked at. */
	dump->plain.bits = bits | NA_ARM64_SHARE;
	dump->plain.flip = value | NA_ARM64_SHARE_INNER;
	dump->plain.ranges[0].end = ~0ull;
}

/*
 * Linux maps all cacheable memory Inner Shareable. Memory with another
 * shareability beside that is mismatched too, and has no type of its own here.
 */
u8 na_arm64_entry_type(struct na_dump *dump, u64 entry, u64 size)
{
	(void)size;
	if (!dump->has_unshared &&
	    !na_arm64_is_shared(&dump->arm64_types, entry)) {
		dump->has_unshared = true;
		na_notes_lose(dump->notes,
			      "cacheable memory is mapped that is not Inner Shareable: shareability is not compared");
	}
	return na_arm64_types_entry(&dump->arm64_types, entry);
}

/* No other register decides. */
u8 na_arm64_effective_type(struct na_dump *dump, u8 entry, u64 frame, u32 *nr)
{
	(void)dump;
	(void)frame;
	(void)nr;
	return entry;
}

/* --- regions -------------------------------------------------------------------- */

/* The kernel's image is somewhere in the region of vmalloc(). */
static void add_vmalloc(struct na_dump *dump)
{
	const struct na_kernel_layout *layout = &dump->kernel.layout;
	u64 start = layout->vmalloc_start, end = layout->vmalloc_end;

	na_region_add(dump, layout->text, layout->text_end, NA_SPACE_KERNEL,
		      "kernel image");
	if (layout->text < start || layout->text_end > end) {
		na_region_add(dump, start, end, NA_SPACE_VMALLOC, "vmalloc");
		return;
	}
	na_region_add(dump, start, layout->text, NA_SPACE_VMALLOC, "vmalloc");
	na_region_add(dump, layout->text_end, end, NA_SPACE_VMALLOC,
		      "vmalloc");
}

/*
 * The fixmap and the ports of PCI buses are between the vmalloc region and the
 * memory map until 6.8, and behind that later; what is beside them is empty.
 */
void na_arm64_add_regions(struct na_dump *dump)
{
	static const char fixed[] = "fixmap and PCI ports";
	const struct na_kernel_layout *layout = &dump->kernel.layout;

	na_region_add(dump, layout->page_offset, layout->direct_end,
		      NA_SPACE_DIRECT, "direct map");
	na_region_add(dump, layout->modules_start, layout->modules_end,
		      NA_SPACE_VMALLOC, "modules");
	add_vmalloc(dump);
	if (!layout->vmemmap || layout->vmalloc_end > layout->vmemmap)
		return;
	na_region_add(dump, layout->vmalloc_end, layout->vmemmap,
		      NA_SPACE_KERNEL, fixed);
	na_region_add(dump, layout->vmemmap, layout->vmemmap_end,
		      NA_SPACE_KERNEL, "memory map");
	na_region_add(dump, layout->vmemmap_end, 0, NA_SPACE_KERNEL, fixed);
}
