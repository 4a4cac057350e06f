// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window: life of a set, and a set in any order of calls.
 */
#include "window_one.h"

/* --- set --------------------------------------------------------------------- */

/* kills: bounds of the configuration not checked */
static void create_refuses_bad_config(void)
{
	static const struct na_window_config bad[] = {
		{ .nr_slots = 0 },
		{ .nr_slots = NA_WINDOW_SLOTS_MAX + 1 },
		{ .nr_slots = 4, .batch_max = 5 },
		{ .nr_slots = 4, .local_depth = NA_WINDOW_LOCAL_MAX + 1 },
	};
	u32 i;

	begin_empty();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(na_window_set_create(&room.machine, &bad[i],
					       &room.set), -EINVAL);
	EXPECT_EQ(na_machine_init(&room.machine, room.port, 1), 0);
	na_machine_fini(&room.machine);
	abandon();
}

/* kills: unwinding that forgets a piece, or frees one twice */
static void create_survives_failure_at_each_point(void)
{
	struct na_window_config config = four_slots;
	u32 at, nr_blocks;
	int err = -ENOMEM;

	begin_empty();
	config.is_cpu_bound = true;
	nr_blocks = fake_nr_blocks(room.port);
	for (at = 1; err; at++) {
		fake_fail(room.port, FAKE_WINDOW_FALLIBLE, at, 1);
		err = na_window_set_create(&room.machine, &config, &room.set);
		EXPECT(!err || err == -ENOMEM);
		EXPECT(!err || fake_nr_blocks(room.port) ==
		       nr_blocks);
	}
	/* set, slots, heads, batch, CPUs, a map for each, two ranges. */
	EXPECT_EQ(at - 1, 5 + NR_CPUS + 2 + 1);
	fake_fail_never(room.port);
	end();
}

/* kills: set taken away below a user */
static void destroy_leaks_set_in_use(void)
{
	struct na_window window;

	begin(&four_slots);
	window = map(7);
	EXPECT_SAFE("NA_WINDOW_LIVE", na_window_set_destroy(room.set));
	tap_mode = TAP_FAILS;
	expect_shown(window.addr, 7, NA_WB);
	EXPECT_EQ(to_uc(7, 1), -EBUSY);
	unmap(window);
	EXPECT_EQ(to_uc(7, 1), 0);
	EXPECT_EQ(back_from_uc(7, 1), 0);
	end();
}

/* kills: addresses given back while another CPU translates them */
static void destroy_drops_fetched_local_translations(void)
{
	begin_speculating(&four_slots);
	na_window_local_unmap(room.set, map_local(7));
	/* The port asserts that no translation of a closed range is left. */
	end();
}

/* kills: local maps not counted as users; the first one taken for the last */
static void set_knows_its_users(void)
{
	struct na_window_local one, two, last;
	struct na_window window;

	begin(&four_slots);
	EXPECT_EQ(na_window_nr_users(room.set), 0);
	EXPECT(!na_window_local_last(room.set, &last));
	window = map(7);
	map(7);
	EXPECT(na_window_addr(room.set, window.idx) == window.addr);
	EXPECT_EQ(na_window_nr_users(room.set), 2);
	EXPECT_EQ(na_window_local_map(room.set, f(8), &one), 0);
	EXPECT_EQ(na_window_local_map(room.set, f(9), &two), 0);
	EXPECT_EQ(na_window_nr_users(room.set), 4);
	EXPECT(na_window_local_last(room.set, &last));
	EXPECT(last.addr == two.addr && last.cpu == two.cpu &&
	       last.depth == two.depth);
	na_window_local_unmap(room.set, last);
	EXPECT(na_window_local_last(room.set, &last));
	EXPECT(last.addr == one.addr);
	na_window_local_unmap(room.set, last);
	EXPECT(!na_window_local_last(room.set, &last));
	unmap(window);
	unmap(window);
	EXPECT_EQ(na_window_nr_users(room.set), 0);
	end();
}

