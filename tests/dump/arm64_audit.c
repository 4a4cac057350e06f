// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audits of tables of arm64: entries of each level and of each type, and tables
 * that lead nowhere.
 */
#include "arm64_world.h"

#define USER_VA		0x80000000ull	/* begins a block of 1 GiB */
#define TYPE_BITS	0x1cull
#define NOT_SHARED	0x300ull
#define DEVICE_PA	0x09000000ull

static u64 user(u64 root, u64 va, u32 level, u64 entry)
{
	make_map(made->memory, made->paging, root, va, level, entry);
	return entry & 0x0000fffffffff000ull;
}

/* A page of a process, mapped with an index. Its frame. */
static u64 plant(u64 root, u64 va, u64 bits)
{
	return user(root, va, 1, make_pages(made->memory, 1) |
		    MAKE_ARM64_USER | bits) >> 12;
}

/* The process is told from the kernel. */
static void alias_in_each_paging(void)
{
	enum na_paging paging;
	u64 frame;

	for_each_arm64(paging) {
		frame = plant(arm64_new(paging), USER_VA, NORMAL_NC);
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
		EXPECT_EQ(result->conflicts[0].run.first.nr, frame);
		EXPECT_EQ(result->conflicts[0].kind, NA_KIND_RAM);
		expect_party(NA_SPACE_PROCESS, NA_AUDIT_WC, USER_VA);
		expect_party(NA_SPACE_DIRECT, NA_AUDIT_WB,
			     make_va(made, frame << 12));
		expect_party(NA_SPACE_KERNEL, NA_AUDIT_WB,
			     make_image_va(made, frame << 12));
		EXPECT_EQ(result->owners[party_at(USER_VA)->owner].pid, PID);
		EXPECT(!result->cut);
		EXPECT_NOTHING_LOST();
	}
	audit_forget();
}

/* The last address of a process.   kills: arm64-walks-half */
static void halves_do_not_overlap(void)
{
	enum na_paging paging;
	u64 last;

	for_each_arm64(paging) {
		last = (paging == NA_PAGING_ARM64_48 ? 1ull << 48 :
						       1ull << 39) - PAGE;
		plant(arm64_new(paging), last, NORMAL_NC);
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
		expect_party(NA_SPACE_PROCESS, NA_AUDIT_WC, last);
	}
	audit_forget();
}

/* A block has the frames below it, of level 1 and of level 2. */
static void blocks_are_all_their_frames(void)
{
	enum na_paging paging;
	u32 level;
	u64 nr;

	for_each_arm64(paging) {
		for (level = 1; level <= 3; level++) {
			user(arm64_new(paging), USER_VA, level,
			     MAKE_ARM64_MEMORY | NORMAL_NC |
			     (MAKE_ARM64_USER & ~(level > 1 ? 2ull : 0)));
			audit_made();
			nr = level == 1 ? 1 : level == 2 ? 512 :
			     MAKE_MEMORY / PAGE;
			EXPECT_EQ(nr_of(NA_GRADE_ALIAS), nr);
			EXPECT_EQ(result->conflicts[0].run.first.nr,
				  MAKE_ARM64_MEMORY >> 12);
		}
	}
	audit_forget();
}

/* kills: arm64-block-at-the-top */
static void reserved_descriptors_map_nothing(void)
{
	u64 root = arm64_new(NA_PAGING_ARM64_48);
	u64 page = make_pages(made->memory, 1);

	/*
	 * A block of 512 GiB there is not, and who takes it for a table misses
	 * it; nor is there a page without bit 1.
	 */
	user(root, 1ull << 39, 4, (MAKE_ARM64_MEMORY + 2 * MAKE_MEMORY) |
	     NORMAL_NC | 0x701);
	user(root, USER_VA, 1, page | NORMAL_NC | 0xf41);
	user(root, USER_VA + PAGE, 1, page | NORMAL_NC | 0xf42);
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 0);
	EXPECT(!result->cut);
	EXPECT_NOTHING_LOST();
	audit_forget();
}

/* kills: arm64-hint-is-address */
static void contiguous_hint_changes_nothing(void)
{
	u64 root = arm64_new(NA_PAGING_ARM64_48);
	u64 pages = make_pages(made->memory, 16);
	u32 i;

	for (i = 0; i < 16; i++)
		user(root, USER_VA + i * PAGE, 1, (pages + i * PAGE) |
		     MAKE_ARM64_USER | NORMAL_NC | 1ull << 52);
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 16);
	EXPECT_EQ(result->conflicts[0].run.first.nr, pages >> 12);
	EXPECT_EQ(result->conflicts[0].run.nr, 16);
	audit_forget();
}

