// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lists of all mappings of some frames of an image, and the registers by which
 * their types are judged.
 */
#include "audit_world.h"

#define USER_VA		0x800000ull
#define USER_PAGE	0x067ull
#define PWT		0x08ull
#define PCD		0x10ull
/* A device behind the memory, below 4 GiB. */
#define BAR		0xfd000000ull
#define BAR_FRAME	(BAR >> 12)

static void list(u64 first, u64 last, u32 types)
{
	const struct na_audit_choice choice = {
		.first = na_frame((unsigned long)first),
		.last = na_frame((unsigned long)last), .types = types,
	};

	audit_open(make_kernel_elf(made, true, NULL, 0, 0));
	EXPECT(!na_dump_list(dump, &choice, NULL, &result));
}

static void expect_only(u64 va, u64 frame, u32 nr, u8 type, u8 entry)
{
	const struct na_audit_mapping *mapping = result->mappings;

	EXPECT_EQ(result->nr_mappings, 1);
	EXPECT_EQ(mapping->va, va);
	EXPECT_EQ(mapping->run.first.nr, frame);
	EXPECT_EQ(mapping->run.nr, nr);
	EXPECT_EQ(mapping->type, type);
	EXPECT_EQ(mapping->entry, entry);
	EXPECT_EQ(result->owners[mapping->owner].space, NA_SPACE_PROCESS);
}

/* kills: dump-list-leaves-out-the-range */
static void device_is_listed_in_each_paging(void)
{
	enum na_paging paging;
	u64 root, page;
	u32 i;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		root = make_process_root(made, false);
		page = make_pages(made->memory, 1) | USER_PAGE;
		for (i = 0; i < 4; i++) {
			make_map(made->memory, paging, root,
				 USER_VA + i * PAGE, 1,
				 (BAR + i * PAGE) | USER_PAGE | PWT);
			make_map(made->memory, paging, root,
				 USER_VA + (8 + i) * PAGE, 1, page);
		}
		list(BAR_FRAME + 1, BAR_FRAME + 2, NA_AUDIT_TYPES_ALL);
		expect_only(USER_VA + PAGE, BAR_FRAME + 1, 2, NA_AUDIT_WC,
			    NA_AUDIT_WC);
		EXPECT(!result->cut);
	}
	audit_forget();
}

