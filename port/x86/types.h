/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: memory types of x86
 *
 * Three bits of an entry are an index into the PAT register; then the range
 * registers (MTRR) are applied to the frame (Intel SDM 3A, 12.5.2.2). Where
 * the registers were read is the caller's matter: from this CPU, from a
 * register that another saved, or from an assumption.
 *
 * The hole below 1 MiB is mapped write-back by the kernel, and an MTRR makes it
 * uncached: without MTRRs every old VGA driver would be an alias. Only MTRRs
 * that cover the frame are used, not the default type: AMD processors have
 * further registers that override it for memory above 4 GiB, and treating
 * cached memory as uncached would hide aliases.
 */
#ifndef NA_X86_TYPES_H
#define NA_X86_TYPES_H

#include <noalias/audit.h>

#include "entry.h"

#define NA_X86_MTRRS_MAX	64u
#define NA_X86_FIXED_FRAMES	256u
#define NA_X86_PLAIN_MAX	2u

/** NA_X86_PAT_POWER_ON - the register at reset, and where there is none. */
#define NA_X86_PAT_POWER_ON	0x0007040600070406ull
/** NA_X86_PAT_LINUX - as Linux programs it on all CPUs without a PAT bug. */
#define NA_X86_PAT_LINUX	0x0407050600070106ull

/**
 * struct na_x86_mtrr - a variable range register, in frames
 * @base: first frame
 * @mask: bits of a frame number that must equal those of @base
 * @type: enum na_audit_type
 */
struct na_x86_mtrr {
	u64 base;
	u64 mask;
	u8 type;
};

/** struct na_x86_range - frames @first up to @end. */
struct na_x86_range {
	u64 first;
	u64 end;
};

/**
 * struct na_x86_types - PAT and MTRRs
 * @pat: enum na_audit_type by PAT index
 * @fixed: types of the first MiB, by 4 KiB; NR_NA_AUDIT_TYPES: no register
 * @mtrrs: the variable ones that are enabled
 * @nr_mtrrs: length of @mtrrs
 * @typed_small: bits of which one is set in each small entry with another type
 *	than WB; 0: there are no such bits
 * @typed_large: the same for large entries
 * @plain: frames that the MTRRs leave WB: the largest ranges
 * @found: last lookup, cached because the next one is nearly always in the same
 *	range
 * @found_type: its type; NR_NA_AUDIT_TYPES: no register
 */
struct na_x86_types {
	u8 pat[8];
	u8 fixed[NA_X86_FIXED_FRAMES];
	struct na_x86_mtrr mtrrs[NA_X86_MTRRS_MAX];
	u32 nr_mtrrs;
	u64 typed_small;
	u64 typed_large;
	struct na_x86_range plain[NA_X86_PLAIN_MAX];
	struct na_x86_range found;
	u8 found_type;
};

/** na_x86_types_init() - begin with a value of the PAT register, no MTRRs. */
void na_x86_types_init(struct na_x86_types *types, u64 pat);

/**
 * na_x86_types_set_fixed() - add a fixed range register
 * @types: types
 * @first: its first frame
 * @nr: frames of each of its eight types
 * @value: the register
 */
void na_x86_types_set_fixed(struct na_x86_types *types, u32 first, u32 nr,
			    u64 value);

/**
 * na_x86_types_add_mtrr() - add a variable range register
 * @types: types; beyond NA_X86_MTRRS_MAX nothing is added
 * @base: register PHYSBASE
 * @mask: register PHYSMASK; one that is not enabled is skipped
 */
void na_x86_types_add_mtrr(struct na_x86_types *types, u64 base, u64 mask);

/** na_x86_types_ready() - all were added: derive what lookups need. */
void na_x86_types_ready(struct na_x86_types *types);

/** na_x86_type_of() - enum na_audit_type of the hardware's encoding. */
u8 na_x86_type_of(u32 code);

/** na_x86_types_entry() - type of a leaf by its bits and the PAT. */
static inline u8 na_x86_types_entry(const struct na_x86_types *types,
				    u64 entry, u64 size)
{
	return types->pat[na_x86_pat_index(entry, size)];
}

/**
 * na_x86_types_range() - what the MTRRs say of a frame
 * @types: types
 * @frame: number of the frame
 * @nr: frames from there on; receives of how many of them they say the same
 *
 * Return: enum na_audit_type; NR_NA_AUDIT_TYPES: no register has it.
 */
u8 na_x86_types_range(struct na_x86_types *types, u64 frame, u32 *nr);

/**
 * na_x86_types_effective() - apply the MTRRs to it
 * @types: types
 * @entry: result of na_x86_types_entry()
 * @frame: number of the frame
 * @nr: frames from there on; receives how many of them have this type
 *
 * Return: enum na_audit_type.
 */
u8 na_x86_types_effective(struct na_x86_types *types, u8 entry, u64 frame,
			  u32 *nr);

/**
 * na_x86_is_plain() - is a present leaf surely WB?
 *
 * A few instructions, for tables of which nearly all entries are. False means
 * that it has to be looked up.
 */
static inline bool na_x86_is_plain(const struct na_x86_types *types,
				   u64 entry, u64 size)
{
	u64 typed = size > 4096 ? types->typed_large : types->typed_small;
	u64 first = na_x86_address(entry, size) >> 12;
	u64 end = first + (size >> 12);

	return !(entry & typed) && typed &&
	       ((first >= types->plain[0].first && end <= types->plain[0].end) ||
		(first >= types->plain[1].first && end <= types->plain[1].end));
}

#endif
