// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audits of tables of 32-bit ARM with LPAE: entries of each level and of each
 * type, and tables that lead nowhere. What it shares with arm64 is tried there.
 */
#include "audit_world.h"
#include "arm_world.h"

#define USER_VA		0x40000000u	/* begins an entry of the root */
#define TYPE_BITS	0x1cull
#define ATTR(idx)	((u64)(idx) << 2)
#define BUFFERABLE	ATTR(1)		/* Normal Non-cacheable */
#define KMAP_VA		0xbfe03000u
#define VMALLOC_VA	0xd0000000u
#define HIGH_FRAME	(MAKE_ARM_HIGH >> 12)
#define DEVICE_PA	0x09000000ull

static u64 typed(u64 entry, u64 type)
{
	return (entry & ~TYPE_BITS) | type;
}

static void map(u64 root, u64 va, u32 level, u64 entry)
{
	make_map(made->memory, made->paging, root, va, level, entry);
}

/* A kernel with a process; its root. */
static u64 new_process(void)
{
	arm_new();
	return make_process_root(made, false);
}

/* A page of a process, mapped with an index. Its frame. */
static u64 plant(u64 root, u64 va, u64 type)
{
	u64 page = make_pages(made->memory, 1);

	map(root, va, 1, page | typed(MAKE_ARM_USER, type));
	return page >> 12;
}

/* --- levels --- */

static void alias_of_low_memory(void)
{
	u64 root = new_process(), frame = plant(root, USER_VA, BUFFERABLE);
	char comm[NA_KERNEL_COMM_MAX];

	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	EXPECT_EQ(result->conflicts[0].run.first.nr, frame);
	EXPECT_EQ(result->conflicts[0].kind, NA_KIND_RAM);
	expect_party(NA_SPACE_PROCESS, NA_AUDIT_WC, USER_VA);
	expect_party(NA_SPACE_DIRECT, NA_AUDIT_WB, make_va(made, frame << 12));
	snprintf(comm, sizeof(comm), "root %llx", (unsigned long long)root);
	EXPECT_STR(result->owners[party_at(USER_VA)->owner].comm, comm);
	EXPECT(!result->cut);
	EXPECT_NOTHING_LOST();
	audit_forget();
}

/* What kunmap() leaves, beside memory that is mapped without caches. */
static void alias_of_the_kmap_pool(void)
{
	u64 root = new_process();

	map(made->root, KMAP_VA, 1, MAKE_ARM_HIGH | MAKE_ARM_PAGE);
	map(made->root, VMALLOC_VA, 1, MAKE_ARM_HIGH |
	    typed(MAKE_ARM_PAGE, BUFFERABLE));
	map(root, USER_VA, 1, MAKE_ARM_HIGH | typed(MAKE_ARM_USER, BUFFERABLE));
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	EXPECT_EQ(result->conflicts[0].run.first.nr, HIGH_FRAME);
	EXPECT_EQ(result->nr_parties, 3);
	expect_party(NA_SPACE_KMAP, NA_AUDIT_WB, KMAP_VA);
	expect_party(NA_SPACE_VMALLOC, NA_AUDIT_WC, VMALLOC_VA);
	expect_party(NA_SPACE_PROCESS, NA_AUDIT_WC, USER_VA);
	audit_forget();
}

/* Each region is named, and what is between them is seen. */
static void alias_in_each_region(void)
{
	static const struct {
		u64 va;
		enum na_space space;
		const char *name;
	} places[] = {
		{ 0xbf004000, NA_SPACE_VMALLOC, "modules" },
		{ KMAP_VA, NA_SPACE_KMAP, "kmap" },
		{ 0xc0ffe000, NA_SPACE_DIRECT, "direct map" },
		{ 0xc1000000, NA_SPACE_VMALLOC, "vmalloc" },
		{ 0xff7ff000, NA_SPACE_VMALLOC, "vmalloc" },
		{ 0xff900000, NA_SPACE_KERNEL, "other kernel addresses" },
		{ 0xffefe000, NA_SPACE_FIXMAP, "fixmap idx 1" },
		{ 0xffff0000, NA_SPACE_KERNEL, "vectors" },
		{ 0xfffff000, NA_SPACE_KERNEL, "other kernel addresses" },
		/* kills: arm-walks-upper-quarter */
		{ 0x00401000, NA_SPACE_KERNEL, "other kernel addresses" },
	};
	u64 root;
	u32 i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		root = new_process();
		map(made->root, places[i].va, 1, MAKE_ARM_HIGH | MAKE_ARM_PAGE);
		map(root, USER_VA, 1, MAKE_ARM_HIGH |
		    typed(MAKE_ARM_USER, BUFFERABLE));
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
		expect_party(places[i].space, NA_AUDIT_WB, places[i].va);
		EXPECT_STR(result->owners[party_at(places[i].va)->owner].name,
			   places[i].name);
	}
	audit_forget();
}

