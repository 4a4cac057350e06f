/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the set of address spaces of a kernel
 *
 * While it is collected: from the kernel's lists, by a scan, from registers.
 */
#ifndef NA_DUMP_SPACES_H
#define NA_DUMP_SPACES_H

#include "kernel.h"

#define NA_SPACES_MAX	(1u << 20)

/**
 * struct na_spaces - the set; initialized to zeroes
 * @kernel: kernel, whose notes say what has no room
 * @items: the spaces
 * @nr: how many
 * @nr_max: how many @items have room for
 * @slots: index + 1 into @items, hashed by root
 * @nr_slots: a power of two, over twice @nr_max
 * @is_failed: out of memory
 */
struct na_spaces {
	struct na_kernel *kernel;
	struct na_kernel_space *items;
	u32 nr;
	u32 nr_max;
	u32 *slots;
	u32 nr_slots;
	bool is_failed;
};

/**
 * na_spaces_get() - the space with this root, new if there was none
 *
 * Return: valid until the next call; NULL if there is no room, which is a loss
 * or sets @is_failed.
 */
struct na_kernel_space *na_spaces_get(struct na_spaces *spaces, u64 root);

/** na_spaces_find() - the space with this root, or NULL. */
struct na_kernel_space *na_spaces_find(const struct na_spaces *spaces,
				       u64 root);

/** na_spaces_clear() - forget all. */
void na_spaces_clear(struct na_spaces *spaces);

/**
 * na_lists_read() - add what the kernel lists
 *
 * Root tables, and processes with their names; a list that does not end is a
 * loss.
 *
 * Return: true if there is a list of all root tables and it was read.
 */
bool na_lists_read(struct na_spaces *spaces);

/**
 * na_scan_read() - add what a look at every page finds
 *
 * Root tables are known by the entries that all of them share with the
 * kernel's. Only those with a user half that maps something are found.
 */
void na_scan_read(struct na_spaces *spaces);

#endif
