// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Pieces of memory and where the file has them.
 *
 * Segments are of bytes: firmware says that memory ends at 0x9fc00. A page that
 * is there in part is in no range, because a kernel uses whole pages; a page
 * that two segments share is put together.
 *
 * QEMU's dump with paging has a segment for each run of virtual addresses, all
 * of them about one copy of the memory: most are dropped here.
 */
#include "format.h"

static int fail_segment(struct na_image *image, const char *what, u32 nr,
			const char *why)
{
	return na_notes_fail(image->notes, "%s: %s %u: %s", image->file.name,
			     what, nr, why);
}

static int make_room(struct na_image *image)
{
	u32 room = image->room ? image->room * 2 : 64;
	struct na_segment *segments;

	if (image->nr_segments < image->room)
		return 0;
	if (image->room == NA_IMAGE_SEGMENTS_MAX)
		return na_notes_fail(image->notes, "%s: more than %u segments; if QEMU wrote it, dump without paging",
				     image->file.name, NA_IMAGE_SEGMENTS_MAX);
	segments = realloc(image->segments, room * sizeof(*segments));
	if (!segments)
		return na_notes_fail(image->notes, "%s: no memory for %u segments",
				     image->file.name, room);
	image->segments = segments;
	image->room = room;
	return 0;
}

static u64 end_of(const struct na_segment *segment)
{
	return segment->start + segment->len;
}

/* Do both say the same of where an address is in the file? */
static bool agree(const struct na_segment *one, const struct na_segment *other)
{
	return one->offset - one->start == other->offset - other->start;
}

static bool continues(const struct na_segment *first,
		      const struct na_segment *next)
{
	return end_of(first) == next->start && agree(first, next);
}

static void cut_to_file(struct na_image *image, struct na_segment *segment)
{
	u64 file_len = image->file.len;
	u64 len = segment->offset < file_len ? file_len - segment->offset : 0;

	/* Compressed pages have no place that says how long the file is. */
	if (segment->len <= len || image->about.format == NA_IMAGE_KDUMP)
		return;
	na_notes_lose(image->notes, "%s: is truncated: it ends at byte %llu, and memory would be there",
		      image->file.name, file_len);
	segment->len = len;
}

int na_segment_add(struct na_image *image, const char *what, u32 nr,
		   struct na_segment segment)
{
	struct na_segment *last = image->nr_segments ?
		&image->segments[image->nr_segments - 1] : NULL;

	if (segment.start >= NA_IMAGE_ADDRESS_MAX ||
	    segment.len > NA_IMAGE_ADDRESS_MAX - segment.start)
		return fail_segment(image, what, nr,
				    "its physical addresses have more than 52 bits");
	if (segment.offset + segment.len < segment.offset)
		return fail_segment(image, what, nr,
				    "its end in the file is beyond 64 bits");
	cut_to_file(image, &segment);
	if (!segment.len)
		return 0;
	if (last && continues(last, &segment)) {
		last->len += segment.len;
		return 0;
	}
	if (make_room(image))
		return -1;
	image->segments[image->nr_segments++] = segment;
	return 0;
}

static int compare(u64 one, u64 other)
{
	return one < other ? -1 : one > other;
}

/* Of those that begin at one address the longest comes first. */
static int by_start(const void *one, const void *other)
{
	const struct na_segment *a = one, *b = other;
	int order = compare(a->start, b->start);

	if (!order)
		order = compare(b->len, a->len);
	return order ? order : compare(a->offset, b->offset);
}

/* What is left of @segment behind @last; false if nothing is. */
static bool cut_front(const struct na_segment *last, struct na_segment *segment)
{
	u64 cut;

	if (end_of(segment) <= end_of(last))
		return false;
	if (segment->start >= end_of(last))
		return true;
	cut = end_of(last) - segment->start;
	segment->start += cut;
	segment->offset += cut;
	segment->len -= cut;
	return true;
}

/* A live kernel has its text twice, at two offsets, and both are the memory. */
static bool differ(const struct na_image *image, const struct na_segment *last,
		   const struct na_segment *segment)
{
	return !image->about.is_live && segment->start < end_of(last) &&
	       !agree(last, segment);
}

static void drop_overlaps(struct na_image *image)
{
	struct na_segment *kept = image->segments;
	struct na_segment segment;
	bool is_told = false;
	u32 i, nr = 1;

	for (i = 1; i < image->nr_segments; i++) {
		segment = image->segments[i];
		if (!is_told && differ(image, &kept[nr - 1], &segment)) {
			na_notes_assume(image->notes, "%s: has two copies of the memory at 0x%llx: the segment that begins lower is right",
					image->file.name, segment.start);
			is_told = true;
		}
		if (!cut_front(&kept[nr - 1], &segment))
			continue;
		if (continues(&kept[nr - 1], &segment))
			kept[nr - 1].len += segment.len;
		else
			kept[nr++] = segment;
	}
	image->nr_segments = nr;
}

/* The whole pages of memory that goes on from @start to @end. */
static void add_range(struct na_image *image, struct na_image_range *ranges,
		      u64 start, u64 end)
{
	u64 mask = NA_IMAGE_PAGE - 1;

	start = (start + mask) & ~mask;
	end &= ~mask;
	if (start < end)
		ranges[image->about.nr_ranges++] =
			(struct na_image_range){ start, end };
}

static void fill_ranges(struct na_image *image, struct na_image_range *ranges)
{
	const struct na_segment *segment = image->segments;
	u64 start = segment->start, end = end_of(segment);
	u32 i;

	for (i = 1; i < image->nr_segments; i++) {
		segment = &image->segments[i];
		if (segment->start != end) {
			add_range(image, ranges, start, end);
			start = segment->start;
		}
		end = end_of(segment);
	}
	add_range(image, ranges, start, end);
}

int na_segments_settle(struct na_image *image)
{
	struct na_image_range *ranges;

	if (!image->nr_segments)
		return na_notes_fail(image->notes, "%s: there is no memory in it",
				     image->file.name);
	na_sort(image->segments, image->nr_segments, sizeof(*image->segments),
		by_start);
	drop_overlaps(image);
	ranges = malloc(image->nr_segments * sizeof(*ranges));
	if (!ranges)
		return na_notes_fail(image->notes, "%s: no memory for %u ranges",
				     image->file.name, image->nr_segments);
	image->about.ranges = ranges;
	fill_ranges(image, ranges);
	if (!image->about.nr_ranges)
		return na_notes_fail(image->notes, "%s: there is no whole page of memory in it",
				     image->file.name);
	return 0;
}

static bool contains(const struct na_segment *segment, u64 pa)
{
	return pa - segment->start < segment->len;
}

/* Walks go from table to table of one kernel, which lie close together. */
const struct na_segment *na_segment_find(struct na_image *image, u64 pa)
{
	u32 low = 0, high = image->nr_segments, middle;

	if (contains(&image->segments[image->last], pa))
		return &image->segments[image->last];
	while (low < high) {
		middle = low + (high - low) / 2;
		if (end_of(&image->segments[middle]) <= pa)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == image->nr_segments || !contains(&image->segments[low], pa))
		return NULL;
	image->last = low;
	return &image->segments[low];
}
