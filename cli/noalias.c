// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias: choice of the command, and exit.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "character.h"
#include "command.h"
#include "nearest.h"
#include "progress.h"

#define MESSAGE_LEN 2048

/* Names and contents of files may contain terminal escapes. */
static void put_plain(const char *text)
{
	bool is_control;
	int len;

	while (*text) {
		len = character_len(text);
		is_control = character_is_control(text, len);
		do {
			fprintf(stderr, is_control ? "\\x%02x" : "%c",
				(unsigned char)*text++);
		} while (--len > 0);
	}
}

static void say(const char *format, va_list args)
{
	char message[MESSAGE_LEN];

	vsnprintf(message, sizeof(message), format, args);
	/* Flush stdout first, to keep the order if both go to one file. */
	fflush(stdout);
	progress_end();
	fputs("noalias: ", stderr);
	put_plain(message);
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

static const struct cli_command *const commands[] = {
	&cli_list, &cli_alloc, &cli_audit, &cli_map, &cli_stat, &cli_trace,
	&cli_bench, &cli_doctor, &cli_selftest,
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int help(void)
{
	size_t i;

	puts("usage: noalias COMMAND [OPTION...]\n");
	for (i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->about);
	puts("\n  -h, --help     this text\n"
	     "  -V, --version  of the command\n"
	     "\nEvery command has --help, --color auto|always|never and"
	     " --sysroot DIR.\n"
	     "See noalias help COMMAND, noalias(1) and"
	     " noalias-COMMAND(1).\n"
	     "Exit status: 0 clean, 1 something was found, 2 trouble.");
	return CLI_CLEAN;
}

static const struct cli_command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < NR_COMMANDS; i++)
		if (!strcmp(name, commands[i]->name))
			return commands[i];
	return NULL;
}

static int no_command(const char *name)
{
	struct nearest nearest = { .word = name };
	size_t i;

	nearest_try(&nearest, "help");
	for (i = 0; i < NR_COMMANDS; i++)
		nearest_try(&nearest, commands[i]->name);
	if (nearest.best)
		return cli_trouble("there is no command '%s'; did you mean %s? see noalias --help",
				   name, nearest.best);
	return cli_trouble("there is no command '%s'; see noalias --help",
			   name);
}

/* "help", "help COMMAND"; more words are an error. */
static int help_with(int nr_words, char **words)
{
	const struct cli_command *command;

	if (!nr_words)
		return help();
	if (nr_words > 1)
		return cli_trouble("help: '%s' is one word too many", words[1]);
	command = find_command(words[0]);
	if (!command)
		return no_command(words[0]);
	cli_help(command);
	return CLI_CLEAN;
}

/* For completion.bash: the commands, or the options of one. */
static int complete(const char *name)
{
	const struct cli_command *command = name ? find_command(name) : NULL;
	size_t i;

	for (i = 0; !name && i < NR_COMMANDS; i++)
		puts(commands[i]->name);
	if (command)
		cli_complete(command);
	return CLI_CLEAN;
}

static bool is_one_of(const char *word, const char *first, const char *second)
{
	return !strcmp(word, first) || !strcmp(word, second);
}

static int run(int argc, char **argv)
{
	const struct cli_command *command;

	if (argc < 2) {
		cli_trouble("which command? see noalias --help");
		return CLI_TROUBLE;
	}
	if (is_one_of(argv[1], "--help", "-h") || !strcmp(argv[1], "help"))
		return help_with(argc - 2, argv + 2);
	if (is_one_of(argv[1], "--version", "-V")) {
		puts("noalias " NOALIAS_VERSION);
		return CLI_CLEAN;
	}
	if (!strcmp(argv[1], "--complete"))
		return complete(argv[2]);
	command = find_command(argv[1]);
	return command ? command->run(argc - 1, argv + 1) :
			 no_command(argv[1]);
}

int cli_main(int argc, char **argv)
{
	int result = run(argc, argv);

	/* If output was lost, the status must not be clean. */
	if (!fflush(stdout) && !ferror(stdout))
		return result;
	/* No message after a signal or a closed pipe. */
	if (!cli_is_stopped())
		cli_trouble("cannot write: %s", strerror(errno));
	return CLI_TROUBLE;
}
