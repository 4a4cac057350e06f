// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * 32-bit ARM with LPAE: the root of the kernel's tables, its regions, and all
 * other root tables, by a scan.
 */
#include "arm_world.h"

static void expect_root(void)
{
	EXPECT_EQ(found.arch, NA_ARCH_ARM);
	EXPECT_EQ(found.paging, NA_PAGING_ARM_LPAE);
	EXPECT_EQ(found.root, made->root);
	EXPECT_EQ(found.layout.page_offset, made->page_offset);
	EXPECT_EQ(found.layout.direct_shift, MAKE_ARM_MEMORY);
	EXPECT_STR(found.release, MAKE_RELEASE);
	EXPECT_NOTHING_LOST();
}

/* --- the root --- */

static void note_names_root(void)
{
	static const u64 splits[] = { 0xc0000000, 0x80000000, 0x40000000 };
	u32 i;

	for (i = 0; i < 3; i++) {
		arm_new_at(splits[i]);
		EXPECT_FOUND(kernel_open());
		expect_root();
	}
}

/* A raw file does not say what it is of, nor that memory has a hole. */
static void page_names_root(void)
{
	arm_new();
	make_info_page(made);
	EXPECT_FOUND(kernel_open_bytes(make_raw(made->memory),
				       &(struct na_image_options){
					       .is_raw = true,
					       .base = MAKE_ARM_MEMORY },
				       NULL));
	expect_root();
	EXPECT_FOUND(kernel_open_bytes(make_lime(made->memory), NULL, NULL));
	expect_root();
}

/* Memory below it is not used.   kills: arm-root-at-memory-start */
static void kernel_is_loaded_higher(void)
{
	static const size_t unused = 3 << 20;
	struct make_bytes bytes;

	arm_new();
	make_info_page(made);
	bytes = make_raw(made->memory);
	bytes.data = realloc(bytes.data, bytes.len + unused);
	memmove(bytes.data + unused, bytes.data, bytes.len);
	memset(bytes.data, 0, unused);
	bytes.len += unused;
	EXPECT_FOUND(kernel_open_bytes(bytes, &(struct na_image_options){
					       .is_raw = true,
					       .base = MAKE_ARM_MEMORY -
						       unused },
				       NULL));
	expect_root();
}

/*
 * As that of a kernel that ran before, or of a program that imitates it.
 *
 * kills: arm-trusts-info
 */
static void table_that_does_not_map_itself(void)
{
	arm_new();
	make_map(made->memory, made->paging, made->root, 0xc0000000, 2,
		 (MAKE_ARM_MEMORY + (2 << 20)) | MAKE_ARM_BLOCK);
	EXPECT_EQ(kernel_open(), -1);
	EXPECT(strstr(world_notes.error,
		      "of 32-bit ARM has no page tables where it says"));
	EXPECT(strstr(world_notes.error, MAKE_RELEASE));
}

/*
 * To 32-bit ARM an entry of PAE that points to a table is a block of 1 GiB: one
 * in which the table maps itself, if memory begins at 0.
 *
 * kills: arm-root-by-gibibyte
 */
static void tables_of_pae_are_none(void)
{
	u64 root;

	kernel_new(NA_PAGING_PAE);
	root = make_pages(made->memory, 1);
	*(u64 *)make_at(made->memory, root + 3 * 8) = 1;
	make_unsay(made, "SYMBOL(swapper_pg_dir)");
	make_say(made, "SYMBOL(swapper_pg_dir)=%llx", made->page_offset + root);
	make_info_page(made);
	EXPECT_EQ(kernel_open_bytes(make_raw(made->memory),
				    &(struct na_image_options){
					    .is_raw = true }, NULL), -1);
	EXPECT(strstr(world_notes.error, "none of x86, arm64 or 32-bit ARM"));
}

/* Debian's armmp has them. Nothing else says in a raw file what it is of. */
static int open_short(u32 section, bool is_raw)
{
	arm_new();
	memset(make_at(made->memory, made->root), 0, 32);
	*(u32 *)make_at(made->memory, made->root + 0x3000) = section;
	make_info_page(made);
	return is_raw ? kernel_open_bytes(make_raw(made->memory),
					  &(struct na_image_options){
						  .is_raw = true,
						  .base = MAKE_ARM_MEMORY },
					  NULL) :
			kernel_open();
}

/* kills: arm-short-is-nobodys */
static void short_descriptors_are_refused_by_name(void)
{
	static const char *const why = "has page tables of short descriptors";
	/* Of another address, a supersection, a table. */
	static const u32 others[] = { 0x40111c0e, 0x40051c0e, 0x40011c0d };
	u32 i;

	EXPECT_EQ(open_short(0x40011c0e, false), -1);
	EXPECT(strstr(world_notes.error, why));
	EXPECT(strstr(world_notes.error, MAKE_RELEASE));
	EXPECT_EQ(open_short(0x40011c0e, true), -1);
	EXPECT(strstr(world_notes.error, why));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(open_short(others[i], true), -1);
		EXPECT(!strstr(world_notes.error, why));
	}
}

