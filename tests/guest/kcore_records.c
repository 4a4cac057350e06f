// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * kcore_records [IMAGE]: an audit through /proc/kcore, or of an image, in the
 * words of the module's file in debugfs. So the programs that judge the
 * module's audit can judge this one (plant_audit.h).
 *
 * Nothing is hidden: what was assumed or lost follows as comments, and a loss
 * makes the status 1.
 */
#include <dump/dump.h>

static void put_name(const char *key, const char *name)
{
	printf(" %s=", key);
	for (; *name; name++) {
		if (*name > ' ' && *name <= '~' && *name != '\\')
			putchar(*name);
		else
			printf("\\%03o", (unsigned char)*name);
	}
}

static void put_cut(u32 cut)
{
	const char *glue = " cut=";
	u32 i;

	if (!cut)
		printf(" cut=none");
	for (i = 0; i < NR_NA_AUDIT_CUTS; i++) {
		if (!(cut >> i & 1))
			continue;
		printf("%s%s", glue, na_audit_cut_name(i));
		glue = ",";
	}
}

static void put_party(const struct na_audit_party *party,
		      const struct na_audit_owner *owner)
{
	printf("party space=%s type=%s entry=%s", na_space_name(owner->space),
	       na_audit_type_name(party->type),
	       na_audit_type_name(party->entry));
	if (owner->space == NA_SPACE_PROCESS) {
		printf(" pid=%d", owner->pid);
		put_name("comm", owner->comm);
		put_name("perms", owner->perms);
	}
	printf(" va=0x%llx va_end=0x%llx start=0x%llx end=0x%llx",
	       party->va_low, party->va_high, owner->start, owner->end);
	put_name("name", owner->name);
	putchar('\n');
}

static void put_conflict(const struct na_audit_result *result, u32 idx)
{
	const struct na_audit_conflict *conflict = &result->conflicts[idx];
	const struct na_audit_party *party =
		&result->parties[conflict->first_party];
	u32 i;

	printf("conflict grade=%s kind=%s first=0x%lx nr=%u parties=%u more=%u group=%u\n",
	       na_grade_name(conflict->grade),
	       na_frame_kind_name(conflict->kind), conflict->run.first.nr,
	       conflict->run.nr, conflict->nr_parties, conflict->nr_more,
	       conflict->group);
	for (i = 0; i < conflict->nr_parties; i++, party++)
		put_party(party, &result->owners[party->owner]);
}

static void put_frames(const struct na_audit_result *result,
		       enum na_grade grade)
{
	u32 kind;

	printf("frames grade=%s", na_grade_name(grade));
	for (kind = 0; kind < NR_NA_KINDS; kind++)
		printf(" %s=%llu", na_frame_kind_name(kind),
		       result->nr_frames[grade][kind]);
	putchar('\n');
}

static void put_result(const struct na_audit_result *result)
{
	const struct na_audit_seen *seen = &result->seen;
	u32 i;

	printf("audit version=2\n");
	for (i = 0; i < result->nr_conflicts; i++)
		put_conflict(result, i);
	put_frames(result, NA_GRADE_ALIAS);
	put_frames(result, NA_GRADE_MIXED);
	printf("seen walks=%u pages=%llu mappings=%llu processes=%llu frames=%llu changed=%llu\n",
	       seen->nr_walks, seen->nr_pages, seen->nr_mappings,
	       seen->nr_processes, seen->nr_frames, seen->nr_changed);
	printf("end conflicts=%u", result->nr_conflicts);
	put_cut(result->cut);
	printf("\n");
}

static int put_notes(const struct na_notes *notes)
{
	u32 i;

	for (i = 0; i < notes->assumed.nr; i++)
		printf("# assumed: %s\n", notes->assumed.lines[i]);
	for (i = 0; i < notes->lost.nr; i++)
		printf("# lost: %s\n", notes->lost.lines[i]);
	return notes->lost.nr != 0;
}

int main(int argc, char **argv)
{
	const struct na_dump_options options = {
		.path = argc > 1 ? argv[1] : "/proc/kcore",
	};
	struct na_audit_result *result;
	static struct na_notes notes;
	struct na_dump *dump;

	if (na_dump_open(&options, &notes, &dump) ||
	    na_dump_audit(dump, NULL, &result)) {
		fprintf(stderr, "kcore_records: %s\n", notes.error);
		return 2;
	}
	put_result(result);
	na_audit_result_destroy(result);
	na_dump_close(dump);
	return put_notes(&notes);
}
