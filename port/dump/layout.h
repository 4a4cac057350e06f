/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: where the kernel has its regions
 *
 * Only to name what is found there. Which addresses are looked at never depends
 * on it.
 */
#ifndef NA_DUMP_LAYOUT_H
#define NA_DUMP_LAYOUT_H

#include "kernel.h"

/**
 * na_layout_direct_map() - first address of the direct map, from the tables
 * @kernel: with image, paging and sme_mask
 * @root: physical address of a root table that has a direct map
 * @page_offset: receives it
 *
 * It is the lowest one at which the table @root maps itself.
 *
 * Return: false if there is none.
 */
bool na_layout_direct_map(const struct na_kernel *kernel, u64 root,
			  u64 *page_offset);

/**
 * na_layout_direct_end() - of 32 bits: address after the direct map
 * @kernel: with its tables, page_offset and direct_shift
 * @hole_max: bytes of a hole in it that is passed over; 0: it has none
 */
u64 na_layout_direct_end(const struct na_kernel *kernel, u64 hole_max);

/**
 * na_layout_take_kmap() - of 32 bits: is the kmap pool at this address?
 * @kernel: receives kmap and kmap_end
 * @va: the first address of a table of the lowest level
 * @direct_end: address after the direct map
 *
 * It is if there is a table, and all that it maps is high memory.
 */
bool na_layout_take_kmap(struct na_kernel *kernel, u64 va, u64 direct_end);

/** na_layout_find() - fill kernel->layout; the rest of kernel is known. */
void na_layout_find(struct na_kernel *kernel);

#endif