/* kills: NULL not allowed; a counter without a name */
static void set_small_print(void)
{
	u32 i;

	begin(&four_slots);
	na_window_set_destroy(NULL);
	EXPECT_EQ(na_window_nr_slots(room.set), 4);
	for (i = 0; i < NR_NA_WINDOW_STATS; i++) {
		EXPECT(na_window_stat_name((enum na_window_stat)i));
		EXPECT_EQ(stat((enum na_window_stat)i), 0);
	}
	EXPECT_STR(na_window_stat_name(NA_WINDOW_REVIVALS), "revivals");
	end();
}

/* --- any order ------------------------------------------------------------------ */

#define MODEL_FRAMES 24
#define MODEL_SLOTS 6

struct model {
	struct na_window windows[MODEL_FRAMES];
	u32 users[MODEL_FRAMES];
	bool is_uc[MODEL_FRAMES];
	u32 nr_live;
	u64 seed;
};

static void model_map(struct model *m, u32 nr)
{
	int err = na_window_map_timeout(room.set, f(nr), 0, &m->windows[nr]);

	if (!m->users[nr] && m->nr_live == MODEL_SLOTS) {
		EXPECT_EQ(err, -ETIMEDOUT);
		return;
	}
	EXPECT_EQ(err, 0);
	m->nr_live += !m->users[nr]++;
}

static void model_unmap(struct model *m, u32 nr)
{
	if (!m->users[nr])
		return;
	unmap(m->windows[nr]);
	m->nr_live -= !--m->users[nr];
}

static void model_convert(struct model *m, u32 nr)
{
	int err = m->is_uc[nr] ? back_from_uc(nr, 1) : to_uc(nr, 1);

	EXPECT_EQ(err, m->users[nr] ? -EBUSY : 0);
	if (!err)
		m->is_uc[nr] = !m->is_uc[nr];
}

static void model_purge(struct model *m, u32 nr)
{
	struct na_run run = run_of(nr, 1);

	EXPECT_EQ(na_window_purge(room.set, &run, 1),
		  m->users[nr] ? -EBUSY : 0);
	if (!m->users[nr])
		EXPECT_EQ(views(nr), 0);
}

static void model_check(struct model *m)
{
	u32 nr;

	for (nr = 0; nr < MODEL_FRAMES; nr++) {
		if (m->users[nr])
			expect_shown(m->windows[nr].addr, nr,
				     m->is_uc[nr] ? NA_UC : NA_WB);
		/* I1: no entry and no translation of the other type. */
		EXPECT_EQ(fake_count_views(room.port, f(nr),
					   m->is_uc[nr] ? NA_WB : NA_UC),
			  0);
	}
}

static void model_step(struct model *m)
{
	u32 nr = tap_below(&m->seed, MODEL_FRAMES);

	fake_cpu = tap_below(&m->seed, NR_CPUS);
	switch (tap_below(&m->seed, 16)) {
	case 0:
		model_convert(m, nr);
		break;
	case 1:
		model_purge(m, nr);
		break;
	case 2:
		na_window_purge_all(room.set);
		break;
	case 3 ... 8:
		model_unmap(m, nr);
		break;
	default:
		model_map(m, nr);
	}
}

/* kills: whatever needs several steps to show */
static void any_order_agrees_with_model(void)
{
	struct na_window_config config = { .nr_slots = MODEL_SLOTS };
	struct model m = { .seed = tap_seed() };
	u32 i;

	begin_speculating(&config);
	for (i = 0; i < 20000; i++) {
		model_step(&m);
		model_check(&m);
	}
	for (i = 0; i < MODEL_FRAMES; i++) {
		while (m.users[i])
			model_unmap(&m, i);
		if (m.is_uc[i])
			EXPECT_EQ(back_from_uc(i, 1), 0);
	}
	end();
}

static const struct tap_case cases[] = {
	TAP(create_refuses_bad_config),
	TAP(create_survives_failure_at_each_point),
	TAP(destroy_leaks_set_in_use),
	TAP(destroy_drops_fetched_local_translations),
	TAP(set_knows_its_users),
	TAP(set_small_print),
	TAP(any_order_agrees_with_model),
};

TAP_MAIN(cases)
