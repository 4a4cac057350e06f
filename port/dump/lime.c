// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * LiME: a header and the memory, for each range of System RAM.
 *
 * The module that writes it runs in the kernel that it dumps, so nothing stands
 * still. A file that was truncated between two ranges cannot be told from a
 * whole one.
 */
#include "format.h"

#define LIME_MAGIC	0x4c694d45u
#define LIME_VERSION	1u

struct lime_header {
	u32 magic;
	u32 version;
	u64 first;
	u64 last;
	u8 reserved[8];
};

static int check(struct na_image *image, const struct lime_header *header,
		 u32 nr)
{
	const char *name = image->file.name;

	if (header->magic != LIME_MAGIC)
		return na_notes_fail(image->notes, "%s: LiME header %u: magic 0x%08x, not 0x%08x",
				     name, nr, header->magic, LIME_MAGIC);
	if (header->version != LIME_VERSION)
		return na_notes_fail(image->notes, "%s: LiME header %u: version %u; only %u is known",
				     name, nr, header->version, LIME_VERSION);
	if (header->last < header->first ||
	    header->last >= NA_IMAGE_ADDRESS_MAX)
		return na_notes_fail(image->notes, "%s: LiME header %u: 0x%llx to 0x%llx are no physical addresses",
				     name, nr, header->first, header->last);
	return 0;
}

/* Leaves *@offset behind the range. */
static int add_range(struct na_image *image, u32 nr, u64 *offset)
{
	struct lime_header header;
	u64 len;

	if (!na_file_read(&image->file, *offset, &header, sizeof(header)))
		return na_notes_fail(image->notes, "%s: LiME header %u is truncated",
				     image->file.name, nr);
	if (check(image, &header, nr))
		return -1;
	*offset += sizeof(header);
	len = header.last - header.first + 1;
	if (na_segment_add(image, "LiME header", nr,
			   (struct na_segment){ header.first, len, *offset }))
		return -1;
	*offset += len;
	return 0;
}

int na_lime_open(struct na_image *image)
{
	u64 offset = 0;
	u32 nr;

	image->about.format = NA_IMAGE_LIME;
	for (nr = 0; offset < image->file.len; nr++)
		if (add_range(image, nr, &offset))
			return -1;
	return 0;
}
