// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Conversions of frames that a driver owns (LENT), concurrently with all other
 * users: other conversions, processes, kmap(), the device.
 */
#include "scenarios.h"

#define FRAME0 (m->cfg.nr_low)	/* the first high frame */

static struct na_run one(u32 frame)
{
	return na_run(na_frame(frame), 1);
}

/* A driver's frame with something in it, as from kmap(). */
static void take_and_fill(struct na_port *m)
{
	u32 total = (u32)m->cfg.nr_low + m->cfg.nr_high, i, vp;
	int frame;

	for (i = 0; i < total; i++) {
		frame = sim_frames_take(m, 1, SIM_SYSTEM);
		vp = sim_kmap(m, (u32)frame);
		sim_store(m, vp, 0, (u8)(10 + frame));
		sim_kunmap(m, vp);
	}
}

/* The pool has one slot and forgets frame 0. */
static void take_and_fill_down(struct na_port *m)
{
	u32 vp;

	take_and_fill(m);
	vp = sim_kmap(m, 1);
	sim_kunmap(m, vp);
}

static int lend(struct na_port *m, u32 first, u32 nr, enum na_memtype type)
{
	struct na_run run = na_run(na_frame(first), nr);

	sim_call("na_convert_to(frame %u..%u, %s)", first, first + nr - 1,
		 na_memtype_name(type));
	return na_convert_to(&m->engine, &run, 1, type, NA_LENT);
}

static int take_back(struct na_port *m, u32 first, u32 nr,
		     enum na_memtype type)
{
	struct na_run run = na_run(na_frame(first), nr);

	sim_call("na_convert_back(frame %u..%u)", first, first + nr - 1);
	return na_convert_back(&m->engine, &run, 1, type, NA_LENT);
}

/* --- contents stay -------------------------------------------------------------- */

static void lend_and_return(struct na_port *m)
{
	SIM_EXPECT(!lend(m, FRAME0, 1, NA_UC));
	sim_dev_expect(m, FRAME0, 0, (u8)(10 + FRAME0));
	sim_dev_write(m, FRAME0, 1, 50);
	SIM_EXPECT(!take_back(m, FRAME0, 1, NA_UC));
}

static void lend_pair(struct na_port *m)
{
	SIM_EXPECT(!lend(m, 0, 2, NA_WC));
	sim_dev_expect(m, 0, 0, 10);
	sim_dev_expect(m, 1, 0, 11);
	SIM_EXPECT(!take_back(m, 0, 2, NA_WC));
}

/* --- two conversions ---------------------------------------------------------------- */

static void convert_pair(struct na_port *m, u32 first, enum na_memtype type)
{
	int err = lend(m, first, 2, type);

	SIM_EXPECT(!err || err == -EBUSY);
	if (!err)
		SIM_EXPECT(!take_back(m, first, 2, type));
}

static void convert_lower(struct na_port *m)
{
	convert_pair(m, 0, NA_UC);
}

static void convert_upper(struct na_port *m)
{
	convert_pair(m, 1, NA_WC);
}

/* Refused because the frame is named twice: nothing may have changed. */
static void convert_twice_named(struct na_port *m)
{
	struct na_run runs[2] = { one(0), one(0) };

	SIM_EXPECT(na_convert_to(&m->engine, runs, 2, NA_UC, NA_LENT) ==
		   -EBUSY);
	convert_pair(m, 0, NA_UC);
}

/* --- pins ------------------------------------------------------------------------------ */

/* A process maps what somebody else converts: one of the two gives way. */
static void map_meanwhile(struct na_port *m)
{
	u32 vp = sim_user_vp(m, 0, 0);

	sim_proc_start(m, 0);
	sim_call("a process maps frame %u", FRAME0);
	if (!sim_proc_map(m, 0, 0, FRAME0))
		sim_expect_load(m, vp, 0, (u8)(10 + FRAME0));
	sim_proc_exit(m, 0);
}

static void convert_meanwhile(struct na_port *m)
{
	int err = lend(m, FRAME0, 1, NA_UC);

	SIM_EXPECT(!err || err == -EBUSY);
	if (err)
		return;
	while (take_back(m, FRAME0, 1, NA_UC))
		na_relax();
}

/* --- fork and exit -------------------------------------------------------------------------- */

static void lent_and_mapped(struct na_port *m)
{
	take_and_fill(m);
	SIM_EXPECT(!lend(m, FRAME0, 1, NA_UC));
	sim_proc_start(m, 0);
	SIM_EXPECT(!sim_proc_map(m, 0, 0, FRAME0));
	sim_proc_leave(m);
}

static void parent(struct na_port *m)
{
	sim_proc_run(m, 0);
	sim_store(m, sim_user_vp(m, 0, 0), 0, 60);
	sim_call("fork");
	SIM_EXPECT(!sim_proc_fork(m, 0, 1));
	m->var[0] = 1;
	sim_call("the parent exits");
	sim_proc_exit(m, 0);
}

static void child(struct na_port *m)
{
	while (!m->var[0])
		na_relax();
	sim_proc_run(m, 1);
	sim_call("the child reads");
	sim_expect_load(m, sim_user_vp(m, 1, 0), 0, 60);
	sim_call("the child exits");
	sim_proc_exit(m, 1);
}

/* Asks again and again; must succeed only when nobody maps the frame. */
static void returner(struct na_port *m)
{
	int err;

	for (;;) {
		err = take_back(m, FRAME0, 1, NA_UC);
		if (!err)
			break;
		SIM_EXPECT(err == -EBUSY);
		na_relax();
	}
	SIM_EXPECT(!m->pinned[FRAME0]);
}

/* --- a live kmap() --------------------------------------------------------------------------- */