/* What a table forbids below it is in its upper bits, and beside the address. */
static void attributes_of_tables_change_nothing(void)
{
	enum na_paging paging;
	u32 level, bit;
	u64 root, *slot;

	for_each_arm64(paging) {
		root = arm64_new(paging);
		plant(root, USER_VA, NORMAL_NC);
		for (level = 2; level <= 3; level++) {
			slot = make_at(made->memory,
				       make_slot(made->memory, paging, root,
						 USER_VA, level));
			for (bit = 52; bit < 64; bit++)
				*slot |= 1ull << bit;
			*slot |= 0xffcull;
		}
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
		EXPECT_NOTHING_LOST();
	}
	audit_forget();
}

/* --- types --- */

/* kills: arm64-plain-nc, arm64-index-shifted */
static void each_index_of_mair(void)
{
	static const u8 types[8] = {
		NA_AUDIT_WB, NA_AUDIT_WB, NA_AUDIT_WC, NA_AUDIT_UC,
		NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC,
	};
	u32 i;

	for (i = 0; i < 8; i++) {
		plant(arm64_new(NA_PAGING_ARM64_48), USER_VA, ATTR(i));
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), types[i] != NA_AUDIT_WB);
		EXPECT_EQ(nr_of(NA_GRADE_MIXED), 0);
		if (types[i] != NA_AUDIT_WB)
			expect_party(NA_SPACE_PROCESS, types[i], USER_VA);
		EXPECT_ANY_LINE(assumed, "MAIR_EL1 is 0x40044ffff");
	}
	audit_forget();
}

static void audit_with_mair(u64 mair)
{
	struct na_dump_options options = {
		.path = world_file(), .mair = mair, .has_mair = true,
	};
	struct make_bytes bytes = make_kernel_elf(made, true, NULL, 0, 0);

	audit_forget();
	make_save(bytes, world_path);
	free(bytes.data);
	EXPECT_FOUND(na_dump_open(&options, &world_notes, &dump));
	audit_run();
}

/* kills: arm64-mair-ignored */
static void user_knows_mair(void)
{
	plant(arm64_new(NA_PAGING_ARM64_48), USER_VA, NORMAL_NC);
	audit_with_mair(0x00000004ffffffffull);
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 0);
	audit_with_mair(0x0000000000bb00ffull);
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 0);
	EXPECT_EQ(nr_of(NA_GRADE_MIXED), 1);
	expect_party(NA_SPACE_PROCESS, NA_AUDIT_WT, USER_VA);
	EXPECT(!kernel_has_line(&world_notes.assumed, "MAIR"));
	audit_forget();
}

/* kills: arm64-pat-ignored */
static void register_of_x86_is_refused(void)
{
	struct na_dump_options options = {
		.path = world_file(), .pat = 6, .has_pat = true,
	};
	struct make_bytes bytes;

	arm64_new(NA_PAGING_ARM64_48);
	bytes = make_kernel_elf(made, true, NULL, 0, 0);
	audit_forget();
	make_save(bytes, world_path);
	free(bytes.data);
	EXPECT_EQ(na_dump_open(&options, &world_notes, &dump), -1);
	EXPECT(strstr(world_notes.error, "--pat is a register of x86"));
	options.has_pat = false;
	options.has_mair = true;
	kernel_new(NA_PAGING_4LEVEL);
	bytes = make_kernel_elf(made, true, NULL, 0, 0);
	audit_forget();
	make_save(bytes, world_path);
	free(bytes.data);
	EXPECT_EQ(na_dump_open(&options, &world_notes, &dump), -1);
	EXPECT(strstr(world_notes.error, "of x86-64: its memory types are in --pat"));
}

/* Another index for what is mapped with block descriptors. */
static void map_kernel_with(u32 idx)
{
	u64 start[2] = { made->page_offset, MAKE_ARM64_IMAGE(made->paging) };
	u64 pa, i;

	for (i = 0; i < 2; i++)
		for (pa = 0; pa < MAKE_MEMORY; pa += 2ull << 20)
			make_map(made->memory, made->paging, made->root,
				 start[i] + pa, 2, (MAKE_ARM64_MEMORY + pa) |
				 MAKE_ARM64_BLOCK | ATTR(idx));
}

/* Of kernels before 5.10 index 4 is Write-Back, and 3 Non-cacheable. */
static void direct_map_tells_which_mair(void)
{
	u64 root = arm64_new(NA_PAGING_ARM64_39);
	u64 page = user(root, 0x400000, 1, MAKE_ARM64_USER | ATTR(4) |
			make_pages(made->memory, 1));

	map_kernel_with(4);
	plant(root, USER_VA, ATTR(3));
	audit_made();
	EXPECT(page);
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	expect_party(NA_SPACE_PROCESS, NA_AUDIT_WC, USER_VA);
	EXPECT_ANY_LINE(assumed, "direct map has index 4");
	EXPECT_NOTHING_LOST();
	audit_forget();
}

/* kills: arm64-guesses-mair */
static void unknown_mair_is_a_loss(void)
{
	arm64_new(NA_PAGING_ARM64_48);
	map_kernel_with(2);
	audit_made();
	EXPECT_ANY_LINE(lost, "--mair VALUE names it");
	audit_forget();
}

