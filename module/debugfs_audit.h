/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_DEBUGFS_AUDIT_H
#define NA_MODULE_DEBUGFS_AUDIT_H

#include <linux/dcache.h>
#include <noalias/audit.h>

/**
 * na_audit_debugfs_init() - create the file "audit" with the records
 * @dir: directory of the module in debugfs
 * @machine: instance; the audit compares its ledger's types too
 *
 * Opening it runs an audit, one at a time; reads return the result of that
 * audit. For root only: the result has kernel addresses and names of all
 * processes.
 *
 * The file is removed with @dir. A failure is ignored. Context: module init.
 */
void na_audit_debugfs_init(struct dentry *dir, struct na_machine *machine);

#endif
