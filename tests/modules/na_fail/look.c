// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped at an address, and where else the kernel has its frame.
 *
 * An answer that owes nothing to the module under test or to its auditor: the
 * page table entry itself, the kmap pool's hash, the direct map's entry.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/memtype.h>
#include <asm/pgtable.h>

#include "na_fail.h"
#include "user_pte.h"

static const char *type_name(pgprotval_t bits)
{
	static const struct {
		const char *name;
		enum page_cache_mode mode;
	} types[] = {
		{ "WB", _PAGE_CACHE_MODE_WB }, { "WC", _PAGE_CACHE_MODE_WC },
		{ "UC", _PAGE_CACHE_MODE_UC_MINUS },
		{ "strong-UC", _PAGE_CACHE_MODE_UC },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (bits == cachemode2protval(types[i].mode))
			return types[i].name;
	return "unknown";
}

static const char *direct_name(unsigned long pfn)
{
	struct page *page = pfn_to_page(pfn);
	unsigned int level;
	pte_t *pte;

	if (PageHighMem(page))
		return "none";
	pte = lookup_address((unsigned long)page_address(page), &level);
	if (!pte || !(pte_val(*pte) & _PAGE_PRESENT))
		return "none";
	if (level != PG_LEVEL_4K)
		return "large";
	return type_name(pgprot_val(pte_pgprot(*pte)) & _PAGE_CACHE_MASK);
}

static int describe(pte_t pte, char *text)
{
	unsigned long pfn = pte_pfn(pte);
	struct page *page = pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;

	if (!page)
		return -ENXIO;
	return scnprintf(text, NA_REQUEST_MAX,
			 "pfn %lu type %s special %d write %d high %d kmap %d direct %s\n",
			 pfn,
			 type_name(pgprot_val(pte_pgprot(pte)) &
				   _PAGE_CACHE_MASK),
			 !!pte_special(pte), !!pte_write(pte),
			 PageHighMem(page),
			 PageHighMem(page) && page_address(page),
			 direct_name(pfn));
}

static int look_at(unsigned long addr, char *text)
{
	pte_t pte = user_pte_read(current->mm, addr);

	return pte_present(pte) ? describe(pte, text) : -EINVAL;
}

static int look_open(struct inode *inode, struct file *file)
{
	file->private_data = kzalloc(NA_REQUEST_MAX, GFP_KERNEL);
	return file->private_data ? 0 : -ENOMEM;
}

static ssize_t look_write(struct file *file, const char __user *user,
			  size_t len, loff_t *pos)
{
	char text[NA_REQUEST_MAX];
	unsigned long addr;
	int err = na_get_request(text, user, len);

	if (!err)
		err = kstrtoul(text, 0, &addr);
	if (err)
		return err;
	err = look_at(addr, file->private_data);
	return err < 0 ? err : len;
}

static ssize_t look_read(struct file *file, char __user *user, size_t len,
			 loff_t *pos)
{
	loff_t start = 0;

	return simple_read_from_buffer(user, len, &start, file->private_data,
				       strlen(file->private_data));
}

static int look_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

const struct file_operations na_look_fops = {
	.owner = THIS_MODULE,
	.open = look_open,
	.write = look_write,
	.read = look_read,
	.release = look_release,
};
