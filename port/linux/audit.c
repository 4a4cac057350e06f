// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit of a running kernel: entry points of the walk, and offers of entries.
 *
 * Nothing is stopped and nothing is changed. Page tables are read while others
 * write them, so a mapping found may be outdated; the engine reads all suspects
 * again before it reports them.
 *
 * The process of an owner is held by mm_count, not by mm_users: that keeps the
 * mm_struct, so that its address is not reused, but lets the process exit and
 * free its memory.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "audit.h"

int na_port_audit_begin(struct na_port *port, struct na_audit *audit,
			struct na_audit_walker **result)
{
	struct na_audit_walker *walker = kvzalloc(sizeof(*walker), GFP_KERNEL);
	int err;

	if (!walker)
		return -ENOMEM;
	walker->audit = audit;
	na_linux_types_init(&walker->types);
	na_linux_regions_init(walker);
	err = na_linux_memory_watch(walker);
	if (err) {
		kvfree(walker);
		return err;
	}
	walker->wait_ms = NA_LINUX_WAIT_ALL_MS;
	*result = walker;
	return 0;
}

void na_port_audit_end(struct na_audit_walker *walker)
{
	na_linux_memory_unwatch(walker);
	kvfree(walker);
}

int na_port_audit_walk(struct na_audit_walker *walker)
{
	int err = na_linux_tasks_walk(walker);

	return err ? err : na_linux_kernel_walk(walker);
}

u64 na_port_audit_memory(struct na_audit_walker *walker)
{
	return totalram_pages();
}

int na_port_audit_reread(struct na_audit_walker *walker,
			 const struct na_audit_owner *owner,
			 const struct na_sighting *sighting)
{
	unsigned long from = sighting->va;
	unsigned long to = from + ((unsigned long)sighting->run.nr <<
				   PAGE_SHIFT);
	struct mm_struct *mm = owner->handle;
	int err;

	if (owner->space != NA_SPACE_PROCESS)
		return na_linux_kernel_read(walker, from, to);
	if (!mmget_not_zero(mm))
		return 0;
	err = na_linux_mm_read(walker, mm, from, to);
	/* See walk_task(). */
	mmput_async(mm);
	return err;
}

void na_port_audit_describe(struct na_audit_walker *walker,
			    struct na_audit_place *base,
			    struct na_audit_owner *owner)
{
	struct na_linux_place *place =
		container_of(base, struct na_linux_place, base);

	if (place->region)
		na_linux_kernel_describe(place, owner);
	else
		na_linux_task_describe(walker, place, owner);
}

void na_port_audit_release(struct na_audit_walker *walker,
			   const struct na_audit_owner *owner)
{
	if (owner->handle)
		mmdrop(owner->handle);
}

enum na_frame_kind na_port_audit_kind(struct na_audit_walker *walker,
				      struct na_run run, u32 *nr)
{
	u32 more;
	enum na_frame_kind kind = na_linux_frame_kind(run.first.nr, run.nr, nr);

	while (*nr < run.nr && !fatal_signal_pending(current)) {
		if (na_linux_frame_kind(run.first.nr + *nr, run.nr - *nr,
					&more) != kind)
			break;
		*nr += more;
		cond_resched();
	}
	return kind;
}

int na_linux_entry_offer(struct na_audit_walker *walker, unsigned long vaddr,
			 pteval_t entry, unsigned long size, u32 nr)
{
	struct na_sighting part = { .va = vaddr };
	u64 frame;
	int err;

	if (!na_pte_is_present(entry))
		return 0;
	part.entry = na_linux_types_entry(&walker->types, entry, size);
	frame = na_pte_frame(entry, size);
	frame += (vaddr & (size - 1)) >> PAGE_SHIFT;
	for (; nr; nr -= part.run.nr) {
		part.run = na_run(na_frame(frame), nr);
		part.type = na_linux_types_effective(&walker->types, part.entry,
						     frame, &part.run.nr);
		err = na_audit_offer(walker->audit, &part);
		if (err)
			return err;
		part.va += (unsigned long)part.run.nr << PAGE_SHIFT;
		frame += part.run.nr;
	}
	return 0;
}

/* @need: filter->need, a constant where it is asked for many entries. */
static __always_inline bool is_needed(const struct na_audit_walker *walker,
				      const struct na_audit_filter *filter,
				      enum na_audit_need need, pteval_t entry)
{
	switch (need) {
	case NA_NEED_TYPED:
		return !na_linux_types_is_plain(&walker->types, entry);
	case NA_NEED_FRAMES:
		return na_audit_wants(filter, na_pte_frame(entry, PAGE_SIZE));
	default:
		return true;
	}
}

/* Is no entry needed? Counts those that are present. */
static __always_inline bool is_unneeded(const struct na_audit_walker *walker,
					const struct na_audit_filter *filter,
					enum na_audit_need need, u32 nr,
					u32 *nr_present)
{
	const pteval_t *entry = walker->entries, *end = entry + nr;

	for (*nr_present = 0; entry < end; entry++) {
		if (!na_pte_is_present(*entry))
			continue;
		if (is_needed(walker, filter, need, *entry))
			return false;
		(*nr_present)++;
	}
	return true;
}

/* Most tables are left out as a whole. */
static bool is_left_out(const struct na_audit_walker *walker,
			const struct na_audit_filter *filter, u32 nr,
			u32 *nr_present)
{
	switch (filter->need) {
	case NA_NEED_TYPED:
		return is_unneeded(walker, filter, NA_NEED_TYPED, nr,
				   nr_present);
	case NA_NEED_FRAMES:
		return is_unneeded(walker, filter, NA_NEED_FRAMES, nr,
				   nr_present);
	default:
		return false;
	}
}

static int offer_some(struct na_audit_walker *walker,
		      const struct na_audit_filter *filter,
		      unsigned long vaddr, u32 nr, u32 *nr_skipped)
{
	const pteval_t *entry = walker->entries;
	int err = 0;

	for (; nr && !err; nr--, entry++, vaddr += PAGE_SIZE) {
		if (!na_pte_is_present(*entry))
			continue;
		if (is_needed(walker, filter, filter->need, *entry))
			err = na_linux_entry_offer(walker, vaddr, *entry,
						   PAGE_SIZE, 1);
		else
			(*nr_skipped)++;
	}
	return err;
}

int na_linux_table_offer(struct na_audit_walker *walker, unsigned long vaddr,
			 u32 nr)
{
	struct na_audit_filter filter = na_audit_filter(walker->audit);
	u32 nr_skipped;
	int err = 0;

	if (!is_left_out(walker, &filter, nr, &nr_skipped)) {
		nr_skipped = 0;
		err = offer_some(walker, &filter, vaddr, nr, &nr_skipped);
	}
	if (nr_skipped)
		na_audit_skip(walker->audit, nr_skipped);
	return err;
}
