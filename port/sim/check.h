/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: checkers
 *
 * The invariants of docs/invariants.md, checked in the whole state after each
 * step. They use the ledger's words, the hardware and m->truth, and no other
 * data of the engine. Only sim_check_windows() reads the engine's lists,
 * because a lost slot shows nowhere else.
 */
#ifndef SIM_CHECK_H
#define SIM_CHECK_H

#include "sim.h"

/** sim_check_step() - check I1 to I7 as far as they hold at every moment. */
void sim_check_step(struct na_port *m);
/** sim_check_windows() - check I7 of slots: each is in its list, once. */
void sim_check_windows(struct na_port *m);
/** sim_check_end() - check for leaks when all threads have ended. */
void sim_check_end(struct na_port *m);
/** sim_check_freed() - check I4 of a frame that is being freed. */
void sim_check_freed(struct na_port *m, u32 frame);
/** sim_check_sums() - compare the sums of struct na_port with a full count. */
void sim_check_sums(struct na_port *m);

/** sim_hold(), sim_unhold() - the scenario holds a window on @frame (I5). */
void sim_hold(struct na_port *m, u32 frame);
void sim_unhold(struct na_port *m, u32 frame);

#endif
