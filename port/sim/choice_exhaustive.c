// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Every schedule: depth first over states, each visited once.
 *
 * A state is the used part of the arena, so it is restored by a copy, and a
 * state that was reached before by another order of the same steps has the same
 * hash and is not explored again. (64-bit hashes: with ten million states the
 * probability of a collision is about 3e-6.)
 *
 * Reductions, none of which loses a state that can break an invariant:
 *
 *  - Steps that no other thread can observe (counters, might_sleep(),
 *    constants) are not choice points here.
 *  - A TLB entry is evicted only if it differs from the page table, a clean
 *    line only if it differs from memory. An eviction only matters because a
 *    newer copy can take its place, and it is still possible once there is one.
 *  - A whim may be postponed. It is left out in a state where no next step of a
 *    thread or an interrupt touches its frame: such steps and the whim are
 *    independent, the whim remains possible after them, and an invariant that
 *    it violates stays violated. So the whim is tried before the step that
 *    depends on it. It is tried at once where a successor closes a cycle, and
 *    where no thread can run.
 *
 * With bounds, the numbers of preemptions (switches from a thread that could
 * continue) and of whims so far are part of the state.
 */
#include "arena.h"
#include "check.h"
#include "choice.h"
#include "hw.h"

#define ACTIONS_MAX 512

struct node {
	u8 *saved;
	size_t saved_room;
	u64 hash;
	u32 preempts, whims;
	u32 stake;		/* whims of other frames were left out */
	u8 last;
	bool last_can_go;	/* to run another thread is a preemption */
	u16 nr, at;
	struct sim_action action[ACTIONS_MAX];
};

/* Open addressing; the low bit says "on the present path". */
struct table {
	u64 *slot;
	u64 mask, nr;
};

struct explorer {
	struct na_port *m;
	const struct sim_scenario *scn;
	struct sim_search *search;
	struct node **node;
	u32 depth, room;
	struct table seen;
};

/* --- visited states ------------------------------------------------------------- */

static void table_init(struct table *t, u64 size)
{
	t->slot = calloc(size, sizeof(*t->slot));
	if (!t->slot)
		abort();
	t->mask = size - 1;
	t->nr = 0;
}

