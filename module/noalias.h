/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the module
 *
 * One object, owned by main.c and handed to every part when it begins. A part
 * that is called by the kernel with something else finds it from there: what
 * the kernel holds is a member of it (container_of()), or has a pointer to it.
 */
#ifndef NA_MODULE_NOALIAS_H
#define NA_MODULE_NOALIAS_H

#include <linux/miscdevice.h>
#include <linux/notifier.h>
#include <noalias/machine.h>

#include "../port/linux/port.h"
#include "charge.h"

/**
 * struct noalias - the module
 * @port: what the engine acts on
 * @machine: the engine; of @port
 * @charges: what all buffers hold of each limit
 * @power: hears of hibernation
 * @node: /dev/noalias
 */
struct noalias {
	struct na_port port;
	struct na_machine machine;
	struct na_charges charges;
	struct notifier_block power;
	struct miscdevice node;
};

/** na_noalias_of() - whose machine it is. */
static inline struct noalias *na_noalias_of(struct na_machine *machine)
{
	return container_of(machine, struct noalias, machine);
}

#endif
