// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Windows: sharing, revival, reclaim, waiting, local windows, and purge.
 * Conversion is in scn_window_convert.c, runs of frames in scn_window_run.c.
 */
#include "hw.h"
#include "scn_window.h"

/* --- before and after --------------------------------------------------------- */

void scn_fill_frames(struct na_port *m)
{
	u32 total = (u32)m->cfg.nr_low + m->cfg.nr_high, i, vp;
	int frame;

	for (i = 0; i < total; i++) {
		frame = sim_frames_take(m, 1, SIM_SYSTEM);
		vp = sim_fix_map(m, (u32)frame, NA_WB);
		sim_store(m, vp, 0, (u8)(10 + frame));
		sim_fix_unmap(m, vp);
	}
}

void scn_make_set(struct na_port *m, u32 nr_slots, u32 batch_max,
		  u32 local_depth, bool is_cpu_bound)
{
	struct na_window_config config = {
		.nr_slots = nr_slots, .batch_max = batch_max,
		.local_depth = local_depth, .is_cpu_bound = is_cpu_bound,
	};
	struct na_window_set *set;

	scn_fill_frames(m);
	if (na_window_set_create(&m->engine, &config, &set))
		sim_fail(SIM_TEST, -1, "no window set");
	m->priv[0] = set;
}

void scn_one_slot(struct na_port *m)
{
	scn_make_set(m, 1, 1, 0, false);
}

static void two_slots(struct na_port *m)
{
	scn_make_set(m, 2, 1, 0, false);
}

static void two_slots_batch(struct na_port *m)
{
	scn_make_set(m, 2, 2, 0, false);
}

static void one_slot_bound(struct na_port *m)
{
	scn_make_set(m, 1, 1, 0, true);
}

void scn_with_locals(struct na_port *m)
{
	scn_make_set(m, 1, 1, 1, false);
}

void scn_end_set(struct na_port *m)
{
	na_window_set_destroy(scn_the_set(m));
}

/* --- one access ------------------------------------------------------------------ */

void scn_look(struct na_port *m, const struct na_window *window, u32 frame)
{
	u32 vp = sim_window_vp(m, window->addr);

	sim_hold(m, frame);
	sim_expect_load(m, vp, 0, (u8)(10 + frame));
	sim_unhold(m, frame);
}

void scn_map_look_unmap(struct na_port *m, u32 frame)
{
	struct na_window window;

	sim_call("na_window_map(frame %u)", frame);
	SIM_EXPECT(!na_window_map(scn_the_set(m), na_frame(frame), &window));
	scn_look(m, &window, frame);
	sim_call("na_window_unmap(frame %u)", frame);
	na_window_unmap(scn_the_set(m), window);
}

static void user_0(struct na_port *m)
{
	scn_map_look_unmap(m, 0);
}

static void user_00(struct na_port *m)
{
	scn_map_look_unmap(m, 0);
	scn_map_look_unmap(m, 0);
}

static void user_01(struct na_port *m)
{
	scn_map_look_unmap(m, 0);
	scn_map_look_unmap(m, 1);
}

static void user_10(struct na_port *m)
{
	scn_map_look_unmap(m, 1);
	scn_map_look_unmap(m, 0);
}

static void user_1(struct na_port *m)
{
	scn_map_look_unmap(m, 1);
}

static void user_2(struct na_port *m)
{
	scn_map_look_unmap(m, 2);
}

static void user_12(struct na_port *m)
{
	scn_map_look_unmap(m, 1);
	scn_map_look_unmap(m, 2);
}

/* Writes word 1 and reads it back: through the right frame or not. */
static void writer_0(struct na_port *m)
{
	struct na_window window;
	u32 vp;

	sim_call("na_window_map(frame 0), write");
	SIM_EXPECT(!na_window_map(scn_the_set(m), na_frame(0), &window));
	vp = sim_window_vp(m, window.addr);
	sim_hold(m, 0);
	sim_store(m, vp, 1, 77);
	sim_expect_load(m, vp, 1, 77);
	sim_unhold(m, 0);
	na_window_unmap(scn_the_set(m), window);
}

static void nester_0(struct na_port *m)
{
	struct na_window outer;

	SIM_EXPECT(!na_window_map(scn_the_set(m), na_frame(0), &outer));
	scn_map_look_unmap(m, 0);
	scn_look(m, &outer, 0);
	na_window_unmap(scn_the_set(m), outer);
}

