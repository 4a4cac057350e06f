// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Scheduler: which actions are possible, and what each does.
 *
 * A thread has its CPU until it sleeps, ends, or another thread of the same CPU
 * is run while it may be preempted (no spinlock, no fixmap window, no shootdown
 * in progress). Interrupts are never disabled, so a CPU can answer a shootdown
 * at any moment, after any delay.
 *
 * A spinning thread takes no steps: it becomes runnable when the lock is free.
 * A thread that called na_relax() continues when another thread or an interrupt
 * has moved since its last na_relax(), so an endless wait ends with "nothing
 * can move" and not in an endless run.
 */
#include <stdarg.h>
#include <stdio.h>

#include "arena.h"
#include "co.h"
#include "cpu.h"
#include "hw.h"
#include "sched.h"
#include "storebuf.h"
#include "timeline.h"

struct sim sim;

/* --- what is possible ------------------------------------------------------ */

static bool preemptible(const struct sim_thread *th)
{
	return !th->spins && !th->no_preempt;
}

static bool cpu_is_ours(const struct na_port *m, const struct sim_thread *th,
			u32 tid)
{
	u32 cur;

	if (th->cpu == SIM_NO_CPU)
		return true;
	cur = m->cpu[th->cpu].cur;
	return !cur || cur == tid + 1 || preemptible(&m->thread[cur - 1]);
}

bool sim_can_run(const struct na_port *m, u32 tid)
{
	const struct sim_thread *th = &m->thread[tid];

	switch ((enum sim_wait)th->wait) {
	case SIM_RUNNABLE:
		break;
	case SIM_WAIT_LOCK:
	case SIM_WAIT_MUTEX:
		if (*(const u32 *)th->wait_obj)
			return false;
		break;
	case SIM_WAIT_ACKS:
		if (th->ipi.pending)
			return false;
		break;
	default:
		return false;
	}
	return cpu_is_ours(m, th, tid);
}

u32 sim_runnable(const struct na_port *m)
{
	u32 tid, set = 0;

	for (tid = 0; tid < m->nr_threads; tid++)
		if (sim_can_run(m, tid))
			set |= 1u << tid;
	return set;
}

bool sim_all_done(const struct na_port *m)
{
	u32 tid;

	for (tid = 0; tid < m->nr_threads; tid++)
		if (m->thread[tid].wait != SIM_DONE)
			return false;
	return true;
}

static bool thread_possible(const struct na_port *m, struct sim_action act)
{
	const struct sim_thread *th;

	if (act.a >= m->nr_threads || !sim_can_run(m, act.a))
		return false;
	th = &m->thread[act.a];
	return act.b < (th->choose_nr ? th->choose_nr : 1);
}

static bool hw_possible(const struct na_port *m, struct sim_action act)
{
	const struct sim_cpu *c = &m->cpu[act.a];
	u64 bit = 1ull << (act.b & 63);
	u64 walk = sim_walkable(m, act.a);

	switch ((enum sim_act)act.act) {
	case SIM_ACT_TLB_FILL:
		return m->pte_present & walk & ~c->tlb_valid & bit;
	case SIM_ACT_TLB_EVICT:
		return c->tlb_valid & bit;
	case SIM_ACT_FILL:
		return c->tlb_cached & walk & bit &&
		       !(c->line_valid >> sim_xlate_frame(c->tlb[act.b]) & 1);
	case SIM_ACT_OWN:
		return c->tlb_cached & walk & bit &&
		       !(c->line_dirty >> sim_xlate_frame(c->tlb[act.b]) & 1);
	case SIM_ACT_EVICT:
		return act.b < SIM_FRAMES_MAX && c->line_valid >> act.b & 1;
	case SIM_ACT_DRAIN:
		return act.b < SIM_WCBUFS && c->wc[act.b].mask;
	default:
		return false;
	}
}

