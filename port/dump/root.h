/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the kernel's root table
 */
#ifndef NA_DUMP_ROOT_H
#define NA_DUMP_ROOT_H

#include "kernel.h"

/**
 * na_root_find() - find architecture, paging and root of the kernel
 * @kernel: with its image and notes; receives arch, paging, root, sme_mask,
 *	layout.page_offset, release and info
 * @options: or NULL
 *
 * Return: 0, or -1 after an error.
 */
int na_root_find(struct na_kernel *kernel,
		 const struct na_kernel_options *options);

#endif
