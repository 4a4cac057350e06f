// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * ledger: pins keep claims off (I5), counters agree.
 */
#include "ledger_world.h"

/* --- pins --- */

/* kills: pin that does not count, claim that does not look (I5) */
static void claim_pinned(void)
{
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_pin(ledger, na_frame(12), &type), 0);
	EXPECT_EQ(claim(ledger, run_of(10, 3)), -EBUSY);
	expect_all_system(ledger);
	EXPECT_EQ(na_ledger_lookup(ledger, na_frame(12)).pins, 1);
	na_ledger_unpin(ledger, na_frame(12));
	end(&w);
}

/* kills: pins kept as a flag */
static void claim_after_last_unpin(void)
{
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_pin(ledger, na_frame(12), &type), 0);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(12), &type), 0);
	na_ledger_unpin(ledger, na_frame(12));
	EXPECT_EQ(claim(ledger, run_of(12, 1)), -EBUSY);
	na_ledger_unpin(ledger, na_frame(12));
	EXPECT_EQ(claim(ledger, run_of(12, 1)), 0);
	commit(ledger, run_of(12, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: pin of a frame whose type is about to change (I5) */
static void pin_claimed(void)
{
	enum na_memtype type = NA_UC;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(12, 1)), 0);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(12), &type), -EBUSY);
	EXPECT_EQ(type, NA_UC);
	EXPECT_EQ(na_ledger_lookup(ledger, na_frame(12)).pins, 0);
	commit(ledger, run_of(12, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: mapping of a frame that could not be made safe */
static void pin_quarantined(void)
{
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(12, 1)), 0);
	commit(ledger, run_of(12, 1), NA_QUARANTINED, NA_WC);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(12), &type), -EBUSY);
	world_abandon(&w);
}

/* kills: pin that always answers WB */
static void pin_tells_type(void)
{
	enum na_memtype type = NA_WB;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(12, 1)), 0);
	commit(ledger, run_of(12, 1), NA_BUFFER, NA_WC);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(12), &type), 0);
	EXPECT_EQ(type, NA_WC);
	expect_run(ledger, run_of(12, 1), NA_BUFFER, NA_WC);
	na_ledger_unpin(ledger, na_frame(12));
	give_back(ledger, run_of(12, 1), NA_BUFFER, NA_WC);
	end(&w);
}

/* kills: pin without a range check */
static void pin_beyond_end(void)
{
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_pin(ledger, na_frame(NR), &type), -ERANGE);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(~0ul), &type), -ERANGE);
	end(&w);
}

/* kills: pin that goes on without a leaf */
static void pin_no_memory(void)
{
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	fake_fail(w.port, FAKE_FALLIBLE, 1, 1);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(1), &type), -ENOMEM);
	end(&w);
}

/* kills: a pin too many that wraps to none */
static void pin_overflow(void)
{
	na_atomic32_t *word;
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	/* 2^27 pins take long: set bits 5-31 of the word by hand. */
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(1), &type), 0);
	word = (na_atomic32_t *)(void *)na_ledger_leaf_of(ledger, na_frame(0));
	word++;
	na_atomic32_set(word, ~0u << 5);
	EXPECT_EQ(na_ledger_pin(ledger, na_frame(1), &type), -EOVERFLOW);
	EXPECT_EQ(na_ledger_lookup(ledger, na_frame(1)).pins, ~0u >> 5);
	na_atomic32_set(word, 0);
	end(&w);
}

/* kills: an unpin that borrows from the state bits */
static void unpin_without_pin(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(4, 1)), 0);
	commit(ledger, run_of(4, 1), NA_BUFFER, NA_UC);
	EXPECT_SAFE("pins", na_ledger_unpin(ledger, na_frame(4)));
	expect_run(ledger, run_of(4, 1), NA_BUFFER, NA_UC);
	EXPECT_EQ(na_ledger_lookup(ledger, na_frame(4)).pins, 0);
	give_back(ledger, run_of(4, 1), NA_BUFFER, NA_UC);
	end(&w);
}

/* kills: unpin of a frame that has no word */
static void unpin_untouched(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_SAFE("word", na_ledger_unpin(ledger, na_frame(4)));
	end(&w);
}

