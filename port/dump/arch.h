/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: what differs between architectures, apart from the tables' format
 *
 * The format is data (paging.h), because the walk reads millions of entries.
 * What is done once an image, or once a mapping that is not plain WB, is a call.
 */
#ifndef NA_DUMP_ARCH_H
#define NA_DUMP_ARCH_H

#include "kernel.h"

struct na_dump;
struct na_spaces;

/**
 * struct na_arch_calls - the calls of an architecture
 * @info_fits: is the root table at the kernel's address @va one of this
 *	architecture, by what VMCOREINFO says? Then kernel->arch, ->paging,
 *	->root and ->sme_mask are set. It must map itself
 * @has_direct_map: does the direct map of the root table @root map @root? Sets
 *	kernel->layout.page_offset
 * @find_layout: fill in the rest of kernel->layout
 * @list_spaces: as na_lists_read(), of this architecture
 * @find_types: fill in what the next two need, and dump->plain
 * @entry_type: enum na_audit_type of a leaf by its bits
 * @effective_type: the same with what else decides it for @frame; @nr: frames
 *	from there on, receives how many of them have it
 * @add_regions: na_region_add() for each region of the kernel
 */
struct na_arch_calls {
	bool (*info_fits)(struct na_kernel *kernel, u64 va);
	bool (*has_direct_map)(struct na_kernel *kernel, u64 root);
	void (*find_layout)(struct na_kernel *kernel);
	bool (*list_spaces)(struct na_spaces *spaces);
	void (*find_types)(struct na_dump *dump);
	u8 (*entry_type)(struct na_dump *dump, u64 entry, u64 size);
	u8 (*effective_type)(struct na_dump *dump, u8 entry, u64 frame,
			     u32 *nr);
	void (*add_regions)(struct na_dump *dump);
};

/** na_arch_calls() - those of an architecture; NULL: it cannot be read. */
const struct na_arch_calls *na_arch_calls(enum na_arch arch);

/* --- x86, of 64 and of 32 bits --- */

bool na_x86_info_fits(struct na_kernel *kernel, u64 va);
bool na_x86_has_direct_map(struct na_kernel *kernel, u64 root);
void na_x86_find_layout(struct na_kernel *kernel);
bool na_x86_list_spaces(struct na_spaces *spaces);
void na_x86_find_types(struct na_dump *dump);
u8 na_x86_entry_type(struct na_dump *dump, u64 entry, u64 size);
u8 na_x86_effective_type(struct na_dump *dump, u8 entry, u64 frame, u32 *nr);
void na_x86_add_regions(struct na_dump *dump);

/* --- arm64; the types are those of 32-bit ARM too --- */

bool na_arm64_info_fits(struct na_kernel *kernel, u64 va);
bool na_arm64_has_direct_map(struct na_kernel *kernel, u64 root);
void na_arm64_find_layout(struct na_kernel *kernel);
bool na_arm64_list_spaces(struct na_spaces *spaces);
void na_arm64_find_types(struct na_dump *dump);
u8 na_arm64_entry_type(struct na_dump *dump, u64 entry, u64 size);
u8 na_arm64_effective_type(struct na_dump *dump, u8 entry, u64 frame,
			   u32 *nr);
void na_arm64_add_regions(struct na_dump *dump);

/** na_arm64_add_tables() - root tables of arm64 that no mm has. */
void na_arm64_add_tables(struct na_spaces *spaces);

/**
 * na_arm64_refuse() - is it a kernel of arm64 whose tables cannot be read?
 *
 * Return: true if VMCOREINFO says so, and the error names what it is.
 */
bool na_arm64_refuse(const struct na_kernel *kernel);

/* --- 32-bit ARM with LPAE --- */

bool na_arm_info_fits(struct na_kernel *kernel, u64 va);
bool na_arm_has_direct_map(struct na_kernel *kernel, u64 root);
void na_arm_find_layout(struct na_kernel *kernel);
bool na_arm_list_spaces(struct na_spaces *spaces);
void na_arm_add_regions(struct na_dump *dump);

/** na_arm_refuse() - as na_arm64_refuse(), of 32-bit ARM. */
bool na_arm_refuse(const struct na_kernel *kernel);

#endif
