// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: what is joined, what is reported, and what is not.
 */
#include "audit_world.h"

/* --- grades ----------------------------------------------------------------- */

/* kills: a grade computed from the first two types only; cached and uncached
 * swapped; UC against WC taken for an alias or for nothing */
static void grade_every_pair(void)
{
	static const u8 types[] = { NA_AUDIT_WB, NA_AUDIT_WT, NA_AUDIT_WP,
				    NA_AUDIT_WC, NA_AUDIT_UC };
	enum na_grade grade;
	u32 i, j;

	for (i = 0; i < 5; i++) {
		for (j = 0; j < 5; j++) {
			grade = i == j ? NA_GRADE_NONE :
				(i < 3) != (j < 3) ? NA_GRADE_ALIAS :
						     NA_GRADE_MIXED;
			expect_pair(types[i], types[j], grade);
		}
	}
}

/* kills: judging by what the entry says instead of the effective type */
static void grade_uses_effective_type(void)
{
	struct na_audit_result *r;

	begin();
	show(VMALLOC, 1, 7, 1, NA_AUDIT_UC)->entry = NA_AUDIT_UC_MINUS;
	show(CAMERA, 2, 7, 1, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_UC)->entry = NA_AUDIT_WB;
	r = audit_finds(0);
	end(r);
}

/* kills: a third type that hides behind the first two */
static void grade_alias_beats_mixed(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 1, 7, 1, NA_AUDIT_UC);
	show(VIEWER, 1, 7, 1, NA_AUDIT_WC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	r = audit_finds(1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 7, 1);
	EXPECT_EQ(r->conflicts[0].nr_parties, 3);
	end(r);
}

/* --- walks ------------------------------------------------------------------ */

/* kills: a second walk of a system that has nothing uncached */
static void walk_nothing_uncached_once(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(CAMERA, 0, 3, 1, NA_AUDIT_WB);
	r = audit();
	EXPECT_EQ(tables.nr_walks, 1);
	EXPECT_EQ(r->seen.nr_walks, 1);
	EXPECT_EQ(r->seen.nr_pages, 1025);
	EXPECT_EQ(r->seen.nr_processes, 3);
	EXPECT_EQ(r->seen.nr_mappings, NR_OWNERS);
	EXPECT_EQ(r->seen.nr_frames, 0);
	EXPECT_EQ(tables.nr_described, 0);
	end(r);
}

/* kills: names looked up, or entries read again, for what is no suspect */
static void walk_no_suspect_no_reread(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(VMALLOC, 0, 3000, 16, NA_AUDIT_UC);
	r = audit();
	EXPECT_EQ(tables.nr_walks, 2);
	EXPECT_EQ(tables.nr_rereads, 0);
	EXPECT_EQ(tables.nr_described, 0);
	EXPECT_EQ(r->seen.nr_frames, 16);
	EXPECT_EQ(r->seen.nr_pages, 1040);
	end(r);
}

/* kills: a span of frames that is one too long at either end */
static void walk_neighbours_clean(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(DIRECT, 0, 6, 4, NA_AUDIT_WB);
	show(DIRECT, 50, 14, 4, NA_AUDIT_WB);
	r = audit_finds(0);
	end(r);
}

/* kills: frames looked up in spans that are not sorted, or not disjoint */
static void walk_spans_out_of_order(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 300, 10, NA_AUDIT_UC);
	show(CAMERA, 20, 100, 10, NA_AUDIT_UC);
	show(VIEWER, 0, 105, 10, NA_AUDIT_UC);
	show(VIEWER, 40, 102, 2, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	r = audit();
	EXPECT_EQ(r->seen.nr_frames, 25);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 25);
	end(r);
}

/* kills: offers joined over a gap in frames, in addresses, or over a type */
static void offer_joins_only_neighbours(void)
{
	struct na_audit_result *r;

	begin();
	tables.offers_pages = true;
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(CAMERA, 4, 20, 4, NA_AUDIT_UC);
	show(CAMERA, 9, 24, 4, NA_AUDIT_UC);
	show(CAMERA, 13, 28, 4, NA_AUDIT_WC);
	show(VIEWER, 0, 0, 64, NA_AUDIT_WB);
	r = audit();
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 16);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 4);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 0);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 20, 8);
	EXPECT_EQ(party_at(r, 1, 0)->va_low, 4 << 12);
	EXPECT_EQ(party_at(r, 1, 0)->va_high, 13 << 12);
	expect_conflict(r, 2, NA_GRADE_ALIAS, 28, 4);
	EXPECT_EQ(party_at(r, 2, 0)->type, NA_AUDIT_WC);
	end(r);
}

