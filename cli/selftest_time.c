// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The times of accesses, beside those of cached memory in the same run. A cache
 * answers a read in about a nanosecond, memory in a hundred; that is far more
 * than machines and noise differ. No time is judged, only ratios.
 */
#include "selftest.h"

#include "cli.h"

#define ROUNDS 5

/* A read that no cache serves takes at least as many times as long. */
#define UNCACHED_MIN 8.0
/* Up to here a cache has served it. */
#define CACHED_MAX 2.0
/* Combined writes are at least as many times as fast as single ones. */
#define COMBINED_MIN 2.0

void selftest_judge(struct selftest_heap *heap, double uc_write_ratio)
{
	bool is_slow = heap->read_ratio >= UNCACHED_MIN;
	bool writes_fit;

	if (heap->memtype == NOALIAS_MEMTYPE_UC)
		writes_fit = heap->write_ratio >= CACHED_MAX;
	else
		writes_fit = !uc_write_ratio || heap->write_ratio *
			     COMBINED_MIN <= uc_write_ratio;
	if (heap->read_ratio < CACHED_MAX)
		heap->verdict = SELFTEST_CACHED;
	else
		heap->verdict = is_slow && writes_fit ? SELFTEST_AS_TOLD :
							SELFTEST_UNCLEAR;
}

static double times(const struct bench_memory *cached,
		    const struct bench_memory *memory, int figure)
{
	double rate = memory->value[figure];

	return rate > 0 ? cached->value[figure] / rate : 0;
}

static void tell(struct selftest *test, const struct selftest_heap *heap)
{
	static const char *const words[] = {
		[SELFTEST_AS_TOLD] = "as such memory does",
		[SELFTEST_UNCLEAR] = "which fits neither such memory nor cached memory",
		[SELFTEST_CACHED] = "as cached memory does",
	};
	enum finding_state state = FINDING_NOTE;
	struct finding *finding;

	if (test->is_emulated) {
		findings_add(&test->findings, "times", FINDING_NOTE,
			     "%s: reads take x%.1f, writes x%.1f the time of cached memory, which proves nothing: this processor is emulated and has no caches",
			     heap->name, heap->read_ratio, heap->write_ratio);
		return;
	}
	if (heap->verdict == SELFTEST_AS_TOLD)
		state = FINDING_OK;
	else if (heap->verdict == SELFTEST_CACHED && !test->is_guest)
		state = FINDING_PROBLEM;
	finding = findings_add(&test->findings, "times", state,
			       "%s: reads take x%.1f, writes x%.1f the time of cached memory, %s",
			       heap->name, heap->read_ratio, heap->write_ratio,
			       words[heap->verdict]);
	if (state == FINDING_PROBLEM)
		finding_remedy(finding, "report it, with the output of noalias selftest --json");
	else if (heap->verdict == SELFTEST_CACHED)
		finding_remedy(finding, "this is a virtual machine, whose host may cache all memory: run it on the machine itself");
}

static int measure(struct bench_memory *memory, const char *title,
		   const struct noalias_heap *heap)
{
	memory->title = title;
	return bench_run(memory, heap, SELFTEST_LEN, ROUNDS);
}

static int measure_cached(struct selftest *test)
{
	struct noalias_heap *heap;
	int result = bench_open_cached(&heap);

	if (result)
		return result;
	result = measure(&test->cached, "cached", heap);
	noalias_heap_close(heap);
	return result;
}

int selftest_time(struct selftest *test)
{
	struct selftest_heap *heap;
	double uc_write_ratio = 0;
	int result = measure_cached(test);
	size_t i;

	for (i = 0; !result && i < SELFTEST_HEAPS; i++) {
		heap = &test->heaps[i];
		if (!heap->mapped)
			continue;
		result = measure(&heap->timing,
				 noalias_memtype_name(heap->memtype),
				 heap->heap);
		if (result)
			return result;
		heap->read_ratio = times(&test->cached, &heap->timing,
					 BENCH_READ);
		heap->write_ratio = times(&test->cached, &heap->timing,
					  BENCH_WRITE);
		selftest_judge(heap, uc_write_ratio);
		if (heap->memtype == NOALIAS_MEMTYPE_UC)
			uc_write_ratio = heap->write_ratio;
		tell(test, heap);
	}
	return result;
}
