// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * CPUs: accesses by the type of the translation that is used, fences, and
 * shootdowns. A store is recorded in m->truth the moment it is made; it is
 * what the next reader, CPU or device, has to see once the ordering that the
 * memory type requires was kept.
 */
#include "cpu.h"
#include "hw.h"
#include "sched.h"
#include "timeline.h"

u32 sim_this_cpu(struct na_port *m)
{
	(void)m;
	return sim.cur && sim.cur->cpu != SIM_NO_CPU ? sim.cur->cpu : 0;
}

u32 sim_all_cpus(const struct na_port *m)
{
	return (1u << m->cfg.nr_cpus) - 1;
}

/* --- accesses ---------------------------------------------------------------- */

/* All frames: a stale translation may lead to one that is in no page table. */
static u32 frames_of(struct na_port *m, u32 vp)
{
	u32 cpu = sim_this_cpu(m), set = 0;

	if (m->pte[vp])
		set |= 1u << sim_xlate_frame(m->pte[vp]);
	if (m->cpu[cpu].tlb_valid >> vp & 1)
		set |= 1u << sim_xlate_frame(m->cpu[cpu].tlb[vp]);
	return set;
}

static sim_xlate_t translate(struct na_port *m, u32 vp)
{
	sim_xlate_t x = sim_tlb_translate(m, sim_this_cpu(m), vp);

	if (!x)
		sim_fail(SIM_FAULT, -1, "access to %s, which is not mapped",
			 sim_vp_name(m, vp));
	return x;
}

static u8 load_word(struct na_port *m, u32 cpu, sim_xlate_t x, u32 word)
{
	u32 frame = sim_xlate_frame(x);

	if (sim_xlate_type(x) == NA_WB)
		return sim_cache_load(m, cpu, frame, word);
	/* A load drains what this CPU gathered for the line. */
	sim_wc_drain_frame(m, cpu, frame);
	return m->mem[frame].word[word];
}

static void store_word(struct na_port *m, u32 cpu, sim_xlate_t x, u32 word,
		       u8 value)
{
	u32 frame = sim_xlate_frame(x);

	switch (sim_xlate_type(x)) {
	case NA_WB:
		sim_cache_store(m, cpu, frame, word, value);
		break;
	case NA_WC:
		sim_wc_store(m, cpu, frame, word, value);
		break;
	default:
		m->mem[frame].word[word] = value;
	}
	m->truth[frame].word[word] = value;
	m->wild[frame] &= (u8)~(1u << word);
}

u8 sim_load(struct na_port *m, u32 vp, u32 word)
{
	sim_xlate_t x;
	u8 value;

	sim_point(SIM_OP_ACCESS, frames_of(m, vp), __func__);
	x = translate(m, vp);
	if (!x)
		return 0;
	value = load_word(m, sim_this_cpu(m), x, word);
	sim_note(1u << sim_xlate_frame(x), "reads %s word %u: %u",
		 sim_vp_name(m, vp), word, value);
	return value;
}

void sim_store(struct na_port *m, u32 vp, u32 word, u8 value)
{
	sim_xlate_t x;

	sim_point(SIM_OP_ACCESS, frames_of(m, vp), __func__);
	x = translate(m, vp);
	if (!x)
		return;
	store_word(m, sim_this_cpu(m), x, word, value);
	sim_note(1u << sim_xlate_frame(x), "writes %s word %u = %u (%s)",
		 sim_vp_name(m, vp), word, value,
		 na_memtype_name(sim_xlate_type(x)));
}

void sim_store_zero(struct na_port *m, u32 vp)
{
	sim_xlate_t x;
	u32 word;

	sim_point(SIM_OP_ACCESS, frames_of(m, vp), __func__);
	x = translate(m, vp);
	if (!x)
		return;
	for (word = 0; word < SIM_WORDS; word++)
		store_word(m, sim_this_cpu(m), x, word, 0);
	sim_note(1u << sim_xlate_frame(x), "zeroes frame %u through %s (%s)",
		 sim_xlate_frame(x), sim_vp_name(m, vp),
		 na_memtype_name(sim_xlate_type(x)));
}

void sim_expect_load(struct na_port *m, u32 vp, u32 word, u8 value)
{
	u8 seen = sim_load(m, vp, word);

	if (seen != value)
		sim_fail(SIM_I6, m->pte[vp] ?
			 (int)sim_xlate_frame(m->pte[vp]) : -1,
			 "read %u through %s word %u, %u was written", seen,
			 sim_vp_name(m, vp), word, value);
}

void sim_wmb(struct na_port *m)
{
	sim_point(SIM_OP_DRAIN, m->wc_any, __func__);
	sim_wc_drain(m, sim_this_cpu(m));
	sim_note(0, "drains its WC buffers");
}

