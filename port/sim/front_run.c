// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Front end: run and replay.
 */
#define _GNU_SOURCE
#include <time.h>

#include "arena.h"
#include "front.h"
#include "scenarios.h"

/* Far more than any scenario needs: a longer run is stuck. */
#define RUN_STEPS_MAX 200000

double sim_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + 1e-9 * (double)ts.tv_nsec;
}

enum sim_verdict sim_random_runs(struct na_port *m,
				 const struct sim_scenario *scn, u64 seed,
				 u64 steps, struct sim_schedule *record,
				 u64 *nr_steps, u64 *nr_runs)
{
	enum sim_verdict verdict = SIM_OK;
	struct sim_random random;

	*nr_steps = 0;
	*nr_runs = 0;
	while (verdict == SIM_OK && *nr_steps < steps) {
		sim_random_init(&random, (seed << 32) + *nr_runs);
		verdict = sim_run(m, scn, &random.src, record, RUN_STEPS_MAX);
		if (verdict == SIM_OK && sim.step == RUN_STEPS_MAX)
			sim_fail(SIM_STARVED, -1, "the run does not end");
		verdict = sim.verdict;
		*nr_steps += sim.step + 1;
		++*nr_runs;
	}
	return verdict;
}

static void show_replay(struct na_port *m, const struct sim_scenario *scn,
			const struct sim_schedule *s,
			const struct sim_options *opt)
{
	struct sim_replay replay;
	char title[300], *id = NULL;
	size_t id_len;
	FILE *stream;
	u32 focus;

	sim_replay_init(&replay, s);
	sim.tracing = true;
	sim_run(m, scn, &replay.src, NULL, RUN_STEPS_MAX);
	sim.tracing = false;
	focus = sim_timeline_focus();
	sim_timeline_print(stdout, focus, opt->all, opt->color);
	printf("%s: %s\n", sim_verdict_name(sim.verdict),
	       sim.verdict == SIM_OK ? "nothing broke" : sim.why);
	if (!opt->svg)
		return;
	snprintf(title, sizeof(title), "%s: %s: %s", scn->name,
		 sim_verdict_name(sim.verdict), sim.why);
	stream = open_memstream(&id, &id_len);
	if (!stream)
		return;
	fprintf(stream, "%s:", scn->name);
	sim_schedule_print(stream, s);
	fclose(stream);
	if (sim_svg_write(opt->svg, focus, title, id))
		perror(opt->svg);
	else
		printf("picture: %s\n", opt->svg);
	free(id);
}

int sim_front_report(struct na_port *m, const struct sim_scenario *scn,
		     struct sim_schedule *s, const struct sim_options *opt)
{
	u32 nr = s->nr, runs;

	printf("FAILED %s: %s: %s\n", scn->name,
	       sim_verdict_name(sim.verdict), sim.why);
	runs = sim_shrink(m, scn, s);
	show_replay(m, scn, s, opt);
	printf("shrunk from %u to %u choices in %u runs\nreplay: %s:", nr,
	       s->nr, runs, scn->name);
	sim_schedule_print(stdout, s);
	printf("\n");
	return 1;
}

static int run_random(struct na_port *m, const struct sim_scenario *scn,
		      const struct sim_options *opt)
{
	struct sim_schedule record = { 0 };
	u64 nr_steps, nr_runs;
	double start = sim_seconds(), took;
	int status = 0;

	if (sim_random_runs(m, scn, opt->seed, opt->steps, &record, &nr_steps,
			    &nr_runs) != SIM_OK)
		status = sim_front_report(m, scn, &record, opt);
	took = sim_seconds() - start;
	printf("%s: random, seed %llu: %llu steps, %llu schedules, %.2f s, %.2f million steps/s\n",
	       scn->name, opt->seed, nr_steps, nr_runs, took,
	       (double)nr_steps / took / 1e6);
	sim_schedule_free(&record);
	return status;
}

static u32 bound(int option, u8 budget)
{
	return option >= 0 ? (u32)option : budget;
}

static int run_exhaustive(struct na_port *m, const struct sim_scenario *scn,
			  const struct sim_options *opt)
{
	struct sim_search search = {
		.preempts_max = bound(opt->preempts, scn->budget.preempts),
		.whims_max = bound(opt->whims, scn->budget.whims),
		.states_max = opt->states_max,
		.reduce = opt->reduce,
	};
	struct sim_schedule record = { 0 };
	double start = sim_seconds(), took;
	char preempts[16] = "any", whims[16] = "any";
	int status = 0;

	if (!SIM_CAN_GO_BACK) {
		fprintf(stderr, "noalias-sim: no exhaustive search in a build with the address sanitizer\n");
		return 2;
	}
	if (sim_search(m, scn, &search, &record) != SIM_OK)
		status = sim_front_report(m, scn, &record, opt);
	took = sim_seconds() - start;
	if (search.preempts_max != SIM_UNBOUNDED)
		snprintf(preempts, sizeof(preempts), "%u",
			 search.preempts_max);
	if (search.whims_max != SIM_UNBOUNDED)
		snprintf(whims, sizeof(whims), "%u", search.whims_max);
	printf("%s: exhaustive, preemptions %s, whims %s: %llu states, %llu transitions, %llu ends, depth %u, %s, %.2f s, %.2f million transitions/s\n",
	       scn->name, preempts, whims, search.nr_states,
	       search.nr_transitions, search.nr_ends, search.depth_max,
	       search.is_complete ? "complete" : "NOT complete", took,
	       (double)search.nr_transitions / took / 1e6);
	sim_schedule_free(&record);
	return status ? status : search.is_complete ? 0 : 3;
}

int sim_front_run(const char *name, const struct sim_options *opt)
{
	const struct sim_scenario *scn = sim_scenario_find(name);
	struct na_port *m;
	int status;

	if (opt->replay)
		return sim_front_replay(opt->replay, opt);
	if (!scn) {
		fprintf(stderr, "noalias-sim: no scenario %s\n", name);
		return 2;
	}
	m = sim_arena_create();
	status = opt->exhaustive ? run_exhaustive(m, scn, opt) :
				   run_random(m, scn, opt);
	sim_timeline_free();
	sim_arena_destroy(m);
	return status;
}

int sim_front_replay(const char *id, const struct sim_options *opt)
{
	const char *colon = strchr(id, ':');
	const struct sim_scenario *scn = NULL;
	struct sim_schedule s = { 0 };
	char name[64];
	struct na_port *m;

	if (colon && (size_t)(colon - id) < sizeof(name)) {
		snprintf(name, sizeof(name), "%.*s", (int)(colon - id), id);
		scn = sim_scenario_find(name);
	}
	if (!scn || sim_schedule_parse(colon + 1, &s)) {
		fprintf(stderr, "noalias-sim: not a failure id: %s\n", id);
		sim_schedule_free(&s);
		return 2;
	}
	m = sim_arena_create();
	show_replay(m, scn, &s, opt);
	sim_schedule_free(&s);
	sim_timeline_free();
	sim_arena_destroy(m);
	return sim.verdict != SIM_OK;
}
