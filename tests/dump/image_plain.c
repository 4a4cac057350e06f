// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * LiME and raw files.
 */
#include "image_world.h"

/* As firmware has it: low memory ends within a page. */
static const struct make_range ranges[] = {
	{ PAGE, 8 * PAGE + 0xc00 }, { 16 * PAGE, 20 * PAGE },
};

static const struct na_image_options at_0 = { .is_raw = true };

/* kills: lime-last-is-an-end */
static void lime_ranges(void)
{
	world_bytes = make_lime(world_make_of(ranges, 2));
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->format, NA_IMAGE_LIME);
	EXPECT_EQ(world_about()->arch, NA_ARCH_UNKNOWN);
	EXPECT(!world_about()->is_instant && !world_about()->is_rereadable);
	EXPECT_EQ(world_about()->nr_ranges, 2);
	EXPECT_EQ(world_about()->ranges[0].start, PAGE);
	EXPECT_EQ(world_about()->ranges[0].end, 8 * PAGE);
	EXPECT_EQ(world_about()->ranges[1].end, 20 * PAGE);
	world_expect_pages(PAGE, 8 * PAGE);
	world_expect_pages(16 * PAGE, 20 * PAGE);
	world_forget();
}

/* Between them there is a header. kills: image-page-of-one-segment */
static void lime_page_of_two_ranges(void)
{
	const struct make_range two[] = {
		{ 0, PAGE + 104 }, { PAGE + 104, 3 * PAGE },
	};

	world_bytes = make_lime(world_make_of(two, 2));
	EXPECT_OPENS(NULL);
	EXPECT_EQ(world_about()->nr_ranges, 1);
	world_expect_pages(0, 3 * PAGE);
	world_forget();
}

/*
 * A page whose place in the file is odd is copied: a pointer would be odd too.
 * kills: image-page-at-odd-place
 */
static void lime_page_at_odd_offset(void)
{
	struct make_range odd[] = { { 0, 8 }, { PAGE, 3 * PAGE } };

	world_bytes = make_lime(world_make_of(odd, 2));
	/* One byte less of the first range moves the second. */
	memmove(world_bytes.data + 39, world_bytes.data + 40,
		world_bytes.len - 40);
	world_bytes.len--;
	world_bytes.data[16] = 6;
	EXPECT_OPENS(NULL);
	world_expect_pages(PAGE, 3 * PAGE);
	world_forget();
}

static void expect_lime(size_t at, u64 value, size_t len, const char *part)
{
	world_bytes = make_lime(world_make_of(ranges, 2));
	memcpy(world_bytes.data + at, &value, len);
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), part);
}

static void lime_header_is_checked(void)
{
	const size_t second = 32 + 7 * PAGE + 0xc00;

	expect_lime(4, 2, 4, "LiME header 0: version 2; only 1");
	expect_lime(8, 100 * PAGE, 8, "LiME header 0: 0x64000 to");
	expect_lime(16, 1ull << 52, 8, "LiME header 0: 0x1000 to");
	expect_lime(second, 0, 4, "LiME header 1: magic 0x00000000");
	expect_lime(second + 4, 3, 4, "LiME header 1: version 3");
	world_forget();
}

static void lime_truncated_anywhere(void)
{
	const size_t second = 32 + 7 * PAGE + 0xc00;

	world_bytes = make_lime(world_make_of(ranges, 2));
	while (world_bytes.len--) {
		/* Nothing says that a second range was to come. */
		if (world_bytes.len == second)
			continue;
		if (!world_open_bytes(world_bytes, NULL))
			EXPECT_LINE(lost, "is truncated");
		if (world_bytes.len > second + 64)
			world_bytes.len -= 61;
	}
	world_forget();
}

static void lime_with_a_range_behind_the_end(void)
{
	world_bytes = make_lime(world_make_of(ranges, 2));
	world_bytes.len = 32 + 3 * PAGE;
	EXPECT(!world_open_bytes(world_bytes, NULL));
	EXPECT_LINE(lost, "is truncated");
	EXPECT_EQ(world_about()->nr_ranges, 1);
	EXPECT_EQ(world_about()->ranges[0].end, 4 * PAGE);
	world_forget();
}

