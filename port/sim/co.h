/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: coroutines
 *
 * A simulated thread is a coroutine on a stack inside the arena. The state of a
 * suspended coroutine is on its stack, at and above its stack pointer, so a
 * copy of that range and of the pointer is a copy of the coroutine.
 */
#ifndef SIM_CO_H
#define SIM_CO_H

#include <stddef.h>

/**
 * sim_co_make() - prepare a stack so that the first switch enters @fn
 * @stack: lowest byte
 * @len: bytes
 * @fn: never returns
 *
 * Return: the stack pointer to switch to.
 */
void *sim_co_make(void *stack, size_t len, void (*fn)(void));

/**
 * sim_co_switch() - switch to another stack
 * @save: receives the current stack pointer
 * @to: stack pointer to switch to
 */
void sim_co_switch(void **save, void *to);

/**
 * sim_co_enter_stack(), sim_co_entered_stack() - tell the address sanitizer
 *
 * Around a switch: the first before it, with the stack that will be used
 * (NULL for the scheduler's), the second first thing after it. Nothing
 * without the sanitizer.
 */
void sim_co_enter_stack(const void *stack, size_t len);
void sim_co_entered_stack(void);

#endif
