// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Copies, word by word: every machine.
 */
#include "copy.h"

#define LINE_WORDS (COPY_LINE / sizeof(unsigned long))

static bool is_supported(void)
{
	return true;
}

static void from_line(char *dst, const char *src)
{
	const volatile lib_ulong *from = (const volatile lib_ulong *)src;
	unsigned long words[LINE_WORDS];
	size_t i;

	for (i = 0; i < LINE_WORDS; i++)
		words[i] = from[i];
	memcpy(dst, words, COPY_LINE);
}

static void copy_from(void *dst, const void *src, size_t len)
{
	size_t step = lib_copy_head((uintptr_t)src, len);
	char *to = (char *)dst + step;
	const char *from = (const char *)src + step;

	/* An early load would miss the data that belongs to a device's flag. */
	__sync_synchronize();
	lib_copy_edge_from(dst, src, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		from_line(to, from);
		to += COPY_LINE;
		from += COPY_LINE;
	}
	lib_copy_edge_from(to, from, len);
}

static void to_line(char *dst, const char *src)
{
	volatile lib_ulong *to = (volatile lib_ulong *)dst;
	unsigned long words[LINE_WORDS];
	size_t i;

	memcpy(words, src, COPY_LINE);
	for (i = 0; i < LINE_WORDS; i++)
		to[i] = words[i];
}

static void copy_to(void *dst, const void *src, size_t len)
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
	__sync_synchronize();
}

static void fill(void *dst, int byte, size_t len)
{
	size_t step = lib_copy_head((uintptr_t)dst, len);
	char *to = (char *)dst + step, line[COPY_LINE];

	memset(line, byte, sizeof(line));
	lib_copy_edge_fill(dst, byte, step);
	for (len -= step; len >= COPY_LINE; len -= COPY_LINE) {
		to_line(to, line);
		to += COPY_LINE;
	}
	lib_copy_edge_fill(to, byte, len);
	__sync_synchronize();
}

const struct lib_copy lib_copy_plain = {
	.name = "plain",
	.is_supported = is_supported,
	.from = copy_from,
	.to = copy_to,
	.fill = fill,
};
