// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * race: threads that use the same frames at the same time.
 *
 * For the thread sanitizer, claims and pins protect plain memory: the holder of
 * a claim writes owner[] of its frames, the holder of a pin reads it. Missing
 * exclusion or ordering is a data race there, and gives wrong numbers in every
 * build.
 */
#include <noalias/buffer.h>

#include "world.h"

#define NR_THREADS 6
#define FIRST 1020	/* around the border of two leaves */
#define NR 12
#define ROUNDS 20000

struct race {
	struct world w;
	pthread_barrier_t start;
	u64 seed;
	u32 owner[NR];
	na_atomic32_t nr_claims;
	na_atomic32_t nr_pins;
	na_atomic32_t nr_wrong;
};

struct runner {
	struct race *race;
	u32 id;
	u64 seed;
	void (*body)(struct runner *runner);
	pthread_t thread;
};

static void *run_thread(void *arg)
{
	struct runner *runner = arg;

	pthread_barrier_wait(&runner->race->start);
	runner->body(runner);
	return NULL;
}

static void race_begin(struct race *race, u32 nr_frames, u32 nr_direct)
{
	memset(race, 0, sizeof(*race));
	world_begin(&race->w, nr_frames, nr_direct);
	/* The log looks at the ledger, and threads do not stand still. */
	race->w.port->ledger = NULL;
	race->seed = tap_seed();
}

static void race_run(struct race *race, u32 nr,
		     void (*const bodies[])(struct runner *runner))
{
	struct runner runners[NR_THREADS];
	u32 i;

	EXPECT(nr <= NR_THREADS);
	EXPECT(!pthread_barrier_init(&race->start, NULL, nr));
	for (i = 0; i < nr; i++) {
		runners[i] = (struct runner){
			.race = race, .id = i + 1, .body = bodies[i],
			.seed = race->seed * (i + 1) + i,
		};
		EXPECT(!pthread_create(&runners[i].thread, NULL, run_thread,
				       &runners[i]));
	}
	for (i = 0; i < nr; i++)
		EXPECT(!pthread_join(runners[i].thread, NULL));
	pthread_barrier_destroy(&race->start);
}

static void wrong(struct race *race, bool is_wrong)
{
	if (is_wrong)
		na_atomic32_add(&race->nr_wrong, 1);
}

/* Two runs, which may overlap each other. */
static void random_runs(struct na_run *runs, u64 *seed)
{
	u32 i;

	for (i = 0; i < 2; i++)
		runs[i] = run_of(FIRST + tap_below(seed, NR - 3),
				 1 + tap_below(seed, 3));
}

static void set_owner(struct race *race, const struct na_run *runs, u32 old,
		      u32 new)
{
	u32 i, j, *owner;

	for (i = 0; i < 2; i++)
		for (j = 0; j < runs[i].nr; j++) {
			owner = &race->owner[runs[i].first.nr - FIRST + j];
			wrong(race, *owner != old);
			*owner = new;
		}
}

static void claim_and_give_back(struct runner *runner)
{
	struct race *race = runner->race;
	struct na_ledger *ledger = &race->w.machine.ledger;
	struct na_run runs[2];
	u32 i;
	int err;

	for (i = 0; i < ROUNDS; i++) {
		random_runs(runs, &runner->seed);
		err = na_ledger_claim(ledger, runs, 2, NA_SYSTEM, NA_WB);
		wrong(race, err && err != -EBUSY);
		if (err)
			continue;
		set_owner(race, runs, 0, runner->id);
		set_owner(race, runs, runner->id, 0);
		na_ledger_commit(ledger, runs, 2, NA_SYSTEM, NA_WB);
		na_atomic32_add(&race->nr_claims, 1);
	}
}

static void pin_and_look(struct runner *runner)
{
	struct race *race = runner->race;
	struct na_ledger *ledger = &race->w.machine.ledger;
	struct na_frame frame;
	enum na_memtype type;
	u32 i;
	int err;

	for (i = 0; i < ROUNDS; i++) {
		frame = na_frame(FIRST + tap_below(&runner->seed, NR));
		err = na_ledger_pin(ledger, frame, &type);
		wrong(race, err && err != -EBUSY);
		if (err)
			continue;
		wrong(race, type != NA_WB);
		wrong(race, race->owner[frame.nr - FIRST] != 0);
		na_ledger_unpin(ledger, frame);
		na_atomic32_add(&race->nr_pins, 1);
	}
}

static void race_end(struct race *race)
{
	EXPECT_EQ(na_atomic32_read(&race->nr_wrong), 0);
	race->w.port->ledger = &race->w.machine.ledger;
	world_end(&race->w);
}

static void expect_no_pins(struct race *race)
{
	u32 i;

	for (i = 0; i < NR; i++)
		EXPECT_EQ(na_ledger_lookup(&race->w.machine.ledger,
					   na_frame(FIRST + i)).pins, 0);
}

/* kills: a claim that reads, then writes; a rollback of others' frames */
static void claim_by_many_threads(void)
{
	void (*const bodies[])(struct runner *) = {
		claim_and_give_back, claim_and_give_back, claim_and_give_back,
		claim_and_give_back, claim_and_give_back, claim_and_give_back,
	};
	struct race race;

	race_begin(&race, 2048, 0);
	race_run(&race, 6, bodies);
	tap_say("%u claims", na_atomic32_read(&race.nr_claims));
	EXPECT(na_atomic32_read(&race.nr_claims) > 0);
	race_end(&race);
}