static void other_architectures_in_its_file(void)
{
	static const u16 machines[] = { EM_X86_64, EM_386, EM_AARCH64 };
	u32 i;

	for (i = 0; i < 3; i++) {
		arm_new();
		make_info_page(made);
		EXPECT_EQ(kernel_open_bytes(
				  make_elf(made->memory, &(struct make_elf){
					  .machine = machines[i] }),
				  NULL, NULL), -1);
	}
}

static void user_names_root(void)
{
	arm_new();
	kernel_expect_root_option(make_process_root(made, false));
}

/* --- regions --- */

static void regions_follow_the_direct_map(void)
{
	arm_new();
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(found.layout.modules_start, 0xbf000000);
	EXPECT_EQ(found.layout.modules_end, 0xbfe00000);
	EXPECT_EQ(found.layout.kmap, 0xbfe00000);
	EXPECT_EQ(found.layout.kmap_end, 0xc0000000);
	EXPECT_EQ(found.layout.vmalloc_start, 0xc1000000);
	EXPECT_EQ(found.layout.vmalloc_end, 0xff800000);
	EXPECT_ANY_LINE(assumed, "direct map from 0xc0000000 to 0xc0800000");
	EXPECT_ANY_LINE(assumed, "kmap pool is at 0xbfe00000");
}

/* Memory that the firmware keeps.   kills: arm-direct-map-to-first-hole */
static void direct_map_has_holes(void)
{
	arm_new();
	make_map(made->memory, made->paging, made->root, 0xc0200000, 2, 0);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(found.layout.vmalloc_start, 0xc1000000);
}

/* Low memory is mapped there: modules, and no pool. */
static void pool_of_low_memory_is_none(void)
{
	arm_new();
	make_map(made->memory, made->paging, made->root, 0xbfe05000, 1,
		 (made->root + PAGE) | MAKE_ARM_PAGE);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(found.layout.kmap, 0);
	EXPECT_EQ(found.layout.modules_end, 0xc0000000);
}

/* --- the scan --- */

static void scan(void)
{
	EXPECT_FOUND(kernel_open());
	EXPECT(!na_kernel_list_spaces(&found, NULL));
}

static void expect_process(u64 root)
{
	struct na_kernel_space *space = kernel_space(root);
	char comm[NA_KERNEL_COMM_MAX];

	EXPECT(space);
	if (!space)
		return;
	EXPECT(space->is_process);
	snprintf(comm, sizeof(comm), "root %llx", (unsigned long long)root);
	EXPECT_STR(space->comm, comm);
}

/* kills: arm-scan-whole-pages */
static void scan_finds_processes(void)
{
	u64 roots[10];
	u32 i;

	arm_new();
	for (i = 0; i < 10; i++)
		roots[i] = make_process_root(made, false);
	scan();
	EXPECT_EQ(found.nr_spaces, 10);
	for (i = 0; i < 10; i++)
		expect_process(roots[i]);
	EXPECT_ANY_LINE(assumed, "no registers to compare with");
	EXPECT_ANY_LINE(assumed, "processes have no names");
	EXPECT_NOTHING_LOST();
}

/* A kernel that ran before had its tables elsewhere. */
static void scan_passes_other_kernels(void)
{
	u64 root;

	arm_new();
	root = make_process_root(made, false);
	*arm_entry(root, 3) += PAGE;
	scan();
	EXPECT_EQ(found.nr_spaces, 0);
	EXPECT_ANY_LINE(lost, "no address space of a process");
}

/* pgd_free() clears the user half. */
static void scan_passes_empty_user_half(void)
{
	u64 root;

	arm_new();
	root = make_process_root(made, false);
	memset(arm_entry(root, 0), 0, 3 * 8);
	/* Nor does a process that has mapped nothing yet count. */
	root = make_process_root(made, false);
	*arm_entry(root, 0) = 0;
	scan();
	EXPECT_EQ(found.nr_spaces, 0);
	EXPECT_ANY_LINE(lost, "no address space of a process");
}

/* Memory of a freed root that somebody else has. */
static void scan_passes_what_is_no_root(void)
{
	static const u64 wrong[] = {
		0x40500001,		/* a block */
		0x40500002,		/* not valid, and not 0 */
		0x40500007,		/* what Linux leaves clear */
		0x10000040500003,
	};
	u64 root;
	u32 i;

	for (i = 0; i < 4; i++) {
		arm_new();
		root = make_process_root(made, false);
		*arm_entry(root, 1) = wrong[i];
		scan();
		EXPECT_EQ(found.nr_spaces, 0);
	}
}

/* kills: arm-scan-freed */
static void scan_passes_freed_tables(void)
{
	static const u64 garbage[] = {
		0x40500007,		/* a table with other bits */
		0xf0000040500003,	/* a table beyond all memory */
		0x40501f5d,		/* a block not at a multiple of 2 MiB */
	};
	u64 root, live;
	u32 i;

	for (i = 0; i < 3; i++) {
		arm_new();
		live = make_process_root(made, false);
		root = make_process_root(made, false);
		make_map(made->memory, made->paging, root, 0x60000000, 2,
			 garbage[i]);
		scan();
		EXPECT_EQ(found.nr_spaces, 1);
		expect_process(live);
		EXPECT_ANY_LINE(assumed, "1 root tables are of processes that ended");
	}
}