/* The last address of a process.   kills: arm-user-to-direct-map */
static void process_ends_below_the_modules(void)
{
	u64 root = new_process();

	plant(root, 0xbefff000, BUFFERABLE);
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	expect_party(NA_SPACE_PROCESS, NA_AUDIT_WC, 0xbefff000);
	/* What it has of the kernel's is the kernel's, and told once. */
	root = new_process();
	map(made->root, KMAP_VA, 1, MAKE_ARM_HIGH | MAKE_ARM_PAGE);
	map(made->root, VMALLOC_VA, 1, MAKE_ARM_HIGH |
	    typed(MAKE_ARM_PAGE, BUFFERABLE));
	audit_made();
	EXPECT_EQ(result->nr_parties, 2);
	audit_forget();
}

/* A block has the frames below it, of the root and of the next level. */
static void blocks_are_all_their_frames(void)
{
	u64 root;
	u32 level;

	for (level = 1; level <= 3; level++) {
		root = new_process();
		map(root, USER_VA, level, MAKE_ARM_MEMORY |
		    (typed(MAKE_ARM_USER, BUFFERABLE) &
		     ~(level > 1 ? 2ull : 0)));
		/* Of a root that has such an entry a scan knows nothing. */
		if (level == 3)
			*arm_entry(made->root, 1) = *arm_entry(root, 1);
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS),
			  level == 1 ? 1 : level == 2 ? 512 :
			  MAKE_MEMORY / PAGE);
	}
	audit_forget();
}

static void reserved_descriptors_map_nothing(void)
{
	u64 root = new_process(), page = make_pages(made->memory, 1);

	map(root, USER_VA, 1, page | (typed(MAKE_ARM_USER, BUFFERABLE) & ~2ull));
	map(root, USER_VA + PAGE, 1,
	    page | (typed(MAKE_ARM_USER, BUFFERABLE) & ~1ull));
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 0);
	EXPECT_NOTHING_LOST();
	audit_forget();
}

/* Marks of Linux in the bits that CPUs do not read.   kills: arm-address-of-arm64 */
static void upper_bits_are_no_address(void)
{
	u64 root = new_process(), page = make_pages(made->memory, 1);

	map(root, USER_VA, 1, page | typed(MAKE_ARM_USER, BUFFERABLE) |
	    0x07e00f0000000000ull);
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	EXPECT_EQ(result->conflicts[0].run.first.nr, page >> 12);
	audit_forget();
}

/* Memory above 4 GiB, as a device's. */
static void addresses_have_40_bits(void)
{
	u64 root = new_process();

	map(root, USER_VA, 1, 0xfe00000000ull | MAKE_ARM_USER);
	map(made->root, VMALLOC_VA, 1, 0xfe00000000ull |
	    typed(MAKE_ARM_PAGE, BUFFERABLE));
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	EXPECT_EQ(result->conflicts[0].run.first.nr, 0xfe00000);
	EXPECT_EQ(result->conflicts[0].kind, NA_KIND_DEVICE);
	audit_forget();
}

/* --- types --- */

/* kills: arm-mair-of-arm64, arm-plain-flip */
static void each_index_of_mair(void)
{
	static const u8 types[8] = {
		NA_AUDIT_UC, NA_AUDIT_WC, NA_AUDIT_WT, NA_AUDIT_WB,
		NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_WB,
	};
	u32 i;

	for (i = 0; i < 8; i++) {
		plant(new_process(), USER_VA, ATTR(i));
		audit_made();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), types[i] == NA_AUDIT_UC ||
						 types[i] == NA_AUDIT_WC);
		EXPECT_EQ(nr_of(NA_GRADE_MIXED), types[i] == NA_AUDIT_WT);
		if (types[i] != NA_AUDIT_WB)
			expect_party(NA_SPACE_PROCESS, types[i], USER_VA);
		EXPECT_ANY_LINE(assumed,
				"MAIR1 and MAIR0 is 0xff000004eeaa4400");
		EXPECT_NOTHING_LOST();
	}
	audit_forget();
}

static void direct_map_of_another_type_is_a_loss(void)
{
	u32 i;

	new_process();
	for (i = 0; i < MAKE_MEMORY >> 21; i++)
		map(made->root, made->page_offset + ((u64)i << 21), 2,
		    (MAKE_ARM_MEMORY + ((u64)i << 21)) |
		    typed(MAKE_ARM_BLOCK, ATTR(2)));
	audit_made();
	EXPECT_ANY_LINE(lost, "which MAIR1 and MAIR0 the kernel has");
	audit_forget();
}