/* kills: a pin that looks, then counts; an unpin that orders nothing (I5) */
static void claim_against_pins(void)
{
	void (*const bodies[])(struct runner *) = {
		claim_and_give_back, pin_and_look, claim_and_give_back,
		pin_and_look, pin_and_look,
	};
	struct race race;

	race_begin(&race, 2048, 0);
	race_run(&race, 5, bodies);
	tap_say("%u claims, %u pins", na_atomic32_read(&race.nr_claims),
		na_atomic32_read(&race.nr_pins));
	EXPECT(na_atomic32_read(&race.nr_claims) > 0);
	EXPECT(na_atomic32_read(&race.nr_pins) > 0);
	expect_no_pins(&race);
	race_end(&race);
}

#define LEAF 1024u
#define NR_LEAVES 40

/* Everybody is the first to touch every leaf. */
static void touch_leaves(struct runner *runner)
{
	struct na_ledger *ledger = &runner->race->w.machine.ledger;
	enum na_memtype type;
	u32 i;

	for (i = 0; i < NR_LEAVES; i++)
		wrong(runner->race,
		      na_ledger_pin(ledger, na_frame(i * LEAF + runner->id),
				    &type));
}

/* kills: a leaf published twice, so that a pin is lost; one that leaks */
static void leaf_made_by_many_threads(void)
{
	void (*const bodies[])(struct runner *) = {
		touch_leaves, touch_leaves, touch_leaves, touch_leaves,
	};
	struct na_ledger *ledger;
	struct race race;
	u32 i, id;

	race_begin(&race, NR_LEAVES * LEAF, 0);
	race_run(&race, 4, bodies);
	ledger = &race.w.machine.ledger;
	EXPECT_EQ(fake_nr_blocks(race.w.port), 2 + NR_LEAVES);
	for (i = 0; i < NR_LEAVES; i++)
		for (id = 1; id <= 4; id++) {
			EXPECT_EQ(na_ledger_lookup(ledger,
				  na_frame(i * LEAF + id)).pins, 1);
			na_ledger_unpin(ledger, na_frame(i * LEAF + id));
		}
	race_end(&race);
}

static void walk(struct runner *runner)
{
	struct na_ledger *ledger = &runner->race->w.machine.ledger;
	struct na_ledger_entry entry;
	struct na_frame frame;
	u32 i;

	for (i = 0; i < 200; i++) {
		frame = na_frame(0);
		while (na_ledger_next_held(ledger, &frame, &entry)) {
			wrong(runner->race, entry.state == NA_SYSTEM);
			frame = na_frame_add(frame, 1);
		}
	}
}

static void live(struct runner *runner)
{
	struct race *race = runner->race;
	struct na_buffer *buffers[3] = { NULL, NULL, NULL };
	struct na_buffer_spec spec;
	u32 i, slot;
	int err;

	for (i = 0; i < 300; i++) {
		slot = tap_below(&runner->seed, 3);
		na_buffer_destroy(buffers[slot]);
		buffers[slot] = NULL;
		spec = na_buffer_spec(1 + tap_below(&runner->seed, 40),
				      slot ? NA_WC : NA_UC);
		err = na_buffer_create(&race->w.machine, spec, &buffers[slot]);
		wrong(race, err && err != -ENOMEM);
	}
	for (slot = 0; slot < 3; slot++)
		na_buffer_destroy(buffers[slot]);
}

/* kills: state of a call kept outside its own frames */
static void buffers_by_many_threads(void)
{
	void (*const bodies[])(struct runner *) = {
		live, live, live, live, walk,
	};
	struct race race;

	race_begin(&race, 512, 128);
	race_run(&race, 5, bodies);
	EXPECT_EQ(world_stat(&race.w, NA_STAT_CONVERTED_FRAMES),
		  world_stat(&race.w, NA_STAT_RETURNED_FRAMES));
	race_end(&race);
}

static void lock_and_count(struct runner *runner)
{
	static na_spin_t spin;
	static na_mutex_t mutex;
	struct race *race = runner->race;
	u32 i;

	if (runner->id == 1) {
		na_spin_init(&spin);
		na_mutex_init(&mutex);
	}
	pthread_barrier_wait(&race->start);
	for (i = 0; i < ROUNDS; i++) {
		na_mutex_lock(&mutex);
		race->owner[0]++;
		na_spin_lock(&spin);
		race->owner[1]++;
		na_spin_unlock(&spin);
		na_mutex_unlock(&mutex);
	}
}

/* kills: locks of the platform header that do not exclude */
static void locks_exclude(void)
{
	void (*const bodies[])(struct runner *) = {
		lock_and_count, lock_and_count, lock_and_count,
	};
	struct race race;

	race_begin(&race, 8, 0);
	race_run(&race, 3, bodies);
	EXPECT_EQ(race.owner[0], 3 * ROUNDS);
	EXPECT_EQ(race.owner[1], 3 * ROUNDS);
	race_end(&race);
}

static const struct tap_case cases[] = {
	TAP(claim_by_many_threads),
	TAP(claim_against_pins),
	TAP(leaf_made_by_many_threads),
	TAP(buffers_by_many_threads),
	TAP(locks_exclude),
};

TAP_MAIN(cases)
