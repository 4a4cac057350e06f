// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Command lines: options that every command has, and values that are checked
 * before anything is done.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "color.h"
#include "file.h"
#include "nearest.h"

enum { OPT_COLOR = 0x1000, OPT_SYSROOT };

static const struct option common[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "sysroot", required_argument, NULL, OPT_SYSROOT },
	{ 0 },
};

#define NR_COMMON (sizeof(common) / sizeof(common[0]))

int cli_usage(const char *command)
{
	return cli_trouble("see noalias %s --help", command);
}

/* A long option that getopt did not know; it has said so. */
static void suggest(const struct option *all, const char *given)
{
	struct nearest nearest = { 0 };
	char word[64];

	if (optopt || !given || strncmp(given, "--", 2) != 0)
		return;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(given + 2, "="),
		 given + 2);
	nearest.word = word;
	for (; all->name; all++)
		nearest_try(&nearest, all->name);
	if (nearest.best)
		cli_warn("did you mean --%s?", nearest.best);
}

static int take_common(const struct cli_spec *spec, int option)
{
	switch (option) {
	case 'h':
		fputs(spec->help, stdout);
		return CLI_CLEAN;
	case OPT_COLOR:
		if (color_choose(optarg))
			return CLI_GO_ON;
		return cli_trouble("--color is '%s', allowed: auto, always, never",
				   optarg);
	case OPT_SYSROOT:
		return file_set_sysroot(optarg);
	default:
		return cli_usage(spec->name);
	}
}

static int check_operands(const struct cli_spec *spec, int argc, char **argv)
{
	if (spec->is_prefix || argc - optind <= spec->operands_max)
		return CLI_GO_ON;
	cli_trouble("%s: '%s' is one word too many", spec->name,
		    argv[optind + spec->operands_max]);
	return cli_usage(spec->name);
}

int cli_parse(const struct cli_spec *spec, int argc, char **argv, void *arg)
{
	struct option all[CLI_OPTIONS_MAX + NR_COMMON];
	char title[32];
	int c, result = CLI_GO_ON;

	memcpy(all, spec->options, spec->nr_options * sizeof(*all));
	memcpy(all + spec->nr_options, common, sizeof(common));
	/* getopt begins its messages with this. */
	snprintf(title, sizeof(title), "noalias %s", spec->name);
	argv[0] = title;
	optind = 1;
	while (result == CLI_GO_ON &&
	       (c = getopt_long(argc, argv, spec->is_prefix ? "+hjq" : "hjq",
				all, NULL)) != -1) {
		if (c == '?')
			suggest(all, argv[optind - 1]);
		if (c == 'h' || c == '?' || c >= OPT_COLOR)
			result = take_common(spec, c);
		else
			result = spec->take(arg, c, optarg);
	}
	if (result == CLI_GO_ON)
		result = check_operands(spec, argc, argv);
	argv[0] = (char *)spec->name;
	return result;
}

/* --- values ---------------------------------------------------------------- */

/* 0x is 16; a 0 before other digits is nothing: 8 to some and 16 to others. */
static bool read_whole(const char *text, uint64_t *value, char **end)
{
	bool is_hex = text[0] == '0' && (text[1] | 0x20) == 'x';

	if (is_hex ? !isxdigit((unsigned char)text[2]) :
		     !isdigit((unsigned char)text[0]) ||
		     (text[0] == '0' && isdigit((unsigned char)text[1])))
		return false;
	errno = 0;
	*value = strtoull(text, end, is_hex ? 16 : 10);
	return !errno;
}

int cli_number(const char *what, const char *text, uint64_t min, uint64_t max,
	       uint64_t *value)
{
	char *end;

	if (read_whole(text, value, &end) && !*end && *value >= min &&
	    *value <= max)
		return CLI_GO_ON;
	return cli_trouble("%s is '%s', allowed: %" PRIu64 " to %" PRIu64,
			   what, text, min, max);
}

static bool scale(uint64_t *value, const char *unit)
{
	static const char units[] = "KMG";
	const char *found = *unit ? strchr(units, *unit & ~0x20) : NULL;
	unsigned int shift;

	if (!*unit)
		return true;
	if (!found || (unit[1] && strcmp(unit + 1, "iB") != 0))
		return false;
	shift = 10 * (unsigned int)(found - units + 1);
	if (*value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

int cli_size(const char *what, const char *text, uint64_t min, uint64_t max,
	     uint64_t *value)
{
	char *end;

	if (read_whole(text, value, &end) && scale(value, end) &&
	    *value >= min && *value <= max)
		return CLI_GO_ON;
	return cli_trouble("%s is '%s', allowed: %" PRIu64 " to %" PRIu64
			   " bytes, also with K, M or G", what, text, min, max);
}

int cli_seconds(const char *what, const char *text, uint64_t *ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (*text >= '0' && *text <= '9' && !*end && seconds >= 0.05 &&
	    seconds <= 86400) {
		*ms = (uint64_t)(seconds * 1000 + 0.5);
		return CLI_GO_ON;
	}
	return cli_trouble("%s is '%s', allowed: 0.05 to 86400 seconds", what,
			   text);
}
