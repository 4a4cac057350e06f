// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: what is joined, what is reported, and what is not.
 *
 * The page tables are a list of sightings in this file. Each knows at which
 * of its readings it is not there: 0 to 2 are the three walks, 3 and 4 the two
 * times that a suspect is read again.
 *
 * Page P of an owner is at address P * 4 KiB.
 */
#include <noalias/audit_port.h>
#include <noalias/buffer.h>

#include "world.h"

#define NR 4096
#define NR_LOW 1024
#define NR_SHOWN 6000
#define NR_OWNERS 8
#define RESERVED 2032	/* memory from here on is not the system's */
#define DEVICE 2048	/* frames from here on are a device's */

enum owner { DIRECT, KMAP, FIXMAP, VMALLOC, IMAGE, INIT, CAMERA, VIEWER };

struct shown {
	enum owner owner;
	u64 page;
	struct na_run run;
	u8 type;
	u8 entry;
	u8 gone;	/* bit n: not there at reading n */
	u8 nr_read;
};

struct place {
	struct na_audit_place base;
	enum owner owner;
	u64 page;
};

struct na_audit_walker {
	struct na_audit *audit;
	struct shown shown[NR_SHOWN];
	u32 nr_shown;
	u32 nr_walks;
	u32 nr_rereads;
	u32 nr_described;
	u32 nr_held;
	int walk_errno;
	int begin_errno;
	bool splits_places;	/* each mapping begins its place anew */
	bool offers_pages;	/* page by page */
	bool splits_owners;	/* and is another mapping of its process */
	u8 unseen;		/* bit n: CAMERA is not let in at walk n */
	bool unseen_again;	/* nor when it is read again */
	u64 nr_memory;		/* frames of the machine; 0: NR */
	unsigned long memory_from;	/* it goes on there; 0: nowhere */
	u32 nr_kinds;		/* how often the kind was asked for */
	void (*on_reread)(void);
	const char *name;	/* of VIEWER */
};

static struct na_audit_walker tables;

static const char *const owner_names[NR_OWNERS] = {
	"direct map", "kmap", "kmap_local cpu 0 idx 0", "vmalloc",
	"kernel image", "/sbin/init", "/dmabuf:frame", "[anon]",
};

static enum na_space space_of(enum owner owner)
{
	return owner < INIT ? (enum na_space)owner : NA_SPACE_PROCESS;
}

/* Of a kernel region with areas the engine sets start and end. */
static enum owner who_is(const struct na_audit_owner *owner)
{
	if (owner->space == NA_SPACE_VMALLOC)
		return VMALLOC;
	return (enum owner)(owner->end - 1);
}

/* --- the port -------------------------------------------------------------- */

int na_port_audit_begin(struct na_port *port, struct na_audit *audit,
			struct na_audit_walker **walker)
{
	(void)port;
	tables.audit = audit;
	*walker = &tables;
	return tables.begin_errno;
}

void na_port_audit_end(struct na_audit_walker *walker)
{
	EXPECT_EQ(walker->nr_held, 0);
}

static int offer_pages(struct na_audit_walker *w, struct na_sighting all)
{
	struct na_sighting one = all;
	int err = 0;

	for (one.run.nr = 1; all.run.nr && !err; all.run.nr--) {
		err = na_audit_offer(w->audit, &one);
		one.va += 4096;
		one.run.first.nr++;
	}
	return err;
}

static int offer(struct na_audit_walker *w, struct shown *s, u64 from, u64 to)
{
	u64 page = s->page > from ? s->page : from;
	u64 end = s->page + s->run.nr < to ? s->page + s->run.nr : to;
	struct na_sighting sighting = {
		.va = page << NA_AUDIT_PAGE_SHIFT,
		.run = na_run(na_frame_add(s->run.first, (u32)(page - s->page)),
			      (u32)(end - page)),
		.type = s->type,
		.entry = s->entry,
	};

	if (page >= end || (s->nr_read < 8 && s->gone >> s->nr_read & 1)) {
		s->nr_read += page < end;
		return 0;
	}
	s->nr_read += s->nr_read < 8;
	return w->offers_pages ? offer_pages(w, sighting) :
				 na_audit_offer(w->audit, &sighting);
}

static int walk_owner(struct na_audit_walker *w, enum owner owner)
{
	struct place place = { .base.has_areas = owner == VMALLOC,
			       .owner = owner };
	int err = 0;
	u32 i;

	na_audit_place_begin(w->audit, &place.base);
	for (i = 0; i < w->nr_shown && !err; i++) {
		if (w->shown[i].owner != owner)
			continue;
		err = offer(w, &w->shown[i], 0, ~0ull);
		if (err || !(w->splits_places || w->splits_owners))
			continue;
		err = na_audit_place_end(w->audit);
		place.page += w->splits_owners;
		na_audit_place_begin(w->audit, &place.base);
	}
	return na_audit_place_end(w->audit) ? -ENOMEM : err;
}

static int walk_process(struct na_audit_walker *w, enum owner owner)
{
	char comm[16];
	int err;

	snprintf(comm, sizeof(comm), "task%d", owner);
	err = na_audit_process_begin(w->audit, 100 + (int)owner, comm);
	if (err)
		return err;
	if (owner == CAMERA && w->nr_walks <= 8 &&
	    w->unseen >> (w->nr_walks - 1) & 1)
		err = na_audit_unseen(w->audit);
	else
		err = walk_owner(w, owner);
	na_audit_process_end(w->audit);
	return err;
}

int na_port_audit_walk(struct na_audit_walker *w)
{
	int owner, err = 0;

	w->nr_walks++;
	for (owner = INIT; owner < NR_OWNERS && !err; owner++)
		err = walk_process(w, (enum owner)owner);
	for (owner = DIRECT; owner < INIT && !err; owner++)
		err = walk_owner(w, (enum owner)owner);
	return err ? err : w->walk_errno;
}

u64 na_port_audit_memory(struct na_audit_walker *w)
{
	return w->nr_memory ? w->nr_memory : NR;
}

int na_port_audit_reread(struct na_audit_walker *w,
			 const struct na_audit_owner *owner,
			 const struct na_sighting *sighting)
{
	u64 from = sighting->va >> NA_AUDIT_PAGE_SHIFT;
	int err = 0;
	u32 i;

	w->nr_rereads++;
	if (w->on_reread)
		w->on_reread();
	if (w->unseen_again && who_is(owner) == CAMERA)
		return na_audit_unseen(w->audit);
	for (i = 0; i < w->nr_shown && !err; i++)
		if (w->shown[i].owner == who_is(owner))
			err = offer(w, &w->shown[i], from,
				    from + sighting->run.nr);
	return err;
}

void na_port_audit_describe(struct na_audit_walker *w,
			    struct na_audit_place *base,
			    struct na_audit_owner *owner)
{
	const struct place *place = container_of(base, struct place, base);
	enum owner who = place->owner;

	EXPECT(!owner->pid && !owner->name[0]);
	owner->space = space_of(who);
	owner->start = place->page;
	owner->end = who + 1;
	snprintf(owner->name, sizeof(owner->name), "%s", owner_names[who]);
	w->nr_described++;
	if (owner->space != NA_SPACE_PROCESS)
		return;
	owner->pid = 100 + (int)who;
	snprintf(owner->comm, sizeof(owner->comm), "task%d", who);
	snprintf(owner->perms, sizeof(owner->perms), "rw-s");
	if (who == VIEWER && w->name) {
		snprintf(owner->name, sizeof(owner->name), "%s", w->name);
		snprintf(owner->comm, sizeof(owner->comm), "%s", w->name);
	}
	owner->handle = w;
	w->nr_held++;
}

void na_port_audit_release(struct na_audit_walker *w,
			   const struct na_audit_owner *owner)
{
	if (!owner->handle)
		return;
	EXPECT(owner->handle == w);
	w->nr_held--;
}

