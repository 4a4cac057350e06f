/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: front end
 *
 * The subcommands of noalias-sim. Each returns the exit status.
 */
#ifndef SIM_FRONT_H
#define SIM_FRONT_H

#include "choice.h"

struct sim_options {
	u64 steps, seed, states_max;
	int preempts, whims;	/* -1: as the scenario says */
	bool exhaustive, reduce, all, color;
	const char *svg, *replay;
};

int sim_front_run(const char *name, const struct sim_options *opt);
int sim_front_replay(const char *id, const struct sim_options *opt);
int sim_front_show(const struct sim_options *opt);
int sim_front_bench(const struct sim_options *opt);

/** sim_front_report() - shrink, print the id and the timeline; returns 1. */
int sim_front_report(struct na_port *m, const struct sim_scenario *scn,
		     struct sim_schedule *s, const struct sim_options *opt);

/** sim_random_runs() - runs of @scn until @steps actions or a failure. */
enum sim_verdict sim_random_runs(struct na_port *m,
				 const struct sim_scenario *scn, u64 seed,
				 u64 steps, struct sim_schedule *record,
				 u64 *nr_steps, u64 *nr_runs);

/** sim_seconds() - CPU time of this process. */
double sim_seconds(void);

#endif
