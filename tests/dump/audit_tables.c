// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audits of page tables of each format: what conflicts, what is counted once,
 * and tables that lead nowhere.
 */
#include "audit_world.h"

#define USER_VA		0x800000ull
#define UC_MINUS	0x10ull
#define USER_PAGE	0x067ull

/* Mapped UC by a process and WB by the direct map. */
static u64 plant(u64 root, u64 va)
{
	u64 page = make_pages(made->memory, 1);

	make_map(made->memory, made->paging, root, va, 1,
		 page | USER_PAGE | UC_MINUS);
	return page >> 12;
}

static bool has_party(enum na_space space, u8 type, u64 va)
{
	u32 i;

	for (i = 0; i < result->nr_parties; i++)
		if (result->owners[result->parties[i].owner].space == space &&
		    result->parties[i].type == type &&
		    result->parties[i].va_low == va)
			return true;
	return false;
}

/* kills: dump-walk-without-sign */
static void alias_in_each_paging(void)
{
	enum na_paging paging;
	u64 frame;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		frame = plant(make_process_root(made, false), USER_VA);
		audit_made();
		EXPECT_EQ(na_audit_count(result, NA_GRADE_ALIAS), 1);
		EXPECT_EQ(result->conflicts[0].run.first.nr, frame);
		EXPECT(has_party(NA_SPACE_PROCESS, NA_AUDIT_UC, USER_VA));
		EXPECT(has_party(NA_SPACE_DIRECT, NA_AUDIT_WB,
				 made->page_offset + (frame << 12)));
		EXPECT(!result->cut);
	}
	audit_forget();
}

/* A process that PTI gives two tables is one. */
static void pair_is_walked_once(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	plant(make_process_root(made, true), USER_VA);
	audit_made();
	EXPECT_EQ(result->seen.nr_processes, 1);
	EXPECT_EQ(result->nr_conflicts, 1);
	EXPECT_EQ(result->conflicts[0].nr_parties +
		  result->conflicts[0].nr_more,
		  result->nr_parties);
	audit_forget();
}

/* Pages seen of a process with @nr small pages more than the usual one. */
static u64 pages_seen_with(u32 nr)
{
	u64 root, page;
	u32 i;

	kernel_new(NA_PAGING_4LEVEL);
	root = make_process_root(made, false);
	page = make_pages(made->memory, 1) | USER_PAGE;
	for (i = 0; i < nr; i++)
		make_map(made->memory, made->paging, root, USER_VA + i * PAGE,
			 1, page);
	audit_made();
	EXPECT_EQ(result->nr_conflicts, 0);
	EXPECT_EQ(result->seen.nr_processes, 1);
	EXPECT(!result->cut);
	EXPECT_NOTHING_LOST();
	return result->seen.nr_pages;
}

/* Clean, and everything was looked at.   kills: dump-walk-counts-nothing */
static void wb_alone_is_clean(void)
{
	u64 few = pages_seen_with(1);

	EXPECT_EQ(pages_seen_with(301), few + 300);
	audit_forget();
}

/* A table whose entries all lead to itself, from all of the user half. */
static void make_circle(u64 root)
{
	u64 table = make_pages(made->memory, 1);
	u64 *entry = make_at(made->memory, table);
	u32 i;

	for (i = 0; i < 512; i++)
		entry[i] = table | MAKE_TABLE_BITS;
	entry = make_at(made->memory, root);
	for (i = 0; i < made->nr_user; i++)
		entry[i] = table | MAKE_TABLE_BITS;
}

/* kills: dump-walk-loses-quietly */
static void circle_ends_and_is_a_loss(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_circle(make_process_root(made, false));
	audit_made();
	EXPECT_ANY_LINE(lost, "some point to each other");
	EXPECT(result->cut & NA_AUDIT_CUT_UNSEEN);
	audit_forget();
}

/* What comes after a circle is not seen, which is said of it, too. */
static void circle_says_whom_it_hides(void)
{
	u32 i;

	kernel_new(NA_PAGING_4LEVEL);
	make_circle(make_process_root(made, false));
	make_process_root(made, false);
	audit_made();
	EXPECT_EQ(result->seen.nr_processes, 2);
	for (i = 0; i < result->nr_missed; i++)
		EXPECT(result->missed[i].cut & NA_AUDIT_CUT_UNSEEN);
	EXPECT(result->nr_missed);
	audit_forget();
}

