/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory types from this CPU's registers, for the auditor.
 */
#ifndef NA_LINUX_MEMTYPE_H
#define NA_LINUX_MEMTYPE_H

#include <linux/types.h>
#include <asm/pgtable.h>

#define NA_LINUX_MTRRS_MAX	64

/**
 * struct na_linux_mtrr - a variable range register, in frames
 * @base: first frame
 * @mask: bits of a frame number that must equal those of @base
 * @type: enum na_audit_type
 */
struct na_linux_mtrr {
	u64 base;
	u64 mask;
	u8 type;
};

/**
 * struct na_linux_types - PAT and MTRRs of this CPU
 * @pat: enum na_audit_type by PAT index
 * @fixed: types of the first MiB, by 4 KiB; NR_NA_AUDIT_TYPES: no register
 * @mtrrs: the variable ones that are enabled
 * @nr_mtrrs: length of @mtrrs
 * @first: first frame of the last lookup, cached because the next one is nearly
 *	always in the same range
 * @end: frame after its last
 * @range: its type; NR_NA_AUDIT_TYPES: no register
 */
struct na_linux_types {
	u8 pat[8];
	u8 fixed[256];
	struct na_linux_mtrr mtrrs[NA_LINUX_MTRRS_MAX];
	u32 nr_mtrrs;
	u64 first;
	u64 end;
	u8 range;
};

/** na_linux_types_init() - read PAT and range registers of this CPU. */
void na_linux_types_init(struct na_linux_types *types);

/**
 * na_linux_types_entry() - type of an entry by its bits and the PAT
 * @types: of this CPU
 * @entry: the entry
 * @size: bytes that it maps
 *
 * Return: enum na_audit_type.
 */
u8 na_linux_types_entry(const struct na_linux_types *types, pteval_t entry,
			unsigned long size);

/**
 * na_linux_types_effective() - apply the MTRRs to it
 * @types: of this CPU
 * @entry: result of na_linux_types_entry()
 * @frame: number of the frame
 * @nr: frames from there on; receives how many of them have this type
 *
 * Return: enum na_audit_type.
 */
u8 na_linux_types_effective(struct na_linux_types *types, u8 entry, u64 frame,
			    u32 *nr);

#endif
