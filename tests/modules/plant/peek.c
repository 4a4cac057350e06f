// SPDX-License-Identifier: GPL-2.0
/*
 * Page table entries as they stand, and what the kernel believes of a page.
 * Types are decoded from the bits by the table of x86 Linux, written down
 * here a second time on purpose: bits come as PAT, PCD, PWT.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <asm/desc.h>
#include <asm/pgtable.h>

#include "compat.h"
#include "plant.h"
#include "user_pte.h"

static const pteval_t type_bits[] = {
	[PLANT_WB] = 0,
	[PLANT_WC] = _PAGE_PWT,
	[PLANT_UC] = _PAGE_PCD,
	[PLANT_WT] = _PAGE_PAT | _PAGE_PCD | _PAGE_PWT,
};

#define TYPE_MASK (_PAGE_PAT | _PAGE_PCD | _PAGE_PWT)

pgprot_t prot_of(pgprot_t prot, u32 type)
{
	return __pgprot((pgprot_val(prot) & ~(pteval_t)TYPE_MASK) |
			type_bits[type]);
}

u32 type_of(pteval_t bits)
{
	u32 type;

	for (type = 0; type < ARRAY_SIZE(type_bits); type++)
		if ((bits & TYPE_MASK) == type_bits[type])
			return type;
	return PLANT_ABSENT;
}

static void decode(struct plant_entry *entry, pte_t pte)
{
	entry->present = !!(pte_val(pte) & _PAGE_PRESENT);
	if (!entry->present)
		return;
	entry->pfn = pte_pfn(pte);
	entry->type = type_of(pte_val(pte));
	entry->special = !!pte_special(pte);
	entry->writable = !!pte_write(pte);
	entry->executable = !!pte_exec(pte);
}

static void clear(struct plant_entry *entry)
{
	*entry = (struct plant_entry){
		.va = entry->va, .pid = entry->pid, .type = PLANT_ABSENT,
	};
}

/* To be given back by mmput(); NULL when there is none. */
static struct mm_struct *mm_of(pid_t nr)
{
	struct mm_struct *mm = NULL;
	struct task_struct *task;
	struct pid *pid;

	if (!nr)
		return get_task_mm(current);
	pid = find_get_pid(nr);
	task = get_pid_task(pid, PIDTYPE_PID);
	if (task) {
		mm = get_task_mm(task);
		put_task_struct(task);
	}
	put_pid(pid);
	return mm;
}

/* A large entry keeps its PAT bit where a frame number would be. */
static void decode_large(struct plant_entry *entry, pte_t pte,
			 unsigned long size)
{
	unsigned long offset = (entry->va & (size - 1)) >> PAGE_SHIFT;
	pteval_t bits = pte_val(pte) & (_PAGE_PCD | _PAGE_PWT);

	entry->present = !!(pte_val(pte) & _PAGE_PRESENT);
	if (!entry->present)
		return;
	if (pte_val(pte) & _PAGE_PAT_LARGE)
		bits |= _PAGE_PAT;
	entry->pfn = (pte_pfn(pte) & ~((size >> PAGE_SHIFT) - 1)) + offset;
	entry->type = type_of(bits);
	entry->special = !!pte_special(pte);
	entry->writable = !!pte_write(pte);
	entry->executable = !!pte_exec(pte);
}

int peek_user(struct plant_entry *entry)
{
	struct mm_struct *mm = mm_of(entry->pid);
	unsigned long size;
	pte_t pte;

	clear(entry);
	if (!mm)
		return -ESRCH;
	pte = user_pte_read_any(mm, entry->va, &size);
	if (size == PAGE_SIZE)
		decode(entry, pte);
	else
		decode_large(entry, pte, size);
	if (entry->present)
		entry->nr = size >> PAGE_SHIFT;
	mmput(mm);
	return 0;
}

int peek_kernel(struct plant_entry *entry)
{
	unsigned int level;
	pte_t *pte = lookup_address(entry->va, &level);

	clear(entry);
	if (!pte)
		return 0;
	if (level == PG_LEVEL_4K)
		decode(entry, *pte);
	else if (level == PG_LEVEL_2M)
		decode_large(entry, *pte, PMD_SIZE);
	else if (level == PG_LEVEL_1G)
		decode_large(entry, *pte, PUD_SIZE);
	entry->nr = page_level_size(level) >> PAGE_SHIFT;
	return 0;
}

int find_place(struct plant_place *place)
{
	struct desc_ptr gdt;

	switch (place->part) {
	case PLANT_IMAGE:
		place->va = (unsigned long)&init_task;
		return 0;
	case PLANT_MODULE:
		place->va = (unsigned long)THIS_MODULE;
		return 0;
	case PLANT_MEMORY_MAP:
		place->va = (unsigned long)virt_to_page(__va(0));
		return 0;
	case PLANT_CPU_ENTRY:
		native_store_gdt(&gdt);
		place->va = gdt.address;
		return 0;
	}
	return -EINVAL;
}

static u32 tracked_type(struct page *page)
{
	unsigned long flags = READ_ONCE(*na_linux_page_flags(page));
	bool arch = flags & (1UL << PG_arch_1);
#ifdef CONFIG_ARCH_USES_PG_UNCACHED
	bool uncached = flags & (1UL << PG_uncached);
#else
	bool uncached = flags & (1UL << PG_arch_2);
#endif

	if (arch && uncached)
		return PLANT_WT;
	if (arch)
		return PLANT_WC;
	return uncached ? PLANT_UC : PLANT_WB;
}

int look_at_page(struct plant_page *request)
{
	struct page *page = page_of(request->pfn);
	struct plant_entry entry = { 0 };

	if (!page)
		return -EINVAL;
	request->high = PageHighMem(page);
	request->tracked = tracked_type(page);
	request->refs = page_count(page);
	request->reserved = PageReserved(page);
	request->pool_va = 0;
	request->direct_va = 0;
	request->direct = PLANT_ABSENT;
	if (request->high) {
		request->pool_va = (unsigned long)page_address(page);
		return 0;
	}
	request->direct_va = (unsigned long)page_address(page);
	entry.va = request->direct_va;
	peek_kernel(&entry);
	if (entry.pfn == request->pfn)
		request->direct = entry.type;
	return 0;
}
