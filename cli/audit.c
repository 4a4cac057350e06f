// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias audit: read an audit from the module, add names of vmalloc areas,
 * remove what was not requested, and print it.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "metrics.h"
#include "report.h"
#include "watch.h"

/*
 * Result of an incomplete audit without a conflict: an error, but not one that
 * ends a watch, because the next audit may be complete.
 */
#define AUDIT_INCOMPLETE (CLI_TROUBLE + 1)

struct options {
	bool is_json;
	bool is_ours;
	bool is_quiet;
	const char *from;
	const char *metrics;
	bool is_kcore;
	struct na_dump_options image;
	struct report_choice choice;
	bool has_range;
	uint64_t pid;
	uint64_t every_ms;
	uint64_t budget;
	uint64_t count;
	enum severity fail_on;
	const char *accept_path;
	struct accept accept;
};

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs" },
	{ .name = "quiet", .key = 'q', .has_letter = true,
	  .help = "no report, only the exit status" },
	{ .name = "ours", .key = 'o',
	  .help = "only memory that noalias holds" },
	{ .name = "pid", .key = 'p', .arg = "PID",
	  .help = "only conflicts in which this process takes part, only its\n"
		  "mappings",
	  .values = CLI_PIDS },
	{ .name = "range", .key = 'R', .arg = "A-B",
	  .help = "list all mappings of these physical addresses, in conflict\n"
		  "or not; also A+LEN" },
	{ .name = "type", .key = 'T', .arg = "TYPE",
	  .help = "list all mappings of this type, of a --range or of all memory",
	  .values = "UC UC- WC WT WP WB" },
	{ .name = "fail-on", .key = 's', .arg = "WORD",
	  .help = "exit status 1 from this severity on: error (default),\n"
		  "warning or note",
	  .values = "error warning note" },
	{ .name = "accept", .key = 'A', .arg = "FILE",
	  .help = "what FILE lists is known and accepted: shown and counted, but\n"
		  "not in the exit status",
	  .values = CLI_FILES },
	{ .name = "watch", .key = 'w', .arg = "[=SEC]",
	  .help = "repeat every SEC seconds (2) until interrupted, and tell what\n"
		  "came and went; with --json one line for each audit or event" },
	{ .name = "budget", .key = 'B', .arg = "PERCENT",
	  .help = "with --watch: of one CPU, 1 to 100; longer pauses if it takes\n"
		  "more" },
	{ .name = "count", .key = 'n', .arg = "N",
	  .help = "with --watch: N audits" },
	{ .name = "from", .key = 'f', .arg = "FILE",
	  .help = "print an audit that was saved with --json",
	  .values = CLI_FILES },
	{ .name = "metrics", .key = 'M', .arg = "FILE",
	  .help = "also write OpenMetrics text, for node_exporter; - is stdout,\n"
		  "without a report", .values = CLI_FILES },
	{ .name = "kcore", .key = 'k',
	  .help = "read page tables through /proc/kcore, also if the module is\n"
		  "loaded" },
	{ .name = "dump", .key = 'd', .arg = "FILE",
	  .help = "audit a memory image: ELF, LiME, KDUMP, or raw with --base",
	  .values = CLI_FILES },
	{ .name = "base", .key = 'b', .arg = "ADDRESS",
	  .help = "the image is raw memory from this physical address on" },
	{ .name = "root", .key = 'r', .arg = "ADDRESS",
	  .help = "physical address of the kernel's root page table" },
	{ .name = "pat", .key = 'a', .arg = "VALUE",
	  .help = "value of the PAT register of an image of x86" },
	{ .name = "mair", .key = 'm', .arg = "VALUE",
	  .help = "value of MAIR_EL1, or MAIR1 and MAIR0, of an image of ARM" },
	{ .name = "scan", .key = 'c',
	  .help = "look for address spaces in every page of an image" },
	CLI_COMMON(CLI_SYSROOT),
};

