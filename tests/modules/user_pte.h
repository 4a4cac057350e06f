/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables of a process, for test modules. follow_pte() is no longer
 * exported, and what came after it refuses areas of mixed entries: so by hand.
 */
#ifndef USER_PTE_H
#define USER_PTE_H

#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>

/* With the table's lock held, so that no entry is half written. */
static inline pte_t user_pte_in_table(struct mm_struct *mm, pmd_t *pmd,
				      unsigned long addr)
{
	spinlock_t *lock = pte_lockptr(mm, pmd);
	pte_t *table = kmap_local_page(pmd_page(*pmd)), pte;

	spin_lock(lock);
	pte = table[pte_index(addr)];
	spin_unlock(lock);
	kunmap_local(table);
	return pte;
}

/*
 * Under RCU: later kernels free the lowest tables after a grace period. @size
 * receives what the entry maps, PAGE_SIZE if there is none.
 */
static inline pte_t user_pte_walk(struct mm_struct *mm, unsigned long addr,
				  unsigned long *size)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;
	pud_t *pud;
	pmd_t *pmd;

	*size = PAGE_SIZE;
	if (pgd_none(*pgd))
		return __pte(0);
	p4d = p4d_offset(pgd, addr);
	if (p4d_none(*p4d))
		return __pte(0);
	pud = pud_offset(p4d, addr);
	if (pud_present(*pud) && pud_leaf(*pud)) {
		*size = PUD_SIZE;
		return __pte(pud_val(*pud));
	}
	if (pud_none(*pud) || pud_bad(*pud))
		return __pte(0);
	pmd = pmd_offset(pud, addr);
	if (pmd_present(*pmd) && pmd_leaf(*pmd)) {
		*size = PMD_SIZE;
		return __pte(pmd_val(*pmd));
	}
	if (pmd_none(*pmd) || pmd_bad(*pmd))
		return __pte(0);
	return user_pte_in_table(mm, pmd, addr);
}

/* The entry at @addr, maybe a large one, and its size. @mm is held. */
static inline pte_t user_pte_read_any(struct mm_struct *mm, unsigned long addr,
				      unsigned long *size)
{
	pte_t pte;

	*size = PAGE_SIZE;
	if (addr >= TASK_SIZE_MAX)
		return __pte(0);
	mmap_read_lock(mm);
	rcu_read_lock();
	pte = user_pte_walk(mm, addr, size);
	rcu_read_unlock();
	mmap_read_unlock(mm);
	return pte;
}

/* The entry at @addr; not present: none, or a large one. @mm is held. */
static inline pte_t user_pte_read(struct mm_struct *mm, unsigned long addr)
{
	unsigned long size;
	pte_t pte = user_pte_read_any(mm, addr, &size);

	return size == PAGE_SIZE ? pte : __pte(0);
}

#endif
