/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: ioctls
 *
 * /dev/noalias: the ioctls of include/uapi/noalias.h: queries, and the sync of a part
 * of a buffer. None of them changes anything of the module.
 */
#ifndef NA_MODULE_IOCTL_H
#define NA_MODULE_IOCTL_H

#include <linux/compiler.h>

struct noalias;

/**
 * na_ioctl_register() - create the node
 * @noalias: the module
 *
 * Context: module init, after na_heaps_register().
 * Return: 0, or the error of na_node_register().
 */
int na_ioctl_register(struct noalias *noalias);

/**
 * na_ioctl_refusal() - NOALIAS_IOC_QUERY_REFUSAL, on any node
 * @noalias: the module
 * @arg: struct noalias_query_refusal of the caller
 *
 * Context: may sleep. Return: 0, -ENOENT, -EINVAL, -EFAULT.
 */
long na_ioctl_refusal(struct noalias *noalias, void __user *arg);

/** na_ioctl_unregister() - remove the node, which is not open. */
void na_ioctl_unregister(struct noalias *noalias);

#endif
