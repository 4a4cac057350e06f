// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows against conversion: of a frame that is mapped, of one that a set
 * still shows, with sets that come and go.
 */
#include "hw.h"
#include "scn_window.h"

/* --- against conversion ---------------------------------------------------------------- */

static void convert_0(struct na_port *m)
{
	struct na_run run = na_run(na_frame(0), 1);
	int err;

	sim_call("na_convert_to(frame 0, UC)");
	err = na_convert_to(&m->engine, &run, 1, NA_UC, NA_LENT);
	SIM_EXPECT(!err || err == -EBUSY);
	if (err)
		return;
	sim_dev_expect(m, 0, 0, 10);
	for (;;) {
		sim_call("na_convert_back(frame 0)");
		err = na_convert_back(&m->engine, &run, 1, NA_UC, NA_LENT);
		if (!err)
			break;
		SIM_EXPECT(err == -EBUSY);
		na_relax();
	}
}

static void map_or_refused(struct na_port *m, u32 times)
{
	struct na_window window;
	int err;

	while (times--) {
		sim_call("na_window_map(frame 0)");
		err = na_window_map(scn_the_set(m), na_frame(0), &window);
		SIM_EXPECT(!err || err == -EBUSY);
		if (err)
			continue;
		scn_look(m, &window, 0);
		na_window_unmap(scn_the_set(m), window);
	}
}

static void map_once(struct na_port *m)
{
	map_or_refused(m, 1);
}

static void map_twice(struct na_port *m)
{
	map_or_refused(m, 2);
}

/* Holds a window while it lasts; the conversion must be refused meanwhile. */
static void writes_uc(struct na_port *m)
{
	struct na_window window;
	u32 vp;

	sim_call("na_window_map(frame 0), write");
	if (na_window_map(scn_the_set(m), na_frame(0), &window))
		return;
	vp = sim_window_vp(m, window.addr);
	sim_hold(m, 0);
	sim_store(m, vp, 1, 88);
	sim_expect_load(m, vp, 1, 88);
	sim_unhold(m, 0);
	na_window_unmap(scn_the_set(m), window);
}

/* A buffer that was seen through a window goes back to the system. */
static void buffer_in_window(struct na_port *m)
{
	struct na_buffer *buffer;
	struct na_window window;
	u32 frame, vp;

	sim_call("na_buffer_create(1 frame, WC)");
	if (na_buffer_create(&m->engine, na_buffer_spec(1, NA_WC), &buffer))
		return;
	frame = (u32)na_buffer_frame(buffer, 0).nr;
	sim_call("na_window_map(frame %u), write, unmap", frame);
	SIM_EXPECT(!na_window_map(scn_the_set(m), na_frame(frame), &window));
	vp = sim_window_vp(m, window.addr);
	sim_hold(m, frame);
	sim_expect_load(m, vp, 0, 0);
	sim_store(m, vp, 0, 99);
	sim_unhold(m, frame);
	na_window_unmap(scn_the_set(m), window);
	sim_call("na_buffer_destroy()");
	na_buffer_destroy(buffer);
}

static void set_without_frames(struct na_port *m)
{
	u32 frame;

	scn_one_slot(m);
	for (frame = 0; frame < m->cfg.nr_high; frame++) {
		sim_frames_give(m, m->cfg.nr_low + frame, 1);
		m->truth[frame].word[0] = (u8)(10 + frame);
	}
}

/* --- a conversion that does not know of the set ---------------------------------- */

/*
 * Somebody else's engine converts the frame, so nobody asks the set. The
 * alias is there then; the next map must see it and not add to it.
 */
static void convert_unseen(struct na_port *m)
{
	struct na_run run = na_run(na_frame(0), 1);

	SIM_EXPECT(!na_ledger_claim(&m->engine.ledger, &run, 1, NA_SYSTEM,
				    NA_WB));
	na_port_runs_mark(m, &run, 1, NA_UC);
	na_ledger_commit(&m->engine.ledger, &run, 1, NA_LENT, NA_UC);
}

static void map_after_unseen(struct na_port *m)
{
	struct na_run run = na_run(na_frame(0), 1);
	struct na_window window;
	u32 vp;

	scn_map_look_unmap(m, 0);
	sim_call("a conversion that nobody told the set of");
	convert_unseen(m);
	sim_call("na_window_map(frame 0)");
	SIM_EXPECT(!na_window_map(scn_the_set(m), na_frame(0), &window));
	vp = sim_window_vp(m, window.addr);
	SIM_EXPECT(sim_xlate_type(m->pte[vp]) == NA_UC);
	na_window_unmap(scn_the_set(m), window);
	SIM_EXPECT(!na_convert_back(&m->engine, &run, 1, NA_UC, NA_LENT));
}

