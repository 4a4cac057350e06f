/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_POWER_H
#define NA_MODULE_POWER_H

#include <noalias/buffer.h>

struct noalias;

/**
 * DOC: hibernation
 *
 * An image is written through cached mappings of every frame and restored by
 * a kernel that knows nothing of our types. So there is no hibernation while
 * converted frames exist, and no conversion while a hibernation is on its
 * way. Suspend to RAM keeps page tables and is let through.
 */

/**
 * na_power_init() - listen for hibernation
 * @noalias: the module
 *
 * Context: module init. Return: 0 or a negative errno.
 */
int na_power_init(struct noalias *noalias);

/** na_power_fini() - undo na_power_init(). */
void na_power_fini(struct noalias *noalias);

/**
 * na_power_enter() - a conversion to UC or WC begins
 *
 * Context: may sleep. Costs a per-CPU count.
 * Return: 0, paired with na_power_leave(); -EBUSY the machine is about to
 * hibernate.
 */
int na_power_enter(void);

/**
 * na_power_enter_back() - a conversion back to WB begins
 *
 * Never refused; a hibernation waits for its end.
 *
 * Context: may sleep. Costs a per-CPU count. Paired with na_power_leave().
 */
void na_power_enter_back(void);

/**
 * na_power_destroy() - na_buffer_destroy(), and a hibernation waits for it
 * @buffer: buffer, or NULL
 *
 * Context: may sleep, outside of na_power_enter().
 */
void na_power_destroy(struct na_buffer *buffer);

/** na_power_leave() - the conversion is committed or undone. */
void na_power_leave(void);

#endif
