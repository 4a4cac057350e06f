// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The platform contract on the simulated machine. It contains no policy: each
 * call consists of steps with a choice point before each, or is a plain read of
 * data that only system software writes.
 */
#include "arena.h"
#include "cpu.h"
#include "hw.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

/* --- metadata and time ------------------------------------------------------ */

void *na_port_alloc(struct na_port *m, size_t len)
{
	sim_might_sleep(__func__);
	sim_point(SIM_OP_META, 0, __func__);
	if (sim_may_fail(m, __func__))
		return NULL;
	return sim_arena_alloc(m, len);
}

void *na_port_alloc_owned(struct na_port *m, size_t len)
{
	return na_port_alloc(m, len);
}

void na_port_free(struct na_port *m, void *mem)
{
	if (!mem)
		return;
	sim_point(SIM_OP_META, 0, __func__);
	sim_arena_free(m, mem);
}

u64 na_port_time_ns(struct na_port *m)
{
	sim_point(SIM_OP_CONST, 0, __func__);
	return m->now_ns;
}

bool na_port_is_dying(struct na_port *m)
{
	if (!m->dying)
		return false;
	return sim_choose(2, __func__);
}

/* --- frames ------------------------------------------------------------------ */

/* Its largest block. */
#define BLOCK_MAX 8u

int na_port_frames_alloc(struct na_port *m, u32 nr, enum na_zone zone,
			 bool try_hard, struct na_run *block)
{
	int found;

	sim_might_sleep(__func__);
	/* Its few frames are those of any zone. */
	(void)zone;
	(void)try_hard;
	if (nr > BLOCK_MAX || sim_may_fail(m, __func__))
		return -ENOMEM;
	found = sim_frames_take(m, nr, SIM_GIVEN);
	if (found < 0)
		return -ENOMEM;
	*block = na_run(na_frame((unsigned long)found), nr);
	return 0;
}

void na_port_frames_free(struct na_port *m, struct na_run block)
{
	sim_frames_give(m, (u32)block.first.nr, block.nr);
}

/* Frames are owned one by one here: nothing to split. */
void na_port_frames_split(struct na_port *m, struct na_run block)
{
	sim_point(SIM_OP_CONST, 0, __func__);
	sim_note(1u << block.first.nr, "splits the block of %u frames at frame %lu",
		 block.nr, block.first.nr);
}

void na_port_frames_lost(struct na_port *m, u32 nr, const char *why)
{
	sim_point(SIM_OP_CONST, 0, __func__);
	sim_note(0, "loses %u frames: %s", nr, why);
}

bool na_port_frame_is_direct(struct na_port *m, struct na_frame frame)
{
	sim_point(SIM_OP_CONST, 0, __func__);
	return sim_frame_is_low(m, (u32)frame.nr);
}

void na_port_runs_mark(struct na_port *m, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u32 i, j;

	sim_point(SIM_OP_QUERY, 0, __func__);
	for (i = 0; i < nr_runs; i++)
		for (j = 0; j < runs[i].nr; j++)
			m->marked[runs[i].first.nr + j] = (u8)type;
}

/* --- kmap pool ---------------------------------------------------------------- */

bool na_port_kmap_holds(struct na_port *m, struct na_frame frame)
{
	bool holds;

	sim_point(SIM_OP_QUERY, 0, __func__);
	holds = sim_kmap_find(m, (u32)frame.nr) >= 0;
	sim_note(0, "asks the kmap pool for frame %lu: %s", frame.nr,
		 holds ? "there" : "no");
	return holds;
}

u32 na_port_kmap_nr_slots(struct na_port *m)
{
	sim_point(SIM_OP_CONST, 0, __func__);
	return m->cfg.nr_kmap;
}

