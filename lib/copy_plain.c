// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Copies, word by word: every machine.
 */
#include "copy.h"

static bool is_supported(void)
{
	return true;
}

static void copy_from(void *dst, const void *src, size_t len)
{
	/* A load done early would miss what came with a device's flag. */
	__sync_synchronize();
	lib_copy_edge_from(dst, src, len);
}

static void copy_to(void *dst, const void *src, size_t len)
{
	lib_copy_edge_to(dst, src, len);
	/* The device must find what the CPU's WC buffers still hold. */
	__sync_synchronize();
}

static void fill(void *dst, int byte, size_t len)
{
	lib_copy_edge_fill(dst, byte, len);
	__sync_synchronize();
}

const struct lib_copy lib_copy_plain = {
	.name = "plain",
	.is_supported = is_supported,
	.from = copy_from,
	.to = copy_to,
	.fill = fill,
};
