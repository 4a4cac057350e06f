// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Root tables of 32-bit ARM with LPAE: four entries, at multiples of 32 bytes.
 *
 * Linux copies the kernel's entries into each (pgd_alloc()), and the last one is
 * always the kernel's. Below the direct map, in the last table of the user half,
 * are modules and the kmap pool: that table is the process's own, and of these
 * addresses it has the kernel's entries, copied when they were first used.
 *
 * Of a root that was freed the user half is empty (pgd_free()), until it is
 * written to by who has the memory next. What Linux puts into no table gives that
 * away. Tables that are not a process's have the same form; what they map tells
 * them apart.
 */
#include "../arm64/entry.h"
#include "paging.h"
#include "scan.h"

#define NR_ENTRIES	4u
#define SPAN		(1ull << 30)	/* of an entry of the root */
#define BLOCK		(1ull << 21)
#define CODE_MAX	(64ull << 20)	/* from where memory begins */
/* Linux leaves them clear in what points to a table, of the user half. */
#define TABLE_ZERO	0x07ffff0000000ffcull
/* Of a block the CPU does, or there is no such memory. */
#define BLOCK_ZERO	0x000fff00001ff000ull

/**
 * struct look - what the user half of a root has
 * @scan: scan
 * @is_broken: an entry that Linux does not make
 * @is_strange: at an address of the kernel, an entry that is not the kernel's
 * @has_leaf: it maps something; the rest is about the first leaf
 * @is_user: it is for users, or a table could not be read
 * @is_identity: it maps memory at its own address
 */
struct look {
	struct na_scan *scan;
	bool is_broken;
	bool is_strange;
	bool has_leaf;
	bool is_user;
	bool is_identity;
};

static bool is_table(u64 entry)
{
	return entry & NA_ARM64_VALID && entry & NA_ARM64_TABLE;
}

static bool may_be_linux(u64 entry)
{
	if (!(entry & NA_ARM64_VALID))
		return true;
	return !(entry & (is_table(entry) ? TABLE_ZERO : BLOCK_ZERO));
}

static const u64 *read_table(const struct look *look, u64 entry, u64 *buf)
{
	return na_image_page(look->scan->kernel->image,
			     entry & NA_ARM_LPAE_ADDRESS, buf);
}

static void take_leaf(struct look *look, u64 entry, u64 va)
{
	look->has_leaf = true;
	look->is_user = entry & NA_ARM64_USER;
	look->is_identity = (entry & NA_ARM_LPAE_ADDRESS) == va;
}

/* A table that cannot be read is the walk's to tell: it is a process's. */
static void lack_table(struct look *look)
{
	look->has_leaf = true;
	look->is_user = true;
}

static void look_at_pages(struct look *look, u64 entry, u64 va)
{
	u64 buf[512];
	const u64 *table = read_table(look, entry, buf);
	u32 i;

	if (!table)
		lack_table(look);
	for (i = 0; table && i < 512 && !look->has_leaf; i++)
		if (is_table(table[i]))	/* on this level a page */
			take_leaf(look, table[i], va + ((u64)i << 12));
}

static void look_at_entry(struct look *look, u64 entry, u64 va)
{
	if (!may_be_linux(entry))
		look->is_broken = true;
	else if (look->has_leaf || !(entry & NA_ARM64_VALID))
		return;
	else if (is_table(entry))
		look_at_pages(look, entry, va);
	else
		take_leaf(look, entry, va);
}

/* At an address of the kernel: not used yet, or the same as the kernel's. */
static bool is_kernels(const struct look *look, u64 entry, u64 va)
{
	const struct na_kernel *kernel = look->scan->kernel;
	u64 own = look->scan->root[va / SPAN], found;

	return !entry ||
	       (is_table(own) &&
		na_paging_entry(kernel, own & NA_ARM_LPAE_ADDRESS,
				(u32)(va % SPAN / BLOCK), &found) &&
		found == entry);
}

static void look_at_table(struct look *look, u64 entry, u64 va)
{
	u64 last = na_paging_user_last(look->scan->kernel);
	u64 buf[512];
	const u64 *table = read_table(look, entry, buf);
	u32 i;

	if (!table)
		lack_table(look);
	for (i = 0; table && i < 512; i++, va += BLOCK)
		if (va <= last)
			look_at_entry(look, table[i], va);
		else if (!is_kernels(look, table[i], va))
			look->is_strange = true;
}

static void tell(struct look *look, u64 pa)
{
	const struct na_kernel *kernel = look->scan->kernel;

	if (look->is_broken) {
		look->scan->nr_freed++;
		return;
	}
	if (look->is_strange)
		na_notes_lose(kernel->notes,
			      "the root table at %#llx has entries from %#llx on that are not the kernel's: they are not audited",
			      pa, na_paging_user_last(kernel) + 1);
	if (look->has_leaf)
		na_scan_add(look->scan, pa, look->is_user ? NULL :
			    look->is_identity ? "(idmap)" : "(no process)");
}

static void look_at_root(struct na_scan *scan, u64 pa, const u64 *root)
{
	struct look look = { .scan = scan };
	u32 i;

	for (i = 0; i < scan->nr_user; i++)
		if (root[i] && (!is_table(root[i]) || root[i] & TABLE_ZERO))
			return;
	for (i = 0; i < scan->nr_user; i++)
		if (root[i])
			look_at_table(&look, root[i], i * SPAN);
	tell(&look, pa);
}

/*
 * Identity maps are known by the kernel's last entry, and of what they map the
 * user half is walked. A machine whose memory begins beyond that has its identity
 * map, of the kernel's code, where neither is so.
 */
void na_arm_scan_end(const struct na_scan *scan)
{
	const struct na_kernel_layout *layout = &scan->kernel->layout;
	u64 first = layout->direct_shift, last = first + CODE_MAX;

	if (last / SPAN >= scan->nr_user && first / SPAN < NR_ENTRIES)
		na_notes_lose(scan->kernel->notes,
			      "the identity map is among addresses of the kernel, as memory begins at %#llx: it is not looked for",
			      layout->direct_shift);
}

void na_arm_scan_page(struct na_scan *scan, u64 pa, const u64 *page)
{
	u32 i;

	for (i = 0; i < 512; i += NR_ENTRIES)
		if (page[i + NR_ENTRIES - 1] == scan->root[NR_ENTRIES - 1] &&
		    pa + (u64)i * 8 != scan->kernel->root)
			look_at_root(scan, pa + (u64)i * 8, page + i);
}