/* kills: dump-walk-loses-quietly, dump-walk-cuts-nobody */
static void table_beyond_memory_is_a_loss(void)
{
	enum na_paging paging;
	u64 slot, beyond = (MAKE_MEMORY + (1ull << 20)) | MAKE_TABLE_BITS;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		slot = make_slot(made->memory, paging,
				 make_process_root(made, false), USER_VA, 2);
		memcpy(make_at(made->memory, slot), &beyond,
		       paging == NA_PAGING_2LEVEL ? 4 : 8);
		audit_made();
		EXPECT_ANY_LINE(lost, "is not in the image");
		EXPECT(result->cut & NA_AUDIT_CUT_UNSEEN);
	}
	audit_forget();
}

/* --- tables that lead to one table --------------------------------------------- */

/* A table whose entries are all @entry. */
static u64 table_of(u64 entry)
{
	u64 table = make_pages(made->memory, 1);
	u64 *entries = make_at(made->memory, table);
	u32 i;

	for (i = 0; i < 512; i++)
		entries[i] = entry;
	return table | MAKE_TABLE_BITS;
}

static const char *name_of_party_at(u64 va)
{
	u32 i;

	for (i = 0; i < result->nr_parties; i++)
		if (result->parties[i].va_low == va)
			return result->owners[result->parties[i].owner].name;
	return "";
}

/*
 * As KASAN has the shadow of what is not memory: 16 TiB of one page.
 *
 * kills: dump-walk-repeats, layout-shadow-unnamed
 */
static void shadow_of_one_page_is_read_once(void)
{
	u64 first = 0xffffec0000000000ull, entry_len = 1ull << 39, frame, table;
	u32 i;

	kernel_new(NA_PAGING_4LEVEL);
	frame = plant(make_process_root(made, false), USER_VA);
	table = table_of(table_of(table_of(frame << 12 | 0x163)));
	for (i = 0; i < 32; i++)
		make_map(made->memory, made->paging, made->root,
			 first + i * entry_len, 4, table);
	make_symbol(made, "Bkasan_early_shadow_page", 0xffffffff82000000ull);
	make_symbols(made, MAKE_BASE_OR_ABSOLUTE);
	audit_made();
	EXPECT_NOTHING_LOST();
	EXPECT(!result->cut);
	EXPECT_EQ(na_audit_count(result, NA_GRADE_ALIAS), 1);
	EXPECT_STR(name_of_party_at(first), "KASAN shadow");
	audit_forget();
}

/*
 * The rest of the first GiB of the direct map is of another region, and the next
 * GiB leads to the same table: all of that one is read.
 *
 * kills: dump-walk-part-for-the-whole
 */
static void table_read_in_part_is_read_again(void)
{
	u64 slot, next, va, frame;

	kernel_new(NA_PAGING_4LEVEL);
	frame = plant(make_process_root(made, false), USER_VA);
	va = made->page_offset;
	slot = make_slot(made->memory, made->paging, made->root, va, 3);
	next = make_slot(made->memory, made->paging, made->root,
			 va + (1ull << 30), 3);
	memcpy(make_at(made->memory, next), make_at(made->memory, slot), 8);
	audit_made();
	EXPECT(has_party(NA_SPACE_KERNEL, NA_AUDIT_WB,
			 va + (1ull << 30) + (frame << 12)));
	audit_forget();
}

/* kills: dump-walk-large-is-one-page, mtrr-unknown-below-known */
static void large_page_is_all_its_frames(void)
{
	enum na_paging paging;
	u64 va = 8ull << 20;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		/* The frames of the first large page of memory, WB there. */
		make_map(made->memory, paging, make_process_root(made, false),
			 va, 2, 0x1e7ull | UC_MINUS);
		audit_made();
		EXPECT_EQ(na_audit_count(result, NA_GRADE_ALIAS) +
			  na_audit_count(result, NA_GRADE_MIXED),
			  paging == NA_PAGING_2LEVEL ? 1024 - 96 : 512 - 96);
	}
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(alias_in_each_paging),
	TAP(pair_is_walked_once),
	TAP(wb_alone_is_clean),
	TAP(circle_ends_and_is_a_loss),
	TAP(circle_says_whom_it_hides),
	TAP(table_beyond_memory_is_a_loss),
	TAP(shadow_of_one_page_is_read_once),
	TAP(table_read_in_part_is_read_again),
	TAP(large_page_is_all_its_frames),
};

TAP_MAIN(cases)
