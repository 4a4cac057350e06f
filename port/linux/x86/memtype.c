// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 memory types: which there are, and their bits in an entry.
 */
#include <linux/mm.h>
#include <asm/cpufeature.h>
#include <asm/memtype.h>

#include "../port.h"
#include "pte.h"

int na_linux_types_check(void)
{
	if (!boot_cpu_has(X86_FEATURE_XENPV))
		return 0;
	pr_err("noalias: Xen PV guests share their page tables with the hypervisor, not supported\n");
	return -EOPNOTSUPP;
}

bool na_linux_has_type(enum na_memtype type)
{
	return type != NA_WC || pat_enabled();
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
