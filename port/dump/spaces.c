// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * All address spaces: what the kernel lists, or what a scan finds, and whether
 * the CPUs know of more.
 *
 * That last step is the only witness against the first two: a list that was cut
 * by a corrupted pointer, or a scan that looked for the wrong entries, finds
 * fewer spaces and nothing that looks like a mistake.
 */
#include "paging.h"
#include "spaces.h"

#define PTI_USER	0x1000ull

/* --- the set --- */

/* Whoever made the image cannot know the seed, nor make roots collide. */
static u32 hash(const struct na_spaces *spaces, u64 root)
{
	u64 sum = root ^ (u64)(uintptr_t)spaces->items;

	sum = (sum ^ sum >> 33) * 0xff51afd7ed558ccdull;
	sum = (sum ^ sum >> 33) * 0xc4ceb9fe1a85ec53ull;
	return (u32)(sum >> 33);
}

static u32 *find_slot(const struct na_spaces *spaces, u64 root)
{
	u32 idx;

	for (idx = hash(spaces, root);; idx++) {
		idx &= spaces->nr_slots - 1;
		if (!spaces->slots[idx] ||
		    spaces->items[spaces->slots[idx] - 1].root == root)
			return &spaces->slots[idx];
	}
}

static bool grow(struct na_spaces *spaces)
{
	u32 i, nr_max = spaces->nr_max ? spaces->nr_max * 2 : 256;
	u32 *slots = calloc((size_t)nr_max * 4, sizeof(*slots));
	struct na_kernel_space *items;

	items = slots ? realloc(spaces->items,
				(size_t)nr_max * sizeof(*items)) : NULL;
	if (!items) {
		free(slots);
		return false;
	}
	free(spaces->slots);
	spaces->items = items;
	spaces->slots = slots;
	spaces->nr_slots = nr_max * 4;
	spaces->nr_max = nr_max;
	for (i = 0; i < spaces->nr; i++)
		*find_slot(spaces, items[i].root) = i + 1;
	return true;
}

struct na_kernel_space *na_spaces_find(const struct na_spaces *spaces,
				       u64 root)
{
	u32 *slot = spaces->nr ? find_slot(spaces, root) : NULL;

	return slot && *slot ? &spaces->items[*slot - 1] : NULL;
}

struct na_kernel_space *na_spaces_get(struct na_spaces *spaces, u64 root)
{
	struct na_kernel_space *space = na_spaces_find(spaces, root);

	if (space)
		return space;
	if (spaces->nr == NA_SPACES_MAX) {
		na_notes_lose(spaces->kernel->notes,
			      "more than %u address spaces", NA_SPACES_MAX);
		return NULL;
	}
	if (spaces->nr == spaces->nr_max && !grow(spaces)) {
		spaces->is_failed = true;
		return NULL;
	}
	space = &spaces->items[spaces->nr];
	*space = (struct na_kernel_space){ .root = root };
	*find_slot(spaces, root) = ++spaces->nr;
	return space;
}

void na_spaces_clear(struct na_spaces *spaces)
{
	spaces->nr = 0;
	if (spaces->slots)
		memset(spaces->slots, 0,
		       spaces->nr_slots * sizeof(*spaces->slots));
}

/* --- what the CPUs used --- */

static bool has_user_half(const struct na_kernel *kernel, u64 root)
{
	const struct na_paging_level *top =
		na_paging_shape(kernel->paging)->levels;
	u32 i, nr = na_paging_user_entries(kernel);
	u64 entry;

	for (i = 0; i < nr; i++)
		if (na_paging_entry(kernel, root, i, &entry) &&
		    na_paging_is_present(top, entry))
			return true;
	return false;
}

static bool is_known(const struct na_spaces *spaces, u64 root)
{
	return root == spaces->kernel->root || na_spaces_find(spaces, root);
}

/*
 * Of a pair for PTI the lists have the kernel's table, and the CPU used the
 * user's if bit 12 is set. Any other table may have that bit in its address; the
 * user's is the one that does not map the kernel's memory.
 */
