/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: what names.c is made of
 */
#ifndef NA_DUMP_NAMES_PARTS_H
#define NA_DUMP_NAMES_PARTS_H

#include "names.h"

/**
 * na_vma_find() - the vm_area_struct at an address
 * @kernel: kernel
 * @mm: address of the mm_struct
 * @va: an address of a process
 * @start: receives the first address of the mapping
 * @end: receives the address after its last
 *
 * In the maple tree (since 6.1) or the list (until 6.0) of the mm.
 *
 * Return: its address; 0 if there is none or it cannot be read.
 */
u64 na_vma_find(struct na_kernel *kernel, u64 mm, u64 va, u64 *start,
		u64 *end);

/**
 * na_path_read() - name of an open file
 * @kernel: kernel
 * @file: address of its struct file
 * @name: receives it: from the root of all mounts, or as far as it can be read
 *
 * Return: false if nothing of it can be read.
 */
bool na_path_read(struct na_kernel *kernel, u64 file,
		  char name[NA_MAPPING_NAME_MAX]);

struct na_live;

/** na_live_create() - for questions about running processes; NULL: no memory. */
struct na_live *na_live_create(void);

/** na_live_destroy() - free it; NULL is allowed. */
void na_live_destroy(struct na_live *live);

/**
 * na_live_find() - the mapping at an address, from /proc/PID/maps
 *
 * Return: false if the process is gone, another has its number, its maps may
 * not be read, or nothing is at @va.
 */
bool na_live_find(struct na_live *live, const struct na_kernel_space *space,
		  u64 va, struct na_mapping *mapping);

#endif
