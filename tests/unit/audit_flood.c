// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: floods. An owner that uses up its room hides nothing of others.
 */
#include "audit_world.h"

/* @flooder's frame, mapped @nr times as @type, each a mapping of its own. */
static void show_flood(enum owner flooder, unsigned long frame, u32 nr,
		       u8 type)
{
	u32 i;

	tables.splits_owners = true;
	for (i = 0; i < nr; i++)
		show(flooder, 2 * i, frame, 1, type);
}

static void expect_hidden_by_agreeing(enum owner flooder, enum owner victim)
{
	struct na_audit_result *r;

	begin();
	show_flood(flooder, 7, 4200, NA_AUDIT_UC);
	show_alias(victim, 1500);
	r = audit_within(1, 2, 2, 2);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_alias_of(r, victim, 1500);
	end(r);
}

/* kills: mappings that agree with each other taking room at all */
static void flood_of_agreeing_mappings(void)
{
	expect_hidden_by_agreeing(INIT, VIEWER);
	expect_hidden_by_agreeing(VIEWER, INIT);
}

/* kills: scattered buffers of one page that take room for what they are */
static void flood_of_small_buffers(void)
{
	struct na_buffer *buffers[300];
	struct na_audit_result *r;
	u32 i;

	begin();
	for (i = 0; i < 300; i++)
		EXPECT_EQ(na_buffer_create(&world.machine,
					   na_buffer_spec(1, NA_UC),
					   &buffers[i]), 0);
	for (i = 0; i < 300; i++)
		show(INIT, 2 * i, na_buffer_frame(buffers[i], 0).nr, 1,
		     NA_AUDIT_UC);
	/* Of frames that no buffer has. */
	show(VIEWER, 0, 4001, 1, NA_AUDIT_UC);
	show(KMAP, 0, 4001, 1, NA_AUDIT_WB);
	r = audit_within(8, 3, 3, 3);
	EXPECT_EQ(r->cut, 0);
	expect_alias_of(r, VIEWER, 4001);
	na_audit_result_destroy(r);
	for (i = 0; i < 300; i++)
		na_buffer_destroy(buffers[i]);
	end(NULL);
}

static void expect_hidden_by_conflicts(enum owner flooder, enum owner victim)
{
	struct na_audit_result *r;

	begin();
	show_flood(flooder, 7, 4200, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show_alias(victim, 1500);
	r = audit_within(1, 30, 300, 3);
	expect_missed(r, flooder, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_EQ(r->nr_conflicts, 2);
	expect_alias_of(r, victim, 1500);
	expect_alias_of(r, flooder, 7);
	na_audit_result_destroy(r);
	r = audit_within(1, 3000, 30, 3);
	expect_missed(r, flooder, NA_AUDIT_CUT_OWNERS);
	expect_alias_of(r, victim, 1500);
	end(r);
}

/* kills: room that is not divided; the wrong one named as cut */
static void flood_of_real_conflicts(void)
{
	expect_hidden_by_conflicts(INIT, VIEWER);
	expect_hidden_by_conflicts(VIEWER, INIT);
}

/*
 * kills: a list of conflicts that whoever has the lowest frames fills; one
 * listed at the cost of whoever is its first party
 */
static void flood_of_listed_conflicts(void)
{
	struct na_audit_result *r;
	u32 i;

	begin();
	for (i = 0; i < 500; i++)
		show(INIT, 2 * i, 2 * i, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show_alias(VIEWER, 1500);
	show(INIT, 9000, 1500, 1, NA_AUDIT_UC);
	show(CAMERA, 0, 1501, 1, NA_AUDIT_UC);
	show(KMAP, 9, 1501, 1, NA_AUDIT_WB);
	r = audit_within(1, 3000, 3, 30);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_CONFLICTS);
	EXPECT_EQ(r->nr_conflicts, 12);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 502);
	expect_alias_of(r, VIEWER, 1500);
	expect_alias_of(r, CAMERA, 1501);
	/* The kernel is the other side of what was dropped. */
	EXPECT_EQ(r->nr_missed, 2);
	end(r);
}

static bool names_as_cut(const struct na_audit_result *r, u32 owner)
{
	u32 i;

	for (i = 0; i < r->nr_missed; i++)
		if (r->missed[i].pid == 100 + (int)owner)
			return true;
	return false;
}

/* kills: a share of nothing where there are more processes than room; one named
 * for all that were cut
 */
static void flood_of_processes(void)
{
	struct na_audit_result *r;

	begin();
	show_flood(INIT, 7, 100, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show_flood(CAMERA, 9, 100, NA_AUDIT_UC);
	show(DIRECT, 9, 9, 1, NA_AUDIT_WB);
	show_alias(VIEWER, 1500);
	r = audit_within(1, 2, 2, 2);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT(names_as_cut(r, INIT) && names_as_cut(r, CAMERA));
	EXPECT(!names_as_cut(r, VIEWER));
	expect_alias_of(r, VIEWER, 1500);
	expect_alias_of(r, INIT, 7);
	expect_alias_of(r, CAMERA, 9);
	end(r);
}

/*
 * kills: conflicts among the kernel's own mappings that leave no room for the
 * kernel's side of a process'; the kernel cut and not named
 */
static void flood_of_the_kernel(void)
{
	struct na_audit_result *r;
	u32 i;

	begin();
	for (i = 0; i < 100; i++)
		show(DIRECT, 5000 + 2 * i, 2 * i, 1, NA_AUDIT_WB);
	show(IMAGE, 0, 0, 200, NA_AUDIT_UC);
	show(DIRECT, 6000, 1500, 1, NA_AUDIT_WB);
	show(VIEWER, 0, 1500, 1, NA_AUDIT_UC);
	r = audit_within(1, 9, 9, 9);
	EXPECT(r->cut & NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_KERNEL);
	EXPECT_EQ(r->missed[0].pid, 0);
	expect_alias_of(r, VIEWER, 1500);
	end(r);
}

/* Each process has @nr frames in conflict with scattered ones of the kernel's. */
static void show_processes_against(enum owner kernel, u32 nr)
{
	u32 i, frame;

	for (i = 0; i < 3 * nr; i++) {
		frame = 1100 + 2 * i;
		show((enum owner)(INIT + i % 3), 2 * i, frame, 1, NA_AUDIT_UC);
		show(kernel, 2 * i, frame, 1, NA_AUDIT_WB);
	}
}

/* Limits of 1, and each process may have @min of everything. */
static struct na_audit_result *audit_with_least(u32 min)
{
	struct na_audit_limits limits = { 16, 1, 1, 1, min, min, min };
	struct na_audit_result *r = NULL;

	EXPECT_EQ(na_audit_run(&world.machine, &limits, &r), 0);
	return r;
}

/*
 * kills: room for the kernel's side of conflicts that does not grow with the
 * processes, who each have some in any case: theirs would be kept and dropped
 * for want of what they stand against
 */
static void flood_of_processes_and_the_kernel(void)
{
	struct na_audit_result *r;

	begin();
	show_processes_against(DIRECT, 4);
	r = audit_with_least(4);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 12);
	end(r);
	/* Each of these frames is a vmalloc area, with an owner of its own. */
	begin();
	show_processes_against(VMALLOC, 4);
	r = audit_with_least(4);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 12);
	end(r);
	/* One more of the kernel's own than all of that has room for. */
	begin();
	show_processes_against(DIRECT, 5);
	r = audit_with_least(5);
	EXPECT_EQ(r->cut, 0);
	show(DIRECT, 100, 1, 1, NA_AUDIT_WB);
	show(IMAGE, 0, 1, 1, NA_AUDIT_UC);
	na_audit_result_destroy(r);
	r = audit_with_least(5);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_KERNEL);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 15);
	end(r);
}

