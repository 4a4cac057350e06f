// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers: frames go from owner to owner, allocations fail, WC buffers are
 * full when the memory goes back.
 */
#include "scenarios.h"

/* --- reuse between owners ------------------------------------------------------- */

/* A buffer's contents are its owner's: zero at first, its own after that. */
static void own_a_buffer(struct na_port *m, u32 proc, enum na_memtype type,
			 u32 nr_frames)
{
	struct na_buffer *buffer;
	u32 vp = sim_user_vp(m, proc, 0);

	sim_call("na_buffer_create(%u frames, %s)", nr_frames,
		 na_memtype_name(type));
	if (na_buffer_create(&m->engine, na_buffer_spec(nr_frames, type), &buffer))
		return;
	sim_proc_start(m, proc);
	SIM_EXPECT(!sim_proc_map(m, proc, 0,
				 (u32)na_buffer_frame(buffer, 0).nr));
	sim_expect_load(m, vp, 0, 0);
	sim_store(m, vp, 0, (u8)(40 + proc));
	sim_expect_load(m, vp, 0, (u8)(40 + proc));
	sim_proc_exit(m, proc);
	sim_call("na_buffer_destroy()");
	na_buffer_destroy(buffer);
}

static void owner_a(struct na_port *m)
{
	own_a_buffer(m, 0, NA_UC, 1);
}

static void owner_b(struct na_port *m)
{
	own_a_buffer(m, 1, NA_WC, 1);
}

static void owner_a2(struct na_port *m)
{
	own_a_buffer(m, 0, NA_UC, 2);
}

/* The rest of the system writes where a buffer was, cached. */
static void system_user(struct na_port *m)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp;

	if (frame < 0)
		return;
	sim_call("the system uses frame %d", frame);
	vp = sim_frame_is_low(m, (u32)frame) ? m->at.direct + (u32)frame :
	     sim_fix_map(m, (u32)frame, NA_WB);
	sim_store(m, vp, 0, 33);
	sim_expect_load(m, vp, 0, 33);
	if (!sim_frame_is_low(m, (u32)frame))
		sim_fix_unmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

/* --- full WC buffers ---------------------------------------------------------------- */

/* A process leaves without a fence; its stores are still in WC buffers. */
static void sloppy_process(struct na_port *m)
{
	u32 vp = sim_user_vp(m, 0, 0), frame;

	while (!m->var[0])
		na_relax();
	frame = (u32)m->var[0] - 1;
	sim_proc_start(m, 0);
	SIM_EXPECT(!sim_proc_map(m, 0, 0, frame));
	sim_store(m, vp, 0, 21);
	sim_store(m, vp, 1, 22);
	sim_call("the process dies, its WC buffers are full");
	/* Entry, TLBs and pin go; nothing drains for us but the engine. */
	sim_pte_set(m, vp, 0, "exit");
	sim_shootdown(m, 1ull << vp, m->proc[0].cpumask, false, "exit");
	sim_proc_leave(m);
	m->pinned[frame]--;
	na_ledger_unpin(&m->engine.ledger, na_frame(frame));
	m->var[1] = 1;
}

static void wc_driver(struct na_port *m)
{
	struct na_buffer *buffer;

	sim_call("na_buffer_create(1 frame, WC)");
	SIM_EXPECT(!na_buffer_create(&m->engine, na_buffer_spec(1, NA_WC), &buffer));
	m->var[0] = na_buffer_frame(buffer, 0).nr + 1;
	while (!m->var[1])
		na_relax();
	sim_call("na_buffer_destroy()");
	na_buffer_destroy(buffer);
	system_user(m);
}

/* --- one thread writes, another says so ---------------------------------------------- */

/* The second thread of process A: its stores stay in CPU 1 as long as they can. */
static void handing_writer(struct na_port *m)
{
	u32 vp = sim_user_vp(m, 0, 0);

	while (!m->var[0])
		na_relax();
	sim_proc_run(m, 0);
	sim_store(m, vp, 0, 51);
	sim_store(m, vp, 1, 52);
	/* A plain store: nothing that would drain. */
	m->var[1] = 1;
	while (m->var[1] == 1)
		na_relax();
	sim_proc_leave(m);
	m->var[1] = 3;
}

