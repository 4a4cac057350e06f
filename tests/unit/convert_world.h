/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the cases on conversions share. Frames 0 to 15 are low, 16 to 63 high.
 * The frames belong to a driver, that is to the case; conversions lend them
 * (NA_LENT).
 */
#ifndef CONVERT_WORLD_H
#define CONVERT_WORLD_H

#include <noalias/convert.h>

#include "world.h"

#define NR 64
#define NR_LOW 16

ROOM const struct na_run low = { { 2 }, 6 };
ROOM const struct na_run high = { { 20 }, 8 };
ROOM const struct na_run mixed = { { 12 }, 8 };
ROOM const struct na_run many[] = {
	{ { 40 }, 3 }, { { 0 }, 1 }, { { 14 }, 4 }, { { 63 }, 1 },
};
#define NR_MANY 4

struct scene {
	const char *name;
	const struct na_run *runs;
	u32 nr_runs;
};

ROOM const struct scene scenes[] = {
	{ "low", &low, 1 },
	{ "high", &high, 1 },
	{ "mixed", &mixed, 1 },
	{ "many", many, NR_MANY },
};
#define NR_SCENES (sizeof(scenes) / sizeof(scenes[0]))

ROOM void begin(struct world *w, const struct scene *s)
{
	u32 i;

	world_begin(w, NR, NR_LOW);
	for (i = 0; i < s->nr_runs; i++)
		fake_take(w->port, s->runs[i]);
}

/* As a driver that just filled them: stale pool entries, dirty lines. */
ROOM void soil(struct world *w, const struct scene *s)
{
	unsigned long frame;
	u32 i, j;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			frame = s->runs[i].first.nr + j;
			if (frame >= NR_LOW)
				world_kmap_once(w, frame);
			else
				fake_write_cached(w->port, na_frame(frame));
			fake_vunmap(w->port, na_frame(frame));
		}
	fake_forget(w->port);
}

ROOM int to(struct world *w, const struct scene *s, enum na_memtype type)
{
	return na_convert_to(&w->machine, s->runs, s->nr_runs, type, NA_LENT);
}

ROOM int back(struct world *w, const struct scene *s, enum na_memtype type)
{
	return na_convert_back(&w->machine, s->runs, s->nr_runs, type,
			       NA_LENT);
}

ROOM void expect_state(struct world *w, const struct scene *s,
		       enum na_state state, enum na_memtype type)
{
	struct na_ledger_entry entry;
	u32 i, j;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			entry = na_ledger_lookup(&w->machine.ledger,
						 na_frame_add(s->runs[i].first,
							      j));
			EXPECT_EQ(entry.state, state);
			EXPECT_EQ(entry.type, type);
		}
}

ROOM void give_back(struct world *w, const struct scene *s,
		    enum na_memtype type)
{
	EXPECT_EQ(back(w, s, type), 0);
	expect_state(w, s, NA_SYSTEM, NA_WB);
	world_end(w);
}

/* Frames of @lost, a bit each, are in quarantine, the others the system's. */
ROOM void expect_lost(struct world *w, const struct scene *s, u64 lost,
		      enum na_memtype type)
{
	struct na_ledger_entry entry;
	u32 i, j, nr;

	for (i = 0; i < s->nr_runs; i++)
		for (j = 0; j < s->runs[i].nr; j++) {
			nr = (u32)s->runs[i].first.nr + j;
			entry = na_ledger_lookup(&w->machine.ledger,
						 na_frame(nr));
			EXPECT_EQ(entry.state, lost >> nr & 1 ?
				  NA_QUARANTINED : NA_SYSTEM);
			EXPECT_EQ(entry.type, lost >> nr & 1 ? type : NA_WB);
		}
	EXPECT_EQ(world_count(w, NA_QUARANTINED),
		  __builtin_popcountll(lost));
	EXPECT_EQ(world_count(w, NA_CLAIMED), 0);
}

#endif
