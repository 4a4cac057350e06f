// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * purge: no cost if there are no entries, and nothing stale is left.
 *
 * Frames 0 to 7 are low, 8 to 31 high.
 */
#include <noalias/effect.h>
#include <noalias/purge.h>

#include "world.h"

#define NR 32
#define NR_LOW 8

static bool is_cached_anywhere(const struct world *w, unsigned long frame)
{
	const struct fake_frame *f = &w->port->frames[frame];

	return f->kmap != FAKE_KMAP_NONE || f->is_kmap_in_tlb ||
	       f->tlb & 1u << NA_WB;
}

/* --- na_purge_windows --- */

/* Stands for a window set. */
struct fake_set {
	struct na_purger purger;
	struct na_port *port;
	int err;
	u32 nr_asked;
	u32 nr_asked_all;
	u32 nr_flushes_before;
};

static int fake_purge(struct na_purger *purger, const struct na_run *runs,
		      u32 nr_runs)
{
	struct fake_set *set = container_of(purger, struct fake_set, purger);

	set->nr_asked += (u32)na_runs_count_frames(runs, nr_runs);
	set->nr_flushes_before = fake_count(set->port, FAKE_TLB_FLUSH);
	return set->err;
}

static void fake_purge_all(struct na_purger *purger)
{
	struct fake_set *set = container_of(purger, struct fake_set, purger);

	set->nr_asked_all++;
	set->nr_flushes_before = fake_count(set->port, FAKE_TLB_FLUSH);
}

static void add_sets(struct world *w, struct fake_set *sets, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		sets[i] = (struct fake_set){
			.port = w->port, .purger.purge = fake_purge,
			.purger.purge_all = fake_purge_all,
		};
		na_machine_add_purger(&w->machine, &sets[i].purger);
	}
	fake_forget(w->port);
}

static void remove_sets(struct world *w, struct fake_set *sets, u32 nr)
{
	while (nr--)
		na_machine_remove_purger(&w->machine, &sets[nr].purger);
}

/* kills: no more asked after the first refusal; a refusal forgotten */
static void windows_all_are_asked(void)
{
	const struct na_run runs[] = { run_of(8, 4), run_of(0, 2) };
	struct fake_set sets[3];
	struct world w;
	u32 i;

	world_begin(&w, NR, NR_LOW);
	add_sets(&w, sets, 3);
	sets[1].err = -EBUSY;
	EXPECT_EQ(na_purge_windows(&w.machine, runs, 2), -EBUSY);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(sets[i].nr_asked, 6);
	sets[1].err = 0;
	EXPECT_EQ(na_purge_windows(&w.machine, runs, 2), 0);
	remove_sets(&w, sets, 3);
	EXPECT_EQ(na_purge_windows(&w.machine, runs, 2), 0);
	EXPECT_EQ(sets[0].nr_asked, 12);
	EXPECT_STR(fake_steps(w.port, 0), "");
	world_end(&w);
}

/* kills: the pool left alone because a window is busy, or the other way */
static void kmap_window_busy(void)
{
	struct na_run run = run_of(8, 4);
	struct fake_set set;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	add_sets(&w, &set, 1);
	set.err = -EBUSY;
	world_kmap_once(&w, 9);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), -EBUSY);
	EXPECT_EQ(w.port->frames[9].kmap, FAKE_KMAP_NONE);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), -EBUSY);
	remove_sets(&w, &set, 1);
	world_end(&w);
}

/* kills: windows purged after the flush that is to cover them */
static void stale_windows_before_flush(void)
{
	struct na_run run = run_of(8, 4);
	struct fake_set set;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	add_sets(&w, &set, 1);
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	EXPECT_EQ(set.nr_asked, 4);
	EXPECT_EQ(set.nr_flushes_before, 0);
	remove_sets(&w, &set, 1);
	world_end(&w);
}

