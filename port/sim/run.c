// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One run: a fresh machine and engine, the scenario's setup, actions until
 * all threads have ended, then the end's checks and the leak scan.
 */
#include "arena.h"
#include "check.h"
#include "choice.h"
#include "hw.h"
#include "timeline.h"

/* Interval in steps at which the sums are compared with a full count. */
#define SUMS_PERIOD 4096

void sim_run_begin(struct na_port *m, const struct sim_scenario *scn)
{
	u32 failures;

	sim_arena_reset(m);
	sim.m = m;
	sim.cur = NULL;
	sim.step = 0;
	sim.last = 0;
	sim.verdict = SIM_OK;
	sim.why[0] = 0;
	sim.blame_frame = ~0u;
	memset(sim.call_steps, 0, sizeof(sim.call_steps));
	sim.nr_counters = 0;
	sim.checks_off = scn->checks_off;
	m->scenario = scn;
	m->cfg = scn->config;
	failures = m->cfg.failures_max;
	sim_layout_init(m);
	if (sim.tracing)
		sim_timeline_begin(m);
	if (na_machine_init(&m->engine, m, (unsigned long)m->cfg.nr_low +
					   m->cfg.nr_high))
		sim_fail(SIM_TEST, -1, "no engine");
	if (scn->setup)
		scn->setup(m);
	m->failures_left = (u8)failures;
	sim_spawn(m);
	sim_check_step(m);
}

void sim_run_step(struct na_port *m, struct sim_action action)
{
	sim_do(m, action);
	if (sim.verdict == SIM_OK)
		sim_check_step(m);
	if (sim.verdict == SIM_OK && !(sim.step % SUMS_PERIOD))
		sim_check_sums(m);
	if (sim.tracing)
		sim_timeline_step_end(m);
}

void sim_run_end(struct na_port *m)
{
	u32 nr;

	if (sim.verdict != SIM_OK)
		return;
	m->failures_left = 0;
	if (m->scenario->finish)
		m->scenario->finish(m);
	if (sim.verdict == SIM_OK)
		sim_check_sums(m);
	if (sim.verdict == SIM_OK)
		sim_check_end(m);
	if (sim.verdict != SIM_OK)
		return;
	na_machine_fini(&m->engine);
	nr = sim_arena_nr_used(m);
	if (sim.verdict == SIM_OK && nr)
		sim_fail(SIM_I7, -1, "%u blocks of metadata leaked", nr);
}

enum sim_verdict sim_run(struct na_port *m, const struct sim_scenario *scn,
			 struct sim_source *src, struct sim_schedule *record,
			 u64 steps_max)
{
	struct sim_action action;

	sim_run_begin(m, scn);
	if (record)
		record->nr = 0;
	while (sim.verdict == SIM_OK && !sim_all_done(m)) {
		if (sim.step == steps_max)
			return SIM_OK;
		if (!src->next(src, m, &action)) {
			sim_stuck(m);
			break;
		}
		if (record)
			sim_schedule_push(record, action);
		sim_run_step(m, action);
	}
	sim_run_end(m);
	if (sim.tracing && sim.verdict != SIM_OK)
		sim_timeline_fail(m);
	return sim.verdict;
}
