/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Commands: each has one table, from which the command line is parsed, --help
 * is printed, and completions are made.
 */
#ifndef NA_CLI_COMMAND_H
#define NA_CLI_COMMAND_H

#include "cli.h"

/**
 * struct cli_option - an option; the last one of a table has no name
 * @name: without the dashes
 * @key: passed to take() of struct cli_command; positive
 * @has_letter: @key is also a short option
 * @arg: name of its value in --help; in brackets if it is optional: "[=SEC]";
 *	NULL: no value
 * @help: lines of --help; NULL: not shown, accepted only to be refused with a
 *	reason
 * @values: for completion: words, or CLI_HEAPS and so on; NULL: anything
 */
struct cli_option {
	const char *name;
	int key;
	bool has_letter;
	const char *arg;
	const char *help;
	const char *values;
};

/* Values known to cli/completion.bash. */
#define CLI_HEAPS	"@heaps"
#define CLI_PIDS	"@pids"
#define CLI_FILES	"@files"
#define CLI_FOLDERS	"@folders"

/* Keys of the options that every command has. */
enum { CLI_KEY_HELP = 0x1000, CLI_KEY_COLOR, CLI_KEY_SYSROOT };

#define CLI_SYSROOT "files of the system are below DIR"

/**
 * CLI_COMMON() - these options and the end of the table. @sysroot_help may be
 * NULL.
 */
#define CLI_COMMON(sysroot_help) \
	{ .name = "color", .key = CLI_KEY_COLOR, .arg = "WHEN", \
	  .help = "auto, always or never", .values = "auto always never" }, \
	{ .name = "sysroot", .key = CLI_KEY_SYSROOT, .arg = "DIR", \
	  .help = sysroot_help, .values = CLI_FOLDERS }, \
	{ .name = "help", .key = CLI_KEY_HELP, .help = "this text" }, \
	{ 0 }

/**
 * struct cli_command - a command
 * @name: first word of its command line
 * @about: purpose, in the list of commands
 * @usage: synopsis after its name
 * @intro: text of --help before the options; whole lines
 * @options: at most CLI_OPTIONS_MAX, with CLI_COMMON() at the end
 * @outro: text after the options, with the exit status at the end
 * @operands_max: largest number of operands
 * @is_prefix: the operands are a command line: options end at the first operand
 * @take: handles an option by key and value; returns CLI_GO_ON or an exit
 *	status
 * @run: runs the command with its command line from @name on; returns an exit
 *	status
 */
struct cli_command {
	const char *name;
	const char *about;
	const char *usage;
	const char *intro;
	const struct cli_option *options;
	const char *outro;
	int operands_max;
	bool is_prefix;
	int (*take)(void *arg, int key, const char *value);
	int (*run)(int argc, char **argv);
};

#define CLI_OPTIONS_MAX 24

extern const struct cli_command cli_alloc, cli_audit, cli_bench, cli_doctor,
				cli_list, cli_map, cli_selftest, cli_stat,
				cli_trace;

/**
 * cli_command_line() - parse a command line
 * @command: command
 * @argc: from the command's name on
 * @argv: from the command's name on
 * @arg: passed to take()
 *
 * Return: CLI_GO_ON with optind as index of the first operand; or an exit
 * status, after --help or an error message.
 */
int cli_command_line(const struct cli_command *command, int argc, char **argv,
		     void *arg);

/** cli_help() - print the help of a command. */
void cli_help(const struct cli_command *command);

/**
 * cli_main() - the command with all its words
 *
 * Return: exit status, enum cli_status; CLI_TROUBLE too if output was lost.
 */
int cli_main(int argc, char **argv);

/**
 * cli_complete() - print the options for completion
 *
 * One on each line: --NAME if it has no value or an optional one; otherwise
 * --NAME= and @values. Finally -- if a command line may follow.
 */
void cli_complete(const struct cli_command *command);

#endif
