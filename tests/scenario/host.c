// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Scenarios on the simulated machine: two CPUs, one thread. With a seed, TLBs
 * and caches also act spontaneously. The log must be the same, and no invariant
 * may be violated.
 */
#include <stdio.h>

#include "arena.h"
#include "check.h"
#include "choice.h"
#include "cpu.h"
#include "kernel.h"
#include "timeline.h"
#include "world.h"

#define STEPS_MAX 1000000

static struct scn scn;
static char text[65536];
static bool is_good;

/* --- world.h ---------------------------------------------------------------- */

bool scn_world_has_high(struct na_port *m)
{
	return m->cfg.nr_high;
}

void scn_world_line(struct na_port *m, const char *line)
{
	(void)m;
	sim_call("%s", line);
}

/* The allocator has its own order: what is not wanted goes back afterwards. */
int scn_world_take(struct na_port *m, u32 order, bool is_high,
		   struct na_frame *first)
{
	int other[SIM_FRAMES_MAX], found;
	u32 nr = 0;

	for (;;) {
		found = sim_frames_take(m, 1u << order, SIM_SYSTEM);
		if (found < 0 ||
		    (sim_frame_is_low(m, (u32)found) == !is_high &&
		     sim_frame_is_low(m, (u32)found + (1u << order) - 1) ==
		     !is_high))
			break;
		other[nr++] = found;
	}
	while (nr)
		sim_frames_give(m, (u32)other[--nr], 1u << order);
	if (found < 0)
		return -ENOMEM;
	*first = na_frame((unsigned long)found);
	return 0;
}

void scn_world_give(struct na_port *m, struct na_frame first, u32 order)
{
	sim_frames_give(m, (u32)first.nr, 1u << order);
}

/* Addresses of this machine are numbers of virtual pages; 0 is one. */
static void *vp_addr(u32 vp)
{
	return (void *)(unsigned long)(vp + 1);
}

static u32 addr_vp(void *addr)
{
	return (u32)(unsigned long)addr - 1;
}

void *scn_world_kmap(struct na_port *m, struct na_frame frame)
{
	return vp_addr(sim_kmap(m, (u32)frame.nr));
}

void scn_world_kunmap(struct na_port *m, struct na_frame frame, void *addr)
{
	(void)frame;
	sim_kunmap(m, addr_vp(addr));
}

void *scn_world_vmap(struct na_port *m, struct na_frame frame)
{
	return vp_addr(sim_vmap(m, (u32)frame.nr));
}

void scn_world_vunmap(struct na_port *m, void *addr)
{
	sim_vunmap(m, addr_vp(addr));
}

void scn_world_poke(struct na_port *m, struct na_frame frame, u8 value)
{
	u32 vp;

	if (sim_frame_is_low(m, (u32)frame.nr)) {
		sim_store(m, m->at.direct + (u32)frame.nr, 0, value);
		return;
	}
	vp = sim_fix_map(m, (u32)frame.nr, NA_WB);
	sim_store(m, vp, 0, value);
	sim_fix_unmap(m, vp);
}

u8 scn_world_load(struct na_port *m, void *addr)
{
	return sim_load(m, sim_window_vp(m, addr), 0);
}

void scn_world_store(struct na_port *m, void *addr, u8 value)
{
	sim_store(m, sim_window_vp(m, addr), 0, value);
}

void scn_world_hold(struct na_port *m, struct na_frame frame, bool holds)
{
	if (holds)
		sim_hold(m, (u32)frame.nr);
	else
		sim_unhold(m, (u32)frame.nr);
}

/* --- the run ------------------------------------------------------------------ */

static void run_text(struct na_port *m)
{
	scn.port = m;
	scn.machine = &m->engine;
	is_good = scn_run(&scn, text);
}

static const struct sim_scenario scenario = {
	.name = "text",
	.what = "a scenario as text",
	.config = { .nr_cpus = 2, .nr_low = 6, .nr_high = 8, .nr_kmap = 4,
		    .nr_vmap = 2, .nr_fix = 2, .nr_win = 20 },
	.nr_threads = 1,
	.thread = { { "text", 0, run_text } },
};

static int read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	size_t len;

	if (!file) {
		perror(path);
		return -1;
	}
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = 0;
	fclose(file);
	return 0;
}

static enum sim_verdict run(struct na_port *m, const char *seed)
{
	struct sim_schedule none = { 0 };
	struct sim_replay calm;
	struct sim_random random;

	if (!seed) {
		sim_replay_init(&calm, &none);
		return sim_run(m, &scenario, &calm.src, NULL, STEPS_MAX);
	}
	sim_random_init(&random, strtoull(seed, NULL, 0));
	return sim_run(m, &scenario, &random.src, NULL, STEPS_MAX);
}

int main(int argc, char **argv)
{
	enum sim_verdict verdict;
	struct na_port *m;

	if (argc < 2 || argc > 3 || read_text(argv[1])) {
		fprintf(stderr, "usage: scenario-sim TEXT [SEED]\n");
		return 2;
	}
	m = sim_arena_create();
	verdict = run(m, argv[2]);
	fputs(scn.log, stdout);
	if (verdict != SIM_OK)
		printf("FAILED: %s: %s\n", sim_verdict_name(verdict), sim.why);
	sim_arena_destroy(m);
	return verdict != SIM_OK || !is_good;
}