bool sim_is_possible(const struct na_port *m, struct sim_action act)
{
	const struct sim_thread *th;

	if (act.act == SIM_ACT_THREAD)
		return thread_possible(m, act);
	if (act.act == SIM_ACT_TIMEOUT) {
		th = &m->thread[act.a];
		return act.a < m->nr_threads && th->timed &&
		       th->wait == SIM_WAIT_CHANNEL;
	}
	if (act.act == SIM_ACT_STORE)
		return act.a < m->nr_threads && m->thread[act.a].nr_stores;
	if (act.a >= m->cfg.nr_cpus || act.b >= SIM_VPAGES_MAX)
		return false;
	if (act.act == SIM_ACT_IPI)
		return act.b < m->nr_threads &&
		       m->thread[act.b].ipi.pending >> act.a & 1;
	return hw_possible(m, act);
}

/* --- letting it happen ------------------------------------------------------ */

static void release_relaxing(struct na_port *m, u32 mover)
{
	u32 tid;

	for (tid = 0; tid < m->nr_threads; tid++) {
		if (tid == mover)
			continue;
		m->thread[tid].others_moved = true;
		if (m->thread[tid].wait == SIM_WAIT_OTHERS)
			m->thread[tid].wait = SIM_RUNNABLE;
	}
}

/* A thread without a process leaves the last one's tables loaded. */
static void switch_to(struct na_port *m, u32 tid)
{
	struct sim_thread *th = &m->thread[tid];
	struct sim_cpu *c = &m->cpu[th->cpu];

	if (c->cur == tid + 1)
		return;
	/* A switch of threads is a barrier. */
	if (c->cur)
		sim_sb_drain(m, c->cur - 1u);
	c->cur = (u8)(tid + 1);
	if (!th->mm)
		return;
	c->mm = th->mm;
	m->proc[th->mm - 1].cpumask |= (u8)(1u << th->cpu);
}

static void run_thread(struct na_port *m, u32 tid, u8 value)
{
	struct sim_thread *th = &m->thread[tid];

	if (++sim.call_steps[tid] > SIM_CALL_STEPS_MAX) {
		sim_fail(SIM_STARVED, -1,
			 "thread %c took %u steps in one call", 'a' + (char)tid,
			 sim.call_steps[tid]);
		return;
	}
	release_relaxing(m, tid);
	if (th->cpu != SIM_NO_CPU)
		switch_to(m, tid);
	th->wait = SIM_RUNNABLE;
	th->choose_val = value;
	sim.last = (u8)tid;
	sim.cur = th;
	sim_co_enter_stack(sim_arena_stack(m, tid), SIM_STACK);
	sim_co_switch(&sim.sched_sp, th->sp);
	sim_co_entered_stack();
	sim.cur = NULL;
	if (th->cpu != SIM_NO_CPU && (th->wait == SIM_DONE ||
	    th->wait == SIM_WAIT_MUTEX || th->wait == SIM_WAIT_CHANNEL))
		m->cpu[th->cpu].cur = 0;
}

static void do_hw(struct na_port *m, struct sim_action act)
{
	struct sim_cpu *c = &m->cpu[act.a];

	switch ((enum sim_act)act.act) {
	case SIM_ACT_TLB_FILL:
		sim_tlb_fill(m, act.a, act.b);
		break;
	case SIM_ACT_TLB_EVICT:
		sim_tlb_drop(m, act.a, 1ull << act.b);
		break;
	case SIM_ACT_FILL:
	case SIM_ACT_OWN:
		sim_cache_fill(m, act.a, sim_xlate_frame(c->tlb[act.b]),
			       act.act == SIM_ACT_OWN);
		break;
	case SIM_ACT_EVICT:
		sim_cache_evict(m, act.a, act.b);
		break;
	case SIM_ACT_DRAIN:
		sim_wc_drain_one(m, act.a, act.b);
		break;
	default:
		break;
	}
}

