/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the cases on the ledger share. A leaf covers LEAF frames; the ledger
 * here ends in the middle of its third.
 */
#ifndef LEDGER_WORLD_H
#define LEDGER_WORLD_H

#include <noalias/ledger.h>

#include "world.h"

#define LEAF 1024u
#define NR (2 * LEAF + 100)
#define PORT_FRAMES 64

ROOM struct na_ledger *begin(struct world *w)
{
	world_begin(w, PORT_FRAMES, 0);
	/* Larger than the machine: no call of these cases touches a frame. */
	w->port->ledger = NULL;
	na_machine_fini(&w->machine);
	EXPECT_EQ(na_machine_init(&w->machine, w->port, NR), 0);
	return &w->machine.ledger;
}

ROOM void end(struct world *w)
{
	int state;

	for (state = NA_SYSTEM; state < NR_NA_STATES; state++)
		EXPECT_EQ(world_count(w, (enum na_state)state), 0);
	na_machine_fini(&w->machine);
	EXPECT_EQ(fake_nr_blocks(w->port), 0);
	world_abandon(w);
}

ROOM int claim(struct na_ledger *ledger, struct na_run run)
{
	return na_ledger_claim(ledger, &run, 1, NA_SYSTEM, NA_WB);
}

ROOM void commit(struct na_ledger *ledger, struct na_run run,
		 enum na_state to, enum na_memtype type)
{
	na_ledger_commit(ledger, &run, 1, to, type);
}

/* A claim from any state, then back to the system. */
ROOM void give_back(struct na_ledger *ledger, struct na_run run,
		    enum na_state from, enum na_memtype type)
{
	EXPECT_EQ(na_ledger_claim(ledger, &run, 1, from, type), 0);
	commit(ledger, run, NA_SYSTEM, NA_WB);
}

ROOM void expect_run(const struct na_ledger *ledger, struct na_run run,
		     enum na_state state, enum na_memtype type)
{
	struct na_ledger_entry entry;
	u32 i;

	for (i = 0; i < run.nr; i++) {
		entry = na_ledger_lookup(ledger, na_frame_add(run.first, i));
		EXPECT_EQ(entry.state, state);
		EXPECT_EQ(entry.type, type);
	}
}

ROOM void expect_all_system(const struct na_ledger *ledger)
{
	struct na_frame frame = na_frame(0);
	struct na_ledger_entry entry;

	EXPECT(!na_ledger_next_held(ledger, &frame, &entry));
}

#endif
