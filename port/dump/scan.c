// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A look at every page for root tables.
 *
 * All root tables have some entries in common with the kernel's: those of the
 * direct map and, on x86-64, the last one, of the kernel's image. Bits A and D
 * are masked, which CPUs set in each table for itself; emulators do so even in
 * those entries of PAE where processors have none.
 *
 *	x86-64	a page. Of a pair for PTI the user's table has no direct map and
 *		is not found; the kernel's has the same user half
 *	PAE	32 bytes of slab whose last entries are the kernel's. With PTI each
 *		process has a copy of the kernel's last table instead, and a root
 *		is the start of a page: then the copy's large pages are compared,
 *		which are those of the direct map
 *	2 level	a page whose large pages in the kernel's part are the kernel's
 *
 * A table that was freed has an empty user half, as has the kernel's own. Not so
 * with PAE: pgd_clear() does nothing there, and the entries of a freed root go on
 * pointing at pages that are something else by now. What no user's table may hold
 * gives them away. One whose user half is not for users, or is the direct map,
 * was made for the firmware, or for CPUs that start.
 *
 * What is told here of PAE is about x86; of 32-bit ARM it is in arm_scan.c.
 */
#include "../x86/entry.h"
#include "paging.h"
#include "scan.h"

#define CPU_WRITES	(NA_X86_ACCESSED | NA_X86_DIRTY)
#define PAE_ENTRIES	4u
/* Must be 0 in an entry of a root of PAE, but for what emulators set. */
#define PAE_RESERVED	(0x1e6ull & ~CPU_WRITES)
/* Linux has page tables of PAE in the first 64 GiB alone: 36 bits. */
#define PAE_MEMORY	(1ull << 36)
#define PAE_LARGE_ZERO	0x7ff00000001fe000ull
#define NO_EXECUTE	(1ull << 63)
#define LOW_MEMORY	0x100000ull

static bool is_same(u64 one, u64 other)
{
	return na_x86_is_present(one) && !((one ^ other) & ~CPU_WRITES);
}

void na_scan_add(struct na_scan *scan, u64 root, const char *name)
{
	struct na_kernel_space *space = na_spaces_find(scan->spaces, root);

	if (space || root == scan->kernel->root)
		return;
	space = na_spaces_get(scan->spaces, root);
	if (!space)
		return;
	space->is_process = !name;
	if (name)
		snprintf(space->comm, sizeof(space->comm), "%s", name);
	else
		snprintf(space->comm, sizeof(space->comm), "root %llx",
			 (unsigned long long)root & 0xffffffffffull);
}

static void add(struct na_scan *scan, u64 root, bool is_process)
{
	na_scan_add(scan, root, is_process ? NULL :
		    root < LOW_MEMORY ? "(starting CPU)" : "(no process)");
}

/* --- x86-64 --- */

static void look_64bit(struct na_scan *scan, u64 pa, const u64 *page)
{
	const u64 direct = scan->root[scan->direct];
	bool is_identity = false;
	u64 any = 0;
	u32 i;

	if (!is_same(page[511], scan->root[511]) ||
	    !is_same(page[scan->direct], direct))
		return;
	for (i = 0; i < scan->nr_user; i++) {
		if (!na_x86_is_present(page[i]))
			continue;
		any |= page[i];
		is_identity |= is_same(page[i], direct);
	}
	if (any)
		add(scan, pa, any & NA_X86_USER && !is_identity);
}

/* --- PAE --- */

static bool is_pae_entry(const struct na_scan *scan, u64 entry)
{
	if (!na_x86_is_present(entry))
		return !entry;
	return !(entry & PAE_RESERVED) &&
	       na_image_has(scan->kernel->image, na_x86_address(entry, 4096));
}

/* A copy of the kernel's table, for PTI. */
static bool is_copy(const struct na_scan *scan, u64 entry)
{
	u64 buf[512];
	const u64 *table;
	u32 i, nr = 0;

	if (!na_x86_is_present(entry) || !is_pae_entry(scan, entry))
		return false;
	table = na_image_page(scan->kernel->image,
			      na_x86_address(entry, 4096), buf);
	for (i = 0; table && i < 512; i++) {
		if (!(scan->table[i] & NA_X86_LARGE) ||
		    !na_x86_is_present(scan->table[i]))
			continue;
		if (!is_same(table[i], scan->table[i]))
			return false;
		nr++;
	}
	return nr;
}

/* Kernel's entries that identity maps repeat in the user half. */
static bool is_user_pae(const struct na_scan *scan, const u64 *root)
{
	u32 i, k;

	for (i = 0; i < scan->nr_user; i++)
		for (k = scan->nr_user; k < PAE_ENTRIES; k++)
			if (is_same(root[i], root[k]))
				return false;
	return true;
}

/* May an entry of the table below a root be there, as Linux makes them? */
static bool is_user_entry(u64 entry)
{
	if (!na_x86_is_present(entry))
		return true;
	if (!(entry & NA_X86_USER))
		return false;
	if (entry & NA_X86_LARGE)
		return !(entry & PAE_LARGE_ZERO);
	return (entry & ~NO_EXECUTE) < PAE_MEMORY;
}

/* A table that cannot be read is the walk's to tell. */
static bool is_user_table(const struct na_scan *scan, u64 entry)
{
	u64 buf[512];
	const u64 *table;
	u32 i;

	if (!na_x86_is_present(entry))
		return true;
	table = na_image_page(scan->kernel->image,
			      na_x86_address(entry, 4096), buf);
	for (i = 0; table && i < 512; i++)
		if (!is_user_entry(table[i]))
			return false;
	return true;
}

