/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: calls for other kernel modules
 *
 * Calls that mainline does not export or offers for low memory only. All take
 * pages of high and low memory mixed, in any order, and are GPL-only.
 *
 * Declare the dependency with MODULE_SOFTDEP("pre: noalias"), or just use a
 * symbol: depmod does the rest.
 */
#ifndef LINUX_NOALIAS_H
#define LINUX_NOALIAS_H

#include <linux/mm_types.h>

/**
 * na_kmap_flush_unused() - kmap_flush_unused() for modules
 *
 * Removes every stale entry of the kmap pool. Prefer na_pages_purge(), which
 * flushes the pool only if it holds one of the given pages.
 *
 * Ordering. On return no page table and no TLB holds a mapping of the pool
 * that was unused when the call began. Does nothing on kernels without high
 * memory.
 *
 * Context: process context, may sleep.
 */
void na_kmap_flush_unused(void);

/**
 * na_pages_purge() - remove stale mappings of these pages
 * @pages: pages that the caller owns and does not map
 * @nr: length of @pages, 1 to 2^19 - 1
 *
 * Ordering. On return neither the kmap pool nor any CPU's TLB (lazily
 * flushed vmap ranges included) holds a mapping that ended before the call.
 * The direct map of low pages stays; caches are not touched.
 *
 * Context: process context, may sleep. At most two TLB shootdowns.
 * Return: 0; -EINVAL @nr; -ENOMEM; -EBUSY a page has a live kmap(), which must
 * be ended by kunmap() first. Stale mappings are removed even then.
 */
int na_pages_purge(struct page **pages, unsigned int nr);

/**
 * na_set_pages_uc() - make pages uncached, high memory too
 * @pages: pages that the caller owns, WB, without user or kernel mapping
 *	other than the direct map
 * @nr: length of @pages, 1 to 2^19 - 1
 *
 * Contents stay. After this the caller maps the pages uncached, e.g. by
 * vmap(pages, nr, VM_MAP | VM_IOREMAP, pgprot_noncached(PAGE_KERNEL)), never
 * by kmap(), kmap_local_page() or a plain vmap().
 *
 * Ordering. On success: direct map uncached, no other mapping in page tables
 * or TLBs, no cache holds a line of the pages.
 *
 * Context: process context, may sleep. At most two TLB shootdowns, plus two
 * for each 2 MiB of direct map that was never split before.
 * Return: 0; -EINVAL @nr; -ENOMEM; -EBUSY a page is already converted, listed
 * twice, of another type, or has a live kmap(); -EFAULT a page has no direct
 * map entry. After these errors all pages are as before. -EUCLEAN some pages
 * could not be restored and are quarantined: the caller must leak those for
 * which na_page_is_quarantined() is true. The others are as before.
 */
int na_set_pages_uc(struct page **pages, unsigned int nr);

/** na_set_pages_wc() - as na_set_pages_uc(), write-combined. */
int na_set_pages_wc(struct page **pages, unsigned int nr);

/**
 * na_set_pages_wb() - undo na_set_pages_uc() or na_set_pages_wc()
 * @pages: pages that one or several such calls converted, all of one type,
 *	with no mapping left other than the direct map
 * @nr: length of @pages, 1 to 2^19 - 1
 *
 * Must be called before the pages are freed.
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL @nr; -ENOMEM; -EBUSY a page was not converted by such a
 * call (nothing has changed); -EUCLEAN some pages keep their type and are
 * quarantined: the caller must leak those for which na_page_is_quarantined() is
 * true. The others are WB.
 */
int na_set_pages_wb(struct page **pages, unsigned int nr);

/**
 * na_page_is_quarantined() - must this page be leaked?
 * @page: a page that was passed to na_set_pages_uc(), _wc() or _wb()
 *
 * Only needed after -EUCLEAN. Leaking all pages of that call is safe too.
 *
 * Context: any. Return: true until the module is unloaded; a quarantined page
 * is never released before.
 */
bool na_page_is_quarantined(struct page *page);

#endif
