// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * audit: what the ledger says, suspects that are read again, and errors.
 */
#include "audit_world.h"

/* --- the ledger -------------------------------------------------------------- */

/* kills: an audit that asks page tables only */
static void ledger_against_mapping(void)
{
	struct na_run run = run_of(1500, 8);
	struct na_audit_result *r;

	begin();
	fake_take(world.port, run);
	EXPECT_EQ(na_convert_to(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	show(KMAP, 3, 1502, 1, NA_AUDIT_WB);
	r = audit_finds(1);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 1502, 1);
	EXPECT_EQ(r->conflicts[0].kind, NA_KIND_OURS);
	EXPECT_EQ(owner_at(r, 0, 0)->space, NA_SPACE_LEDGER);
	EXPECT_STR(owner_at(r, 0, 0)->name, "lent");
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS], 1);
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_RAM], 0);
	EXPECT_EQ(r->seen.nr_frames, 8);
	EXPECT_EQ(r->seen.nr_pages, 1);
	EXPECT_EQ(na_convert_back(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	end(r);
}

/* kills: the ledger's type taken for another type than the page tables' */
static void ledger_agrees_clean(void)
{
	struct na_buffer *buffer;
	struct na_audit_result *r;
	u32 i;

	begin();
	EXPECT_EQ(na_buffer_create(&world.machine, na_buffer_spec(20, NA_WC), &buffer), 0);
	for (i = 0; i < 20; i++)
		show(CAMERA, i, na_buffer_frame(buffer, i).nr, 1, NA_AUDIT_WC);
	r = audit_finds(0);
	EXPECT_EQ(r->seen.nr_frames, 20);
	na_audit_result_destroy(r);
	tables.shown[5].type = NA_AUDIT_UC;
	r = audit_finds(1);
	EXPECT_EQ(r->conflicts[0].grade, NA_GRADE_MIXED);
	EXPECT_STR(owner_at(r, 0, 1)->name, "buffer");
	na_buffer_destroy(buffer);
	end(r);
}

/* kills: frames in a conversion judged by the type that they are leaving */
static void ledger_claimed_is_silent(void)
{
	struct na_run run = run_of(1500, 8);
	struct na_audit_result *r;

	begin();
	fake_take(world.port, run);
	EXPECT_EQ(na_convert_to(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	EXPECT_EQ(na_ledger_claim(&world.machine.ledger, &run, 1, NA_LENT, NA_UC),
		  0);
	show(CAMERA, 3, 1500, 8, NA_AUDIT_WB);
	r = audit_finds(0);
	na_ledger_commit(&world.machine.ledger, &run, 1, NA_LENT, NA_UC);
	EXPECT_EQ(na_convert_back(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	end(r);
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

	begin();
	fake_take(world.port, run);
	EXPECT_EQ(na_convert_to(&world.machine, &run, 1, NA_UC, NA_LENT), 0);
	show(CAMERA, 3, 1500, 8, NA_AUDIT_WB);
	moving_ledger = &world.machine.ledger;
	moving_to = to;
	tables.on_reread = move_lent;
	r = audit_finds(nr_conflicts);
	na_audit_result_destroy(r);
	world_abandon(&world);
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

	begin();
	EXPECT_EQ(na_buffer_create(&world.machine, na_buffer_spec(1, NA_UC), &buffer), 0);
	fake_take(world.port, lent);
	EXPECT_EQ(na_convert_to(&world.machine, &lent, 1, NA_UC, NA_LENT), 0);
	EXPECT_EQ(na_ledger_claim(&world.machine.ledger, &lost, 1, NA_SYSTEM,
				  NA_WB), 0);
	na_ledger_commit(&world.machine.ledger, &lost, 1, NA_QUARANTINED, NA_UC);
	show(CAMERA, 0, 1500, 4, NA_AUDIT_WB);
	show(CAMERA, 9, na_buffer_frame(buffer, 0).nr, 1, NA_AUDIT_WB);
	r = audit();
	EXPECT_EQ(r->nr_frames[NA_GRADE_ALIAS][NA_KIND_OURS], 3);
	EXPECT_EQ(r->nr_conflicts, 2);
	EXPECT_EQ(na_convert_back(&world.machine, &lent, 1, NA_UC, NA_LENT), 0);
	na_buffer_destroy(buffer);
	na_audit_result_destroy(r);
	/* Quarantine by decree: the machine itself knows nothing of it. */
	world_abandon(&world);
}

/* --- confirmation ------------------------------------------------------------ */

static void expect_vanished(u8 gone, u64 nr_changed)
{
	struct na_audit_result *r;

	begin();
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC);
	show(VIEWER, 0, 10, 4, NA_AUDIT_WB)->gone = gone;
	r = audit_finds(nr_changed ? 0 : 1);
	EXPECT_EQ(r->seen.nr_changed, nr_changed);
	end(r);
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

	/* One goes after the walks, the other comes back after the reread. */
	begin();
	show(CAMERA, 0, 10, 4, NA_AUDIT_UC)->gone = 1 << 3;
	show(VIEWER, 0, 10, 4, NA_AUDIT_WB)->gone = 1 << 4;
	r = audit_finds(0);
	end(r);
}

/* kills: a page that changed takes its neighbours with it, or is kept */
static void confirm_page_by_page(void)
{
	struct na_audit_result *r;

	begin();
	tables.offers_pages = true;
	show(DIRECT, 0, 0, 64, NA_AUDIT_WB);
	show(CAMERA, 0, 10, 3, NA_AUDIT_UC);
	show(CAMERA, 3, 13, 1, NA_AUDIT_UC)->gone = 1 << 3;
	show(CAMERA, 4, 14, 3, NA_AUDIT_UC);
	r = audit_finds(2);
	expect_conflict(r, 0, NA_GRADE_ALIAS, 10, 3);
	expect_conflict(r, 1, NA_GRADE_ALIAS, 14, 3);
	EXPECT_EQ(party_at(r, 1, 0)->va_low, 4 << 12);
	EXPECT_EQ(r->seen.nr_changed, 1);
	end(r);
}

/*
 * Two runs of entries at one address: the first is there in the walks, the
 * second when it is read again.
 */
static void expect_replaced(unsigned long frame, u8 type, u8 entry)
{
	struct na_audit_result *r;
	struct shown *s;

	begin();
	show(DIRECT, 0, 0, 64, NA_AUDIT_WB);
	show(CAMERA, 3, 13, 3, NA_AUDIT_UC)->gone = 0x18;
	s = show(CAMERA, 3, frame, 3, type);
	s->entry = entry;
	s->gone = 0x7;
	r = audit_finds(0);
	EXPECT_EQ(r->seen.nr_changed, 3);
	end(r);
}

/* kills: a reread that looks at the address only */
static void confirm_frame_or_type_changed(void)
{
	expect_replaced(14, NA_AUDIT_UC, NA_AUDIT_UC);
	expect_replaced(12, NA_AUDIT_UC, NA_AUDIT_UC);
	expect_replaced(13, NA_AUDIT_WC, NA_AUDIT_UC);
	expect_replaced(13, NA_AUDIT_UC, NA_AUDIT_UC_MINUS);
}

/* --- processes that are not let in ------------------------------------------------ */

static void expect_unseen(u8 walks, bool again)
{
	struct na_audit_result *r;

	begin();
	tables.unseen = walks;
	tables.unseen_again = again;
	show(CAMERA, 0, 10, 1, NA_AUDIT_UC);
	show(DIRECT, 0, 0, 1024, NA_AUDIT_WB);
	show_alias(VIEWER, 1500);
	r = audit();
	expect_missed(r, CAMERA, NA_AUDIT_CUT_UNSEEN);
	expect_alias_of(r, VIEWER, 1500);
	end(r);
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
	u32 nth, i, nr_blocks;
	int err;

	begin();
	nr_blocks = fake_nr_blocks(world.port);
	for (i = 0; i < 100; i++) {
		show(CAMERA, i, 100 + 2 * i, 1, NA_AUDIT_UC);
		show(VIEWER, i, 100 + 2 * i, 1, NA_AUDIT_WB);
	}
	for (nth = 1; nth < 100; nth++) {
		for (i = 0; i < 200; i++)
			tables.shown[i].nr_read = 0;
		fake_fail(world.port, FAKE_BIT(FAKE_ALLOC), nth, 1);
		err = na_audit_run(&world.machine, NULL, &r);
		fake_fail_never(world.port);
		if (!err)
			break;
		EXPECT_EQ(err, -ENOMEM);
		EXPECT(!r);
		EXPECT_EQ(tables.nr_held, 0);
		EXPECT_EQ(fake_nr_blocks(world.port), nr_blocks);
	}
	EXPECT(nth > 15 && nth < 100);
	EXPECT_EQ(r->nr_conflicts, 100);
	na_audit_result_destroy(r);
	EXPECT_EQ(fake_nr_blocks(world.port), nr_blocks);
	world_abandon(&world);
}

/* kills: an error of the port taken for "nothing found" */
static void errors_of_the_port(void)
{
	struct na_audit_result *r = NULL;

	begin();
	show_ten_aliases();
	tables.walk_errno = -EINTR;
	EXPECT_EQ(na_audit_run(&world.machine, NULL, &r), -EINTR);
	tables.walk_errno = 0;
	tables.begin_errno = -EOPNOTSUPP;
	EXPECT_EQ(na_audit_run(&world.machine, NULL, &r), -EOPNOTSUPP);
	tables.begin_errno = 0;
	EXPECT(!r);
	end(NULL);
}

/* kills: an audit that goes on after its caller was killed */
static void errors_dying(void)
{
	struct na_audit_result *r = NULL;
	u32 nth;
	int err = -EINTR;

	begin();
	show_ten_aliases();
	for (nth = 1; err; nth++) {
		world.port->dies_at = nth;
		err = na_audit_run(&world.machine, NULL, &r);
		EXPECT(!err || err == -EINTR);
		EXPECT(nth < 100);
	}
	EXPECT(nth > 4);
	end(r);
}

static const struct tap_case cases[] = {
	TAP(ledger_against_mapping),
	TAP(ledger_agrees_clean),
	TAP(ledger_claimed_is_silent),
	TAP(ledger_moves_on),
	TAP(ledger_three_states),
	TAP(confirm_drops_vanished),
	TAP(confirm_needs_both),
	TAP(confirm_page_by_page),
	TAP(confirm_frame_or_type_changed),
	TAP(unseen_is_said),
	TAP(errors_no_memory),
	TAP(errors_of_the_port),
	TAP(errors_dying),
};

TAP_MAIN(cases)