enum na_frame_kind na_port_audit_kind(struct na_audit_walker *w,
				      struct na_run run, u32 *nr)
{
	w->nr_kinds++;
	*nr = run.nr;
	if (w->memory_from && run.first.nr >= w->memory_from)
		return NA_KIND_RAM;
	if (run.first.nr >= DEVICE) {
		if (w->memory_from && run.nr > w->memory_from - run.first.nr)
			*nr = (u32)(w->memory_from - run.first.nr);
		return NA_KIND_DEVICE;
	}
	if (run.first.nr >= RESERVED) {
		if (run.nr > DEVICE - run.first.nr)
			*nr = (u32)(DEVICE - run.first.nr);
		return NA_KIND_RESERVED;
	}
	if (run.nr > RESERVED - run.first.nr)
		*nr = (u32)(RESERVED - run.first.nr);
	return NA_KIND_RAM;
}

/* --- a world with page tables ----------------------------------------------- */

static void begin(struct world *w)
{
	memset(&tables, 0, sizeof(tables));
	world_begin(w, NR, NR_LOW);
}

static struct shown *show(enum owner owner, u64 page, unsigned long first,
			  u32 nr, u8 type)
{
	struct shown *s = &tables.shown[tables.nr_shown++];

	EXPECT(tables.nr_shown <= NR_SHOWN);
	*s = (struct shown){ .owner = owner, .page = page,
			     .run = run_of(first, nr), .type = type,
			     .entry = type };
	return s;
}

static struct na_audit_result *audit(struct world *w)
{
	struct na_audit_result *result = NULL;

	tables.nr_walks = 0;
	tables.nr_rereads = 0;
	EXPECT_EQ(na_audit_run(&w->machine, NULL, &result), 0);
	EXPECT(result);
	return result;
}

static void end(struct world *w, struct na_audit_result *result)
{
	na_audit_result_destroy(result);
	world_end(w);
}

static const struct na_audit_party *party_at(const struct na_audit_result *r,
					     u32 conflict, u32 i)
{
	EXPECT(conflict < r->nr_conflicts);
	EXPECT(i < r->conflicts[conflict].nr_parties);
	return &r->parties[r->conflicts[conflict].first_party + i];
}

static const struct na_audit_owner *owner_at(const struct na_audit_result *r,
					     u32 conflict, u32 i)
{
	return &r->owners[party_at(r, conflict, i)->owner];
}

static void expect_conflict(const struct na_audit_result *r, u32 i,
			    enum na_grade grade, unsigned long first, u32 nr)
{
	EXPECT(i < r->nr_conflicts);
	EXPECT_EQ(r->conflicts[i].grade, grade);
	EXPECT_EQ(r->conflicts[i].run.first.nr, first);
	EXPECT_EQ(r->conflicts[i].run.nr, nr);
}

/* Two mappings of frame 7; @grade says what that is. */
static void expect_pair(u8 one, u8 other, enum na_grade grade)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(DIRECT, 7, 7, 1, one);
	show(CAMERA, 900, 7, 1, other);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, grade != NA_GRADE_NONE);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), grade == NA_GRADE_ALIAS);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_MIXED), grade == NA_GRADE_MIXED);
	EXPECT_EQ(r->cut, 0);
	if (grade != NA_GRADE_NONE)
		expect_conflict(r, 0, grade, 7, 1);
	end(&w, r);
}

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
	struct world w;

	begin(&w);
	show(VMALLOC, 1, 7, 1, NA_AUDIT_UC)->entry = NA_AUDIT_UC_MINUS;
	show(CAMERA, 2, 7, 1, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_UC)->entry = NA_AUDIT_WB;
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 0);
	end(&w, r);
}

/* kills: a third type that hides behind the first two */
static void grade_alias_beats_mixed(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 1, 7, 1, NA_AUDIT_UC);
	show(VIEWER, 1, 7, 1, NA_AUDIT_WC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 7, 1);
	EXPECT_EQ(r->conflicts[0].nr_parties, 3);
	end(&w, r);
}

/* --- walks ------------------------------------------------------------------ */

/* kills: a second walk of a system that has nothing uncached */
static void walk_nothing_uncached_once(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(CAMERA, 0, 3, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(tables.nr_walks, 1);
	EXPECT_EQ(r->seen.nr_walks, 1);
	EXPECT_EQ(r->seen.nr_pages, 1025);
	EXPECT_EQ(r->seen.nr_processes, 3);
	EXPECT_EQ(r->seen.nr_mappings, NR_OWNERS);
	EXPECT_EQ(r->seen.nr_frames, 0);
	EXPECT_EQ(tables.nr_described, 0);
	end(&w, r);
}

/* kills: names looked up, or entries read again, for what is no suspect */
static void walk_no_suspect_no_reread(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(VMALLOC, 0, 3000, 16, NA_AUDIT_UC);
	r = audit(&w);
	EXPECT_EQ(tables.nr_walks, 2);
	EXPECT_EQ(tables.nr_rereads, 0);
	EXPECT_EQ(tables.nr_described, 0);
	EXPECT_EQ(r->seen.nr_frames, 16);
	EXPECT_EQ(r->seen.nr_pages, 1040);
	end(&w, r);
}

/* kills: a span of frames that is one too long at either end */
static void walk_neighbours_clean(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(DIRECT, 0, 6, 4, NA_AUDIT_WB);
	show(DIRECT, 50, 14, 4, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 0);
	end(&w, r);
}

/* kills: frames looked up in spans that are not sorted, or not disjoint */
static void walk_spans_out_of_order(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 300, 10, NA_AUDIT_UC);
	show(CAMERA, 20, 100, 10, NA_AUDIT_UC);
	show(VIEWER, 0, 105, 10, NA_AUDIT_UC);
	show(VIEWER, 40, 102, 2, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->seen.nr_frames, 25);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 25);
	end(&w, r);
}

/* kills: offers joined over a gap in frames, in addresses, or over a type */
static void offer_joins_only_neighbours(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	tables.offers_pages = true;
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(CAMERA, 4, 20, 4, NA_AUDIT_UC);
	show(CAMERA, 9, 24, 4, NA_AUDIT_UC);
	show(CAMERA, 13, 28, 4, NA_AUDIT_WC);
	show(VIEWER, 0, 0, 64, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 16);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 4);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 0);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 20, 8);
	EXPECT_EQ(party_at(r, 1, 0)->va_low, 4 << 12);
	EXPECT_EQ(party_at(r, 1, 0)->va_high, 13 << 12);
	expect_conflict(r, 2, NA_GRADE_ALIAS, 28, 4);
	EXPECT_EQ(party_at(r, 2, 0)->type, NA_AUDIT_WC);
	end(&w, r);
}

/* kills: addresses of a part computed from the wrong end, or not at all */
static void join_part_of_runs(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(DIRECT, 0x1000, 0, 100, NA_AUDIT_WB);
	show(CAMERA, 0x2000, 40, 80, NA_AUDIT_UC);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 40, 60);
	EXPECT_EQ(owner_at(r, 0, 0)->space, NA_SPACE_PROCESS);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 0x2000ull << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_high, 0x203cull << 12);
	EXPECT_EQ(owner_at(r, 0, 1)->space, NA_SPACE_DIRECT);
	EXPECT_EQ(party_at(r, 0, 1)->va_low, 0x1028ull << 12);
	EXPECT_EQ(party_at(r, 0, 1)->va_high, 0x1064ull << 12);
	end(&w, r);
}

/* kills: a sweep that goes on after the first end, or stops there */
static void join_holes_split(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 10, 10, NA_AUDIT_UC);
	show(VIEWER, 0, 12, 2, NA_AUDIT_WB);
	show(VIEWER, 9, 15, 1, NA_AUDIT_WB);
	show(VIEWER, 5, 19, 5, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 3);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 12, 2);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 15, 1);
	expect_conflict(r, 2, NA_GRADE_ALIAS, 19, 1);
	end(&w, r);
}