static u64 *table_find(struct table *t, u64 hash)
{
	u64 key = (hash | 2) & ~1ull, i = key >> 3 & t->mask;

	while (t->slot[i] && (t->slot[i] & ~1ull) != key)
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

static void table_grow(struct table *t)
{
	struct table big;
	u64 i;

	table_init(&big, 2 * (t->mask + 1));
	for (i = 0; i <= t->mask; i++)
		if (t->slot[i])
			*table_find(&big, t->slot[i]) = t->slot[i];
	big.nr = t->nr;
	free(t->slot);
	*t = big;
}

/* --- possible actions --------------------------------------------------------------- */

static void add(struct node *n, enum sim_act act, u32 a, u32 b)
{
	if (n->nr == ACTIONS_MAX)
		abort();
	n->action[n->nr++] = (struct sim_action){ (u8)act, (u8)a, (u8)b };
}

/* Frames that the next steps of threads and interrupts may touch. */
static u32 frames_at_stake(const struct na_port *m, u32 runnable)
{
	u32 set = 0, tid;

	if (!runnable)
		return ~0u;
	for (tid = 0; tid < m->nr_threads; tid++) {
		const struct sim_thread *th = &m->thread[tid];

		if (th->ipi.pending)
			return ~0u;
		if (!(runnable >> tid & 1))
			continue;
		/* Other tables, other walks. */
		if (th->op == SIM_OP_MM ||
		    (th->mm && m->cpu[th->cpu].mm != th->mm))
			return ~0u;
		if (th->op >= SIM_OP_HW_FIRST)
			set |= th->frames;
	}
	return set;
}

static bool line_is_stale(const struct na_port *m, u32 cpu, u32 frame)
{
	return m->cpu[cpu].line_dirty >> frame & 1 ||
	       memcmp(&m->cpu[cpu].line[frame], &m->mem[frame],
		      sizeof(m->mem[frame]));
}

static void add_tlb_whims(const struct na_port *m, struct node *n, u32 cpu,
			  u32 frames)
{
	const struct sim_cpu *c = &m->cpu[cpu];
	u64 set = m->pte_present & sim_walkable(m, cpu) & ~c->tlb_valid;
	u32 vp;

	for (; set && !m->cfg.tlb_is_tame; set &= set - 1) {
		vp = (u32)__builtin_ctzll(set);
		if (frames >> sim_xlate_frame(m->pte[vp]) & 1)
			add(n, SIM_ACT_TLB_FILL, cpu, vp);
	}
	for (set = c->tlb_valid; set; set &= set - 1) {
		vp = (u32)__builtin_ctzll(set);
		if (c->tlb[vp] != m->pte[vp] &&
		    frames >> sim_xlate_frame(c->tlb[vp]) & 1)
			add(n, SIM_ACT_TLB_EVICT, cpu, vp);
	}
}

/* Fill each line through one translation; which of several does not matter. */
static void add_cache_whims(const struct na_port *m, struct node *n, u32 cpu,
			    u32 frames)
{
	const struct sim_cpu *c = &m->cpu[cpu];
	u64 set = c->tlb_cached & sim_walkable(m, cpu);
	u32 done = 0, frame;

	for (; set; set &= set - 1) {
		u32 vp = (u32)__builtin_ctzll(set);

		frame = sim_xlate_frame(c->tlb[vp]);
		if (done >> frame & 1 || !(frames >> frame & 1))
			continue;
		done |= 1u << frame;
		if (!(c->line_valid >> frame & 1))
			add(n, SIM_ACT_FILL, cpu, vp);
		if (!(c->line_dirty >> frame & 1))
			add(n, SIM_ACT_OWN, cpu, vp);
	}
	for (frame = 0; c->line_valid >> frame; frame++)
		if (c->line_valid & frames & 1u << frame &&
		    line_is_stale(m, cpu, frame))
			add(n, SIM_ACT_EVICT, cpu, frame);
}

static void add_whims(const struct na_port *m, struct node *n, u32 frames)
{
	u32 cpu, i;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
		add_tlb_whims(m, n, cpu, frames);
		add_cache_whims(m, n, cpu, frames);
		for (i = 0; i < SIM_WCBUFS; i++)
			if (m->cpu[cpu].wc[i].mask &&
			    frames >> m->cpu[cpu].wc[i].frame & 1)
				add(n, SIM_ACT_DRAIN, cpu, i);
	}
}

static void add_events(const struct na_port *m, struct node *n)
{
	struct sim_action a;
	u32 tid, cpu;

	for (tid = 0; tid < m->nr_threads; tid++) {
		for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
			if (m->thread[tid].ipi.pending >> cpu & 1)
				add(n, SIM_ACT_IPI, cpu, tid);
		if (m->thread[tid].nr_stores)
			add(n, SIM_ACT_STORE, tid, 0);
		a = (struct sim_action){ SIM_ACT_TIMEOUT, (u8)tid, 0 };
		if (sim_is_possible(m, a))
			add(n, SIM_ACT_TIMEOUT, tid, 0);
	}
}

static u32 add_threads(const struct explorer *ex, struct node *n)
{
	const struct na_port *m = ex->m;
	u32 runnable = sim_runnable(m), tid, value;

	n->last_can_go = runnable >> n->last & 1;
	for (tid = 0; tid < m->nr_threads; tid++) {
		if (!(runnable >> tid & 1))
			continue;
		if (tid != n->last && n->last_can_go &&
		    n->preempts >= ex->search->preempts_max)
			continue;
		value = 0;
		do {
			add(n, SIM_ACT_THREAD, tid, value);
		} while (++value < m->thread[tid].choose_nr);
	}
	return runnable;
}

