// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings of the frames that were aimed at, with the type asked for
 * and no question to PAT tracking. Entries are special, or those of ordinary
 * pages as a driver of 2014 made them.
 */
#include <linux/fs.h>

#include "compat.h"
#include "plant.h"

struct cursor {
	const u32 *pfn;
	pgprot_t prot;
};

/*
 * CONFIG_PAGE_TABLE_CHECK takes a second entry of an anonymous page for a bug if
 * it lets anybody write.
 */
static bool may_be_written(u32 pfn)
{
	return !IS_ENABLED(CONFIG_PAGE_TABLE_CHECK) || !pfn_valid(pfn) ||
	       !PageAnon(pfn_to_page(pfn));
}

static int set_entry(pte_t *pte, unsigned long addr, void *data)
{
	struct cursor *cursor = data;
	u32 pfn = *cursor->pfn++;
	pte_t entry = pte_mkspecial(pfn_pte(pfn, cursor->prot));

	if (!may_be_written(pfn))
		entry = pte_wrprotect(entry);
	set_pte_at(current->mm, addr, pte, entry);
	return 0;
}

static int map_special(struct bed *bed, struct vm_area_struct *vma)
{
	struct cursor cursor = { bed->aim.pfns, vma->vm_page_prot };

	vm_flags_set(vma, VM_MIXEDMAP);
	return apply_to_page_range(vma->vm_mm, vma->vm_start,
				   vma->vm_end - vma->vm_start, set_entry,
				   &cursor);
}

static int map_normal(struct bed *bed, struct vm_area_struct *vma)
{
	unsigned long i;
	int err = 0;

	for (i = 0; i < vma_pages(vma) && !err; i++)
		err = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE,
				     pfn_to_page(bed->aim.pfns[i]));
	return err;
}

static bool aim_is_valid(const struct bed *bed, struct vm_area_struct *vma)
{
	unsigned long i;

	if (!(vma->vm_flags & VM_SHARED) || vma_pages(vma) > bed->aim.nr)
		return false;
	/* A special entry may point at what is no page of the kernel's. */
	for (i = 0; bed->aim_normal && i < vma_pages(vma); i++)
		if (!page_of(bed->aim.pfns[i]))
			return false;
	return true;
}

static vm_fault_t area_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

/* Without operations the area would be anonymous memory. */
static const struct vm_operations_struct area_ops = { .fault = area_fault };

static int map(struct bed *bed, struct vm_area_struct *vma)
{
	if (!aim_is_valid(bed, vma))
		return -EINVAL;
	vm_flags_set(vma, VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = prot_of(vma->vm_page_prot, bed->aim_type);
	vma->vm_ops = &area_ops;
	return bed->aim_normal ? map_normal(bed, vma) : map_special(bed, vma);
}

int area_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct bed *bed = file->private_data;
	int err;

	mutex_lock(&bed->aim_lock);
	err = bed->aim_large ? large_map(bed, vma) : map(bed, vma);
	mutex_unlock(&bed->aim_lock);
	return err;
}