static void registers_are_named(void)
{
	struct na_dump_options options = { .path = world_file(), .pat = 6,
					   .has_pat = true };
	struct make_bytes bytes;

	plant(new_process(), USER_VA, BUFFERABLE);
	bytes = make_kernel_elf(made, true, NULL, 0, 0);
	audit_forget();
	make_save(bytes, world_path);
	free(bytes.data);
	EXPECT_EQ(na_dump_open(&options, &world_notes, &dump), -1);
	EXPECT(strstr(world_notes.error, "the kernel is of arm:"));
	options = (struct na_dump_options){ .path = world_path, .has_mair = true,
					    .mair = ~0ull };
	audit_forget();
	EXPECT_FOUND(na_dump_open(&options, &world_notes, &dump));
	audit_run();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 0);
	audit_forget();
}

/* Of one processor alone Linux maps so; it is not compared, and said. */
static void memory_that_is_not_shared_is_a_loss(void)
{
	u64 root = new_process();

	map(root, USER_VA, 1, make_pages(made->memory, 1) |
	    (MAKE_ARM_USER & ~0x300ull));
	audit_made();
	EXPECT_ANY_LINE(lost, "shareability is not compared");
	audit_forget();
}

/* Memory begins at 0: no hole of a PC is in it.   kills: arm-has-vga */
static void low_memory_is_memory(void)
{
	static const u64 frames[] = { 0xa0, 0xb7, 0xc0, 0xff };
	struct na_image_range *ranges;
	u64 root;
	u32 i;

	for (i = 0; i < 4; i++) {
		root = new_process();
		map(root, USER_VA, 1, frames[i] << 12 | MAKE_ARM_USER);
		map(made->root, VMALLOC_VA, 1, frames[i] << 12 |
		    typed(MAKE_ARM_PAGE, BUFFERABLE));
		audit_open(make_kernel_elf(made, true, NULL, 0, 0));
		/* To what looks at kinds of frames, memory begins at 0. */
		ranges = (void *)(uintptr_t)na_dump_image(dump)->ranges;
		ranges[0].start = 0;
		audit_run();
		EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
		EXPECT_EQ(result->conflicts[0].kind, NA_KIND_RAM);
	}
	audit_forget();
}

/* --- tables that lead nowhere --- */

static void table_beyond_memory_is_a_loss(void)
{
	u64 root = new_process();

	map(root, USER_VA, 2, 0xa0000000 | MAKE_ARM64_TABLE);
	audit_made();
	EXPECT_ANY_LINE(lost, "is not in the image");
	EXPECT(result->cut & NA_AUDIT_CUT_UNSEEN);
	audit_forget();
}

/* On the lowest level the table is a page of itself. */
static void circle_ends(void)
{
	u64 root = new_process(), table = make_pages(made->memory, 1), *entry;
	u32 i;

	for (i = 0; i < 512; i++) {
		entry = make_at(made->memory, table);
		entry[i] = table | MAKE_ARM64_TABLE;
	}
	*arm_entry(root, 1) = table | MAKE_ARM64_TABLE;
	audit_made();
	EXPECT_EQ(nr_of(NA_GRADE_ALIAS), 1);
	EXPECT_EQ(result->conflicts[0].run.first.nr, table >> 12);
	audit_forget();
}

static void memory_at_random(void)
{
	u64 seed = tap_seed(), root;
	u32 i, nr = 0;

	for (i = 0; i < 60; i++) {
		root = new_process();
		plant(root, USER_VA, BUFFERABLE);
		audit_spoil(&seed, MAKE_ARM_MEMORY, 1 << 17, root, 4);
		nr += audit_ends();
	}
	EXPECT(nr > 10);
	audit_forget();
}

static const struct tap_case cases[] = {
	TAP(alias_of_low_memory),
	TAP(alias_of_the_kmap_pool),
	TAP(alias_in_each_region),
	TAP(process_ends_below_the_modules),
	TAP(blocks_are_all_their_frames),
	TAP(reserved_descriptors_map_nothing),
	TAP(upper_bits_are_no_address),
	TAP(addresses_have_40_bits),
	TAP(each_index_of_mair),
	TAP(direct_map_of_another_type_is_a_loss),
	TAP(registers_are_named),
	TAP(memory_that_is_not_shared_is_a_loss),
	TAP(low_memory_is_memory),
	TAP(table_beyond_memory_is_a_loss),
	TAP(circle_ends),
	TAP(memory_at_random),
};

TAP_MAIN(cases)
