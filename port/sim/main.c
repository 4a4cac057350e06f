// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias-sim: lists scenarios, runs one of them, replays a failure, shows
 * the corruption of 2014, measures itself.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "choice.h"
#include "front.h"
#include "scenarios.h"

static const char usage[] =
"usage: noalias-sim list\n"
"       noalias-sim run SCENARIO [--random SEED] [--steps N] [--exhaustive]\n"
"                   [--preempts N] [--whims N] [--states N] [--no-reduce]\n"
"                   [--replay ID] [--all] [--svg FILE]\n"
"       noalias-sim replay ID [--all] [--svg FILE]\n"
"       noalias-sim show [--svg FILE-OR-FOLDER]\n"
"       noalias-sim bench [--steps N]\n"
"Exit status: 0 nothing found, 1 an invariant broke, 2 usage.\n";

static int list(void)
{
	const struct sim_scenario *const *table, *scn;

	for (table = sim_scn_tables; *table; table++)
		for (scn = *table; scn->name; scn++)
			printf("%-22s %s%s\n", scn->name, scn->what,
			       scn->budget.quick ? " [exhaustive]" : "");
	return 0;
}

static int bad_usage(void)
{
	fputs(usage, stderr);
	return 2;
}

static bool parse_number(const char *text, u64 *number)
{
	char *end;

	if (!text)
		return false;
	*number = strtoull(text, &end, 0);
	return !*end && end != text;
}

/* Options with a number; false: not one of them or no number. */
static bool parse_number_option(struct sim_options *opt, const char *name,
				const char *value)
{
	u64 number;

	if (!parse_number(value, &number))
		return false;
	if (!strcmp(name, "--random"))
		opt->seed = number;
	else if (!strcmp(name, "--steps"))
		opt->steps = number;
	else if (!strcmp(name, "--preempts"))
		opt->preempts = (int)number;
	else if (!strcmp(name, "--whims"))
		opt->whims = (int)number;
	else if (!strcmp(name, "--states"))
		opt->states_max = number;
	else
		return false;
	return true;
}

static bool parse_options(struct sim_options *opt, char **arg)
{
	for (; *arg; arg++) {
		if (!strcmp(*arg, "--exhaustive"))
			opt->exhaustive = true;
		else if (!strcmp(*arg, "--no-reduce"))
			opt->reduce = false;
		else if (!strcmp(*arg, "--all"))
			opt->all = true;
		else if (!strcmp(*arg, "--svg") && arg[1])
			opt->svg = *++arg;
		else if (!strcmp(*arg, "--replay") && arg[1])
			opt->replay = *++arg;
		else if (parse_number_option(opt, *arg, arg[1]))
			arg++;
		else
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct sim_options opt = {
		.steps = 1000000, .seed = 1, .preempts = -1, .whims = -1,
		.states_max = 20000000, .reduce = true,
	};
	bool named = argc > 1 && (!strcmp(argv[1], "run") ||
				  !strcmp(argv[1], "replay"));

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || argc < 2 + named ||
	    !parse_options(&opt, argv + 2 + named))
		return bad_usage();
	opt.color = isatty(STDOUT_FILENO);
	if (!strcmp(argv[1], "list"))
		return list();
	if (!strcmp(argv[1], "run"))
		return sim_front_run(argv[2], &opt);
	if (!strcmp(argv[1], "replay"))
		return sim_front_replay(argv[2], &opt);
	if (!strcmp(argv[1], "show"))
		return sim_front_show(&opt);
	if (!strcmp(argv[1], "bench"))
		return sim_front_bench(&opt);
	return bad_usage();
}
