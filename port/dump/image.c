// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Any file with memory: which format it has, and its pages.
 */
#include "format.h"

/* Of the file's first bytes: the longest magic, "makedumpfile". */
#define HEAD_LEN	16u

const char *na_arch_name(enum na_arch arch)
{
	static const char *const names[NR_NA_ARCHS] = {
		[NA_ARCH_UNKNOWN] = "unknown",
		[NA_ARCH_X86_64] = "x86-64",
		[NA_ARCH_I386] = "i386",
		[NA_ARCH_ARM64] = "arm64",
		[NA_ARCH_ARM] = "arm",
	};

	return (u32)arch < NR_NA_ARCHS ? names[arch] : "??";
}

const char *na_image_format_name(enum na_image_format format)
{
	static const char *const names[NR_NA_IMAGE_FORMATS] = {
		[NA_IMAGE_ELF] = "ELF",
		[NA_IMAGE_KCORE] = "/proc/kcore",
		[NA_IMAGE_LIME] = "LiME",
		[NA_IMAGE_KDUMP] = "KDUMP",
		[NA_IMAGE_RAW] = "raw",
	};

	return (u32)format < NR_NA_IMAGE_FORMATS ? names[format] : "??";
}

/* --- opening --- */

struct magic {
	const char *bytes;
	int (*open)(struct na_image *image);
};

static int fail_avml(struct na_image *image)
{
	return na_notes_fail(image->notes, "%s: is compressed by AVML; avml-convert makes a LiME file of it",
			     image->file.name);
}

static const struct magic magics[] = {
	{ "\177ELF", na_elf_open },
	{ "EMiL", na_lime_open },
	{ "AVML", fail_avml },
	{ "KDUMP   ", na_kdump_open },
	{ "makedumpfile", na_kdump_open_flattened },
};

static int open_by_magic(struct na_image *image)
{
	char head[HEAD_LEN] = "";
	u64 len = image->file.len;
	size_t i;

	na_file_read(&image->file, 0, head,
		     len < HEAD_LEN ? (size_t)len : HEAD_LEN);
	for (i = 0; i < sizeof(magics) / sizeof(magics[0]); i++)
		if (!memcmp(head, magics[i].bytes, strlen(magics[i].bytes)))
			return magics[i].open(image);
	return na_notes_fail(image->notes, "%s: is not ELF, LiME or KDUMP; if it is raw memory, say where it begins: --base 0",
			     image->file.name);
}

static int open_format(struct na_image *image,
		       const struct na_image_options *options)
{
	if (image->file.is_proc)
		return na_kcore_open(image);
	na_file_map(&image->file);
	if (options && options->is_raw)
		return na_raw_open(image, options->base);
	return open_by_magic(image);
}

static int open_path(struct na_image *image, const char *path,
		     const struct na_image_options *options)
{
	if (na_file_open(&image->file, path, image->notes)) {
		na_kcore_explain(image->notes, path, errno);
		return -1;
	}
	if (open_format(image, options) || na_segments_settle(image))
		return -1;
	if (image->about.is_live)
		na_kcore_compare(image, "/proc/iomem");
	return 0;
}

int na_image_open(const char *path, const struct na_image_options *options,
		  struct na_notes *notes, struct na_image **image)
{
	struct na_image *opened = calloc(1, sizeof(*opened));

	*image = NULL;
	if (!opened)
		return na_notes_fail(notes, "no memory for an image");
	opened->notes = notes;
	if (open_path(opened, path, options)) {
		na_image_close(opened);
		return -1;
	}
	opened->notes = NULL;
	*image = opened;
	return 0;
}

static void free_const(const void *memory)
{
	free((void *)(uintptr_t)memory);
}

void na_image_close(struct na_image *image)
{
	if (!image)
		return;
	na_kdump_close(image->kdump);
	na_file_close(&image->file);
	free_const(image->about.vmcoreinfo);
	free_const(image->about.cpus);
	free_const(image->about.ranges);
	free(image->segments);
	free(image);
}

const struct na_image_about *na_image_about(const struct na_image *image)
{
	return &image->about;
}

/* --- reading --- */

/* The part of @len that one segment has; 0: none has this address. */
static size_t read_some(struct na_image *image, u64 pa, void *to, size_t len)
{
	const struct na_segment *segment = na_segment_find(image, pa);
	u64 at;

	if (!segment)
		return 0;
	at = pa - segment->start;
	if (len > segment->len - at)
		len = (size_t)(segment->len - at);
	return na_file_read(&image->file, segment->offset + at, to, len) ?
		len : 0;
}

static bool read_file(struct na_image *image, u64 pa, u8 *to, size_t len)
{
	size_t done;

	for (; len; len -= done, pa += done, to += done) {
		done = read_some(image, pa, to, len);
		if (!done)
			return false;
	}
	return true;
}

static bool read_kdump(struct na_image *image, u64 pa, u8 *to, size_t len)
{
	u64 page[NA_IMAGE_PAGE / sizeof(u64)];
	u32 at = (u32)(pa % NA_IMAGE_PAGE);
	size_t done;

	for (; len; len -= done, pa += done, to += done, at = 0) {
		done = len < NA_IMAGE_PAGE - at ? len : NA_IMAGE_PAGE - at;
		if (!na_kdump_page(image->kdump, pa - at, page))
			return false;
		memcpy(to, (u8 *)page + at, done);
	}
	return true;
}

bool na_image_read(struct na_image *image, u64 pa, void *to, size_t len)
{
	if (pa + len < pa)
		return false;
	return image->kdump ? read_kdump(image, pa, to, len) :
			      read_file(image, pa, to, len);
}

/* Where the file is mapped, a page costs the search for it and no copy. */
const void *na_image_page(struct na_image *image, u64 pa, void *buf)
{
	const struct na_segment *segment;
	u64 offset, at;

	if (!NA_ASSERT(pa % NA_IMAGE_PAGE == 0))
		return NULL;
	if (!image->file.map || image->kdump)
		return na_image_read(image, pa, buf, NA_IMAGE_PAGE) ?
			buf : NULL;
	segment = na_segment_find(image, pa);
	if (!segment)
		return NULL;
	at = pa - segment->start;
	offset = segment->offset + at;
	if (segment->len - at >= NA_IMAGE_PAGE && offset % sizeof(u64) == 0)
		return image->file.map + offset;
	return read_file(image, pa, buf, NA_IMAGE_PAGE) ? buf : NULL;
}

bool na_image_has(const struct na_image *image, u64 pa)
{
	const struct na_image_range *ranges = image->about.ranges;
	u32 low = 0, high = image->about.nr_ranges, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ranges[middle].end <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	return low < image->about.nr_ranges && ranges[low].start <= pa;
}

bool na_image_may_be_zeroes(struct na_image *image, u64 pa)
{
	return image->about.lacks_zeroes && na_image_has(image, pa) &&
	       na_kdump_is_left_out(image->kdump, pa);
}
