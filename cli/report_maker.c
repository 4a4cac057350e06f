// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Who made the mappings of a conflict, in a word: by this, and by the build id of
 * the kernel, reports of many machines are merged.
 */
#include <string.h>

#include "report.h"

/* Of "vmalloc: attach [driver]" the driver, else the function. */
static bool take_area(const char *name, char *maker)
{
	static const char prefix[] = "vmalloc: ";
	const char *module;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return false;
	name += sizeof(prefix) - 1;
	module = strchr(name, '[');
	snprintf(maker, REPORT_MAKER_MAX, "%.*s",
		 (int)strcspn(module ? module + 1 : name, " ]"),
		 module ? module + 1 : name);
	return *maker;
}

static bool take_device(const char *name, char *maker)
{
	if (strncmp(name, "/dev/", 5) != 0)
		return false;
	snprintf(maker, REPORT_MAKER_MAX, "%s", name);
	return true;
}

static bool take_any(const struct na_audit_owner *owner, char *maker)
{
	if (owner->space == NA_SPACE_PROCESS)
		snprintf(maker, REPORT_MAKER_MAX, "process");
	else
		snprintf(maker, REPORT_MAKER_MAX, "%s", owner->name);
	return *maker;
}

/* The first party for which one of these says something, @rank by @rank. */
static bool take_party(const struct na_audit_owner *owner, u32 rank,
		       char *maker)
{
	switch (rank) {
	case 0:
		return owner->space == NA_SPACE_VMALLOC &&
		       take_area(owner->name, maker);
	case 1:
		return owner->space == NA_SPACE_PROCESS &&
		       take_device(owner->name, maker);
	case 2:
		return owner->space == NA_SPACE_PROCESS &&
		       take_any(owner, maker);
	default:
		return owner->space != NA_SPACE_DIRECT &&
		       take_any(owner, maker);
	}
}

void report_maker(const struct na_audit_result *result,
		  const struct na_audit_conflict *conflict, char *maker)
{
	const struct na_audit_owner *owner;
	u32 rank, i;

	for (rank = 0; rank < 4; rank++) {
		for (i = 0; i < conflict->nr_parties; i++) {
			owner = report_owner_of(result,
						report_party_at(result,
								conflict, i));
			if (take_party(owner, rank, maker))
				return;
		}
	}
	snprintf(maker, REPORT_MAKER_MAX, "unknown");
}
