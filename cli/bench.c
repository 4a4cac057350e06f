// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias bench: the cost of uncached memory, compared with cached memory.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libnoalias/copy.h>

#include "bench.h"
#include "cli.h"
#include "command.h"
#include "file.h"
#include "heap.h"
#include "json_out.h"
#include "machine.h"
#include "table.h"

#define NR_MEMORIES 3

struct options {
	bool is_json;
	uint64_t size;
	uint64_t rounds;
	enum noalias_memtype type;
};

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs" },
	{ .name = "size", .key = 's', .arg = "SIZE",
	  .help = "bytes of the buffer, 64K to 1G (4M)" },
	{ .name = "rounds", .key = 'r', .arg = "N",
	  .help = "rounds, of which the best counts, 1 to 1000 (5)" },
	{ .name = "type", .key = 't', .arg = "UC|WC",
	  .help = "only this type",
	  .values = "UC WC" },
	CLI_COMMON(NULL),
};

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	switch (option) {
	case 'j':
		options->is_json = true;
		return CLI_GO_ON;
	case 's':
		return cli_size("--size", value, 65536, 1 << 30,
				&options->size);
	case 'r':
		return cli_number("--rounds", value, 1, 1000,
				  &options->rounds);
	case 't':
		options->type = heap_parse_type(value);
		if (options->type != NOALIAS_MEMTYPE_UNKNOWN)
			return CLI_GO_ON;
		return cli_trouble("--type is '%s', allowed: UC, WC", value);
	default:
		return cli_usage("bench");
	}
}

static int parse(int argc, char **argv, struct options *options)
{
	int result = cli_command_line(&cli_bench, argc, argv, options);

	if (result == CLI_GO_ON && file_has_sysroot())
		return cli_trouble("--sysroot: only this machine can be measured");
	/* Whole pages, so that streams and loops cover the same bytes. */
	options->size = (options->size + 4095) & ~4095ull;
	return result;
}

/* --- measuring ----------------------------------------------------------------------- */

static int run_one(struct bench_memory *memory, enum noalias_memtype type,
		   const struct options *options)
{
	struct noalias_heap *heap;
	int result;

	memory->title = type == NOALIAS_MEMTYPE_WB ? "cached" :
						     noalias_memtype_name(type);
	if (type == NOALIAS_MEMTYPE_WB)
		result = bench_open_cached(&heap);
	else
		result = heap_open(NULL, type, &heap);
	if (result)
		return result;
	result = bench_run(memory, heap, options->size,
			   (unsigned int)options->rounds);
	noalias_heap_close(heap);
	return result;
}

/* --- output ---------------------------------------------------------------------------- */

static const struct {
	const char *key;
	const char *text;
} figures[NR_BENCH_FIGURES] = {
	[BENCH_ALLOC_4K] = { "alloc_4k_us", "alloc+free 4 KiB, us" },
	[BENCH_ALLOC] = { "alloc_us", "alloc+free, us" },
	[BENCH_MAP] = { "map_us", "map, touch, unmap, us" },
	[BENCH_WRITE] = { "write_mb_s", "write words, MB/s" },
	[BENCH_WRITE_FAST] = { "write_stream_mb_s", "write streams, MB/s" },
	[BENCH_READ] = { "read_mb_s", "read words, MB/s" },
	[BENCH_READ_FAST] = { "read_stream_mb_s", "read streams, MB/s" },
};

/* Cost as a multiple of that of cached memory. */
static double ratio(const struct bench_memory *cached,
		    const struct bench_memory *memory, int figure)
{
	double left = memory->value[figure], right = cached->value[figure];

	if (bench_is_rate(figure))
		return left > 0 ? right / left : 0;
	return right > 0 ? left / right : 0;
}

static void add_ratio(struct table *table, double value)
{
	table_add(table, value < 0.1 ? "x%.3f" : value < 10 ? "x%.2f" :
					       "x%.0f", value);
}