/* kills: one side of a conflict named, or the same twice */
static void owners_both_named(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(KMAP, 17, 1500, 1, NA_AUDIT_WB);
	show(CAMERA, 900, 1500, 1, NA_AUDIT_UC);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	EXPECT_STR(owner_at(r, 0, 0)->name, "/dmabuf:frame");
	EXPECT_STR(owner_at(r, 0, 0)->comm, "task6");
	EXPECT_EQ(owner_at(r, 0, 0)->pid, 106);
	EXPECT_STR(owner_at(r, 0, 1)->name, "kmap");
	EXPECT(!owner_at(r, 0, 0)->handle);
	end(&w, r);
}

/* kills: an owner for each time that the port comes back to it */
static void owners_same_place_again(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	tables.splits_places = true;
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(CAMERA, 4, 14, 4, NA_AUDIT_UC);
	show(VIEWER, 0, 10, 8, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_owners, 2);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 8);
	end(&w, r);
}

/* --- the ledger -------------------------------------------------------------- */

/* kills: an audit that asks page tables only */
static void ledger_against_mapping(void)
{
	struct na_run run = run_of(1500, 8);
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	memport_take(w.port, run);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	show(KMAP, 3, 1502, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 1502, 1);
	EXPECT_EQ(r->conflicts[0].kind, NA_KIND_OURS);
	EXPECT_EQ(owner_at(r, 0, 0)->space, NA_SPACE_LEDGER);
	EXPECT_STR(owner_at(r, 0, 0)->name, "lent");
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS], 1);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RAM], 0);
	EXPECT_EQ(r->seen.nr_frames, 8);
	EXPECT_EQ(r->seen.nr_pages, 1);
	EXPECT_EQ(na_convert_back(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	end(&w, r);
}

/* kills: the ledger's type taken for another type than the page tables' */
static void ledger_agrees_clean(void)
{
	struct na_buffer *buffer;
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
	EXPECT_EQ(na_buffer_create(&w.machine, 20, NA_WC, &buffer), 0);
	for (i = 0; i < 20; i++)
		show(CAMERA, i, na_buffer_frame(buffer, i).nr, 1, NA_AUDIT_WC);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 0);
	EXPECT_EQ(r->seen.nr_frames, 20);
	na_audit_result_destroy(r);
	tables.shown[5].type = NA_AUDIT_UC;
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	EXPECT_EQ(r->conflicts[0].grade, NA_GRADE_MIXED);
	EXPECT_STR(owner_at(r, 0, 1)->name, "buffer");
	na_buffer_destroy(buffer);
	end(&w, r);
}

/* kills: frames in a conversion judged by the type that they are leaving */
static void ledger_claimed_is_silent(void)
{
	struct na_run run = run_of(1500, 8);
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	memport_take(w.port, run);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	EXPECT_EQ(na_ledger_claim(&w.machine.ledger, &run, 1, NA_LENT, NA_UC),
		  0);
	show(CAMERA, 3, 1500, 8, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 0);
	na_ledger_commit(&w.machine.ledger, &run, 1, NA_LENT, NA_UC);
	EXPECT_EQ(na_convert_back(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	end(&w, r);
}

static struct na_ledger *moving_ledger;
static enum na_state moving_to;

static void move_lent(void)
{
	struct na_run run = run_of(1500, 8);

	if (na_ledger_claim(moving_ledger, &run, 1, NA_LENT, NA_UC))
		return;
	if (moving_to != NA_CLAIMED)
		na_ledger_commit(moving_ledger, &run, 1, moving_to, NA_UC);
}

/* The ledger moves on while the mapping is read again. */
static void expect_moving(enum na_state to, u32 nr_conflicts)
{
	struct na_run run = run_of(1500, 8);
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	memport_take(w.port, run);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	show(CAMERA, 3, 1500, 8, NA_AUDIT_WB);
	moving_ledger = &w.machine.ledger;
	moving_to = to;
	tables.on_reread = move_lent;
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, nr_conflicts);
	na_audit_result_destroy(r);
	world_abandon(&w);
}

/* kills: the ledger not asked again, or asked for the type only */
static void ledger_moves_on(void)
{
	expect_moving(NA_LENT, 1);
	expect_moving(NA_CLAIMED, 0);
	expect_moving(NA_BUFFER, 0);
	expect_moving(NA_QUARANTINED, 0);
}

/*
 * kills: states of the ledger mixed up when they are read again; quarantine
 * as a witness: its frames belong to nobody, whatever the direct map says
 */
static void ledger_three_states(void)
{
	struct na_run lent = run_of(1500, 2), lost = run_of(1502, 2);
	struct na_buffer *buffer;
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	EXPECT_EQ(na_buffer_create(&w.machine, 1, NA_UC, &buffer), 0);
	memport_take(w.port, lent);
	EXPECT_EQ(na_convert_to(&w.machine, &lent, 1, NA_UC, NA_LENT), 0);
	EXPECT_EQ(na_ledger_claim(&w.machine.ledger, &lost, 1, NA_SYSTEM,
				  NA_WB), 0);
	na_ledger_commit(&w.machine.ledger, &lost, 1, NA_QUARANTINED, NA_UC);
	show(CAMERA, 0, 1500, 4, NA_AUDIT_WB);
	show(CAMERA, 9, na_buffer_frame(buffer, 0).nr, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS], 3);
	EXPECT_EQ(r->nr_conflicts, 2);
	EXPECT_EQ(na_convert_back(&w.machine, &lent, 1, NA_UC, NA_LENT), 0);
	na_buffer_destroy(buffer);
	na_audit_result_destroy(r);
	/* Quarantine by decree: the machine itself knows nothing of it. */
	world_abandon(&w);
}

/* --- kinds ------------------------------------------------------------------- */

/* kills: the kind of a whole run taken from its first frame */
static void kind_splits_a_run(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(VMALLOC, 0, RESERVED - 3, 24, NA_AUDIT_UC);
	show(CAMERA, 0, RESERVED - 3, 24, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 3);
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
	end(&w, r);
}

/* --- merging ----------------------------------------------------------------- */

/* kills: a line a page for a buffer whose frames came in any order */
static void merge_scattered_pages(void)
{
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	for (i = 0; i < 64; i++)
		show(CAMERA, 500 + i, 200 + 63 - i, 1, NA_AUDIT_UC);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 200, 64);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 500 << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_high, 564 << 12);
	EXPECT_EQ(party_at(r, 0, 1)->va_low, 200 << 12);
	EXPECT_EQ(party_at(r, 0, 1)->va_high, 264 << 12);
	end(&w, r);
}

/* kills: kmap slots joined that do not follow each other */
static void merge_not_kmap_slots(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 1500, 4, NA_AUDIT_UC);
	show(KMAP, 10, 1500, 2, NA_AUDIT_WB);
	show(KMAP, 400, 1502, 2, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 2);
	EXPECT_EQ(party_at(r, 0, 1)->va_low, 10 << 12);
	EXPECT_EQ(party_at(r, 1, 1)->va_low, 400 << 12);
	end(&w, r);
}

/* kills: two vmalloc areas taken for one; an area that ends at a frame */
static void merge_not_vmalloc_areas(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(VMALLOC, 50, 12, 1, NA_AUDIT_UC);
	show(VMALLOC, 51, 10, 2, NA_AUDIT_UC);
	show(VMALLOC, 53, 900, 1, NA_AUDIT_WB);
	show(VMALLOC, 60, 13, 1, NA_AUDIT_UC);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 2);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 3);
	EXPECT_EQ(owner_at(r, 0, 0)->start, 50 << 12);
	EXPECT_EQ(owner_at(r, 0, 0)->end, 54 << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_low, 50 << 12);
	EXPECT_EQ(party_at(r, 0, 0)->va_high, 53 << 12);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 13, 1);
	EXPECT_EQ(owner_at(r, 1, 0)->start, 60 << 12);
	EXPECT_EQ(owner_at(r, 1, 0)->end, 61 << 12);
	end(&w, r);
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
	struct world w;
	u32 i;

	begin(&w);
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
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 6);
	for (i = 0; i < 6; i++) {
		EXPECT_EQ(r->conflicts[i].group, groups[i]);
		EXPECT_EQ(r->conflicts[i].next, nexts[i]);
	}
	end(&w, r);
}