/* kills: windows forgotten where all is to be purged, or too late for it */
static void all_windows_before_flush(void)
{
	struct fake_set sets[2];
	struct world w;

	world_begin(&w, NR, NR_LOW);
	add_sets(&w, sets, 2);
	na_purge_all(&w.machine);
	EXPECT_EQ(sets[0].nr_asked_all, 1);
	EXPECT_EQ(sets[1].nr_asked_all, 1);
	EXPECT_EQ(sets[1].nr_flushes_before, 0);
	remove_sets(&w, sets, 2);
	world_end(&w);
}

/* --- na_purge_kmap --- */

/* kills: a pool purge without a question first */
static void kmap_none_held_pays_nothing(void)
{
	struct na_run run = run_of(8, 8);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_STR(fake_steps(w.port, 0), "");
	EXPECT_EQ(w.port->nr_shootdowns, 0);
	world_end(&w);
}

/* kills: a purge because of somebody else's stale entries */
static void kmap_others_held_pays_nothing(void)
{
	struct na_run run = run_of(8, 8);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 16);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_PURGE), 0);
	world_end(&w);
}

/* kills: no purge at all; a question about the first frame of a run only */
static void kmap_last_frame_held(void)
{
	struct na_run run = run_of(8, 8);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 15);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(w.port->frames[15].kmap, FAKE_KMAP_NONE);
	world_end(&w);
}

/* kills: a question about the first run only */
static void kmap_last_run_held(void)
{
	const struct na_run runs[] = { run_of(8, 2), run_of(20, 1),
				       run_of(12, 3) };
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 14);
	EXPECT_EQ(na_purge_kmap(&w.machine, runs, 3), 0);
	EXPECT_EQ(w.port->frames[14].kmap, FAKE_KMAP_NONE);
	world_end(&w);
}

/* kills: one purge a frame, or a run */
static void kmap_many_held_pays_once(void)
{
	const struct na_run runs[] = { run_of(8, 4), run_of(16, 4) };
	struct world w;
	u32 i;

	world_begin(&w, NR, NR_LOW);
	for (i = 8; i < 24; i++)
		world_kmap_once(&w, i);
	EXPECT_EQ(na_purge_kmap(&w.machine, runs, 2), 0);
	EXPECT_STR(fake_steps(w.port, 0), "kmap_purge");
	EXPECT_EQ(w.port->nr_shootdowns, 1);
	world_end(&w);
}

/* kills: success while somebody still writes through a kmap() */
static void kmap_live_is_busy(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_kmap(w.port, na_frame(10));
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), -EBUSY);
	fake_kunmap(w.port, na_frame(10));
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	world_end(&w);
}

/* kills: a live entry that keeps the stale ones from being removed */
static void kmap_live_and_stale(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_kmap(w.port, na_frame(8));
	world_kmap_once(&w, 11);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), -EBUSY);
	EXPECT_EQ(w.port->frames[11].kmap, FAKE_KMAP_NONE);
	EXPECT_EQ(w.port->frames[8].kmap, FAKE_KMAP_LIVE);
	fake_kunmap(w.port, na_frame(8));
	world_end(&w);
}

/* kills: the pool searched for low frames, which it cannot hold */
static void kmap_low_is_not_asked(void)
{
	struct na_run run = run_of(0, 8);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_HOLDS), 0);
	world_end(&w);
}

/* kills: each of many frames asked about; a filter that lets all pass */
static void kmap_many_frames_one_list(void)
{
	struct na_run run = run_of(8, 24);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_LIST), 1);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_HOLDS), 0);
	world_kmap_once(&w, 31);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	/* Once before the purge and once after it; one frame passed. */
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_LIST), 3);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_HOLDS), 1);
	EXPECT_EQ(w.port->frames[31].kmap, FAKE_KMAP_NONE);
	world_end(&w);
}

/* kills: the whole pool read for one frame */
static void kmap_one_frame_no_list(void)
{
	struct na_run run = run_of(8, 1);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 8);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_LIST), 0);
	EXPECT_EQ(w.port->frames[8].kmap, FAKE_KMAP_NONE);
	world_end(&w);
}

