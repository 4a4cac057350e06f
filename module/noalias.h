/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the module
 *
 * One object, owned by main.c and passed to the init function of every part. A
 * callback of the kernel finds it from its argument, which is a member of it
 * (container_of()) or has a pointer to it.
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
 * @port: port of the engine
 * @machine: the engine's instance on @port
 * @zone: parameter: where heaps without a zone of their own take frames; may
 *	change at any time
 * @charges: sums over all buffers for each limit
 * @power: notifier of hibernation
 * @node: /dev/noalias
 */
struct noalias {
	struct na_port port;
	struct na_machine machine;
	enum na_zone zone;
	struct na_charges charges;
	struct notifier_block power;
	struct miscdevice node;
};

/** na_noalias_of() - the module that a machine is part of. */
static inline struct noalias *na_noalias_of(struct na_machine *machine)
{
	return container_of(machine, struct noalias, machine);
}

#endif
