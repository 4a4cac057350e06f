// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's root table: whoever names it, it must map itself.
 */
#include <time.h>

#include "kernel_world.h"

#define CR4_PAE		0x20ull
#define CR4_LA57	0x1020ull

static void expect_root(u64 root, enum na_paging paging)
{
	EXPECT_EQ(found.root, root);
	EXPECT_EQ(found.paging, paging);
	EXPECT_EQ(found.layout.page_offset, made->page_offset);
}

/* --- VMCOREINFO --- */

static void note_names_root(void)
{
	enum na_paging paging;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		make_say(made, "BUILD-ID=00ff\x1bhello");
		EXPECT_FOUND(kernel_open());
		expect_root(made->root, paging);
		EXPECT_STR(found.release, MAKE_RELEASE);
		EXPECT_STR(found.build_id, "00ff?hello");
		EXPECT_EQ(found.arch, paging < NA_PAGING_PAE ? NA_ARCH_X86_64 :
							       NA_ARCH_I386);
	}
}

/* kills: kernel-no-scan */
static void page_names_root(void)
{
	enum na_paging paging;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		make_info_page(made);
		EXPECT_FOUND(kernel_open_bytes(make_raw(made->memory),
					       &(struct na_image_options){
						       .is_raw = true }, NULL));
		expect_root(made->root, paging);
		EXPECT_STR(found.release, MAKE_RELEASE);
	}
}

/*
 * A program's page that imitates it, or the text of a kernel that ran before.
 *
 * kills: kernel-trusts-info
 */
static void stale_page_is_passed(void)
{
	u64 stale;

	kernel_new(NA_PAGING_4LEVEL);
	stale = make_info_page(made);
	memcpy(strstr(make_at(made->memory, stale), "=-8388608"),
	       "=-4194304", 9);
	make_info_page(made);
	EXPECT_FOUND(kernel_open_bytes(make_raw(made->memory),
				       &(struct na_image_options){
					       .is_raw = true }, NULL));
	expect_root(made->root, NA_PAGING_4LEVEL);
}

static void note_that_does_not_fit_is_passed(void)
{
	struct make_bytes bytes;

	kernel_new(NA_PAGING_4LEVEL);
	make_info_page(made);
	memcpy(strstr(made->info, "=-8388608"), "=-4194304", 9);
	bytes = make_kernel_elf(made, true, NULL, 0, 0);
	EXPECT_FOUND(kernel_open_bytes(bytes, NULL, NULL));
	expect_root(made->root, NA_PAGING_4LEVEL);
	EXPECT_ANY_LINE(assumed, "does not fit");
}

/* The text goes on in the next page; it has no end before that. */
static void page_goes_on(void)
{
	u64 pa;

	kernel_new(NA_PAGING_4LEVEL);
	pa = make_pages(made->memory, 2);
	memset(make_at(made->memory, pa), '\n', NA_IMAGE_PAGE + 100);
	memcpy(make_at(made->memory, pa), made->info, strlen(made->info));
	memcpy(make_at(made->memory, pa + NA_IMAGE_PAGE - 5), "A(B)=cafe\n",
	       10);
	EXPECT_FOUND(kernel_open_bytes(make_raw(made->memory),
				       &(struct na_image_options){
					       .is_raw = true }, NULL));
	EXPECT(strstr((char *)found.info, "A(B)=cafe"));
}

/* --- registers --- */

static int open_registers(u64 cr3, u64 cr4)
{
	return kernel_open_bytes(make_kernel_elf(made, false, &cr3, 1, cr4),
				 NULL, NULL);
}

static u64 cr4_of(enum na_paging paging)
{
	if (paging == NA_PAGING_5LEVEL)
		return CR4_LA57;
	return paging == NA_PAGING_2LEVEL ? 0 : CR4_PAE;
}

/* With PCID or the bits of the cache in it. */
static void register_names_root(void)
{
	enum na_paging paging;
	u64 root;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		root = make_process_root(made, false);
		EXPECT_FOUND(open_registers(root | 0x18, cr4_of(paging)));
		expect_root(root, paging);
		EXPECT_ANY_LINE(assumed, "CPU 0 used");
	}
}

/* kills: kernel-keeps-pti-bit */
static void register_of_pti_is_the_kernels(void)
{
	u64 root;

	kernel_new(NA_PAGING_4LEVEL);
	root = make_process_root(made, true);
	EXPECT_FOUND(open_registers(root + 0x1000, CR4_PAE));
	expect_root(root, NA_PAGING_4LEVEL);
}

/* A root at an odd page is not a user's half.   kills: kernel-drops-bit-12 */
static void register_bit_12_is_an_address(void)
{
	u64 root;

	kernel_new(NA_PAGING_4LEVEL);
	do {
		root = make_process_root(made, false);
	} while (!(root & 0x1000));
	EXPECT_FOUND(open_registers(root, CR4_PAE));
	expect_root(root, NA_PAGING_4LEVEL);
}

static void register_of_nothing(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	EXPECT_EQ(open_registers(make_pages(made->memory, 1), CR4_PAE), -1);
	EXPECT(strstr(world_notes.error, "--root"));
	EXPECT_EQ(open_registers(0xfffffffff000ull, CR4_PAE), -1);
}

/* --- the user --- */

