// SPDX-License-Identifier: GPL-2.0
/*
 * consumer_test: the exported calls, with any arguments, from user space.
 * Pages are those that plant.ko took.
 *
 * What a file converted and did not give back is given back when the file
 * goes, and is held until then, so that a test that fails in the middle does
 * not hand uncached pages to the system.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include <linux/noalias.h>

#include "consumer_test_uapi.h"

#define NR_PAGES_MAX (1u << 17)

static int to_pages(struct page **pages, const struct consumer_call *call)
{
	const u32 __user *user = u64_to_user_ptr(call->pfns);
	u32 i, pfn;

	for (i = 0; i < call->nr_pfns; i++) {
		if (get_user(pfn, user + i))
			return -EFAULT;
		if (!pfn_valid(pfn))
			return -ENXIO;
		pages[i] = pfn_to_page(pfn);
	}
	return 0;
}

static int call_op(const struct consumer_call *call, struct page **pages)
{
	switch (call->op) {
	case CONSUMER_UC:
		return na_set_pages_uc(pages, call->nr);
	case CONSUMER_WC:
		return na_set_pages_wc(pages, call->nr);
	case CONSUMER_WB:
		return na_set_pages_wb(pages, call->nr);
	case CONSUMER_PURGE:
		return na_pages_purge(pages, call->nr);
	}
	return -ENOTTY;
}

/* --- what is lent to this file --------------------------------------------- */

static void note_lent(struct xarray *lent, struct page *page)
{
	get_page(page);
	xa_store(lent, page_to_pfn(page), page, GFP_KERNEL | __GFP_NOFAIL);
}

static void note_returned(struct xarray *lent, struct page *page)
{
	if (xa_erase(lent, page_to_pfn(page)))
		put_page(page);
}

static void note(struct xarray *lent, const struct consumer_call *call,
		 struct page **pages)
{
	u32 i;

	for (i = 0; i < call->nr; i++) {
		if (call->op == CONSUMER_UC || call->op == CONSUMER_WC)
			note_lent(lent, pages[i]);
		else if (call->op == CONSUMER_WB)
			note_returned(lent, pages[i]);
	}
}

static void return_all(struct xarray *lent)
{
	struct page *page;
	unsigned long pfn;

	xa_for_each(lent, pfn, page) {
		if (na_set_pages_wb(&page, 1))
			pr_err("consumer_test: BUG: page %lx stays uncached\n",
			       pfn);
		else
			put_page(page);
	}
	xa_destroy(lent);
}

/* --- the file ---------------------------------------------------------------- */

/* One page more than asked for, so that an array of none is an array. */
static int call_with_pages(struct xarray *lent,
			   const struct consumer_call *call)
{
	struct page **pages;
	int err;

	if (call->nr_pfns > NR_PAGES_MAX)
		return -E2BIG;
	pages = kvcalloc(call->nr_pfns + 1, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	err = to_pages(pages, call);
	if (!err)
		err = call_op(call, pages);
	if (!err)
		note(lent, call, pages);
	kvfree(pages);
	return err;
}

static long consumer_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct consumer_call call;

	if (cmd != CONSUMER_CALL)
		return -ENOTTY;
	if (copy_from_user(&call, (void __user *)arg, sizeof(call)))
		return -EFAULT;
	if (call.op == CONSUMER_FLUSH_UNUSED) {
		na_kmap_flush_unused();
		return 0;
	}
	return call_with_pages(file->private_data, &call);
}

static int consumer_open(struct inode *inode, struct file *file)
{
	struct xarray *lent = kmalloc(sizeof(*lent), GFP_KERNEL);

	if (!lent)
		return -ENOMEM;
	xa_init(lent);
	file->private_data = lent;
	return 0;
}

static int consumer_release(struct inode *inode, struct file *file)
{
	return_all(file->private_data);
	kfree(file->private_data);
	return 0;
}

static const struct file_operations consumer_fops = {
	.owner = THIS_MODULE,
	.open = consumer_open,
	.release = consumer_release,
	.unlocked_ioctl = consumer_ioctl,
};

static struct miscdevice consumer_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "na_consumer",
	.fops = &consumer_fops,
};
module_misc_device(consumer_misc);

MODULE_DESCRIPTION("Calls what noalias exports, for tests");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
