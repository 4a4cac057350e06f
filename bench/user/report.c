// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Tables, bars and the record. Ratios are taken round by round.
 */
#include <stdlib.h>

#include "user.h"

/* A set that fits the caches: what the bars on hits are judged on. */
#define FITS_PERCENT	1
#define MISS_PERCENT	10

static double median_of(const struct bench_case *c, unsigned int contender)
{
	return samples_median(&c->ns[contender]);
}

/* How many times as long as the window does @contender take? */
static struct samples ratio_to_window(const struct bench_case *c,
				      unsigned int contender)
{
	return samples_divide(&c->ns[contender], &c->ns[WINDOW]);
}

static double hits_percent(const struct bench_case *c, unsigned int contender)
{
	const struct tally *tally = &c->tally[contender];

	return 100 - 100.0 * (double)tally->misses / (double)tally->nr;
}

/* --- times -------------------------------------------------------------------- */

static void print_ratio(const struct bench_case *c, unsigned int contender)
{
	struct samples ratio;

	if (!case_has(c, contender)) {
		printf("%8s", "");
		return;
	}
	ratio = ratio_to_window(c, contender);
	printf("%8.3g", samples_median(&ratio));
}

static void print_case(const struct bench_case *c)
{
	unsigned int i;

	printf("%-30s", case_label(c));
	for (i = 0; i < NR_CONTENDERS; i++)
		printf("%9s", case_has(c, i) ? amount(median_of(c, i)) : "");
	printf("  %8s", amount(samples_min(&c->ns[WINDOW])));
	printf(" ..%8s", amount(samples_max(&c->ns[WINDOW])));
	printf("%7.1f", c->group == GROUP_FLUSH ? 0 : hits_percent(c, WINDOW));
	print_ratio(c, KMAP);
	print_ratio(c, PREAD);
	print_ratio(c, MMAP);
	printf("\n");
}

static void print_times(unsigned int nr_threads)
{
	unsigned int i;

	printf("\n%u thread%s: time of a thread an access, median of %u rounds\n",
	       nr_threads, nr_threads > 1 ? "s" : "", options.nr_rounds);
	printf("%-30s%9s%9s%9s%9s%9s%9s  %20s%7s%8s%8s%8s\n", "", "all",
	       "floor", "window", "kmap", "pread", "mmap", "window, least..most",
	       "hits %", "x kmap", "x pread", "x mmap");
	for (i = 0; i < cases_nr(); i++)
		if (!case_at(i)->counts_only &&
		    case_at(i)->nr_threads == nr_threads)
			print_case(case_at(i));
}

/* --- where the time of a hit goes ------------------------------------------------ */

static void print_parts(const struct bench_case *c)
{
	double all = median_of(c, ALL), floor = median_of(c, FLOOR);
	double window = median_of(c, WINDOW);

	printf("%-26s %u thread%s %9.1f %+9.1f %+9.1f %9.1f   adds %.1f\n",
	       case_label(c), c->nr_threads, c->nr_threads > 1 ? "s" : " ",
	       all, floor - all, window - floor, window, window - all);
}

static void print_limits(void)
{
	printf("\nwhat this machine asks, ns: two locked instructions on a line of one's own %.1f",
	       samples_median(&limits.two_locked));
	if (limits.line_moves.nr)
		printf("; a line that another CPU wrote last %.1f",
		       samples_median(&limits.line_moves));
	printf("; a system call that does nothing %.1f\n",
	       samples_median(&limits.system_call));
	printf("the system calls of a miss alone, ns: mmap() of a frame %.0f, first touch %.0f, its share of a quarter unmapped %.0f\n",
	       samples_median(&limits.set), samples_median(&limits.fault),
	       samples_median(&limits.clear));
}

