// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * arm64: the root of the kernel's tables, its regions, and what is refused by
 * name.
 */
#include "arm64_world.h"

#define GIB	(1ull << 30)

static void expect_root(enum na_paging paging)
{
	EXPECT_EQ(found.arch, NA_ARCH_ARM64);
	EXPECT_EQ(found.paging, paging);
	EXPECT_EQ(found.root, made->root);
	EXPECT_STR(found.release, MAKE_RELEASE);
	EXPECT_NOTHING_LOST();
}

/* kills: arm64-root-without-offset */
static void note_names_root(void)
{
	enum na_paging paging;

	for_each_arm64(paging) {
		kernel_new(paging);
		EXPECT_FOUND(kernel_open());
		expect_root(paging);
	}
}

/* A raw file does not say what it is of. */
static void page_names_root(void)
{
	enum na_paging paging;

	for_each_arm64(paging) {
		kernel_new(paging);
		make_info_page(made);
		EXPECT_FOUND(kernel_open_bytes(
			make_raw(made->memory),
			&(struct na_image_options){
				.is_raw = true, .base = MAKE_ARM64_MEMORY },
			NULL));
		expect_root(paging);
		kernel_new(paging);
		make_info_page(made);
		EXPECT_FOUND(kernel_open_bytes(make_lime(made->memory), NULL,
					       NULL));
		expect_root(paging);
	}
}

/* kills: arm64-trusts-info */
static void table_that_does_not_map_itself(void)
{
	kernel_new(NA_PAGING_ARM64_48);
	make_unsay(made, "SYMBOL(swapper_pg_dir)");
	make_say(made, "SYMBOL(swapper_pg_dir)=%llx",
		 make_image_va(made, made->root + PAGE));
	EXPECT_EQ(kernel_open(), -1);
	EXPECT(strstr(world_notes.error, "none of x86, arm64 or 32-bit ARM"));
}

/* Lower half of what its own root translates: a process could be there. */
static void address_of_a_process_is_no_root(void)
{
	kernel_new(NA_PAGING_ARM64_48);
	make_unsay(made, "SYMBOL(swapper_pg_dir)");
	make_say(made, "SYMBOL(swapper_pg_dir)=%llx",
		 make_image_va(made, made->root) << 16 >> 16);
	make_unsay(made, "NUMBER(kimage_voffset)");
	make_say(made, "NUMBER(kimage_voffset)=%#llx",
		 (MAKE_ARM64_IMAGE(made->paging) << 16 >> 16) -
		 MAKE_ARM64_MEMORY);
	EXPECT_EQ(kernel_open(), -1);
}

static void refused(const char *line, const char *value, const char *why)
{
	kernel_new(NA_PAGING_ARM64_48);
	make_unsay(made, line);
	if (value)
		make_say(made, "%s=%s", line, value);
	EXPECT_EQ(kernel_open(), -1);
	if (!strstr(world_notes.error, why))
		tap_say("error: %s", world_notes.error);
	EXPECT(strstr(world_notes.error, why));
	EXPECT(strstr(world_notes.error, MAKE_RELEASE));
}

/* kills: arm64-any-granule */
static void other_granules_are_refused_by_name(void)
{
	refused("PAGESIZE", "16384", "of arm64 has pages of 16384 bytes");
	refused("PAGESIZE", "65536", "of arm64 has pages of 65536 bytes");
	refused("PAGESIZE", NULL, "of arm64 has pages of 0 bytes");
}

/* kills: arm64-any-bits */
static void other_sizes_are_refused_by_name(void)
{
	refused("NUMBER(TCR_EL1_T1SZ)", "0xc", "addresses of 52 bits");
	refused("NUMBER(TCR_EL1_T1SZ)", "0x11", "addresses of 47 bits");
	refused("NUMBER(TCR_EL1_T1SZ)", "0x1c", "addresses of 36 bits");
}

/* A kernel for 52 bits on a processor without them. */
static void register_counts_and_not_configuration(void)
{
	kernel_new(NA_PAGING_ARM64_48);
	make_unsay(made, "NUMBER(VA_BITS)");
	make_say(made, "NUMBER(VA_BITS)=52");
	EXPECT_FOUND(kernel_open());
	expect_root(NA_PAGING_ARM64_48);
	/* Before 5.12 only the configuration is told. */
	kernel_new(NA_PAGING_ARM64_39);
	make_unsay(made, "NUMBER(TCR_EL1_T1SZ)");
	EXPECT_FOUND(kernel_open());
	expect_root(NA_PAGING_ARM64_39);
}

static void other_architectures_in_its_file(void)
{
	static const u16 machines[] = { EM_X86_64, EM_386, EM_ARM };
	u32 i;

	for (i = 0; i < 3; i++) {
		kernel_new(NA_PAGING_ARM64_48);
		make_info_page(made);
		EXPECT_EQ(kernel_open_bytes(
				  make_elf(made->memory, &(struct make_elf){
					  .machine = machines[i] }),
				  NULL, NULL), -1);
	}
	kernel_new(NA_PAGING_4LEVEL);
	make_info_page(made);
	EXPECT_EQ(kernel_open_bytes(make_elf(made->memory, &(struct make_elf){
					    .machine = EM_AARCH64 }),
				    NULL, NULL), -1);
}