/* Registers of a device, Device and Non-cacheable: nothing was cached. */
static void device_and_non_cacheable_are_mixed(void)
{
	u64 va = MAKE_ARM64_IMAGE(NA_PAGING_ARM64_48) + (1ull << 30);

	arm64_new(NA_PAGING_ARM64_48);
	make_map(made->memory, made->paging, made->root, va, 1,
		 DEVICE_PA | MAKE_ARM64_PAGE | DEVICE);
	make_map(made->memory, made->paging, made->root, va + 2 * PAGE, 1,
		 DEVICE_PA | MAKE_ARM64_PAGE | NORMAL_NC);
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 0);
	EXPECT_EQ(nr_of(NA_GRADE_MIXED), 1);
	EXPECT_EQ(result->conflicts[0].kind, NA_KIND_DEVICE);
	expect_party(NA_SPACE_VMALLOC, NA_AUDIT_UC, va);
	expect_party(NA_SPACE_VMALLOC, NA_AUDIT_WC, va + 2 * PAGE);
	audit_forget();
}

/* kills: arm64-any-share */
static void shareability_is_not_passed_over(void)
{
	u64 root = arm64_new(NA_PAGING_ARM64_48);

	user(root, USER_VA, 1, make_pages(made->memory, 1) |
	     (MAKE_ARM64_USER & ~NOT_SHARED));
	audit_made();
	EXPECT_ANY_LINE(lost, "shareability is not compared");
	/* What is not cacheable is Outer Shareable whatever it says. */
	root = arm64_new(NA_PAGING_ARM64_48);
	user(root, USER_VA, 1, make_pages(made->memory, 1) |
	     ((MAKE_ARM64_USER | NORMAL_NC) & ~NOT_SHARED));
	audit_made();
	EXPECT_NOTHING_LOST();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	audit_forget();
}

/* --- tables that lead nowhere --- */

static void table_beyond_memory_is_a_loss(void)
{
	enum na_paging paging;
	u64 root, beyond = MAKE_ARM64_MEMORY + 2 * MAKE_MEMORY;

	for_each_arm64(paging) {
		root = arm64_new(paging);
		user(root, USER_VA, 2, beyond | MAKE_ARM64_TABLE);
		audit_made();
		EXPECT_ANY_LINE(lost, "is not in the image");
		EXPECT(result->cut & NA_AUDIT_CUT_UNSEEN);
	}
	audit_forget();
}

static void cut_file_is_a_loss(void)
{
	struct make_bytes bytes;

	arm64_new(NA_PAGING_ARM64_48);
	bytes = make_kernel_elf(made, true, NULL, 0, 0);
	bytes.len -= MAKE_MEMORY / 8;
	audit_open(bytes);
	audit_run();
	EXPECT(world_notes.lost.nr);
	audit_forget();
}

static void circle_ends_and_is_a_loss(void)
{
	u64 root = arm64_new(NA_PAGING_ARM64_48), table, *entry;
	u32 i;

	/* On the lowest level it is a page of Normal memory. */
	table = make_pages(made->memory, 1);
	for (i = 0; i < 512; i++) {
		entry = make_at(made->memory, table);
		entry[i] = table | MAKE_ARM64_PAGE;
		entry = make_at(made->memory, root);
		entry[i] = table | MAKE_ARM64_TABLE;
	}
	audit_made();
	EXPECT_ANY_LINE(lost, "some point to each other");
	EXPECT(result->cut & NA_AUDIT_CUT_UNSEEN);
	audit_forget();
}

/* Words of tables, tasks and types of any value: an audit or an error. */
static void memory_at_random(void)
{
	u64 seed = tap_seed(), root;
	u32 i, nr = 0;

	for (i = 0; i < 60; i++) {
		root = arm64_new(tap_below(&seed, 2) ? NA_PAGING_ARM64_48 :
						       NA_PAGING_ARM64_39);
		audit_spoil(&seed, MAKE_ARM64_MEMORY, 1 << 20, root, 512);
		nr += audit_ends();
	}
	EXPECT(nr > 10);
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(alias_in_each_paging),
	TAP(halves_do_not_overlap),
	TAP(blocks_are_all_their_frames),
	TAP(reserved_descriptors_map_nothing),
	TAP(contiguous_hint_changes_nothing),
	TAP(attributes_of_tables_change_nothing),
	TAP(each_index_of_mair),
	TAP(user_knows_mair),
	TAP(register_of_x86_is_refused),
	TAP(direct_map_tells_which_mair),
	TAP(unknown_mair_is_a_loss),
	TAP(device_and_non_cacheable_are_mixed),
	TAP(shareability_is_not_passed_over),
	TAP(table_beyond_memory_is_a_loss),
	TAP(cut_file_is_a_loss),
	TAP(circle_ends_and_is_a_loss),
	TAP(memory_at_random),
};

TAP_MAIN(cases)