static int open_named(struct make_bytes bytes, bool is_raw, u64 root)
{
	return kernel_open_bytes(bytes,
				 &(struct na_image_options){ .is_raw = is_raw },
				 &(struct na_kernel_options){ .root = root });
}

static void user_names_root(void)
{
	enum na_paging paging;

	for (paging = 0; paging < NR_X86_PAGINGS; paging++) {
		kernel_new(paging);
		EXPECT_FOUND(open_named(make_raw(made->memory), true,
					made->root));
		expect_root(made->root, paging);
	}
}

static void user_names_another_than_info(void)
{
	u64 root;

	kernel_new(NA_PAGING_5LEVEL);
	root = make_process_root(made, false);
	EXPECT_FOUND(open_named(make_kernel_elf(made, true, NULL, 0, 0), false,
				root));
	expect_root(root, NA_PAGING_5LEVEL);
	EXPECT_STR(found.release, MAKE_RELEASE);
}

static void user_names_what_is_none(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	EXPECT_EQ(open_named(make_raw(made->memory), true, 0x1ff000), -1);
	EXPECT(strstr(world_notes.error, "0x1ff000"));
	EXPECT_EQ(open_named(make_kernel_elf(made, true, NULL, 0, 0), false,
			     0x1ff000), -1);
	EXPECT_EQ(open_named(make_raw(made->memory), true, ~0xfffull), -1);
}

/* --- neither --- */

static void nothing_names_root(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	EXPECT_EQ(kernel_open_bytes(make_raw(made->memory),
				    &(struct na_image_options){
					    .is_raw = true }, NULL), -1);
	EXPECT(strstr(world_notes.error, "no Linux kernel found"));
	EXPECT(!strchr(world_notes.error, '\n'));
}

/* As that of another architecture in a raw file. */
static void info_leads_nowhere(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_unsay(made, "NUMBER(phys_base)");
	memcpy(strstr(made->info, "6.1.0"), "6\33[m0", 5);
	make_info_page(made);
	EXPECT_EQ(kernel_open_bytes(make_raw(made->memory),
				    &(struct na_image_options){
					    .is_raw = true }, NULL), -1);
	EXPECT(strstr(world_notes.error, "kernel '6?[m0-test' says"));
}

/* A mask over the bits of the type would hide every alias. */
static void mask_is_of_addresses(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_say(made, "NUMBER(sme_mask)=%lld", 1ll << 47);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(found.sme_mask, 1ll << 47);
	kernel_new(NA_PAGING_4LEVEL);
	make_say(made, "NUMBER(sme_mask)=24");
	EXPECT_EQ(kernel_open(), -1);
}

static void other_architecture(void)
{
	kernel_new(NA_PAGING_4LEVEL);
	make_info_page(made);
	EXPECT_EQ(kernel_open_bytes(
			  make_elf(made->memory, &(struct make_elf){
				  .machine = EM_ARM }), NULL, NULL), -1);
	EXPECT(strstr(world_notes.error, "none of x86, arm64 or 32-bit ARM with LPAE"));
}

/* --- KASLR --- */

static void direct_map_is_found_anywhere(void)
{
	static const u64 page_offsets[] = {
		0xffff800000000000ull + (5ull << 30),
		0xffff888000000000ull, 0xffffc8ffc0000000ull,
	};
	u32 i;

	for (i = 0; i < 3; i++) {
		kernel_close();
		make_kernel_free(made);
		made = make_kernel_at(NA_PAGING_4LEVEL, page_offsets[i]);
		EXPECT_FOUND(kernel_open());
		expect_root(made->root, NA_PAGING_4LEVEL);
	}
	make_kernel_free(made);
	made = make_kernel_at(NA_PAGING_5LEVEL, 0xff50123440000000ull);
	EXPECT_FOUND(kernel_open());
	expect_root(made->root, NA_PAGING_5LEVEL);
}

/* 67 million entries, and none is the direct map.   kills: kernel-search-endless */
static void search_of_full_tables_ends(void)
{
	clock_t began = clock();
	u64 *tables[3], pages[3];
	u32 i, k;

	kernel_new(NA_PAGING_5LEVEL);
	for (k = 0; k < 3; k++) {
		pages[k] = make_pages(made->memory, 1);
		tables[k] = make_at(made->memory, pages[k]);
	}
	for (k = 0; k < 3; k++)
		for (i = 0; i < 512; i++)
			tables[k][i] = k == 2 ? 1ull << 30 | 0x1e3 :
						pages[k + 1] | MAKE_TABLE_BITS;
	EXPECT_EQ(open_registers(pages[0], CR4_LA57), -1);
	EXPECT(clock() - began < 4 * CLOCKS_PER_SEC);
}

static const struct tap_case cases[] = {
	TAP(note_names_root),
	TAP(page_names_root),
	TAP(stale_page_is_passed),
	TAP(note_that_does_not_fit_is_passed),
	TAP(page_goes_on),
	TAP(register_names_root),
	TAP(register_of_pti_is_the_kernels),
	TAP(register_bit_12_is_an_address),
	TAP(register_of_nothing),
	TAP(user_names_root),
	TAP(user_names_another_than_info),
	TAP(user_names_what_is_none),
	TAP(nothing_names_root),
	TAP(info_leads_nowhere),
	TAP(mask_is_of_addresses),
	TAP(other_architecture),
	TAP(direct_map_is_found_anywhere),
	TAP(search_of_full_tables_ends),
};

TAP_MAIN(cases)
