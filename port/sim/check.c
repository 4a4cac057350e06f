// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Checkers. What is checked of a frame depends on its state in the ledger:
 *
 *   SYSTEM        must look like any WB memory: every translation is WB, what
 *                 caches and memory hold together is what was written last
 *   BUFFER, LENT  every translation has the type, no cache has a line, memory
 *                 and WC buffers together hold what was written last
 *   CLAIMED       under conversion: only that no holder's frame is converted
 *   QUARANTINED   never goes back to the system
 */
#include <stdio.h>

#include "arena.h"
#include "check.h"
#include "hw.h"

static u32 nr_frames(const struct na_port *m)
{
	return (u32)m->cfg.nr_low + m->cfg.nr_high;
}

/* --- I1, I4: translations ------------------------------------------------------ */

/* Fails with the translation of @frame that has another type than @type. */
static const char *find_wrong(const struct na_port *m, u32 frame,
			      enum na_memtype type)
{
	static char buf[64];
	u32 vp, cpu;

	for (vp = 0; vp < m->at.end; vp++) {
		sim_xlate_t x = m->pte[vp];

		if (x && sim_xlate_frame(x) == frame &&
		    sim_xlate_type(x) != type) {
			snprintf(buf, sizeof(buf), "page table, %s: %s",
				 sim_vp_name(m, vp),
				 na_memtype_name(sim_xlate_type(x)));
			return buf;
		}
		for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
			x = m->cpu[cpu].tlb[vp];
			if (!x || sim_xlate_frame(x) != frame ||
			    sim_xlate_type(x) == type)
				continue;
			snprintf(buf, sizeof(buf), "TLB of CPU %u, %s: %s",
				 cpu, sim_vp_name(m, vp),
				 na_memtype_name(sim_xlate_type(x)));
			return buf;
		}
	}
	return "?";
}

static bool types_agree(const struct na_port *m, u32 frame,
			enum na_memtype type)
{
	const u16 *nr = m->nr_xlate[frame];
	u32 sum = (u32)nr[NA_WB] + nr[NA_WC] + nr[NA_UC];

	return sum == nr[type];
}

/* --- I6: contents ----------------------------------------------------------------- */

static void check_word(struct na_port *m, u32 frame, u32 word, u8 value,
		       const char *holder)
{
	if (m->wild[frame] >> word & 1)
		return;
	if (value != m->truth[frame].word[word])
		sim_fail(SIM_I6, (int)frame,
			 "%s has %u in frame %u word %u, %u was written",
			 holder, value, frame, word,
			 m->truth[frame].word[word]);
}

static u8 gathered(const struct na_port *m, u32 frame, u32 word, u8 value)
{
	u32 cpu, i;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
		for (i = 0; i < SIM_WCBUFS; i++) {
			const struct sim_wcbuf *buf = &m->cpu[cpu].wc[i];

			if (buf->mask >> word & 1 && buf->frame == frame)
				value = buf->word[word];
		}
	}
	return value;
}

static void check_uncached_words(struct na_port *m, u32 frame)
{
	u32 word;
	u8 value;

	for (word = 0; word < SIM_WORDS; word++) {
		value = m->mem[frame].word[word];
		if (m->wc_any >> frame & 1)
			value = gathered(m, frame, word, value);
		check_word(m, frame, word, value, "memory");
	}
}

static void check_cached_words(struct na_port *m, u32 frame)
{
	bool dirty = false;
	u32 cpu, word;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
		const struct sim_cpu *c = &m->cpu[cpu];

		if (!(c->line_valid >> frame & 1))
			continue;
		dirty |= c->line_dirty >> frame & 1;
		for (word = 0; word < SIM_WORDS; word++)
			check_word(m, frame, word, c->line[frame].word[word],
				   "a cache");
	}
	for (word = 0; !dirty && word < SIM_WORDS; word++)
		check_word(m, frame, word, m->mem[frame].word[word],
			   "memory");
}

/* --- I1: the system's bookkeeping ------------------------------------------ */

static void check_mark(struct na_port *m, u32 frame, enum na_memtype type)
{
	if (m->marked[frame] != (u8)type)
		sim_fail(SIM_I1, (int)frame,
			 "frame %u is %s, the system was told %s", frame,
			 na_memtype_name(type),
			 na_memtype_name((enum na_memtype)m->marked[frame]));
}

