// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * arm64 memory types: what the bytes of MAIR_EL1 mean.
 */
#include "types.h"

#define XS_NON_CACHEABLE	0x40u	/* with FEAT_XS, as the next */
#define XS_WRITE_THROUGH	0xa0u
#define TAGGED			0xf0u	/* with FEAT_MTE2: Write-Back */

/*
 * Half of a byte: 00RW is Write-Through and 01RW Write-Back, both transient,
 * where RW is not 00; 0100 is Non-cacheable; 10RW is Write-Through, 11RW
 * Write-Back.
 */
static u8 type_of_half(u32 half)
{
	if (half == 4)
		return NA_AUDIT_WC;
	return half & 4 ? NA_AUDIT_WB : NA_AUDIT_WT;
}

/* What is reserved is taken for Device: nothing is claimed to be cached. */
u8 na_arm64_type_of(u8 attr)
{
	u8 outer, inner;

	if (attr == XS_NON_CACHEABLE)
		return NA_AUDIT_WC;
	if (attr == XS_WRITE_THROUGH)
		return NA_AUDIT_WT;
	if (attr == TAGGED)
		return NA_AUDIT_WB;
	if (!(attr & 0xf0) || !(attr & 0x0f))
		return NA_AUDIT_UC;
	outer = type_of_half(attr >> 4);
	inner = type_of_half(attr & 0xf);
	/* The types ascend: of two the one that is cached more counts. */
	return inner < outer ? inner : outer;
}

void na_arm64_types_init(struct na_arm64_types *types, u64 mair)
{
	u32 i;

	for (i = 0; i < 8; i++)
		types->attrs[i] = na_arm64_type_of((u8)(mair >> (8 * i)));
}

/* Do these bits of an index have this value for WB, and for no other? */
static bool tells_wb(const struct na_arm64_types *types, u32 bits, u32 value)
{
	u32 i;

	for (i = 0; i < 8; i++)
		if ((types->attrs[i] == NA_AUDIT_WB) != ((i & bits) == value))
			return false;
	return true;
}

u64 na_arm64_wb_bits(const struct na_arm64_types *types, u64 *value)
{
	u32 bits, wb;

	for (bits = 1; bits < 8; bits++) {
		for (wb = 0; wb <= bits; wb++) {
			if (wb & ~bits || !tells_wb(types, bits, wb))
				continue;
			*value = (u64)wb << NA_ARM64_ATTR_SHIFT;
			return (u64)bits << NA_ARM64_ATTR_SHIFT;
		}
	}
	*value = 0;
	return 0;
}
