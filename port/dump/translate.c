// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The way of one address through page tables of any shape, and reading the
 * kernel's memory by its own addresses.
 *
 * All that is read is a stranger's. A table may point to itself, to a page that
 * is not there, or beyond all memory; each step takes one level, so that every
 * way ends.
 */
#include "../arm64/entry.h"
#include "../x86/entry.h"
#include "paging.h"

/* Levels of x86, by what an entry may be: a table, a large page or a table, a
 * page. Shift, entries; then what makes it present, and a leaf. */
#define X86_TABLE(shift, nr)						\
	{ shift, nr, false, NA_X86_PRESENT, NA_X86_PRESENT, 0, 0 }
#define X86_LARGE(shift, nr)						\
	{ shift, nr, true, NA_X86_PRESENT, NA_X86_PRESENT,		\
	  NA_X86_LARGE, NA_X86_LARGE }
#define X86_PAGE(nr)							\
	{ 12, nr, true, NA_X86_PRESENT, NA_X86_PRESENT, 0, 0 }

/* Of arm64 the same: a block is present without the bit that pages have. */
#define ARM64_TABLE(shift)						\
	{ shift, 512, false, NA_ARM64_VALID | NA_ARM64_TABLE,		\
	  NA_ARM64_VALID | NA_ARM64_TABLE, 0, 0 }
#define ARM64_BLOCK(shift, nr)						\
	{ shift, nr, true, NA_ARM64_VALID, NA_ARM64_VALID,		\
	  NA_ARM64_TABLE, 0 }
#define ARM64_PAGE							\
	{ 12, 512, true, NA_ARM64_VALID | NA_ARM64_PAGE,		\
	  NA_ARM64_VALID | NA_ARM64_PAGE, 0, 0 }

static const struct na_paging_shape shapes[NR_NA_PAGINGS] = {
	[NA_PAGING_4LEVEL] = {
		.levels = {
			X86_TABLE(39, 512), X86_LARGE(30, 512),
			X86_LARGE(21, 512), X86_PAGE(512),
		},
		.nr_levels = 4, .entry_len = 8, .va_bits = 48,
		.address = NA_X86_ADDRESS,
	},
	[NA_PAGING_5LEVEL] = {
		.levels = {
			X86_TABLE(48, 512), X86_TABLE(39, 512),
			X86_LARGE(30, 512), X86_LARGE(21, 512), X86_PAGE(512),
		},
		.nr_levels = 5, .entry_len = 8, .va_bits = 57,
		.address = NA_X86_ADDRESS,
	},
	[NA_PAGING_PAE] = {
		.levels = {
			X86_TABLE(30, 4), X86_LARGE(21, 512), X86_PAGE(512),
		},
		.nr_levels = 3, .entry_len = 8, .va_bits = 32,
		.address = NA_X86_ADDRESS,
	},
	[NA_PAGING_2LEVEL] = {
		.levels = { X86_LARGE(22, 1024), X86_PAGE(1024) },
		.nr_levels = 2, .entry_len = 4, .va_bits = 32,
		.address = NA_X86_ADDRESS,
	},
	[NA_PAGING_ARM64_48] = {
		.levels = {
			ARM64_TABLE(39), ARM64_BLOCK(30, 512),
			ARM64_BLOCK(21, 512), ARM64_PAGE,
		},
		.nr_levels = 4, .entry_len = 8, .va_bits = 48,
		.address = NA_ARM64_ADDRESS, .has_two_roots = true,
	},
	[NA_PAGING_ARM64_39] = {
		.levels = {
			ARM64_BLOCK(30, 512), ARM64_BLOCK(21, 512), ARM64_PAGE,
		},
		.nr_levels = 3, .entry_len = 8, .va_bits = 39,
		.address = NA_ARM64_ADDRESS, .has_two_roots = true,
	},
	[NA_PAGING_ARM_LPAE] = {
		.levels = {
			ARM64_BLOCK(30, 4), ARM64_BLOCK(21, 512), ARM64_PAGE,
		},
		.nr_levels = 3, .entry_len = 8, .va_bits = 32,
		.address = NA_ARM_LPAE_ADDRESS,
		/* Modules and the kmap pool (arch/arm/include/asm/memory.h). */
		.kernel_below = 16u << 20,
	},
};

const struct na_paging_shape *na_paging_shape(enum na_paging paging)
{
	return &shapes[paging];
}

bool na_paging_entry(const struct na_kernel *kernel, u64 table, u32 idx,
		     u64 *entry)
{
	u32 len = shapes[kernel->paging].entry_len;

	/* An entry of 32 bits fills the low half, on the machines that run us. */
	*entry = 0;
	if (!na_image_read(kernel->image, table + (u64)idx * len, entry, len))
		return false;
	*entry &= ~kernel->sme_mask;
	return true;
}

