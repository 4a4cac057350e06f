/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the readers of the formats share; for port/dump/ and its tests.
 *
 * A reader checks what the file says and adds the pieces of memory that it
 * finds; nothing else differs between formats, except that a library reads the
 * pages of KDUMP.
 */
#ifndef NA_DUMP_FORMAT_H
#define NA_DUMP_FORMAT_H

#include "file.h"
#include "image.h"

/* An address of 52 bits is the most that x86 and arm64 have. */
#define NA_IMAGE_ADDRESS_MAX	(1ull << 52)
/* 96 MiB. What continues another segment needs none of its own. */
#define NA_IMAGE_SEGMENTS_MAX	(1u << 22)

/**
 * struct na_segment - memory whose bytes are consecutive in the file
 * @start: physical address, of a byte
 * @len: bytes
 * @offset: in the file
 */
struct na_segment {
	u64 start;
	u64 len;
	u64 offset;
};

struct na_kdump;

/**
 * struct na_image - an open image
 * @about: what the file says of itself; also owns its arrays
 * @notes: only while it is being opened
 * @file: the file
 * @segments: after na_segments_settle() ascending and without overlaps
 * @nr_segments: length of @segments
 * @room: segments that @segments has room for
 * @last: of them, the one that was read last
 * @kdump: what reads the pages, or NULL: they are in the segments
 */
struct na_image {
	struct na_image_about about;
	struct na_notes *notes;
	struct na_file file;
	struct na_segment *segments;
	u32 nr_segments;
	u32 room;
	u32 last;
	struct na_kdump *kdump;
};

/* --- segments.c --- */

/**
 * na_segment_add() - a piece of memory that the file has
 * @image: image
 * @what: its name in errors: "program header"
 * @nr: its number in errors
 * @segment: of any values
 *
 * What is beyond the end of the file is cut off, and is a loss.
 * Return: 0, or -1 after an error.
 */
int na_segment_add(struct na_image *image, const char *what, u32 nr,
		   struct na_segment segment);

/**
 * na_segments_settle() - sort them, drop what is there twice, make the ranges
 *
 * Where two of them overlap, what begins at the lower address is used. Return:
 * 0, or -1 after an error: there is no whole page.
 */
int na_segments_settle(struct na_image *image);

/** na_segment_find() - the settled one with this address, or NULL. */
const struct na_segment *na_segment_find(struct na_image *image, u64 pa);

/* --- the readers; each: 0, or -1 after an error --- */

/** na_elf_open() - an ELF core. */
int na_elf_open(struct na_image *image);

/** na_elf_notes() - the notes of a core, @len bytes that may be anything. */
int na_elf_notes(struct na_image *image, const u8 *bytes, size_t len);

/** na_kcore_open() - the running machine. */
int na_kcore_open(struct na_image *image);

/**
 * na_kcore_compare() - after na_segments_settle(): does it have all memory?
 *
 * @iomem: "/proc/iomem". Sets missing_len, or assumes that nothing is missing.
 */
void na_kcore_compare(struct na_image *image, const char *iomem);

/** na_kcore_explain() - append to the error why @path cannot be opened. */
void na_kcore_explain(struct na_notes *notes, const char *path, int err);

/**
 * na_kcore_reason() - what open() of /proc/kcore means by @err
 *
 * @status: "/proc/self/status". @lockdown: where the kernel says whether it is
 * locked down. Return: NULL if there is no more to say.
 */
const char *na_kcore_reason(int err, const char *status, const char *lockdown);

/** na_lime_open() - a LiME file. */
int na_lime_open(struct na_image *image);

/** na_raw_open() - memory from @base on. */
int na_raw_open(struct na_image *image, u64 base);

/** na_kdump_open() - a file for libkdumpfile. */
int na_kdump_open(struct na_image *image);

/** na_kdump_open_flattened() - the same in another order; always an error. */
int na_kdump_open_flattened(struct na_image *image);

/** na_kdump_page() - one page into @buf; false if it is missing. */
bool na_kdump_page(struct na_kdump *kdump, u64 pa, void *buf);

/** na_kdump_is_left_out() - is a page of RAM not meant to be there? */
bool na_kdump_is_left_out(struct na_kdump *kdump, u64 pa);

/** na_kdump_close() - free it; NULL is allowed. */
void na_kdump_close(struct na_kdump *kdump);

#endif
