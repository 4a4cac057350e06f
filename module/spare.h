/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: spare memory
 *
 * What can be taken from the system without anybody being killed for it:
 * processes, who take any memory, and the kernel, who needs low memory, keep a
 * reserve of 1/16 of it, but never more than 256 MiB.
 */
#ifndef NA_MODULE_SPARE_H
#define NA_MODULE_SPARE_H

#include <linux/highmem.h>
#include <linux/mm.h>

/** na_spare() - frames that processes can spare now. Context: process. */
u64 na_spare(void);

/** na_spare_low() - frames that the kernel can spare now. Context: process. */
u64 na_spare_low(void);

/**
 * na_spare_high() - frames of high memory before requests for it turn to low
 *
 * Context: process.
 */
u64 na_spare_high(void);

/** na_low_frames() - low memory, all of it; where there is no high, memory. */
static inline u64 na_low_frames(void)
{
	return totalram_pages() - totalhigh_pages();
}

#endif
