/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Commands: one table each, of which the command line is read, --help is
 * printed, and shells are told what to complete.
 */
#ifndef NA_CLI_COMMAND_H
#define NA_CLI_COMMAND_H

#include "cli.h"

/**
 * struct cli_option - one option; a table ends with one that has no name
 * @name: without the dashes
 * @key: what struct cli_command's take gets; positive
 * @has_letter: -@key is the same
 * @arg: what --help calls its value; in brackets when it may be left out:
 *	"[=SEC]"; NULL: there is none
 * @help: lines of --help; NULL: taken, to be refused with a reason, and not
 *	told
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

/* What cli/completion.bash knows to offer. */
#define CLI_HEAPS	"@heaps"
#define CLI_PIDS	"@pids"
#define CLI_FILES	"@files"
#define CLI_FOLDERS	"@folders"

/* Keys of the options that every command has. */
enum { CLI_KEY_HELP = 0x1000, CLI_KEY_COLOR, CLI_KEY_SYSROOT };

#define CLI_SYSROOT "files of the system are below DIR"

/** CLI_COMMON() - these, and the end of the table. @sysroot_help may be NULL. */
#define CLI_COMMON(sysroot_help) \
	{ .name = "color", .key = CLI_KEY_COLOR, .arg = "WHEN", \
	  .help = "auto, always or never", .values = "auto always never" }, \
	{ .name = "sysroot", .key = CLI_KEY_SYSROOT, .arg = "DIR", \
	  .help = sysroot_help, .values = CLI_FOLDERS }, \
	{ .name = "help", .key = CLI_KEY_HELP, .help = "this text" }, \
	{ 0 }

/**
 * struct cli_command - one command
 * @name: first word of its command line
 * @about: what it is for, in the list of commands
 * @usage: what follows its name
 * @intro: what --help says before the options; whole lines
 * @options: of CLI_OPTIONS_MAX at most, with CLI_COMMON() at the end
 * @outro: what it says after them, at last of the exit status
 * @operands_max: words that may follow the options
 * @is_prefix: the operands are a command line of their own: options end with
 *	the first of them
 * @take: takes an option by its key, and its value; returns CLI_GO_ON or an
 *	exit status
 * @run: takes the command line from @name on; returns an exit status
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
				cli_list, cli_map, cli_stat, cli_trace;

/**
 * cli_command_line() - read a command line
 * @command: whose
 * @argc: from the command's name on
 * @argv: from the command's name on
 * @arg: for its take
 *
 * Return: CLI_GO_ON, and optind is the index of the first operand; or an exit
 * status, when help was asked for or something is wrong, which was said.
 */
int cli_command_line(const struct cli_command *command, int argc, char **argv,
		     void *arg);

/** cli_help() - print the help of a command. */
void cli_help(const struct cli_command *command);

/**
 * cli_complete() - tell a shell what options there are
 *
 * A line each: --NAME when it takes no value, or may do without; else --NAME=
 * and @values. At last -- if a command line of its own may follow.
 */
void cli_complete(const struct cli_command *command);

#endif
