/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: vmalloc areas of the kernel in an image, and who made them
 */
#ifndef NA_DUMP_AREAS_H
#define NA_DUMP_AREAS_H

#include "kernel.h"

/**
 * struct na_area - a vmalloc area
 * @start: first address
 * @end: address after the last; the unmapped page behind it is not in it
 * @caller: address of the code that made it; 0: not known
 */
struct na_area {
	u64 start;
	u64 end;
	u64 caller;
};

struct na_areas;

/**
 * na_areas_create() - read the kernel's list of them
 *
 * One that cannot be followed is cut: these are only names.
 *
 * Return: na_areas_destroy() frees them; NULL if out of memory.
 */
struct na_areas *na_areas_create(struct na_kernel *kernel);

/** na_areas_destroy() - free them; NULL is allowed. */
void na_areas_destroy(struct na_areas *areas);

/** na_areas_find() - the area at an address, or NULL. */
const struct na_area *na_areas_find(const struct na_areas *areas, u64 va);

/**
 * na_code_name() - name of the function at an address, as "alloc [driver]"
 * @kernel: kernel
 * @address: address in the kernel's image or in a module
 * @name: receives it
 * @len: room in @name
 *
 * Return: false if it is not known.
 */
bool na_code_name(struct na_kernel *kernel, u64 address, char *name,
		  size_t len);

#endif
