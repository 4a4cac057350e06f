// SPDX-License-Identifier: GPL-2.0
/*
 * A minimal version of the driver of 2014: do not copy it.
 *
 * It allocates a page of high memory, fills it through kmap(), calls kunmap()
 * and maps it uncached into the process. Every call does what its documentation
 * says. But kunmap() leaves the cached entry in the kmap pool: from the mmap()
 * on, the frame has two memory types.
 *
 * Without high memory kmap() returns an address in the direct map, whose entry
 * is cached and stays too: the same driver, another alias.
 *
 * vm_insert_page() is used because it keeps the protection; remap_pfn_range()
 * would silently map the page cached.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "compat.h"

#define NR_PAGES_MAX 64

static int add_page(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page = alloc_page(GFP_HIGHUSER);
	int err;

	if (!page)
		return -ENOMEM;
	memset(kmap(page), 0x14, PAGE_SIZE);
	kunmap(page);
	err = vm_insert_page(vma, addr, page);
	/* The area holds the page from here on and frees it at the end. */
	put_page(page);
	return err;
}

static int bug_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long addr;
	int err;

	if (vma_pages(vma) > NR_PAGES_MAX || !(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_noncached(vma->vm_page_prot);
	for (addr = vma->vm_start; addr < vma->vm_end; addr += PAGE_SIZE) {
		err = add_page(vma, addr);
		if (err)
			return err;
	}
	return 0;
}

static const struct file_operations bug_fops = {
	.owner = THIS_MODULE,
	.mmap = bug_mmap,
};

static struct miscdevice bug_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "bug2014",
	.fops = &bug_fops,
};
module_misc_device(bug_misc);

MODULE_DESCRIPTION("The alias of 2014, on purpose");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
