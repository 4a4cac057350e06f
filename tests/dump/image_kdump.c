// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * KDUMP files, read through libkdumpfile.
 */
#include "image_world.h"

static void make(const struct make_kdump *kdump)
{
	world_bytes = make_kdump(world_make(64 * PAGE), kdump);
}

static void pages_of_each_architecture(void)
{
	static const struct {
		const char *machine;
		enum na_arch arch;
	} known[] = {
		{ "x86_64", NA_ARCH_X86_64 }, { "i686", NA_ARCH_I386 },
		{ "aarch64", NA_ARCH_ARM64 },
	};
	u32 i;

	for (i = 0; i < 3; i++) {
		make(&(struct make_kdump){ .machine = known[i].machine });
		EXPECT_OPENS(NULL);
		EXPECT_EQ(world_about()->format, NA_IMAGE_KDUMP);
		EXPECT_EQ(world_about()->arch, known[i].arch);
		EXPECT(!world_about()->may_lack_pages);
		EXPECT_EQ(world_about()->nr_ranges, 1);
		EXPECT_EQ(world_about()->ranges[0].end, 64 * PAGE);
		world_expect_pages(0, 64 * PAGE);
	}
	world_forget();
}

/* kills: kdump-qemu-is-x86-64, kdump-i386-has-short-longs */
static void qemu_says_less(void)
{
	make(&(struct make_kdump){ .machine = "x86_64", .is_qemu = true,
				   .level = 1 });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->arch, NA_ARCH_UNKNOWN);
	/* Its level says that zeroes are left out. They are not. */
	EXPECT(!world_about()->may_lack_pages && !world_about()->lacks_zeroes);
	make(&(struct make_kdump){ .machine = "i686", .is_qemu = true });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->arch, NA_ARCH_I386);
	world_expect_pages(0, 64 * PAGE);
	world_forget();
}

/* Of libkdumpfile before 0.5.2 it is an error, never a machine without pages. */
static void arm_is_read_or_refused(void)
{
	make(&(struct make_kdump){ .machine = "armv7l" });
	if (world_open_bytes(world_bytes, NULL)) {
		tap_say("%s", world_notes.error);
		EXPECT(strstr(world_notes.error, "libkdumpfile"));
	} else {
		EXPECT_EQ(world_about()->arch, NA_ARCH_ARM);
		EXPECT(world_has_page(63 * PAGE));
	}
	world_forget();
}

static void notes_of_each_layout(void)
{
	static const char *const machines[] = { "x86_64", "i686" };
	u8 desc[2][440];
	u32 i;

	for (i = 0; i < 2; i++) {
		const struct make_note notes[] = {
			make_qemu_note(desc[0], 0x80050033, 0x1000, 0x6f0),
			make_qemu_note(desc[1], 0x80050033, 0x2000, 0x6f0),
		};

		make(&(struct make_kdump){
			.machine = machines[i], .notes = notes, .nr_notes = 2,
			.vmcoreinfo = "OSRELEASE=6.1.0\n" });
		EXPECT_OPENS(NULL);
		EXPECT_EQ(world_about()->nr_cpus, 2);
		EXPECT_EQ(world_about()->cpus[1].cr3, 0x2000);
		EXPECT_STR(world_about()->vmcoreinfo, "OSRELEASE=6.1.0\n");
		EXPECT_EQ(world_about()->vmcoreinfo_len, 16);
	}
	world_forget();
}

/* kills: kdump-missing-is-zeroes */
static void page_left_out_is_missing(void)
{
	static const u64 left_out[] = { 7 * PAGE, 9 * PAGE };
	u64 buf[PAGE / 8];

	make(&(struct make_kdump){
		.machine = "x86_64", .level = 31, .left_out = left_out,
		.nr_left_out = 2 });
	EXPECT_OPENS(NULL);
	EXPECT(world_about()->may_lack_pages && world_about()->lacks_zeroes);
	EXPECT_EQ(world_about()->nr_ranges, 1);
	EXPECT(na_image_has(world_image, 7 * PAGE));
	EXPECT(!na_image_page(world_image, 7 * PAGE, buf));
	EXPECT(!na_image_read(world_image, 7 * PAGE - 8, buf, 16));
	EXPECT(world_has_page(8 * PAGE));
	EXPECT(na_image_may_be_zeroes(world_image, 7 * PAGE));
	EXPECT(na_image_may_be_zeroes(world_image, 9 * PAGE));
	EXPECT(!na_image_may_be_zeroes(world_image, 8 * PAGE));
	EXPECT(!na_image_may_be_zeroes(world_image, 64 * PAGE));
	world_forget();
}

