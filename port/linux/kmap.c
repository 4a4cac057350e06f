// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's kmap pool.
 *
 * page_address() of a high page returns its address in the pool while any
 * slot points at it, a stale one too. It is exported, and gives an exact answer
 * for one page at the cost of a hash lookup under a lock with interrupts off.
 *
 * For many pages the page table of the pool is read instead. It is one table,
 * shared by all processes and never freed, and found by lookup_address(), which
 * is exported.
 *
 * __kmap_flush_unused() is not exported; its address is found by a kprobe. If
 * that fails, set_pages_wb() is called on a low page of ours that is already
 * WB: it empties the pool before it looks at the page table, and then has
 * nothing to change. It also empties the vmap areas, which may cost a second
 * shootdown, so it is only the fallback.
 */
#include <linux/highmem.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <asm/set_memory.h>

#include "kmap.h"
#include "pte.h"

#ifdef CONFIG_HIGHMEM

/*
 * Disabled from the start: it is never armed. To disarm a probe the kernel needs
 * memory, and without any unregister_kprobe() says nothing and leaves the
 * probe where it was: the kernel would go on through this stack, and our code.
 */
static void *find_text_symbol(const char *name)
{
	struct kprobe probe = {
		.symbol_name = name, .flags = KPROBE_FLAG_DISABLED,
	};
	void *addr;

	if (register_kprobe(&probe))
		return NULL;
	addr = probe.addr;
	unregister_kprobe(&probe);
	return addr;
}

/* NULL if the pool is not one table of small entries. */
static pte_t *find_pool(void)
{
	pte_t *pool = na_pte_find((void *)PKMAP_ADDR(0));

	BUILD_BUG_ON(LAST_PKMAP > PTRS_PER_PTE);
	return IS_ALIGNED((unsigned long)pool, LAST_PKMAP * sizeof(*pool)) ?
	       pool : NULL;
}

/* The page is taken in any case, so that any load tests a refusal of it. */
int na_linux_kmap_init(struct na_port *port)
{
	port->low_page = alloc_page(GFP_KERNEL);
	if (!port->low_page)
		return -ENOMEM;
	port->kmap_pool = find_pool();
	port->kmap_purge = find_text_symbol("__kmap_flush_unused");
	if (!port->kmap_purge)
		pr_info("noalias: no kprobe on __kmap_flush_unused, purging by set_pages_wb\n");
	return 0;
}

void na_linux_kmap_fini(struct na_port *port)
{
	__free_page(port->low_page);
}

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	struct page *page = na_linux_page(frame);

	return PageHighMem(page) && page_address(page);
}

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	return LAST_PKMAP;
}

bool na_linux_kmap_read(const struct na_port *port, u32 slot,
			struct na_frame *frame)
{
	pteval_t entry;

	if (!port->kmap_pool)
		return false;
	entry = na_pte_read(&port->kmap_pool[slot]);
	*frame = na_frame(na_pte_frame(entry, PAGE_SIZE));
	return na_pte_is_present(entry);
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	struct na_frame frame;
	u32 i, nr = 0;

	if (!port->kmap_pool) {
		memset(bloom, 0xff, sizeof(*bloom));
		return LAST_PKMAP;
	}
	for (i = 0; i < LAST_PKMAP; i++) {
		if (!na_linux_kmap_read(port, i, &frame) ||
		    frame.nr < lowest.nr || frame.nr > highest.nr)
			continue;
		na_bloom_add(bloom, frame);
		nr++;
	}
	return nr;
}

void na_port_kmap_purge(struct na_port *port)
{
	might_sleep();
	if (port->kmap_purge)
		port->kmap_purge();
	else
		set_pages_wb(port->low_page, 1);
}

#else /* no high memory, no pool */

int na_linux_kmap_init(struct na_port *port)
{
	return 0;
}

void na_linux_kmap_fini(struct na_port *port)
{
}

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	return false;
}

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	return 0;
}

bool na_linux_kmap_read(const struct na_port *port, u32 slot,
			struct na_frame *frame)
{
	return false;
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	return 0;
}

void na_port_kmap_purge(struct na_port *port)
{
}

#endif
