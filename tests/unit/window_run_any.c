// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: rows in any order of calls, against a model.
 */
#include "window_run_room.h"

#define MODEL_FRAMES 16
#define MODEL_SLOTS 8
#define MODEL_HOLDS 6

struct hold {
	struct na_window window;
	unsigned long first;
	u32 nr;	/* 0: free */
};

struct model {
	struct hold holds[MODEL_HOLDS];
	bool is_uc[MODEL_FRAMES];
	u64 seed;
};

static bool is_held(const struct model *m, unsigned long frame)
{
	u32 i;

	for (i = 0; i < MODEL_HOLDS; i++)
		if (m->holds[i].nr && frame >= m->holds[i].first &&
		    frame < m->holds[i].first + m->holds[i].nr)
			return true;
	return false;
}

static bool row_shows(u32 idx, unsigned long first, u32 nr)
{
	struct na_window_info info;
	u32 i;

	for (i = 0; i < nr; i++) {
		info = na_window_info(room.set, idx + i);
		if ((info.state != NA_WINDOW_LIVE &&
		     info.state != NA_WINDOW_STALE) ||
		    info.frame.nr != first + i)
			return false;
	}
	return true;
}

static bool row_is_idle(u32 idx, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (na_window_info(room.set, idx + i).state == NA_WINDOW_LIVE)
			return false;
	return true;
}

/* Is there a row for the run, or room for one? */
static bool may_be_had(unsigned long first, u32 nr, bool *is_there)
{
	bool has_room = false;
	u32 idx;

	*is_there = false;
	for (idx = 0; idx + nr <= MODEL_SLOTS; idx++) {
		*is_there |= row_shows(idx, first, nr);
		has_room |= row_is_idle(idx, nr);
	}
	return *is_there || has_room;
}

static void model_map(struct model *m, struct hold *hold)
{
	u32 nr = 1 + tap_below(&m->seed, 5);
	unsigned long first = tap_below(&m->seed, MODEL_FRAMES + 1 - nr);
	bool is_there, may = may_be_had(first, nr, &is_there);
	u64 nr_shootdowns = stat(NA_WINDOW_SHOOTDOWNS);
	u64 nr_misses = stat(NA_WINDOW_MISSES);

	EXPECT_EQ(try_map_run(first, nr, &hold->window), may ? 0 : -ETIMEDOUT);
	EXPECT_EQ(stat(NA_WINDOW_MISSES) - nr_misses,
		  may && !is_there ? nr : 0);
	EXPECT(stat(NA_WINDOW_SHOOTDOWNS) - nr_shootdowns <=
	       (may && !is_there));
	if (!may)
		return;
	hold->first = first;
	hold->nr = nr;
}

static void model_unmap(struct hold *hold)
{
	unmap_run(hold->window, hold->nr);
	hold->nr = 0;
}

static void model_convert(struct model *m)
{
	unsigned long nr = tap_below(&m->seed, MODEL_FRAMES);
	int err = m->is_uc[nr] ? back_from_uc(nr, 1) : to_uc(nr, 1);

	EXPECT_EQ(err, is_held(m, nr) ? -EBUSY : 0);
	if (!err)
		m->is_uc[nr] = !m->is_uc[nr];
}

static void model_purge(struct model *m)
{
	unsigned long nr = tap_below(&m->seed, MODEL_FRAMES);
	struct na_run run = run_of(nr, 1);

	EXPECT_EQ(na_window_purge(room.set, &run, 1),
		  is_held(m, nr) ? -EBUSY : 0);
	if (!is_held(m, nr))
		EXPECT_EQ(views(nr), 0);
}

static void model_check(struct model *m)
{
	u32 i;

	for (i = 0; i < MODEL_HOLDS; i++)
		if (m->holds[i].nr)
			expect_row(m->holds[i].window, m->holds[i].first,
				   m->holds[i].nr);
	/* I1: no entry and no translation of the other type. */
	for (i = 0; i < MODEL_FRAMES; i++)
		EXPECT_EQ(fake_count_views(room.port, f(i), m->is_uc[i] ?
					   NA_WB : NA_UC), 0);
}

static void model_step(struct model *m)
{
	struct hold *hold = &m->holds[tap_below(&m->seed, MODEL_HOLDS)];

	fake_cpu = tap_below(&m->seed, NR_CPUS);
	switch (tap_below(&m->seed, 16)) {
	case 0 ... 1:
		model_convert(m);
		break;
	case 2:
		model_purge(m);
		break;
	case 3:
		na_window_purge_all(room.set);
		break;
	default:
		if (hold->nr)
			model_unmap(hold);
		else
			model_map(m, hold);
	}
}

/* kills: whatever needs several steps to show */
static void runs_in_any_order_agree_with_model(void)
{
	struct na_window_config config = { .nr_slots = MODEL_SLOTS };
	struct model m = { .seed = tap_seed() };
	u32 i;

	begin_speculating(&config);
	for (i = 0; i < 20000; i++) {
		model_step(&m);
		model_check(&m);
	}
	for (i = 0; i < MODEL_HOLDS; i++)
		if (m.holds[i].nr)
			model_unmap(&m.holds[i]);
	for (i = 0; i < MODEL_FRAMES; i++)
		if (m.is_uc[i])
			EXPECT_EQ(back_from_uc(i, 1), 0);
	tap_say("misses %llu, hits %llu, revivals %llu, reclaimed %llu",
		stat(NA_WINDOW_MISSES), stat(NA_WINDOW_HITS),
		stat(NA_WINDOW_REVIVALS), stat(NA_WINDOW_RECLAIMED));
	end_whole();
}

static const struct tap_case cases[] = {
	TAP(runs_in_any_order_agree_with_model),
};

TAP_MAIN(cases)
