// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias stat: the module's counters, once, or their changes in each interval.
 *
 * The columns of a live line are chosen here; --all and --json show all
 * counters of the module.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "color.h"
#include "command.h"
#include "counters.h"
#include "json_out.h"
#include "table.h"

#define LINES_PER_TITLE	20
#define FRAME_KIB	4

struct options {
	bool is_json;
	bool is_all;
	uint64_t every_ms;
	uint64_t count;
};

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs; one object a line" },
	{ .name = "all", .key = 'a',
	  .help = "every counter, not the columns below" },
	CLI_COMMON(CLI_SYSROOT),
};

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	(void)value;
	if (option == 'j')
		options->is_json = true;
	else if (option == 'a')
		options->is_all = true;
	else
		return cli_usage("stat");
	return CLI_GO_ON;
}

static int parse(int argc, char **argv, struct options *options)
{
	int result = cli_command_line(&cli_stat, argc, argv, options);

	if (result == CLI_GO_ON && argc > optind)
		result = cli_seconds("INTERVAL", argv[optind],
				     &options->every_ms);
	if (result == CLI_GO_ON && argc > optind + 1)
		result = cli_number("COUNT", argv[optind + 1], 1, UINT32_MAX,
				    &options->count);
	return result;
}

/* --- one reading ----------------------------------------------------------- */

static void print_unit(const struct counter *counter)
{
	if (counter_is_frames(counter))
		printf("  (%.1f MiB)", (double)counter->value * FRAME_KIB / 1024);
	else if (counter_is_time(counter))
		printf("  (%.3f s)", (double)counter->value / 1e9);
}

static void print_counters(const struct counters *counters)
{
	unsigned int i;

	for (i = 0; i < counters->nr; i++) {
		printf("%-20s %15" PRIu64, counters->list[i].name,
		       counters->list[i].value);
		print_unit(&counters->list[i]);
		putchar('\n');
	}
}

static void put_values(struct json_out *out, const char *key,
		       const struct counters *counters, bool levels)
{
	unsigned int i;

	put_open(out, key, '{');
	for (i = 0; i < counters->nr; i++)
		if (counter_is_level(&counters->list[i]) == levels)
			put_number(out, counters->list[i].name,
				   counters->list[i].value);
	put_close(out, '}');
}

/* --- between two readings -------------------------------------------------- */

/* A smaller value means that the module was reloaded. */
static bool is_reloaded(const struct counters *before,
			const struct counters *after)
{
	const struct counter *old;
	unsigned int i;

	for (i = 0; i < after->nr; i++) {
		old = counters_find(before, after->list[i].name);
		if (old && !counter_is_level(old) &&
		    old->value > after->list[i].value)
			return true;
	}
	return false;
}

static double per_second(const struct counters *before,
			 const struct counters *after, const char *name)
{
	const struct counter *old = counters_find(before, name);
	const struct counter *new = counters_find(after, name);
	double seconds = (double)(after->ms - before->ms) / 1000;
	uint64_t base;

	if (!old || !new || seconds <= 0)
		return 0;
	/* Then the whole value belongs to this interval. */
	base = is_reloaded(before, after) ? 0 : old->value;
	return (double)(new->value - base) / seconds;
}

static void put_rates(struct json_out *out, const struct counters *before,
		      const struct counters *after)
{
	unsigned int i;

	put_open(out, "per_second", '{');
	for (i = 0; i < after->nr; i++)
		if (!counter_is_level(&after->list[i]))
			put_real(out, after->list[i].name,
				 per_second(before, after,
					    after->list[i].name), 1);
	put_close(out, '}');
}

/* @before is NULL for the first reading. */
static void print_json(const struct counters *before,
		       const struct counters *after)
{
	struct json_out out = { .file = stdout };

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_stat", 1);
	put_number(&out, "time", (uint64_t)time(NULL));
	put_values(&out, "levels", after, true);
	put_values(&out, "totals", after, false);
	if (before) {
		put_real(&out, "seconds",
			 (double)(after->ms - before->ms) / 1000, 3);
		put_rates(&out, before, after);
	}
	put_end(&out, '}');
}

static void print_all(const struct counters *before,
		      const struct counters *after)
{
	struct table table = { .format = "lrr" };
	const struct counter *counter;
	unsigned int i;

	table_add(&table, "counter");
	table_add(&table, "value");
	table_add(&table, "per_second");
	for (i = 0; i < after->nr; i++) {
		counter = &after->list[i];
		table_add(&table, "%s", counter->name);
		table_add(&table, "%" PRIu64, counter->value);
		if (counter_is_level(counter))
			table_add(&table, "-");
		else
			table_add(&table, "%.1f",
				  per_second(before, after, counter->name));
	}
	table_print(&table);
	putchar('\n');
}

