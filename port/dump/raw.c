// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Memory as it is, from one address on: QEMU's pmemsave, a dump of a board's
 * RAM. Holes that a tool filled with zeroes cannot be told from memory.
 */
#include "format.h"

int na_raw_open(struct na_image *image, u64 base)
{
	u64 len = image->file.len;
	u32 rest = (u32)(len % NA_IMAGE_PAGE);

	if (base % NA_IMAGE_PAGE)
		return na_notes_fail(image->notes, "%s: base 0x%llx is not a multiple of %u",
				     image->file.name, base, NA_IMAGE_PAGE);
	if (base >= NA_IMAGE_ADDRESS_MAX || len > NA_IMAGE_ADDRESS_MAX - base)
		return na_notes_fail(image->notes, "%s: base 0x%llx: with it physical addresses have more than 52 bits",
				     image->file.name, base);
	if (rest)
		na_notes_lose(image->notes, "%s: is truncated: its last %u bytes are not a whole page",
			      image->file.name, rest);
	image->about.format = NA_IMAGE_RAW;
	image->about.is_instant = true;
	return na_segment_add(image, "piece", 0,
			      (struct na_segment){ base, len, 0 });
}
