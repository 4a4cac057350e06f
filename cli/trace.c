// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias trace: events of the module as they happen.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "command.h"
#include "file.h"
#include "progress.h"
#include "trace.h"

#define LINE_MAX_LEN	4096
#define LOOK_EVERY_MS	500
#define COMM_LEN	32

struct options {
	bool is_json;
	const char *events;
	const char *from;
	uint64_t pid;
	uint64_t duration_ms;
	uint64_t count;
};

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs; one object a line" },
	{ .name = "event", .key = 'e', .arg = "LIST",
	  .help = "only these: alloc, free, convert, purge, kmap_purge,\n"
		  "tlb_flush, call, refusal; with commas between",
	  .values = "alloc free convert purge kmap_purge tlb_flush call refusal" },
	{ .name = "pid", .key = 'p', .arg = "PID",
	  .help = "only events of this task",
	  .values = CLI_PIDS },
	{ .name = "duration", .key = 'd', .arg = "SEC",
	  .help = "stop after so many seconds" },
	{ .name = "count", .key = 'n', .arg = "N",
	  .help = "stop after N events" },
	{ .name = "from", .key = 'f', .arg = "FILE",
	  .help = "print lines that were saved from tracefs",
	  .values = CLI_FILES },
	CLI_COMMON(NULL),
};

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	switch (option) {
	case 'j':
		options->is_json = true;
		return CLI_GO_ON;
	case 'e':
		options->events = value;
		return CLI_GO_ON;
	case 'f':
		options->from = value;
		return CLI_GO_ON;
	case 'p':
		return cli_number("--pid", value, 1, INT_MAX, &options->pid);
	case 'd':
		return cli_seconds("--duration", value,
				   &options->duration_ms);
	case 'n':
		return cli_number("--count", value, 1, UINT32_MAX,
				  &options->count);
	default:
		return cli_usage("trace");
	}
}

static int parse(int argc, char **argv, struct options *options)
{
	int result = cli_command_line(&cli_trace, argc, argv, options);

	if (result == CLI_GO_ON && file_has_sysroot())
		return cli_trouble("--sysroot: this machine is traced; --from FILE prints lines of another");
	return result;
}

/* --- lines ------------------------------------------------------------------------ */

struct printer {
	const struct options *options;
	uint64_t nr;
	double start;
	char line[LINE_MAX_LEN];
	size_t len;
};

static bool is_done(const struct printer *printer)
{
	return (printer->options->count &&
		printer->nr >= printer->options->count) || ferror(stdout);
}

/* Tracefs may not know the name yet; /proc has that of a running task. */
static void name_task(struct trace_event *event, char *comm)
{
	struct cli_file file;
	char path[32];

	if (event->lost || strcmp(event->comm, "<...>") != 0)
		return;
	snprintf(path, sizeof(path), "/proc/%d/comm", event->pid);
	if (file_read(path, &file))
		return;
	snprintf(comm, COMM_LEN, "%.*s", (int)strcspn(file.text, "\n"),
		 file.text);
	event->comm = comm;
	free(file.text);
}

static void print_line(struct printer *printer)
{
	struct trace_event event;

	char comm[COMM_LEN];

	printer->line[printer->len] = 0;
	printer->len = 0;
	if (is_done(printer) || !trace_parse(&event, printer->line))
		return;
	if (!printer->options->from)
		name_task(&event, comm);
	if (!event.lost && !printer->nr++)
		printer->start = event.seconds;
	if (printer->options->is_json)
		trace_print_json(&event);
	else
		trace_print_text(&event, printer->start);
}

/* Longer lines are truncated. */
static void print_text(struct printer *printer, const char *text, size_t len)
{
	for (; len; len--, text++) {
		if (*text == '\n')
			print_line(printer);
		else if (printer->len < LINE_MAX_LEN - 1)
			printer->line[printer->len++] = *text;
	}
	fflush(stdout);
}

/* --- from a file -------------------------------------------------------------------- */

/*
 * Error in a line, or NULL. Lines that do not look like our events are no
 * error: there may be other events, and tracefs prints a heading.
 */
