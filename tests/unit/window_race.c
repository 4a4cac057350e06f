// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window_race: threads that map, convert and purge the same few frames, one
 * by one and in runs.
 *
 * Each thread is a separate CPU. A window must show its frame, with the
 * ledger's type; the port's plain copy of the entries turns missing ordering
 * into a data race for the thread sanitizer.
 */
#include <noalias/convert.h>
#include <noalias/window.h>

#include "tap.h"
#include "../fake/port.h"

#define NR_CPUS 4

static struct na_port *port;
static struct na_machine machine;
static struct na_window_set *set;

static void begin(const struct na_window_config *config)
{
	fake_cpu = 0;
	port = fake_windows_create(NR_CPUS);
	EXPECT_EQ(na_machine_init(&machine, port, 4096), 0);
	EXPECT_EQ(na_window_set_create(&machine, config, &set), 0);
	port->is_threaded = true;
}

static void end(void)
{
	na_window_set_destroy(set);
	na_machine_fini(&machine);
	EXPECT_EQ(fake_nr_blocks(port), 0);
	fake_destroy(port);
}

static u64 stat(enum na_window_stat which)
{
	return na_window_stat(set, which);
}

static int to_uc(u32 first)
{
	struct na_run run = na_run(na_frame(first), 1);

	return na_convert_to(&machine, &run, 1, NA_UC, NA_LENT);
}

static int back_from_uc(u32 first)
{
	struct na_run run = na_run(na_frame(first), 1);

	return na_convert_back(&machine, &run, 1, NA_UC, NA_LENT);
}

#define STRESS_FRAMES 12
#define STRESS_THREADS 4
#define CROWD_ROUNDS 5000u
#define CROWDS_MAX 1000
#define WAITS_LEAST 100u

struct stress {
	u32 id;
	u64 seed;
	u32 rounds;
	void (*step)(struct stress *stress);
	pthread_t thread;
	u64 nr_mapped, nr_refused, nr_converted;
};

/* What a holder sees must be its frame, with the type the ledger holds. */
static void stress_look(const void *addr, struct na_frame frame)
{
	struct fake_view view = fake_touch(port, addr);
	struct na_ledger_entry entry;

	entry = na_ledger_lookup(&machine.ledger, frame);
	EXPECT(view.is_present);
	EXPECT_EQ(view.frame.nr, frame.nr);
	EXPECT_EQ(view.type, entry.type);
}

static void stress_map(struct stress *s)
{
	struct na_frame frame = na_frame(tap_below(&s->seed, STRESS_FRAMES));
	struct na_window window;
	int err;

	err = na_window_map(set, frame, &window);
	if (err) {
		EXPECT_EQ(err, -EBUSY);
		s->nr_refused++;
		return;
	}
	stress_look(window.addr, frame);
	if (!tap_below(&s->seed, 4))
		sched_yield();
	stress_look(window.addr, frame);
	EXPECT_EQ(na_window_unmap(set, window), 0);
	s->nr_mapped++;
}

static void stress_local(struct stress *s)
{
	struct na_frame frame = na_frame(tap_below(&s->seed, STRESS_FRAMES));
	struct na_window_local local;
	int err;

	err = na_window_local_map(set, frame, &local);
	if (err) {
		EXPECT_EQ(err, -EBUSY);
		s->nr_refused++;
		return;
	}
	stress_look(local.addr, frame);
	na_window_local_unmap(set, local);
	s->nr_mapped++;
}

static void stress_convert(struct stress *s)
{
	u32 first = tap_below(&s->seed, STRESS_FRAMES);

	if (to_uc(first))
		return;
	s->nr_converted++;
	sched_yield();
	while (back_from_uc(first))
		sched_yield();
}

static void stress_mixed(struct stress *s)
{
	if (s->id == 1) {
		stress_convert(s);
		return;
	}
	switch (tap_below(&s->seed, 32)) {
	case 0:
		na_window_purge_all(set);
		break;
	case 1 ... 4:
		stress_local(s);
		break;
	default:
		stress_map(s);
	}
}

static void look_at_row(struct na_window window, struct na_run run)
{
	const char *addr = window.addr;
	u32 i;

	for (i = 0; i < run.nr; i++)
		stress_look(addr + i * FAKE_SLOT_LEN,
			    na_frame_add(run.first, i));
}

static void stress_map_run(struct stress *s)
{
	u32 nr = 2 + tap_below(&s->seed, 2);
	struct na_run run = na_run(na_frame(tap_below(&s->seed, STRESS_FRAMES +
						      1 - nr)), nr);
	struct na_window window;
	int err;

	err = na_window_map_run(set, run, NA_WAIT_FOREVER, &window);
	if (err) {
		EXPECT_EQ(err, -EBUSY);
		s->nr_refused++;
		return;
	}
	look_at_row(window, run);
	if (!tap_below(&s->seed, 4))
		sched_yield();
	look_at_row(window, run);
	EXPECT_EQ(na_window_unmap_run(set, window, run.nr), 0);
	s->nr_mapped += nr;
}

static void stress_purge(struct stress *s)
{
	struct na_run run = na_run(na_frame(tap_below(&s->seed,
						      STRESS_FRAMES)), 1);
	int err = na_window_purge(set, &run, 1);

	EXPECT(!err || err == -EBUSY);
}

static void stress_runs(struct stress *s)
{
	if (s->id == 1) {
		stress_convert(s);
		return;
	}
	switch (tap_below(&s->seed, 32)) {
	case 0:
		na_window_purge_all(set);
		break;
	case 1:
		stress_purge(s);
		break;
	case 2 ... 10:
		stress_map(s);
		break;
	default:
		stress_map_run(s);
	}
}