/*
 * kills: the kernel's areas named first come first served: those of its own
 * conflicts, as many as it has areas, leave no name for what a process has
 */
static void flood_of_areas_of_the_kernel(void)
{
	struct na_audit_result *r;
	u32 i;

	begin();
	for (i = 0; i < 100; i++)
		show(VMALLOC, 2 * i, 2 * i, 1, NA_AUDIT_WB);
	show(IMAGE, 0, 0, 200, NA_AUDIT_UC);
	show(VMALLOC, 6000, 1500, 1, NA_AUDIT_WB);
	/* Of a process from its second page on: the area is the same. */
	show(VMALLOC, 7000, 300, 1, NA_AUDIT_WB);
	show(IMAGE, 200, 300, 1, NA_AUDIT_UC);
	show(VMALLOC, 7001, 1600, 1, NA_AUDIT_WB);
	show(VIEWER, 0, 1500, 1, NA_AUDIT_UC);
	show(VIEWER, 2, 1600, 1, NA_AUDIT_UC);
	r = audit_within(1, 300, 3, 9);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_OWNERS);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_KERNEL);
	expect_alias_of(r, VIEWER, 1500);
	expect_alias_of(r, VIEWER, 1600);
	end(r);
}

/* kills: ours pushed out by others, or others by ours */
static void flood_of_ours_and_theirs(void)
{
	struct na_run run = run_of(1024, 300);
	struct na_audit_result *r;
	u32 i;

	begin();
	fake_take(world.port, run);
	EXPECT_EQ(na_convert_to(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	for (i = 0; i < 150; i++)
		show(INIT, 4 * i, 1024 + 2 * i, 1, NA_AUDIT_WB);
	for (i = 0; i < 150; i++)
		show(CAMERA, 4 * i, 2 * i, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(VIEWER, 0, 1325, 1, NA_AUDIT_UC);
	show(KMAP, 0, 1325, 1, NA_AUDIT_WB);
	r = audit_within(2, 30, 3, 30);
	EXPECT(r->cut);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS], 10);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RAM], 11);
	expect_alias_of(r, VIEWER, 1325);
	EXPECT_EQ(na_convert_back(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	end(r);
}

/* kills: whoever is not among the first sixteen mappings of a frame unnamed */
static void flood_of_one_frame(void)
{
	struct na_audit_result *r;

	begin();
	show_flood(INIT, 7, 100, NA_AUDIT_UC);
	show(VIEWER, 0, 7, 1, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	r = audit();
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(r->nr_conflicts, 1);
	EXPECT_EQ(r->conflicts[0].nr_parties, 9);
	EXPECT_EQ(r->conflicts[0].nr_more, 93);
	expect_alias_of(r, VIEWER, 7);
	end(r);
}

static const struct tap_case cases[] = {
	TAP(flood_of_agreeing_mappings),
	TAP(flood_of_small_buffers),
	TAP(flood_of_real_conflicts),
	TAP(flood_of_listed_conflicts),
	TAP(flood_of_processes),
	TAP(flood_of_the_kernel),
	TAP(flood_of_processes_and_the_kernel),
	TAP(flood_of_areas_of_the_kernel),
	TAP(flood_of_ours_and_theirs),
	TAP(flood_of_one_frame),
};

TAP_MAIN(cases)