/* --- waiting ------------------------------------------------------------------------ */

static void timed_1(struct na_port *m)
{
	struct na_window window;
	int err;

	sim_call("na_window_map_timeout(frame 1)");
	err = na_window_map_timeout(scn_the_set(m), na_frame(1), 1000, &window);
	SIM_EXPECT(!err || err == -ETIMEDOUT);
	if (err)
		return;
	scn_look(m, &window, 1);
	na_window_unmap(scn_the_set(m), window);
}

static void try_1(struct na_port *m)
{
	struct na_window window;
	int err;

	sim_call("na_window_try_map(frame 1)");
	err = na_window_try_map(scn_the_set(m), na_frame(1), &window);
	SIM_EXPECT(!err || err == -EAGAIN);
	if (err)
		return;
	scn_look(m, &window, 1);
	na_window_unmap(scn_the_set(m), window);
}

/* --- against purge --------------------------------------------------------------------- */

void scn_expect_no_window(struct na_port *m, u32 frame)
{
	u32 vp, cpu;

	for (vp = m->at.win; vp < m->at.user; vp++) {
		sim_xlate_t x = m->pte[vp];

		if (x && sim_xlate_frame(x) == frame)
			sim_fail(SIM_I1, (int)frame, "purged frame %u is at %s",
				 frame, sim_vp_name(m, vp));
		for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
			x = m->cpu[cpu].tlb[vp];
			if (x && sim_xlate_frame(x) == frame)
				sim_fail(SIM_I1, (int)frame,
					 "CPU %u translates %s to purged frame %u",
					 cpu, sim_vp_name(m, vp), frame);
		}
	}
}

/* Frame 0 is this thread's: it maps, unmaps, purges; nobody else maps it. */
static void purge_own(struct na_port *m)
{
	struct na_run run = na_run(na_frame(0), 1);

	scn_map_look_unmap(m, 0);
	sim_call("na_window_purge(frame 0)");
	SIM_EXPECT(!na_window_purge(scn_the_set(m), &run, 1));
	scn_expect_no_window(m, 0);
}

static void purge_all_own(struct na_port *m)
{
	scn_map_look_unmap(m, 0);
	sim_call("na_window_purge_all()");
	na_window_purge_all(scn_the_set(m));
	scn_expect_no_window(m, 0);
}

static void purge_own_again(struct na_port *m)
{
	purge_own(m);
	purge_own(m);
}

/* --- local ------------------------------------------------------------------------------- */

static void local_user(struct na_port *m, u32 frame, u32 times)
{
	struct na_window_local local;
	int err;

	while (times--) {
		sim_call("na_window_local_map(frame %u)", frame);
		err = na_window_local_map(scn_the_set(m), na_frame(frame), &local);
		SIM_EXPECT(!err || err == -EBUSY);
		if (err)
			continue;
		sim_hold(m, frame);
		sim_expect_load(m, sim_window_vp(m, local.addr), 0,
				(u8)(10 + frame));
		sim_unhold(m, frame);
		na_window_local_unmap(scn_the_set(m), local);
	}
}

void scn_local_0(struct na_port *m)
{
	local_user(m, 0, 2);
}

static void local_1(struct na_port *m)
{
	local_user(m, 1, 1);
}

static void local_01(struct na_port *m)
{
	local_user(m, 0, 1);
	local_user(m, 1, 1);
}

