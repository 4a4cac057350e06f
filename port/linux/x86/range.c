// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Ranges of kernel addresses whose entries we write ourselves.
 *
 * vmap() of any page brings page tables down to the last level, in the tables
 * of every process: where processes have tables of their own above that level
 * (PAE under PTI) it has synchronised them by the time it returns, and the
 * last-level table itself is one for all. So an entry written once is seen by
 * all CPUs, and every CPU can reach it. PTI's user tables hold no such
 * addresses. The entries are then cleared, and found again without a walk
 * from here on.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>

#include "../port.h"
#include "pte.h"
#include "range.h"

/* The page shows at every address until the entries are cleared. */
static void *reserve(struct page *page, u32 nr)
{
	struct page **pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	void *base;
	u32 i;

	if (!pages)
		return NULL;
	for (i = 0; i < nr; i++)
		pages[i] = page;
	/* VM_IOREMAP: /proc/kcore passes over it. */
	base = vmap(pages, nr, VM_MAP | VM_IOREMAP, PAGE_KERNEL);
	kvfree(pages);
	return base;
}

static int find_entries(struct na_linux_range *range)
{
	u32 i;

	for (i = 0; i < range->nr; i++) {
		range->entries[i] = na_pte_find(na_linux_range_addr(range, i));
		if (!range->entries[i])
			return -EFAULT;
	}
	return 0;
}

static void empty_entries(struct na_port *port, struct na_linux_range *range)
{
	u32 i;

	for (i = 0; i < range->nr; i++)
		pte_clear(NULL, 0, range->entries[i]);
	/* A CPU that fetched one would go on showing the page we give back. */
	na_port_tlb_flush(port);
}

static int fill_range(struct na_port *port, struct na_linux_range *range,
		      struct page *page)
{
	int err;

	range->entries = kvmalloc_array(range->nr, sizeof(*range->entries),
					GFP_KERNEL);
	if (range->entries)
		range->base = reserve(page, range->nr);
	if (!range->base)
		return -ENOMEM;
	err = find_entries(range);
	if (!err)
		empty_entries(port, range);
	return err;
}

int na_linux_range_init(struct na_port *port, struct na_linux_range *range,
			u32 nr)
{
	struct page *page = alloc_page(GFP_KERNEL);
	int err;

	might_sleep();
	*range = (struct na_linux_range){ .nr = nr };
	if (!page)
		return -ENOMEM;
	err = fill_range(port, range, page);
	if (err)
		na_linux_range_fini(range);
	/* After an error the address has no owner who could touch the page. */
	__free_page(page);
	return err;
}

void na_linux_range_fini(struct na_linux_range *range)
{
	might_sleep();
	if (range->base)
		vunmap(range->base);
	kvfree(range->entries);
	*range = (struct na_linux_range){ 0 };
}
