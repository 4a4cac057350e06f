// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: limits, and the same answer by another way.
 */
#include "audit_world.h"

/* --- limits ------------------------------------------------------------------- */

/* kills: a limit passed in silence; a share of another size than a third */
static void limits_are_said(void)
{
	struct na_audit_result *r;

	begin();
	show_ten_aliases();
	r = audit_within(1, 30, 3, 30);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(r->nr_missed, 0);
	EXPECT_EQ(r->nr_conflicts, 10);
	na_audit_result_destroy(r);
	r = audit_within(1, 29, 3, 30);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_STR(r->missed[0].comm, "task6");
	EXPECT_EQ(r->nr_conflicts, 9);
	na_audit_result_destroy(r);
	tables.splits_owners = true;
	r = audit_within(1, 30, 29, 30);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_OWNERS);
	EXPECT_EQ(r->nr_conflicts, 9);
	end(r);
}

/* kills: counts that stop where the list does */
static void limits_counts_go_on(void)
{
	struct na_audit_result *r;

	begin();
	show_ten_aliases();
	r = audit_within(1, 30, 3, 9);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_CONFLICTS);
	EXPECT_EQ(r->nr_conflicts, 3);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 10);
	end(r);
}

/*
 * kills: frames of memory that have a limit; a device's that have none, or
 * whose limit is said of somebody else; a chunk refused that is there
 */
static void limits_frames_of_devices(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 1, NA_AUDIT_UC);
	show(CAMERA, 4, 1025, 1, NA_AUDIT_UC);
	show(VIEWER, 0, DEVICE + 1, 1, NA_AUDIT_UC);
	show(VIEWER, 2, RESERVED, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 4096, NA_AUDIT_WB);
	r = audit_within(2, 64, 64, 64);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 5);
	na_audit_result_destroy(r);
	tables.shown[3].run.first.nr += 1024;
	r = audit_within(2, 64, 64, 64);
	expect_missed(r, VIEWER, NA_AUDIT_CUT_FRAMES);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 4);
	end(r);
}

/* kills: memory that is passed over because a device's frames lie before it */
static void limits_memory_beside_a_device(void)
{
	struct na_audit_result *r;

	begin();
	tables.memory_from = DEVICE + 1500;
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 2048, NA_AUDIT_UC);
	show(DIRECT, 0, DEVICE + 1500, 100, NA_AUDIT_WB);
	r = audit_within(1, 64, 64, 64);
	/* Of the chunk before it, which is a device's alone. */
	expect_missed(r, CAMERA, NA_AUDIT_CUT_FRAMES);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 100);
	end(r);
}

/* kills: each chunk of a device asked for by itself; a device may have GiB */
static void limits_devices_asked_in_one(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 1u << 24, NA_AUDIT_UC);
	r = audit_within(1, 64, 64, 64);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_FRAMES);
	EXPECT_EQ(tables.nr_kinds, 1);
	end(r);
}

/* kills: memory beyond the limit asked for again with each of its chunks */
static void limits_memory_asked_in_one(void)
{
	struct na_audit_result *r;

	begin();
	tables.memory_from = DEVICE;
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 1u << 20, NA_AUDIT_UC);
	r = audit_within(1, 64, 64, 64);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(tables.nr_kinds, 1);
	end(r);
}

/* kills: an array of no items, or of a size that overflows */
static void limits_absurd_refused(void)
{
	struct na_audit_limits limits = { 1, 1, 1, 1, 1, 1, 1 };
	struct na_audit_result *r = NULL;
	u32 *limit[] = { &limits.frames_max, &limits.sightings_max,
			 &limits.owners_max, &limits.conflicts_max,
			 &limits.sightings_min, &limits.owners_min,
			 &limits.conflicts_min };
	u32 i;

	begin();
	for (i = 0; i < 7; i++) {
		*limit[i] = 0;
		EXPECT_EQ(na_audit_run(&world.machine, &limits, &r), -EINVAL);
		*limit[i] = 1;
	}
	for (i = 1; i < 4; i++) {
		*limit[i] = 1u << 28;
		EXPECT_EQ(na_audit_run(&world.machine, &limits, &r), -EINVAL);
		*limit[i] = 1;
	}
	EXPECT_EQ(na_audit_run(&world.machine, &limits, &r), 0);
	end(r);
}

static u32 nr_listed_on(u64 nr_memory)
{
	struct na_audit_result *r;
	u32 i, nr;

	begin();
	tables.nr_memory = nr_memory;
	/* Scattered everywhere, so that nothing can be joined. */
	for (i = 0; i < 2000; i++)
		show(CAMERA, 2 * i, 2 * i, 1, NA_AUDIT_UC);
	for (i = 0; i < 2000; i++)
		show(KMAP, 2 * i, 2 * i, 1, NA_AUDIT_WB);
	r = audit();
	nr = r->nr_conflicts;
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 2000);
	EXPECT_EQ(!r->cut, nr == 2000);
	end(r);
	return nr;
}

/* kills: room that is the same on a small machine and a large one */
static void limits_grow_with_memory(void)
{
	EXPECT_EQ(nr_listed_on(1), 4096 / 3);
	EXPECT_EQ(nr_listed_on(1 << 20), 2000);
}

/* --- the same by another way --------------------------------------------------- */

/* One frame: who maps it, in the order in which parties are listed. */
struct seen {
	u32 nr;
	const struct shown *by[NR_SHOWN];
};

