/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: shapes of page tables in an image
 *
 * What the formats differ in, and the way of one address through them.
 */
#ifndef NA_DUMP_PAGING_H
#define NA_DUMP_PAGING_H

#include "kernel.h"

#define NA_PAGING_LEVELS_MAX	5u

/**
 * struct na_paging_level - one level, seen from the table on it
 * @shift: log2 of the bytes that an entry covers
 * @nr_entries: entries of a table
 * @may_be_leaf: an entry may map memory itself
 * @present_mask: bits that decide whether the CPU uses an entry
 * @present: their values if it does
 * @leaf_mask: bits that decide whether a present entry maps memory itself
 * @leaf: their values if it does
 */
struct na_paging_level {
	u8 shift;
	u16 nr_entries;
	bool may_be_leaf;
	u64 present_mask;
	u64 present;
	u64 leaf_mask;
	u64 leaf;
};

/**
 * struct na_paging_shape - a format
 * @levels: from the root down
 * @nr_levels: how many
 * @entry_len: bytes of an entry
 * @va_bits: bits of an address that tables translate
 * @address: bits of an entry that are an address
 * @kernel_below: bytes below the direct map that are not a process's; 32 bits
 * @has_two_roots: the kernel's addresses have a root table of their own, which
 *	translates as many bits as that of a process; otherwise each table has
 *	both halves
 */
struct na_paging_shape {
	struct na_paging_level levels[NA_PAGING_LEVELS_MAX];
	u8 nr_levels;
	u8 entry_len;
	u8 va_bits;
	u64 address;
	u32 kernel_below;
	bool has_two_roots;
};

/** na_paging_shape() - the shape of a format. */
const struct na_paging_shape *na_paging_shape(enum na_paging paging);

/** na_paging_is_64bit() - are the kernel's addresses and pointers of 64 bits? */
static inline bool na_paging_is_64bit(enum na_paging paging)
{
	return na_paging_shape(paging)->va_bits > 32;
}

/** na_paging_is_present() - does the CPU use this entry of a table? */
static inline bool na_paging_is_present(const struct na_paging_level *level,
					u64 entry)
{
	return (entry & level->present_mask) == level->present;
}

/** na_paging_is_leaf() - does a present entry map memory itself? */
static inline bool na_paging_is_leaf(const struct na_paging_level *level,
				     u64 entry)
{
	return level->may_be_leaf &&
	       (entry & level->leaf_mask) == level->leaf;
}

/**
 * na_paging_address() - physical address that a present entry points to
 * @shape: format
 * @entry: entry
 * @size: bytes that it maps; of one that points to a table: NA_IMAGE_PAGE
 */
static inline u64 na_paging_address(const struct na_paging_shape *shape,
				    u64 entry, u64 size)
{
	return entry & shape->address & ~(size - 1);
}

/**
 * na_paging_entry() - entry of a table
 * @kernel: kernel, for its image and paging
 * @table: physical address of the table
 * @idx: which entry
 * @entry: receives it, without the bits of sme_mask
 *
 * Return: false if it could not be read.
 */
bool na_paging_entry(const struct na_kernel *kernel, u64 table, u32 idx,
		     u64 *entry);

/**
 * struct na_paging_leaf - what maps an address
 * @va: first address that the leaf maps
 * @pa: physical address of its first byte
 * @size: bytes
 * @entry: entry of the leaf
 */
struct na_paging_leaf {
	u64 va;
	u64 pa;
	u64 size;
	u64 entry;
};

/**
 * enum na_paging_result - how a translation ended
 * @NA_PAGING_MAPPED: at a leaf
 * @NA_PAGING_HOLE: at an entry that is not present
 * @NA_PAGING_LOST: at a table that is not in the image
 */
enum na_paging_result {
	NA_PAGING_MAPPED,
	NA_PAGING_HOLE,
	NA_PAGING_LOST,
};

/**
 * na_paging_translate() - what maps an address
 * @kernel: kernel, for its image, paging and sme_mask
 * @root: physical address of the root table
 * @va: address; one that is not canonical is a hole
 * @leaf: receives the leaf; of a hole, @va and @size of the entry
 *
 * A way through tables has at most NA_PAGING_LEVELS_MAX steps, also if they
 * point to each other.
 */
enum na_paging_result na_paging_translate(const struct na_kernel *kernel,
					  u64 root, u64 va,
					  struct na_paging_leaf *leaf);

/** na_paging_user_entries() - entries of a process's root that map user space. */
u32 na_paging_user_entries(const struct na_kernel *kernel);

/** na_paging_user_last() - last address that may be a process's. */
u64 na_paging_user_last(const struct na_kernel *kernel);

/**
 * na_paging_kernel_start() - first address that may be the kernel's
 *
 * Of 32-bit ARM 0: where processes end depends on the configuration (KASAN), and
 * the kernel's own root is not a process's.
 */
u64 na_paging_kernel_start(const struct na_kernel *kernel);

/** na_paging_maps() - does the table @root map @va to @pa? */
bool na_paging_maps(const struct na_kernel *kernel, u64 root, u64 va, u64 pa);

/**
 * na_paging_cr3_root() - root table that a CR3 points to
 *
 * Without PCID and cache bits. Bit 12 remains: whether it tells one half of a
 * PTI pair from the other, only the tables can say.
 */
u64 na_paging_cr3_root(enum na_paging paging, u64 cr3);

#endif