/* kills: what passes the filter taken for what is in it */
static void kmap_stranger_passes(void)
{
	enum { SAME_BIT = NA_BLOOM_WORDS * 32 };
	struct na_run runs[] = { run_of(8, 4), run_of(SAME_BIT + 16, 4) };
	struct world w;

	world_begin(&w, SAME_BIT + NR, NR_LOW);
	/* Has the bit of frame 9, and lies between the two runs. */
	world_kmap_once(&w, SAME_BIT + 9);
	EXPECT_EQ(na_purge_kmap(&w.machine, runs, 2), 0);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_HOLDS), 1);
	EXPECT_EQ(fake_count(w.port, FAKE_KMAP_PURGE), 0);
	fake_kmap_reclaim(w.port, na_frame(SAME_BIT + 9));
	world_end(&w);
}

/* kills: bounds of the list from the first run, or one frame short */
static void kmap_list_reaches_all_runs(void)
{
	struct na_run runs[] = { run_of(16, 4), run_of(28, 4), run_of(8, 4) };
	static const unsigned long ends[] = { 8, 31 };
	struct world w;
	u32 i;

	for (i = 0; i < 2; i++) {
		world_begin(&w, NR, NR_LOW);
		world_kmap_once(&w, ends[i]);
		EXPECT_EQ(na_purge_kmap(&w.machine, runs, 3), 0);
		EXPECT_EQ(w.port->frames[ends[i]].kmap, FAKE_KMAP_NONE);
		world_end(&w);
	}
}

/* --- na_bloom --- */

/* kills: words or runs that end one frame early or late */
static void bloom_next_against_model(void)
{
	static const unsigned long in[] = { 0, 31, 32, 95, 4095, 4096 + 64 };
	struct na_bloom bloom = { { 0 } };
	unsigned long first, at;
	u32 i, nr, idx;
	bool passes;

	for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
		na_bloom_add(&bloom, na_frame(in[i]));
	for (first = 0; first < 8300; first++) {
		for (nr = 1; nr <= 67; nr += 3) {
			idx = na_bloom_next(&bloom, run_of(first, nr), 0);
			EXPECT(idx <= nr);
			for (at = first; at <= first + idx && at < first + nr;
			     at++) {
				passes = false;
				for (i = 0; i < sizeof(in) / sizeof(in[0]); i++)
					passes |= at % 4096 == in[i] % 4096;
				EXPECT_EQ(passes, at == first + idx);
			}
		}
	}
}

/* kills: a run taken for low because of its first frame */
static void kmap_high_end_of_mixed_run(void)
{
	struct na_run run = run_of(4, 8);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 11);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(w.port->frames[11].kmap, FAKE_KMAP_NONE);
	world_end(&w);
}

/* kills: counters that count calls as hits, or hits as purges */
static void kmap_counts(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_PURGES), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_KMAP_HITS), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_KMAP_PURGES), 0);
	world_kmap_once(&w, 8);
	EXPECT_EQ(na_purge_kmap(&w.machine, &run, 1), 0);
	EXPECT_EQ(world_stat(&w, NA_STAT_PURGES), 2);
	EXPECT_EQ(world_stat(&w, NA_STAT_KMAP_HITS), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_KMAP_PURGES), 1);
	EXPECT(world_stat(&w, NA_STAT_PURGE_NS) > 0);
	world_end(&w);
}

/* --- na_purge_stale --- */

/* kills: TLB flush left out because the pool held nothing */
static void stale_vmap_translation(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_vunmap(w.port, na_frame(9));
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	EXPECT(!is_cached_anywhere(&w, 9));
	world_end(&w);
}

/* kills: "the pool does not hold it" taken for "no TLB holds it" */
static void stale_reclaim_in_progress(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 9);
	fake_kmap_reclaim(w.port, na_frame(9));
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	EXPECT(!is_cached_anywhere(&w, 9));
	world_end(&w);
}

/* kills: flush before purge */
static void stale_order(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 9);
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), 0);
	EXPECT_STR(fake_steps(w.port, 0), "kmap_purge tlb_flush");
	EXPECT(!is_cached_anywhere(&w, 9));
	world_end(&w);
}