/* Rows of four slots, of which single maps want one: both must get there. */
static void stress_crowd_of_runs(struct stress *s)
{
	if (s->id % 2)
		stress_map(s);
	else
		stress_map_run(s);
}

/* Two slots, four threads: nearly every map waits. */
static void stress_crowd(struct stress *s)
{
	stress_map(s);
}

static void *stress_thread(void *arg)
{
	struct stress *s = arg;
	u32 i;

	fake_cpu = s->id;
	for (i = 0; i < s->rounds; i++)
		s->step(s);
	return NULL;
}

static void stress_run(void (*step)(struct stress *s), u32 rounds,
		       struct stress *sum)
{
	struct stress all[STRESS_THREADS] = { 0 };
	u64 seed = tap_seed();
	u32 i;

	for (i = 0; i < STRESS_THREADS; i++) {
		all[i].id = i;
		all[i].seed = seed + i * 0x1234567u;
		all[i].step = step;
		all[i].rounds = rounds;
		EXPECT_EQ(pthread_create(&all[i].thread, NULL, stress_thread,
					 &all[i]), 0);
	}
	for (i = 0; i < STRESS_THREADS; i++) {
		EXPECT_EQ(pthread_join(all[i].thread, NULL), 0);
		sum->nr_mapped += all[i].nr_mapped;
		sum->nr_refused += all[i].nr_refused;
		sum->nr_converted += all[i].nr_converted;
	}
}

/*
 * Until threads have waited for each other: on a busy machine one may end its
 * rounds before the next has begun.
 */
static void stress_run_crowd(void (*step)(struct stress *s),
			     struct stress *sum)
{
	u32 i;

	for (i = 0; i < CROWDS_MAX && stat(NA_WINDOW_WAITS) < WAITS_LEAST; i++) {
		stress_run(step, CROWD_ROUNDS, sum);
		sum->rounds += CROWD_ROUNDS;
	}
	EXPECT(stat(NA_WINDOW_WAITS) >= WAITS_LEAST);
}

static void stress_say(const struct stress *sum)
{
	u32 i;

	tap_say("mapped %llu refused %llu converted %llu", sum->nr_mapped,
		sum->nr_refused, sum->nr_converted);
	for (i = 0; i < NR_NA_WINDOW_STATS; i++)
		tap_say("%s %llu", na_window_stat_name((enum na_window_stat)i),
			stat((enum na_window_stat)i));
}

/* kills: any step of map, reclaim or purge that another thread can see */
static void threads_see_their_frames(void)
{
	struct na_window_config config = {
		.nr_slots = 5, .batch_max = 2, .local_depth = 1,
	};
	struct stress sum = { 0 };

	begin(&config);
	stress_run(stress_mixed, 20000, &sum);
	stress_say(&sum);
	EXPECT(sum.nr_converted && sum.nr_mapped);
	EXPECT_EQ(stat(NA_WINDOW_HITS) + stat(NA_WINDOW_REVIVALS) +
		  stat(NA_WINDOW_MISSES) + stat(NA_WINDOW_LOCALS),
		  sum.nr_mapped);
	end();
}

/* kills: lost wake-ups (a case that hangs), mask without a user's CPU */
static void threads_wait_for_each_other(void)
{
	struct na_window_config config = { .nr_slots = 2, .is_cpu_bound = true };
	struct stress sum = { 0 };

	begin(&config);
	stress_run_crowd(stress_crowd, &sum);
	stress_say(&sum);
	EXPECT_EQ(sum.nr_mapped, (u64)STRESS_THREADS * sum.rounds);
	end();
}

/* As end(), after each slot has shown a frame of its own. */
static void end_whole(u32 nr_slots)
{
	struct na_window all[8];
	u32 i;

	na_window_purge_all(set);
	for (i = 0; i < nr_slots; i++)
		EXPECT_EQ(na_window_try_map(set, na_frame(1000 + i), &all[i]),
			  0);
	for (i = 0; i < nr_slots; i++) {
		stress_look(all[i].addr, na_frame(1000 + i));
		EXPECT_EQ(na_window_unmap(set, all[i]), 0);
	}
	end();
}

/* kills: any step of a row's making, sharing or end that a thread can see */
static void threads_see_their_runs(void)
{
	struct na_window_config config = { .nr_slots = 8, .batch_max = 3 };
	struct stress sum = { 0 };

	begin(&config);
	stress_run(stress_runs, 20000, &sum);
	stress_say(&sum);
	EXPECT(sum.nr_converted && sum.nr_mapped);
	/* Runs that were refused while they were pointed count as misses. */
	EXPECT(stat(NA_WINDOW_HITS) + stat(NA_WINDOW_REVIVALS) +
	       stat(NA_WINDOW_MISSES) >= sum.nr_mapped);
	end_whole(8);
}

/* kills: wake-ups of who waits for a row lost, rows that block each other */
static void threads_wait_for_rows(void)
{
	struct na_window_config config = { .nr_slots = 4, .is_cpu_bound = true };
	struct stress sum = { 0 };

	begin(&config);
	stress_run_crowd(stress_crowd_of_runs, &sum);
	stress_say(&sum);
	EXPECT_EQ(sum.nr_refused, 0);
	end_whole(4);
}

static const struct tap_case cases[] = {
	TAP(threads_see_their_frames),
	TAP(threads_wait_for_each_other),
	TAP(threads_see_their_runs),
	TAP(threads_wait_for_rows),
};

TAP_MAIN(cases)
