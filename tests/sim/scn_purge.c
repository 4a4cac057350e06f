// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Purge without a conversion: what na_purge_stale() and na_purge_all()
 * promise of page tables and TLBs, while others map.
 */
#include "hw.h"
#include "scenarios.h"

#define MINE 0u		/* the frame that is purged; nobody maps it */
#define OTHER 1u	/* somebody else's */

/* No page table and no TLB knows a way to the frame but the direct map. */
static void expect_unreachable(struct na_port *m, u32 frame)
{
	u32 vp, cpu;

	for (vp = m->at.kmap; vp < m->at.end; vp++) {
		sim_xlate_t x = m->pte[vp];

		if (x && sim_xlate_frame(x) == frame)
			sim_fail(SIM_I1, (int)frame,
				 "purged frame %u is still at %s", frame,
				 sim_vp_name(m, vp));
		for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
			x = m->cpu[cpu].tlb[vp];
			if (x && sim_xlate_frame(x) == frame)
				sim_fail(SIM_I1, (int)frame,
					 "CPU %u still translates %s to purged frame %u",
					 cpu, sim_vp_name(m, vp), frame);
		}
	}
}

static void fill_through_kmap(struct na_port *m, u32 frame)
{
	u32 vp = sim_kmap(m, frame);

	sim_store(m, vp, 0, (u8)(10 + frame));
	sim_kunmap(m, vp);
}

static void both_kmapped(struct na_port *m)
{
	sim_frames_take(m, 1, SIM_SYSTEM);
	sim_frames_take(m, 1, SIM_SYSTEM);
	fill_through_kmap(m, OTHER);
	fill_through_kmap(m, MINE);
}

static void purger(struct na_port *m)
{
	struct na_run run = na_run(na_frame(MINE), 1);

	sim_call("na_purge_stale(frame %u)", MINE);
	SIM_EXPECT(!na_purge_stale(&m->engine, &run, 1));
	expect_unreachable(m, MINE);
}

static void purge_everything(struct na_port *m)
{
	sim_call("na_purge_all()");
	na_purge_all(&m->engine);
	expect_unreachable(m, MINE);
}

static void mapper(struct na_port *m)
{
	u32 i, vp;

	for (i = 0; i < 2; i++) {
		sim_call("kmap(frame %u)", OTHER);
		vp = sim_kmap(m, OTHER);
		sim_expect_load(m, vp, 0, 10 + OTHER);
		sim_kunmap(m, vp);
	}
}

static void purge_live(struct na_port *m)
{
	struct na_run run = na_run(na_frame(MINE), 1);
	u32 vp = sim_kmap(m, MINE);

	sim_call("na_purge_stale() of a frame with a live kmap()");
	SIM_EXPECT(na_purge_stale(&m->engine, &run, 1) == -EBUSY);
	sim_expect_load(m, vp, 0, 10 + MINE);
	sim_kunmap(m, vp);
}

const struct sim_scenario sim_scn_purge[] = {
	{
		.name = "purge-map",
		.what = "purge of one frame against kmap() of another",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_kmap = 1,
			    .nr_fix = 1 },
		.nr_threads = 2,
		.thread = { { "purger", 0, purger }, { "mapper", 1, mapper } },
		.setup = both_kmapped,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "purge-map-3",
		.what = "the same with two who map, three CPUs, two slots",
		.config = { .nr_cpus = 3, .nr_high = 2, .nr_kmap = 2,
			    .nr_fix = 1 },
		.nr_threads = 3,
		.thread = { { "purger", 0, purger }, { "mapper", 1, mapper },
			    { "mapper", 2, mapper } },
		.setup = both_kmapped,
		.budget = { 2, 1, true },
	},
	{
		.name = "purge-all",
		.what = "kmap_flush_unused() for modules",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_kmap = 2,
			    .nr_fix = 1 },
		.nr_threads = 2,
		.thread = { { "purger", 0, purge_everything },
			    { "mapper", 1, mapper } },
		.setup = both_kmapped,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "purge-live",
		.what = "a live kmap() is reported and left alone",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_kmap = 2,
			    .nr_fix = 1 },
		.nr_threads = 1,
		.thread = { { "purger", 0, purge_live } },
		.setup = both_kmapped,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{ 0 }
};
