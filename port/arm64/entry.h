/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: bits of arm64 translation table descriptors
 *
 * Stage 1 of VMSAv8-64 with a granule of 4 KiB and addresses of 48 bits (Arm
 * ARM, D8.3), and the Long-descriptor format of 32-bit ARM, LPAE (part G), in
 * which the same bits mean the same and addresses have 40. Bit 0: the CPU uses
 * the descriptor. Bit 1 has two meanings: on the lowest level it is set in each
 * page; above it is set in what points to a table and clear in a block.
 *
 * Not looked at, because neither address nor memory type depends on them: the
 * contiguous hint, which joins 16 descriptors that say the same each for itself,
 * and what a descriptor of a table forbids to all below it.
 */
#ifndef NA_ARM64_ENTRY_H
#define NA_ARM64_ENTRY_H

#include <na_platform.h>

#define NA_ARM64_VALID		0x001ull
#define NA_ARM64_TABLE		0x002ull	/* above the lowest level */
#define NA_ARM64_PAGE		0x002ull	/* on it */
#define NA_ARM64_ATTR_SHIFT	2		/* index into MAIR, 3 bits */
#define NA_ARM64_USER		0x040ull	/* AP[1], of a leaf */
#define NA_ARM64_SHARE		0x300ull
#define NA_ARM64_SHARE_OUTER	0x200ull
#define NA_ARM64_SHARE_INNER	0x300ull
#define NA_ARM64_CONTIGUOUS	(1ull << 52)
#define NA_ARM64_ADDRESS	0x0000fffffffff000ull
#define NA_ARM_LPAE_ADDRESS	0x000000fffffff000ull

/** na_arm64_attr_index() - index of a leaf's attributes in MAIR. */
static inline u32 na_arm64_attr_index(u64 entry)
{
	return entry >> NA_ARM64_ATTR_SHIFT & 7;
}

#endif
