// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Address spaces by a look at every page, without symbols.
 */
#include "kernel_world.h"

#define CR4_PAE		0x20ull
#define ACCESSED	0x20ull

static void scan_with(const u64 *cr3s, u32 nr_cr3s)
{
	EXPECT_FOUND(kernel_open_bytes(
			     make_kernel_elf(made, true, cr3s, nr_cr3s, CR4_PAE),
			     NULL, NULL));
	EXPECT(!na_kernel_list_spaces(&found, NULL));
}

static void scan(void)
{
	scan_with(NULL, 0);
}

static void expect_process(u64 root)
{
	struct na_kernel_space *space = kernel_space(root);
	char comm[NA_KERNEL_COMM_MAX];

	EXPECT(space);
	EXPECT(space->is_process);
	EXPECT(!space->is_listed);
	snprintf(comm, sizeof(comm), "root %llx", (unsigned long long)root);
	EXPECT_STR(space->comm, comm);
}

/* A root's entries are 4 or 8 bytes long. */
static void change(u64 root, u32 idx, u64 clear, u64 set)
{
	u32 len = made->paging == NA_PAGING_2LEVEL ? 4 : 8;
	u8 *at = make_at(made->memory, root + (u64)idx * len);
	u64 entry = 0;

	memcpy(&entry, at, len);
	entry = (entry & ~clear) | set;
	memcpy(at, &entry, len);
}

/* kills: kernel-scan-4level, kernel-scan-pae, kernel-scan-2level */
static void scan_of_each_paging(void)
{
	enum na_paging paging;
	u64 roots[10];
	u32 i;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		for (i = 0; i < 10; i++)
			roots[i] = make_process_root(made, false);
		scan();
		EXPECT_EQ(found.nr_spaces, 10);
		for (i = 0; i < 10; i++)
			expect_process(roots[i]);
		EXPECT_ANY_LINE(assumed, "no registers to compare with");
		EXPECT_NOTHING_LOST();
	}
}

/* CPUs mark entries, each in its own table.   kills: kernel-scan-accessed */
static void scan_masks_what_cpus_write(void)
{
	enum na_paging paging;
	u64 root;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		root = make_process_root(made, false);
		change(root, paging == NA_PAGING_PAE ? 3 :
			     paging == NA_PAGING_2LEVEL ? 0x300 : 511,
		       ACCESSED, 0);
		scan();
		EXPECT_EQ(found.nr_spaces, 1);
		expect_process(root);
	}
}

static void scan_passes_empty_user_half(void)
{
	enum na_paging paging;
	u64 root;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		root = make_process_root(made, false);
		memset(make_at(made->memory, root), 0,
		       made->nr_user * (paging == NA_PAGING_2LEVEL ? 4 : 8));
		scan();
		EXPECT_EQ(found.nr_spaces, 0);
		/* kills: kernel-none-is-fine */
		EXPECT_ANY_LINE(lost, "no address space of a process");
	}
}

/* Tables of another kernel, which ran here before. */
static void scan_passes_other_kernels(void)
{
	enum na_paging paging;
	u64 root;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		root = make_process_root(made, false);
		change(root, paging == NA_PAGING_PAE ? 3 :
			     paging == NA_PAGING_2LEVEL ? 0x301 :
			     (u32)(made->page_offset >>
				   (paging == NA_PAGING_5LEVEL ? 48 : 39) &
				   511), 0, 1ull << 30);
		scan();
		EXPECT_EQ(found.nr_spaces, 0);
	}
}

/* One space, though two tables have its user half.   kills: kernel-scan-both-halves */
static void scan_of_pti_pair(void)
{
	u64 root;

	kernel_new(NA_PAGING_4LEVEL);
	root = make_process_root(made, true);
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_process(root);
}

/* A copy of the kernel's last table, with what differs outside the direct map. */
static u64 copy_for_pti(u64 root)
{
	u64 copy = make_pages(made->memory, 1), own;
	u64 *table = make_at(made->memory, copy);

	memcpy(&own, make_at(made->memory, made->root + 24), 8);
	memcpy(table, make_at(made->memory, own & ~0xfffull), PAGE);
	table[511] = copy | MAKE_TABLE_BITS;
	table[0] ^= ACCESSED;
	change(root, 3, ~0ull, copy | 1);
	return copy;
}

