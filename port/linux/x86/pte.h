/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: page table entries of x86
 *
 * Decodes entries of the running kernel: present, leaf or table, frame, memory
 * type; the bits are in port/x86/entry.h. Files for all architectures walk
 * tables and use these functions. An entry is a copy, taken by na_pte_read(),
 * so that it does not change between two calls.
 *
 * @size is the size that a leaf of this level maps: PAGE_SIZE on the lowest
 * level, PMD_SIZE, PUD_SIZE.
 */
#ifndef NA_LINUX_PTE_H
#define NA_LINUX_PTE_H

#include <linux/mm.h>
#include <asm/pgtable.h>

#include "../../x86/entry.h"
#include "../port.h"

/**
 * na_pte_read() - read an entry of a page table of any level
 *
 * Others may change the entry meanwhile. With PAE an entry is two words, and we
 * hold no lock on it. Writers change the low word, with the present bit, first
 * when they remove an entry and last when they add one. So if the low word is
 * the same before and after the high word is read and is present, the two
 * belong together. Context: any.
 */
static inline pteval_t na_pte_read(const void *slot)
{
#ifdef CONFIG_X86_PAE
	const u32 *word = slot;
	u32 low, high;

	do {
		low = READ_ONCE(word[0]);
		smp_rmb();
		high = READ_ONCE(word[1]);
		smp_rmb();
	} while (READ_ONCE(word[0]) != low);
	return (pteval_t)high << 32 | low;
#else
	return READ_ONCE(*(const pteval_t *)slot);
#endif
}

/** na_pte_is_present() - does the CPU use this entry? */
static inline bool na_pte_is_present(pteval_t entry)
{
	return na_x86_is_present(entry);
}

/** na_pte_is_leaf() - does a present entry map memory itself? */
static inline bool na_pte_is_leaf(pteval_t entry, unsigned long size)
{
	return na_x86_is_leaf(entry, size);
}

/** na_pte_is_table() - does a present entry point to a table? */
static inline bool na_pte_is_table(pteval_t entry)
{
	return !pmd_bad(__pmd(entry));
}

/**
 * na_pte_frame() - number of the first frame that a present leaf maps
 *
 * For an entry that points to a table, with PAGE_SIZE: the frame of the table.
 */
static inline unsigned long na_pte_frame(pteval_t entry, unsigned long size)
{
	return (entry & PTE_PFN_MASK & ~(pteval_t)(size - 1)) >> PAGE_SHIFT;
}

/**
 * na_pte_level_size() - @size of a level of lookup_address()
 *
 * Levels without leaves have the size of the highest tables.
 */
static inline unsigned long na_pte_level_size(unsigned int level)
{
	switch (level) {
	case PG_LEVEL_4K:
		return PAGE_SIZE;
	case PG_LEVEL_2M:
		return PMD_SIZE;
	case PG_LEVEL_1G:
		return PUD_SIZE;
	default:
		return P4D_SIZE;
	}
}

/**
 * na_pte_find() - find the small entry of a page of the kernel
 *
 * lookup_address() returns large entries as well, whose neighbours belong to
 * others and must not be written.
 *
 * Context: any. Return: NULL if there is none, or not on the lowest level.
 */
static inline pte_t *na_pte_find(const void *vaddr)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)vaddr, &level);

	return entry && level == PG_LEVEL_4K ? entry : NULL;
}

/** na_pte_pat() - index of a leaf's type in the PAT register. */
static inline u32 na_pte_pat(pteval_t entry, unsigned long size)
{
	return na_x86_pat_index(entry, size);
}

/**
 * na_linux_pgprot() - @prot with the memory type replaced by @type
 *
 * All cache bits of @prot are cleared first, so the result does not depend on
 * its old type.
 */
pgprot_t na_linux_pgprot(pgprot_t prot, enum na_memtype type);

/** na_pte_has_type() - does a leaf have the bits of @type on this machine? */
static inline bool na_pte_has_type(pteval_t entry, unsigned long size,
				   enum na_memtype type)
{
	pteval_t bits = pgprot_val(na_linux_pgprot(__pgprot(0), type));

	return na_pte_pat(entry, size) == na_pte_pat(bits, PAGE_SIZE);
}

/** na_pte_with_type() - replace the type of an entry of the lowest level. */
static inline pteval_t na_pte_with_type(pteval_t entry, enum na_memtype type)
{
	return pgprot_val(na_linux_pgprot(__pgprot(entry), type));
}

#endif
