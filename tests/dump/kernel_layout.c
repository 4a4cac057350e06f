// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Where the kernel has its regions: by symbols, by what it says, by the tables.
 */
#include "kernel_world.h"

#define TIB	(1ull << 40)
#define MIB	(1ull << 20)

static const struct na_kernel_layout *layout = &found.layout;

static u64 variable(u64 value)
{
	u64 pa = make_pages(made->memory, 1);

	memcpy(make_at(made->memory, pa), &value, sizeof(value));
	return make_image_va(made, pa);
}

/* With KASLR all three are somewhere else. */
static void regions_by_symbols(void)
{
	kernel_close();
	make_kernel_free(made);
	made = make_kernel_at(NA_PAGING_4LEVEL, 0xffff9ab340000000ull);
	make_symbol(made, "Dpage_offset_base", variable(made->page_offset));
	make_symbol(made, "Dvmalloc_base", variable(0xffffb1c480000000ull));
	make_symbol(made, "Dvmemmap_base", variable(0xfffff40bc0000000ull));
	make_symbol(made, "T_text", 0xffffffffa1000000ull);
	make_say(made, "NUMBER(KERNEL_IMAGE_SIZE)=1073741824");
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(layout->page_offset, made->page_offset);
	EXPECT_EQ(layout->vmalloc_start, 0xffffb1c480000000ull);
	EXPECT_EQ(layout->vmalloc_end, 0xffffb1c480000000ull + 32 * TIB);
	EXPECT_EQ(layout->vmemmap, 0xfffff40bc0000000ull);
	EXPECT_EQ(layout->text, 0xffffffffa1000000ull);
	EXPECT_EQ(layout->modules_start, 0xffffffffc0000000ull);
	EXPECT(!world_notes.assumed.nr);
}

/* A variable that was overwritten does not move the direct map. */
static void direct_map_is_proven(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_symbol(made, "Dpage_offset_base", variable(0xffff9ab340000000ull));
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(layout->page_offset, made->page_offset);
}

static void regions_without_symbols(void)
{
	static const struct {
		u64 vmalloc, len;
	} should[] = {
		{ 0xffffc90000000000ull, 32 * TIB },
		{ 0xffa0000000000000ull, 12800 * TIB },
	};
	enum na_paging paging;

	for (paging = 0; paging <= NA_PAGING_5LEVEL; paging++) {
		kernel_new(paging);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(layout->vmalloc_start, should[paging].vmalloc);
		EXPECT_EQ(layout->vmalloc_end,
			  should[paging].vmalloc + should[paging].len);
		EXPECT_EQ(layout->vmemmap, made->vmemmap);
		EXPECT_ANY_LINE(assumed, "without KASLR");
	}
}

/* Nothing is guessed that KASLR may have moved.   kills: layout-guesses */
static void regions_that_nobody_names(void)
{
	kernel_close();
	make_kernel_free(made);
	made = make_kernel_at(NA_PAGING_4LEVEL, 0xffff9ab340000000ull);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(layout->vmalloc_start, 0);
	EXPECT_EQ(layout->vmalloc_end, 0);
	EXPECT_EQ(layout->vmemmap, made->vmemmap);
	EXPECT_ANY_LINE(assumed, "not told apart");
	make_say(made, "NUMBER(VMALLOC_START)=0xffffb1c480000000");
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(layout->vmalloc_start, 0xffffb1c480000000ull);
}

/* By its address alone, which no variable has.   kills: layout-shadow-short */
static void shadow_of_kasan(void)
{
	static const u64 should[] = { 0xffffec0000000000ull,
				      0xffdffc0000000000ull };
	enum na_paging paging;

	for (paging = 0; paging <= NA_PAGING_5LEVEL; paging++) {
		kernel_new(paging);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(layout->shadow, 0);
		make_symbol(made, "Bkasan_early_shadow_page",
			    0xffffffff82000000ull);
		make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(layout->shadow, should[paging]);
		EXPECT_EQ(layout->shadow_end, 0xfffffc0000000000ull);
	}
}

/* --- 32 bit --- */

static u64 span(void)
{
	return made->paging == NA_PAGING_PAE ? 2 * MIB : 4 * MIB;
}

/* Tables from @va on, with nothing in them. */
static void put_tables(u64 va, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		make_slot(made->memory, made->paging, made->root,
			  va + i * span(), 1);
}

/* Fixed addresses, entry areas, the gap for LDTs, the pool. */
static u64 put_top(void)
{
	u64 top = 1ull << 32;

	put_tables(top - 3 * span(), 3);
	put_tables(top - 5 * span(), 1);
	return top - 5 * span();
}

static void expect_kmap(u64 kmap)
{
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(layout->kmap, kmap);
	EXPECT_EQ(layout->kmap_end, kmap ? kmap + span() : 0);
	EXPECT_EQ(layout->vmalloc_start,
		  made->page_offset + MAKE_MEMORY + 8 * MIB);
	EXPECT_EQ(layout->vmalloc_end, kmap ? kmap - 8192 : 0);
	EXPECT_EQ(layout->fixmap_end, 1ull << 32);
}

static void kmap_pool_by_tables(void)
{
	static const enum na_paging pagings[] = { NA_PAGING_PAE,
						  NA_PAGING_2LEVEL };
	u64 kmap;
	u32 i;

	for (i = 0; i < 2; i++) {
		kernel_new(pagings[i]);
		kmap = put_top();
		make_map(made->memory, made->paging, made->root, kmap + 4096, 1,
			 0x7f8cc163);
		/* vmalloc() of CPU data is right below it */
		put_tables(kmap - span(), 1);
		expect_kmap(kmap);
		EXPECT_ANY_LINE(assumed, "the kmap pool is at");
	}
}

/* It would not map low memory.   kills: layout-kmap-anywhere */
static void kmap_pool_maps_high_memory(void)
{
	kernel_new(NA_PAGING_PAE);
	make_map(made->memory, made->paging, made->root, put_top() + 4096, 1,
		 0x1163);
	expect_kmap(0);
}

static void kmap_pool_is_not_there(void)
{
	kernel_new(NA_PAGING_PAE);
	expect_kmap(0);
	put_tables(0xffe00000, 1);
	expect_kmap(0);
}

/* All tables of the top are there: nothing separates them. */
static void kmap_pool_among_full_tables(void)
{
	kernel_new(NA_PAGING_PAE);
	put_tables(0xe0000000, 256);
	expect_kmap(0);
}

static const struct tap_case cases[] = {
	TAP(regions_by_symbols),
	TAP(direct_map_is_proven),
	TAP(regions_without_symbols),
	TAP(regions_that_nobody_names),
	TAP(shadow_of_kasan),
	TAP(kmap_pool_by_tables),
	TAP(kmap_pool_maps_high_memory),
	TAP(kmap_pool_is_not_there),
	TAP(kmap_pool_among_full_tables),
};

TAP_MAIN(cases)
