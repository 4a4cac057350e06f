// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Page tables in made-up memory.
 */
#include "make_internal.h"

#define PAE_ROOT_LEN	32u
#define ADDRESS		0x000ffffffffff000ull

/* Of the root: bits of an address in all levels, and in its own. */
static const struct shape {
	u32 nr_levels;
	u32 index_bits;
	u32 entry_len;
} shapes[NR_NA_PAGINGS] = {
	[NA_PAGING_4LEVEL] = { 4, 9, 8 },
	[NA_PAGING_5LEVEL] = { 5, 9, 8 },
	[NA_PAGING_PAE] = { 3, 9, 8 },
	[NA_PAGING_2LEVEL] = { 2, 10, 4 },
	[NA_PAGING_ARM64_48] = { 4, 9, 8 },
	[NA_PAGING_ARM64_39] = { 3, 9, 8 },
	[NA_PAGING_ARM_LPAE] = { 3, 9, 8 },
};

u64 make_root(struct make_memory *memory, enum na_paging paging)
{
	u64 slot = memory->pae_slot;

	if (paging != NA_PAGING_PAE && paging != NA_PAGING_ARM_LPAE)
		return make_pages(memory, 1);
	if (slot % NA_IMAGE_PAGE == 0)
		slot = make_pages(memory, 1);
	memory->pae_slot = slot + PAE_ROOT_LEN;
	return slot;
}

u64 make_root_pair(struct make_memory *memory)
{
	return make_pages(memory, 2);
}

static u64 read_entry(struct make_memory *memory, u64 slot, u32 len)
{
	u64 entry = 0;

	memcpy(&entry, make_at(memory, slot), len);
	return entry;
}

static void write_entry(struct make_memory *memory, u64 slot, u32 len,
			u64 entry)
{
	memcpy(make_at(memory, slot), &entry, len);
}

static u64 slot_in(const struct shape *shape, u64 table, u64 va, u32 level)
{
	u32 shift = 12 + shape->index_bits * (level - 1);
	u64 idx = va >> shift & ((1u << shape->index_bits) - 1);

	/* The root of PAE and LPAE has four entries; an address has 32 bits. */
	return table + idx * shape->entry_len;
}

/* Only the present bit may be set in a root of PAE, and QEMU's 0x20. */
static u64 table_bits(enum na_paging paging, u32 level)
{
	if (paging >= NA_PAGING_ARM64_48)
		return MAKE_ARM64_TABLE;
	return paging == NA_PAGING_PAE && level == 3 ? 0x21 : MAKE_TABLE_BITS;
}

/* The table that @slot points to, made if there is none. */
static u64 table_below(struct make_memory *memory, const struct shape *shape,
		       u64 slot, u64 bits)
{
	u64 entry = read_entry(memory, slot, shape->entry_len), table;

	if (entry & 1)
		return entry & ADDRESS;
	table = make_pages(memory, 1);
	write_entry(memory, slot, shape->entry_len, table | bits);
	return table;
}

u64 make_slot(struct make_memory *memory, enum na_paging paging, u64 root,
	      u64 va, u32 level)
{
	const struct shape *shape = &shapes[paging];
	u64 table = root;
	u32 at;

	if (!level || level > shape->nr_levels)
		make_fail("there is no such level");
	if (paging == NA_PAGING_PAE || paging == NA_PAGING_2LEVEL ||
	    paging == NA_PAGING_ARM_LPAE)
		va = (u32)va;
	for (at = shape->nr_levels; at > level; at--)
		table = table_below(memory, shape,
				    slot_in(shape, table, va, at),
				    table_bits(paging, at));
	return slot_in(shape, table, va, level);
}

void make_map(struct make_memory *memory, enum na_paging paging, u64 root,
	      u64 va, u32 level, u64 entry)
{
	write_entry(memory, make_slot(memory, paging, root, va, level),
		    shapes[paging].entry_len, entry);
}