static const char *take_line(struct printer *printer, const char *line,
			     size_t len, bool is_whole)
{
	uint64_t nr = printer->nr;
	bool is_ours;

	if (memchr(line, 0, len))
		return "a byte is NUL";
	if (len >= LINE_MAX_LEN)
		return "the line is too long";
	memcpy(printer->line, line, len);
	printer->line[len] = 0;
	printer->len = len;
	is_ours = trace_is_ours(printer->line);
	if (!is_whole)
		return "the line has no newline; the file was truncated";
	print_line(printer);
	return is_ours && printer->nr == nr && !is_done(printer) ?
	       "it looks like an event of noalias, but is malformed" : NULL;
}

/* Prints all valid lines; the first malformed one is reported at the end. */
static int print_lines(struct printer *printer, const struct cli_file *file)
{
	const char *at = file->text, *end = file->text + file->len, *newline;
	const char *wrong, *first_wrong = NULL;
	unsigned long nr = 0, wrong_nr = 0;
	size_t len;

	for (; at < end && !is_done(printer); at += len + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		len = (size_t)((newline ? newline : end) - at);
		nr++;
		wrong = take_line(printer, at, len, newline);
		if (!wrong || first_wrong)
			continue;
		first_wrong = wrong;
		wrong_nr = nr;
	}
	if (first_wrong)
		return cli_trouble("%s: line %lu: %s", file->name, wrong_nr,
				   first_wrong);
	return CLI_CLEAN;
}

static int print_file(const struct options *options)
{
	struct printer printer = { .options = options };
	struct cli_file file;
	int err = file_read(options->from, &file), result;

	if (err)
		return cli_trouble("%s: %s", options->from,
				   file_error(err));
	result = print_lines(&printer, &file);
	free(file.text);
	if (!result && !printer.nr)
		return cli_trouble("%s has no events of noalias",
				   options->from);
	return result;
}

/* --- live --------------------------------------------------------------------------- */

static void drain(struct trace_session *session, struct printer *printer)
{
	char text[16384];
	ssize_t len;

	while (!is_done(printer) &&
	       (len = read(session->fd, text, sizeof(text))) > 0)
		print_text(printer, text, (size_t)len);
}

/* Time left, at most the interval at which the end is checked. */
static uint64_t time_left(const struct options *options, uint64_t begun)
{
	uint64_t spent = cli_now_ms() - begun;

	if (!options->duration_ms)
		return LOOK_EVERY_MS;
	if (spent >= options->duration_ms)
		return 0;
	return options->duration_ms - spent < LOOK_EVERY_MS ?
	       options->duration_ms - spent : LOOK_EVERY_MS;
}

static int live(const struct options *options)
{
	struct printer printer = { .options = options };
	struct trace_session session;
	uint64_t begun = cli_now_ms(), left;
	int result;

	/*
	 * From here on signals must not end us before the instance is removed.
	 */
	cli_catch_signals();
	result = trace_begin(&session, options->events, (int)options->pid);
	if (result)
		return result;
	if (isatty(STDERR_FILENO))
		fputs("tracing; stop with Ctrl-C\n", stderr);
	while (!cli_is_stopped() && !is_done(&printer) &&
	       (left = time_left(options, begun))) {
		cli_pause(session.fd, left);
		drain(&session, &printer);
	}
	trace_stop(&session);
	drain(&session, &printer);
	trace_end(&session);
	return CLI_CLEAN;
}

static int run_trace(int argc, char **argv)
{
	struct options options = { 0 };
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	return options.from ? print_file(&options) : live(&options);
}

const struct cli_command cli_trace = {
	.name = "trace",
	.about = "show conversions and purges as they happen",
	.usage = "[OPTION...]",
	.intro =
		"Prints events of the module until interrupted: time in seconds, the task that\n"
		"caused it, and details.\n",
	.options = known,
	.outro =
		"It has an instance of tracefs of its own: other tracing goes on undisturbed.\n"
		"Events of noalias are enabled there only as long as it runs.\n"
		"\n"
		"Exit status: 0 done, also when interrupted; 2 trouble.\n",
	.take = take,
	.run = run_trace,
};
