// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A map of the types with which a range is mapped: the runs are the mappings of
 * a list (report_list.h), and its conflicts, of devices too.
 */
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "report.h"

static enum map_kind kind_of(u8 type)
{
	switch (type) {
	case NA_AUDIT_WB:
		return MAP_TYPE_WB;
	case NA_AUDIT_WC:
		return MAP_TYPE_WC;
	case NA_AUDIT_WT:
	case NA_AUDIT_WP:
		return MAP_TYPE_WT;
	default:
		return MAP_TYPE_UC;
	}
}

static int take_conflicts(struct map_source *source,
			  const struct na_audit_result *result)
{
	const struct na_audit_conflict *conflict = result->conflicts;
	int failed = CLI_CLEAN;
	u32 i;

	for (i = 0; !failed && i < result->nr_conflicts; i++, conflict++) {
		source->has_error |= severity_of(conflict->grade,
						 conflict->kind) ==
				     SEVERITY_ERROR;
		failed = map_runs_add(source, conflict->run.first.nr,
				      conflict->run.nr,
				      conflict->grade == NA_GRADE_ALIAS ?
					      MAP_ALIAS : MAP_MIXED);
	}
	return failed;
}

static int take_list(struct map_source *source, const struct report *report)
{
	const struct report_list *list = &report->list;
	int failed = CLI_CLEAN;
	u32 i;

	source->by_type = source->has_audit = true;
	source->is_cut = report->result.cut;
	source->first = list->choice.first;
	source->end = list->choice.end;
	for (i = 0; !failed && i < list->nr; i++)
		failed = map_runs_add(source, list->mappings[i].first,
				      list->mappings[i].nr,
				      kind_of(list->mappings[i].type));
	if (!failed)
		failed = take_conflicts(source, &report->result);
	if (!failed)
		failed = map_runs_add(source, list->choice.first,
				      list->choice.end - list->choice.first,
				      MAP_RANGE);
	map_runs_tidy(source);
	return failed;
}

static int read_saved(struct report *report, const char *path)
{
	int result = report_read_saved(report, path);

	if (result || report_list_is_there(&report->list))
		return result;
	return cli_trouble("%s lists no mappings: save one with audit --range A-B --json",
			   path);
}

static int read_live(struct report *report, uint64_t first, uint64_t end)
{
	const struct na_dump_options options = { .path = "/proc/kcore" };
	const struct report_choice choice = { first, end, REPORT_ANY_TYPE };

	memset(report, 0, sizeof(*report));
	if (file_has_sysroot())
		return cli_trouble("--types reads page tables, of which --sysroot has none: use --from FILE");
	return report_read_image(report, &options, 0, &choice);
}

int map_read_types(struct map_source *source, const char *from,
		   uint64_t first, uint64_t end)
{
	struct report report;
	int result;

	memset(source, 0, sizeof(*source));
	result = from ? read_saved(&report, from) :
			read_live(&report, first, end);
	if (!result)
		result = take_list(source, &report);
	report_fini(&report);
	if (!result && source->is_cut)
		cli_warn("the list is incomplete: there may be mappings that are not drawn");
	return result;
}
