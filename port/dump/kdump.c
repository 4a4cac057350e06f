// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * KDUMP files: what makedumpfile and QEMU write, compressed page by page.
 *
 * The library finds and unpacks pages; all else is in kdump_header.c. The ranges
 * are the machine's RAM, the first bitmap. The second, of the pages that are
 * there, is in a filtered dump too many runs to list.
 *
 * A flattened file has pieces of a KDUMP file in the order in which they were
 * written, for pipes. It is not read: half of the libraries do not.
 */
#include "kdump.h"
#include "kdump_library.h"

/**
 * struct na_kdump - what reads pages
 * @library: libkdumpfile
 * @context: what it knows of the file
 * @file: the file
 * @pages: pages that are in it; the context's
 * @end_page: the last page of RAM, plus one
 * @block: bytes of a page
 * @is_broken: it failed once: see na_kdump_page()
 */
struct na_kdump {
	struct na_kdump_library library;
	struct na_kdump_context *context;
	const struct na_file *file;
	struct na_kdump_bitmap *pages;
	u64 end_page;
	u32 block;
	bool is_broken;
};

/* Of a page that is there; in the order of their addresses. */
struct descriptor {
	u64 offset;
	u32 len;
	u32 flags;
	u64 page_flags;
};

static int fail_library(struct na_image *image, const char *what)
{
	struct na_kdump *kdump = image->kdump;
	const char *why = kdump->library.error(kdump->context);

	return na_notes_fail(image->notes, "%s: KDUMP: libkdumpfile: %s: %s",
			     image->file.name, what, why ? why : "no reason");
}

/* Its own mappings would raise a SIGBUS that nobody expects. */
static int open_context(struct na_image *image)
{
	const struct na_kdump_attr never = { .type = NA_KDUMP_NUMBER };
	struct na_kdump *kdump = image->kdump;

	kdump->context = kdump->library.create();
	if (!kdump->context)
		return na_kdump_fail(image, "no memory");
	if (kdump->library.set(kdump->context, "file.mmap_policy", &never))
		return fail_library(image, "file.mmap_policy");
	if (kdump->library.open(kdump->context, 1, &image->file.fd))
		return fail_library(image, "cannot open it");
	return 0;
}

/*
 * The next run of pages in it, from *@end on. Return: 1, 0 if there is none, or
 * -1 after an error: what does not advance would be asked for ever.
 */
static int next_run(struct na_image *image, u64 *start, u64 *end)
{
	const struct na_kdump *kdump = image->kdump;
	u64 idx = *end;

	if (kdump->library.find_set(kdump->pages, &idx))
		return 0;
	*start = idx;
	if (idx < *end || kdump->library.find_clear(kdump->pages, &idx) ||
	    idx <= *start || idx > kdump->end_page)
		return na_kdump_fail(image, "it has pages that its bitmap of RAM lacks");
	*end = idx;
	return 1;
}

/*
 * The library reads zeroes behind the end of a file, so each page has to be in
 * it before it is asked for one.
 */
static int check_descriptor(struct na_image *image, u64 offset, u64 nr)
{
	struct descriptor descriptor;
	u64 len = image->file.len;

	if (!na_file_read(&image->file, offset, &descriptor,
			  sizeof(descriptor)) ||
	    descriptor.offset > len || descriptor.len > len - descriptor.offset)
		return na_notes_fail(image->notes, "%s: KDUMP: is truncated: page %llu of those in it is missing",
				     image->file.name, nr);
	if (descriptor.len > image->kdump->block)
		return na_notes_fail(image->notes, "%s: KDUMP: page %llu of those in it has %u bytes, more than %u",
				     image->file.name, nr, descriptor.len,
				     image->kdump->block);
	return 0;
}

/* All that are there; those that are not were left out. */
static int check_pages(struct na_image *image,
		       const struct na_kdump_header *header)
{
	u64 offset = na_kdump_head_blocks(header) * header->block;
	u64 start, end = 0, nr = 0;
	int ret;

	while ((ret = next_run(image, &start, &end)) > 0)
		for (; start < end; start++, nr++)
			if (check_descriptor(image, offset +
					     nr * sizeof(struct descriptor),
					     nr))
				return -1;
	image->about.may_lack_pages = nr < header->nr_ram;
	image->about.lacks_zeroes = nr < header->nr_ram && header->lacks_zeroes;
	return ret;
}

