/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the scheduler
 *
 * Knows which actions are possible in a state and carries one out. It never
 * chooses: that is what a source of choices does (choice.h).
 */
#ifndef SIM_SCHED_H
#define SIM_SCHED_H

#include "sim.h"

/**
 * enum sim_act - kinds of action and the letter each has in a failure id
 * @SIM_ACT_THREAD: a = thread, b = value if it asked for a choice
 * @SIM_ACT_TLB_FILL: a = CPU, b = virtual page; nobody asked for it
 * @SIM_ACT_TLB_EVICT: a = CPU, b = virtual page
 * @SIM_ACT_FILL: a = CPU, b = virtual page in its TLB, of type WB
 * @SIM_ACT_OWN: the same, for ownership: the line is dirty
 * @SIM_ACT_EVICT: a = CPU, b = frame
 * @SIM_ACT_DRAIN: a = CPU, b = write-combining buffer
 * @SIM_ACT_IPI: a = CPU that is interrupted, b = thread that asked
 * @SIM_ACT_TIMEOUT: a = thread whose bounded wait ends
 * @SIM_ACT_STORE: a = thread whose oldest store on the way is seen by all
 */
enum sim_act {
	SIM_ACT_THREAD,
	SIM_ACT_TLB_FILL,
	SIM_ACT_TLB_EVICT,
	SIM_ACT_FILL,
	SIM_ACT_OWN,
	SIM_ACT_EVICT,
	SIM_ACT_DRAIN,
	SIM_ACT_IPI,
	SIM_ACT_TIMEOUT,
	SIM_ACT_STORE,
	NR_SIM_ACTS,
};

struct sim_action {
	u8 act, a, b;
};

/** sim_can_run() - may thread @tid take a step now? */
bool sim_can_run(const struct na_port *m, u32 tid);
/** sim_runnable() - the set of threads that can. */
u32 sim_runnable(const struct na_port *m);
/** sim_is_possible() - may @action happen now? Any values are allowed. */
bool sim_is_possible(const struct na_port *m, struct sim_action action);
/** sim_do() - let a possible action happen; does not check invariants. */
void sim_do(struct na_port *m, struct sim_action action);
/** sim_all_done() - have all threads but the device ended? */
bool sim_all_done(const struct na_port *m);
/**
 * sim_stuck() - nothing but whims is possible: give the verdict
 *
 * Called when no thread can run, no interrupt is under way and no bounded
 * wait can end.
 */
void sim_stuck(struct na_port *m);

/* --- for the machine's own code, on behalf of the current thread ------------ */

/** sim_yield() - the slow half of sim_point(). */
void sim_yield(enum sim_op op, u32 frames, const char *where);

/**
 * sim_point() - a choice point: what follows it is one step
 * @op: what the thread is about to do
 * @frames: set of frames that it concerns, where @op is one of hardware's
 * @where: function, for the timeline
 */
static inline void sim_point(enum sim_op op, u32 frames, const char *where)
{
	if (sim.cur)
		sim_yield(op, frames, where);
}

/** sim_choose() - a choice of 0 to @nr - 1 for the thread itself; 0 is usual. */
u32 sim_choose(u32 nr, const char *where);
/** sim_block() - wait; the step ends here. */
void sim_block(enum sim_wait wait, const void *obj, enum sim_op op,
	       const char *where);
/** sim_wake_channel() - end the waits on @obj. */
void sim_wake_channel(struct na_port *m, const void *obj);
/** sim_may_fail() - does this call fail? Up to failures_max times a run. */
bool sim_may_fail(struct na_port *m, const char *where);
/** sim_call() - a call of the scenario begins: for timeline and starvation. */
__attribute__((format(printf, 1, 2)))
void sim_call(const char *fmt, ...);
/** sim_spawn() - prepare the scenario's threads. */
void sim_spawn(struct na_port *m);
/** sim_tid() - number of the current thread, or -1. */
int sim_tid(void);

#endif
