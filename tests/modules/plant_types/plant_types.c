// SPDX-License-Identifier: GPL-2.0
/*
 * plant_types: frames that are mapped with conflicting memory types on purpose,
 * made with calls that each architecture has. A test module: what it does is
 * what drivers must not do.
 *
 * Reading the device tells what was planted, a line a mapping:
 *
 *	GRADE PFN SPACE TYPE VA
 *
 * mmap() of the device maps a page write-combining. The process tells where.
 */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#define TEXT_MAX	1024
#define NR_PAGES	4
#define HIGH_PAGE	3	/* with high memory only */

/* Addresses of a device, and memory that the kernel was told not to use. */
static ulong device;
module_param(device, ulong, 0444);
static ulong unused;
module_param(unused, ulong, 0444);

static struct page *pages[NR_PAGES];
static void *maps[3];
static void __iomem *remaps[4];
static char text[TEXT_MAX];
static int text_len;

static void tell(const char *grade, unsigned long pfn, const char *space,
		 const char *type, const void *va)
{
	text_len += scnprintf(text + text_len, TEXT_MAX - text_len,
			      "%s %#lx %s %s %#lx\n", grade, pfn, space, type,
			      (unsigned long)va);
}

/* The kernel's own cached mapping stays beside it. */
static int plant_page(u32 idx, const char *type, pgprot_t prot)
{
	unsigned long pfn = page_to_pfn(pages[idx]);

	maps[idx] = vmap(&pages[idx], 1, VM_MAP, prot);
	if (!maps[idx])
		return -ENOMEM;
	tell("alias", pfn, "vmalloc", type, maps[idx]);
	tell("alias", pfn, "direct", "WB", page_address(pages[idx]));
	return 0;
}

/* kunmap() leaves the pool's mapping where it is. */
static int plant_stale(void)
{
	struct page *page;

	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return 0;
	page = pages[HIGH_PAGE] = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	if (!page || !PageHighMem(page))
		return -ENOMEM;
	tell("alias", page_to_pfn(page), "kmap", "WB", kmap(page));
	kunmap(page);
	maps[2] = vmap(&page, 1, VM_MAP, pgprot_writecombine(PAGE_KERNEL));
	if (!maps[2])
		return -ENOMEM;
	tell("alias", page_to_pfn(page), "vmalloc", "WC", maps[2]);
	return 0;
}

/* Two uncached types of an address that has no other mapping. */
static int plant_pair(u32 idx, phys_addr_t pa)
{
	if (!pa)
		return 0;
	remaps[idx] = ioremap(pa, PAGE_SIZE);
	remaps[idx + 1] = ioremap_wc(pa, PAGE_SIZE);
	if (!remaps[idx] || !remaps[idx + 1])
		return -ENOMEM;
	tell("mixed", pa >> PAGE_SHIFT, "vmalloc", "UC",
	     (__force void *)remaps[idx]);
	tell("mixed", pa >> PAGE_SHIFT, "vmalloc", "WC",
	     (__force void *)remaps[idx + 1]);
	return 0;
}

static ssize_t plant_read(struct file *file, char __user *to, size_t len,
			  loff_t *pos)
{
	return simple_read_from_buffer(to, len, pos, text, text_len);
}

static int plant_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	return remap_pfn_range(vma, vma->vm_start, page_to_pfn(pages[2]),
			       PAGE_SIZE, pgprot_writecombine(vma->vm_page_prot));
}

static const struct file_operations plant_fops = {
	.owner = THIS_MODULE,
	.read = plant_read,
	.mmap = plant_mmap,
};

static struct miscdevice plant_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "plant_types",
	.fops = &plant_fops,
};

static void unplant(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(remaps); i++)
		if (remaps[i])
			iounmap(remaps[i]);
	for (i = 0; i < ARRAY_SIZE(maps); i++)
		vunmap(maps[i]);
	for (i = 0; i < NR_PAGES; i++)
		if (pages[i])
			__free_page(pages[i]);
}

static int plant(void)
{
	int err;
	u32 i;

	for (i = 0; i < HIGH_PAGE; i++) {
		pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!pages[i])
			return -ENOMEM;
	}
	err = plant_page(0, "WC", pgprot_writecombine(PAGE_KERNEL)) ?:
	      plant_page(1, "UC", pgprot_noncached(PAGE_KERNEL)) ?:
	      plant_stale() ?:
	      plant_pair(0, device) ?: plant_pair(2, unused);
	tell("alias", page_to_pfn(pages[2]), "direct", "WB",
	     page_address(pages[2]));
	return err;
}

static int __init plant_init(void)
{
	int err = plant() ?: misc_register(&plant_misc);

	if (err)
		unplant();
	return err;
}

static void __exit plant_exit(void)
{
	misc_deregister(&plant_misc);
	unplant();
}

module_init(plant_init);
module_exit(plant_exit);
MODULE_DESCRIPTION("Plants conflicting memory types, for tests of images");
MODULE_AUTHOR("noalias maintainers");
MODULE_LICENSE("GPL");
