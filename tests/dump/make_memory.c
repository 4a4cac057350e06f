// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * RAM of a made-up machine.
 */
#include "make_internal.h"

#define PAGE NA_IMAGE_PAGE

void make_fail(const char *why)
{
	fprintf(stderr, "make_image: %s\n", why);
	abort();
}

void *make_alloc(size_t len)
{
	void *memory = calloc(1, len ? len : 1);

	if (!memory)
		make_fail("out of memory");
	return memory;
}

struct make_memory *make_memory_of(const struct make_range *ranges, u32 nr)
{
	struct make_memory *memory = make_alloc(sizeof(*memory));
	u32 i;

	if (!nr || nr > MAKE_RANGES_MAX)
		make_fail("so many ranges cannot be");
	for (i = 0; i < nr; i++) {
		memory->ranges[i] = ranges[i];
		memory->len += ranges[i].end - ranges[i].start;
	}
	memory->nr_ranges = nr;
	memory->bytes = make_alloc((size_t)memory->len);
	/* Address 0 is no table: a root of 0 is none. */
	memory->unused = ranges[0].start > PAGE ? ranges[0].start : PAGE;
	return memory;
}

struct make_memory *make_memory(u64 len)
{
	return make_memory_of(&(struct make_range){ 0, len }, 1);
}

void make_memory_free(struct make_memory *memory)
{
	free(memory->bytes);
	free(memory);
}

u64 make_offset(const struct make_memory *memory, u64 pa)
{
	const struct make_range *range = memory->ranges;
	u64 offset = 0;
	u32 i;

	for (i = 0; i < memory->nr_ranges; i++, range++) {
		if (pa >= range->start && pa < range->end)
			return offset + pa - range->start;
		offset += range->end - range->start;
	}
	make_fail("there is no RAM at this address");
}

void *make_at(struct make_memory *memory, u64 pa)
{
	return memory->bytes + make_offset(memory, pa);
}

/* Whole pages from @from on that lie in one range; its end, or 0. */
static u64 place(const struct make_range *range, u64 from, u64 len, u64 align)
{
	u64 start = from > range->start ? from : range->start;

	start = (start + align - 1) / align * align;
	return start + len <= range->end ? start + len : 0;
}

u64 make_pages(struct make_memory *memory, u32 nr)
{
	u64 len = (u64)nr * PAGE, align = nr & (nr - 1) ? PAGE : len, end;
	u32 i;

	for (i = 0; i < memory->nr_ranges; i++) {
		end = place(&memory->ranges[i], memory->unused, len, align);
		if (!end)
			continue;
		memory->unused = end;
		return end - len;
	}
	make_fail("no pages are left");
}