/* kills: kdump-level-of-cache-is-of-zeroes */
static void page_left_out_is_no_zeroes_without_level_1(void)
{
	static const u64 left_out[] = { 7 * PAGE };

	make(&(struct make_kdump){
		.machine = "x86_64", .level = 30, .left_out = left_out,
		.nr_left_out = 1 });
	EXPECT_OPENS(NULL);
	EXPECT(world_about()->may_lack_pages && !world_about()->lacks_zeroes);
	EXPECT(!na_image_may_be_zeroes(world_image, 7 * PAGE));
	world_forget();
}

/* The library would read zeroes. kills: kdump-truncated-is-zeroes */
static void page_cut_off_is_an_error(void)
{
	make(&(struct make_kdump){ .machine = "x86_64", .level = 31 });
	world_bytes.len -= 2 * PAGE;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL),
		     "is truncated: page 62 of those in it is missing");
	world_bytes.len = 12 * PAGE;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "is truncated: page");
	world_forget();
}

/* kills: kdump-truncated-later-is-zeroes */
static void page_cut_off_later_is_missing(void)
{
	u64 buf[PAGE / 8];

	make(&(struct make_kdump){ .machine = "x86_64", .level = 31 });
	EXPECT_OPENS(NULL);
	EXPECT(world_has_page(62 * PAGE));
	EXPECT(!truncate(world_path, (off_t)world_bytes.len - 1));
	EXPECT(!na_image_page(world_image, 63 * PAGE, buf));
	EXPECT(!na_image_may_be_zeroes(world_image, 63 * PAGE));
	world_forget();
}

static void pack(u64 pa)
{
	memset(make_at(world_memory, pa), MAKE_KDUMP_PACKED, PAGE);
}

static void page_that_is_compressed(void)
{
	world_make(64 * PAGE);
	pack(5 * PAGE);
	pack(63 * PAGE);
	world_bytes = make_kdump(world_memory, &(struct make_kdump){
		.machine = "x86_64" });
	EXPECT_OPENS(NULL);
	world_expect_pages(0, 64 * PAGE);
	world_forget();
}

/*
 * More than the library's cache has, and fewer than it remembers: what was read
 * in the round before is neither there nor forgotten.
 */
#define NR_CACHED	3072u

/* Libraries through 0.5.4 crash. kills: kdump-asks-for-what-is-left-out */
static void pages_left_out_among_others(void)
{
	static u64 left_out[NR_CACHED / 2];
	u64 pa, buf[PAGE / 8];
	u32 i, round;

	for (i = 0; i < NR_CACHED / 2; i++)
		left_out[i] = (2 * i + 1) * PAGE;
	world_bytes = make_kdump(world_make(NR_CACHED * PAGE), &(struct make_kdump){
		.machine = "x86_64", .level = 31, .left_out = left_out,
		.nr_left_out = NR_CACHED / 2 });
	EXPECT_OPENS(NULL);
	for (round = 0; round < 4; round++)
		for (pa = 0; pa < NR_CACHED * PAGE; pa += 2 * PAGE) {
			EXPECT(world_has_page(pa));
			EXPECT(!na_image_page(world_image, pa + PAGE, buf));
		}
	world_forget();
}

