/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: spare memory
 *
 * Memory that can be allocated without the OOM killer, less a reserve of 1/16,
 * at most 256 MiB: for processes, which can use any memory, for the kernel,
 * which needs low memory, and for devices of 32 bits.
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
 * na_spare_dma32() - frames below 4 GiB that can be spared now; 64 bit
 *
 * Context: process.
 */
u64 na_spare_dma32(void);

/** na_dma32_frames() - frames below 4 GiB; 0 on 32 bit. Context: any. */
u64 na_dma32_frames(void);

/**
 * na_spare_high() - frames of high memory before requests fall back to low
 *
 * Context: process.
 */
u64 na_spare_high(void);

/** na_low_frames() - frames of low memory; all memory if there is no high. */
static inline u64 na_low_frames(void)
{
	return totalram_pages() - totalhigh_pages();
}

#endif
