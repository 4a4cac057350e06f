// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timeline: recording.
 */
#include <stdarg.h>

#include "hw.h"
#include "timeline.h"

struct sim_timeline sim_timeline;

/* --- words of the ledger ------------------------------------------------------- */

/* Leaves are one array of words each; frames here fit into the first. */
static int word_frame(const void *v)
{
	const struct na_ledger *ledger = &sim.m->engine.ledger;
	const u8 *leaf;
	size_t off;

	if (!ledger->tables || !ledger->tables[0] || !ledger->tables[0][0])
		return -1;
	leaf = (const u8 *)ledger->tables[0][0];
	off = (size_t)((const u8 *)v - leaf) / sizeof(na_atomic32_t);
	return (const u8 *)v >= leaf && off < SIM_FRAMES_MAX ? (int)off : -1;
}

enum sim_op sim_word_op(const void *v)
{
	return sim.cur && word_frame(v) >= 0 ? SIM_OP_LEDGER : SIM_OP_ATOMIC;
}

u32 sim_word_frames(const void *v)
{
	int frame = sim.cur ? word_frame(v) : -1;

	return frame >= 0 ? 1u << frame : 0;
}

/* The ledger's word is read back after the change. */
void sim_timeline_word(const na_atomic32_t *v, u32 value, const char *where)
{
	static const char *const states[] = {
		"SYSTEM", "CLAIMED", "BUFFER", "LENT", "QUARANTINED",
	};
	struct na_ledger_entry entry;
	struct sim_thread *cur = sim.cur;
	na_atomic32_t *word = (na_atomic32_t *)v;
	int frame;
	u32 old;

	if (!sim.tracing || !cur)
		return;
	frame = word_frame(v);
	if (frame < 0)
		return;
	old = word->value;
	word->value = value;
	sim.cur = NULL;
	entry = na_ledger_lookup(&sim.m->engine.ledger,
				 na_frame((unsigned long)frame));
	sim.cur = cur;
	word->value = old;
	sim_timeline_note(1u << frame, "%s: ledger has frame %d %s %s, %u pins",
			  where, frame, states[entry.state],
			  na_memtype_name(entry.type), entry.pins);
}

/* --- recording --------------------------------------------------------------------- */

static struct sim_event *add_event(enum sim_event_kind kind, u32 col)
{
	struct sim_timeline *tl = &sim_timeline;
	struct sim_event *ev;

	if (tl->nr == tl->room) {
		tl->room = tl->room ? 2 * tl->room : 256;
		tl->event = realloc(tl->event, tl->room * sizeof(*ev));
		if (!tl->event)
			abort();
	}
	ev = &tl->event[tl->nr++];
	memset(ev, 0, sizeof(*ev));
	ev->step = sim.step;
	ev->kind = kind;
	ev->col = (u8)col;
	ev->from = -1;
	return ev;
}

static u32 column(const struct na_port *m)
{
	if (!sim.cur)
		return 0;
	return sim.cur->cpu == SIM_NO_CPU ? m->cfg.nr_cpus : sim.cur->cpu;
}

void sim_timeline_note(u32 frames, const char *fmt, ...)
{
	struct sim_event *ev = add_event(SIM_EV_STEP, column(sim.m));
	va_list args;

	ev->frames = frames;
	va_start(args, fmt);
	vsnprintf(ev->text, sizeof(ev->text), fmt, args);
	va_end(args);
	/* During setup there are no steps: each event sees what it left. */
	if (!sim.cur)
		sim_timeline_step_end(sim.m);
}

void sim_timeline_call(const char *text)
{
	struct sim_event *ev = add_event(SIM_EV_CALL, column(sim.m));

	snprintf(ev->text, sizeof(ev->text), "%s: %.80s", sim.cur ?
		 sim.m->scenario->thread[sim_tid()].name : "before", text);
}

void sim_timeline_device(struct na_port *m)
{
	if (sim.tracing && sim_timeline.nr)
		sim_timeline.event[sim_timeline.nr - 1].col = m->cfg.nr_cpus;
}

static void describe_tlb(struct na_port *m, struct sim_action act,
			 struct sim_event *ev)
{
	bool fill = act.act == SIM_ACT_TLB_FILL;
	sim_xlate_t x = fill ? m->pte[act.b] : m->cpu[act.a].tlb[act.b];

	ev->frames = 1u << sim_xlate_frame(x);
	snprintf(ev->text, sizeof(ev->text), "TLB %s %s: frame %u %s",
		 fill ? "fetches" : "drops", sim_vp_name(m, act.b),
		 sim_xlate_frame(x), na_memtype_name(sim_xlate_type(x)));
}

static void describe_cache(struct na_port *m, struct sim_action act,
			   struct sim_event *ev)
{
	u32 frame = act.b;

	if (act.act == SIM_ACT_EVICT) {
		snprintf(ev->text, sizeof(ev->text),
			 m->cpu[act.a].line_dirty >> frame & 1 ?
			 "cache evicts frame %u: its line overwrites memory" :
			 "cache drops its clean line of frame %u", frame);
	} else {
		frame = sim_xlate_frame(m->cpu[act.a].tlb[act.b]);
		snprintf(ev->text, sizeof(ev->text),
			 "cache fetches frame %u%s, speculating through %s",
			 frame, act.act == SIM_ACT_OWN ? " to own it (dirty)" :
			 "", sim_vp_name(m, act.b));
	}
	ev->frames = 1u << frame;
}

