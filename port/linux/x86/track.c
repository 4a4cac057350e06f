// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 PAT tracking: the kernel keeps the type of RAM pages in two bits of
 * page->flags. Its insertion paths read them and override the requested type, so
 * a high page without these bits is mapped WB whatever its driver requested. Here
 * the bits are set for high pages too, which no kernel call does.
 *
 * No header says which bits they are: 6.1 has PG_uncached for UC, 6.12 and later
 * have PG_arch_2. With wrong bits, every later mapping of our frames by the
 * kernel or another driver would be WB without a message. So at load the kernel
 * makes a page of ours UC, WC and WB, and the flags that it changes must be these.
 * It reads them in the same file that writes them.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <asm/memtype.h>
#include <asm/set_memory.h>

#include "../compat.h"
#include "../port.h"

#ifdef CONFIG_ARCH_USES_PG_UNCACHED
#define TRACK_WC	(1UL << PG_arch_1)
#define TRACK_UC	(1UL << PG_uncached)
#else
#define TRACK_WC	(1UL << PG_arch_1)
#define TRACK_UC	(1UL << PG_arch_2)
#endif

static void mark_page(struct page *page, enum na_memtype type)
{
	static const unsigned long bits[] = {
		[NA_WB] = 0, [NA_WC] = TRACK_WC, [NA_UC] = TRACK_UC,
	};
	unsigned long *flags = na_linux_page_flags(page), old, new;

	/* Other bits of the word may change under us: never a plain store. */
	do {
		old = READ_ONCE(*flags);
		new = (old & ~(TRACK_WC | TRACK_UC)) | bits[type];
	} while (cmpxchg(flags, old, new) != old);
}

void na_port_runs_mark(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u32 i, j;

	for (i = 0; i < nr_runs; i++) {
		for (j = 0; j < runs[i].nr; j++)
			mark_page(na_linux_page(na_frame_add(runs[i].first, j)),
				  type);
		cond_resched();
	}
}

/* --- are these the bits? ----------------------------------------------------- */

/**
 * struct marks - page flags that the kernel changes
 * @uc: when it makes a page UC
 * @wc: when it makes it WC
 * @wb: when it has made it WB again
 */
struct marks {
	unsigned long uc;
	unsigned long wc;
	unsigned long wb;
};

static unsigned long changed_since(struct page *page, unsigned long before)
{
	return READ_ONCE(*na_linux_page_flags(page)) ^ before;
}

static int watch_kernel(struct page *page, struct marks *marks)
{
	unsigned long vaddr = (unsigned long)page_address(page);
	unsigned long before = READ_ONCE(*na_linux_page_flags(page));
	int err;

	err = set_memory_uc(vaddr, 1);
	marks->uc = changed_since(page, before);
	/* The kernel goes from UC to WC by way of WB alone. */
	err = set_memory_wb(vaddr, 1) ?: err;
	if (err)
		return err;
	err = set_memory_wc(vaddr, 1);
	marks->wc = changed_since(page, before);
	err = set_memory_wb(vaddr, 1) ?: err;
	marks->wb = changed_since(page, before);
	return err;
}

static int judge(const struct marks *marks)
{
	if (marks->uc == TRACK_UC && marks->wc == TRACK_WC && !marks->wb)
		return 0;
	pr_err("noalias: this kernel marks the memory type of pages in a way that is not known (page flags: UC %#lx, WC %#lx, WB %#lx), not supported\n",
	       marks->uc, marks->wc, marks->wb);
	return -EOPNOTSUPP;
}

int na_linux_tracking_check(struct na_port *port)
{
	struct page *page;
	struct marks marks;
	int err;

	/* Nothing is marked, and nobody looks. */
	if (!pat_enabled())
		return 0;
	page = alloc_page(GFP_KERNEL);
	if (!page)
		return -ENOMEM;
	err = watch_kernel(page, &marks) ?: judge(&marks);
	if (na_port_direct_has(port, na_frame(page_to_pfn(page)), NA_WB))
		__free_page(page);
	else
		pr_err("noalias: a page did not become WB again, lost until reboot\n");
	return err;
}
