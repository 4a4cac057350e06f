// SPDX-License-Identifier: GPL-2.0
/*
 * Limit: a counter for each bound. A charge adds first and takes back when it
 * went over, so two charges that fit together never refuse each other for
 * long, and the sum never stays above the limit.
 *
 * A share of all memory says nothing about what others have left of it. Taken
 * to the last page, somebody else's next page fault calls the OOM killer,
 * which does not see buffers and kills whoever it sees. So frames are promised
 * before they are taken: out of what others could get, less a reserve, less
 * what was promised already and is still being taken.
 *
 * While a request takes its frames, those that it has are counted twice: they
 * are promised, and the system has them no more. So of two large requests at
 * the same time one may be refused that had fitted after the other. It errs on
 * the safe side, and for as long as frames are being zeroed; to count a promise
 * down frame by frame would put an atomic into that loop for it.
 *
 * What others could get is counted as the kernel's own allocator would, zone
 * by zone: above the high mark, as raised, and above what the zone keeps for
 * requests that can be served from nowhere else. MemAvailable knows nothing of
 * raised marks: with 127 MB of it somebody was killed on a machine of 1 GiB.
 * There are two kinds of others, processes, who take any memory, and the kernel,
 * who needs low memory. Without high memory the second is the narrower still:
 * buffers never come from where only movable pages may lie.
 *
 * No lock is taken for it: a walk over the zones costs some ten reads each.
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
#include <linux/sizes.h>

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

static const struct na_param_range buffers_range = { 0, 1u << 24 };
static unsigned int buffers_max;
module_param_cb(buffers_max, &na_param_ranged_ops,
		(&(struct na_param_ranged){ &buffers_max, &buffers_range }),
		0644);
MODULE_PARM_DESC(buffers_max,
		 "buffers there may be, 0 to 16777216 (default 0: one for each 64 KiB of low memory)");

static atomic64_t nr_buffers = ATOMIC64_INIT(0);
static atomic64_t used = ATOMIC64_INIT(0);
static atomic64_t used_low = ATOMIC64_INIT(0);
static atomic64_t promised = ATOMIC64_INIT(0);
static atomic64_t promised_low = ATOMIC64_INIT(0);
static const struct na_ledger *limit_ledger;

/* Left for everybody else, of all memory and of low memory. */
#define RESERVE_SHIFT 4
#define RESERVE_MAX (SZ_256M >> PAGE_SHIFT)

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

static u64 reserve_of(u64 nr_frames)
{
	return min_t(u64, nr_frames >> RESERVE_SHIFT, RESERVE_MAX);
}

static u64 count_low(void)
{
	return totalram_pages() - totalhigh_pages();
}

/*
 * By how much the marks of a zone are raised, or may be soon: for each block
 * of movable memory that something unmovable is taken from, and frames of
 * buffers are unmovable. The kernel's bound follows from a sysctl that modules
 * cannot read, so this is its default, and what is there if that is more.
 */
static u64 count_boost(struct zone *zone)
{
	u64 boost = READ_ONCE(zone->watermark_boost);
	u64 max = zone->_watermark[WMARK_HIGH] * 3ull / 2;

	if (zone_managed_pages(zone) < 4 * pageblock_nr_pages)
		return boost;
	return max3(boost, max, (u64)pageblock_nr_pages);
}

/* Frames of a zone that requests for zones up to @idx are not given. */
static u64 count_held_back(struct zone *zone, enum zone_type idx)
{
	u64 nr = zone->_watermark[WMARK_HIGH] + count_boost(zone) +
		 zone->lowmem_reserve[idx] + zone->nr_reserved_highatomic;

	/* Only what can be moved away again may go there. */
	if (idx < ZONE_MOVABLE)
		nr += zone_page_state(zone, NR_FREE_CMA_PAGES);
	return nr;
}

/*
 * Of the page cache half counts: programs run from it. Slab caches do not: one
 * object in use keeps its page.
 */
static u64 count_spare(struct zone *zone, enum zone_type idx)
{
	u64 nr = zone_page_state(zone, NR_FREE_PAGES) +
		 (zone_page_state(zone, NR_ZONE_ACTIVE_FILE) +
		  zone_page_state(zone, NR_ZONE_INACTIVE_FILE)) / 2;

	return less(nr, count_held_back(zone, idx));
}

/* What a request with @gfp would be given before somebody is killed for it. */
static u64 count_available(gfp_t gfp)
{
	enum zone_type idx = gfp_zone(gfp), i;
	struct zone *zone;
	u64 nr = 0;
	int nid;

	for_each_online_node(nid) {
		for (i = 0; i <= idx; i++) {
			zone = &NODE_DATA(nid)->node_zones[i];
			if (populated_zone(zone))
				nr += count_spare(zone, idx);
		}
	}
	return nr;
}

