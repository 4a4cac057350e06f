// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Benchmark of the simulator: random steps and states of the exhaustive
 * search, each per second on one core. Built into noalias-sim:
 *
 *	noalias-sim bench [--steps N]
 */
#include "arena.h"
#include "front.h"
#include "scenarios.h"

static const char *const random_names[] = {
	"kmap2014", "win-reclaim-3", "storm", "storm-4", "storm-8",
};

static const char *const search_names[] = {
	"vmap-lazy", "kmap-other", "win-convert",
};

static void bench_random(struct na_port *m, const char *name, u64 steps)
{
	double start = sim_seconds(), took;
	u64 nr_steps, nr_runs;

	if (sim_random_runs(m, sim_scenario_find(name), 1, steps, NULL,
			    &nr_steps, &nr_runs) != SIM_OK)
		printf("%s failed: %s\n", name, sim.why);
	took = sim_seconds() - start;
	printf("%-14s random      %9llu steps   %7.3f s  %6.2f million steps/s  %8.0f schedules/s\n",
	       name, nr_steps, took, (double)nr_steps / took / 1e6,
	       (double)nr_runs / took);
}

static void bench_search(struct na_port *m, const char *name)
{
	struct sim_search search = {
		.preempts_max = SIM_UNBOUNDED, .whims_max = SIM_UNBOUNDED,
		.states_max = 10000000, .reduce = true,
	};
	struct sim_schedule record = { 0 };
	double start = sim_seconds(), took;

	if (sim_search(m, sim_scenario_find(name), &search, &record) != SIM_OK)
		printf("%s failed: %s\n", name, sim.why);
	took = sim_seconds() - start;
	printf("%-14s exhaustive  %9llu states  %7.3f s  %6.2f million states/s  %6.2f million transitions/s\n",
	       name, search.nr_states, took,
	       (double)search.nr_states / took / 1e6,
	       (double)search.nr_transitions / took / 1e6);
	sim_schedule_free(&record);
}

int sim_front_bench(const struct sim_options *opt)
{
	struct na_port *m = sim_arena_create();
	size_t i;

	for (i = 0; i < sizeof(random_names) / sizeof(*random_names); i++)
		bench_random(m, random_names[i], opt->steps);
	for (i = 0; i < sizeof(search_names) / sizeof(*search_names); i++)
		bench_search(m, search_names[i]);
	sim_arena_destroy(m);
	return 0;
}
