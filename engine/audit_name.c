// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Audit: names of its enums, which the kernel writes and the command reads, and
 * sums.
 */
#include <noalias/audit.h>

static const char *name_in(const char *const *names, u32 nr, u32 idx)
{
	return idx < nr ? names[idx] : "??";
}

const char *na_audit_type_name(u32 type)
{
	static const char *const names[NR_NA_AUDIT_TYPES] = {
		"WB", "WT", "WP", "WC", "UC-", "UC",
	};

	return name_in(names, NR_NA_AUDIT_TYPES, type);
}

const char *na_grade_name(u32 grade)
{
	static const char *const names[NR_NA_GRADES] = {
		"none", "mixed", "alias",
	};

	return name_in(names, NR_NA_GRADES, grade);
}

const char *na_frame_kind_name(u32 kind)
{
	static const char *const names[NR_NA_KINDS] = {
		"ours", "ram", "reserved", "device",
	};

	return name_in(names, NR_NA_KINDS, kind);
}

const char *na_space_name(u32 space)
{
	static const char *const names[NR_NA_SPACES] = {
		"direct", "kmap", "fixmap", "vmalloc", "kernel", "process",
		"ledger",
	};

	return name_in(names, NR_NA_SPACES, space);
}

const char *na_audit_cut_name(u32 idx)
{
	static const char *const names[NR_NA_AUDIT_CUTS] = {
		"frames", "sightings", "owners", "conflicts", "unseen",
	};

	return name_in(names, NR_NA_AUDIT_CUTS, idx);
}

u64 na_audit_count(const struct na_audit_result *result, enum na_grade grade)
{
	u64 nr = 0;
	u32 kind;

	if (!NA_ASSERT((u32)grade < NR_NA_GRADES))
		return 0;
	for (kind = 0; kind < NR_NA_KINDS; kind++)
		nr += result->nr_frames[grade][kind];
	return nr;
}
