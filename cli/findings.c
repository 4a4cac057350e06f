// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "findings.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "color.h"

#define TEXT_COLUMN 20

int findings_take(void *arg, int option, const char *value)
{
	struct findings_options *options = arg;

	(void)value;
	if (option == 'j')
		options->is_json = true;
	else
		options->is_quiet = true;
	return CLI_GO_ON;
}

struct finding *findings_add(struct findings *findings, const char *name,
			     enum finding_state state, const char *format, ...)
{
	struct finding *finding = &findings->all[findings->nr];
	va_list args;

	/* When full, the last one is overwritten, but problems stay counted. */
	if (findings->nr < FINDINGS_MAX - 1)
		findings->nr++;
	findings->nr_problems += state == FINDING_PROBLEM;
	finding->name = name;
	finding->state = state;
	finding->remedy[0] = 0;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
	return finding;
}

void finding_remedy(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, args);
	va_end(args);
}

/* --- output ------------------------------------------------------------------ */

static const char *const state_words[] = { "ok", "note", "PROBLEM" };

/* Wrapped for a terminal, one line for each text in a file. */
static int line_width(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return INT_MAX;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || size.ws_col < 60)
		return 80;
	return size.ws_col;
}

/* File names may contain anything, including escape sequences. */
static void print_plain(const char *text, int len)
{
	for (; len--; text++)
		if (*text >= ' ' && *text <= '~')
			putchar(*text);
		else
			printf("\\x%02x", (unsigned char)*text);
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
		print_plain(text, len);
		column += len;
		text += len + (text[len] == ' ');
	}
	putchar('\n');
}

static void print_finding(const struct finding *finding)
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

void findings_print(const struct findings *findings, bool is_quiet)
{
	unsigned int i;

	for (i = 0; i < findings->nr; i++)
		if (!is_quiet || findings->all[i].state != FINDING_OK)
			print_finding(&findings->all[i]);
}

static void put_finding(struct json_out *out,
			const struct finding *finding)
{
	static const char *const words[] = { "ok", "note", "problem" };

	put_open(out, NULL, '{');
	put_text(out, "name", finding->name);
	put_text(out, "state", words[finding->state]);
	put_text(out, "text", finding->text);
	if (*finding->remedy)
		put_text(out, "remedy", finding->remedy);
	put_close(out, '}');
}

void findings_put(struct json_out *out, const struct findings *findings)
{
	unsigned int i;

	put_open(out, "findings", '[');
	for (i = 0; i < findings->nr; i++)
		put_finding(out, &findings->all[i]);
	put_close(out, ']');
}