static bool is_user_of_known(const struct na_spaces *spaces, u64 root)
{
	const struct na_kernel *kernel = spaces->kernel;
	struct na_paging_leaf leaf;

	return root & PTI_USER && is_known(spaces, root & ~PTI_USER) &&
	       na_paging_translate(kernel, root,
				   kernel->layout.page_offset + root, &leaf) !=
	       NA_PAGING_MAPPED;
}

/*
 * A table without a user half is nobody's: a kernel thread may still use that
 * of a process that has gone.
 */
static void check_cpu(struct na_spaces *spaces, u32 cpu)
{
	struct na_kernel *kernel = spaces->kernel;
	u64 root = na_paging_cr3_root(
		kernel->paging, na_image_about(kernel->image)->cpus[cpu].cr3);
	struct na_kernel_space *space;

	if (is_known(spaces, root) || is_user_of_known(spaces, root) ||
	    !has_user_half(kernel, root))
		return;
	na_notes_lose(kernel->notes,
		      "CPU %u used an address space that was not found: root %#llx",
		      cpu, root);
	space = na_spaces_get(spaces, root);
	if (space)
		space->is_process = true;
}

/* The kernel's own table has a user half only if it is of a process. */
static void add_own(struct na_spaces *spaces)
{
	struct na_kernel_space *space;

	/* On 32-bit ARM it has tables for all addresses, which are empty. */
	if (na_paging_shape(spaces->kernel->paging)->has_two_roots ||
	    spaces->kernel->arch == NA_ARCH_ARM)
		return;
	if (!has_user_half(spaces->kernel, spaces->kernel->root))
		return;
	space = na_spaces_get(spaces, spaces->kernel->root);
	if (space)
		space->is_process = true;
}

/* It takes seconds per GiB of a running machine, which changes meanwhile. */
static void scan_pages(struct na_spaces *spaces, bool is_wanted)
{
	struct na_kernel *kernel = spaces->kernel;
	const struct na_image_about *about = na_image_about(kernel->image);

	if (na_paging_shape(kernel->paging)->has_two_roots) {
		na_notes_lose(kernel->notes,
			      "address spaces: the kernel's list of processes was not found, and their root tables of arm64 look like any other");
		return;
	}
	if (about->is_live && !is_wanted) {
		na_notes_lose(kernel->notes,
			      "address spaces that no process has: the kernel's list was not found; --scan looks at every page");
		return;
	}
	na_scan_read(spaces);
	if (!about->nr_cpus)
		na_notes_assume(kernel->notes,
			"the scan found all address spaces: there are no registers to compare with");
}

/*
 * A kernel without a process is rarer than a search that failed. Its own table
 * is no witness, unless a CPU says that it is a process's.
 */
static void check_any(struct na_spaces *spaces)
{
	const struct na_kernel *kernel = spaces->kernel;
	bool has_cpus = na_image_about(kernel->image)->nr_cpus;
	u32 i;

	for (i = 0; i < spaces->nr; i++)
		if (spaces->items[i].is_process &&
		    (has_cpus || spaces->items[i].root != kernel->root))
			return;
	na_notes_lose(kernel->notes,
		      "no address space of a process was found");
}

static void collect(struct na_spaces *spaces, bool scan)
{
	struct na_kernel *kernel = spaces->kernel;
	const struct na_image_about *about = na_image_about(kernel->image);
	u32 i;

	if (!na_lists_read(spaces) || scan)
		scan_pages(spaces, scan);
	add_own(spaces);
	for (i = 0; i < about->nr_cpus; i++)
		check_cpu(spaces, i);
	check_any(spaces);
}

int na_kernel_list_spaces(struct na_kernel *kernel,
			  const struct na_kernel_options *options)
{
	struct na_spaces spaces = { .kernel = kernel };

	if (options && options->scan &&
	    na_paging_shape(kernel->paging)->has_two_roots)
		return na_notes_fail(kernel->notes,
				     "--scan is of no use: root tables of arm64 look like any other");
	collect(&spaces, options && options->scan);
	free(spaces.slots);
	free(kernel->spaces);
	kernel->spaces = spaces.items;
	kernel->nr_spaces = spaces.nr;
	return spaces.is_failed ?
	       na_notes_fail(kernel->notes, "out of memory") : 0;
}