static void avml_says_what_to_do(void)
{
	world_bytes = make_lime(world_make_of(ranges, 2));
	memcpy(world_bytes.data, "AVML", 4);
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "avml-convert");
	world_forget();
}

static void raw_from_0(void)
{
	world_bytes = make_raw(world_make(8 * PAGE));
	EXPECT_OPENS(&at_0);
	EXPECT_EQ(world_about()->format, NA_IMAGE_RAW);
	EXPECT_EQ(world_about()->ranges[0].end, 8 * PAGE);
	world_expect_pages(0, 8 * PAGE);
	world_forget();
}

/* kills: raw-without-base */
static void raw_from_a_base(void)
{
	const struct make_range high = { 1ull << 32, (1ull << 32) + 4 * PAGE };
	const struct na_image_options at = {
		.is_raw = true, .base = 1ull << 32 };

	world_bytes = make_raw(world_make_of(&high, 1));
	EXPECT_OPENS(&at);
	EXPECT_EQ(world_about()->ranges[0].start, 1ull << 32);
	world_expect_pages(high.start, high.end);
	EXPECT(!na_image_has(world_image, 0));
	world_forget();
}

/* Memory may begin with any bytes. */
static void raw_that_looks_like_elf(void)
{
	world_bytes = make_raw(world_make(PAGE));
	memcpy(world_bytes.data, ELFMAG, 4);
	memcpy(make_at(world_memory, 0), ELFMAG, 4);
	EXPECT_OPENS(&at_0);
	world_expect_pages(0, PAGE);
	world_forget();
}

static void raw_base_is_checked(void)
{
	struct na_image_options at = { .is_raw = true, .base = 0x800 };

	world_bytes = make_raw(world_make(PAGE));
	EXPECT_FAILS(world_open_bytes(world_bytes, &at),
		     "base 0x800 is not a multiple of 4096");
	at.base = 1ull << 52;
	EXPECT_FAILS(world_open_bytes(world_bytes, &at), "more than 52 bits");
	at.base = ~0ull - PAGE + 1;
	EXPECT_FAILS(world_open_bytes(world_bytes, &at), "more than 52 bits");
	world_forget();
}

/* kills: raw-rest-untold */
static void raw_with_half_a_page(void)
{
	world_bytes = make_raw(world_make(2 * PAGE));
	world_bytes.len -= 2048;
	EXPECT(!world_open_bytes(world_bytes, &at_0));
	EXPECT_LINE(lost, "its last 2048 bytes are not a whole page");
	EXPECT_EQ(world_about()->ranges[0].end, PAGE);
	world_bytes.len = 100;
	EXPECT_FAILS(world_open_bytes(world_bytes, &at_0), "no whole page");
	world_forget();
}

static void unknown_says_what_to_do(void)
{
	world_bytes = make_raw(world_make(PAGE));
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL),
		     "is not ELF, LiME or KDUMP; if it is raw memory, say where it begins: --base 0");
	world_bytes.len = 1;
	EXPECT_FAILS(world_open_bytes(world_bytes, NULL), "is not ELF");
	world_forget();
}

static const struct tap_case cases[] = {
	TAP(lime_ranges),
	TAP(lime_page_of_two_ranges),
	TAP(lime_page_at_odd_offset),
	TAP(lime_header_is_checked),
	TAP(lime_truncated_anywhere),
	TAP(lime_with_a_range_behind_the_end),
	TAP(avml_says_what_to_do),
	TAP(raw_from_0),
	TAP(raw_from_a_base),
	TAP(raw_that_looks_like_elf),
	TAP(raw_base_is_checked),
	TAP(raw_with_half_a_page),
	TAP(unknown_says_what_to_do),
};

TAP_MAIN(cases)
