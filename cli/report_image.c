// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit without the module: of a memory image, or of this machine by
 * /proc/kcore.
 */
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "report.h"

/* --- the source ------------------------------------------------------------ */

static void describe_source(struct report_source *source,
			    const struct na_dump *dump,
			    const struct na_dump_options *options)
{
	const struct na_image_about *about = na_dump_image(dump);
	const struct na_kernel *kernel = na_dump_kernel(dump);

	source->origin = about->is_live ? REPORT_FROM_KCORE :
					  REPORT_FROM_IMAGE;
	snprintf(source->file, sizeof(source->file), "%s", options->path);
	snprintf(source->format, sizeof(source->format), "%s",
		 na_image_format_name(about->format));
	snprintf(source->kernel, sizeof(source->kernel), "%s",
		 kernel->release);
	snprintf(source->build_id, sizeof(source->build_id), "%s",
		 kernel->build_id);
	snprintf(source->arch, sizeof(source->arch), "%s",
		 na_arch_name(kernel->arch));
	source->is_unconfirmed = !about->is_instant && !about->is_rereadable;
}

/*
 * Page tables of processes may be in high memory, of which /proc/kcore has
 * nothing: most of an audit would be missing. The module has no lists.
 */
static int check_live(const struct na_dump *dump, bool is_list)
{
	const struct na_image_about *about = na_dump_image(dump);

	if (!about->is_live || !about->missing_len)
		return CLI_GO_ON;
	return cli_trouble("/proc/kcore lacks %llu MiB of high memory, where page tables of processes are: %swrite an image of the machine and use --dump FILE",
			   (unsigned long long)(about->missing_len >> 20),
			   is_list ? "" : "load the module (modprobe noalias), or ");
}

/* Nothing is found of a process that is not there, which is not clean. */
static int check_pid(const struct na_dump *dump,
		     const struct report_source *source, int pid)
{
	const struct na_kernel *kernel = na_dump_kernel(dump);
	u32 i;

	if (!pid)
		return CLI_GO_ON;
	for (i = 0; i < kernel->nr_spaces; i++)
		if (kernel->spaces[i].pid == pid)
			return CLI_GO_ON;
	return cli_trouble("--pid is '%d': %s has no such process, or does not say which there are",
			   pid, source->file);
}

/* --- the result ------------------------------------------------------------ */

/* The engine's arrays are allocated as ours are. */
static void take_result(struct report *report, struct na_audit_result *result)
{
	report->result = *result;
	report->result.port = NULL;
	report->result.mappings = NULL;
	free(result->mappings);
	report->room_conflicts = result->nr_conflicts;
	report->room_parties = 0;
	report->room_missed = result->nr_missed;
	free(result);
}

/*
 * Parties of one owner share it. Names of vmalloc areas are given to each, so
 * each needs its own, as in reports that were read.
 */
static int separate_owners(struct report *report)
{
	struct na_audit_result *result = &report->result;
	struct na_audit_owner *owners;
	u32 i, nr = result->nr_parties;

	if (!nr)
		return CLI_CLEAN;
	owners = calloc(nr, sizeof(*owners));
	if (!owners)
		return cli_trouble("there is not enough memory for the report");
	for (i = 0; i < nr; i++) {
		owners[i] = result->owners[result->parties[i].owner];
		result->parties[i].owner = i;
	}
	free(result->owners);
	result->owners = owners;
	result->nr_owners = nr;
	report->room_parties = nr;
	return CLI_CLEAN;
}

/* A loss that belongs to no process is the kernel's. */
static int add_losses(struct report *report)
{
	struct na_audit_result *result = &report->result;
	struct na_audit_missed *missed;
	const char *wrong;
	u32 i;

	if (!report->source.notes.lost.nr)
		return CLI_CLEAN;
	result->cut |= NA_AUDIT_CUT_UNSEEN;
	for (i = 0; i < result->nr_missed; i++)
		if (result->missed[i].cut & NA_AUDIT_CUT_UNSEEN)
			return CLI_CLEAN;
	wrong = report_add_missed(report);
	if (wrong)
		return cli_trouble("the report: %s", wrong);
	missed = &result->missed[result->nr_missed - 1];
	missed->space = NA_SPACE_KERNEL;
	missed->cut = NA_AUDIT_CUT_UNSEEN;
	return CLI_CLEAN;
}

static void name_area(struct na_dump *dump, struct na_audit_owner *owner,
		      u64 va)
{
	char name[NA_AUDIT_NAME_MAX - 16];

	if (owner->space == NA_SPACE_VMALLOC &&
	    na_dump_name_area(dump, va, name, sizeof(name)))
		snprintf(owner->name, sizeof(owner->name), "vmalloc: %s", name);
}

/* As report_name_vmalloc() does for the running machine. */
static void name_areas(struct report *report, struct na_dump *dump)
{
	struct na_audit_result *result = &report->result;
	struct report_list *list = &report->list;
	u32 i;

	if (report->source.origin != REPORT_FROM_IMAGE)
		return;
	for (i = 0; i < result->nr_parties; i++)
		name_area(dump, &result->owners[result->parties[i].owner],
			  result->parties[i].va_low);
	for (i = 0; i < list->nr_owners; i++)
		name_area(dump, &list->owners[i], list->owners[i].start);
}

static int check_result(struct report *report)
{
	const char *wrong;

	if (separate_owners(report) || add_losses(report))
		return CLI_TROUBLE;
	wrong = report_check(report);
	return wrong ? cli_trouble("%s: the audit contradicts itself: %s",
				   report->source.file, wrong) : CLI_CLEAN;
}

/* --- the audit ----------------------------------------------------------------- */

static int fail(const struct report *report, int err)
{
	const struct report_source *source = &report->source;

	if (source->notes.error[0])
		return cli_trouble("%s", source->notes.error);
	return cli_trouble("%s: the audit failed: %s", source->file,
			   strerror(-err));
}

static int run(const struct report *report, struct na_dump *dump,
	       struct na_audit_result **result)
{
	if (report_list_is_there(&report->list))
		return report_list_audit(&report->list.choice, dump, result);
	return na_dump_audit(dump, NULL, result);
}

static int audit(struct report *report, struct na_dump *dump)
{
	struct na_audit_result *result;
	int err = run(report, dump, &result);

	if (err)
		return fail(report, err);
	report->result = *result;
	if (report_list_is_there(&report->list))
		err = report_list_take(report, dump);
	take_result(report, result);
	if (!err)
		err = check_result(report);
	if (!err)
		name_areas(report, dump);
	return err;
}

int report_read_image(struct report *report,
		      const struct na_dump_options *options, int pid,
		      const struct report_choice *choice)
{
	struct na_dump *dump;
	int result;

	memset(report, 0, sizeof(*report));
	if (choice)
		report->list.choice = *choice;
	progress("noalias: reading page tables ...");
	if (na_dump_open(options, &report->source.notes, &dump)) {
		progress_end();
		return fail(report, 0);
	}
	describe_source(&report->source, dump, options);
	result = check_live(dump, choice);
	if (result == CLI_GO_ON)
		result = check_pid(dump, &report->source, pid);
	if (result == CLI_GO_ON)
		result = audit(report, dump);
	progress_end();
	na_dump_close(dump);
	return result;
}