/* --- translations ------------------------------------------------------------- */

void sim_pte_set(struct na_port *m, u32 vp, sim_xlate_t x, const char *where)
{
	u32 frames = 0;

	if (x)
		frames |= 1u << sim_xlate_frame(x);
	if (m->pte[vp])
		frames |= 1u << sim_xlate_frame(m->pte[vp]);
	sim_point(SIM_OP_PTE, frames, where);
	sim_pte_write(m, vp, x);
	if (x)
		sim_note(frames, "%s: entry %s = frame %u %s", where,
			 sim_vp_name(m, vp), sim_xlate_frame(x),
			 na_memtype_name(sim_xlate_type(x)));
	else
		sim_note(frames, "%s: entry %s = none", where,
			 sim_vp_name(m, vp));
}

void sim_invlpg(struct na_port *m, u32 vp)
{
	u32 frames;

	sim_point(SIM_OP_TLB, frames_of(m, vp), __func__);
	frames = frames_of(m, vp);
	sim_tlb_drop(m, sim_this_cpu(m), 1ull << vp);
	if (frames)
		sim_note(frames, "drops %s from its TLB", sim_vp_name(m, vp));
}

/* --- shootdowns ---------------------------------------------------------------- */

static void answer(struct na_port *m, u32 cpu, u64 vmask, bool drain)
{
	sim_tlb_drop(m, cpu, vmask);
	if (drain)
		sim_wc_drain(m, cpu);
}

void sim_cpu_answer(struct na_port *m, u32 cpu, u32 tid)
{
	struct sim_ipi *ipi = &m->thread[tid].ipi;

	answer(m, cpu, ipi->vmask, ipi->drain);
	ipi->pending &= (u8)~(1u << cpu);
}

/* In setup and checkers nothing else runs: all answer at once. */
static void shootdown_alone(struct na_port *m, u64 vmask, u32 cpus, bool drain)
{
	u32 cpu;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
		if (cpus >> cpu & 1)
			answer(m, cpu, vmask, drain);
}

u32 sim_shootdown(struct na_port *m, u64 vmask, u32 cpus, bool drain,
		  const char *where)
{
	struct sim_thread *th = sim.cur;
	u32 self, others;

	if (!th) {
		shootdown_alone(m, vmask, cpus, drain);
		return 0;
	}
	sim_point(SIM_OP_IPI, ~0u, where);
	self = 1u << th->cpu;
	others = cpus & ~self;
	if (cpus & self)
		answer(m, th->cpu, vmask, drain);
	sim_note(0, "%s: drops %s%s, interrupts %u CPU%s", where,
		 vmask ? vmask == ~0ull ? "every translation" :
			 "those translations" : "nothing",
		 drain ? ", drains WC" : "",
		 (u32)__builtin_popcount(others),
		 __builtin_popcount(others) == 1 ? "" : "s");
	if (!others)
		return 0;
	th->ipi = (struct sim_ipi){ .vmask = vmask, .drain = drain,
				    .pending = (u8)others };
	th->no_preempt++;
	sim_block(SIM_WAIT_ACKS, NULL, SIM_OP_ACKED, where);
	th->no_preempt--;
	th->ipi = (struct sim_ipi){ .vmask = 0 };
	return (u32)__builtin_popcount(others);
}

/* --- the device ------------------------------------------------------------------ */

void sim_dev_write(struct na_port *m, u32 frame, u32 word, u8 value)
{
	enum na_state state;

	sim_point(SIM_OP_ACCESS, 1u << frame, __func__);
	m->mem[frame].word[word] = value;
	m->truth[frame].word[word] = value;
	/*
	 * While the frame is cached or being converted the write may be lost: a
	 * dirty line may still be evicted over it.
	 */
	state = (enum na_state)m->was[frame];
	if (state == NA_BUFFER || state == NA_LENT)
		m->wild[frame] &= (u8)~(1u << word);
	else
		m->wild[frame] |= (u8)(1u << word);
	sim_note(1u << frame, "device writes frame %u word %u = %u", frame,
		 word, value);
	sim_timeline_device(m);
}

void sim_dev_expect(struct na_port *m, u32 frame, u32 word, u8 value)
{
	u8 seen;

	sim_point(SIM_OP_ACCESS, 1u << frame, __func__);
	seen = m->mem[frame].word[word];
	sim_note(1u << frame, "device reads frame %u word %u: %u", frame,
		 word, seen);
	sim_timeline_device(m);
	if (seen != value)
		sim_fail(SIM_I6, (int)frame,
			 "device read %u in frame %u word %u, %u was written",
			 seen, frame, word, value);
}
