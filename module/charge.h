/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: charges
 *
 * How much memory all buffers together may take: uncached memory cannot be
 * swapped or moved, so without a bound one client could starve the machine.
 * On 32 bit low memory, which is what the kernel itself lives in, has a bound
 * of its own.
 *
 * A buffer takes its part of all limits before its frames, and gives it back
 * after them, in one piece.
 */
#ifndef NA_MODULE_CHARGE_H
#define NA_MODULE_CHARGE_H

#include <linux/atomic.h>
#include <linux/types.h>

struct noalias;

/**
 * struct na_charges - what all buffers hold; zeroes at first
 * @nr_buffers: how many there are
 * @used: frames of them
 * @used_low: frames of them in low memory; 0 where all memory is
 * @promised: frames that are being taken from the system
 * @promised_low: of these, how many may be low
 */
struct na_charges {
	atomic64_t nr_buffers;
	atomic64_t used;
	atomic64_t used_low;
	atomic64_t promised;
	atomic64_t promised_low;
};

/** struct na_charge - what one buffer holds of them; its owner's memory. */
struct na_charge {
	struct noalias *noalias;
	u32 nr_buffers;
	u32 nr_frames;
	u32 nr_low;
	u32 nr_promised;
	u32 nr_promised_low;
};

/**
 * na_charge_take() - may a buffer be made, and its frames taken now?
 * @charge: receives what na_charge_give() gives back
 * @noalias: the module; its zone says where the frames will come from
 * @nr_frames: size of the buffer
 *
 * No, when the buffers would be more than buffers_max, or take more than
 * limit_percent of memory or of low memory; or when processes or the kernel
 * itself could then no longer get a reserve (spare.h).
 *
 * Context: process. Return: 0; -ENOMEM (recorded as a refusal), nothing is held.
 */
int na_charge_take(struct na_charge *charge, struct noalias *noalias,
		   u32 nr_frames);

/**
 * na_charge_settle() - the frames are there
 * @charge: of na_charge_take()
 * @nr_low: how many of them are low
 *
 * Context: process. Return: 0; -ENOMEM more of them are low than may be (recorded
 * as a refusal); @charge is still to be given back.
 */
int na_charge_settle(struct na_charge *charge, u32 nr_low);

/**
 * na_charge_give() - give all of it back
 * @charge: settled or not
 *
 * After the frames, or the next buffer finds neither.
 *
 * Context: any.
 */
void na_charge_give(const struct na_charge *charge);

/** na_charges_buffers_max() - buffers that there may be now. */
u64 na_charges_buffers_max(void);

/** na_charges_buffers() - buffers that are charged. */
u64 na_charges_buffers(const struct noalias *noalias);

/** na_charges_max() - frames that may be charged now. */
u64 na_charges_max(void);

/** na_charges_used() - frames charged, and those in quarantine. */
u64 na_charges_used(const struct noalias *noalias);

#endif
