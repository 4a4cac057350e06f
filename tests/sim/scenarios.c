// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The list of all scenarios.
 */
#include "scenarios.h"

const struct sim_scenario *const sim_scn_tables[] = {
	sim_scn_alias,
	sim_scn_buffer,
	sim_scn_convert,
	sim_scn_purge,
	sim_scn_window,
	sim_scn_window_convert,
	sim_scn_window_run,
	sim_scn_storm,
	NULL,
};

const struct sim_scenario *sim_scenario_find(const char *name)
{
	const struct sim_scenario *const *table, *scn;

	for (table = sim_scn_tables; *table; table++)
		for (scn = *table; scn->name; scn++)
			if (!strcmp(scn->name, name))
				return scn;
	return NULL;
}
