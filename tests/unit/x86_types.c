// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * port/x86: types of entries, beside a slow oracle that asks all registers for
 * each frame.
 */
#include "../../port/x86/types.h"
#include "tap.h"

#define MAXPHYS 40
#define WB 6u	/* the hardware's encoding */
#define UC 0u
#define WC 1u
#define WT 4u

struct mtrr {
	u64 base;
	u64 mask;
};

static u64 seed;

static u64 draw(u64 below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (seed >> 24) % below;
}

/* A register for @size bytes from @base on, as firmware writes it. */
static struct mtrr mtrr_of(u64 base, u64 size, u32 type)
{
	u64 all = (1ull << MAXPHYS) - 1;

	return (struct mtrr){ base | type, (all & ~(size - 1)) | 1u << 11 };
}

static u8 oracle(const struct mtrr *mtrrs, u32 nr, u8 entry, u64 frame)
{
	u64 pa = frame << 12, mask;
	bool has_uc = false, has_wt = false, has_wc = false, has_other = false;
	u32 i, type;

	for (i = 0; i < nr; i++) {
		mask = mtrrs[i].mask & ~0xfffull;
		if ((pa & mask) != (mtrrs[i].base & mask))
			continue;
		type = mtrrs[i].base & 7;
		has_uc |= type == UC;
		has_wc |= type == WC;
		has_wt |= type == WT;
		has_other |= type == WB || type == WT;
	}
	if (has_uc || (has_wc && has_other))
		return entry == NA_AUDIT_WC ? NA_AUDIT_WC : NA_AUDIT_UC;
	if (has_wc)
		return entry == NA_AUDIT_UC ? NA_AUDIT_UC : NA_AUDIT_WC;
	if (entry == NA_AUDIT_WB)
		return has_wt ? NA_AUDIT_WT : NA_AUDIT_WB;
	return entry == NA_AUDIT_UC_MINUS ? NA_AUDIT_UC : entry;
}

static struct na_x86_types types;

static u8 type_at(u8 entry, u64 frame)
{
	u32 nr = 1;

	return na_x86_types_effective(&types, entry, frame, &nr);
}

static void load(const struct mtrr *mtrrs, u32 nr)
{
	u32 i;

	na_x86_types_init(&types, NA_X86_PAT_LINUX);
	for (i = 0; i < nr; i++)
		na_x86_types_add_mtrr(&types, mtrrs[i].base, mtrrs[i].mask);
	na_x86_types_ready(&types);
}

static u64 near_a_border(const struct mtrr *mtrrs, u32 nr)
{
	const struct mtrr *mtrr = &mtrrs[draw(nr)];
	u64 mask = mtrr->mask & ~0xfffull, size = mask & -mask;
	u64 base = mtrr->base & mask;
	u64 frame = (base + (draw(2) ? size : 0)) >> 12;

	return (frame + draw(5) - 2) & ((1ull << (MAXPHYS - 12)) - 1);
}

static void check_frame(const struct mtrr *mtrrs, u32 nr, u64 frame)
{
	static const u8 entries[] = { NA_AUDIT_WB, NA_AUDIT_WC, NA_AUDIT_UC,
				      NA_AUDIT_UC_MINUS };
	u8 entry = entries[draw(4)], type;
	u32 len = 1 + (u32)draw(1 << 20);

	type = na_x86_types_effective(&types, entry, frame, &len);
	EXPECT_EQ(type, oracle(mtrrs, nr, entry, frame));
	EXPECT_EQ(type, oracle(mtrrs, nr, entry, frame + len - 1));
	EXPECT_EQ(type, oracle(mtrrs, nr, entry, frame + draw(len)));
	if (na_x86_is_plain(&types, frame << 12 | 1, 4096))
		EXPECT_EQ(oracle(mtrrs, nr, NA_AUDIT_WB, frame), NA_AUDIT_WB);
}

/* kills: a range that goes on past the next register; a plain range with a hole
 * in it; UC that loses against WB */
static void ranges_as_the_oracle(void)
{
	static const u32 codes[] = { UC, UC, WC, WB, WT };
	struct mtrr mtrrs[6];
	u32 round, i, nr;
	u64 size;

	for (round = 0; round < 400; round++) {
		seed = round;
		nr = 1 + (u32)draw(6);
		for (i = 0; i < nr; i++) {
			size = 1ull << (12 + draw(25));
			mtrrs[i] = mtrr_of(draw((1ull << 37) / size) * size,
					   size, codes[draw(5)]);
		}
		load(mtrrs, nr);
		for (i = 0; i < 200; i++)
			check_frame(mtrrs, nr, near_a_border(mtrrs, nr));
	}
}

