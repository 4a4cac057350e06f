/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * world: a machine on the fake port's frames, as most cases need. world_end()
 * checks that no invariant is violated and nothing is lost.
 */
#ifndef WORLD_H
#define WORLD_H

#include <noalias/machine.h>

#include "../fake/port.h"
#include "tap.h"

struct world {
	struct na_port *port;
	struct na_machine machine;
};

__attribute__((unused)) static void world_begin(struct world *w, u32 nr_frames,
						u32 nr_direct)
{
	memset(w, 0, sizeof(*w));
	w->port = fake_frames_create(nr_frames, nr_direct);
	EXPECT_EQ(na_machine_init(&w->machine, w->port, nr_frames), 0);
	w->port->ledger = &w->machine.ledger;
	fake_forget(w->port);
}

/* For cases that leave a broken world behind on purpose. */
__attribute__((unused)) static void world_abandon(struct world *w)
{
	w->port->ledger = NULL;
	fake_destroy(w->port);
}

__attribute__((unused)) static u64 world_count(const struct world *w,
					       enum na_state state)
{
	return na_ledger_count(&w->machine.ledger, state);
}

/* No call runs: every invariant holds, and @nr_quarantined frames are lost. */
__attribute__((unused)) static void world_end_with(struct world *w,
						   u32 nr_quarantined)
{
	EXPECT_STR(fake_fault(w->port), NULL);
	EXPECT_EQ(world_count(w, NA_QUARANTINED), nr_quarantined);
	na_machine_fini(&w->machine);
	EXPECT_EQ(fake_nr_blocks(w->port), 0);
	world_abandon(w);
}

__attribute__((unused)) static void world_end(struct world *w)
{
	EXPECT_EQ(fake_count_ours(w->port), 0);
	world_end_with(w, 0);
}

__attribute__((unused)) static u64 world_stat(const struct world *w,
					      enum na_stat stat)
{
	return na_stat_read(&w->machine, stat);
}

__attribute__((unused)) static struct na_run run_of(unsigned long first,
						    u32 nr)
{
	return na_run(na_frame(first), nr);
}

/* A frame of high memory whose entry in the kmap pool stayed behind. */
__attribute__((unused)) static void world_kmap_once(struct world *w,
						    unsigned long frame)
{
	fake_kmap(w->port, na_frame(frame));
	fake_write_cached(w->port, na_frame(frame));
	fake_kunmap(w->port, na_frame(frame));
}

#endif
