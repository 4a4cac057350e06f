// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Coroutines: a switch of stacks written by hand where that takes ten lines,
 * and ucontext elsewhere, with the context on the coroutine's own stack, as
 * co.h requires.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "co.h"

#if defined(__x86_64__) && !defined(SIM_UCONTEXT)

__asm__(
	".text\n"
	".globl sim_co_switch\n"
	".type sim_co_switch, @function\n"
	"sim_co_switch:\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size sim_co_switch, .-sim_co_switch\n");

void *sim_co_make(void *stack, size_t len, void (*fn)(void))
{
	void **sp = (void **)((char *)stack + len);

	/* As after a call: the stack pointer is 8 off a multiple of 16. */
	*--sp = NULL;
	*--sp = (void *)fn;
	sp -= 6;
	memset(sp, 0, 6 * sizeof(*sp));
	return sp;
}

#else

#include <ucontext.h>

void *sim_co_make(void *stack, size_t len, void (*fn)(void))
{
	ucontext_t *uc = (ucontext_t *)(void *)((char *)stack + len) - 1;

	uc = (ucontext_t *)((uintptr_t)uc & ~(uintptr_t)63);
	getcontext(uc);
	uc->uc_stack.ss_sp = stack;
	uc->uc_stack.ss_size = (size_t)((char *)uc - (char *)stack) - 256;
	uc->uc_link = NULL;
	makecontext(uc, fn, 0);
	return uc;
}

void sim_co_switch(void **save, void *to)
{
	ucontext_t here;

	*save = &here;
	swapcontext(&here, to);
}

#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>

static const void *main_stack;
static size_t main_len;
static bool entering_main;

/*
 * ASan takes the NULL for "this stack is never entered again" and frees what it
 * keeps of its variables on the heap: nothing, sanitize.mk sees to that.
 */
void sim_co_enter_stack(const void *stack, size_t len)
{
	entering_main = !stack;
	if (entering_main) {
		stack = main_stack;
		len = main_len;
	}
	__sanitizer_start_switch_fiber(NULL, stack, len);
}

void sim_co_entered_stack(void)
{
	const void *from;
	size_t len;

	__sanitizer_finish_switch_fiber(NULL, &from, &len);
	if (!entering_main && !main_stack) {
		main_stack = from;
		main_len = len;
	}
}

#else

void sim_co_enter_stack(const void *stack, size_t len)
{
	(void)stack;
	(void)len;
}

void sim_co_entered_stack(void)
{
}

#endif
