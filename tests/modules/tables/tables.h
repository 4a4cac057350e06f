/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TABLES_H
#define TABLES_H

#include <linux/types.h>

#include "tables_uapi.h"

struct na_audit_walker;

/**
 * struct na_audit - whom the walker calls back: the engine's name, our contents
 * @pid: the process whose mappings are wanted, beside the kernel's
 * @in_process: the walk is in some process
 * @is_wanted: what is offered is to be written down
 * @is_open: the last run may grow: its place has not ended
 * @nr_runs: length of @runs
 * @runs: room for TABLES_RUNS_MAX
 */
struct na_audit {
	int pid;
	bool in_process;
	bool is_wanted;
	bool is_open;
	u32 nr_runs;
	struct tables_run *runs;
};

#endif
