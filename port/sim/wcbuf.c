// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Write-combining buffers: each gathers stores to one line and is drained to
 * memory at any time, without checking caches (Intel SDM vol. 3A, Buffering of
 * Write Combining Memory Locations: not snooped, when they are emptied must not
 * be relied upon).
 */
#include "hw.h"

static void update_any(struct na_port *m)
{
	u32 cpu, i;

	m->wc_any = 0;
	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
		for (i = 0; i < SIM_WCBUFS; i++)
			if (m->cpu[cpu].wc[i].mask)
				m->wc_any |= 1u << m->cpu[cpu].wc[i].frame;
}

void sim_wc_drain_one(struct na_port *m, u32 cpu, u32 idx)
{
	struct sim_wcbuf *buf = &m->cpu[cpu].wc[idx];
	u32 word;

	for (word = 0; word < SIM_WORDS; word++)
		if (buf->mask >> word & 1)
			m->mem[buf->frame].word[word] = buf->word[word];
	*buf = (struct sim_wcbuf){ .mask = 0 };
	update_any(m);
}

void sim_wc_drain(struct na_port *m, u32 cpu)
{
	u32 i;

	for (i = 0; i < SIM_WCBUFS; i++)
		if (m->cpu[cpu].wc[i].mask)
			sim_wc_drain_one(m, cpu, i);
}

void sim_wc_drain_frame(struct na_port *m, u32 cpu, u32 frame)
{
	u32 i;

	for (i = 0; i < SIM_WCBUFS; i++)
		if (m->cpu[cpu].wc[i].mask &&
		    m->cpu[cpu].wc[i].frame == frame)
			sim_wc_drain_one(m, cpu, i);
}

static u32 find_buf(struct na_port *m, u32 cpu, u32 frame)
{
	struct sim_wcbuf *wc = m->cpu[cpu].wc;
	u32 i;

	for (i = 0; i < SIM_WCBUFS; i++)
		if (wc[i].mask && wc[i].frame == frame)
			return i;
	for (i = 0; i < SIM_WCBUFS; i++)
		if (!wc[i].mask)
			return i;
	sim_wc_drain_one(m, cpu, 0);
	return 0;
}

void sim_wc_store(struct na_port *m, u32 cpu, u32 frame, u32 word, u8 value)
{
	struct sim_wcbuf *buf = &m->cpu[cpu].wc[find_buf(m, cpu, frame)];

	buf->frame = (u8)frame;
	buf->mask |= (u8)(1u << word);
	buf->word[word] = value;
	m->wc_any |= 1u << frame;
}