/* The first thread knows of them, publishes, and starts the device. */
static void publisher(struct na_port *m)
{
	struct na_buffer *buffer;
	u32 frame;

	sim_call("na_buffer_create(1 frame, WC)");
	SIM_EXPECT(!na_buffer_create(&m->engine, na_buffer_spec(1, NA_WC), &buffer));
	frame = (u32)na_buffer_frame(buffer, 0).nr;
	sim_proc_start(m, 0);
	SIM_EXPECT(!sim_proc_map(m, 0, 0, frame));
	m->var[0] = 1;
	while (!m->var[1])
		na_relax();
	sim_call("na_buffer_publish()");
	na_buffer_publish(buffer);
	sim_dev_expect(m, frame, 0, 51);
	sim_dev_expect(m, frame, 1, 52);
	m->var[1] = 2;
	while (m->var[1] == 2)
		na_relax();
	sim_proc_exit(m, 0);
	na_buffer_destroy(buffer);
}

/* --- failures ---------------------------------------------------------------------- */

static void failing(struct na_port *m)
{
	own_a_buffer(m, 0, NA_UC, 2);
}

static void failing_wc(struct na_port *m)
{
	own_a_buffer(m, 0, NA_WC, 2);
}

static void let_die(struct na_port *m)
{
	m->dying = true;
}

static void needs_frames(struct na_port *m)
{
	SIM_EXPECT(m->engine.ledger.tables);
}

#define TWO_OWNERS { .nr_cpus = 2, .nr_low = 1, .nr_high = 1, .nr_kmap = 1, \
		     .nr_fix = 1, .nr_procs = 2, .nr_user = 1 }

const struct sim_scenario sim_scn_buffer[] = {
	{
		.name = "reuse",
		.what = "two owners and the system take turns with two frames",
		.config = TWO_OWNERS,
		.nr_threads = 3,
		.thread = { { "owner A", 0, owner_a }, { "owner B", 1, owner_b },
			    { "system", 1, system_user } },
		.budget = { 2, 1, true },
	},
	{
		.name = "reuse-1",
		.what = "an owner and the system take turns with one frame",
		.config = { .nr_cpus = 2, .nr_high = 1, .nr_kmap = 1,
			    .nr_fix = 1, .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "owner A", 0, owner_a },
			    { "system", 1, system_user } },
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "wc-return",
		.what = "high memory goes back with full WC buffers",
		.config = { .nr_cpus = 2, .nr_high = 1, .nr_kmap = 1,
			    .nr_fix = 1, .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, wc_driver },
			    { "process", 1, sloppy_process } },
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "wc-return-low",
		.what = "low memory goes back with full WC buffers",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_fix = 1,
			    .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, wc_driver },
			    { "process", 1, sloppy_process } },
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "wc-publish",
		.what = "one thread writes, another on another CPU starts the device",
		.config = { .nr_cpus = 2, .nr_high = 1, .nr_kmap = 1,
			    .nr_fix = 1, .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "publisher", 0, publisher },
			    { "writer", 1, handing_writer } },
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "alloc-fail",
		.what = "each call that can fail does, up to two in a run",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_high = 1,
			    .nr_kmap = 1, .nr_fix = 1, .nr_procs = 1,
			    .nr_user = 1, .failures_max = 2 },
		.nr_threads = 1,
		.thread = { { "owner", 0, failing } },
		.finish = needs_frames,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "alloc-fail-low",
		.what = "two low frames, up to three failures: quarantine",
		.config = { .nr_cpus = 2, .nr_low = 2, .nr_fix = 1,
			    .nr_procs = 1, .nr_user = 1, .failures_max = 3 },
		.nr_threads = 1,
		.thread = { { "owner", 0, failing_wc } },
		.finish = needs_frames,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "dying",
		.what = "a fatal signal while a buffer is made",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_high = 1,
			    .nr_kmap = 1, .nr_fix = 1, .nr_procs = 1,
			    .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "owner", 0, owner_a2 },
			    { "system", 1, system_user } },
		.setup = let_die,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{ 0 }
};
