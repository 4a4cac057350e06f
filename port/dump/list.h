/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: lists of the kernel in an image
 */
#ifndef NA_DUMP_LIST_H
#define NA_DUMP_LIST_H

#include "kernel.h"

#define NA_LIST_MAX	(1u << 22)	/* the kernel's limit of tasks */

/** na_list_visit_t - called for each element; false ends it. */
typedef bool (*na_list_visit_t)(void *context, u64 node);

/**
 * na_list_follow() - visit the elements of a list, x86-64
 * @kernel: kernel
 * @head: address of its struct list_head
 * @visit: gets the address of each element's struct list_head
 * @context: for @visit
 *
 * Each element must point back to the one before it: a list whose elements all
 * do cannot form a circle without its head. NA_LIST_MAX ends it in any case, for
 * a running machine changes its lists while they are read.
 *
 * Return: true if it was read to its end.
 */
bool na_list_follow(struct na_kernel *kernel, u64 head, na_list_visit_t visit,
		    void *context);

#endif
