/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: memory types of arm64, and of 32-bit ARM with LPAE
 *
 * Three bits of a descriptor are an index into MAIR_EL1, or of 32-bit ARM into
 * MAIR1 and MAIR0, the lower half, whose eight bytes describe memory: Device
 * with four degrees of strictness, or Normal with a cacheability for inner and
 * one for outer caches (Arm ARM, D17.2.97).
 *
 * The auditor's types, and this is the one place that maps them:
 *
 *	WB	Normal, Write-Back in any cache
 *	WT	Normal, Write-Through in any cache, and Write-Back in none
 *	WC	Normal Non-cacheable: stores may be merged and reordered
 *	UC	Device of any kind
 *
 * Mappings of one location with attributes that differ are mismatched (B2.8). If
 * one of them is cacheable, coherence is lost: that is the grade alias. Device
 * beside Normal Non-cacheable loses order and size of accesses, and nothing that
 * was written: that is mixed. Kinds of Device are one type, as Linux uses
 * nGnRnE beside nGnRE for the same registers, and neither is cached.
 *
 * Shareability is a third attribute. Memory that is not cacheable is always
 * treated as Outer Shareable; of cacheable memory na_arm64_is_shared() tells
 * whether it is what all Linux maps is.
 */
#ifndef NA_ARM64_TYPES_H
#define NA_ARM64_TYPES_H

#include <noalias/audit.h>

#include "entry.h"

/*
 * Indexes 0 to 4 of Linux: Normal, Normal Tagged, Normal Non-cacheable, Device
 * nGnRnE, Device nGnRE; since 5.10.
 */
#define NA_ARM64_MAIR_LINUX	0x000000040044ffffull
/* Before: Device nGnRnE, nGnRE, GRE, Normal Non-cacheable, Normal, through. */
#define NA_ARM64_MAIR_LINUX_OLD	0x0000bbff440c0400ull

/*
 * Of 32-bit ARM: Strongly-ordered, Normal Non-cacheable, Write-Through, Write-Back
 * without allocation by writes, Device, -, -, Write-Back.
 */
#define NA_ARM_MAIR_LINUX	0xff000004eeaa4400ull

/**
 * struct na_arm64_types - what MAIR says
 * @attrs: enum na_audit_type by index
 */
struct na_arm64_types {
	u8 attrs[8];
};

/** na_arm64_type_of() - enum na_audit_type of a byte of MAIR. */
u8 na_arm64_type_of(u8 attr);

/** na_arm64_types_init() - take a value of MAIR_EL1. */
void na_arm64_types_init(struct na_arm64_types *types, u64 mair);

/** na_arm64_types_entry() - type of a leaf. */
static inline u8 na_arm64_types_entry(const struct na_arm64_types *types,
				      u64 entry)
{
	return types->attrs[na_arm64_attr_index(entry)];
}

/**
 * na_arm64_wb_bits() - bits of an index that tell WB from all other types
 * @types: types
 * @value: receives what they are for WB
 *
 * Return: bits of a descriptor; 0: no bits tell WB from the others.
 */
u64 na_arm64_wb_bits(const struct na_arm64_types *types, u64 *value);

/** na_arm64_is_shared() - is a leaf Inner Shareable, or not cacheable? */
static inline bool na_arm64_is_shared(const struct na_arm64_types *types,
				      u64 entry)
{
	return (entry & NA_ARM64_SHARE) == NA_ARM64_SHARE_INNER ||
	       na_arm64_types_entry(types, entry) >= NA_AUDIT_WC;
}

#endif
