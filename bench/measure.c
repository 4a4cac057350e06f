// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Samples are kept whole and sorted when asked: there are few.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#define COUNTERS	"/sys/kernel/debug/noalias/counters"
#define NR_BARS_MAX	64

struct setup setup;

struct bar {
	const char *name;
	const char *unit;
	double value;
	double min;
	double max;
	double limit;
	enum bar_kind kind;
	bool must;
};

static struct bar bars[NR_BARS_MAX];
static unsigned int nr_bars;
static FILE *record;
static bool record_has_rows;

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("bench: not measured: ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	exit(2);
}

uint64_t now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void samples_add(struct samples *samples, double value)
{
	if (samples->nr == SAMPLES_MAX)
		die("more than %d samples", SAMPLES_MAX);
	samples->value[samples->nr++] = value;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static struct samples sorted(const struct samples *samples)
{
	struct samples copy = *samples;

	if (!copy.nr)
		die("no samples");
	qsort(copy.value, copy.nr, sizeof(copy.value[0]), compare);
	return copy;
}

double samples_min(const struct samples *samples)
{
	return sorted(samples).value[0];
}

double samples_max(const struct samples *samples)
{
	return sorted(samples).value[samples->nr - 1];
}

double samples_median(const struct samples *samples)
{
	struct samples copy = sorted(samples);
	unsigned int mid = copy.nr / 2;

	return copy.nr % 2 ? copy.value[mid] :
	       (copy.value[mid - 1] + copy.value[mid]) / 2;
}

struct samples samples_divide(const struct samples *over,
			      const struct samples *under)
{
	struct samples ratio = { .nr = 0 };
	unsigned int i;

	if (over->nr != under->nr)
		die("samples of different rounds");
	for (i = 0; i < over->nr; i++)
		samples_add(&ratio, over->value[i] / under->value[i]);
	return ratio;
}

/* Instruction counts repeat to four digits: three show that they do. */
unsigned int repetitions(unsigned int usual)
{
	unsigned int most = setup.quick ? 1 : setup.icount ? 3 : SAMPLES_MAX;

	return usual < most ? usual : most;
}

const char *amount(double ns)
{
	static const char *const times[] = { "ns", "us", "ms", "s" };
	static const char *const counts[] = { "", "k", "M", "G" };
	static char text[16][24];
	static unsigned int next;
	char *at = text[next++ % 16];
	unsigned int unit = 0;

	for (; unit < 3 && ns >= 999.5; unit++)
		ns /= 1000;
	snprintf(at, sizeof(text[0]), "%.*f %s", ns < 9.995 ? 2 : ns < 99.95,
		 ns, setup.icount ? counts[unit] : times[unit]);
	return at;
}

static FILE *open_or_die(const char *path, const char *mode)
{
	FILE *file = fopen(path, mode);

	if (!file)
		die("cannot open %s: %s", path, strerror(errno));
	return file;
}

uint64_t engine_counter(const char *name)
{
	FILE *file = open_or_die(COUNTERS, "r");
	uint64_t value;
	char key[64];

	while (fscanf(file, "%63s %" SCNu64, key, &value) == 2) {
		if (!strcmp(key, name)) {
			fclose(file);
			return value;
		}
	}
	die(COUNTERS " has no line %s", name);
}

void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die("cannot write %s to %s: %s", text, path, strerror(errno));
	close(fd);
}

/* "CAL:" and a column for each CPU; a kernel for one CPU has no such line. */
struct ipis ipis_now(void)
{
	FILE *file = open_or_die("/proc/interrupts", "r");
	char line[64 + 12 * NR_CPUS_MAX], *at;
	struct ipis ipis = { .nr = { 0 } };
	unsigned int cpu;

	while (fgets(line, sizeof(line), file)) {
		at = strstr(line, "CAL:");
		if (!at)
			continue;
		at += strlen("CAL:");
		for (cpu = 0; cpu < setup.nr_cpus; cpu++)
			ipis.nr[cpu] = strtoull(at, &at, 10);
	}
	fclose(file);
	return ipis;
}

