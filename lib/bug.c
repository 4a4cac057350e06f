// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Bug: handling of failed assertions in the library. As in the kernel, it warns
 * once and continues safely; a library must not end the program.
 */
#include <noalias/types.h>

#include "internal.h"

static bool tell(const char *file, int line, const char *cond)
{
	static bool has_told;

	if (!__atomic_exchange_n(&has_told, true, __ATOMIC_RELAXED))
		fprintf(stderr, "libnoalias: bug at %s:%d: not true: %s\n",
			file, line, cond);
	return true;
}

/* A debugging program may have set another one. */
void lib_watch_bugs(void)
{
	if (!__atomic_load_n(&na_assert_hook, __ATOMIC_RELAXED))
		__atomic_store_n(&na_assert_hook, tell, __ATOMIC_RELAXED);
}
