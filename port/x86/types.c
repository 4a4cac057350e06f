// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 memory types: effective type of an entry.
 */
#include "types.h"

#define NO_RANGE	NR_NA_AUDIT_TYPES

#define MTRR_VALID	(1ull << 11)	/* of PHYSMASK */

/* --- registers ------------------------------------------------------------ */

/* 2, 3 and all others are reserved. */
u8 na_x86_type_of(u32 code)
{
	static const u8 types[8] = {
		NA_AUDIT_UC, NA_AUDIT_WC, NA_AUDIT_UC, NA_AUDIT_UC,
		NA_AUDIT_WT, NA_AUDIT_WP, NA_AUDIT_WB, NA_AUDIT_UC_MINUS,
	};

	return types[code & 7];
}

void na_x86_types_init(struct na_x86_types *types, u64 pat)
{
	u32 i;

	na_memset(types, 0, sizeof(*types));
	na_memset(types->fixed, NO_RANGE, sizeof(types->fixed));
	for (i = 0; i < 8; i++)
		types->pat[i] = na_x86_type_of((u32)(pat >> (8 * i)));
}

void na_x86_types_set_fixed(struct na_x86_types *types, u32 first, u32 nr,
			    u64 value)
{
	u32 i;

	if (!NA_ASSERT(first + 8 * nr <= NA_X86_FIXED_FRAMES))
		return;
	for (i = 0; i < 8 * nr; i++)
		types->fixed[first + i] =
			na_x86_type_of((u32)(value >> (i / nr * 8)));
}

void na_x86_types_add_mtrr(struct na_x86_types *types, u64 base, u64 mask)
{
	struct na_x86_mtrr *mtrr = &types->mtrrs[types->nr_mtrrs];

	if (types->nr_mtrrs == NA_X86_MTRRS_MAX || !(mask & MTRR_VALID) ||
	    !(mask & NA_X86_ADDRESS))
		return;
	mtrr->base = (base & NA_X86_ADDRESS) >> 12;
	mtrr->mask = (mask & NA_X86_ADDRESS) >> 12;
	mtrr->type = na_x86_type_of((u32)base);
	types->nr_mtrrs++;
}

/* --- effective type ------------------------------------------------------- */

/* Two registers for one frame: UC wins, then WT over WB (12.11.4.1). */
static u8 combine_ranges(u8 one, u8 other)
{
	if (one == NO_RANGE || one == other)
		return other;
	if (one + other == NA_AUDIT_WB + NA_AUDIT_WT)
		return NA_AUDIT_WT;
	return NA_AUDIT_UC;
}

/* Number of frames that differ only below the lowest bit of its mask. */
static u64 granule_of(const struct na_x86_mtrr *mtrr)
{
	return mtrr->mask & -mtrr->mask;
}

/*
 * Frame after the last that a processor with this mask can have, if the mask
 * has no gaps, as of all firmware: then the register covers one range. 0: it
 * has gaps.
 */
static u64 top_of(const struct na_x86_mtrr *mtrr)
{
	u64 top = mtrr->mask + granule_of(mtrr);

	return top & (top - 1) ? 0 : top;
}

static void narrow(struct na_x86_range *range, u64 first, u64 end)
{
	if (range->first < first)
		range->first = first;
	if (range->end > end)
		range->end = end;
}

/* Narrow to frames for which the register says the same as for @frame. */
static void narrow_to(struct na_x86_range *range,
		      const struct na_x86_mtrr *mtrr, u64 frame)
{
	u64 granule = granule_of(mtrr), top = top_of(mtrr);
	u64 low = mtrr->base & mtrr->mask, high = low + granule;

	if (frame >= top || (frame >= low && frame < high))
		narrow(range, frame & ~(granule - 1),
		       (frame | (granule - 1)) + 1);
	else if (frame < low)
		narrow(range, 0, low);
	else
		narrow(range, high, top);
}