static void list_actions(struct explorer *ex, struct node *n)
{
	u32 runnable, nr;

	n->nr = 0;
	n->at = 0;
	n->stake = ~0u;
	runnable = add_threads(ex, n);
	add_events(ex->m, n);
	if (n->whims >= ex->search->whims_max)
		return;
	if (ex->search->reduce)
		n->stake = frames_at_stake(ex->m, runnable);
	nr = n->nr;
	add_whims(ex->m, n, n->stake);
	if (n->stake != ~0u && n->nr == nr)
		ex->search->nr_whims_moved++;
}

/* A successor closed a cycle: the whims must not wait for ever. */
static void add_left_out(struct explorer *ex, struct node *n)
{
	sim_arena_load(ex->m, n->saved);
	if (n->whims < ex->search->whims_max)
		add_whims(ex->m, n, ~n->stake);
	n->stake = ~0u;
}

/* --- the search ------------------------------------------------------------------------ */

static struct node *node_at(struct explorer *ex, u32 depth)
{
	while (depth >= ex->room) {
		u32 room = ex->room ? 2 * ex->room : 256;

		ex->node = realloc(ex->node, room * sizeof(*ex->node));
		if (!ex->node)
			abort();
		memset(ex->node + ex->room, 0,
		       (room - ex->room) * sizeof(*ex->node));
		ex->room = room;
	}
	if (!ex->node[depth])
		ex->node[depth] = calloc(1, sizeof(struct node));
	if (!ex->node[depth])
		abort();
	return ex->node[depth];
}

static void save(struct explorer *ex, struct node *n)
{
	size_t size = sim_arena_size(ex->m);

	if (size > n->saved_room) {
		free(n->saved);
		n->saved_room = size + 1024;
		n->saved = malloc(n->saved_room);
		if (!n->saved)
			abort();
	}
	sim_arena_save(ex->m, n->saved);
}

static u64 hash_state(struct explorer *ex, const struct node *n)
{
	const struct sim_search *s = ex->search;
	u64 seed = 0;

	if (s->preempts_max != SIM_UNBOUNDED)
		seed = (u64)n->preempts << 8 | n->last;
	if (s->whims_max != SIM_UNBOUNDED)
		seed |= (u64)n->whims << 24;
	return sim_arena_hash(ex->m, seed);
}

enum visit { VISIT_NEW, VISIT_OLD, VISIT_CYCLE };

static enum visit visit(struct explorer *ex, struct node *n)
{
	u64 *slot;

	n->hash = hash_state(ex, n);
	slot = table_find(&ex->seen, n->hash);
	if (*slot)
		return *slot & 1 ? VISIT_CYCLE : VISIT_OLD;
	*slot = ((n->hash | 2) & ~1ull) | 1;
	ex->search->nr_states++;
	if (++ex->seen.nr * 2 > ex->seen.mask)
		table_grow(&ex->seen);
	return VISIT_NEW;
}

static void leave(struct explorer *ex)
{
	struct node *n = ex->node[--ex->depth];

	*table_find(&ex->seen, n->hash) &= ~1ull;
}

/* Make the current state the node at ex->depth, if it is new. */
static enum visit enter(struct explorer *ex, const struct node *from,
			struct sim_action a)
{
	struct node *n = node_at(ex, ex->depth);
	enum visit v;

	n->preempts = from ? from->preempts : 0;
	n->whims = from ? from->whims : 0;
	n->last = sim.last;
	if (from && a.act == SIM_ACT_THREAD && n->last != from->last)
		n->preempts += from->last_can_go;
	if (from && a.act != SIM_ACT_THREAD && a.act < SIM_ACT_IPI)
		n->whims++;
	v = visit(ex, n);
	if (v != VISIT_NEW)
		return v;
	if (sim_all_done(ex->m)) {
		*table_find(&ex->seen, n->hash) &= ~1ull;
		ex->search->nr_ends++;
		sim_run_end(ex->m);
		return v;
	}
	list_actions(ex, n);
	save(ex, n);
	ex->depth++;
	if (ex->depth > ex->search->depth_max)
		ex->search->depth_max = ex->depth;
	return VISIT_NEW;
}

