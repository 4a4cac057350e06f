// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Walk over the page tables of an image.
 *
 * Each table is read once a walk and address space, from the root down. Tables
 * are a stranger's data: they may point to themselves or to each other, so that
 * the number of paths grows without end. The number of tables is bounded, by
 * more than any machine with so much memory can have.
 *
 * A table that is not in the image, or cannot be read, is a loss: what it maps
 * is not known, and the audit is incomplete.
 *
 * Of most tables nothing is needed; see na_audit_filter().
 */
#include "dump_internal.h"

/**
 * struct range - addresses to walk
 * @from: first address
 * @last: last address
 */
struct range {
	u64 from;
	u64 last;
};

/* --- places --------------------------------------------------------------- */

static void begin_place(struct na_audit_walker *walker)
{
	na_audit_place_begin(walker->audit, &walker->place.base);
	walker->filter = na_audit_filter(walker->audit);
}

/* The mapping at @va, or the rest of the 2 MiB around it if it is not known. */
static void find_mapping(struct na_audit_walker *walker, u64 va)
{
	struct na_dump_place *place = &walker->place;
	struct na_mapping *mapping = &place->mapping;

	memset(mapping, 0, sizeof(*mapping));
	if (!na_names_find(walker->names, place->space, va, mapping)) {
		mapping->start = va & ~0x1fffffull;
		mapping->end = mapping->start + 0x200000;
		snprintf(mapping->name, sizeof(mapping->name),
			 "[unknown mapping]");
		snprintf(mapping->perms, sizeof(mapping->perms), "????");
	}
	place->start = mapping->start;
	place->last = mapping->end - 1;
}

/* Each fixed address has a meaning, so each is a separate place. */
static void find_fixed(struct na_dump_place *place, u64 va)
{
	place->start = va & ~0xfffull;
	place->last = place->start + 0xfff;
}

static bool is_divided(const struct na_dump_place *place)
{
	return place->region ? place->region->space == NA_SPACE_FIXMAP :
			       place->space && place->space->is_process;
}

/* When owners are named, each mapping of a process is a place of its own. */
static int enter_place(struct na_audit_walker *walker, u64 va)
{
	struct na_dump_place *place = &walker->place;
	int err;

	if (!walker->filter.names_owners || !is_divided(place) ||
	    (va >= place->start && va <= place->last))
		return 0;
	err = na_audit_place_end(walker->audit);
	if (place->region)
		find_fixed(place, va);
	else
		find_mapping(walker, va);
	begin_place(walker);
	return err;
}

/* --- entries --------------------------------------------------------------- */

static int offer_leaf(struct na_audit_walker *walker, u64 va, u64 entry,
		      u64 size, u32 nr)
{
	struct na_dump *dump = walker->dump;
	struct na_sighting part = {
		.va = va, .entry = dump->arch->entry_type(dump, entry, size),
	};
	u64 frame = (na_paging_address(dump->shape, entry, size) +
		     (va & (size - 1))) >> 12;
	int err = enter_place(walker, va);

	for (; nr && !err; nr -= part.run.nr) {
		part.run = na_run(na_frame((unsigned long)frame), nr);
		part.type = dump->arch->effective_type(dump, part.entry, frame,
						       &part.run.nr);
		err = na_audit_offer(walker->audit, &part);
		part.va += (u64)part.run.nr << 12;
		frame += part.run.nr;
	}
	return err;
}

/* Is a present entry of the lowest level surely WB? */
static bool is_plain(const struct na_plain *plain, u64 entry, u64 frame)
{
	const struct na_x86_range *ranges = plain->ranges;

	return plain->bits && !((entry ^ plain->flip) & plain->bits) &&
	       ((frame >= ranges[0].first && frame < ranges[0].end) ||
		(frame >= ranges[1].first && frame < ranges[1].end));
}

/* @need: that of the filter, a constant where it is asked for many entries. */
static __always_inline bool is_needed(const struct na_audit_walker *walker,
				      enum na_audit_need need, u64 entry)
{
	const struct na_dump *dump = walker->dump;
	u64 frame = na_paging_address(dump->shape, entry, 4096) >> 12;

	switch (need) {
	case NA_NEED_TYPED:
		return !is_plain(&dump->plain, entry, frame);
	case NA_NEED_FRAMES:
		return na_audit_wants(&walker->filter, frame);
	case NA_NEED_RANGE:
		return na_audit_is_in_range(&walker->filter, frame);
	default:
		return true;
	}
}

/**
 * struct table - entries of a table of the lowest level
 * @entries: all of its entries
 * @shape: format
 * @mask: bits of an entry that count
 * @va: address of the table's first entry
 * @first: first entry of interest
 * @last: last entry of interest
 */