/* kills: runs joined over different owners, types, entries, or a gap */
static void merge_not_what_differs(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
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
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 8);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 8);
	end(&w, r);
}

/* kills: a list of mappings that has one side only, or overflows */
static void parties_too_many(void)
{
	struct na_audit_result *r;
	u32 i, nr_uc = 0;
	struct world w;

	begin(&w);
	for (i = 0; i < 100; i++)
		show(CAMERA, i * 2, 7, 1, NA_AUDIT_UC);
	show(VIEWER, 0, 7, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 1);
	EXPECT_EQ(r->conflicts[0].nr_parties, 9);
	EXPECT_EQ(r->conflicts[0].nr_more, 92);
	for (i = 0; i < 9; i++)
		nr_uc += party_at(r, 0, i)->type == NA_AUDIT_UC;
	EXPECT_EQ(nr_uc, 8);
	EXPECT_EQ(party_at(r, 0, 8)->type, NA_AUDIT_WB);
	end(&w, r);
}

/* --- confirmation ------------------------------------------------------------ */

static void expect_vanished(u8 gone, u64 nr_changed)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(VIEWER, 0, 10, 4, NA_AUDIT_WB)->gone = gone;
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, nr_changed ? 0 : 1);
	EXPECT_EQ(r->seen.nr_changed, nr_changed);
	end(&w, r);
}

/* kills: one reading less; suspects reported as they are */
static void confirm_drops_vanished(void)
{
	expect_vanished(0, 0);
	expect_vanished(1 << 3, 4);
	expect_vanished(1 << 4, 4);
}

/* kills: a suspect that was never seen together with its partner */
static void confirm_needs_both(void)
{
	struct na_audit_result *r;
	struct world w;

	/* One goes after the walks, the other comes back after the reread. */
	begin(&w);
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC)->gone = 1 << 3;
	show(VIEWER, 0, 10, 4, NA_AUDIT_WB)->gone = 1 << 4;
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 0);
	end(&w, r);
}

/* kills: a page that changed takes its neighbours with it, or is kept */
static void confirm_page_by_page(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	tables.offers_pages = true;
	show(DIRECT, 0, 0, 64, NA_AUDIT_WB);
	show(CAMERA, 0, 10, 3, NA_AUDIT_UC);
	show(CAMERA, 3, 13, 1, NA_AUDIT_UC)->gone = 1 << 3;
	show(CAMERA, 4, 14, 3, NA_AUDIT_UC);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 2);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 3);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 14, 3);
	EXPECT_EQ(party_at(r, 1, 0)->va_low, 4 << 12);
	EXPECT_EQ(r->seen.nr_changed, 1);
	end(&w, r);
}

/*
 * Two runs of entries at one address: the first is there in the walks, the
 * second when it is read again.
 */
static void expect_replaced(unsigned long frame, u8 type, u8 entry)
{
	struct na_audit_result *r;
	struct shown *s;
	struct world w;

	begin(&w);
	show(DIRECT, 0, 0, 64, NA_AUDIT_WB);
	show(CAMERA, 3, 13, 3, NA_AUDIT_UC)->gone = 0x18;
	s = show(CAMERA, 3, frame, 3, type);
	s->entry = entry;
	s->gone = 0x7;
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 0);
	EXPECT_EQ(r->seen.nr_changed, 3);
	end(&w, r);
}

/* kills: a reread that looks at the address only */
static void confirm_frame_or_type_changed(void)
{
	expect_replaced(14, NA_AUDIT_UC, NA_AUDIT_UC);
	expect_replaced(12, NA_AUDIT_UC, NA_AUDIT_UC);
	expect_replaced(13, NA_AUDIT_WC, NA_AUDIT_UC);
	expect_replaced(13, NA_AUDIT_UC, NA_AUDIT_UC_MINUS);
}

/* --- limits ------------------------------------------------------------------- */

static struct na_audit_result *audit_within(struct world *w, u32 frames,
					    u32 sightings, u32 owners,
					    u32 conflicts)
{
	const struct na_audit_limits limits = {
		.frames_max = frames, .sightings_max = sightings,
		.owners_max = owners, .conflicts_max = conflicts,
		.sightings_min = 1, .owners_min = 1, .conflicts_min = 1,
	};
	struct na_audit_result *result = NULL;

	tables.nr_walks = 0;
	EXPECT_EQ(na_audit_run(&w->machine, &limits, &result), 0);
	return result;
}

/* Only @owner was cut, and only by @cut. */
static void expect_missed(const struct na_audit_result *r, enum owner owner,
			  u32 cut)
{
	EXPECT_EQ(r->cut, cut);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_PROCESS);
	EXPECT_EQ(r->missed[0].pid, 100 + (int)owner);
	EXPECT_EQ(r->missed[0].cut, cut);
	EXPECT_EQ(r->nr_missed_more, 0);
}

static void show_ten_aliases(void)
{
	u32 i;

	for (i = 0; i < 10; i++)
		show(CAMERA, i, 100 + 10 * i, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
}

/* kills: a limit passed in silence; a share of another size than a third */
static void limits_are_said(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show_ten_aliases();
	r = audit_within(&w, 1, 30, 3, 30);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(r->nr_missed, 0);
	EXPECT_EQ(r->nr_conflicts, 10);
	na_audit_result_destroy(r);
	r = audit_within(&w, 1, 29, 3, 30);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_STR(r->missed[0].comm, "task6");
	EXPECT_EQ(r->nr_conflicts, 9);
	na_audit_result_destroy(r);
	tables.splits_owners = true;
	r = audit_within(&w, 1, 30, 29, 30);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_OWNERS);
	EXPECT_EQ(r->nr_conflicts, 9);
	end(&w, r);
}

/* kills: counts that stop where the list does */
static void limits_counts_go_on(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show_ten_aliases();
	r = audit_within(&w, 1, 30, 3, 9);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_CONFLICTS);
	EXPECT_EQ(r->nr_conflicts, 3);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 10);
	end(&w, r);
}

/*
 * kills: frames of memory that have a limit; a device's that have none, or
 * whose limit is said of somebody else; a chunk refused that is there
 */
static void limits_frames_of_devices(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 1, NA_AUDIT_UC);
	show(CAMERA, 4, 1025, 1, NA_AUDIT_UC);
	show(VIEWER, 0, DEVICE + 1, 1, NA_AUDIT_UC);
	show(VIEWER, 2, RESERVED, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 4096, NA_AUDIT_WB);
	r = audit_within(&w, 2, 64, 64, 64);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 5);
	na_audit_result_destroy(r);
	tables.shown[3].run.first.nr += 1024;
	r = audit_within(&w, 2, 64, 64, 64);
	expect_missed(r, VIEWER, NA_AUDIT_CUT_FRAMES);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 4);
	end(&w, r);
}

/* kills: memory that is passed over because a device's frames lie before it */
static void limits_memory_beside_a_device(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	tables.memory_from = DEVICE + 1500;
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 2048, NA_AUDIT_UC);
	show(DIRECT, 0, DEVICE + 1500, 100, NA_AUDIT_WB);
	r = audit_within(&w, 1, 64, 64, 64);
	/* Of the chunk before it, which is a device's alone. */
	expect_missed(r, CAMERA, NA_AUDIT_CUT_FRAMES);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 100);
	end(&w, r);
}

