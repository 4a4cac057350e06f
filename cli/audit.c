// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias audit: ask the module for an audit, name what it could not name,
 * leave out what was not asked for, and print it as the module would.
 */
#include <getopt.h>
#include <stdlib.h>

#include "audit.h"

struct options {
	bool is_json;
	bool is_ours;
	bool is_quiet;
	const char *from;
};

static const char help_text[] =
	"usage: noalias audit [--json] [--ours] [--quiet] [--from FILE]\n"
	"\n"
	"Reads the page tables of the kernel and of every process, and reports\n"
	"each frame that is mapped with conflicting memory types, and by whom.\n"
	"\n"
	"  --json       for programs\n"
	"  --ours       only memory that noalias holds\n"
	"  --quiet      no report, only the exit status\n"
	"  --from FILE  print an audit that was saved with --json\n"
	"  --help       this text\n"
	"\n"
	"Exit status: 0 no alias, 1 aliases found, 2 trouble.\n";

static void put(struct na_sink *sink, const char *text, size_t len)
{
	(void)sink;
	fwrite(text, 1, len, stdout);
}

static int usage(void)
{
	return cli_trouble("see noalias audit --help");
}

/* Returns -1 to go on, else an exit status. */
static int parse(int argc, char **argv, struct options *options)
{
	static const struct option known[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "ours", no_argument, NULL, 'o' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "from", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "jqh", known, NULL)) != -1) {
		if (c == 'j')
			options->is_json = true;
		else if (c == 'o')
			options->is_ours = true;
		else if (c == 'q')
			options->is_quiet = true;
		else if (c == 'f')
			options->from = optarg;
		else if (c == 'h')
			return fputs(help_text, stdout) < 0;
		else
			return usage();
	}
	return optind == argc ? -1 : usage();
}

static void keep_ours(struct na_audit_result *result)
{
	u32 i, nr = 0, grade, kind;

	for (i = 0; i < result->nr_conflicts; i++)
		if (result->conflicts[i].kind == NA_KIND_OURS)
			result->conflicts[nr++] = result->conflicts[i];
	result->nr_conflicts = nr;
	result->ours_only = true;
	for (grade = 0; grade < NR_NA_GRADES; grade++)
		for (kind = 0; kind < NR_NA_KINDS; kind++)
			if (kind != NA_KIND_OURS)
				result->nr_frames[grade][kind] = 0;
}

static int read_audit(const struct options *options, struct cli_file *file)
{
	int err;

	if (!options->from)
		return cli_read_debugfs("audit.json", file);
	err = cli_read(options->from, file);
	if (err)
		return cli_trouble("%s: %s", options->from, strerror(err));
	return CLI_CLEAN;
}

static int judge(const struct na_audit_result *result)
{
	if (na_audit_count(result, NA_GRADE_ALIAS))
		return CLI_FOUND;
	if (result->cut)
		return cli_trouble("the audit is incomplete: there was more than there is room for");
	return CLI_CLEAN;
}

static int show(const struct options *options, struct report *report)
{
	struct na_sink sink = { .put = put };

	if (!options->from)
		report_name_vmalloc(report);
	if (options->is_ours)
		keep_ours(&report->result);
	if (!options->is_quiet)
		na_audit_print(&report->result, options->is_json ?
			       NA_AUDIT_JSON : NA_AUDIT_TEXT, &sink);
	return judge(&report->result);
}

int cli_audit(int argc, char **argv)
{
	struct options options = { 0 };
	struct cli_file file;
	struct report report;
	const char *wrong;
	int result = parse(argc, argv, &options);

	if (result >= 0)
		return result;
	if (read_audit(&options, &file))
		return CLI_TROUBLE;
	wrong = report_parse(&report, &file);
	free(file.text);
	if (wrong)
		result = cli_trouble("cannot read the audit: %s", wrong);
	else
		result = show(&options, &report);
	report_fini(&report);
	return result;
}