const struct sim_scenario sim_scn_window[] = {
	{
		.name = "win-share",
		.what = "two CPUs map, unmap and revive the same frame",
		.config = FRAMES(2, 1, 1),
		.nr_threads = 2,
		.thread = { { "A", 0, user_00 }, { "B", 1, nester_0 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-share-3",
		.what = "three CPUs map, unmap and revive the same frame",
		.config = FRAMES(3, 1, 1),
		.nr_threads = 3,
		.thread = { { "A", 0, user_00 }, { "B", 1, user_0 },
			    { "C", 2, writer_0 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "win-reclaim",
		.what = "two CPUs, two frames, one slot: reclaim each time",
		.config = FRAMES(2, 2, 1),
		.nr_threads = 2,
		.thread = { { "A", 0, user_01 }, { "B", 1, user_1 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 3, 1, true },
	},
	{
		.name = "win-revive",
		.what = "a stale slot is revived while another CPU reclaims it",
		.config = FRAMES(2, 2, 1),
		.nr_threads = 2,
		.thread = { { "A", 0, user_00 }, { "B", 1, user_1 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 3, 1, true },
	},
	{
		.name = "win-purge-again",
		.what = "the same frame is mapped and purged twice",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 2,
		.thread = { { "owner", 0, purge_own_again },
			    { "other", 1, user_1 } },
		.setup = two_slots, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "win-reclaim-b",
		.what = "crosswise, a batch of two slots",
		.config = FRAMES(2, 3, 2),
		.nr_threads = 2,
		.thread = { { "A", 0, user_01 }, { "B", 1, user_12 } },
		.setup = two_slots_batch, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "win-reclaim-3",
		.what = "three CPUs, three frames, two slots",
		.config = FRAMES(3, 3, 2),
		.nr_threads = 3,
		.thread = { { "A", 0, user_01 }, { "B", 1, user_12 },
			    { "C", 2, user_2 } },
		.setup = two_slots, .finish = scn_end_set,
		.budget = { 1, 1, true },
	},
	{
		.name = "win-pinned",
		.what = "all slots pinned: who waits is woken",
		.config = FRAMES(2, 2, 1),
		.nr_threads = 3,
		.thread = { { "A", 0, user_0 }, { "B", 1, user_1 },
			    { "C", 1, user_1 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 2, 0, true },
	},
	{
		.name = "win-timeout",
		.what = "all slots pinned: bounded wait and no wait",
		.config = FRAMES(2, 2, 1),
		.nr_threads = 3,
		.thread = { { "A", 0, user_0 }, { "B", 1, timed_1 },
			    { "C", 1, try_1 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 2, 0, true },
	},
	{
		.name = "win-purge",
		.what = "purge of one frame against maps of another",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 2,
		.thread = { { "owner", 0, purge_own }, { "other", 1, user_1 } },
		.setup = two_slots, .finish = scn_end_set,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-purge-all",
		.what = "kmap_flush_unused() of windows against maps",
		.config = FRAMES(2, 2, 2),
		.nr_threads = 2,
		.thread = { { "owner", 0, purge_all_own },
			    { "other", 1, user_1 } },
		.setup = two_slots, .finish = scn_end_set,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "win-local",
		.what = "local windows, two threads of one CPU and a third",
		.config = FRAMES(2, 2, 3),
		.nr_threads = 3,
		.thread = { { "A", 0, local_01 }, { "B", 0, local_1 },
			    { "C", 1, scn_local_0 } },
		.setup = scn_with_locals, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "tso-reclaim",
		.what = "win-reclaim with store buffers",
		.config = FRAMES_TSO(2, 2, 1),
		.nr_threads = 2,
		.thread = { { "A", 0, user_01 }, { "B", 1, user_1 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "tso-pinned",
		.what = "win-pinned with store buffers",
		.config = FRAMES_TSO(2, 2, 1),
		.nr_threads = 3,
		.thread = { { "A", 0, user_0 }, { "B", 1, user_1 },
			    { "C", 1, user_1 } },
		.setup = scn_one_slot, .finish = scn_end_set,
		.budget = { 1, 0, true },
	},
	{
		.name = "tso-bound",
		.what = "win-bound with store buffers",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_fix = 1,
			    .nr_win = 1, .tlb_is_tame = true,
			    .store_buffers = true },
		.nr_threads = 2,
		.thread = { { "A", 0, user_10 }, { "B", 1, user_01 } },
		.setup = one_slot_bound, .finish = scn_end_set,
		.budget = { 2, 1, true },
	},
	{
		.name = "win-bound-wild",
		.what = "users are bound to CPUs, TLBs speculate all the same",
		.config = FRAMES(2, 2, 1),
		.nr_threads = 2,
		.thread = { { "A", 0, user_10 }, { "B", 1, user_1 } },
		.setup = one_slot_bound, .finish = scn_end_set,
		.budget = { 3, 2, true },
	},
	{
		.name = "win-bound",
		.what = "tame TLBs: shootdowns only to CPUs that mapped",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_fix = 1,
			    .nr_win = 1, .tlb_is_tame = true },
		.nr_threads = 2,
		.thread = { { "A", 0, user_10 }, { "B", 1, user_01 } },
		.setup = one_slot_bound, .finish = scn_end_set,
		.budget = { 3, 1, true },
	},
	{ 0 }
};
