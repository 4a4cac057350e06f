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
 * na_node_check() - log a line if something else has the name of a node
 * @misc: registered device
 *
 * Looks in /dev of the process that loads the module. A missing node is no
 * error: /dev may not be a devtmpfs, and udev may create it later. User space
 * detects a node that is replaced after the load by the device numbers from
 * NOALIAS_IOC_QUERY_HEAP and sysfs.
 *
 * Context: module init; may sleep.
 */
void na_node_check(const struct miscdevice *misc);

#endif