static void print_profile(void)
{
	unsigned int i;

	print_limits();
	printf("\nwhere the ns of a hit go\n%-36s%9s %9s %9s %9s\n", "",
	       "all", "+ floor", "+ library", "= window");
	for (i = 0; i < cases_nr(); i++)
		if (case_at(i)->group <= GROUP_SHARED &&
		    !case_at(i)->counts_only)
			print_parts(case_at(i));
	printf("all: the access itself. floor: an index, a slot's line and two locked instructions on it, with\n"
	       "their cache and TLB misses. library: its instructions, and the lines it reads besides.\n");
}

/* --- counters --------------------------------------------------------------------- */

static void print_counts(const struct bench_case *c)
{
	unsigned int i;
	double nr;

	for (i = 0; i < NR_CONTENDERS; i++) {
		if (!case_has(c, i))
			continue;
		nr = (double)c->tally[i].nr;
		printf("%-30s %u  %-14s %8.4f %8.4f %8.4f %8.4f %8.4f\n",
		       case_label(c), c->nr_threads, contenders[i].label,
		       (double)c->tally[i].misses / nr,
		       (double)c->tally[i].calls / nr,
		       (double)c->tally[i].clears / nr,
		       (double)c->tally[i].locks / nr,
		       (double)c->tally[i].sleeps / nr);
	}
}

static void print_trend(void)
{
	unsigned int i;

	printf("\ncounted, an access\n%-30s %s %-14s %8s %8s %8s %8s %8s\n",
	       "", "threads", "", "misses", "calls", "shoots", "locks",
	       "sleeps");
	for (i = 0; i < cases_nr(); i++)
		if (case_at(i)->counts_only)
			print_counts(case_at(i));
}

static void print_flushes(void)
{
	unsigned int i;

	printf("\nsystem calls of noalias_kmap_flush_unused()\n");
	for (i = 0; i < nr_flush_counts; i++)
		printf("%6u slots, stale runs of %5u: %5u runs, %5llu calls\n",
		       flush_counts[i].nr_slots, flush_counts[i].run,
		       flush_counts[i].nr_runs,
		       (unsigned long long)flush_counts[i].calls);
}

void report_print(void)
{
	print_times(1);
	print_times(2);
	print_profile();
	print_trend();
	print_flushes();
}

/* --- bars ---------------------------------------------------------------------------- */

static struct samples added(const struct bench_case *c)
{
	struct samples more = { .nr = 0 };
	unsigned int i;

	for (i = 0; i < c->ns[WINDOW].nr; i++)
		samples_add(&more, c->ns[WINDOW].value[i] -
				   c->ns[ALL].value[i]);
	return more;
}

static void bar_added(const char *name, enum group group,
		      unsigned int nr_threads, double limit)
{
	const struct bench_case *c = case_find(group, FITS_PERCENT,
					       nr_threads);
	struct samples more;

	if (!c)
		return;
	more = added(c);
	bar(name, &more, AT_MOST, limit, "ns");
}

static void bar_ratio(const char *name, enum group group,
		      unsigned int percent, unsigned int nr_threads,
		      unsigned int contender, double limit)
{
	const struct bench_case *c = case_find(group, percent, nr_threads);
	struct samples ratio;

	if (!c)
		return;
	ratio = ratio_to_window(c, contender);
	bar(name, &ratio, AT_LEAST, limit, "times");
}

void bars_set(void)
{
	bar_added("hit-adds-1-thread", GROUP_HIT, 1, 15);
	bar_added("revive-adds-1-thread", GROUP_REVIVE, 1, 15);
	bar_added("hit-adds-2-threads", GROUP_HIT, 2, 25);
	bar_added("revive-adds-2-threads", GROUP_REVIVE, 2, 25);
	bar_ratio("90%-hits-mmap-1-thread", GROUP_MIX, 90, 1, MMAP, 8);
	bar_ratio("90%-hits-pread-1-thread", GROUP_MIX, 90, 1, PREAD, 1);
	bar_ratio("90%-hits-pread-pwrite-1-thread", GROUP_UPDATE, 90, 1, PREAD,
		  1);
	bar_ratio("99%-hits-mmap-2-threads", GROUP_MIX, 99, 2, MMAP, 50);
	bar_ratio("hit-kmap-2-threads", GROUP_HIT, FITS_PERCENT, 2, KMAP, 4);
	bar_ratio("revive-kmap-2-threads", GROUP_REVIVE, FITS_PERCENT, 2,
		  KMAP, 4);
	bar_ratio("miss-kmap-1-thread", GROUP_MISS, MISS_PERCENT, 1, KMAP, 1);
	bar_ratio("miss-kmap-2-threads", GROUP_MISS, MISS_PERCENT, 2, KMAP, 1);
	bar_must("flush-calls-a-run", flush_calls_each(), AT_MOST, 2, "calls");
}

