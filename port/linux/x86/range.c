// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Ranges of kernel addresses whose entries we write ourselves.
 *
 * vmap() of any page allocates page tables down to the last level for all
 * processes: where processes have separate tables above that level (PAE under
 * PTI), they are synchronised before it returns, and the last-level table is
 * shared. So an entry written once is visible to all CPUs. PTI's user tables do
 * not have these addresses. Afterwards the entries are cleared, and their
 * addresses recorded.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>

#include "../port.h"
#include "pte.h"
#include "range.h"

/* The page is mapped at every address until the entries are cleared. */
static void *reserve(struct page *page, u32 nr)
{
	struct page **pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	void *base;
	u32 i;

	if (!pages)
		return NULL;
	for (i = 0; i < nr; i++)
		pages[i] = page;
	/* VM_IOREMAP: /proc/kcore skips it. */
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
	/*
	 * A CPU may have fetched one, a translation to the page that is freed.
	 */
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
	/*
	 * After an error nobody uses the addresses, so the page is not
	 * accessed.
	 */
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
