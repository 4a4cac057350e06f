/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: what a kernel does not name
 *
 * With KALLSYMS_ALL off, as in Debian's kernels of ARM, there are symbols of
 * functions only. What has to be known of the kernel's data is then found by
 * what it looks like, in the kernel's image. Whatever is found was checked
 * against what must be true of it.
 */
#ifndef NA_DUMP_SEEK_H
#define NA_DUMP_SEEK_H

#include "kernel.h"

struct na_btf;

/**
 * na_seek_btf() - the kernel's types, by their first bytes
 * @kernel: kernel with its layout
 *
 * Return: NULL: there are none, or no memory.
 */
struct na_btf *na_seek_btf(struct na_kernel *kernel);

/**
 * na_seek_init_task() - the first task of all, by its name
 * @kernel: kernel with its types
 *
 * Its number is 0, it has no address space, and the list of all tasks leads
 * back to it.
 *
 * Return: its address; 0: there is none.
 */
u64 na_seek_init_task(struct na_kernel *kernel);

/** na_seek_visit_t - called for each that was found. */
typedef void (*na_seek_visit_t)(void *context, u64 mm);

/**
 * na_seek_mms() - each struct mm_struct in the kernel's image
 * @kernel: kernel with its types
 * @visit: gets the address of each
 * @context: for @visit
 *
 * That of the kernel itself is one of them, that for the firmware's calls
 * another. They begin with two users, no other mm beside them in the list of
 * swapped ones, and a root table.
 */
void na_seek_mms(struct na_kernel *kernel, na_seek_visit_t visit,
		 void *context);

#endif
