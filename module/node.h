/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: device nodes
 *
 * devtmpfs creates the node of a device but keeps an existing one, without an
 * error: programs then open another driver's device under our name.
 */
#ifndef NA_MODULE_NODE_H
#define NA_MODULE_NODE_H

#include <linux/miscdevice.h>

/**
 * na_node_register() - register a device, and look at its node
 * @misc: what to register
 *
 * Logs a line if the device cannot be had, and one if something else has the name
 * of its node. Looks in /dev and /sys of the process that loads the module. A
 * missing node is no error: /dev may not be a devtmpfs, and udev may create it
 * later. User space detects a node that is replaced after the load by the device
 * numbers from NOALIAS_IOC_QUERY_HEAP and sysfs.
 *
 * Context: module init; may sleep.
 * Return: 0, -EEXIST if another driver has a device of that name, or the error of
 * misc_register().
 */
int na_node_register(struct miscdevice *misc);

#endif
