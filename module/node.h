/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: device nodes
 *
 * devtmpfs makes the node of a device and keeps one that was there before,
 * without a word to the driver: programs then open somebody else's device
 * under our name.
 */
#ifndef NA_MODULE_NODE_H
#define NA_MODULE_NODE_H

#include <linux/miscdevice.h>

/**
 * na_node_check() - one line in the log when something else has the name
 * @misc: registered device
 *
 * Looks below /dev as the process that loads the module sees it. Nothing
 * there is no fault: /dev may not be a devtmpfs, and udev may come later. A
 * node that is replaced after the load is for user space to find, by the
 * device numbers that NOALIAS_IOC_QUERY_HEAP and sysfs tell.
 *
 * Context: module init; may sleep.
 */
void na_node_check(const struct miscdevice *misc);

#endif