u32 na_port_kmap_list(struct na_port *m, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	u32 i, frame, nr = 0;

	sim_point(SIM_OP_QUERY, 0, __func__);
	for (i = 0; i < m->cfg.nr_kmap; i++) {
		if (!m->pte[m->at.kmap + i])
			continue;
		frame = sim_xlate_frame(m->pte[m->at.kmap + i]);
		if (frame < lowest.nr || frame > highest.nr)
			continue;
		na_bloom_add(bloom, na_frame(frame));
		nr++;
	}
	sim_note(0, "lists the kmap pool: %u entries", nr);
	return nr;
}

void na_port_kmap_purge(struct na_port *m)
{
	sim_might_sleep(__func__);
	sim_kmap_flush_unused(m);
}

/* --- direct map ---------------------------------------------------------------- */

static int set_direct_run(struct na_port *m, struct na_run run,
			  enum na_memtype type, u32 *nr_done)
{
	u32 frame;

	for (frame = (u32)run.first.nr; frame < run.first.nr + run.nr;
	     frame++, (*nr_done)++) {
		if (!sim_frame_is_low(m, frame))
			continue;
		/* Fails after any number of frames, which keep the new type. */
		if (sim_may_fail(m, "na_port_direct_set"))
			return -ENOMEM;
		sim_pte_set(m, m->at.direct + frame, sim_xlate(frame, type),
			    "na_port_direct_set");
	}
	return 0;
}

int na_port_direct_set(struct na_port *m, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	u32 i;
	int err;

	sim_might_sleep(__func__);
	for (i = 0; i < nr_runs; i++) {
		err = set_direct_run(m, runs[i], type, nr_done);
		if (err)
			return err;
	}
	return 0;
}

bool na_port_direct_has(struct na_port *m, struct na_frame frame,
			enum na_memtype type)
{
	sim_point(SIM_OP_QUERY, 0, __func__);
	return sim_xlate_type(m->pte[m->at.direct + frame.nr]) == type;
}

/* --- TLBs, caches, buffers ------------------------------------------------------- */

void na_port_tlb_flush(struct na_port *m)
{
	sim_might_sleep(__func__);
	sim_shootdown(m, ~0ull, sim_all_cpus(m), true, __func__);
}

void na_port_wc_drain(struct na_port *m)
{
	sim_might_sleep(__func__);
	sim_shootdown(m, 0, sim_all_cpus(m), true, __func__);
}

void na_port_wc_drain_own(struct na_port *m)
{
	u32 cpus = 1u << sim_this_cpu(m);

	sim_might_sleep(__func__);
	if (sim.cur && sim.cur->mm)
		cpus |= m->proc[sim.cur->mm - 1].cpumask;
	sim_shootdown(m, 0, cpus, true, __func__);
}

/* Through the direct map where there is one, else a window of @type. */
static int clean_frame(struct na_port *m, u32 frame, enum na_memtype type)
{
	bool low = sim_frame_is_low(m, frame);
	u32 vp = m->at.direct + frame;

	if (sim_may_fail(m, "na_port_cache_clean"))
		return -ENOMEM;
	if (!low)
		vp = sim_fix_map(m, frame, type);
	sim_point(SIM_OP_CLEAN, 1u << frame, "na_port_cache_clean");
	/* The instruction translates its address like any access. */
	if (!sim_tlb_translate(m, sim_this_cpu(m), vp))
		sim_fail(SIM_FAULT, (int)frame, "cache clean faults");
	sim_cache_clean(m, frame);
	sim_note(1u << frame, "cleans the caches of frame %u through %s",
		 frame, sim_vp_name(m, vp));
	if (!low)
		sim_fix_unmap(m, vp);
	return 0;
}

int na_port_cache_clean(struct na_port *m, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type)
{
	u32 i, j;
	int err;

	sim_might_sleep(__func__);
	for (i = 0; i < nr_runs; i++) {
		for (j = 0; j < runs[i].nr; j++) {
			err = clean_frame(m, (u32)runs[i].first.nr + j, type);
			if (err)
				return err;
		}
	}
	return 0;
}