/* Free frames of high memory above the mark where requests turn to low. */
static u64 count_free_high(void)
{
	u64 nr = 0;
#ifdef CONFIG_HIGHMEM
	struct zone *zone;
	int nid;

	for_each_online_node(nid) {
		zone = &NODE_DATA(nid)->node_zones[ZONE_HIGHMEM];
		if (populated_zone(zone))
			nr += less(zone_page_state(zone, NR_FREE_PAGES),
				   zone->_watermark[WMARK_LOW] +
				   count_boost(zone));
	}
#endif
	return nr;
}

/* How many of @nr_frames may have to come from where the kernel lives. */
static u32 count_maybe_low(u32 nr_frames, enum na_zone zone)
{
	u64 high;

	if (zone == NA_ZONE_HIGH)
		return 0;
	if (zone == NA_ZONE_LOW)
		return nr_frames;
	high = less(count_free_high(), atomic64_read(&promised));
	return less(nr_frames, high);
}

/* Whatever its size a buffer costs the kernel more than a KiB of low memory. */
#define FRAMES_A_BUFFER_SHIFT 4

u64 na_limit_buffers_max(void)
{
	return READ_ONCE(buffers_max) ?: count_low() >> FRAMES_A_BUFFER_SHIFT;
}

u64 na_limit_buffers_used(void)
{
	return atomic64_read(&nr_buffers);
}

static int refuse_buffer(u64 max)
{
	return na_refuse_limit("buffers", max + 1, (struct na_limit){
		.text = "buffers_max, or one for each 64 KiB of low memory",
		.max = max, .used = na_limit_buffers_used(),
		.scope = NOALIAS_IOC_LIMIT_NOW,
		.remedy = "take fewer and larger buffers, or raise buffers_max (as root)"
		}, -ENOMEM);
}

int na_limit_charge(u32 nr_frames)
{
	u64 max = na_limit_buffers_max();

	if (!charge(&nr_buffers, 1, max))
		return refuse_buffer(max);
	if (charge(&used, nr_frames, less(na_limit_max(), count_quarantined())))
		return 0;
	atomic64_dec(&nr_buffers);
	return refuse_len(nr_frames, "limit_percent of memory in all buffers",
			  na_limit_max(), na_limit_used(),
			  "free buffers, or raise limit_percent (as root)");
}

static int refuse_any(u32 nr_frames, u64 max)
{
	return refuse_len(nr_frames,
			  "available memory less 1/16 of all, at most 256 MiB",
			  max, atomic64_read(&promised),
			  "ask for less, or end what holds memory");
}

static int refuse_low(u32 nr_frames, u64 max)
{
	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return refuse_any(nr_frames, max);
	return refuse_len(nr_frames, "available low memory less 1/16 of all",
			  max, atomic64_read(&promised_low),
			  "set zone=any (as root): high memory first");
}

int na_limit_promise(struct na_limit_promise *promise, u32 nr_frames,
		     enum na_zone zone)
{
	u64 any = less(count_available(GFP_HIGHUSER_MOVABLE),
		       reserve_of(totalram_pages()));
	u64 low = less(count_available(GFP_KERNEL), reserve_of(count_low()));

	promise->nr_frames = nr_frames;
	promise->nr_low = count_maybe_low(nr_frames, zone);
	if (!charge(&promised, nr_frames, any))
		return refuse_any(nr_frames, any);
	if (!promise->nr_low || charge(&promised_low, promise->nr_low, low))
		return 0;
	atomic64_sub(nr_frames, &promised);
	return refuse_low(nr_frames, low);
}

void na_limit_settle(const struct na_limit_promise *promise)
{
	atomic64_sub(promise->nr_low, &promised_low);
	atomic64_sub(promise->nr_frames, &promised);
}

void na_limit_uncharge(u32 nr_frames)
{
	atomic64_dec(&nr_buffers);
	atomic64_sub(nr_frames, &used);
}

int na_limit_charge_low(u32 nr_frames)
{
	if (!IS_ENABLED(CONFIG_HIGHMEM) ||
	    charge(&used_low, nr_frames,
		   less(percent_of(count_low()), count_quarantined())))
		return 0;
	return refuse_len(nr_frames,
			  "limit_percent of low memory in all buffers",
			  percent_of(count_low()),
			  atomic64_read(&used_low) + count_quarantined(),
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