/* kills: kernel-scan-pae-shared */
static void scan_of_pae_with_pti(void)
{
	u64 root, *table;

	kernel_new(NA_PAGING_PAE);
	root = make_process_root(made, true);
	copy_for_pti(root);
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_process(root);
	kernel_new(NA_PAGING_PAE);
	root = make_process_root(made, true);
	table = make_at(made->memory, copy_for_pti(root));
	table[1] += 2 << 20;
	scan();
	EXPECT_EQ(found.nr_spaces, 0);
}

static void scan_of_pae_checks_reserved_bits(void)
{
	static const u64 wrong[] = { 0x02, 0x04, 0x80, 0x100,
				     0xfffffff00000ull };
	u64 root;
	u32 i;

	for (i = 0; i < 5; i++) {
		kernel_new(NA_PAGING_PAE);
		root = make_process_root(made, false);
		change(root, 0, 0, wrong[i]);
		scan();
		EXPECT_EQ(found.nr_spaces, 0);
	}
	kernel_new(NA_PAGING_PAE);
	root = make_process_root(made, false);
	change(root, 2, 0, 0x1000);	/* not present, and not 0 */
	scan();
	EXPECT_EQ(found.nr_spaces, 0);
}

/* The user's table of a process's root, with what is put at @idx of it. */
static void reuse_user_table(u64 root, u32 idx, u64 entry)
{
	u64 table;

	memcpy(&table, make_at(made->memory, root), 8);
	EXPECT(table & 1);
	memcpy(make_at(made->memory, (table & ~0xfffull) + (u64)idx * 8), &entry,
	       8);
}

/*
 * With PAE the root of an ended process keeps its entries, and points at pages
 * that have become something else.
 *
 * kills: kernel-scan-pae-freed
 */
static void scan_passes_freed_root_of_pae(void)
{
	static const u64 garbage[] = {
		0x1063,			/* not for users */
		0x5200001067,		/* a table above 64 GiB */
		0x10000000001067,	/* a reserved bit */
		0x6020e7,		/* large, and not at a multiple of 2 MiB */
		0x100000002000e7,	/* large, with a reserved bit */
	};
	u64 root, live;
	u32 i;

	for (i = 0; i < 5; i++) {
		kernel_new(NA_PAGING_PAE);
		live = make_process_root(made, false);
		root = make_process_root(made, false);
		reuse_user_table(root, 300, garbage[i]);
		scan();
		EXPECT_EQ(found.nr_spaces, 1);
		expect_process(live);
		EXPECT_ANY_LINE(assumed, "1 root tables are of processes that ended");
		scan_with(&root, 1);
		EXPECT_ANY_LINE(lost, "CPU 0 used an address space");
	}
}

/* Large pages of users: of files in memory, of devices, not executable. */
static void scan_knows_large_pages_of_pae(void)
{
	u64 root;

	kernel_new(NA_PAGING_PAE);
	root = make_process_root(made, false);
	reuse_user_table(root, 300, 0x80000000002010e7);	/* NX, PAT */
	reuse_user_table(root, 301, 0xfd000002000f7);		/* a device's */
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	expect_process(root);
	EXPECT(!kernel_has_line(&world_notes.assumed, "processes that ended"));
}

/* Tables for CPUs that start map memory at its own address. */
static void scan_names_identity_maps(void)
{
	static const u32 kernel_entry[] = { 273, 273, 3, 0x300 };
	enum na_paging paging;
	u64 root, entry;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		u32 len = paging == NA_PAGING_2LEVEL ? 4 : 8;

		kernel_new(paging);
		root = make_process_root(made, false);
		entry = 0;
		memcpy(&entry, make_at(made->memory, root + (u64)len *
				       kernel_entry[paging]), len);
		change(root, 0, ~0ull, entry);
		if (paging == NA_PAGING_2LEVEL)
			change(root, 1, ~0ull, 0);	/* the user's page */
		scan();
		EXPECT_EQ(found.nr_spaces, 1);
		EXPECT(!kernel_space(root)->is_process);
		EXPECT(kernel_space(root)->comm[0] == '(');
	}
}

