/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: calls for other kernel modules
 *
 * What mainline does not export or does for low memory only. All calls take
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
 * pays only when one of the given pages is concerned.
 *
 * Ordering. On return no page table and no TLB holds a mapping of the pool
 * that was unused when the call began. Nothing on kernels without high
 * memory.
 *
 * Context: process context, may sleep.
 */
void na_kmap_flush_unused(void);

/**
 * na_pages_purge() - no stale mapping of these pages is left
 * @pages: pages that the caller owns and has mapped nowhere
 * @nr: length of @pages, 1 to 2^19 - 1
 *
 * Ordering. On return neither the kmap pool nor any CPU's TLB (lazily
 * flushed vmap ranges included) holds a mapping that ended before the call.
 * The direct map of low pages stays; caches are not touched.
 *
 * Context: process context, may sleep. At most two TLB shootdowns.
 * Return: 0; -EINVAL @nr; -ENOMEM; -EBUSY a page is mapped by a live
 * kmap(): whoever holds that must kunmap() first. Stale mappings are gone
 * even then.
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
 * Return: 0; -EINVAL @nr; -ENOMEM; -EBUSY a page is already converted, given
 * twice, of another type, or has a live kmap(); -EFAULT no direct map entry.
 * After these all pages are as before. -EUCLEAN: some could not be undone and
 * are quarantined; na_page_is_quarantined() says which. The caller must leak
 * those. The others are as before.
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
 * Return: 0; -EINVAL @nr; -ENOMEM; -EBUSY a page is not one of those (then
 * nothing has changed); -EUCLEAN some keep their type and are quarantined;
 * na_page_is_quarantined() says which. The caller must leak those. The others
 * are WB.
 */
int na_set_pages_wb(struct page **pages, unsigned int nr);

/**
 * na_page_is_quarantined() - must this page be leaked?
 * @page: one that was given to na_set_pages_uc(), _wc() or _wb()
 *
 * Only to be asked after -EUCLEAN: to leak all of that call is safe too.
 *
 * Context: any. Return: true until the machine starts again, as long as the
 * module stays loaded.
 */
bool na_page_is_quarantined(struct page *page);

#endif