/* --- counters and walk --- */

/* kills: SYSTEM counted, a state counted twice or under another's name */
static void count_every_state(void)
{
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(0, 15)), 0);
	commit(ledger, run_of(0, 1), NA_SYSTEM, NA_WB);
	commit(ledger, run_of(1, 2), NA_BUFFER, NA_UC);
	commit(ledger, run_of(3, 3), NA_LENT, NA_WC);
	commit(ledger, run_of(6, 4), NA_QUARANTINED, NA_UC);
	EXPECT_EQ(world_count(&w, NA_SYSTEM), 0);
	EXPECT_EQ(world_count(&w, NA_BUFFER), 2);
	EXPECT_EQ(world_count(&w, NA_LENT), 3);
	EXPECT_EQ(world_count(&w, NA_QUARANTINED), 4);
	EXPECT_EQ(world_count(&w, NA_CLAIMED), 5);
	world_abandon(&w);
}

/* kills: counters indexed by what the caller says */
static void count_no_such_state(void)
{
	struct world w;

	begin(&w);
	EXPECT_SAFE("NR_NA_STATES",
		    EXPECT_EQ(world_count(&w, NR_NA_STATES), 0));
	end(&w);
}

/* kills: a walk that stops at an empty leaf, or that skips slot 0 */
static void next_held_in_order(void)
{
	static const unsigned long held[] = { 0, 5, 2 * LEAF, NR - 1 };
	struct na_frame frame = na_frame(0);
	struct na_ledger_entry entry;
	struct world w;
	struct na_ledger *ledger = begin(&w);
	u32 i;

	for (i = 0; i < 4; i++) {
		EXPECT_EQ(claim(ledger, run_of(held[i], 1)), 0);
		commit(ledger, run_of(held[i], 1), NA_BUFFER, NA_WC);
	}
	for (i = 0; i < 4; i++) {
		EXPECT(na_ledger_next_held(ledger, &frame, &entry));
		EXPECT_EQ(frame.nr, held[i]);
		EXPECT_EQ(entry.state, NA_BUFFER);
		EXPECT_EQ(entry.type, NA_WC);
		frame = na_frame_add(frame, 1);
	}
	EXPECT(!na_ledger_next_held(ledger, &frame, &entry));
	for (i = 0; i < 4; i++)
		give_back(ledger, run_of(held[i], 1), NA_BUFFER, NA_WC);
	end(&w);
}

/* kills: a start slot kept for the next leaf */
static void next_held_start_in_other_leaf(void)
{
	struct na_frame frame = na_frame(LEAF - 1);
	struct na_ledger_entry entry;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(claim(ledger, run_of(LEAF - 2, 1)), 0);
	EXPECT_EQ(claim(ledger, run_of(LEAF, 1)), 0);
	EXPECT(na_ledger_next_held(ledger, &frame, &entry));
	EXPECT_EQ(frame.nr, LEAF);
	commit(ledger, run_of(LEAF - 2, 1), NA_SYSTEM, NA_WB);
	commit(ledger, run_of(LEAF, 1), NA_SYSTEM, NA_WB);
	end(&w);
}

/* kills: a pinned frame of the system shown as held */
static void next_held_passes_over_pins(void)
{
	struct na_frame frame = na_frame(0);
	struct na_ledger_entry entry;
	enum na_memtype type;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT_EQ(na_ledger_pin(ledger, na_frame(4), &type), 0);
	EXPECT(!na_ledger_next_held(ledger, &frame, &entry));
	na_ledger_unpin(ledger, na_frame(4));
	end(&w);
}

/* kills: a walk that begins beyond the table */
static void next_held_beyond_end(void)
{
	struct na_frame frame = na_frame(3 * LEAF);
	struct na_ledger_entry entry;
	struct world w;
	struct na_ledger *ledger = begin(&w);

	EXPECT(!na_ledger_next_held(ledger, &frame, &entry));
	frame = na_frame(~0ul);
	EXPECT(!na_ledger_next_held(ledger, &frame, &entry));
	end(&w);
}

/* --- against a model --- */

struct model {
	struct na_ledger_entry frames[NR];
};