static double level(const struct counters *counters, const char *name)
{
	const struct counter *counter = counters_find(counters, name);

	return counter ? (double)counter->value : 0;
}

static double busy_ms(const struct counters *before,
		      const struct counters *after)
{
	double ns = 0;
	unsigned int i;

	for (i = 0; i < after->nr; i++)
		if (counter_is_time(&after->list[i]))
			ns += per_second(before, after, after->list[i].name);
	return ns / 1e6;
}

static void print_titles(void)
{
	printf("%s------- levels -------  --------------------- per second ---------------------\n"
	       "buffers  lent use%% quar   conv  frames    back deny purge stale pool   tlb  busy%s\n",
	       color(COLOR_BOLD), color(COLOR_PLAIN));
}

static void print_line(const struct counters *before,
		       const struct counters *after)
{
	double limit = level(after, "frames_limit");
	double quarantined = level(after, "frames_quarantined");

	printf("%7.1f %5.1f %4.0f %s%4.0f%s ",
	       level(after, "frames_in_buffers") * FRAME_KIB / 1024,
	       level(after, "frames_lent") * FRAME_KIB / 1024,
	       limit > 0 ? 100 * level(after, "frames_charged") / limit : 0,
	       quarantined > 0 ? color(COLOR_BAD) : "", quarantined,
	       quarantined > 0 ? color(COLOR_PLAIN) : "");
	printf(" %5.0f %7.0f %7.0f %4.0f %5.0f %5.0f %4.0f %5.0f %5.1f\n",
	       per_second(before, after, "conversions"),
	       per_second(before, after, "converted_frames"),
	       per_second(before, after, "returned_frames"),
	       per_second(before, after, "refused"),
	       per_second(before, after, "purges"),
	       per_second(before, after, "kmap_hits"),
	       per_second(before, after, "kmap_purges"),
	       per_second(before, after, "tlb_flushes"),
	       busy_ms(before, after));
}

static void print_interval(const struct options *options, uint64_t nr,
			   const struct counters *before,
			   const struct counters *after)
{
	if (options->is_json) {
		print_json(before, after);
	} else if (options->is_all) {
		print_all(before, after);
	} else {
		if (!nr || (nr % LINES_PER_TITLE == 0 &&
			    isatty(STDOUT_FILENO)))
			print_titles();
		print_line(before, after);
	}
	fflush(stdout);
}

static int live(const struct options *options)
{
	struct counters readings[2];
	uint64_t nr = 0;
	int result = counters_read(&readings[0]);

	if (result)
		return result;
	cli_catch_signals();
	while (!options->count || nr < options->count) {
		cli_pause(-1, options->every_ms);
		if (cli_is_stopped() || ferror(stdout))
			break;
		result = counters_read(&readings[(nr + 1) % 2]);
		if (result)
			break;
		print_interval(options, nr, &readings[nr % 2],
			       &readings[(nr + 1) % 2]);
		counters_fini(&readings[nr % 2]);
		nr++;
	}
	counters_fini(&readings[nr % 2]);
	return result;
}

static int run_stat(int argc, char **argv)
{
	struct options options = { 0 };
	struct counters counters;
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	if (options.every_ms)
		return live(&options);
	if (counters_read(&counters))
		return CLI_TROUBLE;
	if (options.is_json)
		print_json(NULL, &counters);
	else
		print_counters(&counters);
	counters_fini(&counters);
	return CLI_CLEAN;
}

const struct cli_command cli_stat = {
	.name = "stat",
	.about = "counters of the module, once or live",
	.usage = "[OPTION...] [INTERVAL [COUNT]]",
	.intro =
		"Without INTERVAL: all counters since the module was loaded. With it: a line\n"
		"every INTERVAL seconds, with rates per second since the last one.\n",
	.options = known,
	.outro =
		"Levels:      buffers  MiB in buffers     lent   MiB lent to other modules\n"
		"             use      % of the limit     quar   frames in quarantine\n"
		"Per second:  conv     conversions        frames converted   back  returned\n"
		"             deny     refused            purge  looks for stale mappings\n"
		"             stale    purges that found  pool   purges of the kmap pool\n"
		"             tlb      TLB flushes        busy   ms spent in all of it\n"
		"\n"
		"Exit status: 0 success, 2 error.\n",
	.operands_max = 2,
	.take = take,
	.run = run_stat,
};
