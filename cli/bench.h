/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias bench: measurements of one kind of memory.
 */
#ifndef NA_CLI_BENCH_H
#define NA_CLI_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libnoalias/heap.h>

/** enum bench_figure - what is measured; times come first */
enum bench_figure {
	BENCH_ALLOC_4K,		/* us for allocation and release */
	BENCH_ALLOC,		/* the same for the whole buffer */
	BENCH_MAP,		/* us for mapping, touching, unmapping */
	BENCH_WRITE,		/* MB/s by a loop over words */
	BENCH_WRITE_FAST,	/* MB/s by noalias_copy_to_uncached() */
	BENCH_READ,		/* MB/s by a loop over words */
	BENCH_READ_FAST,	/* MB/s by noalias_copy_from_uncached() */
	NR_BENCH_FIGURES,
};

/** bench_is_rate() - is more better? */
static inline bool bench_is_rate(int figure)
{
	return figure >= BENCH_WRITE;
}

/**
 * struct bench_memory - one kind of memory and its measurements
 * @title: "cached", "WC", "UC"
 * @source: heap or other source
 * @value: by enum bench_figure
 */
struct bench_memory {
	const char *title;
	char source[NOALIAS_NAME_LEN];
	double value[NR_BENCH_FIGURES];
};

/**
 * bench_run() - measure
 * @memory: @title is for the progress; receives the rest
 * @heap: heap to allocate from
 * @len: bytes of the buffer
 * @rounds: number of rounds; the best counts
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int bench_run(struct bench_memory *memory, const struct noalias_heap *heap,
	      size_t len, unsigned int rounds);

/**
 * bench_open_cached() - ordinary memory, as a heap
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message.
 */
int bench_open_cached(struct noalias_heap **heap);

#endif