/* kills: cost that grows with the frames */
static void stale_two_shootdowns_at_most(void)
{
	struct na_run runs[24];
	struct world w;
	u32 i;

	world_begin(&w, NR, NR_LOW);
	for (i = 0; i < 24; i++) {
		runs[i] = run_of(8 + i, 1);
		world_kmap_once(&w, 8 + i);
	}
	EXPECT_EQ(na_purge_stale(&w.machine, runs, 24), 0);
	EXPECT_EQ(w.port->nr_shootdowns, 2);
	world_end(&w);
}

/* kills: -EBUSY returned before the flush; its stale frames stay in TLBs */
static void stale_busy_flushes_all_the_same(void)
{
	struct na_run run = run_of(8, 4);
	struct world w;

	world_begin(&w, NR, NR_LOW);
	fake_kmap(w.port, na_frame(8));
	fake_vunmap(w.port, na_frame(9));
	EXPECT_EQ(na_purge_stale(&w.machine, &run, 1), -EBUSY);
	EXPECT(!is_cached_anywhere(&w, 9));
	fake_kunmap(w.port, na_frame(8));
	world_end(&w);
}

/* --- na_purge_all, na_effect_tlb_flush --- */

/* kills: one of the two left out, or in the other order */
static void all_order(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	world_kmap_once(&w, 9);
	fake_vunmap(w.port, na_frame(10));
	na_purge_all(&w.machine);
	EXPECT_STR(fake_steps(w.port, 0), "kmap_purge tlb_flush");
	EXPECT(!is_cached_anywhere(&w, 9));
	EXPECT(!is_cached_anywhere(&w, 10));
	EXPECT_EQ(world_stat(&w, NA_STAT_KMAP_PURGES), 1);
	EXPECT_EQ(world_stat(&w, NA_STAT_PURGES), 0);
	world_end(&w);
}

/* kills: a flush that is not counted, or counted twice */
static void tlb_flush_counts(void)
{
	struct world w;

	world_begin(&w, NR, NR_LOW);
	na_effect_tlb_flush(&w.machine);
	na_effect_tlb_flush(&w.machine);
	EXPECT_EQ(world_stat(&w, NA_STAT_TLB_FLUSHES), 2);
	EXPECT_EQ(fake_count(w.port, FAKE_TLB_FLUSH), 2);
	EXPECT(world_stat(&w, NA_STAT_TLB_NS) > 0);
	world_end(&w);
}

/* kills: a shootdown asked for where the caller may not sleep */
static void tlb_flush_under_spinlock(void)
{
	na_spin_t spin;
	struct world w;

	world_begin(&w, NR, NR_LOW);
	na_spin_init(&spin);
	na_spin_lock(&spin);
	EXPECT_ASSERT("spins_held", na_effect_tlb_flush(&w.machine));
	EXPECT_EQ(fake_count(w.port, FAKE_TLB_FLUSH), 0);
	na_spin_unlock(&spin);
	world_end(&w);
}

static const struct tap_case cases[] = {
	TAP(windows_all_are_asked),
	TAP(kmap_window_busy),
	TAP(stale_windows_before_flush),
	TAP(all_windows_before_flush),
	TAP(kmap_none_held_pays_nothing),
	TAP(kmap_others_held_pays_nothing),
	TAP(kmap_last_frame_held),
	TAP(kmap_last_run_held),
	TAP(kmap_many_held_pays_once),
	TAP(kmap_live_is_busy),
	TAP(kmap_live_and_stale),
	TAP(kmap_low_is_not_asked),
	TAP(kmap_many_frames_one_list),
	TAP(kmap_one_frame_no_list),
	TAP(kmap_stranger_passes),
	TAP(kmap_list_reaches_all_runs),
	TAP(bloom_next_against_model),
	TAP(kmap_high_end_of_mixed_run),
	TAP(kmap_counts),
	TAP(stale_vmap_translation),
	TAP(stale_reclaim_in_progress),
	TAP(stale_order),
	TAP(stale_two_shootdowns_at_most),
	TAP(stale_busy_flushes_all_the_same),
	TAP(all_order),
	TAP(tlb_flush_counts),
	TAP(tlb_flush_under_spinlock),
};

TAP_MAIN(cases)