/* kills: addresses of a part computed from the wrong end, or not at all */
static void join_part_of_runs(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0x1000, 0, 100, NA_AUDIT_WB);
	show(CAMERA, 0x2000, 40, 80, NA_AUDIT_UC);
	r = audit_finds(1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 40, 60);
	EXPECT_EQ(owner_at(r, 0, 0)->space, NA_SPACE_PROCESS);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 0x2000ull << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_high, 0x203cull << 12);
	EXPECT_EQ(owner_at(r, 0, 1)->space, NA_SPACE_DIRECT);
	EXPECT_EQ(party_at(r, 0, 1)->va_low, 0x1028ull << 12);
	EXPECT_EQ(party_at(r, 0, 1)->va_high, 0x1064ull << 12);
	end(r);
}

/* kills: a sweep that goes on after the first end, or stops there */
static void join_holes_split(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 10, 10, NA_AUDIT_UC);
	show(VIEWER, 0, 12, 2, NA_AUDIT_WB);
	show(VIEWER, 9, 15, 1, NA_AUDIT_WB);
	show(VIEWER, 5, 19, 5, NA_AUDIT_WB);
	r = audit_finds(3);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 12, 2);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 15, 1);
	expect_conflict(r, 2, NA_GRADE_ALIAS, 19, 1);
	end(r);
}

/* kills: one side of a conflict named, or the same twice */
static void owners_both_named(void)
{
	struct na_audit_result *r;

	begin();
	show(KMAP, 17, 1500, 1, NA_AUDIT_WB);
	show(CAMERA, 900, 1500, 1, NA_AUDIT_UC);
	r = audit_finds(1);
	EXPECT_STR(owner_at(r, 0, 0)->name, "/dmabuf:frame");
	EXPECT_STR(owner_at(r, 0, 0)->comm, "task6");
	EXPECT_EQ(owner_at(r, 0, 0)->pid, 106);
	EXPECT_STR(owner_at(r, 0, 1)->name, "kmap");
	EXPECT(!owner_at(r, 0, 0)->handle);
	end(r);
}

/* kills: an owner for each time that the port comes back to it */
static void owners_same_place_again(void)
{
	struct na_audit_result *r;

	begin();
	tables.splits_places = true;
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(CAMERA, 4, 14, 4, NA_AUDIT_UC);
	show(VIEWER, 0, 10, 8, NA_AUDIT_WB);
	r = audit();
	EXPECT_EQ(r->nr_owners, 2);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 8);
	end(r);
}

/* --- kinds ------------------------------------------------------------------- */

/* kills: the kind of a whole run taken from its first frame */
static void kind_splits_a_run(void)
{
	struct na_audit_result *r;

	begin();
	show(VMALLOC, 0, RESERVED - 3, 24, NA_AUDIT_UC);
	show(CAMERA, 0, RESERVED - 3, 24, NA_AUDIT_WB);
	r = audit_finds(3);
	expect_conflict(r, 0, NA_GRADE_ALIAS, RESERVED - 3, 3);
	EXPECT_EQ(r->conflicts[0].kind, NA_KIND_RAM);
	expect_conflict(r, 1, NA_GRADE_ALIAS, RESERVED, 16);
	EXPECT_EQ(r->conflicts[1].kind, NA_KIND_RESERVED);
	EXPECT_EQ(party_at(r, 1, 0)->va_low, 3 << 12);
	expect_conflict(r, 2, NA_GRADE_ALIAS, DEVICE, 5);
	EXPECT_EQ(r->conflicts[2].kind, NA_KIND_DEVICE);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RAM], 3);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RESERVED], 16);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_DEVICE], 5);
	end(r);
}

/* --- merging ----------------------------------------------------------------- */

/* kills: a line a page for a buffer whose frames came in any order */
static void merge_scattered_pages(void)
{
	struct na_audit_result *r;
	u32 i;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	for (i = 0; i < 64; i++)
		show(CAMERA, 500 + i, 200 + 63 - i, 1, NA_AUDIT_UC);
	r = audit_finds(1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 200, 64);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 500 << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_high, 564 << 12);
	EXPECT_EQ(party_at(r, 0, 1)->va_low, 200 << 12);
	EXPECT_EQ(party_at(r, 0, 1)->va_high, 264 << 12);
	end(r);
}

/* kills: kmap slots joined that do not follow each other */
static void merge_not_kmap_slots(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 1500, 4, NA_AUDIT_UC);
	show(KMAP, 10, 1500, 2, NA_AUDIT_WB);
	show(KMAP, 400, 1502, 2, NA_AUDIT_WB);
	r = audit_finds(2);
	EXPECT_EQ(party_at(r, 0, 1)->va_low, 10 << 12);
	EXPECT_EQ(party_at(r, 1, 1)->va_low, 400 << 12);
	end(r);
}

