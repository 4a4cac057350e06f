// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * vmalloc areas: one list until 6.8 (vmap_area_list), later one for each of
 * some nodes (vmap_nodes), for fewer CPUs to wait for each other.
 *
 * The areas of vm_map_ram() have no struct vm_struct, and so nobody who made
 * them.
 */
#include "areas.h"
#include "list.h"

#define NR_NODES_MAX	4096u
#define NR_AREAS_MAX	(1u << 22)

struct na_areas {
	struct na_area *items;
	u32 nr;
	u32 nr_max;
};

/* Offsets of members; -1 if they are not known. */
struct reader {
	struct na_kernel *kernel;
	struct na_areas *areas;
	long list;
	long start;
	long end;
	long vm;
	long caller;
	bool is_failed;
};

static u64 word_at(struct na_kernel *kernel, u64 base, long offset)
{
	return offset < 0 || !base ? 0 :
	       na_kernel_word(kernel, base + (u64)offset);
}

static bool has_room(struct na_areas *areas)
{
	u32 nr_max = areas->nr_max ? areas->nr_max * 2 : 1024;
	struct na_area *items;

	if (areas->nr < areas->nr_max)
		return true;
	items = realloc(areas->items, (size_t)nr_max * sizeof(*items));
	if (!items)
		return false;
	areas->items = items;
	areas->nr_max = nr_max;
	return true;
}

static bool visit_area(void *context, u64 node)
{
	struct reader *reader = context;
	struct na_kernel *kernel = reader->kernel;
	u64 at = node - (u64)reader->list;
	struct na_area area = {
		.start = word_at(kernel, at, reader->start),
		.end = word_at(kernel, at, reader->end),
		.caller = word_at(kernel, word_at(kernel, at, reader->vm),
				  reader->caller),
	};

	if (area.end <= area.start || reader->areas->nr == NR_AREAS_MAX)
		return false;
	reader->is_failed = !has_room(reader->areas);
	if (!reader->is_failed)
		reader->areas->items[reader->areas->nr++] = area;
	return !reader->is_failed;
}

static void read_nodes(struct reader *reader)
{
	struct na_kernel *kernel = reader->kernel;
	u64 nodes = word_at(kernel, na_kernel_symbol(kernel, "vmap_nodes"), 0);
	long size = na_kernel_sizeof(kernel, "vmap_node");
	long busy = na_kernel_member(kernel, "vmap_node", "busy");
	long head = na_kernel_member(kernel, "rb_list", "head");
	u32 i, nr = (u32)word_at(kernel,
				 na_kernel_symbol(kernel, "nr_vmap_nodes"), 0);

	if (!nodes || size <= 0 || busy < 0 || head < 0)
		return;
	for (i = 0; i < nr && i < NR_NODES_MAX; i++)
		na_list_follow(kernel, nodes + i * (u64)size + (u64)busy +
			       (u64)head, visit_area, reader);
}

static int compare(const void *left, const void *right)
{
	const struct na_area *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

static void read_areas(struct reader *reader)
{
	struct na_kernel *kernel = reader->kernel;
	u64 head = na_kernel_symbol(kernel, "vmap_area_list");

	reader->list = na_kernel_member(kernel, "vmap_area", "list");
	reader->start = na_kernel_member(kernel, "vmap_area", "va_start");
	reader->end = na_kernel_member(kernel, "vmap_area", "va_end");
	reader->vm = na_kernel_member(kernel, "vmap_area", "vm");
	reader->caller = na_kernel_member(kernel, "vm_struct", "caller");
	if (reader->list < 0)
		return;
	if (head)
		na_list_follow(kernel, head, visit_area, reader);
	else
		read_nodes(reader);
	na_sort(reader->areas->items, reader->areas->nr,
		sizeof(*reader->areas->items), compare);
}

struct na_areas *na_areas_create(struct na_kernel *kernel)
{
	struct na_areas *areas = calloc(1, sizeof(*areas));
	struct reader reader = { .kernel = kernel, .areas = areas };

	if (!areas)
		return NULL;
	read_areas(&reader);
	if (!reader.is_failed)
		return areas;
	na_areas_destroy(areas);
	return NULL;
}

void na_areas_destroy(struct na_areas *areas)
{
	if (!areas)
		return;
	free(areas->items);
	free(areas);
}

const struct na_area *na_areas_find(const struct na_areas *areas, u64 va)
{
	u32 low = 0, high = areas->nr, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (areas->items[middle].start <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low && va < areas->items[low - 1].end ? &areas->items[low - 1] :
						       NULL;
}