static int take_severity(const char *word, enum severity *severity)
{
	*severity = severity_parse(word);
	if (*severity < NR_SEVERITIES)
		return CLI_GO_ON;
	return cli_trouble("--fail-on is '%s', allowed: error, warning, note",
			   word);
}

/* Hexadecimal too, as these are written everywhere. */
static int take_word(const char *what, const char *text, u64 *word)
{
	char *end;

	errno = 0;
	*word = strtoull(text, &end, 0);
	if (*text >= '0' && *text <= '9' && !*end && !errno)
		return CLI_GO_ON;
	return cli_trouble("%s is '%s', allowed: 0 to 0xffffffffffffffff",
			   what, text);
}

static int take_page(const char *what, const char *text, u64 align, u64 *pa)
{
	int result = take_word(what, text, pa);

	if (result == CLI_GO_ON && (*pa & (align - 1) || *pa >> 52))
		return cli_trouble("%s is '%s', allowed: multiples of %llu, below 2^52",
				   what, text, (unsigned long long)align);
	return result;
}

static int take_of_image(struct na_dump_options *image, int option,
			 const char *value)
{
	switch (option) {
	case 'd':
		image->path = value;
		return CLI_GO_ON;
	case 'b':
		image->image.is_raw = true;
		return take_page("--base", value, 4096, &image->image.base);
	case 'r':
		return take_page("--root", value, 32, &image->kernel.root);
	case 'a':
		image->has_pat = true;
		return take_word("--pat", value, &image->pat);
	case 'm':
		image->has_mair = true;
		return take_word("--mair", value, &image->mair);
	default:
		image->kernel.scan = true;
		return CLI_GO_ON;
	}
}

static int take_type(const char *text, struct report_choice *choice)
{
	for (choice->type = 0; choice->type < NR_NA_AUDIT_TYPES; choice->type++)
		if (!strcmp(text, na_audit_type_name(choice->type)))
			return CLI_GO_ON;
	return cli_trouble("--type is '%s', allowed: UC, UC-, WC, WT, WP, WB",
			   text);
}

static int take_range(const char *text, struct options *options)
{
	options->has_range = true;
	return cli_range("--range", text, 1u << NA_AUDIT_PAGE_SHIFT,
			 (u64)REPORT_FRAMES_MAX << NA_AUDIT_PAGE_SHIFT,
			 &options->choice.first, &options->choice.end);
}

static int take(void *arg, int option, const char *value)
{
	struct options *options = arg;

	switch (option) {
	case 'R':
		return take_range(value, options);
	case 'T':
		return take_type(value, &options->choice);
	case 'A':
		options->accept_path = value;
		return CLI_GO_ON;
	case 'M':
		options->metrics = value;
		return metrics_check(value);
	case 'k':
		options->is_kcore = true;
		return CLI_GO_ON;
	case 'd':
	case 'b':
	case 'r':
	case 'a':
	case 'm':
	case 'c':
		return take_of_image(&options->image, option, value);
	case 'j':
		options->is_json = true;
		return CLI_GO_ON;
	case 'o':
		options->is_ours = true;
		return CLI_GO_ON;
	case 'q':
		options->is_quiet = true;
		return CLI_GO_ON;
	case 'f':
		options->from = value;
		return CLI_GO_ON;
	case 'p':
		return cli_number("--pid", value, 1, INT_MAX, &options->pid);
	case 's':
		return take_severity(value, &options->fail_on);
	case 'B':
		return cli_number("--budget", value, 1, 100, &options->budget);
	case 'n':
		return cli_number("--count", value, 1, UINT32_MAX,
				  &options->count);
	default:
		return cli_seconds("--watch", value ? value : "2",
				   &options->every_ms);
	}
}

