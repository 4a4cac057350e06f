// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * x86 direct map: changing the type of its entries.
 *
 * The kernel's set_pages_array_*() walk the page table for each page, cost up
 * to three shootdowns a call and twice that for WC, and oops on a high page.
 * They are needed to split a large entry, which takes locks and lists that are
 * not exported. So a large entry is split by set_pages_uc() on one page under
 * it, once until reboot, and small entries are rewritten here, a table at a
 * time.
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
 * All processes share these tables: kernel page tables of the lowest level are
 * never copied.
 *
 * On 64 bit, frames of the kernel image have a second mapping, at the addresses
 * where the kernel runs. Parts that the image does not need after boot become
 * ordinary memory: the gaps between its sections, init code and data, the rest
 * of its last large page; some 8 MB. The kernel's own calls change both
 * mappings together (cpa_process_alias()), and so does this file. Rejected:
 * skipping such frames (a heap would have to keep those that it gets, or get
 * them again at each allocation, and a driver that converts its own pages has
 * no choice). The cost is splitting large entries of the image, most of which
 * the kernel itself has split to protect or free neighbours. With page table
 * isolation the kernel removes the second mapping of gaps and init memory
 * before it frees them, so that user page tables have no copy of such an entry.
 *
 * Entries are written only when both are known to be small: a frame is changed
 * in both mappings or in neither.
 */
#include <linux/mm.h>
#include <asm/pgtable.h>
#include <asm/set_memory.h>

#include "../port.h"
#include "pte.h"

/**
 * struct span - consecutive frames whose entries are in one table
 * @direct: entries of the direct map, or NULL: a large one that need not change
 * @image: entries of the kernel image, or NULL: none, or a large one that need
 *	not change or is not present
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

/* NULL: the frame is not in the image, or there is no table. */
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
	/* Low memory may end within a run and within a table. */
	while (nr && PageHighMem(na_linux_page(na_frame_add(frame, nr - 1))))
		nr--;
	return nr;
}

/*
 * A table of small entries, or NULL. lookup_address() returns an absent large
 * entry as well, whose neighbours are large entries of others.
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
 * Return: false if there is a large entry that must be split. Tables of both
 * mappings begin at the same frame, because both begin at a large page.
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
 * UC; later it gets the wanted type like its neighbours. The kernel returns no
 * error if it could not split the image's entry: check.
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

/* The frames of @run from @idx on that one table maps. */
static int find_span(struct na_run run, u32 idx, enum na_memtype type,
		     struct span *span)
{
	struct na_frame frame = na_frame_add(run.first, idx);
	unsigned int level;

	span->nr = count_in_table(frame, run.nr - idx);
	if (!is_present(find_direct(frame, &level)))
		return -EFAULT;
	/* An entry that was not split was not changed. */
	if (find_small(frame, span) || type == NA_WB)
		return 0;
	return split(frame, span);
}

static void set_direct_entry(pte_t *pte, enum na_memtype type)
{
	set_pte_atomic(pte, __pte(na_pte_with_type(pte_val(*pte), type)));
}

/* Return: number of frames changed. If too few, the next has no entry. */
static u32 set_span(const struct span *span, enum na_memtype type)
{
	u32 i;

	for (i = 0; i < span->nr; i++) {
		if (span->direct && !is_present(&span->direct[i]))
			break;
		if (span->direct)
			set_direct_entry(&span->direct[i], type);
		/* Parts of the image are unmapped before they are freed. */
		if (span->image && is_present(&span->image[i]))
			set_direct_entry(&span->image[i], type);
	}
	return i;
}

static int set_run(struct na_run run, enum na_memtype type, u32 *nr_done)
{
	struct span span;
	u32 idx, nr;
	int err;

	for (idx = 0; idx < run.nr; idx += nr) {
		/* The rest of the run is not in the direct map. */
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