/* kills: pages that a list leaves out, and that are not counted as seen */
static void all_pages_are_seen(void)
{
	u64 nr_pages;

	kernel_new(NA_PAGING_4LEVEL);
	make_map(made->memory, made->paging, make_process_root(made, false),
		 USER_VA, 1, BAR | USER_PAGE | PWT);
	list(0, ~0u, NA_AUDIT_TYPES_ALL);
	nr_pages = result->seen.nr_pages;
	EXPECT(nr_pages > 2000);
	list(BAR_FRAME, BAR_FRAME, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(result->seen.nr_pages, nr_pages);
	list(0, ~0u, 1u << NA_AUDIT_WC);
	expect_only(USER_VA, BAR_FRAME, 1, NA_AUDIT_WC, NA_AUDIT_WC);
	EXPECT_EQ(result->seen.nr_pages, nr_pages);
	audit_forget();
}

/* --- registers --------------------------------------------------------------- */

static u64 image_room(u64 len)
{
	return make_image_va(made, make_pa(made, make_room(made, len)));
}

static void put_byte(u64 va, u8 byte)
{
	make_write(made, va, &byte, 1);
}

static u64 state_at(const char *member)
{
	return make_offset_of("mtrr_state_type", member);
}

/* One variable register: the BAR's first MiB is UC. The default is UC. */
static u64 make_state(void)
{
	u64 state = image_room(make_size_of("mtrr_state_type"));

	make_word(made, state, BAR);
	make_word(made, state + 8, 0xffff00000ull | 0x800);
	put_byte(state + state_at("enabled"), 2);
	make_symbol(made, "Dmtrr_state", state);
	return state;
}

static void make_known(const u8 pat_modes[8])
{
	u64 table;

	kernel_new(NA_PAGING_4LEVEL);
	make_types(made);
	table = image_room(8);
	make_write(made, table, pat_modes, 8);
	make_symbol(made, "D__pte2cachemode_tbl", table);
}

/* WB, WC, UC-, UC, WB, WP, UC-, WT by the kernel's enum page_cache_mode. */
static const u8 linux_modes[8] = { 0, 1, 2, 3, 0, 5, 2, 4 };

/* kills: registers-read-is-assumed */
static void registers_are_read(void)
{
	const struct na_dump_registers *registers;
	u32 nr = 1u << 20;

	make_known(linux_modes);
	make_state();
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	make_map(made->memory, made->paging, make_process_root(made, false),
		 USER_VA, 1, BAR | USER_PAGE);
	list(BAR_FRAME, BAR_FRAME, NA_AUDIT_TYPES_ALL);
	expect_only(USER_VA, BAR_FRAME, 1, NA_AUDIT_UC, NA_AUDIT_WB);
	registers = na_dump_registers(dump);
	EXPECT_EQ(registers->pat, NA_REGISTER_READ);
	EXPECT_EQ(registers->types->pat[1], NA_AUDIT_WC);
	EXPECT_EQ(registers->mtrrs, NA_REGISTER_READ);
	EXPECT(registers->mtrrs_enabled);
	EXPECT(!registers->fixed_enabled);
	EXPECT_EQ(registers->default_type, NA_AUDIT_UC);
	EXPECT_EQ(registers->types->nr_mtrrs, 1);
	EXPECT_EQ(na_dump_range_type(dump, BAR_FRAME + 16, &nr), NA_AUDIT_UC);
	EXPECT_EQ(nr, 256 - 16);
	EXPECT_EQ(na_dump_range_type(dump, BAR_FRAME + 256, &nr),
		  NR_NA_AUDIT_TYPES);
	audit_forget();
}

/* kills: registers-default-is-enabled; ranges that have no effect, and are shown
 * as if they had
 */
static void registers_that_are_off(void)
{
	const struct na_dump_registers *registers;
	u64 state;
	u32 nr = 1;

	make_known(linux_modes);
	state = make_state();
	put_byte(state + state_at("enabled"), 0);
	put_byte(state + state_at("def_type"), 6);
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	list(BAR_FRAME, BAR_FRAME, NA_AUDIT_TYPES_ALL);
	registers = na_dump_registers(dump);
	EXPECT_EQ(registers->mtrrs, NA_REGISTER_READ);
	EXPECT(!registers->mtrrs_enabled);
	EXPECT_EQ(registers->default_type, NA_AUDIT_WB);
	EXPECT_EQ(registers->types->nr_mtrrs, 0);
	EXPECT_EQ(na_dump_range_type(dump, BAR_FRAME, &nr), NR_NA_AUDIT_TYPES);
	audit_forget();
}

/* kills: a guess that is shown as if it had been read */
static void registers_are_assumed(void)
{
	const struct na_dump_registers *registers;
	u32 nr = 1;

	kernel_new(NA_PAGING_4LEVEL);
	list(BAR_FRAME, BAR_FRAME, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(result->nr_mappings, 0);
	registers = na_dump_registers(dump);
	EXPECT_EQ(registers->pat, NA_REGISTER_ASSUMED);
	EXPECT_EQ(registers->mtrrs, NA_REGISTER_ASSUMED);
	EXPECT_ANY_LINE(assumed, "the PAT register is");
	EXPECT_ANY_LINE(assumed, "the MTRRs make only");
	EXPECT_EQ(na_dump_range_type(dump, 0xa0, &nr), NA_AUDIT_UC);
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(device_is_listed_in_each_paging),
	TAP(all_pages_are_seen),
	TAP(registers_are_read),
	TAP(registers_that_are_off),
	TAP(registers_are_assumed),
};

TAP_MAIN(cases)
