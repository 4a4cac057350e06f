// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: lists of all mappings of some frames, in conflict or not.
 */
#include "audit_world.h"

static struct na_audit_result *list(unsigned long first, unsigned long last,
				    u32 types)
{
	const struct na_audit_choice choice = {
		.first = na_frame(first), .last = na_frame(last),
		.types = types,
	};
	struct na_audit_result *result = NULL;
	u32 i;

	tables.nr_walks = 0;
	tables.nr_rereads = 0;
	for (i = 0; i < tables.nr_shown; i++)
		tables.shown[i].nr_read = 0;
	EXPECT_EQ(na_audit_list(world.port, &choice, NULL, &result), 0);
	EXPECT(result);
	return result;
}

static void expect_mapping(const struct na_audit_result *r, u32 i,
			   enum na_space space, u64 page, unsigned long first,
			   u32 nr, u8 type)
{
	const struct na_audit_mapping *mapping = &r->mappings[i];

	EXPECT(i < r->nr_mappings);
	EXPECT_EQ(r->owners[mapping->owner].space, space);
	EXPECT_EQ(mapping->va, page << NA_AUDIT_PAGE_SHIFT);
	EXPECT_EQ(mapping->run.first.nr, first);
	EXPECT_EQ(mapping->run.nr, nr);
	EXPECT_EQ(mapping->type, type);
}