void sim_timeline_action(struct na_port *m, struct sim_action act)
{
	struct sim_event *ev;
	u8 cpu;

	if (act.act == SIM_ACT_THREAD)
		return;
	ev = add_event(SIM_EV_WHIM, act.a);
	switch ((enum sim_act)act.act) {
	case SIM_ACT_TLB_FILL:
	case SIM_ACT_TLB_EVICT:
		describe_tlb(m, act, ev);
		break;
	case SIM_ACT_FILL:
	case SIM_ACT_OWN:
	case SIM_ACT_EVICT:
		describe_cache(m, act, ev);
		break;
	case SIM_ACT_DRAIN:
		ev->frames = 1u << m->cpu[act.a].wc[act.b].frame;
		snprintf(ev->text, sizeof(ev->text),
			 "WC buffer drains: frame %u in memory changes",
			 m->cpu[act.a].wc[act.b].frame);
		break;
	case SIM_ACT_IPI:
		cpu = m->thread[act.b].cpu;
		ev->from = (s8)cpu;
		ev->frames = ~0u;
		snprintf(ev->text, sizeof(ev->text),
			 "is interrupted by CPU %u: drops translations%s", cpu,
			 m->thread[act.b].ipi.drain ? ", drains WC" : "");
		break;
	case SIM_ACT_STORE:
		cpu = m->thread[act.a].cpu;
		ev->col = cpu == SIM_NO_CPU ? m->cfg.nr_cpus : cpu;
		snprintf(ev->text, sizeof(ev->text),
			 "store buffer: its oldest store is seen by all");
		break;
	default:
		cpu = m->thread[act.a].cpu;
		ev->col = cpu == SIM_NO_CPU ? m->cfg.nr_cpus : cpu;
		snprintf(ev->text, sizeof(ev->text), "the wait times out");
		break;
	}
}

static void take_view(struct na_port *m, u32 frame, struct sim_view *view)
{
	struct na_ledger_entry entry;
	u32 cpu, i;

	entry = na_ledger_lookup(&m->engine.ledger, na_frame(frame));
	view->state = (u8)entry.state;
	view->type = (u8)entry.type;
	memcpy(view->mem, m->mem[frame].word, SIM_WORDS);
	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
		const struct sim_cpu *c = &m->cpu[cpu];

		view->line[cpu] = (u8)((c->line_valid >> frame & 1) +
				       (c->line_dirty >> frame & 1));
		memcpy(view->line_word[cpu], c->line[frame].word, SIM_WORDS);
		for (i = 0; i < SIM_WCBUFS; i++) {
			if (!c->wc[i].mask || c->wc[i].frame != frame)
				continue;
			view->wc_mask[cpu] = c->wc[i].mask;
			memcpy(view->wc_word[cpu], c->wc[i].word, SIM_WORDS);
		}
	}
}

void sim_timeline_step_end(struct na_port *m)
{
	struct sim_timeline *tl = &sim_timeline;
	struct sim_view view[SIM_FRAMES_MAX];
	u32 frame;

	/* After the engine's end there is no ledger to ask. */
	if (tl->nr_viewed == tl->nr || !m->engine.ledger.tables)
		return;
	memset(view, 0, sizeof(view));
	for (frame = 0; frame < tl->nr_frames; frame++)
		take_view(m, frame, &view[frame]);
	for (; tl->nr_viewed < tl->nr; tl->nr_viewed++)
		memcpy(tl->event[tl->nr_viewed].view, view, sizeof(view));
}

void sim_timeline_fail(struct na_port *m)
{
	struct sim_timeline *tl = &sim_timeline;
	u32 col = tl->nr ? tl->event[tl->nr - 1].col : 0;
	struct sim_event *ev = add_event(SIM_EV_FAIL, col);

	ev->frames = sim.blame_frame < SIM_FRAMES_MAX ?
		     1u << sim.blame_frame : 0;
	snprintf(ev->text, sizeof(ev->text), "%s: %.90s",
		 sim_verdict_name(sim.verdict), sim.why);
	sim_timeline_step_end(m);
}

void sim_timeline_begin(struct na_port *m)
{
	struct sim_timeline *tl = &sim_timeline;

	tl->nr = 0;
	tl->nr_viewed = 0;
	tl->nr_cpus = m->cfg.nr_cpus;
	tl->nr_low = m->cfg.nr_low;
	tl->nr_frames = (u32)m->cfg.nr_low + m->cfg.nr_high;
}

void sim_timeline_free(void)
{
	free(sim_timeline.event);
	memset(&sim_timeline, 0, sizeof(sim_timeline));
}

u32 sim_timeline_focus(void)
{
	u32 count[SIM_FRAMES_MAX] = { 0 }, best = 0, i, frame;

	if (sim.blame_frame < SIM_FRAMES_MAX)
		return sim.blame_frame;
	for (i = 0; i < sim_timeline.nr; i++)
		for (frame = 0; frame < SIM_FRAMES_MAX; frame++)
			if (sim_timeline.event[i].frames == 1u << frame)
				count[frame]++;
	for (frame = 1; frame < SIM_FRAMES_MAX; frame++)
		if (count[frame] > count[best])
			best = frame;
	return best;
}

bool sim_timeline_keeps(const struct sim_event *ev, u32 focus)
{
	return !ev->frames || ev->frames >> focus & 1;
}