/* kills: each chunk of a device asked for by itself; a device may have GiB */
static void limits_devices_asked_in_one(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 1, 1, NA_AUDIT_UC);
	show(CAMERA, 2, DEVICE, 1u << 24, NA_AUDIT_UC);
	r = audit_within(&w, 1, 64, 64, 64);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_FRAMES);
	EXPECT_EQ(tables.nr_kinds, 1);
	end(&w, r);
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
	struct world w;
	u32 i;

	begin(&w);
	for (i = 0; i < 7; i++) {
		*limit[i] = 0;
		EXPECT_EQ(na_audit_run(&w.machine, &limits, &r), -EINVAL);
		*limit[i] = 1;
	}
	for (i = 1; i < 4; i++) {
		*limit[i] = 1u << 28;
		EXPECT_EQ(na_audit_run(&w.machine, &limits, &r), -EINVAL);
		*limit[i] = 1;
	}
	EXPECT_EQ(na_audit_run(&w.machine, &limits, &r), 0);
	end(&w, r);
}

static u32 nr_listed_on(u64 nr_memory)
{
	struct na_audit_result *r;
	struct world w;
	u32 i, nr;

	begin(&w);
	tables.nr_memory = nr_memory;
	/* Scattered everywhere, so that nothing can be joined. */
	for (i = 0; i < 2000; i++)
		show(CAMERA, 2 * i, 2 * i, 1, NA_AUDIT_UC);
	for (i = 0; i < 2000; i++)
		show(KMAP, 2 * i, 2 * i, 1, NA_AUDIT_WB);
	r = audit(&w);
	nr = r->nr_conflicts;
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 2000);
	EXPECT_EQ(!r->cut, nr == 2000);
	end(&w, r);
	return nr;
}

/* kills: room that is the same on a small machine and a large one */
static void limits_grow_with_memory(void)
{
	EXPECT_EQ(nr_listed_on(1), 4096 / 3);
	EXPECT_EQ(nr_listed_on(1 << 20), 2000);
}

/* --- floods --------------------------------------------------------------------- */

/* @flooder's frame, mapped @nr times as @type, each a mapping of its own. */
static void show_flood(enum owner flooder, unsigned long frame, u32 nr,
		       u8 type)
{
	u32 i;

	tables.splits_owners = true;
	for (i = 0; i < nr; i++)
		show(flooder, 2 * i, frame, 1, type);
}

static void show_alias(enum owner victim, unsigned long frame)
{
	show(victim, 100000, frame, 1, NA_AUDIT_UC);
	show(KMAP, 3, frame, 1, NA_AUDIT_WB);
}

static void expect_alias_of(const struct na_audit_result *r,
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

static void expect_hidden_by_agreeing(enum owner flooder, enum owner victim)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show_flood(flooder, 7, 4200, NA_AUDIT_UC);
	show_alias(victim, 1500);
	r = audit_within(&w, 1, 2, 2, 2);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(r->nr_conflicts, 1);
	expect_alias_of(r, victim, 1500);
	end(&w, r);
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
	struct world w;
	u32 i;

	begin(&w);
	for (i = 0; i < 300; i++)
		EXPECT_EQ(na_buffer_create(&w.machine, 1, NA_UC, &buffers[i]),
			  0);
	for (i = 0; i < 300; i++)
		show(INIT, 2 * i, na_buffer_frame(buffers[i], 0).nr, 1,
		     NA_AUDIT_UC);
	/* Of frames that no buffer has. */
	show(VIEWER, 0, 4001, 1, NA_AUDIT_UC);
	show(KMAP, 0, 4001, 1, NA_AUDIT_WB);
	r = audit_within(&w, 8, 3, 3, 3);
	EXPECT_EQ(r->cut, 0);
	expect_alias_of(r, VIEWER, 4001);
	na_audit_result_destroy(r);
	for (i = 0; i < 300; i++)
		na_buffer_destroy(buffers[i]);
	end(&w, NULL);
}

static void expect_hidden_by_conflicts(enum owner flooder, enum owner victim)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show_flood(flooder, 7, 4200, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show_alias(victim, 1500);
	r = audit_within(&w, 1, 30, 300, 3);
	expect_missed(r, flooder, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_EQ(r->nr_conflicts, 2);
	expect_alias_of(r, victim, 1500);
	expect_alias_of(r, flooder, 7);
	na_audit_result_destroy(r);
	r = audit_within(&w, 1, 3000, 30, 3);
	expect_missed(r, flooder, NA_AUDIT_CUT_OWNERS);
	expect_alias_of(r, victim, 1500);
	end(&w, r);
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
	struct world w;
	u32 i;

	begin(&w);
	for (i = 0; i < 500; i++)
		show(INIT, 2 * i, 2 * i, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show_alias(VIEWER, 1500);
	show(INIT, 9000, 1500, 1, NA_AUDIT_UC);
	show(CAMERA, 0, 1501, 1, NA_AUDIT_UC);
	show(KMAP, 9, 1501, 1, NA_AUDIT_WB);
	r = audit_within(&w, 1, 3000, 3, 30);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_CONFLICTS);
	EXPECT_EQ(r->nr_conflicts, 12);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 502);
	expect_alias_of(r, VIEWER, 1500);
	expect_alias_of(r, CAMERA, 1501);
	/* The kernel is the other side of what was dropped. */
	EXPECT_EQ(r->nr_missed, 2);
	end(&w, r);
}

/* kills: a share of nothing where there are more processes than room */
static void flood_of_processes(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show_flood(INIT, 7, 100, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show_flood(CAMERA, 9, 100, NA_AUDIT_UC);
	show(DIRECT, 9, 9, 1, NA_AUDIT_WB);
	show_alias(VIEWER, 1500);
	r = audit_within(&w, 1, 2, 2, 2);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_SIGHTINGS);
	expect_alias_of(r, VIEWER, 1500);
	expect_alias_of(r, INIT, 7);
	expect_alias_of(r, CAMERA, 9);
	end(&w, r);
}

/*
 * kills: conflicts among the kernel's own mappings that leave no room for the
 * kernel's side of a process'; the kernel cut and not named
 */
static void flood_of_the_kernel(void)
{
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
	for (i = 0; i < 100; i++)
		show(DIRECT, 5000 + 2 * i, 2 * i, 1, NA_AUDIT_WB);
	show(IMAGE, 0, 0, 200, NA_AUDIT_UC);
	show(DIRECT, 6000, 1500, 1, NA_AUDIT_WB);
	show(VIEWER, 0, 1500, 1, NA_AUDIT_UC);
	r = audit_within(&w, 1, 9, 9, 9);
	EXPECT(r->cut & NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_KERNEL);
	EXPECT_EQ(r->missed[0].pid, 0);
	expect_alias_of(r, VIEWER, 1500);
	end(&w, r);
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
static struct na_audit_result *audit_with_least(struct world *w, u32 min)
{
	struct na_audit_limits limits = { 16, 1, 1, 1, min, min, min };
	struct na_audit_result *r = NULL;

	EXPECT_EQ(na_audit_run(&w->machine, &limits, &r), 0);
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
	struct world w;

	begin(&w);
	show_processes_against(DIRECT, 4);
	r = audit_with_least(&w, 4);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 12);
	end(&w, r);
	/* Each of these frames is a vmalloc area, with an owner of its own. */
	begin(&w);
	show_processes_against(VMALLOC, 4);
	r = audit_with_least(&w, 4);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 12);
	end(&w, r);
	/* One more of the kernel's own than all of that has room for. */
	begin(&w);
	show_processes_against(DIRECT, 5);
	r = audit_with_least(&w, 5);
	EXPECT_EQ(r->cut, 0);
	show(DIRECT, 100, 1, 1, NA_AUDIT_WB);
	show(IMAGE, 0, 1, 1, NA_AUDIT_UC);
	na_audit_result_destroy(r);
	r = audit_with_least(&w, 5);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_SIGHTINGS);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_KERNEL);
	EXPECT_EQ(na_audit_count(r, NA_GRADE_ALIAS), 15);
	end(&w, r);
}

