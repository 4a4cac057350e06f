// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 memory types: page protections, PAT tracking, and the life of the port.
 *
 * PAT tracking keeps the type of RAM pages in two bits of page->flags. The
 * kernel's own insertion paths read them and override the type asked for, so
 * a high page whose bits say nothing is mapped WB whatever its driver wanted.
 * The bits are set for high pages too; no kernel call does that.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include <asm/memtype.h>
#include <asm/pgtable.h>

#include "compat.h"
#include "kmap.h"
#include "port.h"

#ifdef CONFIG_ARCH_USES_PG_UNCACHED
#define TRACK_WC	(1UL << PG_arch_1)
#define TRACK_UC	(1UL << PG_uncached)
#else
#define TRACK_WC	(1UL << PG_arch_1)
#define TRACK_UC	(1UL << PG_arch_2)
#endif

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

bool na_linux_has_type(enum na_memtype type)
{
	return type != NA_WC || pat_enabled();
}

int na_linux_port_init(struct na_port *port)
{
	int err;

	if (boot_cpu_has(X86_FEATURE_XENPV)) {
		pr_err("noalias: Xen PV guests share their page tables with the hypervisor, not supported\n");
		return -EOPNOTSUPP;
	}
	err = na_linux_kmap_init(port);
	if (err)
		return err;
	err = na_linux_clean_init(port);
	if (err)
		na_linux_kmap_fini(port);
	return err;
}

void na_linux_port_fini(struct na_port *port)
{
	na_linux_clean_fini(port);
	na_linux_kmap_fini(port);
}

static enum page_cache_mode cache_mode(enum na_memtype type)
{
	static const enum page_cache_mode modes[] = {
		[NA_WB] = _PAGE_CACHE_MODE_WB,
		[NA_WC] = _PAGE_CACHE_MODE_WC,
		[NA_UC] = _PAGE_CACHE_MODE_UC_MINUS,
	};

	return modes[type];
}

pgprot_t na_linux_pgprot(pgprot_t prot, enum na_memtype type)
{
	return __pgprot((pgprot_val(prot) & ~_PAGE_CACHE_MASK) |
			cachemode2protval(cache_mode(type)));
}

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
