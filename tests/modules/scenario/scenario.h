/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include "port.h"

/** struct scenario_text - one file of tests/scenario/texts and its log. */
struct scenario_text {
	const char *name;
	const char *text;
	const char *expected;
};

/* texts.c, made by tests/scenario/embed; ends with an entry of NULLs. */
extern const struct scenario_text scenario_texts[];

/* world.c */

/**
 * scenario_world_begin() - the kmap pool as every run must find it
 *
 * Nothing of it is stale, and it does not wrap for a while: when it does, the
 * kernel removes stale entries by itself, and the log would differ.
 */
int scenario_world_begin(struct na_port *port);

#endif
