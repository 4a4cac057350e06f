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
 * it by then, or a strip of addresses for high memory. CLFLUSH acts on the
 * line whatever the type of the mapping that names it.
 *
 * Each CPU has its strip, some frames wide, in one range (range.c).
 * (kmap_local() does the bookkeeping and drops the translation frame by frame:
 * a third of a conversion's instructions.) Life of a slot:
 *
 *	absent ──entry written──▶ used by its CPU ──entry cleared──▶ absent,
 *	translation left ──this CPU drops all──▶ absent
 *
 * All of it without preemption, so no other task sees the strip in use.
 * Other CPUs never use it; should one have fetched a translation on its own,
 * it has the type that the frame has while it is converted, and goes with the
 * flush of the conversion back, before the frame is WB again (I4).
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
 * So stores of a thread are only where the thread still runs, in user space,
 * since it made them: a CPU that went on to another address space has cleared
 * its bit in mm_cpumask() since then, by a locked instruction (newer kernels
 * leave the bit longer, which only drains more). A CPU whose bit is seen is
 * interrupted; the bit was set before the thread could store.
 *
 * Without other users of the address space the stores are this thread's own,
 * and wherever it made them before, it was interrupted or switched since.
 *
 * What a caller can do to other CPUs here, it can do by munmap() as well, which
 * interrupts the same CPUs for its shootdown.
 */
void na_port_wc_drain_own(struct na_port *port)
{
	struct mm_struct *mm = current->mm;

	might_sleep();
	mb();
	if (mm && atomic_read(&mm->mm_users) > 1)
		on_each_cpu_mask(mm_cpumask(mm), drain_this_cpu, NULL, 1);
}

/* No fence: the caller has one before the first line and after the last. */
static void clean_lines(void *vaddr, unsigned long len)
{
	unsigned long step = boot_cpu_data.x86_clflush_size;
	char *line = vaddr, *end = line + len;

	for (; line < end; line += step)
		clflushopt(line);
}

#ifdef CONFIG_HIGHMEM

/* Long enough to make a TLB flush cheap, short enough to go unpreempted. */
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

static void clean_strip(struct na_port *port, struct na_run run, pgprot_t prot)
{
	unsigned int first, i;
	pte_t **entries;

	preempt_disable();
	first = smp_processor_id() * STRIP_FRAMES;
	entries = port->strips.entries + first;
	for (i = 0; i < run.nr; i++)
		set_pte(entries[i], pfn_pte(run.first.nr + i, prot));
	/* PAE entries are two words: no access before both are there. */
	barrier();
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
	/* What follows a high frame is high. */
	run.nr = min(run.nr, STRIP_FRAMES);
	clean_strip(port, run, na_linux_pgprot(PAGE_KERNEL, type));
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
	 * CLFLUSHOPT is ordered by nothing but fences and locked
	 * instructions; a move to another CPU on the way has those.
	 */
	mb();
	for (i = 0; i < nr_runs; i++)
		clean_run(port, runs[i], type);
	mb();
	return 0;
}
