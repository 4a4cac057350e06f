// SPDX-License-Identifier: GPL-2.0
/*
 * The world of a scenario in the kernel: the calls that any driver would use,
 * none of them the engine's.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>
#include <asm/pgtable.h>

#include "scenario.h"
#include "world.h"

/* Slots of the pool that a text may use before it wraps. */
#define ROOM_SLOTS 32

bool scn_world_has_high(struct na_port *port)
{
	return totalhigh_pages();
}

void scn_world_line(struct na_port *port, const char *line)
{
}

int scn_world_take(struct na_port *port, u32 order, bool is_high,
		   struct na_frame *first)
{
	gfp_t gfp = is_high ? GFP_HIGHUSER : GFP_KERNEL;
	struct page *page = alloc_pages(gfp | __GFP_ZERO, order);

	if (!page)
		return -ENOMEM;
	if (PageHighMem(page) != is_high) {
		__free_pages(page, order);
		return -ENOMEM;
	}
	*first = na_frame(page_to_pfn(page));
	return 0;
}

void scn_world_give(struct na_port *port, struct na_frame first, u32 order)
{
	__free_pages(na_linux_page(first), order);
}

void *scn_world_kmap(struct na_port *port, struct na_frame frame)
{
	return kmap(na_linux_page(frame));
}

void scn_world_kunmap(struct na_port *port, struct na_frame frame, void *addr)
{
	kunmap(na_linux_page(frame));
}

void *scn_world_vmap(struct na_port *port, struct na_frame frame)
{
	struct page *page = na_linux_page(frame);

	return vmap(&page, 1, VM_MAP, PAGE_KERNEL);
}

void scn_world_vunmap(struct na_port *port, void *addr)
{
	vunmap(addr);
}

void scn_world_poke(struct na_port *port, struct na_frame frame, u8 value)
{
	u8 *addr = kmap_local_page(na_linux_page(frame));

	WRITE_ONCE(*addr, value);
	kunmap_local(addr);
}

u8 scn_world_load(struct na_port *port, void *addr)
{
	return READ_ONCE(*(u8 *)addr);
}

void scn_world_store(struct na_port *port, void *addr, u8 value)
{
	WRITE_ONCE(*(u8 *)addr, value);
}

void scn_world_hold(struct na_port *port, struct na_frame frame, bool holds)
{
}

#ifdef CONFIG_HIGHMEM
static bool has_room(struct page *page)
{
	void *addr = kmap(page);

	kunmap(page);
	return PKMAP_NR((unsigned long)addr) + ROOM_SLOTS < LAST_PKMAP;
}

int scenario_world_begin(struct na_port *port)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	bool is_done = !page || !PageHighMem(page);

	/* The purge makes the page take the next slot, not the same again. */
	while (!is_done) {
		is_done = has_room(page);
		na_port_kmap_purge(port);
	}
	if (page)
		__free_page(page);
	return page ? 0 : -ENOMEM;
}
#else
int scenario_world_begin(struct na_port *port)
{
	return 0;
}
#endif