uint64_t ipis_most_since(const struct ipis *before)
{
	struct ipis now = ipis_now();
	uint64_t most = 0;
	unsigned int cpu;

	for (cpu = 1; cpu < setup.nr_cpus; cpu++)
		if (now.nr[cpu] - before->nr[cpu] > most)
			most = now.nr[cpu] - before->nr[cpu];
	return most;
}

uint64_t large_direct_entries(void)
{
	FILE *file = open_or_die("/proc/meminfo", "r");
	uint64_t kib;
	char line[128];

	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "DirectMap2M: %" SCNu64, &kib) == 1) {
			fclose(file);
			return kib / 2048;
		}
	}
	die("/proc/meminfo has no DirectMap2M");
}

void pin_to_cpu(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("cannot stay on CPU %u: %s", cpu, strerror(errno));
}

static void add_bar(struct bar bar)
{
	if (nr_bars == NR_BARS_MAX)
		die("more than %d bars", NR_BARS_MAX);
	bars[nr_bars++] = bar;
}

void bar(const char *name, const struct samples *samples, enum bar_kind kind,
	 double limit, const char *unit)
{
	add_bar((struct bar){
		.name = name, .unit = unit, .value = samples_median(samples),
		.min = samples_min(samples), .max = samples_max(samples),
		.limit = limit, .kind = kind,
	});
}

void bar_must(const char *name, double value, enum bar_kind kind,
	      double limit, const char *unit)
{
	add_bar((struct bar){
		.name = name, .unit = unit, .value = value, .min = value,
		.max = value, .limit = limit, .kind = kind, .must = true,
	});
}

static bool is_met(const struct bar *bar)
{
	return bar->kind == AT_MOST ? bar->value <= bar->limit :
				      bar->value >= bar->limit;
}

static void record_bar(const struct bar *bar, bool first)
{
	if (record)
		fprintf(record,
			"%s\n {\"name\": \"%s\", \"measured\": %.4g, \"min\": %.4g, \"max\": %.4g, \"%s\": %g, \"unit\": \"%s\", \"met\": %s}",
			first ? "" : ",", bar->name, bar->value, bar->min,
			bar->max,
			bar->kind == AT_MOST ? "at_most" : "at_least",
			bar->limit, bar->unit, is_met(bar) ? "true" : "false");
}

bool bars_print(void)
{
	bool good = true;
	unsigned int i;

	printf("\n");
	if (record)
		fprintf(record, "\n], \"bars\": [");
	for (i = 0; i < nr_bars; i++) {
		const struct bar *bar = &bars[i];

		printf("bar %s: %.3g (%.3g .. %.3g) %s, %s %g, %s\n",
		       bar->name, bar->value, bar->min, bar->max, bar->unit,
		       bar->kind == AT_MOST ? "at most" : "at least",
		       bar->limit, is_met(bar) ? "PASS" : "NOT MET");
		record_bar(bar, !i);
		good &= is_met(bar) || !bar->must;
	}
	return good;
}

bool bars_all_met(void)
{
	unsigned int i;

	for (i = 0; i < nr_bars; i++)
		if (!is_met(&bars[i]))
			return false;
	return true;
}

void record_open(const char *path)
{
	record = open_or_die(path, "w");
	fprintf(record, "{\"unit\": \"%s\", \"cpus\": %u, \"rows\": [",
		setup.icount ? "instructions" : "ns", setup.nr_cpus);
}

void record_row(const struct samples *samples, const char *members, ...)
{
	va_list args;

	if (!record)
		return;
	fprintf(record, "%s\n {", record_has_rows ? "," : "");
	va_start(args, members);
	vfprintf(record, members, args);
	va_end(args);
	fprintf(record,
		", \"n\": %u, \"min\": %.10g, \"median\": %.10g, \"max\": %.10g}",
		samples->nr, samples_min(samples), samples_median(samples),
		samples_max(samples));
	record_has_rows = true;
}

void record_close(void)
{
	if (!record)
		return;
	fprintf(record, "\n]}\n");
	if (fclose(record))
		die("cannot write the record: %s", strerror(errno));
}
