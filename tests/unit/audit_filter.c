// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: a port that leaves out what is not needed gets the same result as one
 * that offers everything.
 */
#include "audit_world.h"

static u64 seed;

static u32 draw(u32 below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (u32)(seed >> 33) % below;
}

static u8 draw_type(void)
{
	static const u8 types[] = { NA_AUDIT_WC, NA_AUDIT_UC, NA_AUDIT_WT };

	return draw(8) ? NA_AUDIT_WB : types[draw(3)];
}

/* In the order of addresses within each owner, as tables have them. */
static void show_at_random(void)
{
	u32 i, page = 0, nr;

	for (i = 0; i < 200; i++) {
		nr = 1 + draw(6);
		show((enum owner)draw(NR_OWNERS), page, draw(NR - 8), nr,
		     draw_type());
		page += nr + (draw(3) ? 0 : draw(4));
	}
}

static struct na_audit_result *audit_leaving_out(bool leaves_out)
{
	u32 i;

	tables.leaves_out = leaves_out;
	tables.offers_pages = true;
	for (i = 0; i < tables.nr_shown; i++)
		tables.shown[i].nr_read = 0;
	return audit();
}

static void expect_same_owner(const struct na_audit_owner *a,
			      const struct na_audit_owner *b)
{
	EXPECT_EQ(a->space, b->space);
	EXPECT_EQ(a->pid, b->pid);
	EXPECT_EQ(a->start, b->start);
	EXPECT_EQ(a->end, b->end);
	EXPECT_STR(a->name, b->name);
}

static void expect_same_parties(const struct na_audit_result *a,
				const struct na_audit_result *b, u32 conflict)
{
	const struct na_audit_party *p, *q;
	u32 i;

	for (i = 0; i < a->conflicts[conflict].nr_parties; i++) {
		p = party_at(a, conflict, i);
		q = party_at(b, conflict, i);
		EXPECT_EQ(p->va_low, q->va_low);
		EXPECT_EQ(p->va_high, q->va_high);
		EXPECT_EQ(p->type, q->type);
		expect_same_owner(owner_at(a, conflict, i),
				  owner_at(b, conflict, i));
	}
}

static void expect_same(const struct na_audit_result *a,
			const struct na_audit_result *b)
{
	u32 i;

	EXPECT_EQ(memcmp(&a->seen, &b->seen, sizeof(a->seen)), 0);
	EXPECT_EQ(memcmp(a->nr_frames, b->nr_frames, sizeof(a->nr_frames)), 0);
	EXPECT_EQ(a->cut, b->cut);
	EXPECT_EQ(a->nr_conflicts, b->nr_conflicts);
	for (i = 0; i < a->nr_conflicts; i++) {
		EXPECT_EQ(a->conflicts[i].run.first.nr,
			  b->conflicts[i].run.first.nr);
		EXPECT_EQ(a->conflicts[i].run.nr, b->conflicts[i].run.nr);
		EXPECT_EQ(a->conflicts[i].nr_parties,
			  b->conflicts[i].nr_parties);
		expect_same_parties(a, b, i);
	}
}

/* kills: only other types than WB in the second walk; an area of the kernel cut
 * into pieces by what was left out of it; pages left out that are not counted
 */
static void filter_changes_nothing(void)
{
	struct na_audit_result *all, *some;
	u32 round, nr_conflicts = 0;

	for (round = 0; round < 200; round++) {
		seed = round;
		begin();
		show_at_random();
		all = audit_leaving_out(false);
		some = audit_leaving_out(true);
		expect_same(all, some);
		nr_conflicts += all->nr_conflicts;
		na_audit_result_destroy(all);
		end(some);
	}
	EXPECT(nr_conflicts > 1000);
}

/* kills: a filter that wants everything */
static void filter_leaves_out_most(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(INIT, 5000, 1024, 1000, NA_AUDIT_WB);
	show(CAMERA, 9, 7, 1, NA_AUDIT_UC);
	r = audit_leaving_out(true);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 7, 1);
	EXPECT_EQ(r->seen.nr_pages, 2025);
	/* Three walks; in the last two the frame's two mappings are offered. */
	EXPECT_EQ(tables.nr_left_out, 3 * 2025 - 1 - 2 - 2);
	end(r);
}

/* kills: frames of a chunk that has some taken for wanted, one and all */
static void filter_tells_frames_of_a_chunk_apart(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(CAMERA, 9, 7, 1, NA_AUDIT_UC);
	show(VIEWER, 9, 8, 1, NA_AUDIT_WB);
	r = audit_leaving_out(true);
	EXPECT_EQ(r->nr_conflicts, 1);
	EXPECT_EQ(tables.nr_left_out, 3 * 1026 - 1 - 2 - 2);
	end(r);
}

/* kills: suspects that are read again through a filter, and are gone */
static void filter_not_when_read_again(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show(CAMERA, 9, 7, 1, NA_AUDIT_UC)->gone = 1 << 4;
	r = audit_leaving_out(true);
	EXPECT_EQ(r->nr_conflicts, 0);
	EXPECT_EQ(r->seen.nr_changed, 1);
	end(r);
}

static const struct tap_case cases[] = {
	TAP(filter_changes_nothing),
	TAP(filter_leaves_out_most),
	TAP(filter_tells_frames_of_a_chunk_apart),
	TAP(filter_not_when_read_again),
};

TAP_MAIN(cases)
