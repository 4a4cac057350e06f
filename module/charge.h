/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: charges
 *
 * Limits on the memory of all buffers together: uncached memory cannot be
 * swapped or moved, so without a limit one client could use up the machine. On
 * 32 bit low memory, which the kernel itself needs, has a separate limit; on 64
 * bit so has memory below 4 GiB, which devices of 32 bits need.
 *
 * A buffer is charged before its frames are allocated, and uncharged after they
 * are freed, against all limits at once.
 */
#ifndef NA_MODULE_CHARGE_H
#define NA_MODULE_CHARGE_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <noalias/types.h>

struct noalias;

/**
 * struct na_charges - sums over all buffers; initialized to zeroes
 * @nr_buffers: number of buffers
 * @used: their frames
 * @used_low: their frames in low memory; 0 if all memory is low
 * @used_dma32: on 64 bit: their frames that were asked for below 4 GiB
 * @promised: frames that are being allocated
 * @promised_low: of these, how many may be low
 * @promised_dma32: of these, how many must be below 4 GiB; 64 bit
 */
struct na_charges {
	atomic64_t nr_buffers;
	atomic64_t used;
	atomic64_t used_low;
	atomic64_t used_dma32;
	atomic64_t promised;
	atomic64_t promised_low;
	atomic64_t promised_dma32;
};

/** NA_LIMIT_PERCENT_MAX - of memory, in a limit of buffers. */
#define NA_LIMIT_PERCENT_MAX 90

/**
 * struct na_share - a heap's own part of the limit
 * @used: frames in buffers of the heap, and in those that are being made
 * @percent: of all memory, that they may be; 0: no limit of its own
 */
struct na_share {
	atomic64_t used;
	u8 percent;
};

/** struct na_charge - charge of one buffer; caller's memory. */
struct na_charge {
	struct noalias *noalias;
	struct na_share *share;
	u32 nr_share;
	u32 nr_buffers;
	u32 nr_frames;
	u32 nr_low;
	u32 nr_dma32;
	u32 nr_promised;
	u32 nr_promised_low;
	u32 nr_promised_dma32;
};

/**
 * na_charge_take() - charge a buffer before its frames are allocated
 * @charge: receives the charge, for na_charge_give()
 * @noalias: the module
 * @share: of its heap
 * @nr_frames: size of the buffer
 * @zone: where its frames will be taken
 *
 * Refused if there would be more buffers than buffers_max, or more than
 * limit_percent of memory, of low memory or of memory below 4 GiB in them; or
 * more than its share in those of the heap; or if less than the reserve (spare.h)
 * would be left for processes or for the kernel.
 *
 * Context: process. Return: 0; -ENOMEM (recorded as a refusal), nothing is held.
 */
int na_charge_take(struct na_charge *charge, struct noalias *noalias,
		   struct na_share *share, u32 nr_frames, enum na_zone zone);

/**
 * na_charge_settle() - the frames were allocated
 * @charge: of na_charge_take()
 * @nr_low: number of low frames
 *
 * Context: process. Return: 0; -ENOMEM too many are low (recorded as a
 * refusal); @charge must still be given back.
 */
int na_charge_settle(struct na_charge *charge, u32 nr_low);

/**
 * na_charge_give() - uncharge a buffer
 * @charge: settled or not
 *
 * Call it after the frames were freed: a later charge must find them free.
 *
 * Context: any.
 */
void na_charge_give(const struct na_charge *charge);

/** na_charges_buffers_max() - current limit on the number of buffers. */
u64 na_charges_buffers_max(void);

/** na_charges_buffers() - number of buffers charged. */
u64 na_charges_buffers(const struct noalias *noalias);

/** na_charges_max() - current limit on the number of frames. */
u64 na_charges_max(void);

/** na_share_max() - current limit on the number of frames of a heap. */
u64 na_share_max(const struct na_share *share);

/** na_charges_used() - frames charged, plus those in quarantine. */
u64 na_charges_used(const struct noalias *noalias);

#endif
