// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Root tables of arm64 that no mm has. They are in the kernel's image, in the
 * pages before its own root (arch/arm64/kernel/vmlinux.lds.S):
 *
 *	reserved_pg_dir	empty
 *	tramp_pg_dir	with KPTI: in place of the kernel's while a process runs,
 *			with little more than the way in
 *	idmap_pg_dir	at its own addresses, for CPUs that start or sleep
 *
 * Which of them a page is, is seen by what it maps: which there are, and in
 * which order, depends on the configuration.
 */
#include "arch.h"
#include "paging.h"
#include "spaces.h"

#define NR_PAGES	4u
#define ENTRIES_MAX	4096u	/* looked at for the first leaf */

struct search {
	const struct na_kernel *kernel;
	u32 nr_entries;
	struct na_paging_leaf leaf;
};

/* The first leaf below a table. One entry of a million may do. */
static bool find_leaf(struct search *search, u64 table, u32 idx_level, u64 va)
{
	const struct na_paging_shape *shape =
		na_paging_shape(search->kernel->paging);
	const struct na_paging_level *level = &shape->levels[idx_level];
	u64 entry, at, size = 1ull << level->shift;
	u32 i;

	for (i = 0; i < level->nr_entries; i++) {
		if (search->nr_entries++ >= ENTRIES_MAX ||
		    !na_paging_entry(search->kernel, table, i, &entry))
			return false;
		if (!na_paging_is_present(level, entry))
			continue;
		at = va + i * size;
		if (na_paging_is_leaf(level, entry)) {
			search->leaf.va = at;
			search->leaf.pa = na_paging_address(shape, entry, size);
			return true;
		}
		if (idx_level + 1u < shape->nr_levels &&
		    find_leaf(search, na_paging_address(shape, entry, 4096),
			      idx_level + 1, at))
			return true;
	}
	return false;
}

static void add(struct na_spaces *spaces, u64 root, const char *name,
		bool is_kernel_half)
{
	struct na_kernel_space *space = na_spaces_get(spaces, root);

	if (!space)
		return;
	snprintf(space->comm, sizeof(space->comm), "%s", name);
	space->is_listed = true;
	space->is_process = false;
	space->is_kernel_half = is_kernel_half;
}

void na_arm64_add_tables(struct na_spaces *spaces)
{
	const struct na_kernel *kernel = spaces->kernel;
	u64 start = na_paging_kernel_start(kernel), root;
	u32 i;

	for (i = 1; i <= NR_PAGES; i++) {
		struct search search = { .kernel = kernel };

		root = kernel->root - (u64)i * NA_IMAGE_PAGE;
		if (na_spaces_find(spaces, root) ||
		    !find_leaf(&search, root, 0, 0))
			continue;
		if (search.leaf.va == search.leaf.pa)
			add(spaces, root, "(idmap)", false);
		else if (na_paging_maps(kernel, kernel->root,
					start | search.leaf.va,
					search.leaf.pa))
			add(spaces, root, "(KPTI)", true);
	}
}
