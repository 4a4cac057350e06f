// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Frames, metadata and time from the kernel.
 *
 * Blocks are not compound pages: user mappings are special entries without page
 * references, so a block is freed whole, or split before if one of its frames
 * is lost. The system's blocks are powers of two: of a block with another length
 * every frame is its own from the beginning, because the rest went back. Frames
 * are charged to the caller's memory cgroup, because every client of a heap can
 * allocate memory.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "port.h"

#define GFP_BLOCK (__GFP_NOWARN | __GFP_ACCOUNT)

void *na_port_alloc(struct na_port *port, size_t len)
{
	return kvzalloc(len, NA_GFP);
}

void *na_port_alloc_owned(struct na_port *port, size_t len)
{
	return kvzalloc(len, NA_GFP_OWNED);
}

void na_port_free(struct na_port *port, void *mem)
{
	kvfree(mem);
}

u64 na_port_time_ns(struct na_port *port)
{
	return ktime_get_ns();
}

bool na_port_is_dying(struct na_port *port)
{
	return fatal_signal_pending(current);
}

/*
 * On 32 bit no zone ends at 4 GiB. Low memory is below it, and the kernel's own
 * choice for a device of 32 bits.
 */
static gfp_t zone_gfp(enum na_zone zone)
{
	if (zone == NA_ZONE_DMA32)
		return GFP_USER | GFP_DMA32;
	return zone == NA_ZONE_LOW ? GFP_USER : GFP_HIGHUSER;
}

static gfp_t block_gfp(enum na_zone zone, u32 nr, bool try_hard)
{
	gfp_t gfp = zone_gfp(zone) | GFP_BLOCK;

	/* Else keep_first() does it, without the frames that go back. */
	if (is_power_of_2(nr))
		gfp |= __GFP_ZERO;
	if (try_hard)
		return gfp | __GFP_RETRY_MAYFAIL;
	return (gfp | __GFP_NORETRY) & ~__GFP_RECLAIM;
}

/* Of a block of @order the first @nr frames, zeroed, one by one. */
static void keep_first(struct page *page, u32 nr, u32 order)
{
	u32 i;

	/* Before, the tail pages of a block have no reference count. */
	split_page(page, order);
	for (i = nr; i < 1u << order; i++)
		__free_page(page + i);
	/* With init_on_alloc the kernel has zeroed all of them. */
	for (i = 0; i < nr && !want_init_on_alloc(0); i++)
		clear_highpage(page + i);
}

int na_port_frames_alloc(struct na_port *port, u32 nr, enum na_zone zone,
			 bool try_hard, struct na_run *block)
{
	u32 order = order_base_2(nr);
	struct page *page = alloc_pages(block_gfp(zone, nr, try_hard), order);

	if (!page)
		return -ENOMEM;
	if (zone == NA_ZONE_HIGH && !PageHighMem(page)) {
		__free_pages(page, order);
		return -ENOMEM;
	}
	if (!is_power_of_2(nr))
		keep_first(page, nr, order);
	*block = na_run(na_frame(page_to_pfn(page)), nr);
	return 0;
}

void na_port_frames_free(struct na_port *port, struct na_run block)
{
	struct page *page = na_linux_page(block.first);
	u32 i;

	if (is_power_of_2(block.nr)) {
		__free_pages(page, ilog2(block.nr));
		return;
	}
	for (i = 0; i < block.nr; i++)
		__free_page(page + i);
}

void na_port_frames_split(struct na_port *port, struct na_run block)
{
	if (is_power_of_2(block.nr))
		split_page(na_linux_page(block.first), ilog2(block.nr));
}

void na_port_frames_lost(struct na_port *port, u32 nr, const char *why)
{
	pr_warn("noalias: %u frame%s quarantined, lost until reboot: %s\n", nr,
		nr == 1 ? "" : "s", why);
}

bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame)
{
	return !PageHighMem(na_linux_page(frame));
}

unsigned long na_linux_nr_frames(void)
{
	unsigned long nr = 0;
	int nid;

	for_each_online_node(nid)
		nr = max(nr, node_end_pfn(nid));
	return nr;
}

unsigned long na_linux_nr_frames_max(void)
{
#ifdef CONFIG_MEMORY_HOTPLUG
	return 1ul << (MAX_PHYSMEM_BITS - PAGE_SHIFT);
#else
	return na_linux_nr_frames();
#endif
}
