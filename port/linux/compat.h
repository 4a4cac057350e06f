/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: compat
 *
 * The sources are written for the newest kernel. Here the names of older ones
 * are translated, and functions that newer ones do not export are replaced.
 * compat_probe.sh tests what this kernel has; versions are not compared. Every
 * file that uses one of these must include this header, or the build for an old
 * kernel fails.
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
#define vmf_insert_pfn_pmd(vmf, pfn, write) \
	vmf_insert_pfn_pmd(vmf, pfn_to_pfn_t(pfn), write)
#define vmf_insert_pfn_pud(vmf, pfn, write) \
	vmf_insert_pfn_pud(vmf, pfn_to_pfn_t(pfn), write)
#endif

#ifndef NA_HAVE_RDMSRQ
#define rdmsrq_safe(msr, value) rdmsrl_safe(msr, value)
#endif

/* The argument is a string now; before, the macro stringified a token. */
#ifndef NA_HAVE_NS_STRING
#undef MODULE_IMPORT_NS
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, ns)
#endif

/* For importers that do not hold the buffer's reservation lock. */
#ifndef NA_HAVE_DMA_BUF_UNLOCKED
#define dma_buf_vmap_unlocked dma_buf_vmap
#define dma_buf_vunmap_unlocked dma_buf_vunmap
#define dma_buf_map_attachment_unlocked dma_buf_map_attachment
#define dma_buf_unmap_attachment_unlocked dma_buf_unmap_attachment
#endif

/* The firmware's original map, which is no longer exported. */
#ifdef NA_HAVE_E820_RAW
#define NA_LINUX_HAS_RAW_MAP true
#else
#define NA_LINUX_HAS_RAW_MAP false
#define e820__mapped_raw_any(start, end, type) \
	e820__mapped_any(start, end, type)
#endif

/** na_linux_page_flags() - pointer to the page flags, for atomic changes. */
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
 * As the kernel's own. CR4.PGE is toggled with interrupts off: an interrupt
 * handler would find a CR4 that differs from the kernel's shadow.
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
 * na_linux_tlb_drop() - flush all translations of this CPU
 *
 * Includes global ones and all PCIDs.
 *
 * Context: not preemptible, unless any CPU will do.
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
