/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_DEBUGFS_AUDIT_H
#define NA_MODULE_DEBUGFS_AUDIT_H

#include <linux/dcache.h>
#include <noalias/audit.h>

/**
 * na_audit_debugfs_init() - file "audit": records, one a line
 * @dir: our directory in debugfs
 * @machine: whose ledger is a witness
 *
 * Opening it runs an audit, one at a time; what is read is that audit,
 * however long the file stays open. For root only: the result has addresses
 * of the kernel and names of all processes.
 *
 * The file goes with @dir. Without it nothing else is lost. Context: module
 * init.
 */
void na_audit_debugfs_init(struct dentry *dir, struct na_machine *machine);

#endif
