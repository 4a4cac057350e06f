/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_DEBUGFS_H
#define NA_MODULE_DEBUGFS_H

#include <noalias/machine.h>

/**
 * na_debugfs_init() - create /sys/kernel/debug/noalias
 * @machine: instance to show
 *
 * Without debugfs it does nothing. Context: module init.
 */
void na_debugfs_init(struct na_machine *machine);

/** na_debugfs_fini() - remove it; waits for readers. */
void na_debugfs_fini(void);

#endif
