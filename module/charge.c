// SPDX-License-Identifier: GPL-2.0
/*
 * Charges: a counter for each limit. A charge adds first and subtracts again if
 * the sum is above the limit, so the sum never stays above it. Two charges that
 * fit together refuse each other only if they race.
 *
 * A share of all memory does not tell how much is free. If buffers took the
 * last page, the next page fault would call the OOM killer, which does not
 * account buffers to a process and kills another one. So frames are promised
 * before they are allocated: from the spare memory (spare.h), less what was
 * promised already and is still being allocated.
 *
 * While a request allocates its frames, those that it has are counted twice:
 * they are promised, and no longer free. So of two large requests at the same
 * time one may be refused that would fit after the other. This errs on the safe
 * side, only while frames are being zeroed; counting a promise down frame by
 * frame would need an atomic in that loop.
 *
 * Frames in quarantine count against the limit for ever, whoever lost them:
 * otherwise a client that can cause it could use up all memory, one limit after
 * the other. The ledger counts them, so no charge can be missed. They are low
 * memory, because only the direct map can fail to change back.
 */
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "charge.h"
#include "noalias.h"
#include "param.h"
#include "refusal.h"
#include "spare.h"

static const struct na_param_range percent_range = { 1, 90 };
static_assert(NA_LIMIT_PERCENT_MAX == 90);
static unsigned int limit_percent = 50;
module_param_cb(limit_percent, &na_param_ranged_ops,
		(&(struct na_param_ranged){ &limit_percent, &percent_range }),
		0644);
MODULE_PARM_DESC(limit_percent,
		 "memory that all buffers together may take, 1 to 90 % (default 50)");

static const struct na_param_range buffers_range = { 0, 1u << 24 };
static unsigned int buffers_max;
module_param_cb(buffers_max, &na_param_ranged_ops,
		(&(struct na_param_ranged){ &buffers_max, &buffers_range }),
		0644);
MODULE_PARM_DESC(buffers_max,
		 "buffers there may be, 0 to 16777216 (default 0: one for each 64 KiB of low memory)");

static u64 percent_of(u64 nr_frames)
{
	return div_u64(nr_frames * READ_ONCE(limit_percent), 100);
}

static u64 less(u64 nr, u64 reserve)
{
	return nr > reserve ? nr - reserve : 0;
}

static u64 count_quarantined(const struct noalias *noalias)
{
	return na_ledger_count(&noalias->machine.ledger, NA_QUARANTINED);
}

static bool add(atomic64_t *sum, u32 nr, u64 max)
{
	if ((u64)atomic64_add_return(nr, sum) <= max)
		return true;
	atomic64_sub(nr, sum);
	return false;
}

/* @max and @used are the current values, in frames. */
static int refuse_len(u32 nr_frames, const char *text, u64 max, u64 used,
		      const char *remedy)
{
	return na_refuse_limit("len", (u64)nr_frames << PAGE_SHIFT,
		(struct na_limit){ .text = text, .remedy = remedy,
			.max = max << PAGE_SHIFT, .used = used << PAGE_SHIFT,
			.scope = NOALIAS_IOC_LIMIT_NOW }, -ENOMEM);
}

/* --- limits --------------------------------------------------------------- */

u64 na_charges_max(void)
{
	return percent_of(totalram_pages());
}

static u64 share_of_all(const struct na_share *share)
{
	return div_u64((u64)totalram_pages() * share->percent, 100);
}

u64 na_share_max(const struct na_share *share)
{
	return share->percent ? min(na_charges_max(), share_of_all(share)) :
				na_charges_max();
}

u64 na_charges_used(const struct noalias *noalias)
{
	return atomic64_read(&noalias->charges.used) +
	       count_quarantined(noalias);
}

/* A buffer of any size costs the kernel more than a KiB of low memory. */
#define FRAMES_A_BUFFER_SHIFT 4

u64 na_charges_buffers_max(void)
{
	return READ_ONCE(buffers_max) ?:
	       na_low_frames() >> FRAMES_A_BUFFER_SHIFT;
}

u64 na_charges_buffers(const struct noalias *noalias)
{
	return atomic64_read(&noalias->charges.nr_buffers);
}

/* --- single limits -------------------------------------------------------- */

