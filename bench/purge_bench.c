// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Purge of given pages against a flush of everything.
 *
 * Before each measurement the kmap pool is emptied and planted again, so that
 * both sides find the same. They take turns.
 *
 * The stale check alone comes from the engine's own clock around it
 * (purge_ns), over pages none of which has a stale entry: with an empty pool,
 * and with one full of other pages' entries. The time of an empty loop over the
 * same pages is subtracted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "measure.h"
#include "modules/bench.h"

#define NR_VMAPS	4

struct purge_case {
	unsigned int layout;
	unsigned int nr;
	unsigned int nr_stale;
	unsigned int nr_elsewhere;
	unsigned int nr_between;
};

/* What was measured in each case. */
struct purge_result {
	struct samples ours;
	struct samples all;
	struct samples loop;
	struct samples check;
	struct samples ipis_ours;
	struct samples ipis_all;
};

static const struct purge_case cases[] = {
	{ BENCH_HIGH, 1, 0, 0, 0 },
	{ BENCH_HIGH, 1, 1, 0, 0 },
	{ BENCH_HIGH, 1, 500, 0, 0 },
	{ BENCH_HIGH, 1, 0, 500, 0 },
	{ BENCH_HIGH, 256, 0, 0, 0 },
	{ BENCH_HIGH, 256, 1, 0, 0 },
	{ BENCH_HIGH, 256, 500, 0, 0 },
	{ BENCH_HIGH, 256, 0, 500, 0 },
	{ BENCH_HIGH, 16384, 0, 0, 0 },
	{ BENCH_HIGH, 16384, 1, 0, 0 },
	{ BENCH_HIGH, 16384, 500, 0, 0 },
	{ BENCH_HIGH, 16384, 0, 500, 0 },
	{ BENCH_HIGH_MIXED, 256, 0, 0, 0 },
	{ BENCH_HIGH_MIXED, 256, 0, 500, 0 },
	{ BENCH_HIGH_MIXED, 256, 0, 0, 500 },
	{ BENCH_HIGH_MIXED, 15884, 0, 0, 500 },
	{ BENCH_HIGH_MIXED, 16384, 0, 0, 0 },
	{ BENCH_HIGH_MIXED, 16384, 1, 0, 0 },
	{ BENCH_HIGH_MIXED, 16384, 500, 0, 0 },
	{ BENCH_HIGH_MIXED, 16384, 0, 500, 0 },
};
#define NR_CASES (sizeof(cases) / sizeof(cases[0]))

static struct purge_result results[NR_CASES];

static int device;

static void plant(const struct purge_case *c)
{
	struct bench_plant request = {
		.layout = c->layout, .nr = c->nr, .nr_stale = c->nr_stale,
		.nr_elsewhere = c->nr_elsewhere, .nr_between = c->nr_between,
		.nr_vmaps = NR_VMAPS,
	};

	if (ioctl(device, BENCH_IOC_PLANT, &request))
		die("planting: %s", strerror(errno));
}

static struct bench_act act(const struct purge_case *c, unsigned int action)
{
	struct bench_act request = {
		.action = action, .layout = c->layout, .nr = c->nr,
	};

	if (ioctl(device, BENCH_IOC_ACT, &request))
		die("action %u on %u pages: %s", action, c->nr,
		    strerror(errno));
	if (request.nr_left && action != BENCH_NOTHING)
		die("action %u left %u stale slots", action, request.nr_left);
	return request;
}

static void measure_case(const struct purge_case *c,
			 struct purge_result *result)
{
	struct bench_act done;
	uint64_t check_ns;

	plant(c);
	check_ns = engine_counter("purge_ns");
	done = act(c, BENCH_PURGE);
	samples_add(&result->check, engine_counter("purge_ns") - check_ns);
	samples_add(&result->ours, done.duration_ns);
	samples_add(&result->ipis_ours, done.nr_ipis);
	plant(c);
	done = act(c, BENCH_FLUSH_ALL);
	samples_add(&result->all, done.duration_ns);
	samples_add(&result->ipis_all, done.nr_ipis);
	done = act(c, BENCH_NOTHING);
	samples_add(&result->loop, done.duration_ns);
}

