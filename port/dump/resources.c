// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Kind of a frame: memory of the system, reserved memory, or a device's.
 *
 * The kernel has a tree of what physical addresses are used for, which is also
 * /proc/iomem. Memory that mem= removed is not in it. On x86 the kernel keeps the
 * firmware's own map, which has it; so has an image that another machine wrote,
 * and what no device has and the image has is reserved memory.
 *
 * A range that the firmware reserves may be memory or a device's. If a PCI
 * device has it, it is the device's; otherwise it counts as memory, because
 * treating memory as a device's would hide aliases.
 */
#include "dump_internal.h"

#define RESOURCES_MAX	65536u
#define DEPTH_MAX	32u
#define NAME_MAX_LEN	32u
#define FIRMWARE_MAX	4096u

/* Types of the firmware's map (ACPI 6.5, table 15.6, and Linux's own). */
#define FIRMWARE_RAM		1u
#define FIRMWARE_ACPI		3u
#define FIRMWARE_NVS		4u
#define FIRMWARE_UNUSABLE	5u
#define FIRMWARE_PMEM		7u
#define FIRMWARE_PRAM		12u
#define FIRMWARE_SOFT_RESERVED	0xefffffffu

/**
 * struct tree - the kernel's tree while it is read
 * @kernel: kernel
 * @start: offset of the member, likewise the others
 * @resources: receives the ranges
 * @nr_nodes: nodes read
 * @is_whole: every node could be read
 */
struct tree {
	struct na_kernel *kernel;
	long start;
	long end;
	long name;
	long sibling;
	long child;
	struct na_resources *resources;
	u32 nr_nodes;
	bool is_whole;
};

/* --- kinds ---------------------------------------------------------------- */

/* "0000:00:1f.2": a PCI device's range. */
static bool is_pci_name(const char *name)
{
	unsigned int domain, bus, device, function;
	int len = 0;

	return sscanf(name, "%4x:%2x:%2x.%1x%n", &domain, &bus, &device,
		      &function, &len) == 4 && len == 12 && !name[len];
}