/* Bits of an address in the half that a process has; more than 32 only. */
static u32 half_bits(const struct na_paging_shape *shape)
{
	return shape->va_bits - !shape->has_two_roots;
}

static bool is_canonical(const struct na_paging_shape *shape, u64 va)
{
	u64 high;

	if (shape->va_bits == 32)
		return !(va >> 32);
	high = va >> half_bits(shape);
	return !high || high == ~0ull >> half_bits(shape);
}

enum na_paging_result na_paging_translate(const struct na_kernel *kernel,
					  u64 root, u64 va,
					  struct na_paging_leaf *leaf)
{
	const struct na_paging_shape *shape = &shapes[kernel->paging];
	const struct na_paging_level *level = shape->levels;
	u64 entry, table = root;
	u32 idx;

	memset(leaf, 0, sizeof(*leaf));
	if (!is_canonical(shape, va))
		return NA_PAGING_HOLE;
	for (; level < shape->levels + shape->nr_levels; level++) {
		idx = va >> level->shift & (level->nr_entries - 1);
		leaf->size = 1ull << level->shift;
		leaf->va = va & ~(leaf->size - 1);
		if (!na_paging_entry(kernel, table, idx, &entry))
			return NA_PAGING_LOST;
		if (!na_paging_is_present(level, entry))
			return NA_PAGING_HOLE;
		if (na_paging_is_leaf(level, entry)) {
			leaf->pa = na_paging_address(shape, entry, leaf->size);
			leaf->entry = entry;
			return NA_PAGING_MAPPED;
		}
		table = na_paging_address(shape, entry, NA_IMAGE_PAGE);
	}
	return NA_PAGING_HOLE;
}

u32 na_paging_user_entries(const struct na_kernel *kernel)
{
	const struct na_paging_level *top = shapes[kernel->paging].levels;

	if (shapes[kernel->paging].has_two_roots)
		return top->nr_entries;
	if (na_paging_is_64bit(kernel->paging))
		return top->nr_entries / 2;
	/* A kernel half that begins within an entry has that entry. */
	return (u32)(kernel->layout.page_offset >> top->shift);
}

u64 na_paging_user_last(const struct na_kernel *kernel)
{
	const struct na_paging_shape *shape = &shapes[kernel->paging];

	if (!na_paging_is_64bit(kernel->paging))
		return kernel->layout.page_offset - shape->kernel_below - 1;
	return (1ull << half_bits(&shapes[kernel->paging])) - 1;
}

u64 na_paging_kernel_start(const struct na_kernel *kernel)
{
	if (kernel->paging == NA_PAGING_ARM_LPAE)
		return 0;
	if (!na_paging_is_64bit(kernel->paging))
		return kernel->layout.page_offset;
	return ~0ull << half_bits(&shapes[kernel->paging]);
}

bool na_paging_maps(const struct na_kernel *kernel, u64 root, u64 va, u64 pa)
{
	struct na_paging_leaf leaf;

	return na_paging_translate(kernel, root, va, &leaf) ==
	       NA_PAGING_MAPPED && leaf.pa + (va - leaf.va) == pa;
}

u64 na_paging_cr3_root(enum na_paging paging, u64 cr3)
{
	if (paging == NA_PAGING_PAE)
		return cr3 & 0xffffffe0ull;
	if (paging == NA_PAGING_2LEVEL)
		return cr3 & 0xfffff000ull;
	return na_x86_address(cr3, 4096);
}

static bool is_kernel_address(const struct na_kernel *kernel, u64 va)
{
	if (na_paging_is_64bit(kernel->paging))
		return va >> 63;
	return va >= kernel->layout.page_offset -
		     shapes[kernel->paging].kernel_below;
}

bool na_kernel_translate(struct na_kernel *kernel, u64 va, u64 *pa)
{
	struct na_paging_leaf leaf;

	if (!is_kernel_address(kernel, va) ||
	    na_paging_translate(kernel, kernel->root, va, &leaf) !=
	    NA_PAGING_MAPPED)
		return false;
	*pa = leaf.pa + (va - leaf.va);
	return true;
}

/*
 * Leaf by leaf. The addresses of two leaves need not follow each other in the
 * image, nor need the pages in it be there.
 */
bool na_kernel_read(struct na_kernel *kernel, u64 va, void *to, size_t len)
{
	struct na_paging_leaf leaf;
	u64 part;

	if (va + len < va)
		return false;
	while (len) {
		if (!is_kernel_address(kernel, va) ||
		    na_paging_translate(kernel, kernel->root, va, &leaf) !=
		    NA_PAGING_MAPPED)
			return false;
		part = leaf.size - (va - leaf.va);
		if (part > len)
			part = len;
		if (!na_image_read(kernel->image, leaf.pa + (va - leaf.va), to,
				   part))
			return false;
		to = (char *)to + part;
		va += part;
		len -= part;
	}
	return true;
}
