// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Page tables: one array of entries for all of them. Kernel ranges are seen
 * by every CPU, those of a process by the CPUs that have its tables loaded.
 */
#include <stdio.h>

#include "hw.h"

static u64 range_mask(u32 from, u32 to)
{
	u64 upto = to == 64 ? ~0ull : (1ull << to) - 1;

	return upto & ~((1ull << from) - 1);
}

u64 sim_user_mask(const struct na_port *m, u32 proc)
{
	u32 from = m->at.user + proc * m->cfg.nr_user;

	return range_mask(from, from + m->cfg.nr_user);
}

u64 sim_walkable(const struct na_port *m, u32 cpu)
{
	u32 mm = m->cpu[cpu].mm;

	return m->kernel_mask | (mm ? sim_user_mask(m, mm - 1) : 0);
}

void sim_xlate_add(struct na_port *m, u32 vp, sim_xlate_t x, int by)
{
	u32 frame = sim_xlate_frame(x);

	m->nr_xlate[frame][sim_xlate_type(x)] += (u16)by;
	if (m->own_mask >> vp & 1)
		m->nr_own[frame] += (u16)by;
}

void sim_pte_write(struct na_port *m, u32 vp, sim_xlate_t x)
{
	if (m->pte[vp])
		sim_xlate_add(m, vp, m->pte[vp], -1);
	m->pte[vp] = x;
	if (x) {
		sim_xlate_add(m, vp, x, 1);
		m->pte_present |= 1ull << vp;
	} else {
		m->pte_present &= ~(1ull << vp);
	}
}

void sim_layout_init(struct na_port *m)
{
	const struct sim_config *cfg = &m->cfg;
	struct sim_layout *at = &m->at;
	u32 vp;

	at->direct = 0;
	at->kmap = (u8)(at->direct + cfg->nr_low);
	at->vmap = (u8)(at->kmap + cfg->nr_kmap);
	at->fix = (u8)(at->vmap + cfg->nr_vmap);
	at->win = (u8)(at->fix + cfg->nr_fix * cfg->nr_cpus);
	at->user = (u8)(at->win + cfg->nr_win);
	at->end = (u8)(at->user + cfg->nr_procs * cfg->nr_user);
	if (at->end > SIM_VPAGES_MAX)
		abort();
	m->kernel_mask = range_mask(0, at->user);
	m->own_mask = range_mask(at->win, at->end);
	for (vp = at->direct; vp < at->kmap; vp++)
		sim_pte_write(m, vp, sim_xlate(vp, NA_WB));
}

static int name_kernel_vp(const struct na_port *m, u32 vp, char *buf,
			  size_t len)
{
	const struct sim_layout *at = &m->at;
	u32 nr_fix = m->cfg.nr_fix;

	if (vp < at->kmap)
		return snprintf(buf, len, "direct[%u]", vp - at->direct);
	if (vp < at->vmap)
		return snprintf(buf, len, "kmap[%u]", vp - at->kmap);
	if (vp < at->fix)
		return snprintf(buf, len, "vmap[%u]", vp - at->vmap);
	if (vp < at->win)
		return snprintf(buf, len, "fixmap[cpu%u.%u]",
				(vp - at->fix) / nr_fix,
				(vp - at->fix) % nr_fix);
	return snprintf(buf, len, "window[%u]", vp - at->win);
}

const char *sim_vp_name(const struct na_port *m, u32 vp)
{
	static char bufs[8][32];
	static u32 next;
	char *buf = bufs[next++ % 8];
	u32 nr_user = m->cfg.nr_user;

	if (vp < m->at.user)
		name_kernel_vp(m, vp, buf, sizeof(bufs[0]));
	else
		snprintf(buf, sizeof(bufs[0]), "proc%c[%u]",
			 'A' + (char)((vp - m->at.user) / nr_user),
			 (vp - m->at.user) % nr_user);
	return buf;
}
