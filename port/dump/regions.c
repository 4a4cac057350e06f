// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Regions of the kernel's half, without a gap between them.
 *
 * Everything is walked, whatever the layout says: a guessed bound decides how a
 * mapping is called, never whether it is seen.
 */
#include "dump_internal.h"

#define REST_NAME	"other kernel addresses"

void na_region_add(struct na_dump *dump, u64 start, u64 end,
		   enum na_space space, const char *name)
{
	struct na_region *last = &dump->regions[dump->nr_regions];

	/* The end of the address space may be 0. */
	if (!start || end - 1 < start || !NA_ASSERT(dump->nr_regions <
						    NA_REGIONS_MAX / 2))
		return;
	*last = (struct na_region){ start, end - 1, space, name };
	dump->nr_regions++;
}

static int compare(const void *left, const void *right)
{
	const struct na_region *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

static u64 end_of_direct_map(const struct na_dump *dump)
{
	const struct na_image_about *about = na_image_about(dump->image);
	u64 end = about->nr_ranges ?
		  about->ranges[about->nr_ranges - 1].end : 0;

	return dump->kernel.layout.page_offset + end;
}

static u64 lower(u64 one, u64 other)
{
	return other && other < one ? other : one;
}

/* The memory map has a struct page for each frame; at most it ends where the
 * next region begins. */
static void add_64bit(struct na_dump *dump)
{
	const struct na_kernel_layout *layout = &dump->kernel.layout;

	na_region_add(dump, layout->page_offset,
		      lower(end_of_direct_map(dump), layout->vmalloc_start),
		      NA_SPACE_DIRECT, "direct map");
	na_region_add(dump, layout->vmalloc_start, layout->vmalloc_end,
		      NA_SPACE_VMALLOC, "vmalloc");
	na_region_add(dump, layout->vmemmap, layout->vmemmap + (1ull << 40),
		      NA_SPACE_KERNEL, "memory map");
	na_region_add(dump, layout->shadow, layout->shadow_end,
		      NA_SPACE_KERNEL, "KASAN shadow");
	na_region_add(dump, 0xfffffe0000000000ull, 0xfffffe8000000000ull,
		      NA_SPACE_KERNEL, "CPU entry area");
	na_region_add(dump, 0xffffff0000000000ull, 0xffffff8000000000ull,
		      NA_SPACE_KERNEL, "ESPFIX stacks");
	na_region_add(dump, 0xffffffff80000000ull, layout->modules_start,
		      NA_SPACE_KERNEL, "kernel image");
	na_region_add(dump, layout->modules_start, layout->modules_end,
		      NA_SPACE_VMALLOC, "modules");
	na_region_add(dump, layout->modules_end, layout->fixmap_end,
		      NA_SPACE_FIXMAP, "fixmap");
}

static void add_32bit(struct na_dump *dump)
{
	const struct na_kernel_layout *layout = &dump->kernel.layout;

	na_region_add(dump, layout->page_offset, layout->vmalloc_start,
		      NA_SPACE_DIRECT, "direct map");
	na_region_add(dump, layout->vmalloc_start, layout->vmalloc_end,
		      NA_SPACE_VMALLOC, "vmalloc");
	na_region_add(dump, layout->kmap, layout->kmap_end, NA_SPACE_KMAP,
		      "kmap");
	if (layout->kmap_end)
		na_region_add(dump, layout->kmap_end, layout->fixmap_end,
			      NA_SPACE_FIXMAP, "fixmap");
}

void na_x86_add_regions(struct na_dump *dump)
{
	if (na_paging_is_64bit(dump->kernel.paging))
		add_64bit(dump);
	else
		add_32bit(dump);
}

/* What is between them, and regions that overlap cut where the next begins. */
static void fill_gaps(struct na_dump *dump, u64 start, u64 last)
{
	struct na_region *all = dump->regions;
	u32 i, nr = dump->nr_regions;
	u64 next = start;

	qsort(all, nr, sizeof(*all), compare);
	for (i = 0; i < nr; i++) {
		if (i + 1 < nr && all[i].last >= all[i + 1].start)
			all[i].last = all[i + 1].start - 1;
		if (all[i].start > next)
			all[dump->nr_regions++] = (struct na_region){
				next, all[i].start - 1, NA_SPACE_KERNEL,
				REST_NAME,
			};
		next = all[i].last + 1;
	}
	if (next - 1 != last)
		all[dump->nr_regions++] = (struct na_region){
			next, last, NA_SPACE_KERNEL, REST_NAME,
		};
	qsort(all, dump->nr_regions, sizeof(*all), compare);
}

void na_regions_find(struct na_dump *dump)
{
	dump->arch->add_regions(dump);
	fill_gaps(dump, na_paging_kernel_start(&dump->kernel),
		  dump->shape->va_bits == 32 ? ~0u : ~0ull);
}
