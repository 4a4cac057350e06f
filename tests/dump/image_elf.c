// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * ELF cores: both classes, many and overlapping segments.
 */
#include "../../port/dump/format.h"
#include "image_world.h"

static void make(struct make_memory *memory, const struct make_elf *elf)
{
	world_bytes = make_elf(memory, elf);
}

static Elf64_Ehdr *header_64(void)
{
	return (Elf64_Ehdr *)world_bytes.data;
}

static Elf64_Phdr *program_64(u32 nr)
{
	return (Elf64_Phdr *)(world_bytes.data + sizeof(Elf64_Ehdr)) + nr;
}

/* --- pages --- */

/* kills: image-page-without-offset */
static void page_of_elf_64(void)
{
	u64 buf[PAGE / 8];

	make(world_make(8 * PAGE), &(struct make_elf){
		.machine = EM_X86_64 });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->format, NA_IMAGE_ELF);
	EXPECT_EQ(world_about()->arch, NA_ARCH_X86_64);
	EXPECT(world_about()->is_instant && !world_about()->is_live);
	world_expect_pages(0, 8 * PAGE);
	EXPECT(!na_image_page(world_image, 8 * PAGE, buf));
	EXPECT(!na_image_has(world_image, 8 * PAGE));
	EXPECT(na_image_has(world_image, 8 * PAGE - 1));
	world_forget();
}

static void page_of_elf_32(void)
{
	make(world_make(8 * PAGE), &(struct make_elf){
		.machine = EM_386, .is_32 = true });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->arch, NA_ARCH_I386);
	world_expect_pages(0, 8 * PAGE);
	world_forget();
}

/* QEMU writes a core of 64 bits for a guest of 32 bits above 4 GiB. */
static void page_of_i386_above_4g(void)
{
	const struct make_range ranges[] = {
		{ 0, 4 * PAGE }, { 1ull << 32, (1ull << 32) + 4 * PAGE },
	};

	make(world_make_of(ranges, 2), &(struct make_elf){
		.machine = EM_386 });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->arch, NA_ARCH_I386);
	EXPECT_EQ(world_about()->nr_ranges, 2);
	EXPECT(!na_image_has(world_image, 4 * PAGE));
	world_forget();
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
		make(world_make(PAGE), &(struct make_elf){
			.machine = known[i].machine });
		EXPECT_OPENS(NULL);
		EXPECT_EQ(world_about()->arch, known[i].arch);
	}
	header_64()->e_machine = EM_PPC64;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "e_machine 21 is not");
	world_forget();
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
	make(world_make(70000 * 3072ull), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 70000 });
	EXPECT_EQ(header_64()->e_phnum, PN_XNUM);
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->nr_ranges, 1);
	EXPECT_EQ(world_about()->ranges[0].end, 70000 * 3072ull);
	world_expect_pages(0, 70000 * 3072ull);
	world_forget();
}

static void xnum_without_section(void)
{
	make(world_make(PAGE), &(struct make_elf){
		.machine = EM_X86_64, .has_xnum = true });
	EXPECT_OPENS(NULL);
	header_64()->e_shoff = 0;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "section header 0");
	header_64()->e_shoff = world_bytes.len - 8;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "section header 0");
	world_forget();
}

static void xnum_of_elf_32(void)
{
	make(world_make(PAGE), &(struct make_elf){
		.machine = EM_386, .is_32 = true, .has_xnum = true });
	EXPECT_OPENS(NULL);
	world_expect_pages(0, PAGE);
	world_forget();
}

/* kills: segments-overlap-not-cut, segments-contained-kept */
static void overlaps_are_one_memory(void)
{
	static const struct make_range loads[] = {
		{ 6 * PAGE, 8 * PAGE }, { 0, 3 * PAGE }, { PAGE, 2 * PAGE },
		{ 2 * PAGE, 5 * PAGE }, { 6 * PAGE + 8, 7 * PAGE }, { 0, PAGE },
	};

	make(world_make(8 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 6 });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->nr_ranges, 2);
	EXPECT_EQ(world_about()->ranges[0].start, 0);
	EXPECT_EQ(world_about()->ranges[0].end, 5 * PAGE);
	EXPECT_EQ(world_about()->ranges[1].start, 6 * PAGE);
	EXPECT_EQ(world_about()->ranges[1].end, 8 * PAGE);
	world_expect_pages(0, 5 * PAGE);
	world_expect_pages(6 * PAGE, 8 * PAGE);
	world_forget();
}