struct table {
	const u64 *entries;
	const struct na_paging_shape *shape;
	u64 mask;
	u64 va;
	u32 first;
	u32 last;
};

static const struct na_paging_level *lowest(const struct na_paging_shape *shape)
{
	return &shape->levels[shape->nr_levels - 1];
}

/*
 * Is every entry surely WB, or absent? Without a branch for an entry, because
 * this is most of the first walk.
 */
static bool is_all_plain(const struct na_plain *plain,
			 const struct table *table, u32 *nr)
{
	const struct na_paging_level level = *lowest(table->shape);
	u64 first0 = plain->ranges[0].first, first1 = plain->ranges[1].first;
	u64 len0 = plain->ranges[0].end - first0;
	u64 len1 = plain->ranges[1].end - first1;
	u64 bits = plain->bits, flip = plain->flip;
	u64 address = table->shape->address, mask = table->mask;
	u64 entry, frame, is_present, odd = 0, nr_present = 0;
	u32 i;

	if (!bits)
		return false;
	for (i = table->first; i <= table->last; i++) {
		entry = table->entries[i] & mask;
		is_present = na_paging_is_present(&level, entry);
		frame = (entry & address) >> 12;
		nr_present += is_present;
		odd |= -is_present & ((entry ^ flip) & bits);
		odd |= is_present & (frame - first0 >= len0) &
		       (frame - first1 >= len1);
	}
	*nr = (u32)nr_present;
	return !odd;
}

/* Is no entry of the table needed? Counts those that are present. */
static __always_inline bool is_unneeded(const struct na_audit_walker *walker,
					enum na_audit_need need,
					const struct table *table, u32 *nr)
{
	const struct na_paging_level *level = lowest(table->shape);
	u64 entry;
	u32 i, nr_present = 0;

	for (i = table->first; i <= table->last; i++) {
		entry = table->entries[i] & table->mask;
		if (!na_paging_is_present(level, entry))
			continue;
		if (is_needed(walker, need, entry))
			return false;
		nr_present++;
	}
	*nr = nr_present;
	return true;
}

/* Most tables are left out as a whole. */
static bool is_left_out(const struct na_audit_walker *walker,
			const struct table *table, u32 *nr)
{
	switch (walker->filter.need) {
	case NA_NEED_TYPED:
		return is_all_plain(&walker->dump->plain, table, nr);
	case NA_NEED_FRAMES:
		return is_unneeded(walker, NA_NEED_FRAMES, table, nr);
	case NA_NEED_RANGE:
		return is_unneeded(walker, NA_NEED_RANGE, table, nr);
	default:
		return false;
	}
}

static int offer_some(struct na_audit_walker *walker,
		      const struct table *table, u32 *nr_skipped)
{
	const struct na_paging_level *level = lowest(table->shape);
	u64 entry;
	int err = 0;
	u32 i;

	for (i = table->first; i <= table->last && !err; i++) {
		entry = table->entries[i] & table->mask;
		if (!na_paging_is_present(level, entry))
			continue;
		if (is_needed(walker, walker->filter.need, entry))
			err = offer_leaf(walker, table->va + ((u64)i << 12),
					 entry, 4096, 1);
		else
			(*nr_skipped)++;
	}
	return err;
}

static int offer_table(struct na_audit_walker *walker,
		       const struct table *table)
{
	u32 nr_skipped = 0;
	int err = 0;

	if (!is_left_out(walker, table, &nr_skipped)) {
		nr_skipped = 0;
		err = offer_some(walker, table, &nr_skipped);
	}
	if (nr_skipped)
		na_audit_skip(walker->audit, nr_skipped);
	return err;
}

/* --- tables ---------------------------------------------------------------- */

/* A page of zeroes that makedumpfile left out is a table without entries. */
static bool was_empty(const struct na_audit_walker *walker, u64 table)
{
	u64 page = table & ~(u64)(NA_IMAGE_PAGE - 1);

	if (walker->nr_tables > walker->tables_max ||
	    !na_image_may_be_zeroes(walker->dump->image, page))
		return false;
	na_notes_assume(walker->dump->notes,
			"page tables that were left out of the file are empty: it lacks pages of zeroes, and no others that can be tables");
	return true;
}

static void lose_table(struct na_audit_walker *walker, u64 table, u64 va)
{
	walker->is_lost = true;
	if (walker->nr_tables > walker->tables_max)
		na_notes_lose(walker->dump->notes,
			      "there are more page tables than memory could hold: some point to each other");
	else if (na_image_has(walker->dump->image, table))
		na_notes_lose(walker->dump->notes,
			      "the page table at %#llx, for %#llx, could not be read",
			      table, va);
	else
		na_notes_lose(walker->dump->notes,
			      "the page table at %#llx, for %#llx, is not in the image",
			      table, va);
}

