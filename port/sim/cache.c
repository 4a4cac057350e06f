// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Caches: private, write-back, coherent with each other and with nothing
 * else. A fill takes the newest cached copy; a fill for ownership takes all
 * others away and leaves the line modified though nobody wrote it (AMD's note
 * on the cache-attribute conflict of 2002: lines are allocated in the shared,
 * exclusive or modified state by speculation). Accesses through UC and WC
 * mappings and those of the device bypass the caches, both ways.
 */
#include "hw.h"

/* The holder of a modified copy, or -1. */
static int dirty_cpu(const struct na_port *m, u32 frame)
{
	u32 cpu;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
		if (m->cpu[cpu].line_dirty >> frame & 1)
			return (int)cpu;
	return -1;
}

static void drop(struct na_port *m, u32 cpu, u32 frame)
{
	u32 any = 0;
	u32 i;

	m->cpu[cpu].line_valid &= ~(1u << frame);
	m->cpu[cpu].line_dirty &= ~(1u << frame);
	m->cpu[cpu].line[frame] = (struct sim_line){ .word = { 0 } };
	for (i = 0; i < m->cfg.nr_cpus; i++)
		any |= m->cpu[i].line_valid;
	m->line_any = any;
}

static void write_back(struct na_port *m, u32 cpu, u32 frame)
{
	if (!(m->cpu[cpu].line_dirty >> frame & 1))
		return;
	m->mem[frame] = m->cpu[cpu].line[frame];
	m->cpu[cpu].line_dirty &= ~(1u << frame);
}

void sim_cache_fill(struct na_port *m, u32 cpu, u32 frame, bool own)
{
	struct sim_cpu *c = &m->cpu[cpu];
	int holder = dirty_cpu(m, frame);
	struct sim_line line;
	u32 i;

	if (holder >= 0)
		write_back(m, (u32)holder, frame);
	line = c->line_valid >> frame & 1 ? c->line[frame] : m->mem[frame];
	for (i = 0; own && i < m->cfg.nr_cpus; i++)
		if (m->cpu[i].line_valid >> frame & 1)
			drop(m, i, frame);
	c->line[frame] = line;
	c->line_valid |= 1u << frame;
	if (own)
		c->line_dirty |= 1u << frame;
	m->line_any |= 1u << frame;
}

void sim_cache_evict(struct na_port *m, u32 cpu, u32 frame)
{
	write_back(m, cpu, frame);
	drop(m, cpu, frame);
}

void sim_cache_clean(struct na_port *m, u32 frame)
{
	u32 cpu;

	for (cpu = 0; cpu < m->cfg.nr_cpus; cpu++)
		if (m->cpu[cpu].line_valid >> frame & 1)
			sim_cache_evict(m, cpu, frame);
}

u8 sim_cache_load(struct na_port *m, u32 cpu, u32 frame, u32 word)
{
	if (!(m->cpu[cpu].line_valid >> frame & 1))
		sim_cache_fill(m, cpu, frame, false);
	return m->cpu[cpu].line[frame].word[word];
}

void sim_cache_store(struct na_port *m, u32 cpu, u32 frame, u32 word,
		     u8 value)
{
	if (!(m->cpu[cpu].line_dirty >> frame & 1))
		sim_cache_fill(m, cpu, frame, true);
	m->cpu[cpu].line[frame].word[word] = value;
}