/* Why bars were not met, from figures of this run. */
void notes_print(void)
{
	const struct bench_case *hit = case_find(GROUP_HIT, FITS_PERCENT, 1);
	const struct bench_case *mix = case_find(GROUP_MIX, 90, 1);
	double pieces = samples_median(&limits.set) +
			samples_median(&limits.fault) +
			samples_median(&limits.clear), load;

	if (hit)
		printf("note: of what a hit adds, %.1f ns are the floor's, %.1f of them two locked instructions\n",
		       median_of(hit, FLOOR) - median_of(hit, ALL),
		       samples_median(&limits.two_locked));
	if (mix)
		printf("note: the kernel's part of a miss is %.0f ns, a tenth of it %.0f; pread() of a page takes %.0f here\n",
		       pieces, pieces / 10, median_of(mix, PREAD));
	if (getloadavg(&load, 1) == 1 && load > setup.nr_cpus + 0.5)
		printf("note: the load is %.1f: do not believe two threads, nor sets of 10 and 50 %%\n",
		       load);
}

/* --- the record ---------------------------------------------------------------------- */

static void record_contender(const struct bench_case *c, unsigned int i)
{
	const struct tally *tally = &c->tally[i];
	double nr = (double)tally->nr;

	record_row(&c->ns[i],
		   "\"case\": \"%s\", \"percent\": %u, \"threads\": %u, \"contender\": \"%s\", \"counts_only\": %s, \"slots\": %u, \"accesses\": %llu, \"misses\": %.6g, \"calls\": %.6g, \"shootdowns\": %.6g, \"locks\": %.6g, \"sleeps\": %.6g",
		   group_name(c->group), c->percent, c->nr_threads,
		   contenders[i].name, c->counts_only ? "true" : "false",
		   c->nr_slots, (unsigned long long)tally->nr,
		   (double)tally->misses / nr, (double)tally->calls / nr,
		   (double)tally->clears / nr, (double)tally->locks / nr,
		   (double)tally->sleeps / nr);
}

static void record_limits(void)
{
	record_row(&limits.two_locked, "\"limit\": \"two-locked\"");
	record_row(&limits.system_call, "\"limit\": \"system-call\"");
	record_row(&limits.set, "\"limit\": \"set\"");
	record_row(&limits.fault, "\"limit\": \"fault\"");
	record_row(&limits.clear, "\"limit\": \"clear\"");
	if (limits.line_moves.nr)
		record_row(&limits.line_moves, "\"limit\": \"line-moves\"");
}

static void record_flushes(void)
{
	struct samples calls;
	unsigned int i;

	for (i = 0; i < nr_flush_counts; i++) {
		calls = (struct samples){ .nr = 0 };
		samples_add(&calls, (double)flush_counts[i].calls);
		record_row(&calls, "\"flush\": \"calls\", \"slots\": %u, \"run\": %u, \"runs\": %u, \"cleared\": %llu",
			   flush_counts[i].nr_slots, flush_counts[i].run,
			   flush_counts[i].nr_runs,
			   (unsigned long long)flush_counts[i].cleared);
	}
}

void report_record(void)
{
	unsigned int i, j;

	for (i = 0; i < cases_nr(); i++)
		for (j = 0; j < NR_CONTENDERS; j++)
			if (case_has(case_at(i), j))
				record_contender(case_at(i), j);
	record_limits();
	record_flushes();
}
