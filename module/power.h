/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_POWER_H
#define NA_MODULE_POWER_H

#include <noalias/machine.h>

/**
 * na_power_init() - veto hibernation while converted frames exist
 *
 * An image is written through cached mappings of every frame and restored
 * by a kernel that knows nothing of our types.
 *
 * Context: module init. Return: 0 or a negative errno.
 */
int na_power_init(struct na_machine *machine);

/** na_power_fini() - undo na_power_init(). */
void na_power_fini(void);

#endif
