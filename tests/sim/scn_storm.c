// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Everything at once, for the random source: each thread chooses its next call
 * with the run's source of choices.
 */
#include <noalias/effect.h>
#include <noalias/window.h>

#include "scenarios.h"

#define ROUNDS 6

static void storm_setup(struct na_port *m)
{
	struct na_window_config config = { .nr_slots = 2, .local_depth = 1 };
	struct na_window_set *set;

	if (na_window_set_create(&m->engine, &config, &set))
		sim_fail(SIM_TEST, -1, "no window set");
	m->priv[0] = set;
}

static void storm_finish(struct na_port *m)
{
	na_window_set_destroy(m->priv[0]);
}

/* --- what a thread may do ------------------------------------------------------ */

static void touch(struct na_port *m, u32 vp, u8 value)
{
	sim_store(m, vp, 0, value);
	sim_expect_load(m, vp, 0, value);
}

static void use_kmap(struct na_port *m, u8 value)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp;

	if (frame < 0)
		return;
	vp = sim_kmap(m, (u32)frame);
	touch(m, vp, value);
	sim_kunmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

static void use_vmap(struct na_port *m, u8 value)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp;

	if (frame < 0)
		return;
	vp = sim_vmap(m, (u32)frame);
	touch(m, vp, value);
	sim_vunmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

static void see_in_window(struct na_port *m, u32 frame, u8 value)
{
	struct na_window window;

	if (na_window_map(m->priv[0], na_frame(frame), &window))
		return;
	sim_hold(m, frame);
	touch(m, sim_window_vp(m, window.addr), value);
	sim_unhold(m, frame);
	na_window_unmap(m->priv[0], window);
}

static void see_in_local(struct na_port *m, u32 frame, u8 value)
{
	struct na_window_local local;

	if (na_window_local_map(m->priv[0], na_frame(frame), &local))
		return;
	sim_hold(m, frame);
	touch(m, sim_window_vp(m, local.addr), value);
	sim_unhold(m, frame);
	na_window_local_unmap(m->priv[0], local);
}

static void see_in_process(struct na_port *m, u32 frame, u8 value)
{
	u32 proc = (u32)sim_tid();

	sim_proc_start(m, proc);
	if (!sim_proc_map(m, proc, 0, frame))
		touch(m, sim_user_vp(m, proc, 0), value);
	sim_proc_exit(m, proc);
}

static void see(struct na_port *m, u32 frame, u8 value)
{
	switch (sim_choose(4, __func__)) {
	case 0:
		see_in_window(m, frame, value);
		break;
	case 1:
		see_in_local(m, frame, value);
		break;
	case 2:
		see_in_process(m, frame, value);
		break;
	default:
		sim_dev_write(m, frame, 1, value);
		sim_dev_expect(m, frame, 1, value);
	}
}

static void use_buffer(struct na_port *m, u8 value)
{
	enum na_memtype type = sim_choose(2, __func__) ? NA_WC : NA_UC;
	u32 nr = 1 + sim_choose(2, __func__);
	struct na_buffer *buffer;

	if (na_buffer_create(&m->engine, na_buffer_spec(nr, type), &buffer))
		return;
	see(m, (u32)na_buffer_frame(buffer, nr - 1).nr, value);
	see(m, (u32)na_buffer_frame(buffer, 0).nr, (u8)(value + 1));
	na_buffer_destroy(buffer);
}

static void use_lent(struct na_port *m, u8 value)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	struct na_run run;
	int err;

	if (frame < 0)
		return;
	run = na_run(na_frame((unsigned long)frame), 1);
	see_in_window(m, (u32)frame, value);
	err = na_convert_to(&m->engine, &run, 1, NA_WC, NA_LENT);
	if (!err) {
		see(m, (u32)frame, (u8)(value + 1));
		err = na_convert_back(&m->engine, &run, 1, NA_WC, NA_LENT);
		SIM_EXPECT(!err || err == -EUCLEAN);
	}
	/* Quarantined: not ours any more. */
	if (err == -EUCLEAN)
		return;
	/* Ours is the only hand on it: purge before it goes. */
	na_window_purge(m->priv[0], &run, 1);
	na_effect_tlb_flush(&m->engine);
	sim_frames_give(m, (u32)frame, 1);
}

static void storm(struct na_port *m)
{
	u32 i;
	u8 value;

	for (i = 0; i < ROUNDS; i++) {
		value = (u8)(1 + 32 * sim_tid() + 4 * i);
		sim_call("round %u", i);
		switch (sim_choose(5, __func__)) {
		case 0:
			use_kmap(m, value);
			break;
		case 1:
			use_vmap(m, value);
			break;
		case 2:
			use_lent(m, value);
			break;
		case 3:
			na_purge_all(&m->engine);
			break;
		default:
			use_buffer(m, value);
		}
	}
}

#define STORM(cpus, low, high, failures) { .nr_cpus = cpus, .nr_low = low, \
		.nr_high = high, .nr_kmap = 2, .nr_vmap = 4, .nr_fix = 1, \
		.nr_win = 2 + cpus, .nr_procs = 4, .nr_user = 1,	    \
		.failures_max = failures, .store_buffers = true }

const struct sim_scenario sim_scn_storm[] = {
	{
		.name = "storm",
		.what = "everything at once on two CPUs",
		.config = STORM(2, 1, 2, 0),
		.nr_threads = 3,
		.thread = { { "A", 0, storm }, { "B", 1, storm },
			    { "C", 1, storm } },
		.setup = storm_setup, .finish = storm_finish,
	},
	{
		.name = "storm-4",
		.what = "everything at once on four CPUs",
		.config = STORM(4, 2, 3, 0),
		.nr_threads = 4,
		.thread = { { "A", 0, storm }, { "B", 1, storm },
			    { "C", 2, storm }, { "D", 3, storm } },
		.setup = storm_setup, .finish = storm_finish,
	},
	{
		.name = "storm-8",
		.what = "four busy CPUs of eight, calls of the port fail",
		.config = STORM(8, 2, 3, 4),
		.nr_threads = 4,
		.thread = { { "A", 0, storm }, { "B", 2, storm },
			    { "C", 5, storm }, { "D", 7, storm } },
		.setup = storm_setup, .finish = storm_finish,
	},
	{ 0 }
};
