// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 direct map: changing the type of its entries.
 *
 * The kernel's set_pages_array_*() would do, at a price: one page table walk
 * a page, up to three shootdowns a call and two calls' worth for WC, and an
 * oops on the first high page. What they are needed for is splitting a large
 * entry, which takes locks and lists that are not exported. So a large entry
 * is split by set_pages_uc() on one page under it, once in the life of the
 * machine, and small entries are rewritten here, a table at a time.
 *
 * This is safe without cpa_lock, because
 * - a small entry of the direct map has one writer at a time: whoever owns
 *   the page. The frames are claimed and nobody else's;
 * - a table of small entries stays: the kernel splits and never joins here;
 * - a split in progress on another CPU publishes its table complete, with
 *   the old type everywhere, and large translations left in TLBs meanwhile
 *   are dropped by the flush that the engine makes after this call, before
 *   the cache is cleaned.
 * The tables are shared by all processes: kernel page tables of the lowest
 * level are never copied.
 */
#include <linux/mm.h>
#include <asm/pgtable.h>
#include <asm/set_memory.h>

#include "port.h"

struct span {
	unsigned long vaddr;
	pte_t *pte;
	unsigned int nr;
};

static bool is_present(pte_t *pte)
{
	return pte && pte_val(*pte) & _PAGE_PRESENT;
}

static bool entry_has(pte_t pte, enum na_memtype type)
{
	return (pte_val(pte) & _PAGE_CACHE_MASK) ==
	       pgprot_val(na_linux_pgprot(__pgprot(0), type));
}

bool na_port_direct_has(struct na_port *port, struct na_frame frame,
			enum na_memtype type)
{
	unsigned int level;
	pte_t *pte = lookup_address((unsigned long)
				    page_address(na_linux_page(frame)), &level);

	if (!is_present(pte))
		return false;
	if (level == PG_LEVEL_4K)
		return entry_has(*pte, type);
	/* The PAT bit of a large entry stands elsewhere; WB has it clear. */
	return type == NA_WB &&
	       !(pte_val(*pte) & (_PAGE_PCD | _PAGE_PWT | _PAGE_PAT_LARGE));
}

/* A second kernel mapping of the image covers these; left to the kernel. */
static bool in_image(struct na_frame frame)
{
#ifdef CONFIG_X86_64
	unsigned long vaddr = __START_KERNEL_map +
			      PFN_PHYS(frame.nr) - phys_base;
	unsigned int level;

	if (PFN_PHYS(frame.nr) - phys_base >= KERNEL_IMAGE_SIZE)
		return false;
	return is_present(lookup_address(vaddr, &level));
#else
	return false;
#endif
}

static int split(struct na_frame frame)
{
	/* The entry gets UC here and the wanted type like its neighbours. */
	return set_pages_uc(na_linux_page(frame), 1);
}

/* Frames from @frame on, at most @nr, that are low and share one table. */
static unsigned int count_in_table(struct na_frame frame, unsigned int nr,
				   unsigned long vaddr)
{
	unsigned long room = (PMD_SIZE - (vaddr & ~PMD_MASK)) >> PAGE_SHIFT;

	nr = min_t(unsigned long, nr, room);
	/* Low memory may end inside a run and inside a table. */
	while (nr && PageHighMem(na_linux_page(na_frame_add(frame, nr - 1))))
		nr--;
	return nr;
}

/* As many frames of @run from @idx on as one table maps. */
static int find_span(struct na_run run, u32 idx, enum na_memtype type,
		     struct span *span)
{
	struct na_frame frame = na_frame_add(run.first, idx);
	unsigned int level;
	int err;

	span->vaddr = (unsigned long)page_address(na_linux_page(frame));
	span->nr = count_in_table(frame, run.nr - idx, span->vaddr);
	span->pte = lookup_address(span->vaddr, &level);
	if (!is_present(span->pte))
		return -EFAULT;
	if (level == PG_LEVEL_4K)
		return 0;
	if (type == NA_WB) {
		span->pte = NULL;	/* never split, so never changed */
		return 0;
	}
	err = split(frame);
	if (err)
		return err;
	span->pte = lookup_address(span->vaddr, &level);
	return is_present(span->pte) && level == PG_LEVEL_4K ? 0 : -EFAULT;
}

static int set_span(const struct span *span, pgprot_t bits)
{
	unsigned int i;
	pte_t pte;

	for (i = 0; span->pte && i < span->nr; i++) {
		pte = span->pte[i];
		if (!(pte_val(pte) & _PAGE_PRESENT))
			return -EFAULT;
		set_pte_atomic(&span->pte[i],
			       __pte((pte_val(pte) & ~(pteval_t)
				      _PAGE_CACHE_MASK) | pgprot_val(bits)));
	}
	return 0;
}

static int set_run(struct na_run run, enum na_memtype type)
{
	pgprot_t bits = na_linux_pgprot(__pgprot(0), type);
	struct span span;
	u32 idx = 0;
	int err;

	while (idx < run.nr) {
		/* From here to the end of the run there is no direct map. */
		if (PageHighMem(na_linux_page(na_frame_add(run.first, idx))))
			return 0;
		if (in_image(na_frame_add(run.first, idx)))
			return -EFAULT;
		err = find_span(run, idx, type, &span);
		if (!err)
			err = set_span(&span, bits);
		if (err)
			return err;
		idx += span.nr;
		cond_resched();
	}
	return 0;
}

int na_port_direct_set(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u32 i;
	int err;

	might_sleep();
	for (i = 0; i < nr_runs; i++) {
		err = set_run(runs[i], type);
		if (err)
			return err;
	}
	return 0;
}
