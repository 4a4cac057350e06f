// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Mappings with the ledger's type: short-lived ones of one frame, of many
 * frames in the kernel, and in a process. The kernel's own calls make the
 * entries, with our protection.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "port.h"
#include "pte.h"

/* --- one frame ------------------------------------------------------------ */

#ifdef CONFIG_HIGHMEM
void *na_linux_frame_map(struct na_frame frame, enum na_memtype type)
{
	struct page *page = na_linux_page(frame);

	if (!PageHighMem(page))
		return page_address(page);
	return __kmap_local_pfn_prot(frame.nr,
				     na_linux_pgprot(PAGE_KERNEL, type));
}

void na_linux_frame_unmap(struct na_frame frame, void *vaddr)
{
	if (PageHighMem(na_linux_page(frame)))
		kunmap_local(vaddr);
}
#else
void *na_linux_frame_map(struct na_frame frame, enum na_memtype type)
{
	return page_address(na_linux_page(frame));
}

void na_linux_frame_unmap(struct na_frame frame, void *vaddr)
{
}
#endif

/* --- the kernel ----------------------------------------------------------- */

static struct page **page_array(const struct na_run *runs, u32 nr_runs, u32 nr)
{
	struct page **pages = kvmalloc_array(nr, sizeof(*pages), NA_GFP_OWNED);
	u32 i, j, idx = 0;

	if (!pages)
		return NULL;
	for (i = 0; i < nr_runs; i++) {
		for (j = 0; j < runs[i].nr; j++)
			pages[idx++] = na_linux_page(
				na_frame_add(runs[i].first, j));
		cond_resched();
	}
	return pages;
}

void *na_linux_runs_map(const struct na_run *runs, u32 nr_runs,
			enum na_memtype type)
{
	struct page **pages;
	u32 i, nr = 0;
	void *vaddr;

	for (i = 0; i < nr_runs; i++)
		nr += runs[i].nr;
	pages = page_array(runs, nr_runs, nr);
	if (!pages)
		return NULL;
	/* VM_IOREMAP: /proc/kcore skips it instead of mapping it cached. */
	vaddr = vmap(pages, nr, VM_MAP | VM_IOREMAP,
		     na_linux_pgprot(PAGE_KERNEL, type));
	kvfree(pages);
	return vaddr;
}

/* --- a process ------------------------------------------------------------ */

/* Advances the frame while apply_to_page_range() walks entries. */
struct filler {
	struct vm_area_struct *vma;
	struct na_linux_cursor cursor;
};

static int set_entry(pte_t *pte, unsigned long addr, void *data)
{
	struct filler *filler = data;
	struct na_linux_cursor *cursor = &filler->cursor;
	struct na_frame frame = na_frame_add(cursor->run->first, cursor->idx);

	set_pte_at(filler->vma->vm_mm, addr, pte,
		   pte_mkspecial(pfn_pte(frame.nr,
					 filler->vma->vm_page_prot)));
	if (++cursor->idx == cursor->run->nr) {
		cursor->idx = 0;
		cursor->run++;
	}
	return 0;
}

void na_linux_area_set_type(struct vm_area_struct *vma, enum na_memtype type)
{
	vma->vm_page_prot = na_linux_pgprot(vm_get_page_prot(vma->vm_flags),
					    type);
}

/*
 * One page table at a time: 2 GiB are half a million entries, and neither the
 * scheduler nor a fatal signal should wait for all of them.
 */
int na_linux_area_fill(struct vm_area_struct *vma,
		       struct na_linux_cursor cursor)
{
	struct filler filler = { .vma = vma, .cursor = cursor };
	unsigned long addr, len;
	int err = 0;

	for (addr = vma->vm_start; addr < vma->vm_end && !err; addr += len) {
		if (fatal_signal_pending(current))
			return -EINTR;
		len = min(vma->vm_end - addr, PMD_SIZE - (addr & ~PMD_MASK));
		err = apply_to_page_range(vma->vm_mm, addr, len, set_entry,
					  &filler);
		cond_resched();
	}
	return err;
}
