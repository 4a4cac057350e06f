// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The images that other tests make have the page tables that they ask for. Here
 * they are walked by hand, through the file.
 */
#include "image_world.h"

static u64 entry_at(u64 pa, u32 len)
{
	u64 entry = 0;

	EXPECT(na_image_read(world_image, pa, &entry, len));
	return entry;
}

static u64 table_of(u64 entry)
{
	EXPECT(entry & 1);
	return entry & 0x000ffffffffff000ull;
}

static void open_elf(u16 machine)
{
	make_save_elf(world_memory, world_file(), machine);
	EXPECT(!world_open(world_path, NULL));
}

static void four_levels(void)
{
	struct make_memory *memory = world_make(64 * PAGE);
	u64 root, at;

	memset(make_at(memory, 0), 0, 64 * PAGE);
	root = make_root(memory, NA_PAGING_4LEVEL);
	make_map(memory, NA_PAGING_4LEVEL, root, 0xffff888000003000, 1,
		 0x8000000000005163);
	make_map(memory, NA_PAGING_4LEVEL, root, 0xffff888000200000, 2,
		 0x2001e3);
	open_elf(EM_X86_64);
	at = table_of(entry_at(root + 273 * 8, 8));
	at = table_of(entry_at(at, 8));
	EXPECT_EQ(entry_at(at + 8, 8), 0x2001e3);
	at = table_of(entry_at(at, 8));
	EXPECT_EQ(entry_at(at + 3 * 8, 8), 0x8000000000005163);
	world_forget();
}

static void five_levels(void)
{
	struct make_memory *memory = world_make(64 * PAGE);
	u64 root, at;
	u32 level;

	memset(make_at(memory, 0), 0, 64 * PAGE);
	root = make_root(memory, NA_PAGING_5LEVEL);
	make_map(memory, NA_PAGING_5LEVEL, root, 0xff11000000000000, 1,
		 0x7063);
	open_elf(EM_X86_64);
	at = table_of(entry_at(root + 273 * 8, 8));
	for (level = 4; level > 1; level--)
		at = table_of(entry_at(at, 8));
	EXPECT_EQ(entry_at(at, 8), 0x7063);
	world_forget();
}

static void pae(void)
{
	struct make_memory *memory = world_make(64 * PAGE);
	u64 roots[130], at;
	u32 i;

	memset(make_at(memory, 0), 0, 64 * PAGE);
	for (i = 0; i < 130; i++)
		roots[i] = make_root(memory, NA_PAGING_PAE);
	/* Roots share pages. */
	EXPECT_EQ(roots[1], roots[0] + 32);
	EXPECT_EQ(roots[128] % PAGE, 0);
	make_map(memory, NA_PAGING_PAE, roots[129], 0xffe00000, 1, 0x9163);
	open_elf(EM_386);
	EXPECT_EQ(entry_at(roots[129] + 3 * 8, 8) & 0xfff, 0x21);
	at = table_of(entry_at(roots[129] + 3 * 8, 8));
	at = table_of(entry_at(at + 511 * 8, 8));
	EXPECT_EQ(entry_at(at, 8), 0x9163);
	world_forget();
}

static void two_levels(void)
{
	struct make_memory *memory = world_make(64 * PAGE);
	u64 root, at;

	memset(make_at(memory, 0), 0, 64 * PAGE);
	root = make_root(memory, NA_PAGING_2LEVEL);
	make_map(memory, NA_PAGING_2LEVEL, root, 0xc0001000, 1, 0x9163);
	make_map(memory, NA_PAGING_2LEVEL, root, 0xc0400000, 2, 0x4001e3);
	open_elf(EM_386);
	at = table_of(entry_at(root + 768 * 4, 4));
	EXPECT_EQ(entry_at(at + 4, 4), 0x9163);
	EXPECT_EQ(entry_at(root + 769 * 4, 4), 0x4001e3);
	world_forget();
}

static void pair_of_roots(void)
{
	struct make_memory *memory = world_make(64 * PAGE);
	u64 first, second;

	make_pages(memory, 1);
	first = make_root_pair(memory);
	second = make_root_pair(memory);
	EXPECT_EQ(first % (2 * PAGE), 0);
	EXPECT_EQ(second, first + 2 * PAGE);
	world_forget();
}

/* A test makes a cycle with the slot of an entry. */
static void slot_is_where_the_entry_is(void)
{
	struct make_memory *memory = world_make(64 * PAGE);
	u64 root, slot;

	memset(make_at(memory, 0), 0, 64 * PAGE);
	root = make_root(memory, NA_PAGING_4LEVEL);
	slot = make_slot(memory, NA_PAGING_4LEVEL, root, 0x1000, 4);
	EXPECT_EQ(slot, root);
	make_map(memory, NA_PAGING_4LEVEL, root, 0x1000, 4, root | 0x67);
	EXPECT_EQ(make_slot(memory, NA_PAGING_4LEVEL, root, 0x1000, 1),
		  root + 8);
	world_forget();
}

static const struct tap_case cases[] = {
	TAP(four_levels),
	TAP(five_levels),
	TAP(pae),
	TAP(two_levels),
	TAP(pair_of_roots),
	TAP(slot_is_where_the_entry_is),
};

TAP_MAIN(cases)
