// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Copies by 32 bytes; see copy_sse.c.
 */
#include "copy.h"

#if LIB_COPY_X86
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

AVX2 static void stream_line(char *dst, const char *src)
{
	const __m256i *from = (const __m256i *)src;
	__m256i *to = (__m256i *)dst;
	__m256i a = _mm256_stream_load_si256(from);
	__m256i b = _mm256_stream_load_si256(from + 1);

	_mm256_storeu_si256(to, a);
	_mm256_storeu_si256(to + 1, b);
}

AVX2 static void from_avx2(void *dst, const void *src, size_t len)
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

AVX2 static void to_line(char *dst, const char *src)
{
	const __m256i *from = (const __m256i *)src;
	__m256i *to = (__m256i *)dst;
	__m256i a = _mm256_loadu_si256(from);
	__m256i b = _mm256_loadu_si256(from + 1);

	_mm256_stream_si256(to, a);
	_mm256_stream_si256(to + 1, b);
}

AVX2 static void to_avx2(void *dst, const void *src, size_t len)
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

AVX2 static void fill_avx2(void *dst, int byte, size_t len)
{
	__m256i pattern = _mm256_set1_epi8((char)byte);
	size_t step = lib_copy_head((uintptr_t)dst, len);
	char *to = (char *)dst + step;

	lib_copy_edge_fill(dst, byte, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		_mm256_stream_si256((__m256i *)to, pattern);
		_mm256_stream_si256((__m256i *)to + 1, pattern);
		to += COPY_LINE;
	}
	lib_copy_edge_fill(to, byte, len);
	_mm_sfence();
}

const struct lib_copy lib_copy_avx2 = {
	.name = "avx2",
	.is_supported = has_avx2,
	.from = from_avx2,
	.to = to_avx2,
	.fill = fill_avx2,
};

#endif
