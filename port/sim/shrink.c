// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Shrinking: cut parts out of a failing schedule, long ones first, while the
 * rest still ends with the same kind of verdict.
 */
#include "choice.h"

#define RUNS_MAX 20000

struct shrink {
	struct na_port *m;
	const struct sim_scenario *scn;
	enum sim_verdict verdict;
	struct sim_schedule best, trial, record;
	u32 runs;
};

/* The trial has the same verdict: keep it, as it was run. */
static bool try_trial(struct shrink *sh)
{
	struct sim_replay replay;
	u32 used;

	sh->runs++;
	sim_replay_init(&replay, &sh->trial);
	if (sim_run(sh->m, sh->scn, &replay.src, &sh->record, 1000000) !=
	    sh->verdict)
		return false;
	used = replay.at < sh->trial.nr ? replay.at : sh->trial.nr;
	sh->trial.nr = used;
	sim_schedule_copy(&sh->best, &sh->trial);
	return true;
}

static void cut(struct sim_schedule *to, const struct sim_schedule *from,
		u32 at, u32 len)
{
	u32 i;

	to->nr = 0;
	to->merged = from->merged;
	for (i = 0; i < from->nr; i++)
		if (i < at || i >= at + len)
			sim_schedule_push(to, from->action[i]);
}

static bool pass(struct shrink *sh, u32 len)
{
	bool any = false;
	u32 at = 0;

	while (at < sh->best.nr && sh->runs < RUNS_MAX) {
		cut(&sh->trial, &sh->best, at, len);
		if (try_trial(sh))
			any = true;
		else
			at += len;
	}
	return any;
}

/* A block of one thread's steps moves to the end of its previous block. */
static bool join_at(struct shrink *sh, u32 at)
{
	const struct sim_schedule *b = &sh->best;
	struct sim_action moved = b->action[at];
	u32 prev = at, i;

	while (prev && !(b->action[prev - 1].act == SIM_ACT_THREAD &&
			 b->action[prev - 1].a == moved.a))
		prev--;
	if (!prev || prev == at)
		return false;
	sh->trial.nr = 0;
	sh->trial.merged = b->merged;
	for (i = 0; i < b->nr; i++) {
		if (i == prev)
			sim_schedule_push(&sh->trial, moved);
		if (i != at)
			sim_schedule_push(&sh->trial, b->action[i]);
	}
	return try_trial(sh);
}

static bool join_pass(struct shrink *sh)
{
	bool any = false;
	u32 at;

	for (at = 1; at < sh->best.nr && sh->runs < RUNS_MAX; at++)
		if (sh->best.action[at].act == SIM_ACT_THREAD)
			any |= join_at(sh, at);
	return any;
}

u32 sim_shrink(struct na_port *m, const struct sim_scenario *scn,
	       struct sim_schedule *s)
{
	struct shrink sh = { .m = m, .scn = scn, .verdict = sim.verdict };
	bool again = true;
	u32 len, rounds;

	sim_schedule_copy(&sh.best, s);
	for (rounds = 0; again && rounds < 8; rounds++) {
		again = false;
		for (len = sh.best.nr / 2 + 1; len; len /= 2)
			again |= pass(&sh, len);
		again |= join_pass(&sh);
	}
	sim_schedule_copy(s, &sh.best);
	sim_schedule_free(&sh.best);
	sim_schedule_free(&sh.trial);
	sim_schedule_free(&sh.record);
	return sh.runs;
}
