/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: bits of x86 page table entries
 *
 * The only place that knows them, for the running kernel (port/linux/x86) and
 * for images of any (port/dump). An entry is a copy of 64 bits, also where the
 * tables have 32.
 *
 * @size is the size that a leaf of this level maps: 4 KiB on the lowest level.
 * It decides the meaning of bit 7: PAT on the lowest level; above it the leaf
 * bit, with PAT in bit 12 (Intel SDM 3A, 4.3 to 4.5).
 */
#ifndef NA_X86_ENTRY_H
#define NA_X86_ENTRY_H

#include <na_platform.h>

#define NA_X86_PRESENT		0x001ull
#define NA_X86_USER		0x004ull
#define NA_X86_PWT		0x008ull
#define NA_X86_PCD		0x010ull
#define NA_X86_ACCESSED		0x020ull
#define NA_X86_DIRTY		0x040ull
#define NA_X86_LARGE		0x080ull	/* above the lowest level */
#define NA_X86_PAT		0x080ull	/* on the lowest level */
#define NA_X86_PAT_LARGE	0x1000ull	/* above it */
#define NA_X86_ADDRESS		0x000ffffffffff000ull

/** na_x86_is_present() - does the CPU use this entry? */
static inline bool na_x86_is_present(u64 entry)
{
	return entry & NA_X86_PRESENT;
}

/** na_x86_is_leaf() - does a present entry map memory itself? */
static inline bool na_x86_is_leaf(u64 entry, u64 size)
{
	return size == 4096 || entry & NA_X86_LARGE;
}

/**
 * na_x86_address() - physical address that a present entry points to
 *
 * For an entry that points to a table: @size 4096.
 */
static inline u64 na_x86_address(u64 entry, u64 size)
{
	return entry & NA_X86_ADDRESS & ~(size - 1);
}

/** na_x86_pat_index() - index of a leaf's type in the PAT register. */
static inline u32 na_x86_pat_index(u64 entry, u64 size)
{
	u32 idx = 0;

	if (entry & NA_X86_PWT)
		idx |= 1;
	if (entry & NA_X86_PCD)
		idx |= 2;
	if (entry & (size > 4096 ? NA_X86_PAT_LARGE : NA_X86_PAT))
		idx |= 4;
	return idx;
}

#endif
