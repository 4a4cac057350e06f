// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Benchmark of windows in user space; see bench/README.md.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"

#define MIB		(1ull << 20)
#define DATA_MIN	(4 * MIB)
#define DATA_MAX	(64ull << 30)
#define SLOTS_MIN	16u
#define SLOTS_MAX	65000u
#define SECONDS_USUAL	40
#define SECONDS_QUICK	3
#define ROUNDS_USUAL	15
#define ROUNDS_QUICK	3

struct options options;

static void usage(FILE *to)
{
	fputs("usage: bench/window [option...]\n"
	      "  --quick         a few seconds, to try it out\n"
	      "  --strict        a bar that is not met is exit status 1\n"
	      "  --data SIZE     bytes of data, with K, M or G (256M)\n"
	      "  --slots N       windows of N slots, instead of 1, 10 and 50 % of the data\n"
	      "  --seconds N     to measure; to open and fill comes on top (40)\n"
	      "  --only NAMES    hit, revive, revive-shared, miss, flush, mix, update, uniform,\n"
	      "                  zipf; with commas\n"
	      "  --json FILE     the record for machines\n"
	      "  --svg FILE      a picture\n"
	      "  --profile       also count instructions, with valgrind\n", to);
}

__attribute__((noreturn))
static void refuse(const char *option, const char *value, const char *limit)
{
	fprintf(stderr, "bench/window: %s is %s, must be %s\n", option, value,
		limit);
	exit(2);
}

static uint64_t unit_of(const char *suffix)
{
	if (!*suffix)
		return 1;
	if (suffix[1])
		return 0;
	switch (*suffix) {
	case 'K':
		return 1024;
	case 'M':
		return MIB;
	case 'G':
		return 1024 * MIB;
	}
	return 0;
}

static uint64_t parse_size(const char *text)
{
	uint64_t value, unit;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	unit = unit_of(end);
	if (errno || end == text || !unit || value > DATA_MAX / unit ||
	    value * unit < DATA_MIN)
		refuse("--data", text, "from 4M to 64G");
	return value * unit / FRAME_LEN * FRAME_LEN;
}

static uint32_t parse_slots(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value < SLOTS_MIN || value > SLOTS_MAX)
		refuse("--slots", text, "from 16 to 65000");
	return (uint32_t)value;
}

static double parse_seconds(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (*end || end == text || !(value >= 1) || value > 3600)
		refuse("--seconds", text, "from 1 to 3600");
	return value;
}

static void take_option(int opt, const char *value)
{
	switch (opt) {
	case 'q':
		options.quick = true;
		break;
	case 'S':
		options.strict = true;
		break;
	case 'd':
		options.data_len = parse_size(value);
		break;
	case 'n':
		options.nr_slots = parse_slots(value);
		break;
	case 's':
		options.seconds = parse_seconds(value);
		break;
	case 'o':
		options.only = value;
		break;
	case 'p':
		options.spin = value;
		break;
	case 'm':
		options.spin_misses = true;
		break;
	case 'N':
		options.nr_spins = (uint32_t)strtoul(value, NULL, 10);
		break;
	case 'j':
		options.json = value;
		break;
	case 'v':
		options.svg = value;
		break;
	case 'h':
		usage(stdout);
		exit(0);
	default:
		usage(stderr);
		exit(2);
	}
}

static void parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "quick", no_argument, NULL, 'q' },
		{ "strict", no_argument, NULL, 'S' },
		{ "data", required_argument, NULL, 'd' },
		{ "slots", required_argument, NULL, 'n' },
		{ "seconds", required_argument, NULL, 's' },
		{ "only", required_argument, NULL, 'o' },
		{ "spin", required_argument, NULL, 'p' },
		{ "spin-misses", no_argument, NULL, 'm' },
		{ "spins", required_argument, NULL, 'N' },
		{ "json", required_argument, NULL, 'j' },
		{ "svg", required_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	options.data_len = 256 * MIB;
	while ((opt = getopt_long(argc, argv, "", longs, NULL)) != -1)
		take_option(opt, optarg);
	if (optind < argc)
		take_option('?', NULL);
	if (!options.seconds)
		options.seconds = options.quick ? SECONDS_QUICK : SECONDS_USUAL;
	options.nr_rounds = options.quick ? ROUNDS_QUICK : ROUNDS_USUAL;
	if (options.nr_slots > options.data_len / FRAME_LEN)
		refuse("--slots", "more", "at most the frames of --data");
}

/* So long that all slices of all rounds take the seconds asked for. */
static void find_slice(void)
{
	unsigned int i, j, nr = 0;

	for (i = 0; i < cases_nr(); i++)
		for (j = 0; j < NR_CONTENDERS; j++)
			nr += case_has(case_at(i), j) &&
			      !case_at(i)->counts_only;
	options.slice_ns = (uint64_t)(options.seconds * 1e9 / nr /
				      options.nr_rounds);
}

static void begin(void)
{
	/* A dead contender is reported where the death is noticed. */
	signal(SIGPIPE, SIG_IGN);
	setup.quick = options.quick;
	setup.nr_cpus = cpus_find();
	data_create(options.data_len);
	cases_make();
	if (!cases_nr())
		refuse("--only", options.only, "names of cases, see --help");
	find_slice();
	printf("%u frames of %u bytes, %u CPU%s, %u rounds of %.1f ms for each contender\n",
	       data.nr, FRAME_LEN, setup.nr_cpus,
	       setup.nr_cpus > 1 ? "s" : "", options.nr_rounds,
	       (double)options.slice_ns / 1e6);
	if (setup.nr_cpus < 2)
		printf("there is one CPU: two threads take turns, and their figures say little\n");
}

int main(int argc, char **argv)
{
	bool good;

	parse(argc, argv);
	if (options.spin) {
		data_create(options.data_len);
		return spin(options.spin, options.spin_misses,
			    options.nr_spins) ? 0 : 2;
	}
	begin();
	if (options.json)
		record_open(options.json);
	flush_count_all();
	limits_measure();
	cases_run();
	report_print();
	report_record();
	bars_set();
	good = bars_print();
	notes_print();
	record_close();
	if (options.svg)
		plot_write(options.svg);
	return options.strict && !(good && bars_all_met());
}