static void add_row(struct table *table, const struct bench_memory *memories,
		    size_t nr, int figure)
{
	size_t i;

	table_add(table, "%s", figures[figure].text);
	for (i = 0; i < nr; i++) {
		table_add(table, "%.1f", memories[i].value[figure]);
		if (i)
			add_ratio(table, ratio(&memories[0], &memories[i],
					       figure));
	}
}

static void print_limits(const struct bench_memory *memories, size_t nr)
{
	size_t i;

	fputs("\nmemory: ", stdout);
	for (i = 0; i < nr; i++)
		printf("%s%s from %s", i ? ", " : "", memories[i].title,
		       memories[i].source);
	printf("; streams by %s\n", noalias_copy_method());
	puts("xN: N times the cost of cached memory. One thread, the best of all rounds;\n"
	     "cached figures are those of the cache if the buffer fits into it.");
	if (!strcmp(memories[0].source, "memfd"))
		puts("A memfd is allocated when it is touched: compare the sum of alloc and map.");
	if (machine_is_guest())
		puts("This is a virtual machine: emulation without hardware support has no caches,\n"
		     "and all memory types cost the same there.");
}

static void print_text(const struct options *options,
		       const struct bench_memory *memories, size_t nr)
{
	struct table table = { .format = nr == 3 ? "lrrrrr" : "lrrr" };
	size_t i;
	int figure;

	printf("buffer of %" PRIu64 " KiB\n\n", options->size >> 10);
	table_add(&table, "what");
	for (i = 0; i < nr; i++) {
		table_add(&table, "%s", memories[i].title);
		if (i)
			table_add(&table, "cost");
	}
	for (figure = 0; figure < NR_BENCH_FIGURES; figure++)
		add_row(&table, memories, nr, figure);
	table_print(&table);
	print_limits(memories, nr);
}

static void print_json(const struct options *options,
		       const struct bench_memory *memories, size_t nr)
{
	struct json_out out = { .file = stdout };
	size_t i;
	int figure;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_bench", 1);
	put_number(&out, "bytes", options->size);
	put_number(&out, "rounds", options->rounds);
	put_text(&out, "streams", noalias_copy_method());
	put_bool(&out, "is_guest", machine_is_guest());
	put_open(&out, "memory", '[');
	for (i = 0; i < nr; i++) {
		put_open(&out, NULL, '{');
		put_text(&out, "type", memories[i].title);
		put_text(&out, "source", memories[i].source);
		for (figure = 0; figure < NR_BENCH_FIGURES; figure++)
			put_real(&out, figures[figure].key,
				 memories[i].value[figure], 1);
		put_close(&out, '}');
	}
	put_close(&out, ']');
	put_end(&out, '}');
}

static int run_bench(int argc, char **argv)
{
	static const enum noalias_memtype types[] = {
		NOALIAS_MEMTYPE_WC, NOALIAS_MEMTYPE_UC,
	};
	struct options options = { .size = 4 << 20, .rounds = 5 };
	struct bench_memory memories[NR_MEMORIES] = { 0 };
	size_t nr = 0, i;
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	result = run_one(&memories[nr++], NOALIAS_MEMTYPE_WB, &options);
	for (i = 0; !result && i < 2; i++)
		if (!options.type || options.type == types[i])
			result = run_one(&memories[nr++], types[i], &options);
	if (result)
		return result;
	if (options.is_json)
		print_json(&options, memories, nr);
	else
		print_text(&options, memories, nr);
	return CLI_CLEAN;
}

const struct cli_command cli_bench = {
	.name = "bench",
	.about = "measure what uncached memory costs on this machine",
	.usage = "[OPTION...]",
	.intro =
		"Measures on this machine, in a few seconds, what UC and WC buffers cost compared to\n"
		"cached memory: allocation, mapping, writing, reading. Needs a heap, no root.\n",
	.options = known,
	.outro =
		"Exit status: 0 success, 2 error.\n",
	.take = take,
	.run = run_bench,
};
