// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * contents_test: the contenders of the window benchmark access the right
 * frames, and the benchmark detects it if they do not.
 */
#include <pthread.h>

#include "../../bench/user/kmap.h"
#include "../../bench/user/user.h"
#include "../lib/tap.h"

#define NR_FRAMES	1024u
#define NR_SLOTS	64u
/* A case that takes longer waits for what will not come. */
#define SECONDS_MAX	60

struct options options;

static const struct contender *contender;
static struct subject subject;
static struct job job;

static void begin(unsigned int nr)
{
	alarm(SECONDS_MAX);
	contender = &contenders[nr];
	data_create((uint64_t)NR_FRAMES << FRAME_SHIFT);
	/* The floor has a slot for each frame that is touched. */
	subject.nr_slots = nr == FLOOR ? NR_FRAMES : NR_SLOTS;
	contender->open(&subject);
	job.trace = (struct trace){ .frames = data.order, .nr = NR_FRAMES };
	job.buffer = malloc(FRAME_LEN);
	EXPECT(job.buffer);
}

/* All frames carry another number where touch() looks. */
static void spoil(uint32_t frame)
{
	uint32_t other = ~frame;

	EXPECT_EQ(pwrite(data.fd, &other, sizeof(other),
			 ((off_t)frame << FRAME_SHIFT) +
			 (off_t)frame_place(frame)), sizeof(other));
}

static void run_all(void)
{
	contender->run(&subject, &job, NR_FRAMES);
	EXPECT_EQ(job.at, 0);
}

static void check_contents(unsigned int nr)
{
	begin(nr);
	run_all();
	EXPECT_EQ(job.nr_wrong, 0);
	spoil(17);
	spoil(1000);
	run_all();
	EXPECT_EQ(job.nr_wrong, 2);
}

/* kills: a contender that does not look, or looks at another frame */
static void contents_all(void)
{
	check_contents(ALL);
}

/* kills: a floor whose slots are another frame's */
static void contents_floor(void)
{
	check_contents(FLOOR);
}

/* kills: a window that shows what a slot held before */
static void contents_window(void)
{
	check_contents(WINDOW);
}

/* kills: a pool that does not forget a frame when it is flushed */
static void contents_kmap(void)
{
	check_contents(KMAP);
}

/* kills: a copy from another place */
static void contents_pread(void)
{
	check_contents(PREAD);
}

/* kills: a mapping of another place */
static void contents_mmap(void)
{
	check_contents(MMAP);
}

/* kills: a copy that is not written back, a contender that never writes */
static void updates_arrive(void)
{
	unsigned int i;

	for (i = 0; i < NR_CONTENDERS; i++) {
		begin(i);
		job.updates = true;
		run_all();
		run_all();
		tap_say("%s", contender->name);
		EXPECT_EQ(data_sum_updates(), 2 * NR_FRAMES);
		EXPECT_EQ(job.nr_wrong, 0);
	}
}

/* kills: misses that are not counted, hits that are */
static void misses_are_counted(void)
{
	begin(KMAP);
	run_all();
	EXPECT_EQ(contender->misses(&subject), NR_FRAMES);
	job.at = NR_FRAMES - 1;
	contender->run(&subject, &job, 1);
	EXPECT_EQ(contender->misses(&subject), NR_FRAMES);
	contender->flush(&subject);
	job.at = NR_FRAMES - 1;
	contender->run(&subject, &job, 1);
	EXPECT_EQ(contender->misses(&subject), NR_FRAMES + 1);
	begin(WINDOW);
	run_all();
	EXPECT_EQ(contender->misses(&subject), NR_FRAMES);
}

/* kills: a call of the library that goes past the counters */
static void calls_are_counted(void)
{
	uint64_t calls, locks;

	begin(WINDOW);
	calls = tally_now().calls;
	run_all();
	/* One to point each, and what it takes to empty the window. */
	EXPECT(tally_now().calls - calls >= NR_FRAMES + NR_FRAMES / NR_SLOTS);
	calls = tally_now().calls;
	locks = tally_now().locks;
	job.at = NR_FRAMES - 1;
	contender->run(&subject, &job, 1);
	EXPECT_EQ(tally_now().calls, calls);
	EXPECT_EQ(tally_now().locks, locks);
}

/* --- the textbook ------------------------------------------------------------- */

static struct kmap_pool *pool;

static void *map_one(void *addr)
{
	*(void **)addr = kmap(pool, 5);
	return NULL;
}

/* kills: a pool that gives out a slot in use, or does not wake who waits */
static void kmap_waits_for_a_slot(void)
{
	void *addrs[4], *late = NULL;
	pthread_t thread;
	uint32_t i;

	alarm(SECONDS_MAX);
	data_create((uint64_t)NR_FRAMES << FRAME_SHIFT);
	pool = kmap_open(data.fd, 4, FRAME_SHIFT);
	for (i = 0; i < 4; i++)
		addrs[i] = kmap(pool, i);
	EXPECT_EQ(pthread_create(&thread, NULL, map_one, &late), 0);
	while (!kmap_nr_waiters(pool))
		sched_yield();
	kunmap(pool, addrs[2]);
	pthread_join(thread, NULL);
	EXPECT(late == addrs[2]);
	EXPECT_EQ(*(uint32_t *)late, 5);
	EXPECT_EQ(*(uint32_t *)addrs[3], 3);
}

/* kills: a flush that takes what is in use, or leaves what is not */
static void kmap_flush_takes_the_unused(void)
{
	void *used, *unused;

	data_create((uint64_t)NR_FRAMES << FRAME_SHIFT);
	pool = kmap_open(data.fd, 4, FRAME_SHIFT);
	used = kmap(pool, 1);
	unused = kmap(pool, 2);
	kunmap(pool, unused);
	kmap_flush_unused(pool);
	EXPECT_EQ(*(uint32_t *)used, 1);
	EXPECT_EQ(kmap_nr_misses(pool), 2);
	EXPECT(kmap(pool, 1) == used);
	EXPECT_EQ(kmap_nr_misses(pool), 2);
	EXPECT_EQ(*(uint32_t *)kmap(pool, 2), 2);
	EXPECT_EQ(kmap_nr_misses(pool), 3);
}

/* kills: a run that is counted as several, a bound that depends on the size */
static void flush_calls_a_run(void)
{
	unsigned int i;

	data_create(64ull << 20);
	flush_count_all();
	EXPECT_EQ(nr_flush_counts, 9);
	for (i = 0; i < nr_flush_counts; i++) {
		EXPECT(flush_counts[i].nr_runs > 0);
		EXPECT(flush_counts[i].calls >= flush_counts[i].nr_runs);
		EXPECT(flush_counts[i].calls <= 2 * flush_counts[i].nr_runs);
		EXPECT_EQ(flush_counts[i].cleared, flush_counts[i].calls);
	}
	EXPECT(flush_calls_each() <= 2);
}

static const struct tap_case cases[] = {
	TAP(contents_all),
	TAP(contents_floor),
	TAP(contents_window),
	TAP(contents_kmap),
	TAP(contents_pread),
	TAP(contents_mmap),
	TAP(updates_arrive),
	TAP(misses_are_counted),
	TAP(calls_are_counted),
	TAP(kmap_waits_for_a_slot),
	TAP(kmap_flush_takes_the_unused),
	TAP(flush_calls_a_run),
};

TAP_MAIN(cases)
