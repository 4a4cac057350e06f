// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias doctor: what can this machine promise, and what is in the way?
 * Reads only; runs as anybody, and says what it could not see.
 */
#include "doctor.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "color.h"
#include "file.h"
#include "json_out.h"

#define TEXT_COLUMN 20

static const char help_text[] =
	"usage: noalias doctor [OPTION...]\n"
	"\n"
	"Looks at processor, kernel, module, nodes and permissions, and says what this\n"
	"machine can promise, why not more, and what helps. Changes nothing.\n"
	"\n"
	"  -j, --json         for programs\n"
	"  -q, --quiet        only what is not as it should be\n"
	"      --color WHEN   auto, always or never\n"
	"      --sysroot DIR  look at the files of a system below DIR\n"
	"      --help         this text\n"
	"\n"
	"Exit status: 0 nothing is in the way, 1 problems were found, 2 trouble.\n";

struct options {
	bool is_json;
	bool is_quiet;
};

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	(void)value;
	if (option == 'j')
		options->is_json = true;
	else
		options->is_quiet = true;
	return CLI_GO_ON;
}

static int parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "quiet", no_argument, NULL, 'q' },
	};
	static const struct cli_spec spec = {
		.name = "doctor", .help = help_text, .options = known,
		.nr_options = sizeof(known) / sizeof(known[0]), .take = take,
	};

	return cli_parse(&spec, argc, argv, options);
}

/* --- findings ------------------------------------------------------------------ */

struct doctor_finding *doctor_add(struct doctor *doctor, const char *name,
				  enum doctor_state state,
				  const char *format, ...)
{
	struct doctor_finding *finding = &doctor->findings[doctor->nr];
	va_list args;

	if (doctor->nr < DOCTOR_FINDINGS_MAX - 1)
		doctor->nr++;
	finding->name = name;
	finding->state = state;
	finding->remedy[0] = 0;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	return finding;
}

void doctor_remedy(struct doctor_finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, args);
	va_end(args);
}

void doctor_word(char *word, size_t size, const char *name)
{
	struct cli_file file;

	*word = 0;
	if (file_read_system(name, &file))
		return;
	snprintf(word, size, "%.*s", (int)strcspn(file.text, "\n"), file.text);
	free(file.text);
}

static bool has_problem(const struct doctor *doctor)
{
	unsigned int i;

	for (i = 0; i < doctor->nr; i++)
		if (doctor->findings[i].state == DOCTOR_PROBLEM)
			return true;
	return false;
}

/* --- the verdict ---------------------------------------------------------------- */

static const char *promise(const struct doctor *doctor)
{
	if (!doctor->is_x86)
		return "nothing: this module works on x86 only";
	return doctor->has_wc ? "guaranteed UC and WC memory" :
				"guaranteed UC memory; no WC memory";
}

static const char *now(const struct doctor *doctor)
{
	if (!doctor->is_loaded)
		return "nothing: the module is not loaded";
	return has_problem(doctor) ? "see the problems above" :
				     "all of that";
}

/* --- output --------------------------------------------------------------------- */

static const char *const state_words[] = { "ok", "note", "PROBLEM" };

/* A terminal gets lines that fit, a file one line for each text. */
static int line_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return INT_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 60)
		return 80;
	return size.ws_col;
}

static void print_wrapped(const char *text, int indent)
{
	int width = line_width(), column = indent, len;

	while (*text) {
		len = (int)strcspn(text, " ");
		if (column > indent && column + 1 + len > width) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", len, text);
		column += len;
		text += len + (text[len] == ' ');
	}
	putchar('\n');
}

static void print_finding(const struct doctor_finding *finding)
{
	static const enum color colors[] = {
		COLOR_GOOD, COLOR_WARN, COLOR_BAD,
	};

	printf("%s%-8s%s %-10s ", color(colors[finding->state]),
	       state_words[finding->state], color(COLOR_PLAIN), finding->name);
	print_wrapped(finding->text, TEXT_COLUMN);
	if (!*finding->remedy)
		return;
	printf("%*s-> ", TEXT_COLUMN, "");
	print_wrapped(finding->remedy, TEXT_COLUMN + 3);
}

static void print_text(const struct doctor *doctor, bool is_quiet)
{
	unsigned int i;

	for (i = 0; i < doctor->nr; i++)
		if (!is_quiet || doctor->findings[i].state != DOCTOR_OK)
			print_finding(&doctor->findings[i]);
	if (is_quiet)
		return;
	printf("\nthis machine can promise: %s\n", promise(doctor));
	printf("now it gives:             %s\n", now(doctor));
}

static void print_json(const struct doctor *doctor)
{
	static const char *const words[] = { "ok", "note", "problem" };
	struct json_out out = { .file = stdout };
	const struct doctor_finding *finding;
	unsigned int i;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_doctor", 1);
	put_open(&out, "findings", '[');
	for (i = 0; i < doctor->nr; i++) {
		finding = &doctor->findings[i];
		put_open(&out, NULL, '{');
		put_text(&out, "name", finding->name);
		put_text(&out, "state", words[finding->state]);
		put_text(&out, "text", finding->text);
		if (*finding->remedy)
			put_text(&out, "remedy", finding->remedy);
		put_close(&out, '}');
	}
	put_close(&out, ']');
	put_text(&out, "promise", promise(doctor));
	put_bool(&out, "loaded", doctor->is_loaded);
	put_bool(&out, "problems", has_problem(doctor));
	put_end(&out, '}');
}

int cli_doctor(int argc, char **argv)
{
	struct options options = { 0 };
	static struct doctor doctor;
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	doctor_check_machine(&doctor);
	if (doctor.is_x86)
		doctor_check_module(&doctor);
	if (doctor.is_x86)
		doctor_check_access(&doctor);
	if (options.is_json)
		print_json(&doctor);
	else
		print_text(&doctor, options.is_quiet);
	return has_problem(&doctor) ? CLI_FOUND : CLI_CLEAN;
}