/* A root of PAE may begin anywhere in a page. */
static const u64 *read_page(struct na_audit_walker *walker, u64 table,
			    u32 level)
{
	u64 offset = table & (NA_IMAGE_PAGE - 1);
	const char *page;

	if (walker->nr_tables++ >= walker->tables_max)
		return NULL;
	page = na_image_page(walker->dump->image, table - offset,
			     walker->pages[level]);
	return page ? (const u64 *)(const void *)(page + offset) : NULL;
}

/* Entries of 32 bits are made longer, of the lowest table only. */
static u64 entry_at(const struct na_kernel *kernel, const u64 *table, u32 idx)
{
	u32 entry;

	if (kernel->paging != NA_PAGING_2LEVEL)
		return table[idx] & ~kernel->sme_mask;
	memcpy(&entry, (const char *)table + 4ull * idx, sizeof(entry));
	return entry;
}

static int walk_lowest(struct na_audit_walker *walker, const u64 *entries,
		       u64 va, u32 first, u32 last)
{
	const struct na_kernel *kernel = &walker->dump->kernel;
	struct table table = {
		.entries = entries, .shape = walker->dump->shape,
		.mask = ~kernel->sme_mask, .va = va,
		.first = first, .last = last,
	};
	u32 i;

	if (kernel->paging == NA_PAGING_2LEVEL) {
		for (i = first; i <= last; i++)
			walker->entries[i] = entry_at(kernel, entries, i);
		table.entries = walker->entries;
	}
	return offer_table(walker, &table);
}

static u64 sign_extend(const struct na_paging_shape *shape, u64 va)
{
	u32 unused = 64 - shape->va_bits;

	/* Of two roots each has the upper bits from where it begins. */
	if (shape->va_bits == 32 || shape->has_two_roots)
		return va;
	return (u64)((s64)(va << unused) >> unused);
}

/* The part of @range in the @size bytes from @va on. */
static struct range clip(struct range range, u64 va, u64 size)
{
	if (range.from < va)
		range.from = va;
	if (range.last > va + (size - 1))
		range.last = va + (size - 1);
	return range;
}

static int walk_table(struct na_audit_walker *walker, u64 table, u32 level,
		      u64 va, struct range range);

/* @range is within the entry's addresses, which begin at @va. */
static int walk_entry(struct na_audit_walker *walker, u64 entry, u32 level,
		      u64 va, struct range range)
{
	const struct na_paging_shape *shape = walker->dump->shape;
	u64 size = 1ull << shape->levels[level].shift;

	if (na_paging_is_leaf(&shape->levels[level], entry))
		return offer_leaf(walker, range.from, entry, size,
				  (u32)((range.last - range.from) >> 12) + 1);
	return walk_table(walker, na_paging_address(shape, entry, 4096),
			  level + 1, va, range);
}

/*
 * The table that an entry of the kernel's half leads to, if all of it is
 * walked; or 0. If the next entry leads to it too, it maps the same frames with
 * the same types once more, and is left out: KASAN has the shadow of what needs
 * none, terabytes, in three tables, and x86 its ESPFIX stacks. In a process the
 * owner may be another.
 */
static u64 table_below(const struct na_audit_walker *walker, u64 entry,
		       const struct na_paging_level *level, struct range range)
{
	u64 size = 1ull << level->shift;

	if (!walker->place.region || range.last - range.from != size - 1 ||
	    na_paging_is_leaf(level, entry))
		return 0;
	return na_paging_address(walker->dump->shape, entry, 4096);
}

/* @range is within the table's addresses, which begin at @va. */
static int walk_table(struct na_audit_walker *walker, u64 table, u32 level,
		      u64 va, struct range range)
{
	const struct na_kernel *kernel = &walker->dump->kernel;
	const struct na_paging_shape *shape = walker->dump->shape;
	u32 shift = shape->levels[level].shift;
	u32 mask = shape->levels[level].nr_entries - 1;
	u32 i = range.from >> shift & mask, last = range.last >> shift & mask;
	const u64 *entries = read_page(walker, table, level);
	u64 entry, entry_va, below, walked = 0;
	struct range part;
	int err = 0;

	if (!entries) {
		if (!was_empty(walker, table))
			lose_table(walker, table, range.from);
		return 0;
	}
	if (level == shape->nr_levels - 1u)
		return walk_lowest(walker, entries, va, i, last);
	for (; i <= last && !err; i++) {
		entry = entry_at(kernel, entries, i);
		if (!na_paging_is_present(&shape->levels[level], entry))
			continue;
		entry_va = sign_extend(shape, va | (u64)i << shift);
		part = clip(range, entry_va, 1ull << shift);
		below = table_below(walker, entry, &shape->levels[level], part);
		if (!below || below != walked)
			err = walk_entry(walker, entry, level, entry_va, part);
		walked = below;
	}
	return err;
}

