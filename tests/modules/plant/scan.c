// SPDX-License-Identifier: GPL-2.0
/*
 * All kernel entries that point at given frames: kmap pool, fixed map, vmalloc
 * area, and direct map entries of an unexpected type. Simple enough to be
 * believed: every address is looked up, and only a table that is not there is
 * stepped over. The auditor learns the size of a hole another way.
 */
#include <linux/bitmap.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/fixmap.h>
#include <asm/pgtable.h>

#include "plant.h"

struct frame_set {
	unsigned long *bits;
	unsigned long nr_bits;
};

static int set_init(struct frame_set *set, const struct frames *frames)
{
	u32 i, last = 0;

	for (i = 0; i < frames->nr; i++)
		last = max(last, frames->pfns[i]);
	set->nr_bits = (unsigned long)last + 1;
	set->bits = kvcalloc(BITS_TO_LONGS(set->nr_bits), sizeof(long),
			     GFP_KERNEL);
	if (!set->bits)
		return -ENOMEM;
	for (i = 0; i < frames->nr; i++)
		__set_bit(frames->pfns[i], set->bits);
	return 0;
}

/*
 * The address behind the hole at @va, or @va when it has a table of small
 * entries or a large entry. The kernel's half of a process's tables has all
 * tables of vmalloc() that init_mm has.
 */
static unsigned long skip_hole(unsigned long va)
{
	pgd_t *pgd = pgd_offset(current->active_mm, va);
	p4d_t *p4d;
	pud_t *pud;

	if (pgd_none(*pgd))
		return (va & PGDIR_MASK) + PGDIR_SIZE;
	p4d = p4d_offset(pgd, va);
	if (p4d_none(*p4d))
		return (va & P4D_MASK) + P4D_SIZE;
	pud = pud_offset(p4d, va);
	if (pud_none(*pud))
		return (va & PUD_MASK) + PUD_SIZE;
	if (!pud_leaf(*pud) && pmd_none(*pmd_offset(pud, va)))
		return (va & PMD_MASK) + PMD_SIZE;
	return va;
}

static u32 count_range(const struct frame_set *set, unsigned long start,
		       unsigned long end)
{
	struct plant_entry entry;
	unsigned long va, next;
	u32 nr = 0;

	/* The last hole of all ends at 0. */
	for (va = start; va < end && va >= start; va = next) {
		if (!(va & ~PMD_MASK))
			cond_resched();
		next = skip_hole(va);
		if (next != va)
			continue;
		next = va + PAGE_SIZE;
		entry.va = va;
		peek_kernel(&entry);
		nr += entry.present && entry.pfn < set->nr_bits &&
		      test_bit(entry.pfn, set->bits);
	}
	return nr;
}

/* CONFIG_DEBUG_PAGEALLOC takes the entry of a page that nobody has. */
static bool may_be_absent(u32 pfn)
{
	return debug_pagealloc_enabled() && !page_count(pfn_to_page(pfn));
}

static bool is_odd(const struct plant_page *page, u32 type)
{
	if (page->high || page->direct == type)
		return false;
	return page->direct != PLANT_ABSENT || !may_be_absent(page->pfn);
}

static u32 count_direct_odd(const struct frames *frames, u32 type)
{
	struct plant_page page;
	u32 i, nr = 0;

	for (i = 0; i < frames->nr; i++) {
		page.pfn = frames->pfns[i];
		if (look_at_page(&page))
			continue;
		nr += is_odd(&page, type);
	}
	return nr;
}

int scan_kernel(const struct frames *frames, struct plant_frames *result)
{
	struct frame_set set;
	int err = set_init(&set, frames);

	if (err)
		return err;
	result->nr_kmap = 0;
	result->nr_fixmap = 0;
	result->nr_vmalloc = 0;
#ifdef CONFIG_HIGHMEM
	result->nr_kmap = count_range(&set, PKMAP_ADDR(0),
				      PKMAP_ADDR(LAST_PKMAP));
#endif
	result->nr_fixmap = count_range(&set, FIXADDR_START, FIXADDR_TOP);
	result->nr_vmalloc = count_range(&set, VMALLOC_START, VMALLOC_END);
	result->nr_direct_odd = count_direct_odd(frames, result->type);
	kvfree(set.bits);
	return 0;
}
