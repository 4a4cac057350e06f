// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Frames, metadata and time from the kernel.
 *
 * Blocks are not compound pages: user mappings are special entries without page
 * references, so a block is freed whole, or split before if one of its frames
 * is lost. Frames are charged to the caller's memory cgroup, because every
 * client of a heap can allocate memory.
 */
#include <linux/gfp.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "port.h"

#define GFP_BLOCK (__GFP_ZERO | __GFP_NOWARN | __GFP_ACCOUNT)

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

static gfp_t block_gfp(enum na_zone zone, u32 nr)
{
	gfp_t gfp = zone_gfp(zone) | GFP_BLOCK;

	/* No reclaim for a large block: smaller ones will do. */
	if (nr > 1)
		return (gfp | __GFP_NORETRY) & ~__GFP_RECLAIM;
	return gfp | __GFP_RETRY_MAYFAIL;
}

int na_port_frames_alloc(struct na_port *port, u32 nr, enum na_zone zone,
			 struct na_run *block)
{
	u32 order = ilog2(nr);
	struct page *page = alloc_pages(block_gfp(zone, nr), order);

	if (!page)
		return -ENOMEM;
	if (zone == NA_ZONE_HIGH && !PageHighMem(page)) {
		__free_pages(page, order);
		return -ENOMEM;
	}
	*block = na_run(na_frame(page_to_pfn(page)), nr);
	return 0;
}

void na_port_frames_free(struct na_port *port, struct na_run block)
{
	__free_pages(na_linux_page(block.first), ilog2(block.nr));
}

/* Before, the tail pages of a block have no reference count. */
void na_port_frames_split(struct na_port *port, struct na_run block)
{
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