/* They crash too when one cannot be unpacked. kills: kdump-asks-after-a-failure */
static void page_that_is_damaged(void)
{
	u64 pa, buf[PAGE / 8];
	u32 round;

	world_make(NR_CACHED * PAGE);
	for (pa = PAGE; pa < NR_CACHED * PAGE; pa += 2 * PAGE)
		pack(pa);
	world_bytes = make_kdump(world_memory, &(struct make_kdump){
		.machine = "x86_64", .level = 1, .is_damaged = true });
	EXPECT(!world_open_bytes(world_bytes, NULL));
	for (round = 0; round < 4; round++)
		for (pa = 0; pa < NR_CACHED * PAGE; pa += 2 * PAGE) {
			na_image_page(world_image, pa, buf);
			EXPECT(!na_image_page(world_image, pa + PAGE, buf));
			EXPECT(!na_image_may_be_zeroes(world_image, pa + PAGE));
		}
	world_forget();
}

static void holes_are_in_no_range(void)
{
	const struct make_range ranges[] = {
		{ PAGE, 4 * PAGE }, { 9 * PAGE, 20 * PAGE },
	};

	world_bytes = make_kdump(world_make_of(ranges, 2),
				 &(struct make_kdump){ .machine = "x86_64" });
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->nr_ranges, 2);
	EXPECT_EQ(world_about()->ranges[0].start, PAGE);
	EXPECT_EQ(world_about()->ranges[0].end, 4 * PAGE);
	EXPECT_EQ(world_about()->ranges[1].start, 9 * PAGE);
	EXPECT(world_has_page(19 * PAGE));
	world_forget();
}

static void flattened_says_what_to_do(void)
{
	make(&(struct make_kdump){ .machine = "x86_64" });
	memcpy(world_bytes.data, "makedumpfile\0\0\0", 16);
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "makedumpfile -R NEW <FILE");
	world_forget();
}

/* An offset in the file and what is written there. */
static void expect_broken(u32 at, u32 value, const char *part)
{
	make(&(struct make_kdump){ .machine = "x86_64" });
	memcpy(world_bytes.data + at, &value, sizeof(value));
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), part);
}

static void header_is_checked(void)
{
	expect_broken(12 + 4 * 65, 0x36637070, "machine is not");
	expect_broken(428, 0, "block_size 0 ");
	expect_broken(428, 4097, "block_size 4097 ");
	expect_broken(428, 1u << 17, "block_size 131072 ");
	expect_broken(416, 0x00100000, "could be big-endian");
	expect_broken(416, 4096, "");
	expect_broken(440, 8 * 4096 * 2 + 1, "max_mapnr 65537 is more");
	expect_broken(432, 0, "no sub-header");
	expect_broken(436, 0, "no two bitmaps");
	expect_broken(436, 0xffffffff, "is truncated: its bitmaps");
	expect_broken(11 * PAGE + 8, PAGE + 1, "has 4097 bytes, more than 4096");
	expect_broken(432, 0xffffffff, "is truncated: its bitmaps");
	world_forget();
}

static void truncated_anywhere(void)
{
	static const struct make_kdump kdump = { .machine = "x86_64" };
	size_t len;

	for (len = 8; len < 16 * PAGE; len += len < PAGE ? 97 : PAGE / 2) {
		make(&kdump);
		world_bytes.len = len;
		if (!world_open_bytes(world_bytes, NULL))
			continue;
		EXPECT(world_notes.error[0]);
		EXPECT(!strchr(world_notes.error, '\n'));
	}
	world_forget();
}

static const struct tap_case cases[] = {
	TAP(pages_of_each_architecture),
	TAP(qemu_says_less),
	TAP(arm_is_read_or_refused),
	TAP(notes_of_each_layout),
	TAP(page_left_out_is_missing),
	TAP(page_left_out_is_no_zeroes_without_level_1),
	TAP(page_cut_off_is_an_error),
	TAP(page_cut_off_later_is_missing),
	TAP(page_that_is_compressed),
	TAP(pages_left_out_among_others),
	TAP(page_that_is_damaged),
	TAP(holes_are_in_no_range),
	TAP(flattened_says_what_to_do),
	TAP(header_is_checked),
	TAP(truncated_anywhere),
};

TAP_MAIN(cases)
