// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 TLBs, caches and write-combining buffers.
 *
 * The TLB flush is one call on every CPU that drops everything: global
 * entries, all PCIDs, fixmaps of other CPUs, lazily freed vmap ranges. The
 * narrower calls of the kernel are not exported, skip CPUs in lazy TLB mode, or
 * (vm_unmap_aliases() in 6.1) miss full vmap blocks.
 *
 * Cleaning works through mappings of the new type: the direct map, which has it
 * by then, or a strip of addresses for high memory. CLFLUSH acts on the line
 * whatever the type of the mapping used.
 *
 * Each CPU has a strip of a few frames in one range (range.c). Rejected:
 * kmap_local(), whose bookkeeping and flush for each frame were a third of a
 * conversion's instructions. Life of a slot:
 *
 *	absent ──entry written──▶ used by its CPU ──entry cleared──▶ absent,
 *	translation left ──TLB flush of this CPU──▶ absent
 *
 * All of it with preemption off, so no other task uses the strip meanwhile.
 * Other CPUs never use it; a translation that one fetched speculatively has the
 * frame's type while it is converted, and is dropped by the flush of the
 * conversion back, before the frame is freed (I4).
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/cacheflush.h>
#include <asm/cpufeature.h>
#include <asm/pgtable.h>
#include <asm/smp.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>

#include "../compat.h"
#include "../port.h"
#include "pte.h"

static void flush_this_cpu(void *unused)
{
	/* Drains this CPU's write-combining buffers as well. */
	mb();
	na_linux_tlb_drop();
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

/*
 * A write-combining buffer is emptied by any fence, interrupt or locked
 * instruction of its CPU (Intel SDM vol. 3A, Methods of Caching Available).
 * So stores of a thread can only be gathered on a CPU where it has run in user
 * space without interruption since. A CPU that switched to another address
 * space has cleared its bit in mm_cpumask(), by a locked instruction (newer
 * kernels leave the bit longer, which only drains more). CPUs with the bit set
 * are interrupted; the bit is set before the thread can store.
 *
 * Without other users of the address space all stores are this thread's own,
 * and if it made them on another CPU, it was switched since.
 *
 * A caller could interrupt the same CPUs by munmap() as well, through its
 * shootdown.
 */
void na_port_wc_drain_own(struct na_port *port)
{
	struct mm_struct *mm = current->mm;

	might_sleep();
	mb();
	if (mm && atomic_read(&mm->mm_users) > 1)
		on_each_cpu_mask(mm_cpumask(mm), drain_this_cpu, NULL, 1);
}

/*
 * Without a fence: the caller has one before the first line and after the last.
 */
static void clean_lines(void *vaddr, unsigned long len)
{
	unsigned long step = boot_cpu_data.x86_clflush_size;
	char *line = vaddr, *end = line + len;

	for (; line < end; line += step)
		clflushopt(line);
}

#ifdef CONFIG_HIGHMEM

/* Large enough to amortize a TLB flush, small enough to run unpreempted. */
#define STRIP_FRAMES 32u

int na_linux_clean_init(struct na_port *port)
{
	return na_linux_range_init(port, &port->strips,
				   nr_cpu_ids * STRIP_FRAMES);
}

void na_linux_clean_fini(struct na_port *port)
{
	na_linux_range_fini(&port->strips);
}

/* A frame that shows WB here has a cached alias while it is cleaned (I1). */
static bool strip_has(pte_t *const *entries, u32 nr, enum na_memtype type)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (!na_pte_has_type(pte_val(*entries[i]), PAGE_SIZE, type))
			return false;
	return true;
}

static void clean_strip(struct na_port *port, struct na_run run,
			enum na_memtype type)
{
	pgprot_t prot = na_linux_pgprot(PAGE_KERNEL, type);
	unsigned int first, i;
	pte_t **entries;

	preempt_disable();
	first = smp_processor_id() * STRIP_FRAMES;
	entries = port->strips.entries + first;
	for (i = 0; i < run.nr; i++)
		set_pte(entries[i], pfn_pte(run.first.nr + i, prot));
	/* PAE entries are two words: no access before both are written. */
	barrier();
	(void)NA_ASSERT(strip_has(entries, run.nr, type));
	clean_lines(na_linux_range_addr(&port->strips, first),
		    run.nr * PAGE_SIZE);
	for (i = 0; i < run.nr; i++)
		pte_clear(NULL, 0, entries[i]);
	/* The next user of the strip must not reach these frames. */
	na_linux_tlb_drop();
	preempt_enable();
}

static u32 clean_some(struct na_port *port, struct na_run run,
		      enum na_memtype type)
{
	if (!PageHighMem(na_linux_page(run.first))) {
		clean_lines(page_address(na_linux_page(run.first)), PAGE_SIZE);
		return 1;
	}
	/* All frames after a high one are high. */
	run.nr = min(run.nr, STRIP_FRAMES);
	clean_strip(port, run, type);
	return run.nr;
}

#else /* all memory is in the direct map */

int na_linux_clean_init(struct na_port *port)
{
	return 0;
}

void na_linux_clean_fini(struct na_port *port)
{
}

static u32 clean_some(struct na_port *port, struct na_run run,
		      enum na_memtype type)
{
	clean_lines(page_address(na_linux_page(run.first)), PAGE_SIZE);
	return 1;
}

#endif

static void clean_run(struct na_port *port, struct na_run run,
		      enum na_memtype type)
{
	u32 done;

	for (; run.nr; run.nr -= done) {
		done = clean_some(port, run, type);
		run.first = na_frame_add(run.first, done);
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
	/*
	 * CLFLUSHOPT is ordered by fences and locked instructions only; a
	 * migration to another CPU contains those.
	 */
	mb();
	for (i = 0; i < nr_runs; i++)
		clean_run(port, runs[i], type);
	mb();
	return 0;
}