static bool has_user_tables(const struct na_scan *scan, const u64 *root)
{
	u32 i;

	for (i = 0; i < scan->nr_user; i++)
		if (!is_user_table(scan, root[i]))
			return false;
	return true;
}

static void add_pae(struct na_scan *scan, u64 pa, const u64 *root)
{
	bool is_user = is_user_pae(scan, root);

	if (is_user && !has_user_tables(scan, root))
		scan->nr_freed++;
	else
		add(scan, pa, is_user);
}

static void look_root_pae(struct na_scan *scan, u64 pa, const u64 *root)
{
	const u32 last = PAE_ENTRIES - 1;
	bool any = false;
	u32 i;

	if (!is_same(root[last], scan->root[last]) &&
	    (pa % NA_IMAGE_PAGE || !is_copy(scan, root[last])))
		return;
	for (i = 0; i < scan->nr_user; i++) {
		if (!is_pae_entry(scan, root[i]))
			return;
		any |= na_x86_is_present(root[i]);
	}
	if (any)
		add_pae(scan, pa, root);
}

static void look_pae(struct na_scan *scan, u64 pa, const u64 *page)
{
	u32 i;

	for (i = 0; i < 512; i += PAE_ENTRIES)
		if (na_x86_is_present(page[i + PAE_ENTRIES - 1]))
			look_root_pae(scan, pa + (u64)i * 8, page + i);
}

/* --- two levels --- */

static void look_2level(struct na_scan *scan, u64 pa, const u64 *words)
{
	const u32 *own = (const u32 *)scan->root;
	const u32 *page = (const u32 *)words;
	u32 i, nr = 0, any = 0;

	for (i = scan->nr_user; i < 1024; i++) {
		if (!(own[i] & NA_X86_LARGE) || !na_x86_is_present(own[i]))
			continue;
		if (!is_same(page[i], own[i]))
			return;
		nr++;
	}
	for (i = 0; i < scan->nr_user; i++)
		if (na_x86_is_present(page[i]))
			any |= page[i];
	if (nr && any)
		add(scan, pa, any & NA_X86_USER);
}

/* --- all pages --- */

typedef void (*look_t)(struct na_scan *scan, u64 pa, const u64 *page);

static look_t look_of(enum na_paging paging)
{
	if (paging == NA_PAGING_PAE)
		return look_pae;
	if (paging == NA_PAGING_ARM_LPAE)
		return na_arm_scan_page;
	return paging == NA_PAGING_2LEVEL ? look_2level : look_64bit;
}

static void look_at_all(struct na_scan *scan)
{
	struct na_image *image = scan->kernel->image;
	const struct na_image_about *about = na_image_about(image);
	look_t look = look_of(scan->kernel->paging);
	u64 buf[NA_IMAGE_PAGE / 8], pa;
	const u64 *page;
	u32 i;

	for (i = 0; i < about->nr_ranges; i++) {
		for (pa = about->ranges[i].start; pa < about->ranges[i].end;
		     pa += NA_IMAGE_PAGE) {
			page = na_image_page(image, pa, buf);
			if (page)
				look(scan, pa, page);
			else
				scan->nr_missing++;
		}
	}
}

/* Tools that leave pages out of a file leave out those of users and free ones. */
static void tell_missing(const struct na_scan *scan)
{
	struct na_notes *notes = scan->kernel->notes;

	if (!scan->nr_missing)
		return;
	if (na_image_about(scan->kernel->image)->may_lack_pages)
		na_notes_assume(notes,
			"none of the %llu pages that were left out of the file is a root of page tables",
			scan->nr_missing);
	else
		na_notes_lose(notes,
			      "%llu pages could not be read while address spaces were looked for",
			      scan->nr_missing);
}

static void tell_freed(const struct na_scan *scan)
{
	if (scan->nr_freed)
		na_notes_assume(scan->kernel->notes,
			"%llu root tables are of processes that ended: they point at what is no page table",
			(unsigned long long)scan->nr_freed);
}

/*
 * With the entries that others are compared with. The root of PAE, and of LPAE,
 * may be in the middle of its page.
 */
static bool read_own(struct na_scan *scan)
{
	struct na_kernel *kernel = scan->kernel;
	bool is_small = kernel->paging == NA_PAGING_PAE ||
			kernel->paging == NA_PAGING_ARM_LPAE;
	u64 last;

	if (!na_image_read(kernel->image, kernel->root, scan->root,
			   is_small ? PAE_ENTRIES * 8 : NA_IMAGE_PAGE))
		return false;
	if (na_paging_is_64bit(kernel->paging))
		return na_x86_is_present(scan->root[511]) &&
		       na_x86_is_present(scan->root[scan->direct]);
	if (!is_small)
		return true;
	last = scan->root[PAE_ENTRIES - 1];
	return na_x86_is_present(last) &&
	       na_image_read(kernel->image, na_x86_address(last, 4096),
			     scan->table, NA_IMAGE_PAGE);
}

void na_scan_read(struct na_spaces *spaces)
{
	struct na_kernel *kernel = spaces->kernel;
	struct na_scan scan = {
		.spaces = spaces,
		.kernel = kernel,
		.nr_user = na_paging_user_entries(kernel),
	};

	if (na_paging_is_64bit(kernel->paging))
		scan.direct = (u32)(kernel->layout.page_offset >>
				    na_paging_shape(kernel->paging)
					    ->levels[0].shift & 511);
	if (!read_own(&scan)) {
		na_notes_lose(kernel->notes,
			      "address spaces: the kernel's own table cannot be read, or lacks what all have");
		return;
	}
	look_at_all(&scan);
	tell_missing(&scan);
	tell_freed(&scan);
	if (kernel->paging == NA_PAGING_ARM_LPAE)
		na_arm_scan_end(&scan);
}