static int check_class(struct na_image *image,
		       const struct na_kdump_header *header)
{
	struct na_kdump_attr len = { .type = NA_KDUMP_NUMBER };
	struct na_kdump *kdump = image->kdump;

	if (kdump->library.get(kdump->context, "arch.ptr_size", &len))
		return fail_library(image, "arch.ptr_size");
	if (len.number != na_kdump_long_len(header))
		return na_kdump_fail(image, "libkdumpfile takes its header for one of 32 bits that has 64, or the other way round");
	return 0;
}

/*
 * Up to this page the library reads. It is in the sub-header, which it misreads
 * for 32-bit ARM before 0.5.2; and it has to be right for two bitmaps.
 */
static int check_limit(struct na_image *image,
		       const struct na_kdump_header *header)
{
	u64 nr_bits = header->bitmap_blocks / 2 * header->block * 8;
	struct na_kdump_attr max = { .type = NA_KDUMP_NUMBER };
	struct na_kdump *kdump = image->kdump;

	if (kdump->library.get(kdump->context, "max_pfn", &max))
		return fail_library(image, "max_pfn");
	if (max.number < kdump->end_page || max.number > nr_bits)
		return na_notes_fail(image->notes, "%s: KDUMP: max_mapnr is %llu for libkdumpfile, and page %llu is RAM; a newer libkdumpfile may read it",
				     image->file.name, max.number,
				     kdump->end_page - 1);
	return 0;
}

static int open_pages(struct na_image *image,
		      const struct na_kdump_header *header)
{
	struct na_kdump_attr pages = { .type = NA_KDUMP_BITMAP };
	struct na_kdump *kdump = image->kdump;

	if (open_context(image) || check_class(image, header) ||
	    check_limit(image, header))
		return -1;
	if (kdump->library.get(kdump->context, "file.pagemap", &pages))
		return fail_library(image, "no bitmap of pages");
	kdump->pages = pages.bitmap;
	return check_pages(image, header);
}

static int open_kdump(struct na_image *image,
		      const struct na_kdump_header *header)
{
	struct na_kdump *kdump = calloc(1, sizeof(*kdump));

	if (!kdump)
		return na_kdump_fail(image, "no memory");
	image->kdump = kdump;
	kdump->file = &image->file;
	kdump->block = header->block;
	kdump->end_page = header->end_page;
	if (na_kdump_library_open(&kdump->library, image->file.name,
				  image->notes))
		return -1;
	return open_pages(image, header);
}

int na_kdump_open(struct na_image *image)
{
	struct na_kdump_header header = { .layout = NULL };

	image->about.format = NA_IMAGE_KDUMP;
	image->about.is_instant = true;
	if (na_kdump_read_header(image, &header))
		return -1;
	return open_kdump(image, &header);
}

int na_kdump_open_flattened(struct na_image *image)
{
	return na_notes_fail(image->notes, "%s: is a flattened KDUMP file; makedumpfile -R NEW <FILE makes one that can be read",
			     image->file.name);
}

/* --- pages --- */

/* In the bitmap of pages that are there. */
static bool is_there(struct na_kdump *kdump, u64 pa)
{
	u64 page = pa / kdump->block;
	u8 bits = 0;

	return page < kdump->end_page &&
	       !kdump->library.get_bits(kdump->pages, page, page, &bits) &&
	       bits & 1;
}

static bool read_page(struct na_kdump *kdump, u64 pa, void *buf)
{
	size_t len = NA_IMAGE_PAGE;

	/* It may have been truncated since; see check_descriptor(). */
	return !kdump->library.read(kdump->context, NA_KDUMP_MACHINE, pa, buf,
				    &len) &&
	       len == NA_IMAGE_PAGE && na_file_is_whole(kdump->file);
}

/*
 * The library must not fail and be asked again: through 0.5.4 a page that could
 * not be read leaves its cache such that a later one is written to address 0.
 * So it is asked for nothing that is not there, and after any other failure, as
 * of a page that cannot be unpacked, for nothing at all.
 */
bool na_kdump_page(struct na_kdump *kdump, u64 pa, void *buf)
{
	if (kdump->is_broken || !is_there(kdump, pa))
		return false;
	kdump->is_broken = !read_page(kdump, pa, buf);
	return !kdump->is_broken;
}

bool na_kdump_is_left_out(struct na_kdump *kdump, u64 pa)
{
	return !is_there(kdump, pa);
}

void na_kdump_close(struct na_kdump *kdump)
{
	if (!kdump)
		return;
	if (kdump->context)
		kdump->library.destroy(kdump->context);
	na_kdump_library_close(&kdump->library);
	free(kdump);
}
