// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The mappings of a process: a maple tree since 6.1, a list before.
 *
 * A node of a maple tree has 256 bytes and is aligned to that, so that the low
 * byte of a pointer to it has its type (include/linux/maple_tree.h). It has
 * slots and, between two of them, a pivot: the last address of the slot before
 * it. A pivot of 0 after the first one ends the node.
 *
 * Both end, whatever is in the image: the tree is as deep as the kernel allows,
 * and the list must ascend.
 */
#include "names_parts.h"

#define NODE_LEN		256
#define WORDS			(NODE_LEN / 8)
#define HEIGHT_MAX		31u	/* MAPLE_HEIGHT_MAX */
#define RESERVED		4096u	/* no pointers below it */
#define TYPE_LEAF		1u	/* as all below it */
#define TYPE_RANGE		2u
#define TYPE_ARANGE		3u

/* Word numbers in a node. */
struct shape {
	u32 pivots;
	u32 slots;
	u32 nr_slots;
};

static bool read_word(struct na_kernel *kernel, u64 va, long offset, u64 *word)
{
	*word = 0;
	return offset >= 0 && na_kernel_read(kernel, va + (u64)offset, word,
					     sizeof(*word));
}

/* False if it is not at @va: trees and lists are checked by their contents. */
static bool is_vma_at(struct na_kernel *kernel, u64 vma, u64 va, u64 *start,
		      u64 *end)
{
	const char *type = "vm_area_struct";

	return read_word(kernel, vma, na_kernel_member(kernel, type, "vm_start"),
			 start) &&
	       read_word(kernel, vma, na_kernel_member(kernel, type, "vm_end"),
			 end) &&
	       *start <= va && va < *end;
}

static bool find_shape(struct na_kernel *kernel, u32 type, struct shape *shape)
{
	bool is_arange = type == TYPE_ARANGE;
	const char *name = is_arange ? "maple_arange_64" : "maple_range_64";
	long pivots = na_kernel_member(kernel, name, "pivot");
	long slots = na_kernel_member(kernel, name, "slot");
	long end = is_arange ? na_kernel_member(kernel, name, "gap") :
			       na_kernel_sizeof(kernel, name);

	if (pivots < 0 || slots < pivots || end <= slots || end > NODE_LEN)
		return false;
	shape->pivots = (u32)pivots / 8;
	shape->slots = (u32)slots / 8;
	shape->nr_slots = (u32)(end - slots) / 8;
	return true;
}

static bool is_node(u64 entry)
{
	return (entry & 3) == 2 && entry > RESERVED;
}

/* The slot for an address: the first whose pivot is not below it. */
static u64 slot_for(const u64 *node, const struct shape *shape, u64 va)
{
	u32 i, nr_pivots = shape->nr_slots - 1;
	u64 pivot;

	for (i = 0; i < nr_pivots; i++) {
		pivot = node[shape->pivots + i];
		if (pivot >= va || (i && !pivot))
			break;
	}
	return node[shape->slots + i];
}

static u64 find_in_tree(struct na_kernel *kernel, u64 root, u64 va)
{
	u64 node[WORDS], entry = root;
	struct shape shape;
	u32 i, type;

	if (!is_node(root))
		return root;
	for (i = 0; i < HEIGHT_MAX; i++) {
		type = entry >> 3 & 0xf;
		if (type > TYPE_ARANGE || !find_shape(kernel, type, &shape) ||
		    !na_kernel_read(kernel, entry & ~(u64)(NODE_LEN - 1), node,
				    sizeof(node)))
			return 0;
		entry = slot_for(node, &shape, va);
		if (type <= TYPE_LEAF)
			return entry;
	}
	return 0;
}

/* Each element must be above the one before it: then there is no circle. */
static u64 find_in_list(struct na_kernel *kernel, u64 first, u64 va)
{
	long next = na_kernel_member(kernel, "vm_area_struct", "vm_next");
	u64 vma = first, start = 0, end = 0, last_end = 0;

	while (vma && !is_vma_at(kernel, vma, va, &start, &end)) {
		if (start < last_end || end <= start || start > va ||
		    !read_word(kernel, vma, next, &vma))
			return 0;
		last_end = end;
	}
	return vma;
}

u64 na_vma_find(struct na_kernel *kernel, u64 mm, u64 va, u64 *start, u64 *end)
{
	long tree = na_kernel_member(kernel, "mm_struct", "mm_mt");
	long root = na_kernel_member(kernel, "maple_tree", "ma_root");
	u64 vma = 0;

	if (tree >= 0 && root >= 0) {
		if (read_word(kernel, mm, tree + root, &vma))
			vma = find_in_tree(kernel, vma, va);
	} else if (read_word(kernel, mm, na_kernel_member(kernel, "mm_struct",
							  "mmap"), &vma)) {
		vma = find_in_list(kernel, vma, va);
	}
	return vma && is_vma_at(kernel, vma, va, start, end) ? vma : 0;
}