static bool model_agrees(const struct model *m, struct na_run run,
			 enum na_state state, enum na_memtype type)
{
	u32 i;

	for (i = 0; i < run.nr; i++) {
		const struct na_ledger_entry *f = &m->frames[run.first.nr + i];

		if (f->state != state || f->type != type || f->pins)
			return false;
	}
	return true;
}

static void model_set(struct model *m, struct na_run run, enum na_state state,
		      enum na_memtype type)
{
	u32 i;

	for (i = 0; i < run.nr; i++)
		m->frames[run.first.nr + i] = (struct na_ledger_entry){
			.state = state, .type = type,
		};
}

/* Few places, so that runs meet; around the border of two leaves. */
static struct na_run random_run(u64 *seed)
{
	return run_of(LEAF - 8 + tap_below(seed, 12), 1 + tap_below(seed, 5));
}

static void random_claim(struct na_ledger *ledger, struct model *m, u64 *seed)
{
	enum na_state from = tap_below(seed, 2) ? NA_SYSTEM : NA_BUFFER;
	enum na_memtype old = from == NA_SYSTEM ? NA_WB : NA_UC;
	struct na_run run = random_run(seed);
	bool may = model_agrees(m, run, from, old);

	EXPECT_EQ(na_ledger_claim(ledger, &run, 1, from, old),
		  may ? 0 : -EBUSY);
	if (!may)
		return;
	if (tap_below(seed, 2)) {
		commit(ledger, run, NA_BUFFER, NA_UC);
		model_set(m, run, NA_BUFFER, NA_UC);
	} else {
		commit(ledger, run, NA_SYSTEM, NA_WB);
		model_set(m, run, NA_SYSTEM, NA_WB);
	}
}

static void random_pin(struct na_ledger *ledger, struct model *m, u64 *seed)
{
	struct na_frame frame = random_run(seed).first;
	struct na_ledger_entry *f = &m->frames[frame.nr];
	enum na_memtype type;

	if (f->pins && tap_below(seed, 2)) {
		na_ledger_unpin(ledger, frame);
		f->pins--;
		return;
	}
	EXPECT_EQ(na_ledger_pin(ledger, frame, &type), 0);
	EXPECT_EQ(type, f->type);
	f->pins++;
}

static void expect_model(struct world *w, const struct model *m)
{
	const struct na_ledger *ledger = &w->machine.ledger;
	struct na_ledger_entry entry;
	u64 nr_buffer = 0;
	u32 i;

	for (i = LEAF - 10; i < LEAF + 10; i++) {
		entry = na_ledger_lookup(ledger, na_frame(i));
		EXPECT_EQ(entry.state, m->frames[i].state);
		EXPECT_EQ(entry.type, m->frames[i].type);
		EXPECT_EQ(entry.pins, m->frames[i].pins);
		nr_buffer += entry.state == NA_BUFFER;
	}
	EXPECT_EQ(world_count(w, NA_BUFFER), nr_buffer);
	EXPECT_EQ(world_count(w, NA_CLAIMED), 0);
}

/* kills: whatever the cases above have no name for */
static void ledger_against_model(void)
{
	static struct model m;
	struct world w;
	struct na_ledger *ledger = begin(&w);
	u64 seed = tap_seed();
	u32 i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < 20000; i++) {
		if (tap_below(&seed, 3))
			random_claim(ledger, &m, &seed);
		else
			random_pin(ledger, &m, &seed);
		expect_model(&w, &m);
	}
	world_abandon(&w);
}

static const struct tap_case cases[] = {
	TAP(claim_pinned),
	TAP(claim_after_last_unpin),
	TAP(pin_claimed),
	TAP(pin_quarantined),
	TAP(pin_tells_type),
	TAP(pin_beyond_end),
	TAP(pin_no_memory),
	TAP(pin_overflow),
	TAP(unpin_without_pin),
	TAP(unpin_untouched),
	TAP(count_every_state),
	TAP(count_no_such_state),
	TAP(next_held_in_order),
	TAP(next_held_start_in_other_leaf),
	TAP(next_held_passes_over_pins),
	TAP(next_held_beyond_end),
	TAP(ledger_against_model),
};

TAP_MAIN(cases)