/*
 * kills: the kernel's areas named first come first served: those of its own
 * conflicts, as many as it has areas, leave no name for what a process has
 */
static void flood_of_areas_of_the_kernel(void)
{
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
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
	r = audit_within(&w, 1, 300, 3, 9);
	EXPECT_EQ(r->cut, NA_AUDIT_CUT_OWNERS);
	EXPECT_EQ(r->nr_missed, 1);
	EXPECT_EQ(r->missed[0].space, NA_SPACE_KERNEL);
	expect_alias_of(r, VIEWER, 1500);
	expect_alias_of(r, VIEWER, 1600);
	end(&w, r);
}

/* kills: ours pushed out by others, or others by ours */
static void flood_of_ours_and_theirs(void)
{
	struct na_run run = run_of(1024, 300);
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
	memport_take(w.port, run);
	EXPECT_EQ(na_convert_to(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	for (i = 0; i < 150; i++)
		show(INIT, 4 * i, 1024 + 2 * i, 1, NA_AUDIT_WB);
	for (i = 0; i < 150; i++)
		show(CAMERA, 4 * i, 2 * i, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show(VIEWER, 0, 1325, 1, NA_AUDIT_UC);
	show(KMAP, 0, 1325, 1, NA_AUDIT_WB);
	r = audit_within(&w, 2, 30, 3, 30);
	EXPECT(r->cut);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS], 10);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RAM], 11);
	expect_alias_of(r, VIEWER, 1325);
	EXPECT_EQ(na_convert_back(&w.machine, &run, 1, NA_UC, NA_LENT), 0);
	end(&w, r);
}

/* kills: whoever is not among the first sixteen mappings of a frame unnamed */
static void flood_of_one_frame(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show_flood(INIT, 7, 100, NA_AUDIT_UC);
	show(VIEWER, 0, 7, 1, NA_AUDIT_UC);
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->cut, 0);
	EXPECT_EQ(r->nr_conflicts, 1);
	EXPECT_EQ(r->conflicts[0].nr_parties, 9);
	EXPECT_EQ(r->conflicts[0].nr_more, 93);
	expect_alias_of(r, VIEWER, 7);
	end(&w, r);
}

/* --- processes that are not let in ------------------------------------------------ */

static void expect_unseen(u8 walks, bool again)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	tables.unseen = walks;
	tables.unseen_again = again;
	show(CAMERA, 0, 10, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show_alias(VIEWER, 1500);
	r = audit(&w);
	expect_missed(r, CAMERA, NA_AUDIT_CUT_UNSEEN);
	expect_alias_of(r, VIEWER, 1500);
	end(&w, r);
}

/* kills: silence about a process that was passed over, in whichever walk */
static void unseen_is_said(void)
{
	expect_unseen(1 << 0, false);
	expect_unseen(1 << 1, false);
	expect_unseen(1 << 2, false);
	expect_unseen(7, false);
	expect_unseen(0, true);
}

/* --- errors ------------------------------------------------------------------- */

/* kills: anything kept when memory runs out, at whichever point */
static void errors_no_memory(void)
{
	struct na_audit_result *r = NULL;
	struct world w;
	u32 nth, i;
	int err;

	begin(&w);
	for (i = 0; i < 100; i++) {
		show(CAMERA, i, 100 + 2 * i, 1, NA_AUDIT_UC);
		show(VIEWER, i, 100 + 2 * i, 1, NA_AUDIT_WB);
	}
	for (nth = 1; nth < 100; nth++) {
		w.port->nr_blocks = 0;
		for (i = 0; i < 200; i++)
			tables.shown[i].nr_read = 0;
		memport_fail(w.port, MEMPORT_BIT(MEMPORT_ALLOC), nth, 1);
		i = w.port->nr_calls[MEMPORT_ALLOC] -
		    w.port->nr_calls[MEMPORT_FREE];
		err = na_audit_run(&w.machine, NULL, &r);
		memport_fail_never(w.port);
		if (!err)
			break;
		EXPECT_EQ(err, -ENOMEM);
		EXPECT(!r);
		EXPECT_EQ(tables.nr_held, 0);
		EXPECT_EQ(w.port->nr_blocks, 0);
	}
	EXPECT(nth > 15 && nth < 100);
	EXPECT_EQ(r->nr_conflicts, 100);
	na_audit_result_destroy(r);
	EXPECT_EQ(w.port->nr_blocks, 0);
	world_abandon(&w);
}

/* kills: an error of the port taken for "nothing found" */
static void errors_of_the_port(void)
{
	struct na_audit_result *r = NULL;
	struct world w;

	begin(&w);
	show_ten_aliases();
	tables.walk_errno = -EINTR;
	EXPECT_EQ(na_audit_run(&w.machine, NULL, &r), -EINTR);
	tables.walk_errno = 0;
	tables.begin_errno = -EOPNOTSUPP;
	EXPECT_EQ(na_audit_run(&w.machine, NULL, &r), -EOPNOTSUPP);
	tables.begin_errno = 0;
	EXPECT(!r);
	end(&w, NULL);
}

/* kills: an audit that goes on after its caller was killed */
static void errors_dying(void)
{
	struct na_audit_result *r = NULL;
	struct world w;
	u32 nth;
	int err = -EINTR;

	begin(&w);
	show_ten_aliases();
	for (nth = 1; err; nth++) {
		w.port->dies_at = nth;
		err = na_audit_run(&w.machine, NULL, &r);
		EXPECT(!err || err == -EINTR);
		EXPECT(nth < 100);
	}
	EXPECT(nth > 4);
	end(&w, r);
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
	struct world w;

	for (round = 0; round < 400; round++) {
		begin(&w);
		tables.offers_pages = tap_below(&seed, 2);
		tables.splits_places = tap_below(&seed, 2);
		show_random(&seed, 1 + tap_below(&seed, 60),
			    8 + tap_below(&seed, 120));
		r = audit(&w);
		for (frame = 0; frame < 160; frame++)
			compare_frame(r, frame);
		for (i = 0, counted = 0; i < r->nr_conflicts; i++)
			counted += r->conflicts[i].run.nr;
		EXPECT_EQ(counted, na_audit_count(r, NA_GRADE_ALIAS) +
			  na_audit_count(r, NA_GRADE_MIXED));
		EXPECT_EQ(r->seen.nr_changed, 0);
		end(&w, r);
	}
}

/* --- output -------------------------------------------------------------------- */

struct text {
	struct na_sink sink;
	char text[65536];
	size_t len;
};

static void put(struct na_sink *sink, const char *text, size_t len)
{
	struct text *to = container_of(sink, struct text, sink);

	EXPECT(to->len + len < sizeof(to->text));
	memcpy(to->text + to->len, text, len);
	to->len += len;
	to->text[to->len] = 0;
}

static struct text out;

static const char *print(const struct na_audit_result *r,
			 enum na_audit_format format)
{
	out.sink.put = put;
	out.len = 0;
	out.text[0] = 0;
	na_audit_print(r, format, &out.sink);
	return out.text;
}

/* What a reader that we did not write makes of it. */
static void expect_python(const char *expression)
{
	char command[1024];
	FILE *python;

	snprintf(command, sizeof(command),
		 "python3 -c 'import json,sys\n"
		 "d=json.loads(sys.stdin.buffer.read().decode(\"utf-8\"))\n"
		 "sys.exit(not (%s))'", expression);
	python = popen(command, "w");
	EXPECT(python);
	fwrite(out.text, 1, out.len, python);
	EXPECT_EQ(pclose(python), 0);
}

