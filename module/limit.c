// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: one counter. A charge adds first and takes back when it went over,
 * so two charges that fit together never refuse each other for long, and the
 * sum never stays above the limit.
 */
#include <linux/atomic.h>
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

u64 na_limit_max(void)
{
	return (u64)totalram_pages() * READ_ONCE(limit_percent) / 100;
}

u64 na_limit_used(void)
{
	return atomic64_read(&used);
}

int na_limit_charge(u32 nr_frames)
{
	if ((u64)atomic64_add_return(nr_frames, &used) <= na_limit_max())
		return 0;
	atomic64_sub(nr_frames, &used);
	return na_refuse("len", (u64)nr_frames << PAGE_SHIFT,
			 "limit_percent of memory in all buffers", -ENOMEM);
}

void na_limit_uncharge(u32 nr_frames)
{
	atomic64_sub(nr_frames, &used);
}