static bool is_cached(u8 type)
{
	return type == NA_AUDIT_WB || type == NA_AUDIT_WT ||
	       type == NA_AUDIT_WP;
}

static enum na_grade naive_grade(const struct seen *seen)
{
	enum na_grade grade = NA_GRADE_NONE;
	u32 i, j;

	for (i = 0; i < seen->nr; i++) {
		for (j = 0; j < i; j++) {
			if (is_cached(seen->by[i]->type) !=
			    is_cached(seen->by[j]->type))
				return NA_GRADE_ALIAS;
			if (seen->by[i]->type != seen->by[j]->type)
				grade = NA_GRADE_MIXED;
		}
	}
	return grade;
}

static void naive_look(struct seen *seen, unsigned long frame)
{
	u32 i;

	seen->nr = 0;
	for (i = 0; i < tables.nr_shown; i++)
		if (na_run_holds(tables.shown[i].run, na_frame(frame)))
			seen->by[seen->nr++] = &tables.shown[i];
}

static const struct na_audit_conflict *
conflict_of(const struct na_audit_result *r, unsigned long frame)
{
	u32 i;

	for (i = 0; i < r->nr_conflicts; i++)
		if (na_run_holds(r->conflicts[i].run, na_frame(frame)))
			return &r->conflicts[i];
	return NULL;
}

/* Is there a party for this mapping, and does it hold the address? */
static bool has_party(const struct na_audit_result *r,
		      const struct na_audit_conflict *conflict,
		      const struct shown *s, unsigned long frame)
{
	u64 va = (s->page + (frame - s->run.first.nr)) << NA_AUDIT_PAGE_SHIFT;
	const struct na_audit_party *party;
	u32 i;

	for (i = 0; i < conflict->nr_parties; i++) {
		party = &r->parties[conflict->first_party + i];
		if (who_is(&r->owners[party->owner]) == s->owner &&
		    party->type == s->type && party->va_low <= va &&
		    va < party->va_high)
			return true;
	}
	return false;
}

static void compare_frame(const struct na_audit_result *r,
			  unsigned long frame)
{
	const struct na_audit_conflict *conflict = conflict_of(r, frame);
	struct seen seen;
	u32 i;

	naive_look(&seen, frame);
	EXPECT_EQ(conflict ? conflict->grade : NA_GRADE_NONE,
		  naive_grade(&seen));
	if (!conflict)
		return;
	EXPECT_EQ(conflict->nr_parties + conflict->nr_more, seen.nr);
	for (i = 0; i < seen.nr && !conflict->nr_more; i++)
		EXPECT(has_party(r, conflict, seen.by[i], frame));
}

static void show_random(u64 *seed, u32 nr, u32 nr_frames)
{
	static const u8 types[] = { NA_AUDIT_WB, NA_AUDIT_WB, NA_AUDIT_WB,
				    NA_AUDIT_UC, NA_AUDIT_WC, NA_AUDIT_WT };
	u32 i, len, owner, nr_types = 2 + tap_below(seed, 5);
	u64 page[NR_OWNERS] = { 0 };

	/* Of one owner no address twice, but often the next one. */
	for (i = 0; i < nr; i++) {
		owner = tap_below(seed, NR_OWNERS);
		len = 1 + tap_below(seed, 8);
		page[owner] += tap_below(seed, 2);
		show((enum owner)owner, page[owner],
		     1 + tap_below(seed, nr_frames), len,
		     types[tap_below(seed, nr_types)]);
		page[owner] += len;
	}
}

/* kills: whatever the cases above did not think of */
static void random_agrees_with_naive(void)
{
	u64 seed = tap_seed(), counted;
	struct na_audit_result *r;
	unsigned long frame;
	u32 round, i;

	for (round = 0; round < 400; round++) {
		begin();
		tables.offers_pages = tap_below(&seed, 2);
		tables.splits_places = tap_below(&seed, 2);
		show_random(&seed, 1 + tap_below(&seed, 60),
			    8 + tap_below(&seed, 120));
		r = audit();
		for (frame = 0; frame < 160; frame++)
			compare_frame(r, frame);
		for (i = 0, counted = 0; i < r->nr_conflicts; i++)
			counted += r->conflicts[i].run.nr;
		EXPECT_EQ(counted, na_audit_count(r, NA_GRADE_ALIAS) +
			  na_audit_count(r, NA_GRADE_MIXED));
		EXPECT_EQ(r->seen.nr_changed, 0);
		end(r);
	}
}

/* kills: frames that are forgotten when their table grows */
static void limits_frames_beyond_the_first_table(void)
{
	struct na_audit_result *r;
	u32 i, nr = 700;

	begin();
	for (i = 0; i < nr; i++) {
		show(CAMERA, i, DEVICE + 1024 * i, 1, NA_AUDIT_UC);
		show(VIEWER, 2 * i, DEVICE + 1024 * i, 1, NA_AUDIT_WB);
	}
	r = audit();
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), nr);
	EXPECT_EQ(r->seen.nr_frames, nr);
	end(r);
}

static const struct tap_case cases[] = {
	TAP(limits_are_said),
	TAP(limits_counts_go_on),
	TAP(limits_frames_of_devices),
	TAP(limits_memory_beside_a_device),
	TAP(limits_devices_asked_in_one),
	TAP(limits_memory_asked_in_one),
	TAP(limits_absurd_refused),
	TAP(limits_grow_with_memory),
	TAP(random_agrees_with_naive),
	TAP(limits_frames_beyond_the_first_table),
};

TAP_MAIN(cases)
