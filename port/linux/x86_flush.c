// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 TLBs, caches and write-combining buffers.
 *
 * The TLB flush is one call on every CPU that drops everything: global
 * entries, all PCIDs, fixmaps of other CPUs, lazily freed vmap ranges. The
 * narrower calls of the kernel are not exported, skip CPUs in lazy mode, or
 * (vm_unmap_aliases() in 6.1) overlook full vmap blocks.
 *
 * Cleaning works through mappings of the new type: the direct map, which has
 * it by then, or a per-CPU window for high memory. CLFLUSH acts on the line
 * whatever the type of the mapping that names it.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>
#include <asm/smp.h>
#include <asm/tlbflush.h>

#include "port.h"

static void flush_this_cpu(void *unused)
{
	/* Drains this CPU's write-combining buffers as well. */
	mb();
	__flush_tlb_all();
}

void na_port_tlb_flush(struct na_port *port)
{
	might_sleep();
	on_each_cpu(flush_this_cpu, NULL, 1);
}

static void drain_this_cpu(void *unused)
{
	mb();
}

void na_port_wc_drain(struct na_port *port)
{
	might_sleep();
	on_each_cpu(drain_this_cpu, NULL, 1);
}

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

static void clean_frame(struct na_frame frame, enum na_memtype type)
{
	void *vaddr = na_linux_frame_map(frame, type);

	clflush_cache_range(vaddr, PAGE_SIZE);
	na_linux_frame_unmap(frame, vaddr);
}

static void clean_run(struct na_run run, enum na_memtype type)
{
	u32 i;

	for (i = 0; i < run.nr; i++) {
		clean_frame(na_frame_add(run.first, i), type);
		cond_resched();
	}
}

int na_port_cache_clean(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type)
{
	u32 i;

	might_sleep();
	if (!boot_cpu_has(X86_FEATURE_CLFLUSH)) {
		wbinvd_on_all_cpus();
		return 0;
	}
	for (i = 0; i < nr_runs; i++)
		clean_run(runs[i], type);
	return 0;
}