/* A user half without the user bit is the firmware's. */
static void scan_names_firmware(void)
{
	u64 root;

	kernel_new(NA_PAGING_4LEVEL);
	root = make_process_root(made, false);
	change(root, 0, 4, 0);
	scan();
	EXPECT_EQ(found.nr_spaces, 1);
	EXPECT(!kernel_space(root)->is_process);
}

/* --- what the CPUs used --- */

static void scan_has_the_cpus(void)
{
	enum na_paging paging;
	u64 cr3s[2];

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		cr3s[0] = make_process_root(made, false);
		cr3s[1] = made->root;
		scan_with(cr3s, 2);
		EXPECT_EQ(found.nr_spaces, 1);
		EXPECT_NOTHING_LOST();
		EXPECT(!kernel_has_line(&world_notes.assumed,
					"no registers to compare with"));
	}
}

static void scan_lacks_a_cpu(void)
{
	u64 root;

	kernel_new(NA_PAGING_PAE);
	make_process_root(made, false);
	root = make_process_root(made, false);
	change(root, 3, 0, 0x200);
	scan_with(&root, 1);
	EXPECT_EQ(found.nr_spaces, 2);
	EXPECT_ANY_LINE(lost, "CPU 0 used an address space");
}

/* --- pages that are not there --- */

/*
 * The kernel's own table is damaged: what others have cannot be known, and an
 * entry in its user half is no process.
 *
 * kills: kernel-scan-any-entry
 */
static void scan_of_damaged_own_table(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_process_root(made, false);
	change(made->root, (u32)(made->page_offset >> 39 & 511), ~0ull, 0);
	change(made->root, 3, 0, 0x67);
	scan();
	EXPECT_ANY_LINE(lost, "lacks what all have");
	EXPECT_ANY_LINE(lost, "no address space of a process");
}

/* Page tables that are cut: nothing is found, and it is said. */
static void scan_of_cut_memory(void)
{
	struct make_bytes bytes;

	kernel_new(NA_PAGING_4LEVEL);
	make_process_root(made, false);
	bytes = make_kernel_elf(made, true, NULL, 0, 0);
	bytes.len -= MAKE_MEMORY / 8;
	EXPECT_FOUND(kernel_open_bytes(bytes, NULL, NULL));
	EXPECT(!na_kernel_list_spaces(&found, NULL));
	EXPECT_EQ(found.nr_spaces, 1);
	EXPECT(world_notes.lost.nr);
}

static void scan_at_random(void)
{
	u64 seed = tap_seed(), root;
	u32 i, k;

	for (i = 0; i < 100; i++) {
		kernel_new((enum na_paging)tap_below(&seed, NR_X86_PAGINGS));
		root = make_process_root(made, tap_below(&seed, 2));
		for (k = 0; k < 4; k++)
			change(root, tap_below(&seed, 512), tap_random(&seed),
			       tap_random(&seed));
		scan_with(&root, 1);
		EXPECT(found.nr_spaces <= 2);
	}
}

static const struct tap_case cases[] = {
	TAP(scan_of_each_paging),
	TAP(scan_masks_what_cpus_write),
	TAP(scan_passes_empty_user_half),
	TAP(scan_passes_other_kernels),
	TAP(scan_of_pti_pair),
	TAP(scan_of_pae_with_pti),
	TAP(scan_of_pae_checks_reserved_bits),
	TAP(scan_passes_freed_root_of_pae),
	TAP(scan_knows_large_pages_of_pae),
	TAP(scan_names_identity_maps),
	TAP(scan_names_firmware),
	TAP(scan_has_the_cpus),
	TAP(scan_lacks_a_cpu),
	TAP(scan_of_damaged_own_table),
	TAP(scan_of_cut_memory),
	TAP(scan_at_random),
};

TAP_MAIN(cases)