/* --- sets ----------------------------------------------------------------------------------- */

/* The frame is stale in the second of two sets. */
static void two_sets(struct na_port *m)
{
	struct na_window_config config = { .nr_slots = 1 };
	struct na_window_set *second;
	struct na_window window;

	scn_make_set(m, 1, 1, 0, false);
	if (na_window_set_create(&m->engine, &config, &second))
		sim_fail(SIM_TEST, -1, "no second window set");
	m->priv[1] = second;
	SIM_EXPECT(!na_window_map(second, na_frame(0), &window));
	na_window_unmap(second, window);
}

static void end_two_sets(struct na_port *m)
{
	na_window_set_destroy(m->priv[1]);
	na_window_set_destroy(m->priv[0]);
}

static void short_lived_set(struct na_port *m)
{
	struct na_window_config config = { .nr_slots = 1, .local_depth = 1 };
	struct na_window_local local;
	struct na_window_set *set;
	struct na_window window;

	sim_call("na_window_set_create()");
	if (na_window_set_create(&m->engine, &config, &set))
		return;
	if (!na_window_map(set, na_frame(0), &window)) {
		scn_look(m, &window, 0);
		na_window_unmap(set, window);
	}
	if (!na_window_local_map(set, na_frame(0), &local))
		na_window_local_unmap(set, local);
	sim_call("na_window_set_destroy()");
	na_window_set_destroy(set);
}

const struct sim_scenario sim_scn_window_convert[] = {
	{
		.name = "win-foreign",
		.what = "a conversion that does not know of the set",
		.config = FRAMES(2, 1, 1),
		.nr_threads = 1,
		.thread = { { "user", 0, map_after_unseen } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.checks_off = 1u << SIM_I1 | 1u << SIM_I2 | 1u << SIM_I6,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-convert",
		.what = "map and revive against conversion and return",
		.config = FRAMES(2, 1, 1),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_0 },
			    { "user", 1, map_twice } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-convert-3",
		.what = "the same with a second user who writes",
		.config = FRAMES(3, 1, 1),
		.nr_threads = 3,
		.thread = { { "driver", 0, convert_0 },
			    { "user", 1, map_once },
			    { "writer", 2, writes_uc } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 1, 1, true },
	},
	{
		.name = "win-buffer",
		.what = "a buffer seen through a window goes back",
		.config = FRAMES(2, 1, 1),
		.nr_threads = 1,
		.thread = { { "driver", 0, buffer_in_window } },
		.setup = set_without_frames, .finish = scn_end_set,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-local-convert",
		.what = "local windows against conversion and return",
		.config = FRAMES(2, 1, 3),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_0 }, { "user", 1, scn_local_0 } },
		.setup = scn_with_locals, .finish = scn_end_set,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-set",
		.what = "sets come and go while their frame is converted",
		.config = FRAMES(2, 1, 3),
		.nr_threads = 2,
		.thread = { { "owner", 0, short_lived_set },
			    { "driver", 1, convert_0 } },
		.setup = scn_fill_frames,
		.budget = { 2, 1, true },
	},
	{
		.name = "win-set-fail",
		.what = "each call that makes a set fails once",
		.config = { .nr_cpus = 2, .nr_high = 1, .nr_fix = 1,
			    .nr_win = 3, .failures_max = 2 },
		.nr_threads = 1,
		.thread = { { "owner", 0, short_lived_set } },
		.setup = scn_fill_frames,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-two-sets",
		.what = "a conversion asks every set",
		.config = FRAMES(2, 1, 2),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_0 },
			    { "user", 1, map_once } },
		.setup = two_sets, .finish = end_two_sets,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "tso-convert",
		.what = "win-convert with store buffers",
		.config = FRAMES_TSO(2, 1, 1),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_0 },
			    { "user", 1, map_twice } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "tso-local",
		.what = "win-local-convert with store buffers",
		.config = FRAMES_TSO(2, 1, 3),
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_0 }, { "user", 1, scn_local_0 } },
		.setup = scn_with_locals, .finish = scn_end_set,
		.budget = { 3, 1, true },
	},
	{ 0 }
};
