/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What this CPU's registers say of memory types, for the auditor.
 */
#ifndef NA_LINUX_MEMTYPE_H
#define NA_LINUX_MEMTYPE_H

#include <linux/types.h>
#include <asm/pgtable.h>

#define NA_LINUX_MTRRS_MAX	64

/**
 * struct na_linux_mtrr - a variable range register, in frames
 * @base: where
 * @mask: bits of a frame number that must be those of @base
 * @type: enum na_audit_type
 */
struct na_linux_mtrr {
	u64 base;
	u64 mask;
	u8 type;
};

/**
 * struct na_linux_types - what this CPU makes of an entry's type bits
 * @pat: enum na_audit_type by PAT index
 * @fixed: of the first MiB, by 4 KiB; NR_NA_AUDIT_TYPES: no register
 * @mtrrs: the variable ones that are switched on
 * @nr_mtrrs: length of @mtrrs
 * @first: the registers say @range of frames @first up to @end: the last
 *	answer, which nearly always is the next one too
 * @end: see there
 * @range: enum na_audit_type; NR_NA_AUDIT_TYPES: no register
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
 * na_linux_types_entry() - what the type bits of an entry say
 * @types: of this CPU
 * @entry: the entry
 * @size: bytes that it maps
 *
 * Return: enum na_audit_type.
 */
u8 na_linux_types_entry(const struct na_linux_types *types, pteval_t entry,
			unsigned long size);

/**
 * na_linux_types_effective() - and what comes of it at a frame
 * @types: of this CPU
 * @entry: what na_linux_types_entry() said
 * @frame: number of the frame
 * @nr: frames from there on; receives how many of them share the answer
 *
 * Return: enum na_audit_type.
 */
u8 na_linux_types_effective(struct na_linux_types *types, u8 entry, u64 frame,
			    u32 *nr);

#endif
