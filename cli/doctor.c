// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * noalias doctor: report what this machine promises, and problems. It runs as
 * any user, and reports what it could not check. Besides reading, it only
 * allocates a page of each heap of the module and frees it.
 */
#include "doctor.h"

#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "command.h"
#include "file.h"
#include "json_out.h"

static const struct cli_option known[] = {
	{ .name = "json", .key = 'j', .has_letter = true,
	  .help = "for programs" },
	{ .name = "quiet", .key = 'q', .has_letter = true,
	  .help = "only notes and problems" },
	CLI_COMMON("read the files of a system below DIR; no heap is tested"),
};

/* --- the verdict ---------------------------------------------------------------- */

static void say_heap(const struct doctor_heap *heap, char *text, size_t size)
{
	const char *type = noalias_memtype_name(heap->memtype);
	const char *format =
		!heap->dev ? "no %s memory" :
		!heap->is_tried ? "%s memory: unknown, not tested" :
		heap->promise == NOALIAS_PROMISE_GUARANTEED ?
		"guaranteed %s memory, tested just now" :
		heap->promise == NOALIAS_PROMISE_BEST_EFFORT ?
		"%s memory at best effort, tested just now" :
		heap->promise == NOALIAS_PROMISE_NONE ?
		"%s memory: none, tested just now" :
		"%s memory: unknown, the module cannot be asked";

	snprintf(text, size, format, type);
}

static bool is_guaranteed(const struct doctor_heap *heap)
{
	return heap->promise == NOALIAS_PROMISE_GUARANTEED;
}

/* Promise only what was tested. */
static const char *promise(const struct doctor *doctor)
{
	static char text[320];
	size_t len;

	if (!doctor->is_loaded) {
		snprintf(text, sizeof(text), "nothing: %s", *doctor->cannot ?
			 doctor->cannot : "the module is not loaded");
		return text;
	}
	if (file_has_sysroot())
		return "unknown: files were read, no heap was tested";
	if (is_guaranteed(&doctor->heaps[0]) &&
	    is_guaranteed(&doctor->heaps[1]))
		return "guaranteed UC and WC memory, tested just now";
	say_heap(&doctor->heaps[0], text, 64);
	len = strlen(text);
	len += (size_t)snprintf(text + len, sizeof(text) - len, "; ");
	say_heap(&doctor->heaps[1], text + len, sizeof(text) - len);
	return text;
}

/* What the module could promise if it were loaded, or NULL. */
static const char *expectation(const struct doctor *doctor)
{
	static char text[320];

	if (doctor->is_loaded || *doctor->cannot)
		return NULL;
	if (*doctor->unsure)
		snprintf(text, sizeof(text), "unknown: %s", doctor->unsure);
	else
		snprintf(text, sizeof(text), "%s: as on the tested Linux %s",
			 doctor->has_wc ? "UC and WC memory" : "UC memory",
			 doctor->tested);
	return text;
}

/* --- output --------------------------------------------------------------------- */

static void print_text(const struct doctor *doctor, bool is_quiet)
{
	findings_print(&doctor->findings, is_quiet);
	if (is_quiet)
		return;
	printf("\nthis machine promises: %s\n", promise(doctor));
	if (expectation(doctor))
		printf("with the module:       %s\n", expectation(doctor));
}

static void put_heap(struct json_out *out, const struct doctor_heap *heap)
{
	put_open(out, NULL, '{');
	put_text(out, "name", heap->name);
	put_text(out, "type", noalias_memtype_name(heap->memtype));
	put_bool(out, "tried", heap->is_tried);
	put_text(out, "promise", noalias_promise_name(heap->promise));
	put_close(out, '}');
}

static void put_kernels(struct json_out *out, const struct doctor *doctor)
{
	size_t i;

	put_open(out, "tested_kernels", '[');
	for (i = 0; doctor_tested_kernel(i); i++)
		put_text(out, NULL, doctor_tested_kernel(i));
	put_close(out, ']');
	put_bool(out, "is_tested_kernel", doctor->tested != NULL);
}

static void print_json(const struct doctor *doctor)
{
	struct json_out out = { .file = stdout };
	unsigned int i;

	put_open(&out, NULL, '{');
	put_number(&out, "noalias_doctor", 1);
	findings_put(&out, &doctor->findings);
	put_text(&out, "promise", promise(doctor));
	if (expectation(doctor))
		put_text(&out, "with_the_module", expectation(doctor));
	put_open(&out, "heaps", '[');
	for (i = 0; i < DOCTOR_HEAPS; i++)
		if (doctor_expects_heap(doctor, i))
			put_heap(&out, &doctor->heaps[i]);
	put_close(&out, ']');
	put_kernels(&out, doctor);
	put_bool(&out, "loaded", doctor->is_loaded);
	put_bool(&out, "problems", doctor->findings.nr_problems);
	put_end(&out, '}');
}

static void examine(struct doctor *doctor)
{
	doctor_check_machine(doctor);
	if (doctor->is_x86)
		doctor_check_kernel(doctor);
	doctor_check_module(doctor);
	doctor_check_nodes(doctor);
	doctor_check_heaps(doctor);
	if (doctor->is_x86)
		doctor_check_access(doctor);
	doctor_check_log(doctor);
}

static int run_doctor(int argc, char **argv)
{
	struct findings_options options = { 0 };
	static struct doctor doctor;
	int result = cli_command_line(&cli_doctor, argc, argv, &options);

	if (result != CLI_GO_ON)
		return result;
	examine(&doctor);
	if (options.is_json)
		print_json(&doctor);
	else
		print_text(&doctor, options.is_quiet);
	return doctor.findings.nr_problems ? CLI_FOUND : CLI_CLEAN;
}

const struct cli_command cli_doctor = {
	.name = "doctor",
	.about = "report what this machine can promise, and problems",
	.usage = "[OPTION...]",
	.intro =
		"Checks processor, kernel, module, nodes and permissions, allocates and frees a page\n"
		"of each heap of the module, and reports what this machine promises, problems, and\n"
		"remedies.\n",
	.options = known,
	.outro =
		"Exit status: 0 no problems, 1 problems were found, 2 error.\n",
	.take = findings_take,
	.run = run_doctor,
};
