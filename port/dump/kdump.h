/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files that read KDUMP.
 */
#ifndef NA_DUMP_KDUMP_H
#define NA_DUMP_KDUMP_H

#include "format.h"

struct na_kdump_layout;

/**
 * struct na_kdump_header - what the file says of its parts
 * @layout: of the header's fields
 * @version: of the format
 * @block: bytes of a block, and of a page
 * @sub_blocks: blocks of the sub-header
 * @bitmap_blocks: blocks of both bitmaps
 * @max_page: pages of which the bitmaps tell
 * @end_page: the last page of RAM, plus one
 * @nr_ram: pages of RAM
 * @lacks_zeroes: if pages of it were left out, then also those of zeroes
 */
struct na_kdump_header {
	const struct na_kdump_layout *layout;
	u32 version;
	u32 block;
	u64 sub_blocks;
	u64 bitmap_blocks;
	u32 max_page;
	u64 end_page;
	u64 nr_ram;
	bool lacks_zeroes;
};

/** na_kdump_fail() - an error of the file. Return: -1. */
int na_kdump_fail(struct na_image *image, const char *why);

/** na_kdump_head_blocks() - up to the end of the bitmaps; pages come then. */
static inline u64 na_kdump_head_blocks(const struct na_kdump_header *header)
{
	return 1 + header->sub_blocks + header->bitmap_blocks;
}

/** na_kdump_long_len() - bytes of a long in the file. */
u32 na_kdump_long_len(const struct na_kdump_header *header);

/**
 * na_kdump_read_header() - read and check what stands before the pages
 * @image: receives architecture, notes and RAM
 * @header: receives the rest
 *
 * Return: 0, or -1 after an error.
 */
int na_kdump_read_header(struct na_image *image,
			 struct na_kdump_header *header);

#endif