/* --- by state ------------------------------------------------------------------------ */

static void check_ours(struct na_port *m, u32 frame,
		       struct na_ledger_entry entry)
{
	u32 cpu;

	if (!types_agree(m, frame, entry.type))
		sim_fail(SIM_I1, (int)frame, "frame %u is %s; %s", frame,
			 na_memtype_name(entry.type),
			 find_wrong(m, frame, entry.type));
	for (cpu = 0; m->line_any >> frame & 1 && cpu < m->cfg.nr_cpus; cpu++)
		if (m->cpu[cpu].line_valid >> frame & 1)
			sim_fail(SIM_I2, (int)frame,
				 "frame %u is %s; the cache of CPU %u has a %s line of it",
				 frame, na_memtype_name(entry.type), cpu,
				 m->cpu[cpu].line_dirty >> frame & 1 ?
				 "dirty" : "clean");
	check_uncached_words(m, frame);
	check_mark(m, frame, entry.type);
	if (m->owner[frame] == SIM_FREE)
		sim_fail(SIM_I7, (int)frame, "frame %u is free, the ledger has it %s",
			 frame, na_memtype_name(entry.type));
}

static void check_systems(struct na_port *m, u32 frame)
{
	if (!types_agree(m, frame, NA_WB))
		sim_fail(SIM_I4, (int)frame, "frame %u is the system's; %s",
			 frame, find_wrong(m, frame, NA_WB));
	if (m->wc_any >> frame & 1)
		sim_fail(SIM_I4, (int)frame,
			 "frame %u is the system's; a WC buffer holds data for it",
			 frame);
	if (m->owner[frame] == SIM_FREE && m->nr_own[frame])
		sim_fail(SIM_I4, (int)frame,
			 "frame %u is free; %u translations of ours reach it",
			 frame, m->nr_own[frame]);
	check_cached_words(m, frame);
	check_mark(m, frame, NA_WB);
}

static void check_zeroed(struct na_port *m, u32 frame)
{
	u32 word;

	for (word = 0; word < SIM_WORDS; word++)
		if (m->mem[frame].word[word])
			sim_fail(SIM_I3, (int)frame,
				 "frame %u is handed out with %u in word %u",
				 frame, m->mem[frame].word[word], word);
}

static void check_holders(struct na_port *m, u32 frame,
			  struct na_ledger_entry entry)
{
	if (m->pinned[frame] && (entry.state == NA_CLAIMED ||
				 entry.pins < m->pinned[frame]))
		sim_fail(SIM_I5, (int)frame,
			 "frame %u has %u pins of ours; the ledger has %u%s",
			 frame, m->pinned[frame], entry.pins,
			 entry.state == NA_CLAIMED ? ", claimed" : "");
	/*
	 * A claim may find a window that is held; it must not convert the
	 * frame.
	 */
	if (m->held[frame] && (entry.type != m->held_type[frame] ||
			       !types_agree(m, frame, entry.type)))
		sim_fail(SIM_I5, (int)frame,
			 "frame %u is converted under a window; %s", frame,
			 find_wrong(m, frame, m->held_type[frame]));
}

static void check_frame(struct na_port *m, u32 frame)
{
	struct na_ledger_entry entry;

	entry = na_ledger_lookup(&m->engine.ledger, na_frame(frame));
	if (m->was[frame] != (u8)entry.state) {
		if (m->was_owned[frame] == NA_SYSTEM &&
		    entry.state == NA_BUFFER)
			check_zeroed(m, frame);
		m->was[frame] = (u8)entry.state;
		if (entry.state != NA_CLAIMED)
			m->was_owned[frame] = (u8)entry.state;
	}
	if (m->pinned[frame] || m->held[frame])
		check_holders(m, frame, entry);
	if (entry.state == NA_BUFFER || entry.state == NA_LENT)
		check_ours(m, frame, entry);
	else if (entry.state == NA_SYSTEM)
		check_systems(m, frame);
	else if (m->owner[frame] == SIM_FREE)
		sim_fail(SIM_I7, (int)frame, "frame %u is free and %s", frame,
			 entry.state == NA_CLAIMED ? "claimed" : "quarantined");
}

