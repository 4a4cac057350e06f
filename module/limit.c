// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: a counter for each bound. A charge adds first and takes back when it
 * went over, so two charges that fit together never refuse each other for
 * long, and the sum never stays above the limit.
 *
 * A share of all memory says nothing about what others have left of it. Taken
 * to the last page, somebody else's next page fault calls the OOM killer,
 * which does not see buffers and kills whoever it sees. So frames are promised
 * before they are taken: out of what is available, less a reserve, less what
 * others were promised and are still taking.
 *
 * What is in quarantine is memory that nobody gets back. It counts against the
 * limit for ever, whoever lost it: else a client that makes frames go there
 * could take all memory, one limit after the other. The ledger counts it, so
 * no charge can be forgotten. Only the direct map can refuse to change back:
 * what is in quarantine is low memory.
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
static const struct na_ledger *limit_ledger;

/* Left for everybody else: 1/64 of all memory, 1/16 of low memory. */
#define RESERVE_SHIFT 6
#define LOW_RESERVE_SHIFT 4

static u64 percent_of(u64 nr_frames)
{
	return div_u64(nr_frames * READ_ONCE(limit_percent), 100);
}

static u64 less(u64 nr, u64 reserve)
{
	return nr > reserve ? nr - reserve : 0;
}

static u64 count_quarantined(void)
{
	return na_ledger_count(limit_ledger, NA_QUARANTINED);
}

void na_limit_init(const struct na_ledger *ledger)
{
	limit_ledger = ledger;
}

static bool charge(atomic64_t *sum, u32 nr_frames, u64 max)
{
	if ((u64)atomic64_add_return(nr_frames, sum) <= max)
		return true;
	atomic64_sub(nr_frames, sum);
	return false;
}

/* @max and @used in frames, as they are now. */
static int refuse_len(u32 nr_frames, const char *text, u64 max, u64 used,
		      const char *remedy)
{
	return na_refuse_limit("len", (u64)nr_frames << PAGE_SHIFT,
		(struct na_limit){ .text = text, .remedy = remedy,
			.max = max << PAGE_SHIFT, .used = used << PAGE_SHIFT,
			.scope = NOALIAS_IOC_LIMIT_NOW }, -ENOMEM);
}

u64 na_limit_max(void)
{
	return percent_of(totalram_pages());
}

u64 na_limit_used(void)
{
	return atomic64_read(&used) + count_quarantined();
}

static u64 count_available(void)
{
	return less(si_mem_available(), totalram_pages() >> RESERVE_SHIFT);
}

/* What si_mem_available() would say of one zone, and rather less. */
static u64 count_spare(struct zone *zone)
{
	unsigned long nr = zone_page_state(zone, NR_FREE_PAGES) +
			   (zone_page_state(zone, NR_ZONE_ACTIVE_FILE) +
			    zone_page_state(zone, NR_ZONE_INACTIVE_FILE)) / 2;

	return less(nr, high_wmark_pages(zone));
}

static u64 count_available_low(void)
{
	u64 reserve = (totalram_pages() - totalhigh_pages()) >>
		      LOW_RESERVE_SHIFT;
	struct zone *zone;
	u64 nr = 0;
	int nid, i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			if (populated_zone(zone) && !is_highmem(zone))
				nr += count_spare(zone);
		}
	}
	return less(nr, reserve);
}

int na_limit_charge(u32 nr_frames)
{
	if (charge(&used, nr_frames, less(na_limit_max(), count_quarantined())))
		return 0;
	return refuse_len(nr_frames, "limit_percent of memory in all buffers",
			  na_limit_max(), na_limit_used(),
			  "free buffers, or raise limit_percent (as root)");
}

int na_limit_promise(u32 nr_frames, u32 nr_low)
{
	u64 low = IS_ENABLED(CONFIG_HIGHMEM) && nr_low ?
		  count_available_low() : ~0ull;

	if (!charge(&promised, nr_frames, count_available()))
		return refuse_len(nr_frames,
				  "available memory less 1/64 of all memory",
				  count_available(), atomic64_read(&promised),
				  "ask for less, or end what holds memory");
	if ((u64)atomic64_read(&promised) <= low)
		return 0;
	na_limit_settle(nr_frames);
	return refuse_len(nr_frames, "available low memory less 1/16 of all",
			  low, atomic64_read(&promised),
			  "set zone=any (as root): high memory first");
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
	    charge(&used_low, nr_frames,
		   less(percent_of(low), count_quarantined())))
		return 0;
	return refuse_len(nr_frames,
			  "limit_percent of low memory in all buffers",
			  percent_of(low), atomic64_read(&used_low),
			  "set zone=any (as root): high memory first");
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
