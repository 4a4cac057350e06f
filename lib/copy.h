/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Variants of the copies, and the code for edges that they share.
 */
#ifndef LIB_COPY_H
#define LIB_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__i386__) || defined(__x86_64__)
#define LIB_COPY_X86 1
#else
#define LIB_COPY_X86 0
#endif

/** COPY_LINE - bytes that the CPU streams at a time. */
#define COPY_LINE 64u

/**
 * struct lib_copy - a variant
 * @name: for noalias_copy_method()
 * @is_supported: can this CPU do it?
 * @from: noalias_copy_from_uncached()
 * @to: noalias_copy_to_uncached()
 * @fill: noalias_fill_uncached()
 */
struct lib_copy {
	const char *name;
	bool (*is_supported)(void);
	void (*from)(void *dst, const void *src, size_t len);
	void (*to)(void *dst, const void *src, size_t len);
	void (*fill)(void *dst, int byte, size_t len);
};

extern const struct lib_copy lib_copy_plain;
#if LIB_COPY_X86
extern const struct lib_copy lib_copy_sse2;
extern const struct lib_copy lib_copy_sse41;
extern const struct lib_copy lib_copy_avx2;
#endif

/** lib_copies - all variants of this machine, the best first; plain is last. */
extern const struct lib_copy *const lib_copies[];
extern const size_t lib_nr_copies;

/*
 * The edges of a range: fewer bytes than a line, or before the first line.
 * Volatile, because the compiler would turn them into a memcpy(), which may
 * access bytes of the uncached side twice.
 */

/** lib_copy_step() - bytes of the next access: the largest aligned one. */
static inline size_t lib_copy_step(uintptr_t uncached, size_t len)
{
	size_t step = sizeof(unsigned long);

	while (step > len || (uncached & (step - 1)))
		step /= 2;
	return step;
}

/** lib_copy_head() - bytes of @len that lie before the first whole line. */
static inline size_t lib_copy_head(uintptr_t uncached, size_t len)
{
	size_t head = -uncached % COPY_LINE;

	return head + COPY_LINE <= len ? head : len;
}

typedef uint8_t __attribute__((may_alias)) lib_u8;
typedef uint16_t __attribute__((may_alias)) lib_u16;
typedef uint32_t __attribute__((may_alias)) lib_u32;
typedef unsigned long __attribute__((may_alias)) lib_ulong;

/** lib_copy_load() - @step bytes of the uncached side. */
static inline void lib_copy_load(void *dst, const void *src, size_t step)
{
	lib_ulong wide;
	lib_u32 word;
	lib_u16 half;

	if (step == sizeof(wide)) {
		wide = *(const volatile lib_ulong *)src;
		memcpy(dst, &wide, sizeof(wide));
	} else if (step == sizeof(word)) {
		word = *(const volatile lib_u32 *)src;
		memcpy(dst, &word, sizeof(word));
	} else if (step == sizeof(half)) {
		half = *(const volatile lib_u16 *)src;
		memcpy(dst, &half, sizeof(half));
	} else {
		*(lib_u8 *)dst = *(const volatile lib_u8 *)src;
	}
}

/** lib_copy_store() - @step bytes to the uncached side. */
static inline void lib_copy_store(void *dst, const void *src, size_t step)
{
	lib_ulong wide;
	lib_u32 word;
	lib_u16 half;

	if (step == sizeof(wide)) {
		memcpy(&wide, src, sizeof(wide));
		*(volatile lib_ulong *)dst = wide;
	} else if (step == sizeof(word)) {
		memcpy(&word, src, sizeof(word));
		*(volatile lib_u32 *)dst = word;
	} else if (step == sizeof(half)) {
		memcpy(&half, src, sizeof(half));
		*(volatile lib_u16 *)dst = half;
	} else {
		*(volatile lib_u8 *)dst = *(const lib_u8 *)src;
	}
}

/** lib_copy_edge_from() - an edge, out of uncached memory. */
static inline void lib_copy_edge_from(void *dst, const void *src, size_t len)
{
	size_t step;

	for (; len; len -= step) {
		step = lib_copy_step((uintptr_t)src, len);
		lib_copy_load(dst, src, step);
		dst = (char *)dst + step;
		src = (const char *)src + step;
	}
}

/** lib_copy_edge_to() - an edge, into uncached memory. */
static inline void lib_copy_edge_to(void *dst, const void *src, size_t len)
{
	size_t step;

	for (; len; len -= step) {
		step = lib_copy_step((uintptr_t)dst, len);
		lib_copy_store(dst, src, step);
		dst = (char *)dst + step;
		src = (const char *)src + step;
	}
}

/** lib_copy_edge_fill() - an edge of a range to fill. */
static inline void lib_copy_edge_fill(void *dst, int byte, size_t len)
{
	unsigned long pattern = ~0ul / 255 * (unsigned char)byte;
	size_t step;

	for (; len; len -= step) {
		step = lib_copy_step((uintptr_t)dst, len);
		lib_copy_store(dst, &pattern, step);
		dst = (char *)dst + step;
	}
}

#endif
