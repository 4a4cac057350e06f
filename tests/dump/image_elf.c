// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * ELF cores: both classes, many and overlapping segments.
 */
#include "image_world.h"

static struct make_memory *memory;
static struct make_bytes bytes;

/* What the case before made. */
static void forget(void)
{
	world_close();
	free(bytes.data);
	bytes.data = NULL;
	if (memory)
		make_memory_free(memory);
	memory = NULL;
}

static void make(struct make_memory *made, const struct make_elf *elf)
{
	forget();
	memory = made;
	bytes = make_elf(memory, elf);
}

static Elf64_Ehdr *header_64(void)
{
	return (Elf64_Ehdr *)bytes.data;
}

static Elf64_Phdr *program_64(u32 nr)
{
	return (Elf64_Phdr *)(bytes.data + sizeof(Elf64_Ehdr)) + nr;
}

static const struct na_image_about *about(void)
{
	return na_image_about(world_image);
}

static void expect_pages(u64 start, u64 end)
{
	u64 pa;

	for (pa = start; pa < end; pa += PAGE)
		EXPECT(world_page_is(memory, pa));
}

/* --- pages --- */

/* kills: image-page-without-offset */
static void page_of_elf_64(void)
{
	u64 buf[PAGE / 8];

	make(world_memory(8 * PAGE), &(struct make_elf){
		.machine = EM_X86_64 });
	EXPECT_OPENS(bytes, NULL);
	EXPECT_EQ(about()->format, NA_IMAGE_ELF);
	EXPECT_EQ(about()->arch, NA_ARCH_X86_64);
	EXPECT(about()->is_instant && !about()->is_live);
	expect_pages(0, 8 * PAGE);
	EXPECT(!na_image_page(world_image, 8 * PAGE, buf));
	EXPECT(!na_image_has(world_image, 8 * PAGE));
	EXPECT(na_image_has(world_image, 8 * PAGE - 1));
	forget();
}

static void page_of_elf_32(void)
{
	make(world_memory(8 * PAGE), &(struct make_elf){
		.machine = EM_386, .is_32 = true });
	EXPECT_OPENS(bytes, NULL);
	EXPECT_EQ(about()->arch, NA_ARCH_I386);
	expect_pages(0, 8 * PAGE);
	forget();
}

/* QEMU writes a core of 64 bits for a guest of 32 bits above 4 GiB. */
static void page_of_i386_above_4g(void)
{
	const struct make_range ranges[] = {
		{ 0, 4 * PAGE }, { 1ull << 32, (1ull << 32) + 4 * PAGE },
	};

	make(make_memory_of(ranges, 2), &(struct make_elf){
		.machine = EM_386 });
	world_fill(memory, ranges[1].start, ranges[1].end);
	EXPECT_OPENS(bytes, NULL);
	EXPECT_EQ(about()->arch, NA_ARCH_I386);
	EXPECT_EQ(about()->nr_ranges, 2);
	EXPECT(!na_image_has(world_image, 4 * PAGE));
	forget();
}

static void architectures(void)
{
	static const struct {
		u16 machine;
		enum na_arch arch;
	} known[] = {
		{ EM_X86_64, NA_ARCH_X86_64 }, { EM_386, NA_ARCH_I386 },
		{ EM_AARCH64, NA_ARCH_ARM64 }, { EM_ARM, NA_ARCH_ARM },
	};
	u32 i;

	for (i = 0; i < 4; i++) {
		make(world_memory(PAGE), &(struct make_elf){
			.machine = known[i].machine });
		EXPECT_OPENS(bytes, NULL);
		EXPECT_EQ(about()->arch, known[i].arch);
	}
	header_64()->e_machine = EM_PPC64;
	EXPECT_FAILS(world_open_bytes(bytes, NULL), "e_machine 21 is not");
	forget();
}

/* --- segments --- */

/* kills: elf-xnum-is-a-number */
static void xnum_of_70000_segments(void)
{
	static struct make_range loads[70000];
	u32 i;

	/* Backwards, so that none continues another: 3 KiB each. */
	for (i = 0; i < 70000; i++)
		loads[69999 - i] = (struct make_range){ i * 3072ull,
							(i + 1) * 3072ull };
	make(world_memory(70000 * 3072ull), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 70000 });
	EXPECT_EQ(header_64()->e_phnum, PN_XNUM);
	EXPECT_OPENS(bytes, NULL);
	EXPECT_EQ(about()->nr_ranges, 1);
	EXPECT_EQ(about()->ranges[0].end, 70000 * 3072ull);
	expect_pages(0, 70000 * 3072ull);
	forget();
}

