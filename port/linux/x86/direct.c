// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 direct map: changing the type of its entries.
 *
 * The kernel's set_pages_array_*() would do, at a price: one page table walk
 * a page, up to three shootdowns a call and two calls' worth for WC, and an
 * oops on the first high page. What they are needed for is splitting a large
 * entry, which takes locks and lists that are not exported. So a large entry
 * is split by set_pages_uc() on one page under it, once in the life of the
 * machine, and small entries are rewritten here, a table at a time.
 *
 * This is safe without cpa_lock, because
 * - a small entry of the direct map has one writer at a time: whoever owns
 *   the page. The frames are claimed and nobody else's;
 * - a table of small entries stays while we have a frame under it. Kernels
 *   from 6.15 on do join small entries to a large one again
 *   (collapse_large_pages()), under cpa_lock and a write lock of init_mm that
 *   we do not take. But only set_memory_rox() asks for it, for the addresses
 *   that it has just made read-only and executable, and a table is joined if
 *   all its entries have the same flags. An entry of ours is writable: the
 *   table that it is in is none of those. Callers of it are the memory for
 *   code of modules, BPF and tracing, which is not in the direct map, and
 *   kexec's control page, which is;
 * - a split in progress on another CPU publishes its table complete, with
 *   the old type everywhere, and large translations left in TLBs meanwhile
 *   are dropped by the flush that the engine makes after this call, before
 *   the cache is cleaned.
 * The tables are shared by all processes: kernel page tables of the lowest
 * level are never copied.
 *
 * Frames of the kernel's image have a second mapping on 64 bit, at the
 * addresses where the kernel runs. What the image does not need is ordinary
 * memory after boot: the gaps between its sections, the code and data of
 * initialization, the rest of its last large page; some 8 MB. The kernel's own
 * calls change both mappings together (cpa_process_alias()), and so does this
 * file. To pass such frames over was the alternative: a heap would have to
 * hold those that it meets, or meet them again at each allocation, and a
 * driver that converts pages of its own could not do that at all. The price
 * is large entries of the image that get split, most of them by the kernel
 * itself when it protected or freed what lies beside. With page table
 * isolation the kernel removes the second mapping of gaps and initialization
 * before it frees them, so that no copy of such an entry is in the tables of
 * user space.
 *
 * Entries are written when both are known to be small: a frame is changed in
 * both or in none.
 */
#include <linux/mm.h>
#include <asm/pgtable.h>
#include <asm/set_memory.h>

#include "../port.h"
#include "pte.h"

/**
 * struct span - consecutive frames whose entries are in one table
 * @direct: entries of the direct map, or NULL: a large one that can stay
 * @image: entries of the kernel's image, or NULL: none, or a large one that
 *	can stay or is not present
 * @nr: frames
 */
struct span {
	pte_t *direct;
	pte_t *image;
	unsigned int nr;
};

static bool is_present(const pte_t *pte)
{
	return pte && na_pte_is_present(pte_val(*pte));
}

static pte_t *find_direct(struct na_frame frame, unsigned int *level)
{
	return lookup_address((unsigned long)page_address(na_linux_page(frame)),
			      level);
}

/* NULL: the image does not reach so far, or has no table there. */
static pte_t *find_image(struct na_frame frame, unsigned int *level)
{
#ifdef CONFIG_X86_64
	unsigned long offset = PFN_PHYS(frame.nr) - phys_base;

	if (offset < KERNEL_IMAGE_SIZE)
		return lookup_address(__START_KERNEL_map + offset, level);
#endif
	return NULL;
}

static bool mapping_has(const pte_t *pte, unsigned int level,
			enum na_memtype type)
{
	return is_present(pte) &&
	       na_pte_has_type(pte_val(*pte), na_pte_level_size(level), type);
}

bool na_port_direct_has(struct na_port *port, struct na_frame frame,
			enum na_memtype type)
{
	unsigned int level, image_level;
	const pte_t *pte = find_direct(frame, &level);
	const pte_t *image = find_image(frame, &image_level);

	return mapping_has(pte, level, type) &&
	       (!is_present(image) || mapping_has(image, image_level, type));
}