static void user_names_root(void)
{
	kernel_new(NA_PAGING_ARM64_48);
	kernel_expect_root_option(made->root);
}

/* --- regions --- */

static void regions_are_those_of_info(void)
{
	enum na_paging paging;
	u64 image;

	for_each_arm64(paging) {
		kernel_new(paging);
		image = MAKE_ARM64_IMAGE(paging);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(found.layout.page_offset, made->page_offset);
		EXPECT_EQ(found.layout.vmalloc_start, image);
		EXPECT_EQ(found.layout.modules_end, image);
		EXPECT_EQ(found.layout.text, image);
		EXPECT_EQ(found.layout.text_end, image + MAKE_MEMORY);
		EXPECT_EQ(found.layout.vmemmap, image + (2ull << 36));
	}
}

/* With KASLR the direct map has a gap before memory.   kills: arm64-no-kaslr */
static void direct_map_is_moved(void)
{
	static const u64 gaps[] = { GIB, 5 * GIB, 22 * 1024 * GIB };
	u32 i;

	for (i = 0; i < 3; i++) {
		kernel_close();
		make_kernel_free(made);
		made = make_kernel_at(NA_PAGING_ARM64_48,
				      0xffff000000000000ull + gaps[i]);
		make_unsay(made, "NUMBER(PHYS_OFFSET)");
		make_say(made, "NUMBER(PHYS_OFFSET)=%#llx",
			 MAKE_ARM64_MEMORY - gaps[i]);
		EXPECT_FOUND(kernel_open());
		EXPECT_EQ(found.layout.page_offset, 0xffff000000000000ull);
		EXPECT_EQ(found.layout.direct_end, 0xffff800000000000ull);
	}
}

/* Before 5.4 the halves were the other way round. */
static void direct_map_in_upper_half(void)
{
	kernel_close();
	make_kernel_free(made);
	made = make_kernel_at(NA_PAGING_ARM64_48, 0xffff800000000000ull);
	EXPECT_FOUND(kernel_open());
	EXPECT_EQ(found.layout.page_offset, 0xffff800000000000ull);
	EXPECT_EQ(found.layout.direct_end, 0);
}

static void regions_that_info_lacks(void)
{
	kernel_new(NA_PAGING_ARM64_48);
	make_unsay(made, "NUMBER(VMALLOC_START)");
	make_unsay(made, "NUMBER(PHYS_OFFSET)");
	EXPECT_FOUND(kernel_open());
	EXPECT_ANY_LINE(assumed, "regions of the kernel are not told apart");
	EXPECT_ANY_LINE(assumed, "the direct map has no name");
}

/* --- at random --- */

/* Numbers of any value, and tables of any entries: an answer or an error. */
static void info_at_random(void)
{
	static const char *const lines[] = {
		"PAGESIZE", "NUMBER(VA_BITS)", "NUMBER(TCR_EL1_T1SZ)",
		"NUMBER(kimage_voffset)", "NUMBER(PHYS_OFFSET)",
		"NUMBER(VMALLOC_START)", "NUMBER(VMALLOC_END)",
		"NUMBER(VMEMMAP_START)", "NUMBER(MODULES_VADDR)",
		"SYMBOL(_stext)", "SYMBOL(swapper_pg_dir)",
	};
	u64 seed = tap_seed();
	u32 i, nr_found = 0;

	for (i = 0; i < 60; i++) {
		kernel_new(tap_below(&seed, 2) ? NA_PAGING_ARM64_48 :
						 NA_PAGING_ARM64_39);
		if (tap_below(&seed, 2)) {
			const char *line = lines[tap_below(&seed, 11)];

			make_unsay(made, line);
			make_say(made, "%s=%s%llx", line,
				 line[0] == 'S' ? "" : "0x",
				 tap_random(&seed) >> tap_below(&seed, 64));
		}
		memset(make_at(made->memory, made->root + PAGE -
			       8 * tap_below(&seed, 32) - 8),
		       (int)tap_below(&seed, 256), 8);
		nr_found += !kernel_open();
	}
	EXPECT(nr_found > 5);
}

static const struct tap_case cases[] = {
	TAP(note_names_root),
	TAP(page_names_root),
	TAP(table_that_does_not_map_itself),
	TAP(address_of_a_process_is_no_root),
	TAP(other_granules_are_refused_by_name),
	TAP(other_sizes_are_refused_by_name),
	TAP(register_counts_and_not_configuration),
	TAP(other_architectures_in_its_file),
	TAP(user_names_root),
	TAP(regions_are_those_of_info),
	TAP(direct_map_is_moved),
	TAP(direct_map_in_upper_half),
	TAP(regions_that_info_lacks),
	TAP(info_at_random),
};

TAP_MAIN(cases)
