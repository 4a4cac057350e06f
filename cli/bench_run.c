// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Measuring one kind of memory. The best of several rounds counts, because
 * other programs only make a round slower.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libnoalias/copy.h>

#include "bench.h"
#include "cli.h"
#include "heap.h"
#include "progress.h"

#define NR_SMALL 64

struct run {
	const struct noalias_heap *heap;
	struct noalias_buffer *buffer;
	unsigned long *mem;
	unsigned long *ordinary;
	size_t len;
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* --- what is measured; each returns 0 or a negative errno ------------------------- */

static int allocate(const struct run *run, uint64_t len)
{
	struct noalias_buffer *buffer;
	int err = noalias_buffer_alloc(run->heap, len, &buffer);

	if (!err)
		noalias_buffer_close(buffer);
	return err;
}

static int alloc_4k(struct run *run)
{
	int err = 0;
	unsigned int i;

	for (i = 0; !err && i < NR_SMALL; i++)
		err = allocate(run, 4096);
	return err;
}

static int alloc_whole(struct run *run)
{
	return allocate(run, run->len);
}

static int map_whole(struct run *run)
{
	volatile unsigned long *words;
	void *mem;
	size_t i;
	int err = noalias_buffer_map(run->buffer, NOALIAS_READ_WRITE, &mem);

	if (err)
		return err;
	words = mem;
	for (i = 0; i < run->len / sizeof(*words); i += 4096 / sizeof(*words))
		words[i] = i;
	return noalias_buffer_unmap(run->buffer, mem);
}

/* Volatile, so that the compiler neither widens nor drops them. */
static int write_words(struct run *run)
{
	volatile unsigned long *to = run->mem;
	size_t i;

	for (i = 0; i < run->len / sizeof(*to); i++)
		to[i] = i;
	return 0;
}

static int write_fast(struct run *run)
{
	noalias_copy_to_uncached(run->mem, run->ordinary, run->len);
	return 0;
}

static int read_words(struct run *run)
{
	const volatile unsigned long *from = run->mem;
	unsigned long sum = 0;
	size_t i;

	for (i = 0; i < run->len / sizeof(*from); i++)
		sum += from[i];
	run->ordinary[0] = sum;
	return 0;
}

static int read_fast(struct run *run)
{
	noalias_copy_from_uncached(run->ordinary, run->mem, run->len);
	return 0;
}

static const struct work {
	int (*run)(struct run *run);
	const char *name;
} works[NR_BENCH_FIGURES] = {
	[BENCH_ALLOC_4K] = { alloc_4k, "allocating 4 KiB" },
	[BENCH_ALLOC] = { alloc_whole, "allocating the whole" },
	[BENCH_MAP] = { map_whole, "mapping" },
	[BENCH_WRITE] = { write_words, "writing words" },
	[BENCH_WRITE_FAST] = { write_fast, "writing streams" },
	[BENCH_READ] = { read_words, "reading words" },
	[BENCH_READ_FAST] = { read_fast, "reading streams" },
};

/* --- the figures ------------------------------------------------------------------- */

static double figure_of(const struct run *run, int figure, double us)
{
	/* A clock may be coarser than the work. */
	if (us < 0.001)
		us = 0.001;
	if (bench_is_rate(figure))
		return (double)run->len / us;
	return figure == BENCH_ALLOC_4K ? us / NR_SMALL : us;
}

static int measure(struct run *run, struct bench_memory *memory,
		   unsigned int rounds)
{
	double begun, spent, best;
	unsigned int i;
	int figure;

	for (figure = 0; figure < NR_BENCH_FIGURES; figure++) {
		best = 0;
		for (i = 0; i < rounds; i++) {
			progress("noalias: %s, %s, round %u of %u",
				 memory->title, works[figure].name, i + 1,
				 rounds);
			begun = now_us();
			if (works[figure].run(run))
				return cli_trouble("%s",
						   noalias_error_message());
			spent = now_us() - begun;
			if (!i || spent < best)
				best = spent;
		}
		memory->value[figure] = figure_of(run, figure, best);
	}
	progress_end();
	return CLI_CLEAN;
}

static int with_buffer(struct run *run, struct bench_memory *memory,
		       unsigned int rounds)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };
	void *mem;

	if (noalias_buffer_map(run->buffer, NOALIAS_READ_WRITE, &mem) ||
	    noalias_buffer_query(run->buffer, &info))
		return cli_trouble("%s", noalias_error_message());
	memcpy(memory->source, info.source, sizeof(memory->source));
	run->mem = mem;
	return measure(run, memory, rounds);
}

int bench_run(struct bench_memory *memory, const struct noalias_heap *heap,
	      size_t len, unsigned int rounds)
{
	struct run run = { .heap = heap, .len = len };
	int result;

	run.ordinary = malloc(len);
	if (!run.ordinary)
		return cli_trouble("there is not enough memory for %zu bytes",
				   len);
	memset(run.ordinary, 0x5a, len);
	if (noalias_buffer_alloc(heap, len, &run.buffer))
		result = cli_trouble("%s", noalias_error_message());
	else
		result = with_buffer(&run, memory, rounds);
	noalias_buffer_close(run.buffer);
	free(run.ordinary);
	return result;
}

int bench_open_cached(struct noalias_heap **heap)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = NOALIAS_MEMTYPE_WB,
		.flags = NOALIAS_HEAP_FALLBACK,
	};

	if (noalias_heap_find(&request, heap))
		return cli_trouble("%s", noalias_error_message());
	return CLI_CLEAN;
}
