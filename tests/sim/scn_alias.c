// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The bug of 2014 and similar ones: a frame that the kernel has just unmapped
 * goes into a buffer, while a page table or another CPU still has a translation
 * to it.
 */
#include "scenarios.h"

/* The application writes, the device answers, the application reads. */
static void use_buffer(struct na_port *m, struct na_buffer *buffer)
{
	u32 frame = (u32)na_buffer_frame(buffer, 0).nr;
	u32 vp = sim_user_vp(m, 0, 0);

	sim_proc_start(m, 0);
	SIM_EXPECT(!sim_proc_map(m, 0, 0, frame));
	sim_store(m, vp, 0, 5);
	if (buffer->type == NA_WC)
		sim_wmb(m);
	sim_dev_expect(m, frame, 0, 5);
	sim_dev_write(m, frame, 1, 6);
	sim_expect_load(m, vp, 0, 5);
	sim_expect_load(m, vp, 1, 6);
	sim_proc_exit(m, 0);
}

static void driver(struct na_port *m, enum na_memtype type)
{
	struct na_buffer *buffer;

	sim_call("na_buffer_create(1 frame, %s)", na_memtype_name(type));
	/* Another user of the pool may have the last frame. */
	if (na_buffer_create(&m->engine, na_buffer_spec(1, type), &buffer))
		return;
	sim_call("application and device use the buffer");
	use_buffer(m, buffer);
	sim_call("na_buffer_destroy()");
	na_buffer_destroy(buffer);
}

static void driver_uc(struct na_port *m)
{
	driver(m, NA_UC);
}

static void driver_wc(struct na_port *m)
{
	driver(m, NA_WC);
}

static void idler(struct na_port *m)
{
	(void)m;
}

/* --- the kmap pool ----------------------------------------------------------- */

/* Some part of the kernel fills a high page through kmap() and frees it. */
static void kernel_used_it(struct na_port *m)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp = sim_kmap(m, (u32)frame);

	sim_store(m, vp, 0, 9);
	sim_kunmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

/* A page of the kernel, mapped, written, unmapped, freed: the pool wraps. */
static void kmap_user(struct na_port *m)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp;

	if (frame < 0)
		return;
	sim_call("kernel uses frame %d through kmap()", frame);
	vp = sim_kmap(m, (u32)frame);
	sim_store(m, vp, 0, 3);
	sim_expect_load(m, vp, 0, 3);
	sim_kunmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

/* --- the vmap area ------------------------------------------------------------ */

static void vmap_user(struct na_port *m)
{
	int frame = sim_frames_take(m, 1, SIM_SYSTEM);
	u32 vp;

	if (frame < 0)
		return;
	sim_call("kernel uses frame %d through vmap()", frame);
	vp = sim_vmap(m, (u32)frame);
	sim_store(m, vp, 0, 4);
	sim_vunmap(m, vp);
	sim_frames_give(m, (u32)frame, 1);
}

#define KMAP_2014 { .nr_cpus = 2, .nr_high = 1, .nr_kmap = 1, .nr_fix = 1, \
		    .nr_procs = 1, .nr_user = 1 }

const struct sim_scenario sim_scn_alias[] = {
	{
		.name = "kmap2014",
		.what = "a frame with a stale kmap entry becomes a UC buffer",
		.config = KMAP_2014,
		.nr_threads = 2,
		.thread = { { "driver", 0, driver_uc }, { "idle", 1, idler } },
		.setup = kernel_used_it,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "kmap2014-wc",
		.what = "a frame with a stale kmap entry becomes a WC buffer",
		.config = KMAP_2014,
		.nr_threads = 2,
		.thread = { { "driver", 0, driver_wc }, { "idle", 1, idler } },
		.setup = kernel_used_it,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "kmap-wrap",
		.what = "the pool clears its entries and has not flushed yet",
		.config = { .nr_cpus = 2, .nr_high = 2, .nr_kmap = 1,
			    .nr_fix = 1, .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, driver_uc },
			    { "kernel", 1, kmap_user } },
		.setup = kernel_used_it,
		.budget = { SIM_UNBOUNDED, 3, true },
	},
	{
		.name = "vmap-lazy",
		.what = "entries of the vmap area are gone, its TLBs are not",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_vmap = 1,
			    .nr_fix = 1, .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, driver_uc },
			    { "kernel", 1, vmap_user } },
		.setup = vmap_user,
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "direct-uc",
		.what = "low memory: the direct map must change and come back",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_fix = 1,
			    .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, driver_uc }, { "idle", 1, idler } },
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{
		.name = "direct-wc",
		.what = "the same with a WC buffer",
		.config = { .nr_cpus = 2, .nr_low = 1, .nr_fix = 1,
			    .nr_procs = 1, .nr_user = 1 },
		.nr_threads = 2,
		.thread = { { "driver", 0, driver_wc }, { "idle", 1, idler } },
		.budget = { SIM_UNBOUNDED, SIM_UNBOUNDED, true },
	},
	{ 0 }
};
