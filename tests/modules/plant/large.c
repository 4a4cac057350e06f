// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings in large special entries, as vfio-pci maps BARs since 6.12:
 * nothing is mapped until a process touches it, then by the largest entry that
 * fits there. There is no smaller one to fall back to: what does not fit is a
 * SIGBUS, so that no case takes small entries for large ones.
 */
#include <linux/mm.h>

#include "compat.h"
#include "plant.h"

#ifdef NA_HAVE_PMD_SPECIAL

/* The entry that begins at or before the address; -1: it is not all ours. */
static long first_pfn(const struct vm_fault *vmf, unsigned long nr)
{
	const struct vm_area_struct *vma = vmf->vma;
	unsigned long addr = ALIGN_DOWN(vmf->address, nr * PAGE_SIZE);
	unsigned long pfn = (unsigned long)vma->vm_private_data;

	if (addr < vma->vm_start || vma->vm_end - addr < nr * PAGE_SIZE)
		return -1;
	pfn += (addr - vma->vm_start) >> PAGE_SHIFT;
	return IS_ALIGNED(pfn, nr) ? (long)pfn : -1;
}

static vm_fault_t large_fault(struct vm_fault *vmf, unsigned int order)
{
	bool write = vmf->flags & FAULT_FLAG_WRITE;
	long pfn = first_pfn(vmf, 1ul << order);

	if (pfn < 0)
		return VM_FAULT_FALLBACK;
	if (order == PMD_ORDER)
		return vmf_insert_pfn_pmd(vmf, pfn, write);
	if (order == PUD_ORDER)
		return vmf_insert_pfn_pud(vmf, pfn, write);
	return VM_FAULT_FALLBACK;
}

static vm_fault_t small_fault(struct vm_fault *vmf)
{
	return VM_FAULT_SIGBUS;
}

static const struct vm_operations_struct large_ops = {
	.fault = small_fault,
	.huge_fault = large_fault,
};

int large_map(struct bed *bed, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || bed->aim.nr != 1)
		return -EINVAL;
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = prot_of(vma->vm_page_prot, bed->aim_type);
	vma->vm_private_data = (void *)(unsigned long)bed->aim.pfns[0];
	vma->vm_ops = &large_ops;
	return 0;
}

#else

int large_map(struct bed *bed, struct vm_area_struct *vma)
{
	return -EOPNOTSUPP;
}

#endif