void sim_check_step(struct na_port *m)
{
	u32 frame, nr = nr_frames(m);

	for (frame = 0; frame < nr; frame++)
		check_frame(m, frame);
	sim_check_windows(m);
}

void sim_check_freed(struct na_port *m, u32 frame)
{
	struct na_ledger_entry entry;
	struct sim_thread *cur = sim.cur;

	sim.cur = NULL;		/* a checker is not a step of the thread */
	entry = na_ledger_lookup(&m->engine.ledger, na_frame(frame));
	sim.cur = cur;
	if (entry.state != NA_SYSTEM)
		sim_fail(SIM_I7, (int)frame,
			 "frame %u is freed, the ledger does not have it as the system's",
			 frame);
	if (!types_agree(m, frame, NA_WB))
		sim_fail(SIM_I4, (int)frame, "frame %u is freed; %s", frame,
			 find_wrong(m, frame, NA_WB));
	if (m->nr_own[frame] || m->wc_any >> frame & 1)
		sim_fail(SIM_I4, (int)frame,
			 "frame %u is freed; %u translations of ours reach it%s",
			 frame, m->nr_own[frame], m->wc_any >> frame & 1 ?
			 ", a WC buffer holds data for it" : "");
}

/* --- at the end -------------------------------------------------------------------------- */

static void check_counts(struct na_port *m)
{
	u64 nr[NR_NA_STATES] = { 0 };
	struct na_ledger_entry entry;
	u32 frame, state;

	for (frame = 0; frame < nr_frames(m); frame++) {
		entry = na_ledger_lookup(&m->engine.ledger, na_frame(frame));
		nr[entry.state]++;
		if (m->owner[frame] == SIM_GIVEN && entry.state == NA_SYSTEM)
			sim_fail(SIM_I7, (int)frame,
				 "frame %u is lost: taken, in no buffer", frame);
		if (entry.state == NA_CLAIMED)
			sim_fail(SIM_I7, (int)frame,
				 "frame %u is claimed by nobody", frame);
	}
	for (state = NA_CLAIMED; state < NR_NA_STATES; state++)
		if (na_ledger_count(&m->engine.ledger, (enum na_state)state) !=
		    nr[state])
			sim_fail(SIM_I7, -1,
				 "the ledger counts %llu frames in state %u, there are %llu",
				 na_ledger_count(&m->engine.ledger,
						 (enum na_state)state),
				 state, nr[state]);
}

/* Write back all lines and WC buffers: they must have what was written last. */
static void settle(struct na_port *m)
{
	u32 cpu, frame;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
		sim_wc_drain(m, cpu);
		for (frame = 0; frame < nr_frames(m); frame++)
			if (m->cpu[cpu].line_valid >> frame & 1)
				sim_cache_evict(m, cpu, frame);
	}
}

void sim_check_end(struct na_port *m)
{
	check_counts(m);
	settle(m);
	sim_check_step(m);
}

void sim_check_sums(struct na_port *m)
{
	u16 nr[SIM_FRAMES_MAX][NR_NA_MEMTYPES] = { { 0 } };
	u32 vp, cpu, any = 0;

	for (vp = 0; vp < m->at.end; vp++) {
		sim_xlate_t x = m->pte[vp];

		if (x)
			nr[sim_xlate_frame(x)][sim_xlate_type(x)]++;
		for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++) {
			x = m->cpu[cpu].tlb[vp];
			if (x)
				nr[sim_xlate_frame(x)][sim_xlate_type(x)]++;
		}
	}
	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
		any |= m->cpu[cpu].line_valid;
	if (memcmp(nr, m->nr_xlate, sizeof(nr)) || any != m->line_any)
		sim_fail(SIM_TEST, -1, "the simulator miscounts");
}

/* --- holders ----------------------------------------------------------------------------- */

void sim_hold(struct na_port *m, u32 frame)
{
	struct sim_thread *cur = sim.cur;

	sim.cur = NULL;
	if (!m->held[frame]++)
		m->held_type[frame] = (u8)na_ledger_lookup(&m->engine.ledger,
						na_frame(frame)).type;
	sim.cur = cur;
}

void sim_unhold(struct na_port *m, u32 frame)
{
	m->held[frame]--;
}