/* Accept "--watch 5" like "--watch=5". */
static int take_operand(const char *word, struct options *options)
{
	if (options->every_ms)
		return cli_seconds("--watch", word, &options->every_ms);
	cli_trouble("audit: '%s' is one word too many", word);
	return cli_usage("audit");
}

static int check_image(const struct options *options)
{
	const struct na_dump_options *image = &options->image;

	if (!!options->from + options->is_kcore + !!image->path > 1)
		return cli_trouble("--from, --kcore and --dump name three sources: choose one of them");
	if (image->path && options->every_ms)
		return cli_trouble("--watch repeats audits of this machine; an image does not change");
	if (!image->path && (image->image.is_raw || image->kernel.root ||
			     image->has_pat || image->has_mair ||
			     image->kernel.scan))
		return cli_trouble("--base, --root, --pat, --mair and --scan are about an image: use them with --dump FILE");
	return CLI_GO_ON;
}

static bool has_list(const struct options *options)
{
	return options->choice.end;
}

/* The module's file has conflicts only. */
static int check_list(struct options *options)
{
	if (options->choice.type != REPORT_ANY_TYPE && !options->has_range) {
		if (options->choice.type == NA_AUDIT_WB)
			return cli_trouble("--type WB is nearly all memory: give a --range");
		options->choice.end = REPORT_FRAMES_MAX;
	}
	if (has_list(options) && options->from)
		return cli_trouble("--range and --type read page tables, --from a saved audit: choose one of them");
	if (has_list(options) && file_has_sysroot() && !options->image.path)
		return cli_trouble("--range and --type read page tables, of which --sysroot has none: use --dump FILE");
	return CLI_GO_ON;
}

static int parse(int argc, char **argv, struct options *options)
{
	int result = cli_command_line(&cli_audit, argc, argv, options);

	if (result == CLI_GO_ON && optind < argc)
		result = take_operand(argv[optind], options);
	if (result == CLI_GO_ON && options->from && options->every_ms)
		return cli_trouble("--watch runs audits, --from reads one: choose one of them");
	if (result == CLI_GO_ON && options->count && !options->every_ms)
		return cli_trouble("--count goes with --watch only");
	if (result == CLI_GO_ON && options->budget && !options->every_ms)
		return cli_trouble("--budget goes with --watch only");
	if (result == CLI_GO_ON)
		result = check_image(options);
	if (result == CLI_GO_ON && options->metrics &&
	    !strcmp(options->metrics, "-")) {
		if (options->is_json)
			return cli_trouble("--json and --metrics - both write to stdout: choose one of them");
		options->is_quiet = true;
	}
	return result == CLI_GO_ON ? check_list(options) : result;
}

/* --- the process --------------------------------------------------------------- */

static int no_process(uint64_t pid, int err)
{
	if (err == ENOENT || err == ESRCH)
		return cli_trouble("--pid is '%llu': there is no such process",
				   (unsigned long long)pid);
	return cli_trouble("--pid is '%llu': cannot be checked: /proc: %s",
			   (unsigned long long)pid, strerror(err));
}

/* A thread has such a file too, which contains the pid of its process. */
static int check_status(uint64_t pid, const char *status)
{
	const char *line = strstr(status, "\nTgid:");
	unsigned long long process;

	if (!line || sscanf(line, "\nTgid: %llu", &process) != 1)
		return cli_trouble("--pid is '%llu': its status has no Tgid",
				   (unsigned long long)pid);
	if (process == pid)
		return CLI_GO_ON;
	return cli_trouble("--pid is '%llu': a thread of process %llu",
			   (unsigned long long)pid, process);
}

/*
 * An audit finds nothing of a process that does not exist, which must not be
 * reported as clean. So its existence is checked before and after the audit.
 */
static int check_process(const struct options *options)
{
	struct cli_file file;
	char name[40];
	int err, result;

	if (!options->pid || options->from || options->image.path)
		return CLI_GO_ON;
	snprintf(name, sizeof(name), "/proc/%llu/status",
		 (unsigned long long)options->pid);
	err = file_read_system(name, &file);
	if (err)
		return no_process(options->pid, err);
	result = check_status(options->pid, file.text);
	free(file.text);
	return result;
}

