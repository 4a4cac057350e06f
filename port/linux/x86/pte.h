/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: page table entries of x86
 *
 * The one place that knows the bits of an entry: whether it is present, whether
 * it maps memory or names a table, which frame, which memory type. Files that
 * serve every architecture walk tables and pass entries on; what an entry says
 * they ask here. An entry is a copy, taken by na_pte_read(): what is asked of
 * it twice is answered alike.
 *
 * @size is what an entry of its level maps if it is a leaf: PAGE_SIZE on the
 * lowest level, PMD_SIZE, PUD_SIZE. It decides what bit 7 is: PAT on the lowest
 * level; above it the mark of a leaf, whose PAT is bit 12, as its frame number
 * needs fewer bits (Intel SDM 3A, 4.3 to 4.5).
 */
#ifndef NA_LINUX_PTE_H
#define NA_LINUX_PTE_H

#include <linux/mm.h>
#include <asm/pgtable.h>

#include "../port.h"

/**
 * na_pte_read() - one entry of a page table of any level
 *
 * Entries are changed by others meanwhile. With PAE an entry is two words
 * and no lock of ours covers them. Those who write one clear or set the low
 * word, which has the present bit, last or first in such a way that a low
 * word found twice with the high word read between belongs to it, if it is
 * present. Context: any.
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

/** na_pte_is_present() - does the CPU go by this entry? */
static inline bool na_pte_is_present(pteval_t entry)
{
	return entry & _PAGE_PRESENT;
}

/** na_pte_is_leaf() - does a present entry map memory itself? */
static inline bool na_pte_is_leaf(pteval_t entry, unsigned long size)
{
	return size == PAGE_SIZE || entry & _PAGE_PSE;
}

/** na_pte_is_table() - does a present entry name a table that can be read? */
static inline bool na_pte_is_table(pteval_t entry)
{
	return !pmd_bad(__pmd(entry));
}

/**
 * na_pte_frame() - number of the first frame that a present leaf maps
 *
 * Of an entry that names a table, with PAGE_SIZE: the frame of the table.
 */
static inline unsigned long na_pte_frame(pteval_t entry, unsigned long size)
{
	return (entry & PTE_PFN_MASK & ~(pteval_t)(size - 1)) >> PAGE_SHIFT;
}

/**
 * na_pte_level_size() - @size of a level as lookup_address() counts them
 *
 * What is no level of leaves, or above them, is that of the highest tables.
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
 * na_pte_find() - the entry of a page that the kernel maps by itself
 *
 * Of a large entry lookup_address() gives the address too, and beside that one
 * are large entries of others: not ours to write.
 *
 * Context: any. Return: NULL if there is none, or not on the lowest level.
 */
static inline pte_t *na_pte_find(const void *vaddr)
{
	unsigned int level;
	pte_t *entry = lookup_address((unsigned long)vaddr, &level);

	return entry && level == PG_LEVEL_4K ? entry : NULL;
}

/** na_pte_pat() - index of a leaf's memory type in the PAT register. */
static inline u32 na_pte_pat(pteval_t entry, unsigned long size)
{
	u32 idx = 0;

	if (entry & _PAGE_PWT)
		idx |= 1;
	if (entry & _PAGE_PCD)
		idx |= 2;
	if (entry & (size > PAGE_SIZE ? _PAGE_PAT_LARGE : _PAGE_PAT))
		idx |= 4;
	return idx;
}

/**
 * na_linux_pgprot() - @prot with the memory type replaced by @type
 *
 * Every cache bit of @prot is cleared first, so the result does not depend
 * on what it was derived from.
 */
pgprot_t na_linux_pgprot(pgprot_t prot, enum na_memtype type);

/** na_pte_has_type() - has a leaf the bits that @type has on this machine? */
static inline bool na_pte_has_type(pteval_t entry, unsigned long size,
				   enum na_memtype type)
{
	pteval_t bits = pgprot_val(na_linux_pgprot(__pgprot(0), type));

	return na_pte_pat(entry, size) == na_pte_pat(bits, PAGE_SIZE);
}

/** na_pte_with_type() - an entry of the lowest level with its type replaced. */
static inline pteval_t na_pte_with_type(pteval_t entry, enum na_memtype type)
{
	return pgprot_val(na_linux_pgprot(__pgprot(entry), type));
}

#endif