static void record_path(const struct explorer *ex, struct sim_schedule *record)
{
	u32 i;

	record->nr = 0;
	record->merged = true;
	for (i = 0; i < ex->depth; i++)
		sim_schedule_push(record,
				  ex->node[i]->action[ex->node[i]->at - 1]);
}

/*
 * The current state was on the path before. If one thread alone made this
 * cycle, it can loop for ever, because nothing else has changed.
 */
static void check_solo_cycle(struct explorer *ex, u64 hash)
{
	u32 depth = ex->depth, tid = SIM_THREADS_MAX;

	while (depth--) {
		const struct node *n = ex->node[depth];
		struct sim_action a = n->action[n->at - 1];

		if (a.act != SIM_ACT_THREAD ||
		    (tid != SIM_THREADS_MAX && a.a != tid))
			return;
		tid = a.a;
		if (n->hash == hash) {
			sim_fail(SIM_STARVED, -1,
				 "thread %c goes round in %s for ever",
				 'a' + (char)tid, ex->m->thread[tid].where);
			return;
		}
	}
}

/* The next action of the deepest node, which is removed if it has none. */
static void advance(struct explorer *ex)
{
	struct node *n = ex->node[ex->depth - 1];
	struct sim_action a;
	enum visit v;

	if (n->at == n->nr) {
		leave(ex);
		return;
	}
	a = n->action[n->at++];
	sim_arena_load(ex->m, n->saved);
	sim.last = n->last;
	/* Steps of a call are counted along a run, but this is not a run. */
	memset(sim.call_steps, 0, sizeof(sim.call_steps));
	ex->search->nr_transitions++;
	sim_do(ex->m, a);
	if (sim.verdict == SIM_OK)
		sim_check_step(ex->m);
	if (sim.verdict != SIM_OK)
		return;
	v = enter(ex, n, a);
	if (v == VISIT_CYCLE)
		check_solo_cycle(ex, ex->node[ex->depth]->hash);
	if (v == VISIT_CYCLE && sim.verdict == SIM_OK && n->stake != ~0u)
		add_left_out(ex, n);
}

static bool is_stuck(const struct explorer *ex)
{
	const struct node *n = ex->node[ex->depth - 1];
	u32 i;

	if (n->at || sim_runnable(ex->m))
		return false;
	for (i = 0; i < n->nr; i++)
		if (n->action[i].act >= SIM_ACT_IPI)
			return false;
	return true;
}

static void explorer_free(struct explorer *ex)
{
	u32 i;

	for (i = 0; i < ex->room; i++) {
		if (ex->node[i])
			free(ex->node[i]->saved);
		free(ex->node[i]);
	}
	free(ex->node);
	free(ex->seen.slot);
}

enum sim_verdict sim_search(struct na_port *m, const struct sim_scenario *scn,
			    struct sim_search *search,
			    struct sim_schedule *record)
{
	struct explorer ex = { .m = m, .scn = scn, .search = search };
	struct sim_action none = { 0 };
	u32 depth = 0;

	table_init(&ex.seen, 1u << 16);
	sim.merge = true;
	sim_run_begin(m, scn);
	if (sim.verdict == SIM_OK)
		enter(&ex, NULL, none);
	while (sim.verdict == SIM_OK && ex.depth &&
	       search->nr_states < search->states_max) {
		/* Add a node for the current state. */
		if (ex.depth > depth && is_stuck(&ex))
			sim_stuck(m);
		depth = ex.depth;
		if (sim.verdict == SIM_OK)
			advance(&ex);
	}
	search->is_complete = sim.verdict == SIM_OK && !ex.depth;
	if (sim.verdict != SIM_OK)
		record_path(&ex, record);
	sim.merge = false;
	explorer_free(&ex);
	return sim.verdict;
}