/* The largest range around @frame for which all registers say the same. */
static void find_range(struct na_x86_types *types, u64 frame)
{
	struct na_x86_range found = { 0, ~0ull };
	const struct na_x86_mtrr *mtrr = types->mtrrs;
	u8 type = NO_RANGE;
	u32 i;

	for (i = 0; i < types->nr_mtrrs; i++, mtrr++) {
		if ((frame & mtrr->mask) == (mtrr->base & mtrr->mask))
			type = combine_ranges(type, mtrr->type);
		narrow_to(&found, mtrr, frame);
	}
	if (frame >= NA_X86_FIXED_FRAMES) {
		narrow(&found, NA_X86_FIXED_FRAMES, ~0ull);
	} else {
		narrow(&found, frame, frame + 1);
		if (types->fixed[frame] != NO_RANGE)
			type = types->fixed[frame];
	}
	types->found = found;
	types->found_type = type;
}

/* Table 12-7 of the manual; no MTRR counts as WB. */
static u8 effective_type(u8 entry, u8 range)
{
	switch (range) {
	case NA_AUDIT_UC:
		return entry == NA_AUDIT_WC ? NA_AUDIT_WC : NA_AUDIT_UC;
	case NA_AUDIT_WC:
		return entry == NA_AUDIT_WB || entry == NA_AUDIT_WC ||
		       entry == NA_AUDIT_UC_MINUS ? NA_AUDIT_WC : NA_AUDIT_UC;
	case NA_AUDIT_WT:
	case NA_AUDIT_WP:
		if (entry == NA_AUDIT_WB)
			return range;
		break;
	}
	return entry == NA_AUDIT_UC_MINUS ? NA_AUDIT_UC : entry;
}

u8 na_x86_types_range(struct na_x86_types *types, u64 frame, u32 *nr)
{
	if (frame < types->found.first || frame >= types->found.end)
		find_range(types, frame);
	if (*nr > types->found.end - frame)
		*nr = (u32)(types->found.end - frame);
	return types->found_type;
}

u8 na_x86_types_effective(struct na_x86_types *types, u8 entry, u64 frame,
			  u32 *nr)
{
	return effective_type(entry, na_x86_types_range(types, frame, nr));
}

/* --- what is surely WB ------------------------------------------------------ */

/* Bits whose absence means index 0; the PAT bit only where it matters. */
static u64 typed_bits(const struct na_x86_types *types, u64 pat_bit)
{
	u64 bits = NA_X86_PWT | NA_X86_PCD;

	if (types->pat[0] != NA_AUDIT_WB)
		return 0;
	return types->pat[4] == NA_AUDIT_WB ? bits : bits | pat_bit;
}

static u64 length_of(struct na_x86_range range)
{
	return range.end - range.first;
}

static void keep_plain(struct na_x86_types *types, struct na_x86_range range)
{
	struct na_x86_range *plain = types->plain;
	u32 least = length_of(plain[0]) > length_of(plain[1]);

	if (length_of(range) > length_of(plain[least]))
		plain[least] = range;
}

#define STEPS_MAX	1024u

/* Frame after the last of interest: addresses have 52 bits at most. */
static u64 last_of_all(const struct na_x86_types *types)
{
	u64 last = 1ull << 40, top;
	u32 i;

	for (i = 0; i < types->nr_mtrrs; i++) {
		top = top_of(&types->mtrrs[i]);
		if (top && top < last)
			last = top;
	}
	return last;
}

/*
 * From one answer to the next. Registers whose masks have gaps may have any
 * number of answers: what is beyond the last step is looked up entry by entry.
 */
void na_x86_types_ready(struct na_x86_types *types)
{
	u64 frame = 0, last = last_of_all(types);
	struct na_x86_range plain = { 0 };
	u32 step;

	types->typed_small = typed_bits(types, NA_X86_PAT);
	types->typed_large = typed_bits(types, NA_X86_PAT_LARGE);
	for (step = 0; step < STEPS_MAX && frame < last; step++) {
		find_range(types, frame);
		frame = types->found.end < last ? types->found.end : last;
		if (effective_type(NA_AUDIT_WB, types->found_type) ==
		    NA_AUDIT_WB) {
			plain.end = frame;
			continue;
		}
		keep_plain(types, plain);
		plain = (struct na_x86_range){ frame, frame };
	}
	keep_plain(types, plain);
}