static const char *stale_text(const struct purge_case *c)
{
	if (c->nr_elsewhere)
		return "0, 500 elsewhere";
	if (c->nr_between)
		return "0, 500 between";
	if (c->nr_stale <= c->nr)
		return c->nr_stale == 500 ? "500" : c->nr_stale ? "1" : "0";
	return c->nr == 1 ? "1, 499 elsewhere" : "256, 244 elsewhere";
}

static const char *layout_text(const struct purge_case *c)
{
	return c->layout == BENCH_HIGH ? "blocks" : "mixed";
}

static void record_case(const struct purge_case *c, const char *call,
			const struct samples *samples)
{
	record_row(samples,
		   "\"table\": \"purge\", \"pages\": %u, \"layout\": \"%s\", \"stale\": %u, \"elsewhere\": %u, \"between\": %u, \"call\": \"%s\"",
		   c->nr, layout_text(c), c->nr_stale, c->nr_elsewhere,
		   c->nr_between, call);
}

static void print_case(const struct purge_case *c,
		       const struct purge_result *result)
{
	struct samples ratio = samples_divide(&result->ours, &result->all);

	printf("  %5u %-7s %-18s %8s %8s .. %-8s %8s %8s .. %-8s %6.2f",
	       c->nr, layout_text(c), stale_text(c),
	       amount(samples_median(&result->ours)),
	       amount(samples_min(&result->ours)),
	       amount(samples_max(&result->ours)),
	       amount(samples_median(&result->all)),
	       amount(samples_min(&result->all)),
	       amount(samples_max(&result->all)), samples_median(&ratio));
	if (setup.nr_cpus > 1)
		printf("  %.0f / %.0f", samples_median(&result->ipis_ours),
		       samples_median(&result->ipis_all));
	printf("\n");
	record_case(c, "na_pages_purge", &result->ours);
	record_case(c, "flush_everything", &result->all);
}

/* What one page costs more than in an empty loop. */
static struct samples check_cost(unsigned int idx)
{
	const struct purge_result *result = &results[idx];
	struct samples cost = { .nr = 0 };
	unsigned int i;

	for (i = 0; i < result->check.nr; i++)
		samples_add(&cost, (result->check.value[i] -
				    result->loop.value[i]) / cases[idx].nr);
	return cost;
}

static void print_check(unsigned int idx, const struct samples *cost,
			const char *unit)
{
	const struct purge_case *c = &cases[idx];

	printf("  %5u %-7s %-18s %6.1f %6.1f .. %.1f %s\n", c->nr,
	       layout_text(c), stale_text(c), samples_median(cost),
	       samples_min(cost), samples_max(cost), unit);
}

/* Those of @nr pages, and the worst of them against the bar. */
static void print_checks(unsigned int nr, const char *bar_name)
{
	const char *unit = setup.icount ? "instructions" : "ns";
	struct samples worst = { .nr = 0 }, cost;
	unsigned int i;

	for (i = 0; i < NR_CASES; i++) {
		if (cases[i].nr != nr || cases[i].nr_stale)
			continue;
		cost = check_cost(i);
		print_check(i, &cost, unit);
		if (!worst.nr || samples_median(&cost) > samples_median(&worst))
			worst = cost;
	}
	bar(bar_name, &worst, AT_MOST, 100, unit);
}

void purge_bench(void)
{
	unsigned int round, i;

	device = open("/dev/bench_stale", O_RDWR | O_CLOEXEC);
	if (device < 0)
		die("/dev/bench_stale: %s", strerror(errno));
	for (round = 0; round < repetitions(15); round++)
		for (i = 0; i < NR_CASES; i++)
			measure_case(&cases[i], &results[i]);
	printf("\n(a) Purge of given high pages, %d vmap areas pending: na_pages_purge() against flushing everything\n\n"
	       "  pages layout  stale among them       ours:   min .. max        everything:   min .. max      ratio%s\n",
	       NR_VMAPS, setup.nr_cpus > 1 ? "  IPIs" : "");
	for (i = 0; i < NR_CASES; i++)
		print_case(&cases[i], &results[i]);
	printf("\n  The stale check alone, a page, less an empty loop over the same pages: median, min .. max\n");
	print_checks(256, "stale-check-a-page-of-256");
	print_checks(15884, "stale-check-a-page-of-15884");
	print_checks(16384, "stale-check-a-page-of-16384");
}
