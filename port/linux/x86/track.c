// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 PAT tracking: the kernel keeps the type of RAM pages in two bits of
 * page->flags. Its own insertion paths read them and override the type asked
 * for, so a high page whose bits say nothing is mapped WB whatever its driver
 * wanted. The bits are set for high pages too; no kernel call does that.
 */
#include <linux/mm.h>

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