/* kills: a mask with gaps taken for one range */
static void ranges_of_masks_with_gaps(void)
{
	struct mtrr mtrrs[1] = { mtrr_of(1ull << 30, 1 << 20, UC) };
	u32 i;

	mtrrs[0].mask &= ~(1ull << 33);
	load(mtrrs, 1);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 1ull << 18), NA_AUDIT_UC);
	EXPECT_EQ(type_at(NA_AUDIT_WB, (1ull << 18) + (1ull << 21)),
		  NA_AUDIT_UC);
	for (i = 0; i < 2000; i++)
		check_frame(mtrrs, 1, draw(1 << 24));
}

/* kills: plain ranges that are never found: below and above a hole */
static void plain_beside_the_hole(void)
{
	struct mtrr hole = mtrr_of(2ull << 30, 2ull << 30, UC);

	load(&hole, 1);
	EXPECT(na_x86_is_plain(&types, 0x100001, 4096));
	EXPECT(na_x86_is_plain(&types, 5ull << 30 | 1, 4096));
	EXPECT(!na_x86_is_plain(&types, 3ull << 30 | 1, 4096));
	EXPECT(!na_x86_is_plain(&types, (5ull << 30) | 0x11, 4096));
	EXPECT(na_x86_is_plain(&types, 1ull << 30 | 0x81, 1 << 21));
	EXPECT(!na_x86_is_plain(&types, 2ull << 30 | 0x81, 1 << 30));
}

/* kills: a large entry judged by its first frame */
static void plain_only_as_a_whole(void)
{
	struct mtrr hole = mtrr_of(0x40100000, 1 << 20, UC);

	load(&hole, 1);
	EXPECT(na_x86_is_plain(&types, 0x40000001, 4096));
	EXPECT(!na_x86_is_plain(&types, 0x40000081, 1 << 21));
}

/* kills: the PAT bit forgotten where the register gives it a meaning; a filter
 * where index 0 is not WB */
static void plain_follows_the_pat(void)
{
	load(NULL, 0);
	EXPECT(na_x86_is_plain(&types, 0x200081, 4096));
	na_x86_types_init(&types, 0x0007040100070406ull);
	na_x86_types_ready(&types);
	EXPECT(!na_x86_is_plain(&types, 0x200081, 4096));
	EXPECT(na_x86_is_plain(&types, 0x200001, 4096));
	na_x86_types_init(&types, 0x0007040600070400ull);
	na_x86_types_ready(&types);
	EXPECT(!na_x86_is_plain(&types, 0x200001, 4096));
}

/* kills: fixed registers of 16 KiB filled in as of 64; the VGA hole cached */
static void fixed_ranges_of_the_first_mib(void)
{
	na_x86_types_init(&types, NA_X86_PAT_LINUX);
	na_x86_types_set_fixed(&types, 0, 16, 0x0606060606060606ull);
	na_x86_types_set_fixed(&types, 128, 4, 0x0606060606060606ull);
	na_x86_types_set_fixed(&types, 160, 4, 0x0000000000000001ull);
	na_x86_types_ready(&types);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0x9f), NA_AUDIT_WB);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0xa3), NA_AUDIT_WC);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0xa4), NA_AUDIT_UC);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0xbf), NA_AUDIT_UC);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0x100), NA_AUDIT_WB);
	EXPECT(!na_x86_is_plain(&types, 0xa4001, 4096));
	EXPECT(na_x86_is_plain(&types, 0x100001, 4096));
}

/* kills: registers that are not known for a part taken for the rest, too */
static void fixed_ranges_of_a_part(void)
{
	u32 nr = 0x100;

	na_x86_types_init(&types, NA_X86_PAT_LINUX);
	na_x86_types_set_fixed(&types, 160, 4, 0);
	na_x86_types_ready(&types);
	EXPECT_EQ(na_x86_types_effective(&types, NA_AUDIT_WB, 0x90, &nr),
		  NA_AUDIT_WB);
	EXPECT(nr <= 0x10);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0xa0), NA_AUDIT_UC);
	EXPECT_EQ(type_at(NA_AUDIT_WB, 0xc0), NA_AUDIT_WB);
	EXPECT(!na_x86_is_plain(&types, 0xa0001, 4096));
}

static const struct tap_case cases[] = {
	TAP(fixed_ranges_of_a_part),
	TAP(ranges_as_the_oracle),
	TAP(ranges_of_masks_with_gaps),
	TAP(plain_beside_the_hole),
	TAP(plain_only_as_a_whole),
	TAP(plain_follows_the_pat),
	TAP(fixed_ranges_of_the_first_mib),
};

TAP_MAIN(cases)
