/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: measure
 *
 * Shared by the module's benchmark and that of windows in user space: samples
 * and their spread, the clock, the kernel's and the module's counters, bars
 * (required limits), and the JSON record.
 *
 * If something cannot be measured, the program exits with status 2.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE_LEN	4096u
#define SAMPLES_MAX	64

/** struct samples - repeated measurements of one thing. */
struct samples {
	double value[SAMPLES_MAX];
	unsigned int nr;
};

/**
 * struct setup - how this run measures
 * @icount: the clock counts instructions: one a nanosecond
 * @nr_cpus: CPUs online
 * @quick: a few repetitions only, to try the program out
 */
struct setup {
	bool icount;
	unsigned int nr_cpus;
	bool quick;
};

extern struct setup setup;

/** die() - print why it could not be measured, and exit. */
void die(const char *format, ...) __attribute__((noreturn,
						 format(printf, 1, 2)));

/** now_ns() - monotonic clock. */
uint64_t now_ns(void);

/** samples_add() - add a sample, at most SAMPLES_MAX. */
void samples_add(struct samples *samples, double value);

double samples_min(const struct samples *samples);
double samples_median(const struct samples *samples);
double samples_max(const struct samples *samples);

/**
 * samples_divide() - @over / @under, round by round
 *
 * Both were measured in the same rounds, so a slow round affects both.
 */
struct samples samples_divide(const struct samples *over,
			      const struct samples *under);

/** repetitions() - @usual, or fewer where one will do. */
unsigned int repetitions(unsigned int usual);

/** amount() - a time or a count of instructions for people; static memory. */
const char *amount(double ns);

/** engine_counter() - read a counter of the module. */
uint64_t engine_counter(const char *name);

/** write_text() - write to a file of sysfs or procfs. */
void write_text(const char *path, const char *text);

#define NR_CPUS_MAX	64

/** struct ipis - call-function interrupts of each CPU since boot. */
struct ipis {
	uint64_t nr[NR_CPUS_MAX];
};

/** ipis_now() - read them. */
struct ipis ipis_now(void);

/** ipis_most_since() - number on the CPU that took most, without CPU 0. */
uint64_t ipis_most_since(const struct ipis *before);

/** large_direct_entries() - 2 MiB entries of the direct map now. */
uint64_t large_direct_entries(void);

/** pin_to_cpu() - this process runs there from now on. */
void pin_to_cpu(unsigned int cpu);

/** enum bar_kind - is a good value small or large? */
enum bar_kind {
	AT_MOST,
	AT_LEAST,
};

/**
 * bar() - compare with a limit
 * @name: a word for scripts
 * @samples: measured; the median counts
 * @kind: which side of @limit is good
 * @limit: limit
 * @unit: as printed
 *
 * Printed at the end by bars_print(). A missed bar does not fail the run,
 * because times vary.
 */
void bar(const char *name, const struct samples *samples, enum bar_kind kind,
	 double limit, const char *unit);

/** bar_must() - a bar on a deterministic value: it may fail the run. */
void bar_must(const char *name, double value, enum bar_kind kind,
	      double limit, const char *unit);

/** bars_print() - all of them. Return: were all of bar_must() met? */
bool bars_print(void);

/** bars_all_met() - were all bars met, including those on times? */
bool bars_all_met(void);

/**
 * record_open() - begin the JSON record
 * @path: where
 *
 * One JSON object: a list "rows" of what record_row() adds, and "bars".
 */
void record_open(const char *path);

/**
 * record_row() - one measured thing
 * @samples: what was measured, in ns, instructions or pieces
 * @members: JSON members that name it, without braces, as for printf()
 */
void record_row(const struct samples *samples, const char *members, ...)
	__attribute__((format(printf, 2, 3)));

/** record_close() - after bars_print(). */
void record_close(void);

/* The three parts; each prints its tables and sets its bars. */
void purge_bench(void);
void buffer_bench(void);
void shootdown_bench(void);

/** first_conversion_bench() - must come before anything converts low memory. */
void first_conversion_bench(void);

#endif