/* --- one audit ------------------------------------------------------------------ */

static int judge(const struct options *options, const struct report *report)
{
	int severity;

	for (severity = options->fail_on; severity < NR_SEVERITIES; severity++)
		if (report_count(report, (enum severity)severity))
			return CLI_FOUND;
	if (!report->result.cut)
		return CLI_CLEAN;
	cli_trouble("the audit is incomplete: not everything was read or had room");
	return AUDIT_INCOMPLETE;
}

/* A saved audit lists processes in conflict, not all that existed. */
static int check_saved_pid(const struct options *options,
			   const struct report *report)
{
	int only = report->result.pid_only;

	if (!options->pid || !options->from || only == (int)options->pid)
		return CLI_GO_ON;
	if (only)
		return cli_trouble("%s is about process %d only", options->from,
				   only);
	if (report_names_pid(report, (int)options->pid))
		return CLI_GO_ON;
	return cli_trouble("%s does not show whether process %llu existed: it has no conflict; use an audit saved with --pid %llu",
			   options->from, (unsigned long long)options->pid,
			   (unsigned long long)options->pid);
}

/* Without the ledger no frame is known to be ours, which must not be clean. */
static int check_ours(const struct options *options,
		      const struct report *report)
{
	if (!options->is_ours || report->source.origin == REPORT_FROM_MODULE)
		return CLI_GO_ON;
	return cli_trouble("--ours is about the module's ledger, which an audit of %s does not have",
			   report->source.file);
}

static int show(const struct options *options, struct report *report)
{
	if (check_saved_pid(options, report) != CLI_GO_ON ||
	    check_ours(options, report) != CLI_GO_ON)
		return CLI_TROUBLE;
	if (!options->from && report->source.origin != REPORT_FROM_IMAGE)
		report_name_vmalloc(report);
	if (!options->from && report->source.origin == REPORT_FROM_MODULE)
		report_name_kernel(&report->source);
	if (options->is_ours)
		report_keep_ours(report);
	if (options->pid)
		report_keep_pid(report, (int)options->pid);
	if (options->accept_path && report_accept(report, &options->accept))
		return CLI_TROUBLE;
	if (options->is_json && !options->is_quiet)
		report_print_json(report, options->every_ms, stdout);
	else if (!options->is_quiet)
		report_print_text(report, stdout);
	return judge(options, report);
}

/* Without the module its file is not there, but page tables are. */
static int read_instead(const struct na_dump_options *image,
			struct report *report)
{
	int result = report_read_image(report, image, 0, NULL);

	if (result)
		cli_trouble("the module is not loaded; as root: modprobe noalias (see noalias doctor)");
	return result;
}

static int read_report(const struct options *options, struct report *report)
{
	const struct report_choice *choice = has_list(options) ?
						    &options->choice : NULL;
	struct na_dump_options image = options->image;

	if (options->from)
		return report_read_saved(report, options->from);
	if (image.path)
		return report_read_image(report, &image, (int)options->pid,
					 choice);
	image.path = "/proc/kcore";
	if (options->is_kcore || choice)
		return report_read_image(report, &image, 0, choice);
	if (file_module_is_loaded() || file_has_sysroot() || options->is_ours)
		return report_read(report);
	return read_instead(&image, report);
}

static int read_and_show(const struct options *options, struct report *report,
			 bool *is_read)
{
	int result;

	if (check_process(options) != CLI_GO_ON)
		return CLI_TROUBLE;
	result = read_report(options, report);
	if (!result && check_process(options) != CLI_GO_ON)
		result = CLI_TROUBLE;
	if (!result)
		result = show(options, report);
	*is_read = result != CLI_TROUBLE;
	return result;
}

