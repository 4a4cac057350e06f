/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: questions
 *
 * /dev/noalias: what include/uapi/noalias.h describes. Nothing here changes
 * anything.
 */
#ifndef NA_MODULE_QUERY_H
#define NA_MODULE_QUERY_H

#include <linux/compiler.h>
#include <noalias/machine.h>

/**
 * na_query_register() - make the node
 * @machine: whose ledger is asked
 *
 * Context: module init, after na_heaps_register().
 * Return: 0, or the error of misc_register().
 */
int na_query_register(struct na_machine *machine);

/**
 * na_query_refusal() - NOALIAS_IOC_QUERY_REFUSAL, on any node
 * @arg: struct noalias_query_refusal of the caller
 *
 * Context: may sleep. Return: 0, -ENOENT, -EINVAL, -EFAULT.
 */
long na_query_refusal(void __user *arg);

/** na_query_unregister() - remove the node; nobody has it open. */
void na_query_unregister(void);

#endif
