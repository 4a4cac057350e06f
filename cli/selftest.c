// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias selftest: for machines, which no emulator replaces. A report to attach.
 */
#include "selftest.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "cli.h"
#include "command.h"
#include "file.h"
#include "heap.h"
#include "json_out.h"
#include "machine.h"
#include "report.h"

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs, and to attach to a report" },
	{ .name = "quiet", .key = 'q', .has_letter = true,
	  .help = "only notes and problems" },
	CLI_COMMON(NULL),
};

/* --- the test ------------------------------------------------------------------ */

static int open_heap(struct selftest *test, struct selftest_heap *heap)
{
	struct noalias_heap_info info = { .size = sizeof(info) };
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = heap->memtype,
		.promise = NOALIAS_PROMISE_NONE,
	};

	/* Nothing without UC; without PAT there is no WC. */
	if (heap->memtype == NOALIAS_MEMTYPE_UC) {
		if (heap_open(NULL, heap->memtype, &heap->heap))
			return CLI_TROUBLE;
	} else if (noalias_heap_find(&request, &heap->heap)) {
		heap->heap = NULL;
		findings_add(&test->findings, "heap", FINDING_NOTE,
			     "no heap of %s: %s",
			     noalias_memtype_name(heap->memtype),
			     noalias_error_message());
		return CLI_CLEAN;
	}
	if (noalias_heap_query(heap->heap, &info))
		return cli_trouble("%s", noalias_error_message());
	snprintf(heap->name, sizeof(heap->name), "%s", info.name);
	return CLI_CLEAN;
}

/* All buffers are held and mapped meanwhile. */
static void check_audit(struct selftest *test)
{
	struct report report = { 0 };
	struct finding *finding;

	if (report_read(&report)) {
		finding = findings_add(&test->findings, "audit", FINDING_NOTE,
				       "not audited: the module's report cannot be read");
		finding_remedy(finding, "run it as root, with debugfs mounted");
		report_fini(&report);
		return;
	}
	test->is_audited = true;
	report_keep_ours(&report);
	if (report_count(&report, SEVERITY_ERROR) ||
	    report_count(&report, SEVERITY_WARNING))
		finding = findings_add(&test->findings, "audit",
				       FINDING_PROBLEM,
				       "frames of buffers are mapped with conflicting types");
	else if (report.result.cut)
		finding = findings_add(&test->findings, "audit",
				       FINDING_PROBLEM,
				       "incomplete: not all page tables could be read");
	else
		finding = findings_add(&test->findings, "audit", FINDING_OK,
				       "clean: no frame of a buffer has a second type in any page table");
	if (finding->state == FINDING_PROBLEM)
		finding_remedy(finding, "noalias audit --ours names them");
	report_fini(&report);
}

static int examine(struct selftest *test)
{
	int result = CLI_CLEAN;
	size_t i;

	test->is_guest = machine_is_guest();
	test->is_emulated = machine_is_emulated();
	for (i = 0; !result && i < SELFTEST_HEAPS; i++)
		result = open_heap(test, &test->heaps[i]);
	for (i = 0; !result && i < SELFTEST_HEAPS; i++)
		if (test->heaps[i].heap)
			selftest_try(test, &test->heaps[i]);
	if (!result)
		check_audit(test);
	if (!result)
		result = selftest_time(test);
	for (i = 0; i < SELFTEST_HEAPS; i++)
		selftest_release(&test->heaps[i]);
	return result;
}

/* --- output --------------------------------------------------------------------- */

/* Does every heap that there is behave as memory of its type? */
static bool proves_types(const struct selftest *test)
{
	size_t i;

	for (i = 0; i < SELFTEST_HEAPS; i++)
		if (test->heaps[i].heap &&
		    test->heaps[i].verdict != SELFTEST_AS_TOLD)
			return false;
	return !test->is_emulated;
}