static void xnum_without_section(void)
{
	make(world_memory(PAGE), &(struct make_elf){
		.machine = EM_X86_64, .has_xnum = true });
	EXPECT_OPENS(bytes, NULL);
	header_64()->e_shoff = 0;
	EXPECT_FAILS(world_open_bytes(bytes, NULL), "section header 0");
	header_64()->e_shoff = bytes.len - 8;
	EXPECT_FAILS(world_open_bytes(bytes, NULL), "section header 0");
	forget();
}

static void xnum_of_elf_32(void)
{
	make(world_memory(PAGE), &(struct make_elf){
		.machine = EM_386, .is_32 = true, .has_xnum = true });
	EXPECT_OPENS(bytes, NULL);
	expect_pages(0, PAGE);
	forget();
}

/* kills: segments-overlap-not-cut, segments-contained-kept */
static void overlaps_are_one_memory(void)
{
	static const struct make_range loads[] = {
		{ 6 * PAGE, 8 * PAGE }, { 0, 3 * PAGE }, { PAGE, 2 * PAGE },
		{ 2 * PAGE, 5 * PAGE }, { 0, PAGE }, { PAGE, 5 * PAGE },
		{ 7 * PAGE, 8 * PAGE },
	};

	make(world_memory(8 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 7 });
	EXPECT_OPENS(bytes, NULL);
	EXPECT_EQ(about()->nr_ranges, 2);
	EXPECT_EQ(about()->ranges[0].start, 0);
	EXPECT_EQ(about()->ranges[0].end, 5 * PAGE);
	EXPECT_EQ(about()->ranges[1].start, 6 * PAGE);
	EXPECT_EQ(about()->ranges[1].end, 8 * PAGE);
	expect_pages(0, 5 * PAGE);
	expect_pages(6 * PAGE, 8 * PAGE);
	forget();
}

/* kills: segments-two-copies-untold */
static void overlap_of_two_copies_is_assumed(void)
{
	static const struct make_range loads[] = {
		{ 0, 4 * PAGE }, { 4 * PAGE, 8 * PAGE },
	};

	make(world_memory(8 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 2 });
	program_64(1)->p_paddr = 2 * PAGE;
	EXPECT(!world_open_bytes(bytes, NULL));
	EXPECT_LINE(assumed, "two copies of the memory at 0x2000");
	EXPECT_LINE(lost, "");
	expect_pages(0, 4 * PAGE);
	forget();
}

/* kills: image-page-of-one-segment */
static void page_of_two_segments(void)
{
	static const struct make_range loads[] = {
		{ PAGE + 100, 3 * PAGE }, { 0, PAGE + 100 },
	};

	make(world_memory(3 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 2 });
	EXPECT_OPENS(bytes, NULL);
	expect_pages(0, 3 * PAGE);
	forget();
}

/* kills: segments-range-outwards */
static void page_in_part_is_in_no_range(void)
{
	static const struct make_range loads[] = { { 100, 3 * PAGE - 1 } };
	u64 buf[PAGE / 8];

	make(world_memory(3 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 1 });
	EXPECT_OPENS(bytes, NULL);
	EXPECT_EQ(about()->nr_ranges, 1);
	EXPECT_EQ(about()->ranges[0].start, PAGE);
	EXPECT_EQ(about()->ranges[0].end, 2 * PAGE);
	EXPECT(!na_image_page(world_image, 0, buf));
	EXPECT(!na_image_page(world_image, 2 * PAGE, buf));
	expect_pages(PAGE, 2 * PAGE);
	EXPECT(na_image_read(world_image, 104, buf, 8));
	EXPECT_EQ(buf[0], 104);
	forget();
}

static void read_across_a_hole(void)
{
	static const struct make_range loads[] = {
		{ 0, PAGE }, { 2 * PAGE, 3 * PAGE },
	};
	u64 buf[2];

	make(world_memory(3 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 2 });
	EXPECT_OPENS(bytes, NULL);
	EXPECT(na_image_read(world_image, PAGE - 16, buf, 16));
	EXPECT(!na_image_read(world_image, PAGE - 8, buf, 16));
	EXPECT(!na_image_read(world_image, 2 * PAGE - 8, buf, 16));
	EXPECT(!na_image_read(world_image, ~0ull - 7, buf, 16));
	forget();
}

static const struct tap_case cases[] = {
	TAP(page_of_elf_64),
	TAP(page_of_elf_32),
	TAP(page_of_i386_above_4g),
	TAP(architectures),
	TAP(xnum_of_70000_segments),
	TAP(xnum_without_section),
	TAP(xnum_of_elf_32),
	TAP(overlaps_are_one_memory),
	TAP(overlap_of_two_copies_is_assumed),
	TAP(page_of_two_segments),
	TAP(page_in_part_is_in_no_range),
	TAP(read_across_a_hole),
};

TAP_MAIN(cases)