/* Somebody else's page goes through the pool meanwhile. */
static void kmap_other(struct na_port *m)
{
	u32 i, vp;

	for (i = 0; i < 2; i++) {
		sim_call("kmap(frame %u), write, kunmap()", FRAME0 + 1);
		vp = sim_kmap(m, FRAME0 + 1);
		sim_store(m, vp, 1, (u8)(70 + i));
		sim_expect_load(m, vp, 1, (u8)(70 + i));
		sim_kunmap(m, vp);
	}
}

static void convert_refused(struct na_port *m)
{
	u32 vp = sim_kmap(m, FRAME0);

	SIM_EXPECT(lend(m, FRAME0, 1, NA_UC) == -EBUSY);
	sim_store(m, vp, 1, 70);
	sim_kunmap(m, vp);
	SIM_EXPECT(!lend(m, FRAME0, 1, NA_UC));
	sim_dev_expect(m, FRAME0, 1, 70);
	SIM_EXPECT(!take_back(m, FRAME0, 1, NA_UC));
}

/* --- the device ------------------------------------------------------------------------------- */

static void device_meanwhile(struct na_port *m)
{
	u32 i;

	for (i = 0; i < 3; i++)
		sim_dev_write(m, FRAME0, 1, (u8)(80 + i));
}

static void convert_under_device(struct na_port *m)
{
	SIM_EXPECT(!lend(m, FRAME0, 1, NA_UC));
	sim_dev_expect(m, FRAME0, 0, (u8)(10 + FRAME0));
	m->var[0] = 1;
	while (!m->var[1])
		na_relax();
	SIM_EXPECT(!take_back(m, FRAME0, 1, NA_UC));
}

static void device_after(struct na_port *m)
{
	device_meanwhile(m);
	while (!m->var[0])
		na_relax();
	sim_dev_write(m, FRAME0, 1, 90);
	sim_dev_expect(m, FRAME0, 1, 90);
	m->var[1] = 1;
}

/* --- failures half way ------------------------------------------------------------------------ */

static u32 nr_failures(const struct na_port *m)
{
	return m->cfg.failures_max - m->failures_left;
}

static u64 nr_lost(const struct na_port *m)
{
	return na_ledger_count(&m->engine.ledger, NA_QUARANTINED);
}

/* One failure stops the conversion; each one after it costs one frame. */
static void lend_half_way(struct na_port *m)
{
	int err = lend(m, 0, 3, NA_WC);
	u32 before = nr_failures(m);

	SIM_EXPECT(nr_lost(m) == (err == -EUCLEAN ? before - 1 : 0));
	if (err)
		return;
	err = take_back(m, 0, 3, NA_WC);
	SIM_EXPECT(nr_lost(m) == nr_failures(m) - before);
	SIM_EXPECT(!err == !nr_lost(m));
}

#define ONE_HIGH { .nr_cpus = 2, .nr_high = 1, .nr_kmap = 1, .nr_fix = 1, \
		   .nr_procs = 2, .nr_user = 1 }

const struct sim_scenario sim_scn_convert[] = {
	{
		.name = "lent",
		.what = "contents stay across a conversion, both ways",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_high = 1,
			    .nr_kmap = 1, .nr_fix = 1 },
		.nr_threads = 1,
		.thread = { { "driver", 0, lend_and_return } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "lent-run",
		.what = "a run whose second frame alone has a stale kmap entry",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_kmap = 1,
			    .nr_fix = 1 },
		.nr_threads = 1,
		.thread = { { "driver", 0, lend_pair } },
		.setup = take_and_fill_down,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "overlap",
		.what = "two conversions that share a frame: never both",
		.config = { .nr_cpus = 2, .nr_low = 3, .nr_fix = 1 },
		.nr_threads = 2,
		.thread = { { "lower", 0, convert_lower },
			    { "upper", 1, convert_upper } },
		.setup = take_and_fill,
		.budget = { 2, 1, true },
	},
	{
		.name = "twice-named",
		.what = "runs that name a frame twice are refused whole",
		.config = { .nr_cpus = 2, .nr_low = 2, .nr_fix = 1 },
		.nr_threads = 1,
		.thread = { { "driver", 0, convert_twice_named } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "pin-race",
		.what = "a process maps what a driver converts",
		.config = ONE_HIGH,
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_meanwhile },
			    { "process", 1, map_meanwhile } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "fork-exit",
		.what = "return to WB against fork and exit of those who map it",
		.config = { .nr_cpus = 3, .nr_high = 1, .nr_kmap = 1,
			    .nr_fix = 1, .nr_procs = 2, .nr_user = 1 },
		.nr_threads = 3,
		.thread = { { "parent", 0, parent }, { "child", 1, child },
			    { "driver", 2, returner } },
		.setup = lent_and_mapped,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "live-kmap",
		.what = "a live kmap() refuses the conversion, a stale one not",
		.config = ONE_HIGH,
		.nr_threads = 1,
		.thread = { { "driver", 0, convert_refused } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "kmap-other",
		.what = "others use the pool while a frame of it is converted",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_kmap = 1,
			    .nr_fix = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, lend_and_return },
			    { "kernel", 1, kmap_other } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "device",
		.what = "the device writes during the conversion and after",
		.config = ONE_HIGH,
		.nr_threads = 2,
		.thread = { { "driver", 0, convert_under_device },
			    { "device", SIM_NO_CPU, device_after } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "undo-half-way",
		.what = "the direct map refuses half way, and so does the undo",
		.config = { .nr_cpus = 2, .nr_low = 3, .nr_fix = 1,
			    .failures_max = 3 },
		.nr_threads = 1,
		.thread = { { "driver", 0, lend_half_way } },
		.setup = take_and_fill,
		.budget = { SIM_UNBOUNDED, 3, true },
	},
	{ 0 }
};
