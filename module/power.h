/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NA_MODULE_POWER_H
#define NA_MODULE_POWER_H

#include <noalias/buffer.h>

struct noalias;

/**
 * DOC: hibernation
 *
 * An image is written through cached mappings of every frame and restored by a
 * kernel without a record of our types. So hibernation is refused while
 * converted frames exist, and conversions are refused during a hibernation.
 * Suspend to RAM keeps page tables and is allowed.
 */

/**
 * na_power_init() - register the notifier
 * @noalias: the module
 *
 * Context: module init. Return: 0 or a negative errno.
 */
int na_power_init(struct noalias *noalias);

/** na_power_fini() - undo na_power_init(). */
void na_power_fini(struct noalias *noalias);

/**
 * na_power_enter() - begin a conversion to UC or WC
 *
 * Context: may sleep. Costs a per-CPU count.
 * Return: 0, paired with na_power_leave(); -EBUSY a hibernation has begun.
 */
int na_power_enter(void);

/**
 * na_power_enter_back() - begin a conversion back to WB
 *
 * Never refused; a hibernation waits for its end.
 *
 * Context: may sleep. Costs a per-CPU count. Paired with na_power_leave().
 */
void na_power_enter_back(void);

/**
 * na_power_destroy() - na_buffer_destroy() that a hibernation waits for
 * @buffer: buffer, or NULL
 *
 * Context: may sleep, not between na_power_enter() and na_power_leave().
 */
void na_power_destroy(struct na_buffer *buffer);

/** na_power_leave() - end a conversion, committed or undone. */
void na_power_leave(void);

#endif