void sim_do(struct na_port *m, struct sim_action act)
{
	struct sim_thread *th = &m->thread[act.a % SIM_THREADS_MAX];

	if (sim.tracing)
		sim_timeline_action(m, act);
	switch ((enum sim_act)act.act) {
	case SIM_ACT_THREAD:
		run_thread(m, act.a, act.b);
		break;
	case SIM_ACT_IPI:
		release_relaxing(m, SIM_THREADS_MAX);
		/* So is an interrupt. */
		if (m->cpu[act.a].cur)
			sim_sb_drain(m, m->cpu[act.a].cur - 1u);
		sim_cpu_answer(m, act.a, act.b);
		break;
	case SIM_ACT_TIMEOUT:
		th->timed_out = true;
		th->wait = SIM_RUNNABLE;
		break;
	case SIM_ACT_STORE:
		release_relaxing(m, SIM_THREADS_MAX);
		sim_sb_commit(m, act.a);
		break;
	default:
		do_hw(m, act);
		break;
	}
	sim.step++;
}

/* --- nothing can move -------------------------------------------------------- */

static int describe_wait(const struct na_port *m, u32 tid, char *buf,
			 size_t len)
{
	const struct sim_thread *th = &m->thread[tid];
	static const char *const what[] = {
		[SIM_RUNNABLE] = "its CPU",
		[SIM_WAIT_LOCK] = "a spinlock",
		[SIM_WAIT_MUTEX] = "a mutex",
		[SIM_WAIT_ACKS] = "answers to a shootdown",
		[SIM_WAIT_CHANNEL] = "a wake-up",
		[SIM_WAIT_OTHERS] = "anybody else",
	};

	if (th->wait == SIM_DONE)
		return 0;
	return snprintf(buf, len, " %c(%s) waits for %s in %s;",
			'a' + (char)tid, m->scenario->thread[tid].name,
			what[th->wait], th->where);
}

void sim_stuck(struct na_port *m)
{
	bool sleeper = false, other = false;
	char buf[192] = "";
	size_t at = 0;
	u32 tid;

	for (tid = 0; tid < m->nr_threads; tid++) {
		if (m->thread[tid].wait == SIM_WAIT_CHANNEL)
			sleeper = true;
		else if (m->thread[tid].wait != SIM_DONE)
			other = true;
		at += (size_t)describe_wait(m, tid, buf + at,
					    sizeof(buf) - at);
		if (at >= sizeof(buf))
			break;
	}
	sim_fail(sleeper && !other ? SIM_LOST_WAKEUP : SIM_DEADLOCK, -1,
		 "nothing can move:%s", buf);
}

/* --- the current thread ------------------------------------------------------- */

int sim_tid(void)
{
	return sim.cur ? (int)(sim.cur - sim.m->thread) : -1;
}

static void leave_thread(struct sim_thread *th)
{
	sim_co_enter_stack(NULL, 0);
	sim_co_switch(&th->sp, sim.sched_sp);
	sim_co_entered_stack();
}

/* Steps that wait until others see what the thread stored. */
static bool is_barrier(enum sim_op op)
{
	return op >= SIM_OP_HW_FIRST || op == SIM_OP_LOCK ||
	       op == SIM_OP_WAIT || op == SIM_OP_WAKE || op == SIM_OP_META;
}

void sim_yield(enum sim_op op, u32 frames, const char *where)
{
	struct sim_thread *th = sim.cur;

	if (sim.merge && (op == SIM_OP_COUNTER || op == SIM_OP_MAY_SLEEP ||
			  op == SIM_OP_CONST))
		return;
	th->op = (u8)op;
	th->frames = frames;
	th->where = where;
	leave_thread(th);
	if (is_barrier(op))
		sim_sb_barrier();
}

void sim_block(enum sim_wait wait, const void *obj, enum sim_op op,
	       const char *where)
{
	struct sim_thread *th = sim.cur;

	sim_sb_barrier();
	th->wait = (u8)wait;
	th->wait_obj = obj;
	th->op = (u8)op;
	th->frames = 0;
	th->where = where;
	leave_thread(th);
}