/* kills: audit-lists-conflicts-only, audit-lists-beyond-the-range */
static void list_has_what_maps_the_range(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(CAMERA, 5, 98, 4, NA_AUDIT_WB);
	show(VIEWER, 9, 50, 50, NA_AUDIT_WB);
	show(INIT, 70, 105, 3, NA_AUDIT_WB);
	show(INIT, 80, 99, 1, NA_AUDIT_WB);
	r = list(100, 104, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(r->nr_mappings, 2);
	expect_mapping(r, 0, NA_SPACE_PROCESS, 7, 100, 2, NA_AUDIT_WB);
	expect_mapping(r, 1, NA_SPACE_DIRECT, 100, 100, 5, NA_AUDIT_WB);
	EXPECT_EQ(r->nr_conflicts, 0);
	EXPECT_EQ(r->seen.nr_frames, 5);
	EXPECT_EQ(r->seen.nr_walks, 2);
	EXPECT_EQ(r->cut, 0);
	end(r);
}

/* kills: a range that ends one frame early, at its first or at its last; all
 * frames taken for none because their number is 0
 */
static void list_from_first_to_last(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	r = list(7, 7, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(r->nr_mappings, 1);
	expect_mapping(r, 0, NA_SPACE_DIRECT, 7, 7, 1, NA_AUDIT_WB);
	na_audit_result_destroy(r);
	r = list(0, ~0ul, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(r->nr_mappings, 1);
	expect_mapping(r, 0, NA_SPACE_DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	na_audit_result_destroy(r);
	r = list(1024, ~0ul, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(r->nr_mappings, 0);
	EXPECT(!r->mappings);
	EXPECT_EQ(r->seen.nr_walks, 1);
	end(r);
}

/* kills: audit-lists-other-types; another mapping of a chosen frame left out */
static void list_of_a_type(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(CAMERA, 5, 100, 2, NA_AUDIT_WC);
	show(CAMERA, 90, 200, 2, NA_AUDIT_UC);
	r = list(0, ~0ul, 1u << NA_AUDIT_WC);
	EXPECT_EQ(r->nr_mappings, 2);
	expect_mapping(r, 0, NA_SPACE_PROCESS, 5, 100, 2, NA_AUDIT_WC);
	expect_mapping(r, 1, NA_SPACE_DIRECT, 100, 100, 2, NA_AUDIT_WB);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 100, 2);
	EXPECT_EQ(r->seen.nr_frames, 2);
	na_audit_result_destroy(r);
	r = list(101, 500, 1u << NA_AUDIT_WC);
	EXPECT_EQ(r->nr_mappings, 2);
	expect_mapping(r, 0, NA_SPACE_PROCESS, 6, 101, 1, NA_AUDIT_WC);
	end(r);
}

/* kills: a conflict that the list of its frames does not report */
static void list_has_conflicts_of_the_range(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(CAMERA, 5, 100, 4, NA_AUDIT_UC);
	show(VIEWER, 5, 300, 4, NA_AUDIT_UC);
	r = list(102, 299, NA_AUDIT_TYPES_ALL);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 102, 2);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RAM], 2);
	end(r);
}

/* kills: audit-lists-what-has-gone */
static void list_drops_vanished(void)
{
	struct na_audit_result *r;
	u32 reading;

	for (reading = 2; reading < 4; reading++) {
		begin();
		show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
		show(CAMERA, 5, 100, 1, NA_AUDIT_WC)->gone = 1u << reading;
		r = list(100, 100, NA_AUDIT_TYPES_ALL);
		EXPECT_EQ(r->nr_mappings, 1);
		EXPECT_EQ(r->nr_conflicts, 0);
		EXPECT_EQ(r->seen.nr_changed, 1);
		end(r);
	}
}

static struct na_audit_result *list_leaving_out(bool leaves_out,
						unsigned long first,
						unsigned long last, u32 types)
{
	tables.offers_pages = true;
	tables.leaves_out = leaves_out;
	return list(first, last, types);
}

static void expect_same_list(const struct na_audit_result *a,
			     const struct na_audit_result *b)
{
	u32 i;

	EXPECT_EQ(a->nr_mappings, b->nr_mappings);
	EXPECT_EQ(memcmp(&a->seen, &b->seen, sizeof(a->seen)), 0);
	for (i = 0; i < a->nr_mappings; i++)
		expect_mapping(b, i, a->owners[a->mappings[i].owner].space,
			       a->mappings[i].va >> NA_AUDIT_PAGE_SHIFT,
			       a->mappings[i].run.first.nr,
			       a->mappings[i].run.nr, a->mappings[i].type);
}

/* kills: audit-list-needs-typed; what a filter leaves out and the list has */
static void list_with_filter_is_the_same(void)
{
	static const u32 types[] = {
		NA_AUDIT_TYPES_ALL, 1u << NA_AUDIT_WC, 1u << NA_AUDIT_WB,
	};
	struct na_audit_result *all, *some;
	u32 i;

	for (i = 0; i < 3; i++) {
		begin();
		show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
		show(VMALLOC, 40, 99, 3, NA_AUDIT_WC);
		show(INIT, 2000, 90, 40, NA_AUDIT_WB);
		show(CAMERA, 5, 100, 4, NA_AUDIT_WC);
		all = list_leaving_out(false, 98, 101, types[i]);
		some = list_leaving_out(true, 98, 101, types[i]);
		EXPECT(all->nr_mappings >= 3);
		/* Of two walks: the first alone would be half. */
		EXPECT(tables.nr_left_out > 1000);
		expect_same_list(all, some);
		na_audit_result_destroy(all);
		end(some);
	}
}

/* kills: a list that was cut and looks complete */
static void list_without_room_is_cut(void)
{
	const struct na_audit_choice choice = {
		.last = na_frame(~0ul), .types = NA_AUDIT_TYPES_ALL,
	};
	const struct na_audit_limits limits = {
		.frames_max = 4, .sightings_max = 4, .owners_max = 4,
		.conflicts_max = 4, .sightings_min = 4, .owners_min = 1,
		.conflicts_min = 1,
	};
	struct na_audit_result *r;
	u32 i;

	begin();
	for (i = 0; i < 10; i++)
		show(CAMERA, 2 * i, 100 + 2 * i, 1, NA_AUDIT_WB);
	EXPECT_EQ(na_audit_list(world.port, &choice, &limits, &r), 0);
	EXPECT_EQ(r->nr_mappings, 4);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_SIGHTINGS);
	end(r);
}

/* kills: a choice of nothing that is answered by nothing */
static void list_of_nothing_is_refused(void)
{
	struct na_audit_choice choice = { .last = na_frame(1) };
	struct na_audit_result *r = NULL;

	begin();
	EXPECT_EQ(na_audit_list(world.port, &choice, NULL, &r), -EINVAL);
	choice.types = NA_AUDIT_TYPES_ALL;
	choice.first = na_frame(2);
	EXPECT_EQ(na_audit_list(world.port, &choice, NULL, &r), -EINVAL);
	EXPECT(!r);
	end(r);
}

static const struct tap_case cases[] = {
	TAP(list_has_what_maps_the_range),
	TAP(list_from_first_to_last),
	TAP(list_of_a_type),
	TAP(list_has_conflicts_of_the_range),
	TAP(list_drops_vanished),
	TAP(list_with_filter_is_the_same),
	TAP(list_without_room_is_cut),
	TAP(list_of_nothing_is_refused),
};

TAP_MAIN(cases)
