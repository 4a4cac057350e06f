// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: a counter for each bound. A charge adds first and takes back when it
 * went over, so two charges that fit together never refuse each other for
 * long, and the sum never stays above the limit.
 *
 * A share of all memory says nothing about what others have left of it. Taken
 * to the last page, somebody else's next page fault calls the OOM killer,
 * which does not see buffers and kills whoever it sees. So a charge also asks
 * what is available, less a reserve, and counts what others were promised and
 * are still taking.
 */
#include <linux/atomic.h>
#include <linux/highmem.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>

#include "limit.h"
#include "param.h"
#include "refusal.h"

static const struct na_param_range percent_range = { 1, 90 };
static unsigned int limit_percent = 50;
module_param_cb(limit_percent, &na_param_ranged_ops,
		(&(struct na_param_ranged){ &limit_percent, &percent_range }),
		0644);
MODULE_PARM_DESC(limit_percent,
		 "memory that all buffers together may take, 1 to 90 % (default 50)");

static atomic64_t used = ATOMIC64_INIT(0);
static atomic64_t used_low = ATOMIC64_INIT(0);
static atomic64_t promised = ATOMIC64_INIT(0);

/* Left for everybody else, as a part of all memory: 1/64. */
#define RESERVE_SHIFT 6

static u64 percent_of(u64 nr_frames)
{
	return div_u64(nr_frames * READ_ONCE(limit_percent), 100);
}

static bool charge(atomic64_t *sum, u32 nr_frames, u64 max)
{
	if ((u64)atomic64_add_return(nr_frames, sum) <= max)
		return true;
	atomic64_sub(nr_frames, sum);
	return false;
}

u64 na_limit_max(void)
{
	return percent_of(totalram_pages());
}

u64 na_limit_used(void)
{
	return atomic64_read(&used);
}

static u64 count_available(void)
{
	u64 available = si_mem_available();
	u64 reserve = totalram_pages() >> RESERVE_SHIFT;

	return available > reserve ? available - reserve : 0;
}

int na_limit_charge(u32 nr_frames)
{
	if (!charge(&used, nr_frames, na_limit_max()))
		return na_refuse("len", (u64)nr_frames << PAGE_SHIFT,
				 "limit_percent of memory in all buffers",
				 -ENOMEM);
	if (charge(&promised, nr_frames, count_available()))
		return 0;
	atomic64_sub(nr_frames, &used);
	return na_refuse("len", (u64)nr_frames << PAGE_SHIFT,
			 "available memory less 1/64 of all memory", -ENOMEM);
}

void na_limit_settle(u32 nr_frames)
{
	atomic64_sub(nr_frames, &promised);
}

void na_limit_uncharge(u32 nr_frames)
{
	atomic64_sub(nr_frames, &used);
}

int na_limit_charge_low(u32 nr_frames)
{
	u64 low = totalram_pages() - totalhigh_pages();

	if (!IS_ENABLED(CONFIG_HIGHMEM) ||
	    charge(&used_low, nr_frames, percent_of(low)))
		return 0;
	return na_refuse("len", (u64)nr_frames << PAGE_SHIFT,
			 "limit_percent of low memory in all buffers",
			 -ENOMEM);
}

int na_limit_recharge_low(u32 nr_charged, u32 nr_frames)
{
	if (nr_frames > nr_charged)
		return na_limit_charge_low(nr_frames - nr_charged);
	na_limit_uncharge_low(nr_charged - nr_frames);
	return 0;
}

void na_limit_uncharge_low(u32 nr_frames)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		atomic64_sub(nr_frames, &used_low);
}
