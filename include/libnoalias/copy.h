/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: copies
 *
 * Copy functions for uncached memory. memcpy() out of WC memory is ten to a
 * hundred times slower than out of cached memory, because each load waits for
 * the bus: streaming loads fetch a line of 64 bytes at a time. memcpy() into WC
 * memory is slow when its stores do not fill whole lines in order, and pulls
 * lines into the cache when the memory is cached after all: non-temporal stores
 * do neither.
 *
 * On UC memory nothing streams: the CPU makes each load and store a bus
 * transaction of its own. The wide accesses used here only reduce their number.
 * Data that the CPU reads often does not belong in UC memory.
 *
 * Any address and any length will do; a length of 0 touches nothing. Each byte
 * of the uncached side is accessed exactly once, by an aligned access that
 * does not reach beyond the range. The ranges must not overlap. Both sides may
 * be cached memory; the result is right, but memcpy() is usually faster.
 *
 * On x86 the CPU's features choose the method at each call: AVX2, SSE4.1, SSE2,
 * or a loop over words; other machines always use the loop. These calls cannot
 * fail, may be made in any thread and are async-signal-safe.
 */
#ifndef LIBNOALIAS_COPY_H
#define LIBNOALIAS_COPY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * noalias_copy_from_uncached() - copy out of UC or WC memory
 * @dst: ordinary memory
 * @src: UC or WC memory
 * @len: bytes
 *
 * Ordering. Loads of the source come after all loads and stores before the
 * call: a caller that has seen a device's flag reads the data that belongs to
 * it, and no line fetched by an earlier streaming load is used again.
 */
void noalias_copy_from_uncached(void *dst, const void *src, size_t len);

/**
 * noalias_copy_to_uncached() - copy into UC or WC memory
 * @dst: UC or WC memory
 * @src: ordinary memory
 * @len: bytes
 *
 * Ordering. On return the stores have left the CPU's write-combining buffers:
 * a store after the call is seen after them.
 */
void noalias_copy_to_uncached(void *dst, const void *src, size_t len);

/**
 * noalias_fill_uncached() - set bytes of UC or WC memory
 * @dst: UC or WC memory
 * @byte: value, converted to unsigned char
 * @len: bytes
 *
 * Ordering. As noalias_copy_to_uncached().
 */
void noalias_fill_uncached(void *dst, int byte, size_t len);

/**
 * noalias_copy_method() - method that the copies use on this CPU
 *
 * Return: "avx2", "sse4.1", "sse2" or "plain".
 */
const char *noalias_copy_method(void);

#ifdef __cplusplus
}
#endif

#endif
