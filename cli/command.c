// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Command lines: parsing and --help, from the table of the command.
 */
#include "command.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "color.h"
#include "file.h"
#include "nearest.h"

static bool is_optional(const struct cli_option *option)
{
	return option->arg && option->arg[0] == '[';
}

/* --- for getopt ------------------------------------------------------------ */

struct getopt_tables {
	struct option names[CLI_OPTIONS_MAX + 1];
	char letters[CLI_OPTIONS_MAX * 3 + 3];
};

static int has_arg(const struct cli_option *option)
{
	if (!option->arg)
		return no_argument;
	return is_optional(option) ? optional_argument : required_argument;
}

/* -h is always --help, and not in the list of options. */
static void make_tables(const struct cli_command *command,
			struct getopt_tables *tables)
{
	const struct cli_option *option = command->options;
	char *letter = tables->letters;
	size_t nr;

	if (command->is_prefix)
		*letter++ = '+';
	*letter++ = 'h';
	for (nr = 0; nr < CLI_OPTIONS_MAX && option->name; nr++, option++) {
		tables->names[nr] = (struct option){
			option->name, has_arg(option), NULL, option->key,
		};
		if (!option->has_letter)
			continue;
		*letter++ = (char)option->key;
		if (has_arg(option) != no_argument)
			*letter++ = ':';
		if (has_arg(option) == optional_argument)
			*letter++ = ':';
	}
	*letter = 0;
	tables->names[nr] = (struct option){ 0 };
}

/* --- reading --------------------------------------------------------------- */

/* Suggest an option after getopt has reported an unknown one. */
static void suggest(const struct cli_command *command, const char *given)
{
	struct nearest nearest = { 0 };
	const struct cli_option *option;
	char word[64];

	if (optopt || !given || strncmp(given, "--", 2) != 0)
		return;
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(given + 2, "="),
		 given + 2);
	nearest.word = word;
	for (option = command->options; option->name; option++)
		nearest_try(&nearest, option->name);
	if (nearest.best)
		cli_warn("did you mean --%s?", nearest.best);
}

static int take_color(const char *value)
{
	if (color_choose(value))
		return CLI_GO_ON;
	return cli_trouble("--color is '%s', allowed: auto, always, never",
			   value);
}

static int take(const struct cli_command *command, int key, void *arg)
{
	switch (key) {
	case 'h':
	case CLI_KEY_HELP:
		cli_help(command);
		return CLI_CLEAN;
	case '?':
		return cli_usage(command->name);
	case CLI_KEY_COLOR:
		return take_color(optarg);
	case CLI_KEY_SYSROOT:
		return file_set_sysroot(optarg);
	default:
		return command->take(arg, key, optarg);
	}
}

static int check_operands(const struct cli_command *command, int argc,
			  char **argv)
{
	if (command->is_prefix || argc - optind <= command->operands_max)
		return CLI_GO_ON;
	cli_trouble("%s: '%s' is one word too many", command->name,
		    argv[optind + command->operands_max]);
	return cli_usage(command->name);
}

int cli_command_line(const struct cli_command *command, int argc, char **argv,
		     void *arg)
{
	struct getopt_tables tables;
	char title[32];
	int key, result = CLI_GO_ON;

	make_tables(command, &tables);
	/* getopt begins its messages with this. */
	snprintf(title, sizeof(title), "noalias %s", command->name);
	argv[0] = title;
	optind = 1;
	while (result == CLI_GO_ON &&
	       (key = getopt_long(argc, argv, tables.letters, tables.names,
				  NULL)) != -1) {
		if (key == '?')
			suggest(command, argv[optind - 1]);
		result = take(command, key, arg);
	}
	if (result == CLI_GO_ON)
		result = check_operands(command, argc, argv);
	argv[0] = (char *)command->name;
	return result;
}

/* --- explaining ------------------------------------------------------------ */

static int make_label(const struct cli_option *option, char *label, size_t len)
{
	const char *arg = option->arg ? option->arg : "";

	return snprintf(label, len, "--%s%s%s", option->name,
			*arg && !is_optional(option) ? " " : "", arg);
}

/* Width of the longest label, with a gap. */
static int label_width(const struct cli_option *option)
{
	int width = 0, len;

	for (; option->name; option++) {
		len = option->help ? make_label(option, NULL, 0) : 0;
		width = len > width ? len : width;
	}
	return width + 2;
}

/* Further lines are indented like the first. */
static void print_lines(const char *lines, int indent)
{
	for (; *lines; lines++) {
		putchar(*lines);
		if (*lines == '\n')
			printf("%*s", indent, "");
	}
	putchar('\n');
}

static void print_option(const struct cli_option *option, int width)
{
	char label[64];

	make_label(option, label, sizeof(label));
	if (option->has_letter)
		printf("  -%c, ", option->key);
	else
		fputs("      ", stdout);
	printf("%-*s", width, label);
	print_lines(option->help, 6 + width);
}

void cli_help(const struct cli_command *command)
{
	int width = label_width(command->options);
	const struct cli_option *option;

	printf("usage: noalias %s %s\n\n%s\n", command->name, command->usage,
	       command->intro);
	for (option = command->options; option->name; option++)
		if (option->help)
			print_option(option, width);
	printf("\n%s", command->outro);
}

void cli_complete(const struct cli_command *command)
{
	const struct cli_option *option;

	for (option = command->options; option->name; option++) {
		if (!option->help)
			continue;
		printf("--%s", option->name);
		if (has_arg(option) == required_argument)
			printf("=%s", option->values ? option->values : "");
		putchar('\n');
	}
	if (command->is_prefix)
		puts("--");
}
