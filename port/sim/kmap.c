// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kmap pool, as in mm/highmem.c of Linux: a count of a slot is 0 when it
 * is clean, 1 when it is unused but still mapped, and one more for each user.
 * Slots are handed out round robin; when the counter wraps, all unused ones
 * are cleared and then shot down, under the pool's lock. page_address() of a
 * frame, which others can call, is NULL as soon as the entry is cleared: until
 * the shootdown the pool does not report a frame that other CPUs can still
 * reach.
 */
#include "cpu.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

int sim_kmap_find(const struct na_port *m, u32 frame)
{
	u32 i;

	for (i = 0; i < m->cfg.nr_kmap; i++)
		if (m->kmap.named[i] == frame + 1)
			return (int)i;
	return -1;
}

/* Result of page_address(); changes after the entry. */
static void set_page_address(struct na_port *m, u32 slot, u32 name)
{
	sim_point(SIM_OP_QUERY, 0, __func__);
	m->kmap.named[slot] = (u8)name;
}

static void flush_locked(struct na_port *m)
{
	u64 vmask = 0;
	u32 i;

	for (i = 0; i < m->cfg.nr_kmap; i++) {
		if (m->kmap.count[i] != 1)
			continue;
		m->kmap.count[i] = 0;
		sim_pte_set(m, m->at.kmap + i, 0, "kmap_flush");
		set_page_address(m, i, 0);
		vmask |= 1ull << (m->at.kmap + i);
	}
	if (vmask)
		sim_shootdown(m, vmask, sim_all_cpus(m), false, "kmap_flush");
}

void sim_kmap_flush_unused(struct na_port *m)
{
	na_spin_lock(&m->kmap.lock);
	flush_locked(m);
	na_spin_unlock(&m->kmap.lock);
}

/* Drops and takes the lock when all slots are in use. */
static u32 find_clean_locked(struct na_port *m)
{
	u32 tries;

	for (tries = 0;; tries++) {
		m->kmap.last = (u8)((m->kmap.last + 1) % m->cfg.nr_kmap);
		if (!m->kmap.last)
			flush_locked(m);
		if (!m->kmap.count[m->kmap.last])
			return m->kmap.last;
		if (tries <= m->cfg.nr_kmap)
			continue;
		na_spin_unlock(&m->kmap.lock);
		sim_block(SIM_WAIT_CHANNEL, &m->kmap, SIM_OP_WAIT, __func__);
		na_spin_lock(&m->kmap.lock);
		tries = 0;
	}
}

u32 sim_kmap(struct na_port *m, u32 frame)
{
	int found;
	u32 slot;

	if (sim_frame_is_low(m, frame))
		return m->at.direct + frame;
	na_spin_lock(&m->kmap.lock);
	found = sim_kmap_find(m, frame);
	if (found >= 0) {
		slot = (u32)found;
		m->kmap.count[slot]++;
	} else {
		slot = find_clean_locked(m);
		sim_pte_set(m, m->at.kmap + slot, sim_xlate(frame, NA_WB),
			    "kmap");
		set_page_address(m, slot, frame + 1);
		m->kmap.count[slot] = 2;
	}
	na_spin_unlock(&m->kmap.lock);
	sim_note(1u << frame, "kmap: frame %u at kmap[%u]", frame, slot);
	return m->at.kmap + slot;
}

void sim_kunmap(struct na_port *m, u32 vp)
{
	u32 slot = vp - m->at.kmap;

	if (vp < m->at.kmap)
		return;
	na_spin_lock(&m->kmap.lock);
	if (--m->kmap.count[slot] == 1)
		sim_wake_channel(m, &m->kmap);
	na_spin_unlock(&m->kmap.lock);
	sim_note(0, "kunmap: kmap[%u] unused, its entry stays", slot);
}
