/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_FRAMES_H
#define NA_MODULE_FRAMES_H

#include <linux/dcache.h>
#include <noalias/machine.h>

/**
 * na_frames_debugfs_init() - create noalias/frames: physical memory in runs
 * @dir: directory of the module
 * @machine: instance whose ledger is shown
 *
 * Context: module init.
 */
void na_frames_debugfs_init(struct dentry *dir, struct na_machine *machine);

#endif
