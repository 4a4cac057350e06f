// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * port/arm64: memory types by the bytes of MAIR_EL1, as the table of the
 * register in the manual has them (Arm ARM, D17.2.97).
 */
#include "../../port/arm64/types.h"
#include "tap.h"

/* Rows of the table for half a byte, of Normal memory. */
static u8 oracle_half(u32 half)
{
	static const u8 types[16] = {
		[1] = NA_AUDIT_WT, [2] = NA_AUDIT_WT, [3] = NA_AUDIT_WT,
		[4] = NA_AUDIT_WC,
		[5] = NA_AUDIT_WB, [6] = NA_AUDIT_WB, [7] = NA_AUDIT_WB,
		[8] = NA_AUDIT_WT, [9] = NA_AUDIT_WT, [10] = NA_AUDIT_WT,
		[11] = NA_AUDIT_WT,
		[12] = NA_AUDIT_WB, [13] = NA_AUDIT_WB, [14] = NA_AUDIT_WB,
		[15] = NA_AUDIT_WB,
	};

	return types[half];
}

/* kills: arm64-inner-alone */
static void each_byte_of_normal_memory(void)
{
	u32 outer, inner;
	u8 one, other;

	for (outer = 1; outer < 16; outer++)
		for (inner = 1; inner < 16; inner++) {
			one = oracle_half(outer);
			other = oracle_half(inner);
			EXPECT_EQ(na_arm64_type_of((u8)(outer << 4 | inner)),
				  one < other ? one : other);
		}
}

/* Kinds, and with FEAT_XS.   kills: arm64-device-is-cached */
static void device_is_uncached(void)
{
	static const u8 bytes[] = {
		0x00, 0x04, 0x08, 0x0c, 0x01, 0x05, 0x09, 0x0d,
	};
	u32 i;

	for (i = 0; i < sizeof(bytes); i++)
		EXPECT_EQ(na_arm64_type_of(bytes[i]), NA_AUDIT_UC);
}

/* Outer alone says what they are.   kills: arm64-no-tags */
static void bytes_of_extensions(void)
{
	EXPECT_EQ(na_arm64_type_of(0xf0), NA_AUDIT_WB);
	EXPECT_EQ(na_arm64_type_of(0xa0), NA_AUDIT_WT);
	EXPECT_EQ(na_arm64_type_of(0x40), NA_AUDIT_WC);
}

/* None is claimed to be cached. */
static void reserved_bytes_are_uncached(void)
{
	static const u8 bytes[] = {
		0x10, 0x20, 0x30, 0x50, 0x60, 0x70, 0x80, 0x90, 0xb0, 0xc0,
		0xd0, 0xe0, 0x02, 0x0f,
	};
	u32 i;

	for (i = 0; i < sizeof(bytes); i++)
		EXPECT_EQ(na_arm64_type_of(bytes[i]), NA_AUDIT_UC);
}

static void expect_types(u64 mair, const u8 *expected)
{
	struct na_arm64_types types;
	u64 entry;
	u32 i;

	na_arm64_types_init(&types, mair);
	for (i = 0; i < 8; i++) {
		/* All else in an entry means nothing. */
		entry = ~(7ull << 2) | (u64)i << 2;
		EXPECT_EQ(na_arm64_types_entry(&types, entry), expected[i]);
		entry = (u64)i << 2;
		EXPECT_EQ(na_arm64_types_entry(&types, entry), expected[i]);
	}
}

static void indexes_of_linux(void)
{
	static const u8 now[8] = {
		NA_AUDIT_WB, NA_AUDIT_WB, NA_AUDIT_WC, NA_AUDIT_UC,
		NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC,
	};
	static const u8 before[8] = {
		NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_WC,
		NA_AUDIT_WB, NA_AUDIT_WT, NA_AUDIT_UC, NA_AUDIT_UC,
	};

	static const u8 arm[8] = {
		NA_AUDIT_UC, NA_AUDIT_WC, NA_AUDIT_WT, NA_AUDIT_WB,
		NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_UC, NA_AUDIT_WB,
	};

	expect_types(NA_ARM_MAIR_LINUX, arm);
	expect_types(NA_ARM64_MAIR_LINUX, now);
	expect_types(NA_ARM64_MAIR_LINUX_OLD, before);
}

/* Whatever the register is, no other type passes for WB.   kills: arm64-plain-nc */
static void wb_bits_tell_wb(void)
{
	u64 seed = tap_seed(), bits, value;
	struct na_arm64_types types;
	u32 i, k;

	na_arm64_types_init(&types, NA_ARM64_MAIR_LINUX);
	EXPECT_EQ(na_arm64_wb_bits(&types, &value), 6u << 2);
	EXPECT_EQ(value, 0);
	na_arm64_types_init(&types, NA_ARM64_MAIR_LINUX_OLD);
	EXPECT_EQ(na_arm64_wb_bits(&types, &value), 7u << 2);
	EXPECT_EQ(value, 4u << 2);
	na_arm64_types_init(&types, NA_ARM_MAIR_LINUX);
	EXPECT_EQ(na_arm64_wb_bits(&types, &value), 3u << 2);
	EXPECT_EQ(value, 3u << 2);
	for (i = 0; i < 10000; i++) {
		for (k = 0; k < 8; k++)
			types.attrs[k] = tap_below(&seed, 3) ? NA_AUDIT_WC :
							       NA_AUDIT_WB;
		bits = na_arm64_wb_bits(&types, &value);
		for (k = 0; bits && k < 8; k++)
			EXPECT_EQ(((u64)k << 2 & bits) == value,
				  types.attrs[k] == NA_AUDIT_WB);
	}
}

/* kills: arm64-any-share */
static void shareability_of_cacheable_memory(void)
{
	struct na_arm64_types types;
	u64 share;

	na_arm64_types_init(&types, NA_ARM64_MAIR_LINUX);
	for (share = 0; share < 4; share++) {
		EXPECT_EQ(na_arm64_is_shared(&types, share << 8), share == 3);
		EXPECT(na_arm64_is_shared(&types, share << 8 | 2 << 2));
		EXPECT(na_arm64_is_shared(&types, share << 8 | 4 << 2));
	}
}

static const struct tap_case cases[] = {
	TAP(each_byte_of_normal_memory),
	TAP(device_is_uncached),
	TAP(bytes_of_extensions),
	TAP(reserved_bytes_are_uncached),
	TAP(indexes_of_linux),
	TAP(wb_bits_tell_wb),
	TAP(shareability_of_cacheable_memory),
};

TAP_MAIN(cases)