static int take_buffer(struct na_charge *charge)
{
	struct na_charges *charges = &charge->noalias->charges;
	u64 max = na_charges_buffers_max();

	if (add(&charges->nr_buffers, 1, max)) {
		charge->nr_buffers = 1;
		return 0;
	}
	return na_refuse_limit("buffers", max + 1, (struct na_limit){
		.text = "buffers_max, or one for each 64 KiB of low memory",
		.max = max, .used = na_charges_buffers(charge->noalias),
		.scope = NOALIAS_IOC_LIMIT_NOW,
		.remedy = "take fewer and larger buffers, or raise buffers_max (as root)"
		}, -ENOMEM);
}

static int take_frames(struct na_charge *charge, u32 nr_frames)
{
	struct noalias *noalias = charge->noalias;

	if (add(&noalias->charges.used, nr_frames,
		less(na_charges_max(), count_quarantined(noalias)))) {
		charge->nr_frames = nr_frames;
		return 0;
	}
	return refuse_len(nr_frames, "limit_percent of memory in all buffers",
			  na_charges_max(), na_charges_used(noalias),
			  "free buffers, or raise limit_percent (as root)");
}

static int take_share(struct na_charge *charge, struct na_share *share,
		      u32 nr_frames)
{
	if (!share->percent)
		return 0;
	if (add(&share->used, nr_frames, share_of_all(share))) {
		charge->share = share;
		charge->nr_share = nr_frames;
		return 0;
	}
	return refuse_len(nr_frames, "the heap's limit= of memory in its buffers",
			  share_of_all(share), atomic64_read(&share->used),
			  "free buffers of this heap, or take another heap");
}

/*
 * Charge @nr_low frames. Without high memory, low memory has no separate limit.
 */
static int take_low(struct na_charge *charge, u32 nr_low)
{
	struct noalias *noalias = charge->noalias;
	u64 max, quarantined;

	/* 0 always fits: the sum may be above a limit that was lowered. */
	if (!IS_ENABLED(CONFIG_HIGHMEM) || !nr_low)
		return 0;
	max = percent_of(na_low_frames());
	quarantined = count_quarantined(noalias);
	if (add(&noalias->charges.used_low, nr_low, less(max, quarantined))) {
		charge->nr_low += nr_low;
		return 0;
	}
	return refuse_len(nr_low,
			  "limit_percent of low memory in all buffers", max,
			  atomic64_read(&noalias->charges.used_low) +
			  quarantined,
			  "set zone=any (as root): high memory first");
}

/* Of the zone's own: where it is low memory, that has the limit. */
static u32 count_dma32(u32 nr_frames, enum na_zone zone)
{
	return IS_ENABLED(CONFIG_ZONE_DMA32) && zone == NA_ZONE_DMA32 ?
	       nr_frames : 0;
}

/* All of them, whatever else is free. */
static bool is_low_only(enum na_zone zone)
{
	return zone == NA_ZONE_LOW ||
	       (zone == NA_ZONE_DMA32 && !IS_ENABLED(CONFIG_ZONE_DMA32));
}

static int take_dma32(struct na_charge *charge, u32 nr)
{
	struct na_charges *charges = &charge->noalias->charges;
	u64 max;

	if (!nr)
		return 0;
	max = percent_of(na_dma32_frames());
	if (add(&charges->used_dma32, nr, max)) {
		charge->nr_dma32 = nr;
		return 0;
	}
	return refuse_len(nr,
			  "limit_percent of memory below 4 GiB in buffers of dma32 heaps",
			  max, atomic64_read(&charges->used_dma32),
			  "free buffers, or take a heap that is not dma32");
}

/* How many of @nr_frames may have to be low. */
static u32 count_maybe_low(const struct na_charges *charges, u32 nr_frames,
			   enum na_zone zone)
{
	if (zone == NA_ZONE_HIGH)
		return 0;
	if (is_low_only(zone))
		return nr_frames;
	return less(nr_frames,
		    less(na_spare_high(), atomic64_read(&charges->promised)));
}

static int refuse_any(u32 nr_frames, u64 max, const struct na_charges *charges)
{
	return refuse_len(nr_frames,
			  "available memory less 1/16 of all, at most 256 MiB",
			  max, atomic64_read(&charges->promised),
			  "ask for less, or end what holds memory");
}

