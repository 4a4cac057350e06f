/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_AUDIT_H
#define NA_MODULE_AUDIT_H

#include <linux/dcache.h>
#include <noalias/audit.h>

/**
 * na_audit_debugfs_init() - files "audit" and "audit.json"
 * @dir: our directory in debugfs
 * @machine: whose ledger is a witness
 *
 * Opening one runs an audit, one at a time; what is read is that audit,
 * however long the file stays open. For root only: the result has addresses
 * of the kernel and names of all processes.
 *
 * The files go with @dir. Context: module init.
 * Return: 0; there is nothing that the module could do about an error.
 */
int na_audit_debugfs_init(struct dentry *dir, struct na_machine *machine);

#endif
