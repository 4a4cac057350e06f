// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Header, sub-header and bitmap of RAM of a KDUMP file.
 *
 * Not left to libkdumpfile: they have what it does not tell, and it believes
 * their numbers. So whatever it will take for a length, an offset or a limit is
 * checked here before it sees the file.
 *
 * The layouts are makedumpfile's (diskdump_mod.h). A file has the longs and the
 * alignment of the machine that was dumped.
 */
#include "kdump.h"

/* What Linux has as pages, which are the blocks of the file. */
#define BLOCK_MIN	4096u
#define BLOCK_MAX	65536u
/* libkdumpfile's largest. */
#define BLOCK_ANY_MAX	(1u << 18)
#define NOTES_LEN_MAX	(16u << 20)
#define TEXT_LEN_MAX	65536u
/* Of struct new_utsname. */
#define UTS_LEN		65u
#define MACHINE		(12u + 4u * UTS_LEN)
/* Versions that have VMCOREINFO, notes, and what was erased. */
#define VERSION_VMCOREINFO	3u
#define VERSION_NOTES		4u
#define VERSION_ERASED		5u
/* Bit of dump_level. */
#define LEVEL_ZERO	1u
/* Of a header of 32 bits: block_size. */
#define BLOCK_OF_32	416u

/*
 * Offsets of fields that depend on the longs: block_size and the two behind it
 * in the header; in the sub-header dump_level, and the offsets of three pieces
 * with their lengths behind them.
 */
struct na_kdump_layout {
	enum na_arch arch;
	const char *machine;
	u32 block;
	u32 level;
	u32 vmcoreinfo;
	u32 notes;
	u32 erased;
	bool is_64;
};

static const struct na_kdump_layout layouts[] = {
	{ NA_ARCH_X86_64, "x86_64", 428, 8, 32, 48, 64, true },
	{ NA_ARCH_ARM64, "aarch64", 428, 8, 32, 48, 64, true },
	{ NA_ARCH_I386, "i?86", BLOCK_OF_32, 4, 20, 32, 44, false },
	{ NA_ARCH_ARM, "arm", BLOCK_OF_32, 4, 24, 40, 56, false },
};

int na_kdump_fail(struct na_image *image, const char *why)
{
	return na_notes_fail(image->notes, "%s: KDUMP: %s", image->file.name,
			     why);
}

/* --- the header --- */

/* "i686" is "i?86", and "armv7l" begins with "arm". */
static bool matches(const char *machine, const char *pattern)
{
	for (; *pattern; machine++, pattern++)
		if (*machine != *pattern && (*pattern != '?' || !*machine))
			return false;
	return true;
}

static int find_layout(struct na_image *image, struct na_kdump_header *header)
{
	char machine[UTS_LEN];
	size_t i;

	if (!na_file_read(&image->file, MACHINE, machine, sizeof(machine)))
		return na_kdump_fail(image, "its header is truncated");
	machine[sizeof(machine) - 1] = 0;
	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (matches(machine, layouts[i].machine))
			header->layout = &layouts[i];
	if (!header->layout)
		return na_kdump_fail(image, "its machine is not x86_64, i386, aarch64 or arm");
	image->about.arch = header->layout->arch;
	return 0;
}

static bool is_block(u32 value)
{
	return value >= BLOCK_MIN && value <= BLOCK_ANY_MAX &&
	       !(value & (value - 1));
}

/*
 * The library does not look at the machine: it tries 32 bits first, in both
 * byte orders. Where that would be an answer, in the microseconds of the time,
 * it would use numbers that nobody has checked.
 */
static int check_class(struct na_image *image,
		       const struct na_kdump_header *header)
{
	u32 value;

	if (!header->layout->is_64)
		return 0;
	if (!na_file_read(&image->file, BLOCK_OF_32, &value, sizeof(value)))
		return na_kdump_fail(image, "its header is truncated");
	if (is_block(value) || is_block(__builtin_bswap32(value)))
		return na_kdump_fail(image, "its header could be of 32 bits and of 64");
	return 0;
}

static int check_header(struct na_image *image,
			const struct na_kdump_header *header)
{
	u64 blocks = na_kdump_head_blocks(header);

	if (!is_block(header->block) || header->block > BLOCK_MAX)
		return na_notes_fail(image->notes, "%s: KDUMP: block_size %u is not 4096 to %u",
				     image->file.name, header->block, BLOCK_MAX);
	if (!header->sub_blocks || header->bitmap_blocks < 2)
		return na_kdump_fail(image, "it has no sub-header, or no two bitmaps");
	/* The library has them in 31 bits. */
	if (blocks > INT32_MAX || blocks > image->file.len / header->block)
		return na_notes_fail(image->notes, "%s: KDUMP: is truncated: its bitmaps end at block %llu of %u bytes",
				     image->file.name, blocks, header->block);
	return 0;
}

static int read_header(struct na_image *image, struct na_kdump_header *header)
{
	u32 sizes[3];

	if (find_layout(image, header) || check_class(image, header))
		return -1;
	if (!na_file_read(&image->file, 8, &header->version,
			  sizeof(header->version)) ||
	    !na_file_read(&image->file, header->layout->block, sizes,
			  sizeof(sizes)))
		return na_kdump_fail(image, "its header is truncated");
	header->block = sizes[0];
	header->sub_blocks = sizes[1];
	header->bitmap_blocks = sizes[2];
	return check_header(image, header);
}

/* --- the sub-header --- */

/* A piece of the file that the sub-header points to. */
struct piece {
	const char *name;
	u32 at;
	u32 max;
	u64 offset;
	u64 len;
};

