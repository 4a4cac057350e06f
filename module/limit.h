/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: limit
 *
 * How much memory all buffers together may take: uncached memory cannot be
 * swapped or moved, so without a bound one client could starve the machine.
 * On 32 bit low memory has a bound of its own.
 */
#ifndef NA_MODULE_LIMIT_H
#define NA_MODULE_LIMIT_H

#include <noalias/ledger.h>

#include "../port/linux/port.h"

/**
 * na_limit_init() - where frames in quarantine are counted
 * @ledger: of the machine that the buffers come from
 *
 * Context: module init, before any charge.
 */
void na_limit_init(const struct na_ledger *ledger);

/**
 * na_limit_charge() - reserve room for one buffer
 * @nr_frames: size of the buffer
 *
 * Context: process. Return: 0, or -ENOMEM when the buffers would take more than
 * limit_percent of the machine's memory, or would be more than buffers_max
 * (recorded as a refusal).
 */
int na_limit_charge(u32 nr_frames);

/** struct na_limit_promise - frames that are being taken from the system. */
struct na_limit_promise {
	u32 nr_frames;
	u32 nr_low;
};

/**
 * na_limit_promise() - may these frames be taken from the system now?
 * @promise: receives what na_limit_settle() takes
 * @nr_frames: how many
 * @zone: where they come from
 *
 * The answer is no when processes or the kernel itself could then no longer get
 * a reserve: 1/16 of all memory, and of low memory, but never more than 256 MiB.
 *
 * Context: process. Return: 0, to be followed by na_limit_settle(); -ENOMEM when
 * others would be left without memory (recorded as a refusal).
 */
int na_limit_promise(struct na_limit_promise *promise, u32 nr_frames,
		     enum na_zone zone);

/**
 * na_limit_settle() - frames that were promised are taken, or will not be
 *
 * Context: any.
 */
void na_limit_settle(const struct na_limit_promise *promise);

/** na_limit_uncharge() - give the room of one buffer back. Context: any. */
void na_limit_uncharge(u32 nr_frames);

/**
 * na_limit_charge_low() - reserve room in low memory
 * @nr_frames: how many of a buffer's frames are or will be low; may be 0
 *
 * Low memory is what the kernel itself lives in, so it has a limit of its
 * own with the same percentage. Nothing happens on 64 bit, where all memory
 * is alike.
 *
 * Context: process. Return: 0, or -ENOMEM (recorded as a refusal).
 */
int na_limit_charge_low(u32 nr_frames);

/**
 * na_limit_recharge_low() - a buffer's share of low memory is known now
 * @nr_charged: what was charged for it
 * @nr_frames: what it holds
 *
 * Context: process. Return: 0, or as na_limit_charge_low(); then @nr_charged is
 * still charged.
 */
int na_limit_recharge_low(u32 nr_charged, u32 nr_frames);

/** na_limit_uncharge_low() - give that room back. Context: any. */
void na_limit_uncharge_low(u32 nr_frames);

/** na_limit_buffers_max() - buffers that there may be now. */
u64 na_limit_buffers_max(void);

/** na_limit_buffers_used() - buffers that are charged. */
u64 na_limit_buffers_used(void);

/** na_limit_used() - frames charged, and those in quarantine. */
u64 na_limit_used(void);

/** na_limit_max() - frames that may be charged now. */
u64 na_limit_max(void);

#endif
