// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Copies by 16 bytes: SSE2 has non-temporal stores, SSE4.1 streaming loads.
 *
 * A streaming load of WC memory loads the whole line into a buffer of the CPU,
 * from which the next three loads read. The buffer is small and easily evicted,
 * so the four loads of a line are adjacent. It is also not coherent, hence the
 * fence before the first.
 *
 * Each function has a target attribute, because the library is built for CPUs
 * without these instructions.
 */
#include "copy.h"

#if LIB_COPY_X86
#include <immintrin.h>

#define SSE2 __attribute__((target("sse2")))
#define SSE41 __attribute__((target("sse4.1")))

/* --- SSE2 -------------------------------------------------------------------- */

static bool has_sse2(void)
{
	return __builtin_cpu_supports("sse2");
}

SSE2 static void from_line(char *dst, const char *src)
{
	const __m128i *from = (const __m128i *)src;
	__m128i *to = (__m128i *)dst;
	__m128i a = _mm_load_si128(from), b = _mm_load_si128(from + 1);
	__m128i c = _mm_load_si128(from + 2), d = _mm_load_si128(from + 3);

	_mm_storeu_si128(to, a);
	_mm_storeu_si128(to + 1, b);
	_mm_storeu_si128(to + 2, c);
	_mm_storeu_si128(to + 3, d);
}

SSE2 static void from_sse2(void *dst, const void *src, size_t len)
{
	size_t step = lib_copy_head((uintptr_t)src, len);
	char *to = (char *)dst + step;
	const char *from = (const char *)src + step;

	_mm_mfence();
	lib_copy_edge_from(dst, src, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		from_line(to, from);
		to += COPY_LINE;
		from += COPY_LINE;
	}
	lib_copy_edge_from(to, from, len);
}

SSE2 static void to_line(char *dst, const char *src)
{
	const __m128i *from = (const __m128i *)src;
	__m128i *to = (__m128i *)dst;
	__m128i a = _mm_loadu_si128(from), b = _mm_loadu_si128(from + 1);
	__m128i c = _mm_loadu_si128(from + 2), d = _mm_loadu_si128(from + 3);

	_mm_stream_si128(to, a);
	_mm_stream_si128(to + 1, b);
	_mm_stream_si128(to + 2, c);
	_mm_stream_si128(to + 3, d);
}

SSE2 static void to_sse2(void *dst, const void *src, size_t len)
{
	size_t step = lib_copy_head((uintptr_t)dst, len);
	char *to = (char *)dst + step;
	const char *from = (const char *)src + step;

	lib_copy_edge_to(dst, src, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		to_line(to, from);
		to += COPY_LINE;
		from += COPY_LINE;
	}
	lib_copy_edge_to(to, from, len);
	/* Drain the WC buffers, so that a device sees the stores. */
	_mm_sfence();
}

SSE2 static void fill_sse2(void *dst, int byte, size_t len)
{
	__m128i pattern = _mm_set1_epi8((char)byte);
	size_t step = lib_copy_head((uintptr_t)dst, len);
	char *to = (char *)dst + step;

	lib_copy_edge_fill(dst, byte, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		_mm_stream_si128((__m128i *)to, pattern);
		_mm_stream_si128((__m128i *)to + 1, pattern);
		_mm_stream_si128((__m128i *)to + 2, pattern);
		_mm_stream_si128((__m128i *)to + 3, pattern);
		to += COPY_LINE;
	}
	lib_copy_edge_fill(to, byte, len);
	_mm_sfence();
}

const struct lib_copy lib_copy_sse2 = {
	.name = "sse2",
	.is_supported = has_sse2,
	.from = from_sse2,
	.to = to_sse2,
	.fill = fill_sse2,
};

/* --- SSE4.1 ------------------------------------------------------------------ */

static bool has_sse41(void)
{
	return __builtin_cpu_supports("sse4.1");
}

SSE41 static void stream_line(char *dst, const char *src)
{
	/* The intrinsic takes no pointer to const. */
	__m128i *from = (__m128i *)(uintptr_t)src, *to = (__m128i *)dst;
	__m128i a = _mm_stream_load_si128(from);
	__m128i b = _mm_stream_load_si128(from + 1);
	__m128i c = _mm_stream_load_si128(from + 2);
	__m128i d = _mm_stream_load_si128(from + 3);

	_mm_storeu_si128(to, a);
	_mm_storeu_si128(to + 1, b);
	_mm_storeu_si128(to + 2, c);
	_mm_storeu_si128(to + 3, d);
}

SSE41 static void from_sse41(void *dst, const void *src, size_t len)
{
	size_t step = lib_copy_head((uintptr_t)src, len);
	char *to = (char *)dst + step;
	const char *from = (const char *)src + step;

	/* Drop lines left by earlier streaming loads: they may be outdated. */
	_mm_mfence();
	lib_copy_edge_from(dst, src, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		stream_line(to, from);
		to += COPY_LINE;
		from += COPY_LINE;
	}
	lib_copy_edge_from(to, from, len);
}

const struct lib_copy lib_copy_sse41 = {
	.name = "sse4.1",
	.is_supported = has_sse41,
	.from = from_sse41,
	.to = to_sse2,
	.fill = fill_sse2,
};

#endif
