/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One made-up kernel of 32-bit ARM with LPAE, and its root tables.
 */
#ifndef ARM_WORLD_H
#define ARM_WORLD_H

#include "kernel_world.h"

ROOM void arm_new_at(u64 page_offset)
{
	kernel_close();
	make_kernel_free(made);
	made = make_kernel_at(NA_PAGING_ARM_LPAE, page_offset);
}

ROOM void arm_new(void)
{
	arm_new_at(0xc0000000);
}

/* An entry of a root. */
ROOM u64 *arm_entry(u64 root, u32 idx)
{
	return make_at(made->memory, root + 8ull * idx);
}

#endif
