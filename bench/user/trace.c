// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Traces are generated before anything is measured and read from memory by all
 * contenders: a small one for a small working set, so that both fit into the
 * caches.
 */
#include <math.h>
#include <stdlib.h>

#include "user.h"

#define TRACE_MIN	4096u
#define TRACE_MAX	(1u << 20)
#define ZIPF_EXPONENT	0.99
/* Of the data, in GROUP_MIX: what is touched all the time. */
#define HOT_SHARE	100u

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed >> 32;
}

static uint32_t random_below(uint64_t *seed, uint32_t limit)
{
	return (uint32_t)(next_random(seed) * limit >> 32);
}

static uint32_t trace_len(uint32_t nr_frames)
{
	uint32_t nr = nr_frames < TRACE_MAX / 16 ? nr_frames * 16 : TRACE_MAX;

	return nr < TRACE_MIN ? TRACE_MIN : nr;
}

static struct trace trace_alloc(uint32_t nr)
{
	struct trace trace = {
		.frames = malloc(nr * sizeof(*trace.frames)), .nr = nr,
	};

	if (!trace.frames)
		die("no memory");
	return trace;
}

/* Any of @nr frames: each @step-th of the order from @first on. */
static struct trace make_random(uint32_t first, uint32_t step, uint32_t nr,
				uint64_t *seed)
{
	struct trace trace = trace_alloc(trace_len(nr));
	uint32_t i;

	for (i = 0; i < trace.nr; i++)
		trace.frames[i] = data.order[first +
					     step * random_below(seed, nr)];
	return trace;
}

static struct trace make_cycle(uint32_t first, uint32_t step, uint32_t nr)
{
	struct trace trace = trace_alloc(nr);
	uint32_t i;

	for (i = 0; i < nr; i++)
		trace.frames[i] = data.order[first + step * i];
	return trace;
}

/* Weights summed up, place by place. */
static double *zipf_sums(void)
{
	double *sums = malloc(data.nr * sizeof(*sums)), sum = 0;
	uint32_t i;

	if (!sums)
		die("no memory");
	for (i = 0; i < data.nr; i++) {
		sum += pow(i + 1.0, -ZIPF_EXPONENT);
		sums[i] = sum;
	}
	return sums;
}

static uint32_t zipf_place(const double *sums, double at)
{
	uint32_t low = 0, high = data.nr - 1, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (sums[mid] > at)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static struct trace make_zipf(uint64_t *seed)
{
	struct trace trace = trace_alloc(trace_len(data.nr));
	double *sums = zipf_sums(), all = sums[data.nr - 1];
	uint32_t i;

	for (i = 0; i < trace.nr; i++)
		trace.frames[i] = data.order[zipf_place(sums,
			(double)next_random(seed) / 0x1p32 * all)];
	free(sums);
	return trace;
}

/*
 * Reclaim goes round the slots, so in each round of N slots every hot frame is
 * missed once: that many of the requested misses happen anyway.
 */
static struct trace make_mix(const struct bench_case *c, unsigned int thread,
			     uint64_t *seed)
{
	struct trace trace = trace_alloc(trace_len(data.nr));
	uint32_t hot = data.nr / HOT_SHARE, nr_cold = data.nr - hot;
	uint32_t at = (uint32_t)((uint64_t)nr_cold * thread / c->nr_threads);
	double share = (1 - c->percent / 100.0) *
		       (1 - (double)hot / c->nr_slots);
	uint32_t limit = (uint32_t)(share * 0x1p32), i;

	for (i = 0; i < trace.nr; i++) {
		if (next_random(seed) < limit)
			trace.frames[i] = data.order[hot + at++ % nr_cold];
		else
			trace.frames[i] = data.order[random_below(seed, hot)];
	}
	return trace;
}

static enum pattern pattern_of(enum group group)
{
	static const enum pattern patterns[NR_GROUPS] = {
		[GROUP_HIT] = PATTERN_SET, [GROUP_REVIVE] = PATTERN_SET,
		[GROUP_SHARED] = PATTERN_SHARED, [GROUP_MISS] = PATTERN_CYCLE,
		[GROUP_FLUSH] = PATTERN_CYCLE, [GROUP_MIX] = PATTERN_MIX,
		[GROUP_UPDATE] = PATTERN_MIX,
		[GROUP_UNIFORM] = PATTERN_UNIFORM, [GROUP_ZIPF] = PATTERN_ZIPF,
	};

	return patterns[group];
}

/*
 * Frames of different threads alternate in the order, hence in the slots: what
 * has two slots in a cache line shows it.
 */
static struct trace make(const struct bench_case *c, unsigned int thread)
{
	uint64_t seed = 0x9e3779b97f4a7c15u * (thread + 1);
	uint32_t part = c->nr_set / c->nr_threads;

	switch (pattern_of(c->group)) {
	case PATTERN_SET:
		return make_random(thread, c->nr_threads, part, &seed);
	case PATTERN_CYCLE:
		return make_cycle(thread, c->nr_threads, part);
	case PATTERN_ZIPF:
		return make_zipf(&seed);
	case PATTERN_MIX:
		return make_mix(c, thread, &seed);
	case PATTERN_SHARED:
	case PATTERN_UNIFORM:
		break;
	}
	return make_random(0, 1, c->nr_set, &seed);
}

void traces_make(struct bench_case *c)
{
	unsigned int i;

	for (i = 0; i < c->nr_threads; i++)
		c->traces[i] = make(c, i);
}

void traces_free(struct bench_case *c)
{
	unsigned int i;

	for (i = 0; i < c->nr_threads; i++)
		free(c->traces[i].frames);
}
