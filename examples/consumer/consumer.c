// SPDX-License-Identifier: GPL-2.0
/*
 * consumer: a driver that uses what noalias exports. See README.md.
 *
 * The life of a page that is to be uncached:
 *
 *	allocate -> fill, if need be -> na_set_pages_uc() -> map -> use
 *	         -> unmap -> na_set_pages_wb() -> free
 *
 * Before and after, the page is ordinary memory; between the conversions it may
 * be mapped uncached only, and never by kmap() and similar calls.
 */
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/noalias.h>

#define PATTERN 0x600df00d

static unsigned int nr_pages = 32;
module_param(nr_pages, uint, 0444);
MODULE_PARM_DESC(nr_pages, "pages to use, 2 to 4096 (default 32)");

static struct page **pages;
static u32 *queue;	/* the pages, uncached, for as long as we are loaded */

static void free_pages_of_ours(unsigned int nr)
{
	while (nr--)
		__free_page(pages[nr]);
}

/* High and low memory in turns: the calls take both, in any order. */
static int alloc_pages_of_ours(void)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		pages[i] = alloc_page(i % 2 ? GFP_KERNEL : GFP_HIGHUSER);
		if (!pages[i]) {
			free_pages_of_ours(i);
			return -ENOMEM;
		}
	}
	return 0;
}

/*
 * Ordinary memory may be written through ordinary mappings. kunmap() leaves one
 * of them, which the conversion removes.
 */
static void fill_by_kmap(void)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++) {
		*(u32 *)kmap(pages[i]) = PATTERN + i;
		kunmap(pages[i]);
	}
}

/*
 * Only needed by a driver that manages memory types by itself:
 * na_set_pages_uc() purges as part of the conversion.
 */
static int purge_by_hand(void)
{
	int err = na_pages_purge(pages, nr_pages);

	if (err == -EBUSY)
		pr_err("consumer: somebody has a page under kmap()\n");
	return err;
}

/* VM_IOREMAP keeps readers of /proc/kcore from mapping the pages cached. */
static u32 *map_uncached(void)
{
	return vmap(pages, nr_pages, VM_MAP | VM_IOREMAP,
		    pgprot_noncached(PAGE_KERNEL));
}

/* What was written before the conversion is still there. */
static int check_queue(void)
{
	unsigned int i;

	for (i = 0; i < nr_pages; i++)
		if (READ_ONCE(queue[i * (PAGE_SIZE / sizeof(u32))]) !=
		    PATTERN + i)
			return -EIO;
	return 0;
}

/* Pages that could not be made WB again must never reach the allocator. */
static void make_cached_and_free(void)
{
	int err = na_set_pages_wb(pages, nr_pages);

	if (err)
		pr_err("consumer: %u pages leaked: error %d\n", nr_pages, err);
	else
		free_pages_of_ours(nr_pages);
}

static int make_uncached(void)
{
	int err;

	fill_by_kmap();
	err = purge_by_hand();
	if (!err)
		err = na_set_pages_uc(pages, nr_pages);
	/* Any error but this one leaves the pages as they were. */
	if (err && err != -EUCLEAN)
		free_pages_of_ours(nr_pages);
	return err;
}

static int use_pages(void)
{
	int err = make_uncached();

	if (err)
		return err;
	queue = map_uncached();
	err = queue ? check_queue() : -ENOMEM;
	if (!err)
		return 0;
	vunmap(queue);
	make_cached_and_free();
	return err;
}

static int __init consumer_init(void)
{
	int err;

	if (nr_pages < 2 || nr_pages > 4096)
		return -ERANGE;
	pages = kcalloc(nr_pages, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	err = alloc_pages_of_ours();
	if (!err)
		err = use_pages();
	if (err) {
		kfree(pages);
		return err;
	}
	pr_info("consumer: %u pages are uncached\n", nr_pages);
	return 0;
}

static void __exit consumer_exit(void)
{
	/* First the mapping, then the type, then the page. */
	vunmap(queue);
	make_cached_and_free();
	kfree(pages);
	/*
	 * fill_by_kmap() may have left entries for pages of the neighbours
	 * too; this call empties the whole pool.
	 */
	na_kmap_flush_unused();
	pr_info("consumer: done\n");
}

module_init(consumer_init);
module_exit(consumer_exit);

MODULE_DESCRIPTION("Example: uncached pages by way of noalias");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("pre: noalias");