static int refuse_low(u32 nr_frames, u64 max, const struct na_charges *charges)
{
	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return refuse_any(nr_frames, max, charges);
	return refuse_len(nr_frames, "available low memory less 1/16 of all",
			  max, atomic64_read(&charges->promised_low),
			  "set zone=any (as root): high memory first");
}

static int promise_any(struct na_charge *charge, u32 nr_frames)
{
	struct na_charges *charges = &charge->noalias->charges;
	u64 max = na_spare();

	if (!add(&charges->promised, nr_frames, max))
		return refuse_any(nr_frames, max, charges);
	charge->nr_promised = nr_frames;
	return 0;
}

static int promise_low(struct na_charge *charge, u32 nr_frames, u32 nr_low)
{
	struct na_charges *charges = &charge->noalias->charges;
	u64 max;

	if (!nr_low)
		return 0;
	max = na_spare_low();
	if (!add(&charges->promised_low, nr_low, max))
		return refuse_low(nr_frames, max, charges);
	charge->nr_promised_low = nr_low;
	return 0;
}

static int promise_dma32(struct na_charge *charge, u32 nr)
{
	struct na_charges *charges = &charge->noalias->charges;
	u64 max;

	if (!nr)
		return 0;
	max = na_spare_dma32();
	if (!add(&charges->promised_dma32, nr, max))
		return refuse_len(nr,
				  "available memory below 4 GiB less 1/16 of all",
				  max, atomic64_read(&charges->promised_dma32),
				  "ask for less, or take a heap that is not dma32");
	charge->nr_promised_dma32 = nr;
	return 0;
}

static int take_promise(struct na_charge *charge, u32 nr_frames,
			enum na_zone zone)
{
	u32 nr_low = count_maybe_low(&charge->noalias->charges, nr_frames,
				     zone);
	int err = promise_any(charge, nr_frames);

	if (!err)
		err = promise_low(charge, nr_frames, nr_low);
	if (!err)
		err = promise_dma32(charge, count_dma32(nr_frames, zone));
	return err;
}

static void give_promise(const struct na_charge *charge)
{
	struct na_charges *charges = &charge->noalias->charges;

	atomic64_sub(charge->nr_promised_dma32, &charges->promised_dma32);
	atomic64_sub(charge->nr_promised_low, &charges->promised_low);
	atomic64_sub(charge->nr_promised, &charges->promised);
}

/* --- all limits ----------------------------------------------------------- */

int na_charge_take(struct na_charge *charge, struct noalias *noalias,
		   struct na_share *share, u32 nr_frames, enum na_zone zone)
{
	int err;

	*charge = (struct na_charge){ .noalias = noalias };
	err = take_buffer(charge);
	if (!err)
		err = take_share(charge, share, nr_frames);
	if (!err)
		err = take_frames(charge, nr_frames);
	/* Refuse frames that must be low before they are allocated. */
	if (!err)
		err = take_low(charge, is_low_only(zone) ? nr_frames : 0);
	if (!err)
		err = take_dma32(charge, count_dma32(nr_frames, zone));
	if (!err)
		err = take_promise(charge, nr_frames, zone);
	if (err)
		na_charge_give(charge);
	return err;
}

int na_charge_settle(struct na_charge *charge, u32 nr_low)
{
	give_promise(charge);
	charge->nr_promised = 0;
	charge->nr_promised_low = 0;
	charge->nr_promised_dma32 = 0;
	if (nr_low > charge->nr_low)
		return take_low(charge, nr_low - charge->nr_low);
	atomic64_sub(charge->nr_low - nr_low,
		     &charge->noalias->charges.used_low);
	charge->nr_low = nr_low;
	return 0;
}

/* In the reverse order of na_charge_take(). */
void na_charge_give(const struct na_charge *charge)
{
	struct na_charges *charges = &charge->noalias->charges;

	give_promise(charge);
	atomic64_sub(charge->nr_dma32, &charges->used_dma32);
	atomic64_sub(charge->nr_low, &charges->used_low);
	atomic64_sub(charge->nr_frames, &charges->used);
	if (charge->share)
		atomic64_sub(charge->nr_share, &charge->share->used);
	atomic64_sub(charge->nr_buffers, &charges->nr_buffers);
}
