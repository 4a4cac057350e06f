/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files that make images.
 */
#ifndef MAKE_INTERNAL_H
#define MAKE_INTERNAL_H

#include "make_image.h"

/**
 * struct make_memory - RAM
 * @ranges: where it is
 * @nr_ranges: length of @ranges
 * @bytes: all of it, without the holes
 * @len: bytes of it
 * @unused: address of the first page that nobody has
 * @pae_slot: where the next root of PAE goes; a multiple of a page: nowhere yet
 */
struct make_memory {
	struct make_range ranges[MAKE_RANGES_MAX];
	u32 nr_ranges;
	u8 *bytes;
	u64 len;
	u64 unused;
	u64 pae_slot;
};

/** make_fail() - end the program. */
__attribute__((noreturn)) void make_fail(const char *why);

/** make_alloc() - zeroed, never NULL. */
void *make_alloc(size_t len);

/** make_offset() - of @pa from the first byte of the first range. */
u64 make_offset(const struct make_memory *memory, u64 pa);

/** make_notes() - notes as they are in a file. */
struct make_bytes make_notes(const struct make_note *notes, u32 nr);

#endif
