/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Memory types of entries on this CPU, for the auditor. port/x86 knows them;
 * these are the names that files for all architectures use.
 */
#ifndef NA_LINUX_MEMTYPE_H
#define NA_LINUX_MEMTYPE_H

#include "../../x86/types.h"
#include "pte.h"

/** struct na_linux_types - this CPU's registers. */
struct na_linux_types {
	struct na_x86_types x86;
};

/** na_linux_types_init() - read PAT and range registers of this CPU. */
void na_linux_types_init(struct na_linux_types *types);

/** na_linux_types_entry() - enum na_audit_type of a leaf, by its bits. */
static inline u8 na_linux_types_entry(const struct na_linux_types *types,
				      pteval_t entry, unsigned long size)
{
	return na_x86_types_entry(&types->x86, entry, size);
}

/**
 * na_linux_types_effective() - the type that it has in effect
 * @types: of this CPU
 * @entry: result of na_linux_types_entry()
 * @frame: number of the frame
 * @nr: frames from there on; receives how many of them have this type
 *
 * Return: enum na_audit_type.
 */
static inline u8 na_linux_types_effective(struct na_linux_types *types,
					  u8 entry, u64 frame, u32 *nr)
{
	return na_x86_types_effective(&types->x86, entry, frame, nr);
}

/** na_linux_types_is_plain() - is the type of a small leaf surely WB? */
static inline bool na_linux_types_is_plain(const struct na_linux_types *types,
					   pteval_t entry)
{
	return na_x86_is_plain(&types->x86, entry, PAGE_SIZE);
}

#endif