int na_walk_range(struct na_audit_walker *walker, u64 root, u64 from, u64 last)
{
	const struct na_paging_shape *shape = walker->dump->shape;
	u64 span = (u64)shape->levels[0].nr_entries << shape->levels[0].shift;
	u64 va = shape->va_bits == 32 ? 0 : from & ~(span - 1);

	return walk_table(walker, root, 0, va, (struct range){ from, last });
}

/* --- the machine ------------------------------------------------------------ */

static int walk_region(struct na_audit_walker *walker,
		       const struct na_region *region)
{
	int err, err_end;

	walker->place = (struct na_dump_place){
		.base.has_areas = region->space == NA_SPACE_VMALLOC,
		.region = region, .start = region->start, .last = region->last,
	};
	if (is_divided(&walker->place))
		find_fixed(&walker->place, region->start);
	begin_place(walker);
	err = na_walk_range(walker, walker->dump->kernel.root, region->start,
			    region->last);
	err_end = na_audit_place_end(walker->audit);
	return err ? err : err_end;
}

static int walk_half(struct na_audit_walker *walker,
		     const struct na_kernel_space *space)
{
	const struct na_kernel *kernel = &walker->dump->kernel;
	u64 start = 0, last = na_paging_user_last(kernel);
	int err, err_end;

	if (space->is_kernel_half) {
		start = na_paging_kernel_start(kernel);
		last = ~0ull;
	}
	walker->place = (struct na_dump_place){
		.space = space, .start = start, .last = last,
	};
	/* Any first mapping is entered by its first entry. */
	begin_place(walker);
	if (walker->filter.names_owners && space->is_process)
		walker->place.start = ~0ull;
	err = na_walk_range(walker, space->root, start, last);
	err_end = na_audit_place_end(walker->audit);
	return err ? err : err_end;
}

static int note_lost(struct na_audit_walker *walker)
{
	bool is_lost = walker->is_lost;

	walker->is_lost = false;
	return is_lost ? na_audit_unseen(walker->audit) : 0;
}

/*
 * On 32 bit the tables for starting CPUs map the kernel twice: once more from
 * address 0 on, by the kernel's own tables, which are walked as the kernel's.
 */
static bool is_kernel_again(const struct na_kernel *kernel,
			    const struct na_kernel_space *space)
{
	const u64 ignored = NA_X86_ACCESSED | NA_X86_DIRTY;
	u32 shift = na_paging_shape(kernel->paging)->levels[0].shift;
	u32 i, first = (u32)(kernel->layout.page_offset >> shift);
	u32 nr = na_paging_shape(kernel->paging)->levels[0].nr_entries - first;
	u64 low, high;

	if (space->is_process || na_paging_is_64bit(kernel->paging))
		return false;
	for (i = 0; i < first; i++) {
		if (!na_paging_entry(kernel, space->root, i, &low))
			return false;
		if (!na_x86_is_present(low))
			continue;
		if (i >= nr ||
		    !na_paging_entry(kernel, kernel->root, first + i, &high) ||
		    (low ^ high) & ~ignored)
			return false;
	}
	return true;
}

static int walk_tables_of(struct na_audit_walker *walker,
			  const struct na_kernel_space *space)
{
	int err = walk_half(walker, space);

	return err ? err : note_lost(walker);
}

static int walk_space(struct na_audit_walker *walker,
		      const struct na_kernel_space *space)
{
	int err;

	if (is_kernel_again(&walker->dump->kernel, space))
		return 0;
	if (!space->is_process)
		return walk_tables_of(walker, space);
	err = na_audit_process_begin(walker->audit, space->pid, space->comm);
	if (err)
		return err;
	err = walk_tables_of(walker, space);
	na_audit_process_end(walker->audit);
	return err;
}

int na_walk_all(struct na_audit_walker *walker)
{
	const struct na_dump *dump = walker->dump;
	int err = 0;
	u32 i;

	walker->nr_tables = 0;
	for (i = 0; i < dump->kernel.nr_spaces && !err; i++)
		err = walk_space(walker, &dump->kernel.spaces[i]);
	for (i = 0; i < dump->nr_regions && !err; i++)
		err = walk_region(walker, &dump->regions[i]);
	return err ? err : note_lost(walker);
}