/* kills: a comma too many or too few, with no conflict, one, and two */
static void json_is_well_formed(void)
{
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
	show(VMALLOC, 0, 100, 1, NA_AUDIT_UC);
	for (i = 0; i < 3; i++) {
		r = audit(&w);
		print(r, NA_AUDIT_JSON);
		expect_python("d[\"noalias_audit\"] == 1 and d[\"cut\"] == []");
		EXPECT_EQ(r->nr_conflicts, i);
		na_audit_result_destroy(r);
		show(CAMERA, i, 100 + 5 * i, 1, NA_AUDIT_WB);
		show(INIT, i, 105 + 5 * i, 1, NA_AUDIT_UC);
		tables.nr_shown -= i == 2;
	}
	end(&w, NULL);
}

/* kills: a field left out, or taken from the wrong party */
static void json_says_all(void)
{
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(KMAP, 0x11, 1500, 2, NA_AUDIT_WB);
	show(CAMERA, 0xb7000, 1500, 2, NA_AUDIT_UC)->entry = NA_AUDIT_UC_MINUS;
	r = audit(&w);
	print(r, NA_AUDIT_JSON);
	expect_python("len(d[\"conflicts\"]) == 1 and "
		      "d[\"frames\"][\"alias\"][\"ram\"] == 2 and "
		      "d[\"seen\"][\"walks\"] == 3");
	expect_python("[d[\"conflicts\"][0][k] for k in "
		      "(\"grade\",\"kind\",\"first_frame\",\"nr_frames\")] == "
		      "[\"alias\",\"ram\",1500,2]");
	expect_python("[d[\"conflicts\"][0][\"parties\"][0][k] for k in "
		      "(\"space\",\"type\",\"entry\",\"va\",\"va_end\",\"pid\","
		      "\"comm\",\"perms\",\"name\")] == [\"process\",\"UC\","
		      "\"UC-\",\"0xb7000000\",\"0xb7002000\",106,\"task6\","
		      "\"rw-s\",\"/dmabuf:frame\"]");
	expect_python("[d[\"conflicts\"][0][\"parties\"][1][k] for k in "
		      "(\"space\",\"type\",\"slot\")] == [\"kmap\",\"WB\",17]");
	end(&w, r);
}

static struct na_audit_result *audit_named(struct world *w, const char *name)
{
	begin(w);
	tables.name = name;
	show(DIRECT, 7, 7, 1, NA_AUDIT_WB);
	show(VIEWER, 9, 7, 1, NA_AUDIT_UC);
	return audit(w);
}

static void expect_name(const char *name, const char *python)
{
	struct na_audit_result *r;
	char expression[256];
	struct world w;

	r = audit_named(&w, name);
	print(r, NA_AUDIT_JSON);
	snprintf(expression, sizeof(expression),
		 "d[\"conflicts\"][0][\"parties\"][0][\"name\"] == %s", python);
	expect_python(expression);
	end(&w, r);
}

/* kills: any byte of a name that gets out of its string */
static void json_hostile_names(void)
{
	char every[96];
	int i;

	expect_name("a\"},{\\", "\"a\\\"},{\\\\\"");
	expect_name("\n\r\t\x1b[2J\x7f", "\"\\n\\r\\t\\x1b[2J\\x7f\"");
	/* Well-formed UTF-8 of two, three and four bytes stays. */
	expect_name("\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xa7",
		    "\"\\u00e4\\u20ac\\U0001f427\"");
	/* Overlong, surrogate, too large, cut short, stray. */
	expect_name("\xc0\xaf.\xe0\x80\xaf.\xed\xa0\x80.\xf4\x90\x80\x80",
		    "\"?? . ??? . ??? . ????\".replace(\" \",\"\")"
		    ".replace(\"?\",\"\\ufffd\")");
	expect_name("\xf5\x80\x80\x80",
		    "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	expect_name("\xe2\x82", "\"\\ufffd\\ufffd\"");
	expect_name("\xff\x80z", "\"\\ufffd\\ufffdz\"");
	for (i = 1; i < 256; i += 90) {
		snprintf(every, sizeof(every), "%*s", 90, "");
		for (int j = 0; j < 90 && i + j < 256; j++)
			every[j] = (char)(i + j);
		expect_name(every, "d[\"conflicts\"][0][\"parties\"][0]"
			    "[\"name\"]");
	}
}

/* kills: a control character above 0x7f that reaches a terminal as it is */
static void json_hides_c1(void)
{
	struct na_audit_result *r;
	struct world w;

	/* U+0080, U+009F, and U+00A0, which is none. */
	r = audit_named(&w, "\xc2\x80\xc2\x9f\xc2\xa0");
	print(r, NA_AUDIT_JSON);
	EXPECT(strstr(out.text, "\"\\u0080\\u009f\xc2\xa0\""));
	end(&w, r);
}

/* kills: what cannot be seen known to the manual only */
static void output_says_what_is_not_seen(void)
{
	static const char last[] =
		"the direct map of memory that devices bring along";
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	r = audit(&w);
	print(r, NA_AUDIT_TEXT);
	EXPECT(strstr(strstr(out.text, "\ncannot see: "), last));
	print(r, NA_AUDIT_JSON);
	EXPECT(strstr(strstr(out.text, "\"cannot_see\":["), last));
	end(&w, r);
}

/* kills: reading on where a name without an end ends */
static void json_name_without_nul(void)
{
	struct na_audit_owner owner;
	struct na_audit_party parties[] = { { .type = NA_AUDIT_UC }, { 0 } };
	struct na_audit_conflict conflict = {
		.run = run_of(1, 1), .grade = NA_GRADE_ALIAS, .nr_parties = 2,
	};
	struct na_audit_result r = {
		.conflicts = &conflict, .nr_conflicts = 1,
		.parties = parties, .nr_parties = 2,
		.owners = &owner, .nr_owners = 1,
	};

	/* What follows the name would complete its last character. */
	memset(&owner, 0x82, sizeof(owner));
	owner.space = NA_SPACE_VMALLOC;
	memset(owner.name, 'a', sizeof(owner.name));
	owner.name[sizeof(owner.name) - 1] = (char)0xe2;
	print(&r, NA_AUDIT_JSON);
	expect_python("d[\"conflicts\"][0][\"parties\"][0][\"name\"] == "
		      "\"a\" * 95 + \"\\ufffd\"");
}

/* kills: a name that moves the cursor, or forges a line of the report */
static void text_hostile_names(void)
{
	struct na_audit_result *r;
	const char *at;
	struct world w;

	r = audit_named(&w, "\n\x1b[2J\x9b\\\x7fverdict");
	for (at = print(r, NA_AUDIT_TEXT); *at; at++)
		EXPECT(*at == '\n' || (*at >= ' ' && *at <= '~'));
	EXPECT(strstr(out.text, "\\x0a\\x1b[2J\\x9b\\x5c\\x7fverdict"));
	end(&w, r);
}

/* kills: text that names frames, types or owners wrongly */
static void text_as_people_read_it(void)
{
	static const char should[] =
		"ALIAS  frames 0x5dc-0x5dd  (2 frames, system memory)\n"
		"       UC-  process 106 (task6)             b7000000-b7002000  in "
		"00000000-00000007 rw-s /dmabuf:frame\n"
		"       WB   kmap slots 17-18                00011000-00013000\n"
		"\n"
		"seen: ";
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(KMAP, 0x11, 1500, 2, NA_AUDIT_WB);
	show(CAMERA, 0xb7000, 1500, 2, NA_AUDIT_UC)->entry = NA_AUDIT_UC_MINUS;
	r = audit(&w);
	print(r, NA_AUDIT_TEXT);
	out.text[sizeof(should) - 1] = 0;
	EXPECT_STR(out.text, should);
	print(r, NA_AUDIT_TEXT);
	EXPECT(strstr(out.text, "\nverdict:    2 frames aliased "
		      "(2 of system memory)\n"));
	end(&w, r);
}

