/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: names of mappings
 *
 * Which mapping of a process has an address, and of which file. From the
 * structs in the image; of the running machine from /proc, which takes the
 * kernel's locks.
 *
 * And who made a vmalloc area, of images; for the running machine the command
 * has that from /proc/vmallocinfo.
 */
#ifndef NA_DUMP_NAMES_H
#define NA_DUMP_NAMES_H

#include "kernel.h"

#define NA_MAPPING_NAME_MAX	256u

/**
 * struct na_mapping - a mapping of a process
 * @start: first address
 * @end: address after the last
 * @perms: as in /proc/PID/maps: "rwxp"; '-' for what it lacks, 's' if shared
 * @name: of the file, or "[heap]", "[stack]", "[vdso]", …; "" of memory without
 *	a file. Any bytes; if it is longer, its end with "..." before it
 */
struct na_mapping {
	u64 start;
	u64 end;
	char perms[5];
	char name[NA_MAPPING_NAME_MAX];
};

struct na_names;

/**
 * na_names_create() - prepare for questions
 * @kernel: outlives the result
 *
 * Return: na_names_destroy() frees it; NULL if out of memory.
 */
struct na_names *na_names_create(struct na_kernel *kernel);

/** na_names_destroy() - free it; NULL is allowed. */
void na_names_destroy(struct na_names *names);

/**
 * na_names_find() - the mapping at an address
 * @names: names
 * @space: the address space
 * @va: an address in it
 * @mapping: receives it
 *
 * Return: false if there is none, or it is not known; that is no loss, for what
 * is mapped is in the page tables.
 */
bool na_names_find(struct na_names *names, const struct na_kernel_space *space,
		   u64 va, struct na_mapping *mapping);

/**
 * na_names_area() - the vmalloc area at an address of the kernel
 * @names: names
 * @va: address
 * @mapping: receives it; @name is the function that made it and its module, as
 *	in /proc/vmallocinfo: "alloc_buffer [driver]", or "" if it is not known
 *
 * Return: false if there is none, or the machine is running.
 */
bool na_names_area(struct na_names *names, u64 va, struct na_mapping *mapping);

#endif
