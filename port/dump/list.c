// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Lists of the kernel, through a stranger's pointers.
 */
#include "list.h"

/* As it is in memory of x86-64. */
struct node {
	u64 next;
	u64 prev;
};

bool na_list_follow(struct na_kernel *kernel, u64 head, na_list_visit_t visit,
		    void *context)
{
	u64 at = head, prev;
	struct node node;
	u32 i;

	if (!na_kernel_read(kernel, head, &node, sizeof(node)))
		return false;
	for (i = 0; i < NA_LIST_MAX && node.next != head; i++) {
		prev = at;
		at = node.next;
		if (!na_kernel_read(kernel, at, &node, sizeof(node)) ||
		    node.prev != prev || !visit(context, at))
			return false;
	}
	return node.next == head;
}