/* kills: a block a conflict for one buffer; places lost, or without slots */
static void text_of_a_group(void)
{
	static const char should[] =
		"ALIAS  4 frames in 3 places  (system memory)\n"
		"       UC   process 106 (task6)             00000000..00006000 scattered"
		"  in 00000000-00000007 rw-s /dmabuf:frame\n"
		"       WB   kmap slots 10..30               0000a000..0001f000 scattered\n"
		"       frame 0x5dc  at 00000000, slot 10\n"
		"       frames 0x5de-0x5df  at 00002000, slots 29-30\n"
		"       frame 0x5e1  at 00005000, slot 20\n"
		"\n"
		"seen: ";
	struct na_audit_result *r;
	struct world w;

	begin(&w);
	show(CAMERA, 0, 1500, 6, NA_AUDIT_UC);
	show(KMAP, 10, 1500, 1, NA_AUDIT_WB);
	show(KMAP, 29, 1502, 2, NA_AUDIT_WB);
	show(KMAP, 20, 1505, 1, NA_AUDIT_WB);
	r = audit(&w);
	EXPECT_EQ(r->nr_conflicts, 3);
	print(r, NA_AUDIT_TEXT);
	out.text[sizeof(should) - 1] = 0;
	EXPECT_STR(out.text, should);
	print(r, NA_AUDIT_JSON);
	expect_python("[c[\"group\"] for c in d[\"conflicts\"]] == [0,0,0]");
	end(&w, r);
}

/* kills: a group of thousands written out, or its rest not counted */
static void text_of_a_large_group(void)
{
	struct na_audit_result *r;
	struct world w;
	u32 i;

	begin(&w);
	for (i = 0; i < 100; i++) {
		show(CAMERA, 2 * i, 2 * i, 1, NA_AUDIT_UC);
		show(KMAP, 2 * i, 2 * i, 1, NA_AUDIT_WB);
	}
	r = audit(&w);
	EXPECT(strstr(print(r, NA_AUDIT_TEXT), "100 frames in 100 places"));
	EXPECT(strstr(out.text, "frame 0x1e  at 0001e000, slot 30\n"
		      "       and 84 more places\n\nseen: "));
	end(&w, r);
}

/* kills: whoever was cut not named, or with a name that forges the report */
static void text_of_the_missed(void)
{
	struct na_audit_missed missed[20] = {
		{ NA_SPACE_PROCESS, 7, "a\n(b)", NA_AUDIT_CUT_OWNERS },
		{ NA_SPACE_KERNEL, 0, "", NA_AUDIT_CUT_SIGHTINGS },
		{ NA_SPACE_LEDGER, 0, "", NA_AUDIT_CUT_CONFLICTS },
	};
	struct na_audit_result r = {
		.cut = NA_AUDIT_CUT_OWNERS | NA_AUDIT_CUT_SIGHTINGS,
		.missed = missed, .nr_missed = 3,
	};
	u32 i;

	EXPECT(strstr(print(&r, NA_AUDIT_TEXT), "(sightings, owners): process 7"
		      " (a\\x0a(b)) (owners), the kernel (sightings), "
		      "the noalias ledger (conflicts)\n"));
	print(&r, NA_AUDIT_JSON);
	expect_python("d[\"missed\"] == [{\"space\":\"process\",\"pid\":7,"
		      "\"comm\":\"a\\n(b)\",\"cut\":[\"owners\"]},"
		      "{\"space\":\"kernel\",\"cut\":[\"sightings\"]},"
		      "{\"space\":\"ledger\",\"cut\":[\"conflicts\"]}]");
	for (i = 3; i < 20; i++)
		missed[i] = missed[0];
	r.nr_missed = 20;
	r.nr_missed_more = 5;
	EXPECT(strstr(print(&r, NA_AUDIT_TEXT), ", and 9 more\n"));
	print(&r, NA_AUDIT_JSON);
	expect_python("d[\"missed_more\"] == 5 and len(d[\"missed\"]) == 20");
}

/* kills: a verdict of "clean" for an audit that was cut */
static void text_verdicts(void)
{
	struct na_audit_result r = { 0 };

	EXPECT(strstr(print(&r, NA_AUDIT_TEXT),
		      "\nverdict:    clean, no frame is mapped "));
	r.ours_only = true;
	EXPECT(strstr(print(&r, NA_AUDIT_TEXT),
		      "\nverdict:    clean, no frame held by noalias is "));
	r.cut = NA_AUDIT_CUT_FRAMES | NA_AUDIT_CUT_OWNERS;
	EXPECT(!strstr(print(&r, NA_AUDIT_TEXT), "clean"));
	EXPECT(strstr(out.text, "INCOMPLETE: not all of it was seen or had room"
		      " (frames, owners)\n"));
	print(&r, NA_AUDIT_JSON);
	expect_python("d[\"cut\"] == [\"frames\",\"owners\"]");
	r.nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS] = 1;
	r.nr_frames[NA_GRADE_ALIAS][NA_KIND_DEVICE] = 2;
	r.nr_frames[NA_GRADE_MIXED][NA_KIND_RAM] = 5;
	EXPECT(strstr(print(&r, NA_AUDIT_TEXT), "\nverdict:    3 frames aliased"
		      " (1 of memory held by noalias, 2 of device memory),"
		      " 5 frames mixed (5 of system memory), and incomplete\n"));
}

/* kills: a digit lost above 32 bits, or at zero */
static void text_numbers(void)
{
	static const u64 numbers[] = {
		0, 9, 10, 4294967295ull, 4294967296ull, 99999999999ull,
		10000000000000000000ull, ~0ull,
	};
	struct na_audit_result r = { 0 };
	char should[64];
	u32 i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		r.duration_ns = numbers[i];
		snprintf(should, sizeof(should), "\"duration_ns\":%llu,\n",
			 numbers[i]);
		EXPECT(strstr(print(&r, NA_AUDIT_JSON), should));
		snprintf(should, sizeof(should), "; %llu.%llu ms\n",
			 numbers[i] / 1000000, numbers[i] / 100000 % 10);
		EXPECT(strstr(print(&r, NA_AUDIT_TEXT), should));
	}
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
	TAP(ledger_against_mapping),
	TAP(ledger_agrees_clean),
	TAP(ledger_claimed_is_silent),
	TAP(ledger_moves_on),
	TAP(ledger_three_states),
	TAP(kind_splits_a_run),
	TAP(merge_scattered_pages),
	TAP(merge_not_kmap_slots),
	TAP(merge_not_vmalloc_areas),
	TAP(merge_not_what_differs),
	TAP(group_by_owners),
	TAP(parties_too_many),
	TAP(confirm_drops_vanished),
	TAP(confirm_needs_both),
	TAP(confirm_page_by_page),
	TAP(confirm_frame_or_type_changed),
	TAP(limits_are_said),
	TAP(limits_counts_go_on),
	TAP(limits_frames_of_devices),
	TAP(limits_memory_beside_a_device),
	TAP(limits_devices_asked_in_one),
	TAP(limits_absurd_refused),
	TAP(limits_grow_with_memory),
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
	TAP(unseen_is_said),
	TAP(errors_no_memory),
	TAP(errors_of_the_port),
	TAP(errors_dying),
	TAP(random_agrees_with_naive),
	TAP(json_is_well_formed),
	TAP(json_says_all),
	TAP(json_hostile_names),
	TAP(json_hides_c1),
	TAP(output_says_what_is_not_seen),
	TAP(json_name_without_nul),
	TAP(text_hostile_names),
	TAP(text_as_people_read_it),
	TAP(text_of_a_group),
	TAP(text_of_a_large_group),
	TAP(text_of_the_missed),
	TAP(text_verdicts),
	TAP(text_numbers),
};

TAP_MAIN(cases)
