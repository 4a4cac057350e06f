// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Made-up memory as a KDUMP file. Its pages are not compressed, but for those
 * whose bytes are all MAKE_KDUMP_PACKED.
 *
 * Blocks: header, sub-header with VMCOREINFO and notes behind it, the bitmap of
 * RAM, that of the pages that are there, a descriptor for each of those, and the
 * pages.
 */
#include "make_internal.h"

#define PAGE		NA_IMAGE_PAGE
#define SUB_BLOCKS	8u
#define VERSION		6u
#define TEXTS		256u

/* As in port/dump/kdump.c: fields behind the longs of the header; sub-header. */
static const struct shape {
	const char *machine;
	u32 header;
	u32 level;
	u32 vmcoreinfo;
	u32 note;
	u32 max;
	u32 long_len;
} shapes[] = {
	{ "x86_64", 428, 8, 32, 48, 96, 8 },
	{ "aarch64", 428, 8, 32, 48, 96, 8 },
	{ "i686", 416, 4, 20, 32, 72, 4 },
	{ "armv7l", 416, 4, 24, 40, 88, 4 },
};

struct page_descriptor {
	u64 offset;
	u32 size;
	u32 flags;
	u64 page_flags;
};

/* Such a page by zlib. */
#define FLAG_ZLIB	1u
static const u8 packed[] = {
	0x78, 0xda, 0xed, 0xc1, 0x01, 0x0d, 0x00, 0x00, 0x00, 0xc2, 0xa0, 0x6c,
	0xef, 0x5f, 0xca, 0x1e, 0x0e, 0x28, 0x00, 0x00, 0x00, 0xe0, 0xdd, 0x00,
	0xff, 0xad, 0x10, 0x3d,
};

static bool is_packed(const u8 *page)
{
	return page[0] == MAKE_KDUMP_PACKED && !memcmp(page, page + 1, PAGE - 1);
}

static const struct shape *shape_of(const char *machine)
{
	size_t i;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (!strcmp(shapes[i].machine, machine))
			return &shapes[i];
	make_fail("there is no KDUMP of this machine");
}

static bool is_left_out(const struct make_kdump *kdump, u64 page)
{
	u32 i;

	for (i = 0; i < kdump->nr_left_out; i++)
		if (kdump->left_out[i] == page)
			return true;
	return false;
}

static bool is_ram(const struct make_memory *memory, u64 page)
{
	u32 i;

	for (i = 0; i < memory->nr_ranges; i++)
		if (page >= memory->ranges[i].start &&
		    page < memory->ranges[i].end)
			return true;
	return false;
}

static void put(struct make_bytes *bytes, u64 at, const void *data, size_t len)
{
	memcpy(bytes->data + at, data, len);
}

static void put_u32(struct make_bytes *bytes, u64 at, u32 value)
{
	put(bytes, at, &value, sizeof(value));
}

static void put_header(struct make_bytes *bytes, const struct shape *shape,
		       const struct make_kdump *kdump, u32 bitmap_blocks,
		       u32 nr)
{
	put(bytes, 0, "KDUMP   ", 8);
	put_u32(bytes, 8, VERSION);
	if (!kdump->is_qemu)
		put(bytes, 12 + 2 * 65, "6.1.0", 5);
	put(bytes, 12 + 4 * 65, kdump->machine, strlen(kdump->machine));
	put_u32(bytes, shape->header, PAGE);
	put_u32(bytes, shape->header + 4, SUB_BLOCKS);
	put_u32(bytes, shape->header + 8, bitmap_blocks);
	put_u32(bytes, shape->header + 12, nr);
}

/* Text behind the sub-header, and where the sub-header says that it is. */
static u64 put_piece(struct make_bytes *bytes, const struct shape *shape,
		     u32 field, u64 at, struct make_bytes piece)
{
	u64 len = piece.len;

	put(bytes, PAGE + field, &at, sizeof(at));
	put(bytes, PAGE + field + sizeof(at), &len, shape->long_len);
	if (piece.len)
		put(bytes, at, piece.data, piece.len);
	return at + len;
}