static bool is_memory_name(const char *name)
{
	static const char *const names[] = {
		"ACPI Tables", "ACPI Non-volatile Storage", "Unusable memory",
		"Persistent Memory", "Persistent Memory (legacy)",
		"Soft Reserved", "System RAM (pinned)", NULL,
	};
	u32 i;

	for (i = 0; names[i]; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* Return: NR_NA_KINDS: says nothing of its addresses. */
static enum na_frame_kind kind_of(const char *name)
{
	if (!strcmp(name, "System RAM"))
		return NA_KIND_RAM;
	if (is_pci_name(name))
		return NA_KIND_DEVICE;
	if (is_memory_name(name) || !strcasecmp(name, "reserved"))
		return NA_KIND_RESERVED;
	return NR_NA_KINDS;
}

/* --- the tree --------------------------------------------------------------- */

static u64 value_of(struct tree *tree, u64 node, long member, size_t len)
{
	u64 value = 0;

	if (!na_kernel_read(tree->kernel, node + (u64)member, &value, len))
		tree->is_whole = false;
	return value;
}

static u64 pointer_of(struct tree *tree, u64 node, long member)
{
	return value_of(tree, node, member,
			na_paging_is_64bit(tree->kernel->paging) ? 8 : 4);
}

static void read_name(struct tree *tree, u64 node, char *name)
{
	u64 at = pointer_of(tree, node, tree->name);
	u32 i;

	memset(name, 0, NAME_MAX_LEN);
	for (i = 0; at && i < NAME_MAX_LEN - 1; i++)
		if (!na_kernel_read(tree->kernel, at + i, name + i, 1) ||
		    !name[i])
			break;
}

static void add(struct tree *tree, u64 start, u64 last,
		enum na_frame_kind kind)
{
	struct na_resources *all = tree->resources;

	if (kind == NR_NA_KINDS || last < start)
		return;
	/* The lists double: at each power of two they are full. */
	if (!(all->nr & (all->nr - 1))) {
		u32 room = all->nr ? 2 * all->nr : 16;
		void *items = realloc(all->items, room * sizeof(*all->items));

		if (!items) {
			tree->is_whole = false;
			return;
		}
		all->items = items;
	}
	all->items[all->nr++] = (struct na_resource){ start, last, kind };
}

static void read_node(struct tree *tree, u64 node)
{
	/* The two are neighbours, of 64 bits; without PAE of 32. */
	size_t len = (size_t)(tree->end - tree->start);
	u64 start = value_of(tree, node, tree->start, len);
	u64 last = value_of(tree, node, tree->end, len);
	char name[NAME_MAX_LEN];

	read_name(tree, node, name);
	add(tree, start, last, kind_of(name));
}

static void read_children(struct tree *tree, u64 node, u32 depth)
{
	u64 child = pointer_of(tree, node, tree->child);

	for (; child; child = pointer_of(tree, child, tree->sibling)) {
		if (tree->nr_nodes++ == RESOURCES_MAX || depth == DEPTH_MAX) {
			tree->is_whole = false;
			return;
		}
		read_node(tree, child);
		read_children(tree, child, depth + 1);
		if (!tree->is_whole)
			return;
	}
}

/* --- the firmware's map ------------------------------------------------------- */

/* Can it only be memory? As has_memory() of the module. */
static bool is_memory_type(u32 type)
{
	switch (type) {
	case FIRMWARE_RAM:
	case FIRMWARE_ACPI:
	case FIRMWARE_NVS:
	case FIRMWARE_UNUSABLE:
	case FIRMWARE_PMEM:
	case FIRMWARE_PRAM:
	case FIRMWARE_SOFT_RESERVED:
		return true;
	default:
		return false;
	}
}

/* struct e820_entry, which is packed. */
struct firmware_range {
	u64 start;
	u64 len;
	u32 type;
} __attribute__((packed));

static void read_range(struct tree *tree, u64 at)
{
	struct firmware_range range;

	if (!na_kernel_read(tree->kernel, at, &range, sizeof(range)))
		tree->is_whole = false;
	else if (range.len && is_memory_type(range.type))
		add(tree, range.start, range.start + range.len - 1,
		    NA_KIND_RESERVED);
}

/* What of it is the system's is in the tree, which has the first word. */
static void read_firmware(struct tree *tree)
{
	struct na_kernel *kernel = tree->kernel;
	u64 symbol = na_kernel_symbol(kernel, "e820_table_firmware");
	u64 table = symbol ? pointer_of(tree, symbol, 0) : 0;
	u32 nr = 0, i;

	if (!table)
		return;
	if (!na_kernel_read(kernel, table, &nr, sizeof(nr)) ||
	    nr > FIRMWARE_MAX)
		tree->is_whole = false;
	for (i = 0; i < nr && tree->is_whole; i++)
		read_range(tree, table + sizeof(nr) +
				 (u64)i * sizeof(struct firmware_range));
}

static bool read_tree(struct na_kernel *kernel, struct na_resources *resources)
{
	struct tree tree = {
		.kernel = kernel,
		.start = na_kernel_member(kernel, "resource", "start"),
		.end = na_kernel_member(kernel, "resource", "end"),
		.name = na_kernel_member(kernel, "resource", "name"),
		.sibling = na_kernel_member(kernel, "resource", "sibling"),
		.child = na_kernel_member(kernel, "resource", "child"),
		.resources = resources,
		.is_whole = true,
	};
	u64 root = na_kernel_symbol(kernel, "iomem_resource");

	if (!root || tree.start < 0 ||
	    (tree.end - tree.start != 4 && tree.end - tree.start != 8) ||
	    tree.name < 0 || tree.sibling < 0 || tree.child < 0)
		return false;
	read_children(&tree, root, 0);
	read_firmware(&tree);
	return tree.is_whole && resources->nr;
}

/* RAM before a device's range in it, that before what is only reserved. */
static int rank_of(enum na_frame_kind kind)
{
	return kind == NA_KIND_RAM ? 0 : kind == NA_KIND_DEVICE ? 1 : 2;
}

static int compare(const void *left, const void *right)
{
	const struct na_resource *a = left, *b = right;
	int order = rank_of(a->kind) - rank_of(b->kind);

	return order ? order : a->start < b->start ? -1 : a->start > b->start;
}

void na_resources_find(struct na_dump *dump)
{
	struct na_resources *resources = &dump->resources;

	if (read_tree(&dump->kernel, resources)) {
		qsort(resources->items, resources->nr,
		      sizeof(*resources->items), compare);
		return;
	}
	free(resources->items);
	*resources = (struct na_resources){ 0 };
	na_notes_assume(dump->notes,
			"what the image has is memory of the system, all else a device's: the kernel's list of resources is not known");
}

/* --- frames ----------------------------------------------------------------- */

/* Narrow [start, last] around @pa to where a range has the same to say. */
static bool narrow(u64 pa, u64 start, u64 last, u64 *end)
{
	if (pa >= start && pa <= last) {
		if (last < *end)
			*end = last;
		return true;
	}
	if (pa < start && start - 1 < *end)
		*end = start - 1;
	return false;
}

static enum na_frame_kind listed_kind(const struct na_resources *resources,
				      u64 pa, u64 *end)
{
	const struct na_resource *item = resources->items;
	u32 i;

	for (i = 0; i < resources->nr; i++, item++)
		if (narrow(pa, item->start, item->last | 0xfff, end))
			return item->kind;
	return NR_NA_KINDS;
}

static bool is_in_image(const struct na_image_about *about, u64 pa, u64 *end)
{
	u32 i;

	for (i = 0; i < about->nr_ranges; i++)
		if (narrow(pa, about->ranges[i].start,
			   about->ranges[i].end - 1, end))
			return true;
	return false;
}

/*
 * The image of a PC may have the hole below 1 MiB. Machines of ARM have none: if
 * their memory begins at 0, it is memory there.
 */
static enum na_frame_kind assumed_kind(const struct na_dump *dump, u64 pa,
				       u64 *end)
{
	static const u64 vga = 0xa0000, rom = 0xc0000, mib = 0x100000;
	bool is_pc = dump->kernel.arch == NA_ARCH_X86_64 ||
		     dump->kernel.arch == NA_ARCH_I386;

	if (is_pc && narrow(pa, vga, rom - 1, end))
		return NA_KIND_DEVICE;
	if (is_pc && narrow(pa, rom, mib - 1, end))
		return NA_KIND_RESERVED;
	return is_in_image(na_image_about(dump->image), pa, end) ?
	       NA_KIND_RAM : NA_KIND_DEVICE;
}

enum na_frame_kind na_resources_kind(const struct na_dump *dump,
				     struct na_run run, u32 *nr)
{
	u64 pa = (u64)run.first.nr << 12, end = ~0ull;
	enum na_frame_kind kind;

	if (!dump->resources.nr) {
		kind = assumed_kind(dump, pa, &end);
	} else {
		kind = listed_kind(&dump->resources, pa, &end);
		if (kind == NR_NA_KINDS)
			kind = is_in_image(na_image_about(dump->image), pa,
					   &end) ?
			       NA_KIND_RESERVED : NA_KIND_DEVICE;
	}
	*nr = run.nr;
	if ((end >> 12) - run.first.nr < run.nr - 1)
		*nr = (u32)((end >> 12) - run.first.nr) + 1;
	return kind;
}
