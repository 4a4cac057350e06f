// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Copies: choice of the variant.
 *
 * It is chosen at each call. The compiler's runtime reads the CPU's features
 * once, before main(), so the choice is a load and a test, negligible compared
 * with one uncached access, and needs no variable of ours.
 */
#include <libnoalias/copy.h>

#include "copy.h"
#include "internal.h"

const struct lib_copy *const lib_copies[] = {
#if LIB_COPY_X86
	&lib_copy_avx2,
	&lib_copy_sse41,
	&lib_copy_sse2,
#endif
	&lib_copy_plain,
};

const size_t lib_nr_copies = sizeof(lib_copies) / sizeof(lib_copies[0]);

static const struct lib_copy *best(void)
{
	size_t i = 0;

	while (!lib_copies[i]->is_supported())
		i++;
	return lib_copies[i];
}

LIB_PUBLIC void noalias_copy_from_uncached(void *dst, const void *src,
					   size_t len)
{
	best()->from(dst, src, len);
}

LIB_PUBLIC void noalias_copy_to_uncached(void *dst, const void *src,
					 size_t len)
{
	best()->to(dst, src, len);
}

LIB_PUBLIC void noalias_fill_uncached(void *dst, int byte, size_t len)
{
	best()->fill(dst, byte, len);
}

LIB_PUBLIC const char *noalias_copy_method(void)
{
	return best()->name;
}