/* kills: segments-unbounded */
static void segments_are_bounded(void)
{
	struct na_image image = { .notes = &world_notes };
	struct na_segment odd = { .len = 1 };
	u32 i;

	memset(&world_notes, 0, sizeof(world_notes));
	image.file.len = NA_FILE_ENDLESS;
	for (i = 0; i < NA_IMAGE_SEGMENTS_MAX; i++, odd.start += 2)
		EXPECT(!na_segment_add(&image, "piece", i, odd));
	EXPECT(na_segment_add(&image, "piece", i, odd));
	EXPECT(strstr(world_notes.error, "more than 4194304 segments"));
	free(image.segments);
}

/* kills: segments-two-copies-untold */
static void overlap_of_two_copies_is_assumed(void)
{
	static const struct make_range loads[] = {
		{ 0, 4 * PAGE }, { 4 * PAGE, 8 * PAGE },
	};

	make(world_make(8 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 2 });
	program_64(1)->p_paddr = 2 * PAGE;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(assumed, "two copies of the memory at 0x2000");
	EXPECT_LINE(lost, "");
	world_expect_pages(0, 4 * PAGE);
	world_forget();
}

/* The last page of a segment was left out. */
static void filtered_elf(void)
{
	u64 buf[PAGE / 8];

	make(world_make(4 * PAGE), &(struct make_elf){ .machine = EM_X86_64 });
	program_64(0)->p_filesz -= PAGE;
	EXPECT_OPENS(NULL);
	EXPECT(world_about()->may_lack_pages);
	EXPECT(!na_image_page(world_image, 3 * PAGE, buf));
	EXPECT(!na_image_may_be_zeroes(world_image, 3 * PAGE));
	program_64(0)->p_filesz += PAGE;
	EXPECT_OPENS(NULL);
	EXPECT(!world_about()->may_lack_pages);
	world_forget();
}

static void page_of_two_segments(void)
{
	static const struct make_range loads[] = {
		{ PAGE + 100, 3 * PAGE }, { 0, PAGE + 100 },
	};

	make(world_make(3 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 2 });
	EXPECT_OPENS(NULL);
	world_expect_pages(0, 3 * PAGE);
	world_forget();
}

/* kills: segments-range-outwards */
static void page_in_part_is_in_no_range(void)
{
	static const struct make_range loads[] = { { 100, 3 * PAGE - 1 } };
	u64 buf[PAGE / 8];

	make(world_make(3 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 1 });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->nr_ranges, 1);
	EXPECT_EQ(world_about()->ranges[0].start, PAGE);
	EXPECT_EQ(world_about()->ranges[0].end, 2 * PAGE);
	EXPECT(!na_image_page(world_image, 0, buf));
	EXPECT(!na_image_page(world_image, 2 * PAGE, buf));
	world_expect_pages(PAGE, 2 * PAGE);
	EXPECT(na_image_read(world_image, 104, buf, 8));
	EXPECT_EQ(buf[0], 104);
	world_forget();
}

static void read_across_a_hole(void)
{
	static const struct make_range loads[] = {
		{ 0, PAGE }, { 2 * PAGE, 3 * PAGE },
	};
	u64 buf[2];

	make(world_make(3 * PAGE), &(struct make_elf){
		.machine = EM_X86_64, .loads = loads, .nr_loads = 2 });
	EXPECT_OPENS(NULL);
	EXPECT(na_image_read(world_image, PAGE - 16, buf, 16));
	EXPECT(!na_image_read(world_image, PAGE - 8, buf, 16));
	EXPECT(!na_image_read(world_image, 2 * PAGE - 8, buf, 16));
	EXPECT(!na_image_read(world_image, ~0ull - 7, buf, 16));
	world_forget();
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
	TAP(segments_are_bounded),
	TAP(filtered_elf),
	TAP(overlap_of_two_copies_is_assumed),
	TAP(page_of_two_segments),
	TAP(page_in_part_is_in_no_range),
	TAP(read_across_a_hole),
};

TAP_MAIN(cases)
