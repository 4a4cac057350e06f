/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: scenarios
 *
 * Each file of tests/sim has a few related ones and exports a table of them
 * that ends with an entry without a name.
 */
#ifndef SIM_SCENARIOS_H
#define SIM_SCENARIOS_H

#include "check.h"
#include "cpu.h"
#include "kernel.h"
#include "sched.h"
#include "timeline.h"

extern const struct sim_scenario sim_scn_alias[];
extern const struct sim_scenario sim_scn_buffer[];
extern const struct sim_scenario sim_scn_convert[];
extern const struct sim_scenario sim_scn_purge[];
extern const struct sim_scenario sim_scn_window[];
extern const struct sim_scenario sim_scn_window_convert[];
extern const struct sim_scenario sim_scn_window_run[];
extern const struct sim_scenario sim_scn_storm[];
extern const struct sim_scenario *const sim_scn_tables[];

/** sim_scenario_find() - by name; NULL when there is none. */
const struct sim_scenario *sim_scenario_find(const char *name);

#endif
