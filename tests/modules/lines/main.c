// SPDX-License-Identifier: GPL-2.0
/*
 * lines: makes the kernel print what it has to say about memory types. Each deed
 * is undone before it returns; what the kernel refuses is expected to be refused.
 *
 * The device is memory that the kernel was told to leave alone (memmap=, see
 * tests/vm/lines.sh). Write-through is what is refused beside write-combining;
 * write-back, which is refused more, is what no range becomes where the MTRRs are
 * off.
 */
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "lines.h"

#define DEVICE_PAGES	4
#define VMAP_PAGES	(SZ_128M / PAGE_SIZE)

static ulong device;
module_param(device, ulong, 0444);
MODULE_PARM_DESC(device, "physical address of 4 pages that nobody uses");

static struct page *page;

/* Pages of the device, by number. */
static phys_addr_t at(u32 idx)
{
	return device + idx * PAGE_SIZE;
}

static int type_twice(void)
{
	unsigned long va = (unsigned long)page_address(page);
	int err = set_memory_uc(va, 1);

	if (err)
		return err;
	err = set_memory_wc(va, 1);
	return set_memory_wb(va, 1) ?: err == -EBUSY ? 0 : -EIO;
}

/* ioremap() that must fail. */
static int expect_refused(void __iomem *remap)
{
	if (!remap)
		return 0;
	iounmap(remap);
	return -EIO;
}

static int ioremap_other(void)
{
	void __iomem *first = ioremap_wc(at(0), PAGE_SIZE);
	int err;

	if (!first)
		return -ENOMEM;
	err = expect_refused(ioremap_wt(at(0), PAGE_SIZE));
	iounmap(first);
	return err;
}

static int ioremap_across(void)
{
	void __iomem *first = ioremap_wc(at(0), PAGE_SIZE);
	void __iomem *second = ioremap(at(1), PAGE_SIZE);
	int err = -ENOMEM;

	if (first && second)
		err = expect_refused(ioremap(at(0), 2 * PAGE_SIZE));
	if (second)
		iounmap(second);
	if (first)
		iounmap(first);
	return err;
}

/* The kernel lets it, and says so. */
static int ioremap_wide(void)
{
	struct resource bar = DEFINE_RES_MEM_NAMED(at(0), PAGE_SIZE, "na_lines");
	void __iomem *remap;
	int err = insert_resource(&iomem_resource, &bar);

	if (err)
		return err;
	remap = ioremap(at(0), 2 * PAGE_SIZE);
	if (remap)
		iounmap(remap);
	release_resource(&bar);
	return remap ? 0 : -EIO;
}

static int iounmap_twice(void)
{
	void __iomem *remap = ioremap(at(0), PAGE_SIZE);

	if (!remap)
		return -ENOMEM;
	iounmap(remap);
	iounmap(remap);
	return 0;
}

static int free_foreign(void)
{
	arch_io_free_memtype_wc(at(DEVICE_PAGES - 1), PAGE_SIZE);
	return 0;
}

/* One page, as often as it takes. An importer's would end in a WARN. */
static int vmap_too_long(void)
{
	struct page **pages = kvmalloc_array(VMAP_PAGES, sizeof(*pages), GFP_KERNEL);
	void *va;
	u32 i;

	if (!pages)
		return -ENOMEM;
	for (i = 0; i < VMAP_PAGES; i++)
		pages[i] = page;
	va = vmap(pages, VMAP_PAGES, VM_MAP, PAGE_KERNEL);
	vunmap(va);
	kvfree(pages);
	return va ? -EIO : 0;
}

static int provoke(unsigned long deed)
{
	switch (deed) {
	case LINES_TYPE_TWICE:
		return type_twice();
	case LINES_IOREMAP_OTHER:
		return ioremap_other();
	case LINES_IOREMAP_ACROSS:
		return ioremap_across();
	case LINES_IOREMAP_WIDE:
		return ioremap_wide();
	case LINES_IOUNMAP_TWICE:
		return iounmap_twice();
	case LINES_FREE_FOREIGN:
		return free_foreign();
	case LINES_VMAP_TOO_LONG:
		return vmap_too_long();
	}
	return -EINVAL;
}

static long lines_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case LINES_PROVOKE:
		return provoke(arg);
	case LINES_BUFFER:
		return lines_buffer_new(arg);
	}
	return -ENOTTY;
}

/* --- mmap() ------------------------------------------------------------------ */

static int map_ram(struct vm_area_struct *vma)
{
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(page), PAGE_SIZE,
			       pgprot_writecombine(vma->vm_page_prot));
}

static int map_device(struct vm_area_struct *vma)
{
	void __iomem *first = ioremap_wc(at(0), PAGE_SIZE);
	int err;

	if (!first)
		return -ENOMEM;
	err = remap_pfn_range(vma, vma->vm_start, at(0) >> PAGE_SHIFT, PAGE_SIZE,
			      pgprot_writethrough(vma->vm_page_prot));
	iounmap(first);
	return err;
}

static int lines_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	switch (vma->vm_pgoff) {
	case LINES_AREA_RAM:
		return map_ram(vma);
	case LINES_AREA_DEVICE:
		return map_device(vma);
	}
	return -EINVAL;
}

static const struct file_operations lines_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = lines_ioctl,
	.mmap = lines_mmap,
};

static struct miscdevice lines_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "na_lines",
	.fops = &lines_fops,
};

static int __init lines_init(void)
{
	int err;

	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	err = misc_register(&lines_misc);
	if (err)
		__free_page(page);
	return err;
}

static void __exit lines_exit(void)
{
	misc_deregister(&lines_misc);
	__free_page(page);
}

module_init(lines_init);
module_exit(lines_exit);
MODULE_DESCRIPTION("Makes the kernel print its lines about memory types, for tests");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
