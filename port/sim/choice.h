/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: sources of choices
 *
 * A run asks a source for each next action. There are three sources: random,
 * replay, and the exhaustive search, which drives runs itself because it
 * restores earlier states.
 */
#ifndef SIM_CHOICE_H
#define SIM_CHOICE_H

#include <stdio.h>

#include "sched.h"

/** struct sim_schedule - the choices, in order. */
struct sim_schedule {
	struct sim_action *action;
	u32 nr, room;
	bool merged;	/* steps as the exhaustive search makes them */
};

void sim_schedule_push(struct sim_schedule *s, struct sim_action action);
void sim_schedule_copy(struct sim_schedule *to,
		       const struct sim_schedule *from);
void sim_schedule_free(struct sim_schedule *s);

/**
 * sim_schedule_print() - write the part of a failure id after the colon
 *
 * A thread's step is its letter a to h, with a count before it when it takes
 * several in a row, and ".k" after it when it chose k. A whim is a capital
 * letter and its two numbers: T TLB fill, E TLB evict, C line in, M line in
 * to own it, W line out, D drain, I interrupt, Z timeout, S store seen by all.
 * A leading x means that invisible choice points were skipped.
 */
void sim_schedule_print(FILE *out, const struct sim_schedule *s);
/** sim_schedule_parse() - Return: 0, or -1 when @text is not a schedule. */
int sim_schedule_parse(const char *text, struct sim_schedule *s);

/** struct sim_source - a source of choices. */
struct sim_source {
	/* Fills @action with a possible one; false: only whims are possible. */
	bool (*next)(struct sim_source *src, struct na_port *m,
		     struct sim_action *action);
};

/* --- random ------------------------------------------------------------------- */

/**
 * struct sim_random - a random source
 *
 * The rates of thread switches and of whims are drawn for each run, so that
 * both quiet and busy runs occur.
 */
struct sim_random {
	struct sim_source src;
	u64 state;
	u32 whim, stay, fail, store;	/* chances of 256 */
};

void sim_random_init(struct sim_random *r, u64 seed);

/* --- replay ------------------------------------------------------------------- */

/**
 * struct sim_replay - a source that follows a schedule
 *
 * An action that is not possible when its turn comes is skipped, and after the
 * end threads take turns by number, without whims: so a schedule from which
 * parts were cut out is still a schedule.
 */
struct sim_replay {
	struct sim_source src;
	const struct sim_schedule *schedule;
	u32 at;
};

void sim_replay_init(struct sim_replay *r,
		     const struct sim_schedule *schedule);
/** sim_calm_action() - the next action without a source. */
bool sim_calm_action(const struct na_port *m, struct sim_action *action);

/* --- one run ------------------------------------------------------------------ */

/** sim_run_begin() - set up machine, engine and threads of @scn. */
void sim_run_begin(struct na_port *m, const struct sim_scenario *scn);
/** sim_run_end() - after the last action: finish, checks, leak scan. */
void sim_run_end(struct na_port *m);
/** sim_run_step() - one action and the checks after it. */
void sim_run_step(struct na_port *m, struct sim_action action);

/**
 * sim_run() - one run from beginning to end
 * @m: arena
 * @scn: scenario
 * @src: choices
 * @record: receives what was chosen, or NULL
 * @steps_max: give up after so many actions
 *
 * Return: the verdict; sim.why says more.
 */
enum sim_verdict sim_run(struct na_port *m, const struct sim_scenario *scn,
			 struct sim_source *src, struct sim_schedule *record,
			 u64 steps_max);

/**
 * sim_shrink() - make a failing schedule short
 *
 * Keeps the kind of the verdict, not its text. Return: number of runs.
 */
u32 sim_shrink(struct na_port *m, const struct sim_scenario *scn,
	       struct sim_schedule *s);

/* --- exhaustive ----------------------------------------------------------------- */

/** struct sim_search - bounds and results of an exhaustive search. */
struct sim_search {
	u32 preempts_max, whims_max;	/* SIM_UNBOUNDED: none */
	u64 states_max;
	bool reduce;
	u64 nr_states, nr_transitions, nr_ends;
	u64 nr_whims_moved;	/* states where whims were left for later */
	u32 depth_max;
	bool is_complete;
};

/**
 * sim_search() - every schedule within the bounds
 * @record: receives the schedule of a failure
 *
 * Return: the first verdict found, SIM_OK when there is none.
 */
enum sim_verdict sim_search(struct na_port *m, const struct sim_scenario *scn,
			    struct sim_search *search,
			    struct sim_schedule *record);

#endif
