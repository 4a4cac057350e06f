/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: checkers
 *
 * The invariants of docs/invariants.md, looked for in the whole state after
 * each step. They trust the ledger's words, the hardware and m->truth, and
 * nothing that the engine says of itself. sim_check_windows() looks at the
 * engine's own books, for a slot that is lost shows nowhere else.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "sim.h"

/** sim_check_step() - I1 to I7 as far as they hold at every moment. */
void sim_check_step(struct na_port *m);
/** sim_check_windows() - I7 of slots: each is where its state says, once. */
void sim_check_windows(struct na_port *m);
/** sim_check_end() - no thread is left: nothing is lost, nothing lingers. */
void sim_check_end(struct na_port *m);
/** sim_check_freed() - I4 of a frame that is being given back. */
void sim_check_freed(struct na_port *m, u32 frame);
/** sim_check_sums() - the sums of struct na_port against a full count. */
void sim_check_sums(struct na_port *m);

/** sim_hold(), sim_unhold() - the scenario holds a window on @frame (I5). */
void sim_hold(struct na_port *m, u32 frame);
void sim_unhold(struct na_port *m, u32 frame);

#endif
