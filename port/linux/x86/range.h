/* SPDX-License-Identifier: GPL-2.0 OR MIT */
#ifndef NA_LINUX_RANGE_H
#define NA_LINUX_RANGE_H

#include <linux/types.h>
#include <asm/pgtable.h>

struct na_port;

/**
 * struct na_linux_range - addresses of the kernel and their entries
 * @base: first address; NULL: no range
 * @nr: pages
 * @entries: page table entry of each, written by the owner of the range
 */
struct na_linux_range {
	void *base;
	u32 nr;
	pte_t **entries;
};

/**
 * na_linux_range_init() - reserve addresses with absent entries
 * @port: instance
 * @range: caller's memory
 * @nr: pages
 *
 * Ordering. On return the entries are absent, and no CPU holds a translation.
 *
 * Context: may sleep. Return: 0; -ENOMEM; -EFAULT an entry cannot be found.
 * After an error there is no range, and na_linux_range_fini() does nothing.
 */
int na_linux_range_init(struct na_port *port, struct na_linux_range *range,
			u32 nr);

/**
 * na_linux_range_fini() - free the addresses
 *
 * Context: may sleep; the addresses are no longer used.
 */
void na_linux_range_fini(struct na_linux_range *range);

/** na_linux_range_addr() - address of page @idx. Context: any. */
static inline void *na_linux_range_addr(const struct na_linux_range *range,
					u32 idx)
{
	return range->base + (size_t)idx * PAGE_SIZE;
}

#endif
