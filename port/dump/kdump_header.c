// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Header, sub-header and bitmap of RAM of a KDUMP file.
 *
 * Not left to libkdumpfile: they have what it does not tell, and it believes
 * their numbers. So whatever it will take for a length, an offset or a limit is
 * checked here before it sees the file.
 *
 * The layouts are makedumpfile's (diskdump_mod.h): with the longs and the
 * alignment of the machine that was dumped, but QEMU's are of 64 bits for any
 * that has an address above 4 GiB.
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
#define RELEASE		(12u + 2u * UTS_LEN)
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
 * Offsets of fields that depend on the longs: block_size and the three behind it
 * in the header; in the sub-header dump_level, and the offsets of three pieces
 * with their lengths behind them.
 */
struct na_kdump_layout {
	u32 block;
	u32 level;
	u32 vmcoreinfo;
	u32 notes;
	u32 erased;
	bool is_64;
};

static const struct na_kdump_layout of_64 = { 428, 8, 32, 48, 64, true };
/* 64 bits are aligned to 32 on i386, and to 64 on ARM. */
static const struct na_kdump_layout of_i386 = {
	BLOCK_OF_32, 4, 20, 32, 44, false,
};
static const struct na_kdump_layout of_arm = {
	BLOCK_OF_32, 4, 24, 40, 56, false,
};

static const struct {
	const char *pattern;
	enum na_arch arch;
} machines[] = {
	{ "x86_64", NA_ARCH_X86_64 },
	{ "i?86", NA_ARCH_I386 },
	{ "aarch64", NA_ARCH_ARM64 },
	{ "arm", NA_ARCH_ARM },
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

/* The words of uname() are at @at. */
static int read_word(struct na_image *image, u32 at, char word[UTS_LEN])
{
	if (!na_file_read(&image->file, at, word, UTS_LEN))
		return na_kdump_fail(image, "its header is truncated");
	word[UTS_LEN - 1] = 0;
	return 0;
}

/*
 * Without a release QEMU wrote it, and the machine is what its program is for:
 * x86_64 for i386, too.
 */
static int find_arch(struct na_image *image)
{
	char machine[UTS_LEN], release[UTS_LEN];
	size_t i, nr = sizeof(machines) / sizeof(machines[0]);

	if (read_word(image, MACHINE, machine) ||
	    read_word(image, RELEASE, release))
		return -1;
	for (i = 0; i < nr && !matches(machine, machines[i].pattern); i++)
		;
	if (i == nr)
		return na_kdump_fail(image, "its machine is not x86_64, i386, aarch64 or arm");
	if (release[0] || machines[i].arch != NA_ARCH_X86_64)
		image->about.arch = machines[i].arch;
	return 0;
}

static bool is_block(u32 value)
{
	return value >= BLOCK_MIN && value <= BLOCK_ANY_MAX &&
	       !(value & (value - 1));
}

/*
 * As the library does it, which would otherwise use numbers that nobody has
 * checked: 32 bits if there could be a block_size, and those in either byte
 * order before 64. There the time's microseconds have this place.
 */
static int find_layout(struct na_image *image, struct na_kdump_header *header)
{
	u32 value;

	if (!na_file_read(&image->file, BLOCK_OF_32, &value, sizeof(value)))
		return na_kdump_fail(image, "its header is truncated");
	if (is_block(__builtin_bswap32(value)))
		return na_kdump_fail(image, "its header could be big-endian");
	header->layout = !is_block(value) ? &of_64 :
		image->about.arch == NA_ARCH_ARM ? &of_arm : &of_i386;
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
	if (header->max_page > header->bitmap_blocks * header->block * 8)
		return na_notes_fail(image->notes, "%s: KDUMP: max_mapnr %u is more than its bitmaps have",
				     image->file.name, header->max_page);
	return 0;
}

static int read_header(struct na_image *image, struct na_kdump_header *header)
{
	u32 sizes[4];

	if (find_arch(image) || find_layout(image, header))
		return -1;
	if (!na_file_read(&image->file, 8, &header->version,
			  sizeof(header->version)) ||
	    !na_file_read(&image->file, header->layout->block, sizes,
			  sizeof(sizes)))
		return na_kdump_fail(image, "its header is truncated");
	header->block = sizes[0];
	header->sub_blocks = sizes[1];
	header->bitmap_blocks = sizes[2];
	header->max_page = sizes[3];
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
			  na_kdump_long_len(header)))
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
			   struct na_kdump_header *header)
{
	u64 at = (u64)header->block + header->layout->level;
	u32 level;

	if (!na_file_read(&image->file, at, &level, sizeof(level)))
		return na_kdump_fail(image, "its sub-header is truncated");
	header->lacks_zeroes = level & LEVEL_ZERO;
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
	u64 nr_pages;
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
	ram->nr_pages += ram->end - ram->start;
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
	if (add_run(&ram))
		return -1;
	header->end_page = ram.end;
	header->nr_ram = ram.nr_pages;
	return 0;
}

u32 na_kdump_long_len(const struct na_kdump_header *header)
{
	return header->layout->is_64 ? 8 : 4;
}

int na_kdump_read_header(struct na_image *image, struct na_kdump_header *header)
{
	if (read_header(image, header) || read_sub_header(image, header))
		return -1;
	return read_ram(image, header);
}