/* Of an audit that failed too, so that the last good one is not taken for it. */
static int audit(const struct options *options, struct watch *watch)
{
	struct report report = { 0 };
	bool is_read = false;
	int result = read_and_show(options, &report, &is_read);
	int status = result == AUDIT_INCOMPLETE ? CLI_TROUBLE : result;

	if (options->metrics &&
	    metrics_write(options->metrics, is_read ? &report : NULL, status))
		result = CLI_TROUBLE;
	if (watch && is_read)
		watch_compare(watch, &report);
	report_fini(&report);
	return result;
}

/* --- again and again ------------------------------------------------------- */

/* A terminal shows the last audit, a file gets them all. */
static void print_heading(const struct options *options,
			  const struct watch *watch)
{
	char now[32];
	time_t seconds = time(NULL);
	struct tm local;

	if (options->is_json || options->is_quiet)
		return;
	if (watch->is_screen)
		fputs("\033[H\033[J", stdout);
	else if (watch->nr > 1)
		putchar('\n');
	localtime_r(&seconds, &local);
	strftime(now, sizeof(now), "%H:%M:%S", &local);
	printf("%s  audit %llu, every %g s; stop with Ctrl-C\n\n", now,
	       (unsigned long long)watch->nr, (double)options->every_ms / 1000);
}

/* As within an audit, a conflict found takes precedence over incompleteness. */
static int worse(int left, int right)
{
	static const int ranks[] = {
		[CLI_CLEAN] = 0, [AUDIT_INCOMPLETE] = 1, [CLI_FOUND] = 2,
		[CLI_TROUBLE] = 3,
	};

	return ranks[left] > ranks[right] ? left : right;
}

static int watch(const struct options *options)
{
	struct watch state = {
		.every_ms = options->every_ms, .budget = options->budget,
		.is_json = options->is_json, .is_quiet = options->is_quiet,
		.is_screen = isatty(STDOUT_FILENO),
	};
	int result = CLI_CLEAN;

	cli_catch_signals();
	while (!cli_is_stopped() && result != CLI_TROUBLE) {
		watch_begin_round(&state);
		print_heading(options, &state);
		result = worse(result, audit(options, &state));
		if (fflush(stdout) ||
		    (options->count && state.nr == options->count))
			break;
		cli_pause(-1, watch_pause_ms(&state));
	}
	watch_end(&state);
	return result;
}

static int run_audit(int argc, char **argv)
{
	struct options options = {
		.fail_on = SEVERITY_ERROR, .choice.type = REPORT_ANY_TYPE,
	};
	int result = parse(argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	if (options.accept_path &&
	    accept_read(options.accept_path, &options.accept))
		return CLI_TROUBLE;
	result = options.every_ms ? watch(&options) : audit(&options, NULL);
	accept_free(&options.accept);
	return result == AUDIT_INCOMPLETE ? CLI_TROUBLE : result;
}

const struct cli_command cli_audit = {
	.name = "audit",
	.about = "find frames mapped with conflicting memory types",
	.usage = "[OPTION...]",
	.intro =
		"Reads the page tables of the kernel and of every process, and reports\n"
		"each frame that is mapped with conflicting memory types, and the owners;\n"
		"with --range or --type also all other mappings.\n",
	.options = known,
	.outro =
		"Severities: error    memory mapped cached and uncached: data may be lost\n"
		"            warning  memory mapped UC and WC, or with two cached types;\n"
		"                     device memory mapped cached and uncached\n"
		"            note     device memory mapped UC and WC, or with two cached types\n"
		"Reserved memory, which the system does not use, counts as memory.\n"
		"\n"
		"Exit status: 0 no conflict of the --fail-on severity or above, 1 found, 2 error,\n"
		"or none was found but an audit is incomplete, which does not end --watch.\n",
	.operands_max = 1,
	.take = take,
	.run = run_audit,
};