static u32 choose(u32 nr, bool rare, const char *where)
{
	struct sim_thread *th = sim.cur;

	if (!th || nr < 2)
		return 0;
	th->rare = rare;
	th->choose_nr = (u8)nr;
	th->choose_val = 0;
	sim_yield(SIM_OP_CHOOSE, 0, where);
	th->choose_nr = 0;
	return th->choose_val;
}

u32 sim_choose(u32 nr, const char *where)
{
	return choose(nr, false, where);
}

bool sim_may_fail(struct na_port *m, const char *where)
{
	if (!m->failures_left || !choose(2, true, where))
		return false;
	m->failures_left--;
	sim_note(0, "%s fails", where);
	return true;
}

void sim_wake_channel(struct na_port *m, const void *obj)
{
	u32 tid;

	for (tid = 0; tid < m->nr_threads; tid++)
		if (m->thread[tid].wait == SIM_WAIT_CHANNEL &&
		    m->thread[tid].wait_obj == obj)
			m->thread[tid].wait = SIM_RUNNABLE;
}

void sim_call(const char *fmt, ...)
{
	char buf[96];
	va_list args;

	if (sim.cur)
		sim.call_steps[sim_tid()] = 0;
	if (!sim.tracing)
		return;
	va_start(args, fmt);
	vsnprintf(buf, sizeof(buf), fmt, args);
	va_end(args);
	sim_timeline_call(buf);
}

static void thread_main(void)
{
	struct sim_thread *th;
	u32 tid;

	sim_co_entered_stack();
	th = sim.cur;
	tid = (u32)(th - sim.m->thread);
	sim.m->scenario->thread[tid].fn(sim.m);
	if (th->spins || th->no_preempt)
		sim_fail(SIM_LOCKING, -1, "thread %c ended in atomic context",
			 'a' + (char)tid);
	sim_note(0, "%s ends", sim.m->scenario->thread[tid].name);
	sim_block(SIM_DONE, NULL, SIM_OP_START, __func__);
	abort();
}

void sim_spawn(struct na_port *m)
{
	const struct sim_scenario *scn = m->scenario;
	u32 tid;

	m->nr_threads = scn->nr_threads;
	for (tid = 0; tid < scn->nr_threads; tid++) {
		struct sim_thread *th = &m->thread[tid];

		th->cpu = scn->thread[tid].cpu;
		th->op = SIM_OP_START;
		th->others_moved = true;
		th->where = scn->thread[tid].name;
		th->sp = sim_co_make(sim_arena_stack(m, tid), SIM_STACK,
				     thread_main);
	}
}

/* --- verdicts ------------------------------------------------------------------ */

const char *sim_verdict_name(enum sim_verdict verdict)
{
	static const char *const names[NR_SIM_VERDICTS] = {
		"ok", "I1", "I2", "I3", "I4", "I5", "I6", "I7", "assert",
		"deadlock", "lost-wakeup", "sleep-in-atomic", "starvation",
		"locking", "fault", "test",
	};

	return verdict < NR_SIM_VERDICTS ? names[verdict] : "?";
}

void sim_fail(enum sim_verdict verdict, int frame, const char *fmt, ...)
{
	va_list args;

	if (sim.checks_off >> verdict & 1)
		return;
	if (sim.verdict == SIM_OK) {
		sim.verdict = verdict;
		sim.blame_frame = (u32)frame;
		va_start(args, fmt);
		vsnprintf(sim.why, sizeof(sim.why), fmt, args);
		va_end(args);
	}
	if (sim.cur)
		leave_thread(sim.cur);
}

bool sim_assert_failed(const char *file, int line, const char *cond)
{
	const char *slash = strrchr(file, '/');

	sim_fail(SIM_ASSERT, -1, "%s:%d: NA_ASSERT(%s)",
		 slash ? slash + 1 : file, line, cond);
	return false;
}
