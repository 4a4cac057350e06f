/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: a look at every page for root tables
 *
 * Shared by the files that know root tables by what they look like.
 */
#ifndef NA_DUMP_SCAN_H
#define NA_DUMP_SCAN_H

#include "spaces.h"

/**
 * struct na_scan - a scan
 * @spaces: receives what is found
 * @kernel: kernel
 * @nr_user: entries of the user half of a root table
 * @direct: x86-64: entry of the direct map
 * @root: the kernel's root table, as a page
 * @table: of three levels and 32 bits: the table of its last entry
 * @nr_missing: pages that could not be read
 * @nr_freed: of three levels and 32 bits: roots of ended processes
 */
struct na_scan {
	struct na_spaces *spaces;
	struct na_kernel *kernel;
	u32 nr_user;
	u32 direct;
	u64 root[512];
	u64 table[512];
	u64 nr_missing;
	u64 nr_freed;
};

/**
 * na_scan_add() - add a root table, unless it is known or the kernel's
 * @scan: scan
 * @root: physical address
 * @name: what it is for; NULL: a process, of which the root is all that is known
 */
void na_scan_add(struct na_scan *scan, u64 root, const char *name);

/** na_arm_scan_page() - add the roots of 32-bit ARM in the page at @pa. */
void na_arm_scan_page(struct na_scan *scan, u64 pa, const u64 *page);

/** na_arm_scan_end() - a loss is what such a scan cannot see. */
void na_arm_scan_end(const struct na_scan *scan);

#endif
