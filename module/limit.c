// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: a counter for each bound. A charge adds first and takes back when it went over,
 * so two charges that fit together never refuse each other for long, and the
 * sum never stays above the limit.
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

int na_limit_charge(u32 nr_frames)
{
	if (charge(&used, nr_frames, na_limit_max()))
		return 0;
	return na_refuse("len", (u64)nr_frames << PAGE_SHIFT,
			 "limit_percent of memory in all buffers", -ENOMEM);
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

void na_limit_uncharge_low(u32 nr_frames)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		atomic64_sub(nr_frames, &used_low);
}