/* kills: two vmalloc areas taken for one; an area that ends at a frame */
static void merge_not_vmalloc_areas(void)
{
	struct na_audit_result *r;

	begin();
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(VMALLOC, 50, 12, 1, NA_AUDIT_UC);
	show(VMALLOC, 51, 10, 2, NA_AUDIT_UC);
	show(VMALLOC, 53, 900, 1, NA_AUDIT_WB);
	show(VMALLOC, 60, 13, 1, NA_AUDIT_UC);
	r = audit_finds(2);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 3);
	EXPECT_EQ(owner_at(r, 0, 0)->start, 50 << 12);
	EXPECT_EQ(owner_at(r, 0, 0)->end, 54 << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 50 << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_high, 53 << 12);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 13, 1);
	EXPECT_EQ(owner_at(r, 1, 0)->start, 60 << 12);
	EXPECT_EQ(owner_at(r, 1, 0)->end, 61 << 12);
	end(r);
}

/*
 * kills: a group for each conflict; conflicts of others in a group, or of
 * another grade; a link that skips one or does not end
 */
static void group_by_owners(void)
{
	static const u32 groups[] = { 0, 0, 2, 0, 4, 2 };
	static const u32 nexts[] = { 1, 3, 5, NA_AUDIT_NO_NEXT,
				     NA_AUDIT_NO_NEXT, NA_AUDIT_NO_NEXT };
	struct na_audit_result *r;
	u32 i;

	begin();
	show(CAMERA, 0, 1500, 1, NA_AUDIT_UC);
	show(KMAP, 10, 1500, 1, NA_AUDIT_WB);
	show(CAMERA, 2, 1501, 1, NA_AUDIT_UC);
	show(KMAP, 30, 1501, 1, NA_AUDIT_WB);
	show(VIEWER, 0, 1502, 1, NA_AUDIT_UC);
	show(KMAP, 50, 1502, 1, NA_AUDIT_WB);
	show(CAMERA, 4, 1503, 1, NA_AUDIT_UC);
	show(KMAP, 20, 1503, 1, NA_AUDIT_WB);
	show(CAMERA, 6, 1504, 1, NA_AUDIT_UC);
	show(KMAP, 60, 1504, 1, NA_AUDIT_WT);
	show(VIEWER, 2, 1505, 1, NA_AUDIT_UC);
	show(KMAP, 70, 1505, 1, NA_AUDIT_WB);
	r = audit_finds(6);
	for (i = 0; i < 6; i++) {
		EXPECT_EQ(r->conflicts[i].group, groups[i]);
		EXPECT_EQ(r->conflicts[i].next, nexts[i]);
	}
	end(r);
}

/* kills: runs joined over different owners, types, entries, or a gap */
static void merge_not_what_differs(void)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 10, 6, NA_AUDIT_UC);
	show(CAMERA, 8, 17, 1, NA_AUDIT_UC);
	show(VIEWER, 0, 10, 1, NA_AUDIT_WB);
	show(INIT, 0, 11, 1, NA_AUDIT_WB);
	show(VIEWER, 2, 12, 1, NA_AUDIT_WT);
	show(VIEWER, 3, 13, 1, NA_AUDIT_WB);
	show(VIEWER, 4, 14, 1, NA_AUDIT_WB)->entry = NA_AUDIT_WT;
	show(VIEWER, 5, 15, 1, NA_AUDIT_WB);
	show(VIEWER, 7, 17, 1, NA_AUDIT_WB);
	show(CAMERA, 20, 18, 1, NA_AUDIT_UC);
	show(VIEWER, 8, 18, 1, NA_AUDIT_WT)->entry = NA_AUDIT_WB;
	r = audit_finds(8);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 8);
	end(r);
}

/* kills: a list of mappings that has one side only, or overflows */
static void parties_too_many(void)
{
	struct na_audit_result *r;
	u32 i, nr_uc = 0;

	begin();
	for (i = 0; i < 100; i++)
		show(CAMERA, i * 2, 7, 1, NA_AUDIT_UC);
	show(VIEWER, 0, 7, 1, NA_AUDIT_WB);
	r = audit_finds(1);
	EXPECT_EQ(r->conflicts[0].nr_parties, 9);
	EXPECT_EQ(r->conflicts[0].nr_more, 92);
	for (i = 0; i < 9; i++)
		nr_uc += party_at(r, 0, i)->type == NA_AUDIT_UC;
	EXPECT_EQ(nr_uc, 8);
	EXPECT_EQ(party_at(r, 0, 8)->type, NA_AUDIT_WB);
	end(r);
}

static const struct tap_case cases[] = {
	TAP(grade_every_pair),
	TAP(grade_uses_effective_type),
	TAP(grade_alias_beats_mixed),
	TAP(walk_nothing_uncached_once),
	TAP(walk_no_suspect_no_reread),
	TAP(walk_neighbours_clean),
	TAP(walk_spans_out_of_order),
	TAP(offer_joins_only_neighbours),
	TAP(join_part_of_runs),
	TAP(join_holes_split),
	TAP(owners_both_named),
	TAP(owners_same_place_again),
	TAP(kind_splits_a_run),
	TAP(merge_scattered_pages),
	TAP(merge_not_kmap_slots),
	TAP(merge_not_vmalloc_areas),
	TAP(merge_not_what_differs),
	TAP(group_by_owners),
	TAP(parties_too_many),
};

TAP_MAIN(cases)