static void put_sub_header(struct make_bytes *bytes, const struct shape *shape,
			   const struct make_kdump *kdump, u64 nr)
{
	struct make_bytes notes = make_notes(kdump->notes, kdump->nr_notes);
	struct make_bytes text = { NULL, 0, 0 };
	u64 at = PAGE + TEXTS;

	put_u32(bytes, PAGE + shape->level, kdump->level);
	if (kdump->vmcoreinfo) {
		text.data = (u8 *)(uintptr_t)kdump->vmcoreinfo;
		text.len = strlen(kdump->vmcoreinfo);
	}
	at = put_piece(bytes, shape, shape->vmcoreinfo, at, text);
	if (at + notes.len > (1 + SUB_BLOCKS) * PAGE)
		make_fail("too many notes");
	put_piece(bytes, shape, shape->note, at, notes);
	put(bytes, PAGE + shape->max, &nr, sizeof(nr));
	free(notes.data);
}

/* The bits of @page in both bitmaps, its descriptor, and the page. */
struct cursor {
	u64 bitmaps[2];
	u64 descriptor;
	u64 data;
};

static void put_page(struct make_bytes *bytes, struct make_memory *memory,
		     const struct make_kdump *kdump, u64 page,
		     struct cursor *at)
{
	struct page_descriptor descriptor = { at->data, PAGE, 0, 0 };
	const void *from = make_at(memory, page);
	u8 bit = (u8)(1u << (page / PAGE & 7));

	bytes->data[at->bitmaps[0] + page / PAGE / 8] |= bit;
	if (is_left_out(kdump, page))
		return;
	bytes->data[at->bitmaps[1] + page / PAGE / 8] |= bit;
	if (is_packed(from)) {
		from = packed;
		descriptor.size = sizeof(packed);
		descriptor.flags = FLAG_ZLIB;
	}
	put(bytes, at->descriptor, &descriptor, sizeof(descriptor));
	put(bytes, at->data, from, descriptor.size);
	if (kdump->is_damaged && descriptor.flags)
		bytes->data[at->data + sizeof(packed) / 2] ^= 0xff;
	at->descriptor += sizeof(descriptor);
	at->data += descriptor.size;
}

static u64 blocks(u64 len)
{
	return (len + PAGE - 1) / PAGE;
}

struct make_bytes make_kdump(struct make_memory *memory,
			     const struct make_kdump *kdump)
{
	const struct shape *shape = kdump->is_qemu ? &shapes[0] :
						shape_of(kdump->machine);
	u64 end = memory->ranges[memory->nr_ranges - 1].end, page;
	u64 nr = end / PAGE, bitmap_blocks = 2 * blocks((nr + 7) / 8);
	u64 nr_ram = memory->len / PAGE;
	struct cursor at = { .bitmaps[0] = (1 + SUB_BLOCKS) * PAGE };
	struct make_bytes bytes;

	at.bitmaps[1] = at.bitmaps[0] + bitmap_blocks / 2 * PAGE;
	at.descriptor = at.bitmaps[0] + bitmap_blocks * PAGE;
	at.data = at.descriptor +
		blocks(nr_ram * sizeof(struct page_descriptor)) * PAGE;
	bytes.room = (size_t)(at.data + nr_ram * PAGE);
	bytes.data = make_alloc(bytes.room);
	put_header(&bytes, shape, kdump, (u32)bitmap_blocks, (u32)nr);
	put_sub_header(&bytes, shape, kdump, nr);
	for (page = 0; page < end; page += PAGE)
		if (is_ram(memory, page))
			put_page(&bytes, memory, kdump, page, &at);
	bytes.len = (size_t)at.data;
	return bytes;
}
