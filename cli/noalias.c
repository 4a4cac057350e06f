// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias: which command, and the end.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "progress.h"

static void say(const char *format, va_list args)
{
	/* What was printed so far comes first, also into one file. */
	fflush(stdout);
	progress_end();
	fputs("noalias: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

int cli_trouble(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	return CLI_TROUBLE;
}

void cli_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "list", cli_list, "heaps, what they promise, and their use" },
	{ "alloc", cli_alloc, "hold a buffer, or run a command that gets it" },
	{ "audit", cli_audit,
	  "find frames mapped with conflicting memory types, and by whom" },
	{ "map", cli_map, "draw physical memory by memory type" },
	{ "stat", cli_stat, "counters of the module, once or live" },
	{ "trace", cli_trace, "what is converted and purged, and by whom" },
	{ "bench", cli_bench, "what uncached memory costs on this machine" },
	{ "doctor", cli_doctor,
	  "what this machine can promise, and what is in the way" },
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	size_t i;

	puts("usage: noalias COMMAND [OPTION...]\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].help);
	puts("\nEvery command has --help, --color auto|always|never and"
	     " --sysroot DIR.\n"
	     "noalias COMMAND --help tells more, and so do noalias(1) and"
	     " noalias-COMMAND(1).\n"
	     "Exit status: 0 clean, 1 something was found, 2 trouble.");
	return CLI_CLEAN;
}

static int run(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		cli_trouble("which command? see noalias --help");
		return CLI_TROUBLE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
	    !strcmp(argv[1], "help"))
		return help();
	if (!strcmp(argv[1], "--version")) {
		puts("noalias " NOALIAS_VERSION);
		return CLI_CLEAN;
	}
	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return cli_trouble("there is no command '%s'; see noalias --help",
			   argv[1]);
}

int main(int argc, char **argv)
{
	int result = run(argc, argv);

	/* A report that was lost on its way is not a clean bill. */
	if (!fflush(stdout) && !ferror(stdout))
		return result;
	/* Who stopped us, or reads no more, knows. */
	if (!cli_is_stopped())
		cli_trouble("cannot write: %s", strerror(errno));
	return CLI_TROUBLE;
}
