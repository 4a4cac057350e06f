// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Names for vmalloc addresses. The kernel shows the areas and their callers to
 * root in /proc/vmallocinfo; a module cannot read that list. Lines look like
 *
 *   0xf77fe000-0xf7800000    8192 hpet_enable+0x36/0x2f3 phys=... ioremap
 *
 * With kernel.kptr_restrict=0 both addresses are hashes, whose difference is
 * not the length; such lines are ignored.
 */
#include <stdio.h>
#include <stdlib.h>

#include "report.h"

static bool parse_area(const char *line, u64 *start, u64 *end,
		       const char **caller)
{
	u64 len;
	int used = 0;

	if (sscanf(line, "0x%llx-0x%llx %llu %n", start, end, &len, &used) < 3)
		return false;
	*caller = line + used;
	return used && *end > *start && *end - *start == len;
}

/* "vmalloc: caller [module]", without offsets. */
static void name_owner(struct na_audit_owner *owner, const char *caller)
{
	size_t len = strcspn(caller, "+ \n");
	const char *rest = caller + strcspn(caller, " \n");
	int room = (int)sizeof(owner->name) - 16;
	size_t module_len = 0;

	if (!strncmp(rest, " [", 2))
		module_len = strcspn(rest, "]\n") + 1;
	if (len > (size_t)room)
		len = (size_t)room;
	if (module_len > (size_t)room - len)
		module_len = 0;
	if (len)
		snprintf(owner->name, sizeof(owner->name), "vmalloc: %.*s%.*s",
			 (int)len, caller, (int)module_len, rest);
}

static void name_area(struct report *report, u64 start, u64 end,
		      const char *caller)
{
	struct na_audit_result *result = &report->result;
	struct report_list *list = &report->list;
	struct na_audit_owner *owner;
	u32 i;

	for (i = 0; i < result->nr_parties; i++) {
		owner = &result->owners[result->parties[i].owner];
		if (owner->space == NA_SPACE_VMALLOC &&
		    result->parties[i].va_low >= start &&
		    result->parties[i].va_high <= end)
			name_owner(owner, caller);
	}
	for (i = 0; i < list->nr_owners; i++) {
		owner = &list->owners[i];
		if (owner->space == NA_SPACE_VMALLOC && owner->start >= start &&
		    owner->end <= end)
			name_owner(owner, caller);
	}
}

static bool have_vmalloc(const struct na_audit_owner *owners, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (owners[i].space == NA_SPACE_VMALLOC)
			return true;
	return false;
}

static bool has_vmalloc(const struct report *report)
{
	return have_vmalloc(report->result.owners, report->result.nr_owners) ||
	       have_vmalloc(report->list.owners, report->list.nr_owners);
}

void report_name_vmalloc(struct report *report)
{
	const char *line, *caller;
	struct cli_file file;
	u64 start, end;

	if (!has_vmalloc(report) ||
	    file_read_system("/proc/vmallocinfo", &file))
		return;
	for (line = file.text; *line; line += strcspn(line, "\n") + 1) {
		if (parse_area(line, &start, &end, &caller))
			name_area(report, start, end, caller);
		if (!line[strcspn(line, "\n")])
			break;
	}
	free(file.text);
}