/* Frames from @frame on, at most @nr, that are low and share one table. */
static unsigned int count_in_table(struct na_frame frame, unsigned int nr)
{
	unsigned long vaddr = (unsigned long)page_address(na_linux_page(frame));
	unsigned long room = (PMD_SIZE - (vaddr & ~PMD_MASK)) >> PAGE_SHIFT;

	nr = min_t(unsigned long, nr, room);
	/* Low memory may end inside a run and inside a table. */
	while (nr && PageHighMem(na_linux_page(na_frame_add(frame, nr - 1))))
		nr--;
	return nr;
}

/*
 * A table of small entries, or NULL. Of a large entry that is not there,
 * lookup_address() gives the address too: what stands beside that one are
 * large entries of others.
 */
static pte_t *small_table(pte_t *pte, unsigned int level)
{
	return pte && level == PG_LEVEL_4K ? pte : NULL;
}

static bool is_large(const pte_t *pte, unsigned int level)
{
	return is_present(pte) && level != PG_LEVEL_4K;
}

/*
 * Return: false when a large entry stands in the way. Both mappings agree on
 * where a table begins: both begin at a large page.
 */
static bool find_small(struct na_frame frame, struct span *span)
{
	unsigned int level, image_level;
	pte_t *direct = find_direct(frame, &level);
	pte_t *image = find_image(frame, &image_level);

	span->direct = small_table(direct, level);
	span->image = small_table(image, image_level);
	return !is_large(direct, level) && !is_large(image, image_level);
}

/*
 * The kernel splits the large entries of both mappings, and makes this frame
 * UC; it gets the wanted type like its neighbours. Of the image's entry the
 * kernel does not say that it could not be split: look.
 */
static int split(struct na_frame frame, struct span *span)
{
	struct page *page = na_linux_page(frame);
	int err = set_pages_uc(page, 1);

	if (err || find_small(frame, span))
		return err;
	set_pages_wb(page, 1);
	return -ENOMEM;
}

/* As many frames of @run from @idx on as one table maps. */
static int find_span(struct na_run run, u32 idx, enum na_memtype type,
		     struct span *span)
{
	struct na_frame frame = na_frame_add(run.first, idx);
	unsigned int level;

	span->nr = count_in_table(frame, run.nr - idx);
	if (!is_present(find_direct(frame, &level)))
		return -EFAULT;
	/* What was never split was never changed. */
	if (find_small(frame, span) || type == NA_WB)
		return 0;
	return split(frame, span);
}

static void set_entry(pte_t *pte, enum na_memtype type)
{
	set_pte_atomic(pte, __pte(na_pte_with_type(pte_val(*pte), type)));
}

/* Return: frames changed; fewer than there are: the next has no entry. */
static u32 set_span(const struct span *span, enum na_memtype type)
{
	u32 i;

	for (i = 0; i < span->nr; i++) {
		if (span->direct && !is_present(&span->direct[i]))
			break;
		if (span->direct)
			set_entry(&span->direct[i], type);
		/* Parts of the image are unmapped before they are freed. */
		if (span->image && is_present(&span->image[i]))
			set_entry(&span->image[i], type);
	}
	return i;
}

static int set_run(struct na_run run, enum na_memtype type, u32 *nr_done)
{
	struct span span;
	u32 idx, nr;
	int err;

	for (idx = 0; idx < run.nr; idx += nr) {
		/* From here to the end of the run there is no direct map. */
		if (PageHighMem(na_linux_page(na_frame_add(run.first, idx)))) {
			*nr_done += run.nr - idx;
			return 0;
		}
		err = find_span(run, idx, type, &span);
		if (err)
			return err;
		nr = set_span(&span, type);
		*nr_done += nr;
		if (nr < span.nr)
			return -EFAULT;
		cond_resched();
	}
	return 0;
}

int na_port_direct_set(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	u32 i;
	int err;

	might_sleep();
	for (i = 0; i < nr_runs; i++) {
		err = set_run(runs[i], type, nr_done);
		if (err)
			return err;
	}
	return 0;
}