/* Blocks of a user, one that is not to be accessed among them. */
static void scan_knows_blocks(void)
{
	u64 root;

	arm_new();
	root = make_process_root(made, false);
	*arm_entry(root, 0) = 0;
	make_map(made->memory, made->paging, root, 0x60000000, 2,
		 0x00e0000040600f5d);
	make_map(made->memory, made->paging, root, 0x60200000, 2,
		 0x0200000040600f5c);
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_process(root);
	EXPECT_NOTHING_LOST();
}

/* kills: arm-scan-any-is-process */
static void scan_names_what_is_no_process(void)
{
	u64 identity, firmware;

	arm_new();
	identity = make_process_root(made, false);
	*arm_entry(identity, 0) = 0;
	make_map(made->memory, made->paging, identity, 0x40200000, 2,
		 0x40200401);
	firmware = make_process_root(made, false);
	make_map(made->memory, made->paging, firmware, 0x400000, 1,
		 0x40300000 | MAKE_ARM_PAGE);
	scan();
	EXPECT_EQ(found.nr_spaces, 2);
	EXPECT_STR(kernel_space(identity)->comm, "(idmap)");
	EXPECT_STR(kernel_space(firmware)->comm, "(no process)");
	EXPECT(!kernel_space(identity)->is_process);
	EXPECT(!kernel_space(firmware)->is_process);
}

/* A process that used the pool has the kernel's entry, or none yet. */
static void scan_compares_what_is_below_the_kernel(void)
{
	u64 root;

	arm_new();
	root = make_process_root(made, false);
	make_map(made->memory, made->paging, root, 0xbfe00000, 2, 0);
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	EXPECT_NOTHING_LOST();
	/* kills: arm-scan-strange-is-fine */
	make_map(made->memory, made->paging, root, 0xbf000000, 2,
		 make_pages(made->memory, 1) | MAKE_ARM64_TABLE);
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_process(root);
	EXPECT_ANY_LINE(lost, "entries from 0xbf000000 on that are not the kernel's");
}

/* The walk tells it: the process is not passed over. */
static void scan_keeps_what_has_lost_tables(void)
{
	u64 root;

	arm_new();
	root = make_process_root(made, false);
	*arm_entry(root, 0) = 0xa0000000 | MAKE_ARM64_TABLE;
	scan();
	expect_process(root);
}

/* Boards whose memory begins at 3 GiB.   kills: arm-scan-idmap-of-kernel */
static void scan_tells_identity_map_that_it_lacks(void)
{
	struct make_bytes bytes;

	arm_new();
	make_process_root(made, false);
	make_info_page(made);
	bytes = make_raw(made->memory);
	EXPECT_FOUND(kernel_open_bytes(bytes, &(struct na_image_options){
					       .is_raw = true,
					       .base = MAKE_ARM_MEMORY },
				       NULL));
	found.layout.direct_shift = 0xbb000000;
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_NOTHING_LOST();
	found.layout.direct_shift = 0x100000000;
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_NOTHING_LOST();
	found.layout.direct_shift = 0xbfe00000;
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_ANY_LINE(lost, "memory begins at 0xbfe00000");
	found.layout.direct_shift = 0xc0000000;
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_ANY_LINE(lost, "memory begins at 0xc0000000");
}

static void scan_at_random(void)
{
	u64 seed = tap_seed(), root;
	u32 i, k;

	for (i = 0; i < 100; i++) {
		arm_new();
		root = make_process_root(made, false);
		for (k = 0; k < 4; k++)
			*arm_entry(tap_below(&seed, 2) ? root : made->root,
				   tap_below(&seed, 4)) ^=
				tap_random(&seed) >> tap_below(&seed, 64);
		if (!kernel_open())
			EXPECT(!na_kernel_list_spaces(&found, NULL));
		EXPECT(found.nr_spaces <= 2);
	}
}

static const struct tap_case cases[] = {
	TAP(note_names_root),
	TAP(page_names_root),
	TAP(kernel_is_loaded_higher),
	TAP(table_that_does_not_map_itself),
	TAP(tables_of_pae_are_none),
	TAP(short_descriptors_are_refused_by_name),
	TAP(other_architectures_in_its_file),
	TAP(user_names_root),
	TAP(regions_follow_the_direct_map),
	TAP(direct_map_has_holes),
	TAP(pool_of_low_memory_is_none),
	TAP(scan_finds_processes),
	TAP(scan_passes_other_kernels),
	TAP(scan_passes_empty_user_half),
	TAP(scan_passes_what_is_no_root),
	TAP(scan_passes_freed_tables),
	TAP(scan_knows_blocks),
	TAP(scan_names_what_is_no_process),
	TAP(scan_compares_what_is_below_the_kernel),
	TAP(scan_keeps_what_has_lost_tables),
	TAP(scan_tells_identity_map_that_it_lacks),
	TAP(scan_at_random),
};

TAP_MAIN(cases)
