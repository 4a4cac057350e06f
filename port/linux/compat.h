/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: compat
 *
 * The sources are written for the newest kernel. What an older one calls
 * otherwise is translated here, and what a newer one keeps to itself is made
 * here. compat_probe.sh has tried which of both this kernel is; no version
 * number is asked. A file that uses one of these includes this header, or the
 * old kernel's build fails.
 */
#ifndef NA_LINUX_COMPAT_H
#define NA_LINUX_COMPAT_H

#include <linux/mm.h>
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/invpcid.h>
#include <asm/msr.h>
#include <asm/special_insns.h>
#include <asm/tlbflush.h>

#include "compat_probes.h"

/* --- names that changed ----------------------------------------------------- */

#ifndef NA_HAVE_VM_FLAGS_SET
static inline void vm_flags_set(struct vm_area_struct *vma,
				unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void vm_flags_clear(struct vm_area_struct *vma,
				  unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#endif

#ifdef NA_HAVE_PFN_T
#include <linux/pfn_t.h>

#define vmf_insert_mixed(vma, addr, pfn) \
	vmf_insert_mixed(vma, addr, pfn_to_pfn_t(pfn))
#endif

#ifndef NA_HAVE_RDMSRQ
#define rdmsrq_safe(msr, value) rdmsrl_safe(msr, value)
#endif

/* A string, as it has become; the token before was made one by the macro. */
#ifndef NA_HAVE_NS_STRING
#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, ns)
#endif

/* Importers that do not hold the buffer's reservation lock. */
#ifndef NA_HAVE_DMA_BUF_UNLOCKED
#define dma_buf_vmap_unlocked dma_buf_vmap
#define dma_buf_vunmap_unlocked dma_buf_vunmap
#define dma_buf_map_attachment_unlocked dma_buf_map_attachment
#define dma_buf_unmap_attachment_unlocked dma_buf_unmap_attachment
#endif

/* The firmware's map as it was handed over: no module's to read any more. */
#ifdef NA_HAVE_E820_RAW
#define NA_LINUX_HAS_RAW_MAP true
#else
#define NA_LINUX_HAS_RAW_MAP false
#define e820__mapped_raw_any(start, end, type) \
	e820__mapped_any(start, end, type)
#endif

/** na_linux_page_flags() - the word of page flags, for atomic changes. */
static inline unsigned long *na_linux_page_flags(struct page *page)
{
#ifdef NA_HAVE_MEMDESC_FLAGS
	return &page->flags.f;
#else
	return &page->flags;
#endif
}

/* --- TLB -------------------------------------------------------------------- */

#ifdef NA_HAVE_FLUSH_TLB_ALL
static inline void na_linux_tlb_drop(void)
{
	__flush_tlb_all();
}
#else
/*
 * What the kernel's own does. CR4.PGE is changed and changed back with
 * interrupts off: an interrupt would find a CR4 that is not the one in the
 * kernel's shadow.
 */
static inline void na_linux_cr4_toggle(void)
{
	unsigned long flags, cr4;

	local_irq_save(flags);
	cr4 = native_read_cr4();
	asm volatile("mov %0, %%cr4" :: "r" (cr4 ^ X86_CR4_PGE) : "memory");
	asm volatile("mov %0, %%cr4" :: "r" (cr4) : "memory");
	local_irq_restore(flags);
}

/**
 * na_linux_tlb_drop() - drop every translation of this CPU
 *
 * Global ones and those of all PCIDs too.
 *
 * Context: not preemptible, or the caller does not mind which CPU.
 */
static inline void na_linux_tlb_drop(void)
{
	if (boot_cpu_has(X86_FEATURE_INVPCID))
		invpcid_flush_all();
	else if (boot_cpu_has(X86_FEATURE_PGE))
		na_linux_cr4_toggle();
	else
		native_write_cr3(__native_read_cr3());
}
#endif

#endif