static int find_piece(struct na_image *image,
		      const struct na_kdump_header *header, struct piece *piece)
{
	u64 at = (u64)header->block + piece->at, file_len = image->file.len;

	piece->len = 0;
	if (!na_file_read(&image->file, at, &piece->offset, 8) ||
	    !na_file_read(&image->file, at + 8, &piece->len,
			  header->layout->is_64 ? 8 : 4))
		return na_kdump_fail(image, "its sub-header is truncated");
	if (piece->len > piece->max)
		return na_notes_fail(image->notes, "%s: KDUMP: %s: %llu bytes, more than %u",
				     image->file.name, piece->name, piece->len,
				     piece->max);
	if (piece->offset > file_len || piece->len > file_len - piece->offset)
		return na_notes_fail(image->notes, "%s: KDUMP: is truncated: %s at byte %llu",
				     image->file.name, piece->name,
				     piece->offset);
	return 0;
}

/* With a NUL behind it, in *@bytes. */
static int read_piece(struct na_image *image,
		      const struct na_kdump_header *header, struct piece *piece,
		      u8 **bytes)
{
	if (find_piece(image, header, piece))
		return -1;
	*bytes = malloc((size_t)piece->len + 1);
	if (!*bytes)
		return na_kdump_fail(image, "no memory for what its sub-header points to");
	(*bytes)[piece->len] = 0;
	if (na_file_read(&image->file, piece->offset, *bytes,
			 (size_t)piece->len))
		return 0;
	free(*bytes);
	return na_notes_fail(image->notes, "%s: KDUMP: %s cannot be read",
			     image->file.name, piece->name);
}

static int read_vmcoreinfo(struct na_image *image,
			   const struct na_kdump_header *header)
{
	struct piece piece = { "VMCOREINFO", header->layout->vmcoreinfo,
			       TEXT_LEN_MAX, 0, 0 };
	u8 *bytes;

	if (read_piece(image, header, &piece, &bytes))
		return -1;
	if (!bytes[0]) {
		free(bytes);
		return 0;
	}
	image->about.vmcoreinfo = (char *)bytes;
	image->about.vmcoreinfo_len = strlen((char *)bytes);
	return 0;
}

static int read_notes(struct na_image *image,
		      const struct na_kdump_header *header)
{
	struct piece piece = { "its notes", header->layout->notes,
			       NOTES_LEN_MAX, 0, 0 };
	u8 *bytes;
	int ret;

	if (read_piece(image, header, &piece, &bytes))
		return -1;
	ret = na_elf_notes(image, bytes, (size_t)piece.len);
	free(bytes);
	return ret;
}

static int check_erased(struct na_image *image,
			const struct na_kdump_header *header)
{
	struct piece piece = { "what was erased", header->layout->erased,
			       NOTES_LEN_MAX, 0, 0 };

	return find_piece(image, header, &piece);
}

static int read_sub_header(struct na_image *image,
			   const struct na_kdump_header *header)
{
	u64 at = (u64)header->block + header->layout->level;
	u32 level;

	if (!na_file_read(&image->file, at, &level, sizeof(level)))
		return na_kdump_fail(image, "its sub-header is truncated");
	image->about.may_lack_pages = level;
	image->about.lacks_zeroes = level & LEVEL_ZERO;
	if (header->version >= VERSION_VMCOREINFO &&
	    read_vmcoreinfo(image, header))
		return -1;
	if (header->version >= VERSION_NOTES && read_notes(image, header))
		return -1;
	if (header->version >= VERSION_ERASED && check_erased(image, header))
		return -1;
	return 0;
}

/* --- RAM: the first of two bitmaps of one length --- */

struct ram {
	struct na_image *image;
	u64 block;
	u64 start;
	u64 end;
	u32 nr;
};

static int add_run(struct ram *ram)
{
	const struct na_segment segment = {
		.start = ram->start * ram->block,
		.len = (ram->end - ram->start) * ram->block,
		.offset = ram->start * ram->block,
	};

	if (ram->start == ram->end)
		return 0;
	return na_segment_add(ram->image, "piece of memory", ram->nr++,
			      segment);
}

static int add_page(struct ram *ram, u64 page)
{
	if (page == ram->end) {
		ram->end++;
		return 0;
	}
	if (add_run(ram))
		return -1;
	ram->start = page;
	ram->end = page + 1;
	return 0;
}

static int add_word(struct ram *ram, u64 word, u64 page)
{
	for (; word; word >>= 1, page++)
		if (word & 1 && add_page(ram, page))
			return -1;
	return 0;
}

static int read_ram(struct na_image *image, struct na_kdump_header *header)
{
	u64 at = (1 + header->sub_blocks) * header->block, word, page = 0;
	u64 end = at + header->bitmap_blocks / 2 * header->block;
	struct ram ram = { .image = image, .block = header->block };

	if (end / header->block > NA_IMAGE_ADDRESS_MAX)
		return na_kdump_fail(image, "its bitmaps are too long");
	for (; at < end; at += sizeof(word), page += 64) {
		if (!na_file_read(&image->file, at, &word, sizeof(word)))
			return na_kdump_fail(image, "its bitmap of RAM cannot be read");
		if (add_word(&ram, word, page))
			return -1;
	}
	header->nr_pages = ram.end;
	return add_run(&ram);
}

int na_kdump_read_header(struct na_image *image, struct na_kdump_header *header)
{
	if (read_header(image, header) || read_sub_header(image, header))
		return -1;
	return read_ram(image, header);
}