static const char *verdict(const struct selftest *test)
{
	if (test->findings.nr_problems)
		return "failed";
	if (!proves_types(test))
		return "passed; nothing is proven about caches";
	return test->is_audited ? "passed" : "passed; page tables were not audited";
}

static void print_text(const struct selftest *test, bool is_quiet)
{
	findings_print(&test->findings, is_quiet);
	if (!is_quiet)
		printf("\nselftest: %s\n", verdict(test));
}

static void put_machine(struct json_out *out, const struct selftest *test)
{
	struct utsname name;

	put_open(out, "machine", '{');
	if (!uname(&name)) {
		put_text(out, "kernel", name.release);
		put_text(out, "arch", name.machine);
	}
	put_text(out, "processor", machine_processor());
	put_bool(out, "is_guest", test->is_guest);
	put_bool(out, "is_emulated", test->is_emulated);
	put_close(out, '}');
}

static void put_heap(struct json_out *out, const struct selftest_heap *heap)
{
	static const char *const words[] = {
		"not timed", "as told", "unclear", "cached",
	};

	put_open(out, NULL, '{');
	put_text(out, "name", heap->name);
	put_text(out, "type", noalias_memtype_name(heap->memtype));
	put_text(out, "promise", noalias_promise_name(heap->promise));
	put_real(out, "read_mb_s", heap->timing.value[BENCH_READ], 1);
	put_real(out, "write_mb_s", heap->timing.value[BENCH_WRITE], 1);
	put_real(out, "read_ratio", heap->read_ratio, 2);
	put_real(out, "write_ratio", heap->write_ratio, 2);
	put_text(out, "times", words[heap->verdict]);
	put_close(out, '}');
}

static void print_json(const struct selftest *test)
{
	struct json_out out = { .file = stdout };
	size_t i;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_selftest", 1);
	put_text(&out, "version", NOALIAS_VERSION);
	put_machine(&out, test);
	findings_put(&out, &test->findings);
	put_open(&out, "heaps", '[');
	for (i = 0; i < SELFTEST_HEAPS; i++)
		if (test->heaps[i].heap)
			put_heap(&out, &test->heaps[i]);
	put_close(&out, ']');
	put_real(&out, "cached_read_mb_s", test->cached.value[BENCH_READ], 1);
	put_real(&out, "cached_write_mb_s", test->cached.value[BENCH_WRITE], 1);
	put_bool(&out, "audited", test->is_audited);
	put_bool(&out, "proves_types", proves_types(test));
	put_text(&out, "verdict", verdict(test));
	put_bool(&out, "problems", test->findings.nr_problems);
	put_end(&out, '}');
}

static int run_selftest(int argc, char **argv)
{
	static struct selftest test = {
		.heaps = {
			{ .memtype = NOALIAS_MEMTYPE_UC },
			{ .memtype = NOALIAS_MEMTYPE_WC },
		},
	};
	struct findings_options options = { 0 };
	int result = cli_command_line(&cli_selftest, argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	if (file_has_sysroot())
		return cli_trouble("--sysroot: only this machine can be tested");
	result = examine(&test);
	if (result)
		return result;
	if (options.is_json)
		print_json(&test);
	else
		print_text(&test, options.is_quiet);
	return test.findings.nr_problems ? CLI_FOUND : CLI_CLEAN;
}

const struct cli_command cli_selftest = {
	.name = "selftest",
	.about = "test the memory of each heap on this machine",
	.usage = "[OPTION...]",
	.intro =
		"Allocates 1 MiB of each heap of the module and tests, in a few seconds: its type by\n"
		"the module and by the times of accesses beside those of cached memory, the contents\n"
		"through all mappings, that others cannot pin its frames, and, as root, an audit.\n",
	.options = known,
	.outro =
		"An emulated processor has no caches: there the times prove nothing, and the report\n"
		"says so.\n"
		"\n"
		"Exit status: 0 no problems, 1 problems were found, 2 error.\n",
	.take = findings_take,
	.run = run_selftest,
};
