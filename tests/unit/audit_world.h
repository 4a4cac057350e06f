/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the cases on the auditor: a world with page tables, and
 * expectations of a result. Page P of an owner is at address P * 4 KiB.
 */
#ifndef AUDIT_WORLD_H
#define AUDIT_WORLD_H

#include <noalias/audit_port.h>
#include <noalias/buffer.h>

#include "../fake/audit_tables.h"
#include "world.h"

#define NR 4096
#define NR_LOW 1024
/* Of the case that runs. */
static struct world world;

ROOM void begin(void)
{
	tables = (struct na_audit_walker){ .nr_memory = NR };
	world_begin(&world, NR, NR_LOW);
}

ROOM struct shown *show(enum owner owner, u64 page, unsigned long first,
			u32 nr, u8 type)
{
	struct shown *s = &tables.shown[tables.nr_shown++];

	EXPECT(tables.nr_shown <= NR_SHOWN);
	*s = (struct shown){ .owner = owner, .page = page,
			     .run = run_of(first, nr), .type = type,
			     .entry = type };
	return s;
}

ROOM struct na_audit_result *audit(void)
{
	struct na_audit_result *result = NULL;

	tables.nr_walks = 0;
	tables.nr_rereads = 0;
	EXPECT_EQ(na_audit_run(&world.machine, NULL, &result), 0);
	EXPECT(result);
	return result;
}

/* The same, and so many conflicts come of it. */
ROOM struct na_audit_result *audit_finds(u32 nr_conflicts)
{
	struct na_audit_result *result = audit();

	EXPECT_EQ(result->nr_conflicts, nr_conflicts);
	return result;
}

ROOM struct na_audit_result *audit_within(u32 frames, u32 sightings,
					  u32 owners, u32 conflicts)
{
	const struct na_audit_limits limits = {
		.frames_max = frames, .sightings_max = sightings,
		.owners_max = owners, .conflicts_max = conflicts,
		.sightings_min = 1, .owners_min = 1, .conflicts_min = 1,
	};
	struct na_audit_result *result = NULL;

	tables.nr_walks = 0;
	EXPECT_EQ(na_audit_run(&world.machine, &limits, &result), 0);
	return result;
}

ROOM void end(struct na_audit_result *result)
{
	na_audit_result_destroy(result);
	world_end(&world);
}

ROOM const struct na_audit_party *party_at(const struct na_audit_result *r,
					   u32 conflict, u32 i)
{
	EXPECT(conflict < r->nr_conflicts);
	EXPECT(i < r->conflicts[conflict].nr_parties);
	return &r->parties[r->conflicts[conflict].first_party + i];
}

ROOM const struct na_audit_owner *owner_at(const struct na_audit_result *r,
					   u32 conflict, u32 i)
{
	return &r->owners[party_at(r, conflict, i)->owner];
}

ROOM void expect_conflict(const struct na_audit_result *r, u32 i,
			  enum na_grade grade, unsigned long first, u32 nr)
{
	EXPECT(i < r->nr_conflicts);
	EXPECT_EQ(r->conflicts[i].grade, grade);
	EXPECT_EQ(r->conflicts[i].run.first.nr, first);
	EXPECT_EQ(r->conflicts[i].run.nr, nr);
}

/* Two mappings of frame 7; @grade says what that is. */
ROOM void expect_pair(u8 one, u8 other, enum na_grade grade)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 7, 7, 1, one);
	show(CAMERA, 900, 7, 1, other);
	r = audit_finds(grade != NA_GRADE_NONE);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), grade == NA_GRADE_ALIAS);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_MIXED), grade == NA_GRADE_MIXED);
	EXPECT_EQ(r->cut, 0);
	if (grade != NA_GRADE_NONE)
		expect_conflict(r, 0, grade, 7, 1);
	end(r);
}

/* Only @owner was cut, and only by @cut. */
ROOM void expect_missed(const struct na_audit_result *r, enum owner owner,
			u32 cut)
{
	EXPECT_EQ(r->cut, cut);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_PROCESS);
	EXPECT_EQ(r->missed[0].pid, 100 + (int)owner);
	EXPECT_EQ(r->missed[0].cut, cut);
	EXPECT_EQ(r->nr_missed_more, 0);
}

ROOM void show_ten_aliases(void)
{
	u32 i;

	for (i = 0; i < 10; i++)
		show(CAMERA, i, 100 + 10 * i, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
}

ROOM void show_alias(enum owner victim, unsigned long frame)
{
	show(victim, 100000, frame, 1, NA_AUDIT_UC);
	show(KMAP, 3, frame, 1, NA_AUDIT_WB);
}

ROOM void expect_alias_of(const struct na_audit_result *r,
			  enum owner victim, unsigned long frame)
{
	u32 i, j;

	for (i = 0; i < r->nr_conflicts; i++)
		if (r->conflicts[i].run.first.nr == frame)
			break;
	EXPECT(i < r->nr_conflicts);
	EXPECT_EQ(r->conflicts[i].grade, NA_GRADE_ALIAS);
	for (j = 0; j < r->conflicts[i].nr_parties; j++)
		if (owner_at(r, i, j)->pid == 100 + (int)victim)
			return;
	EXPECT(!"the victim is named");
}

#endif
