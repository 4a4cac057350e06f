/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * One machine's memory, one file that a dump of it would be, and its image.
 */
#ifndef IMAGE_WORLD_H
#define IMAGE_WORLD_H

#include <unistd.h>

#include "../unit/tap.h"
#include "make_image.h"

#define PAGE	NA_IMAGE_PAGE

static char world_path[64];
static struct na_notes world_notes;
static struct na_image *world_image;

ROOM void world_remove_file(void)
{
	unlink(world_path);
}

/* Name of a file that nobody has; it is gone when the program ends. */
ROOM const char *world_file(void)
{
	if (!world_path[0]) {
		snprintf(world_path, sizeof(world_path),
			 "/tmp/noalias-dump-%d", (int)getpid());
		atexit(world_remove_file);
	}
	unlink(world_path);
	return world_path;
}

ROOM void world_close(void)
{
	na_image_close(world_image);
	world_image = NULL;
}

/* The result of na_image_open(), with new notes. */
ROOM int world_open(const char *path, const struct na_image_options *options)
{
	world_close();
	memset(&world_notes, 0, sizeof(world_notes));
	return na_image_open(path, options, &world_notes, &world_image);
}

ROOM int world_open_bytes(struct make_bytes bytes,
			  const struct na_image_options *options)
{
	make_save(bytes, world_file());
	return world_open(world_path, options);
}

static struct make_memory *world_memory;
static struct make_bytes world_bytes;

/* What a case made; each begins and ends with this, as one may have failed. */
ROOM void world_forget(void)
{
	world_close();
	free(world_bytes.data);
	memset(&world_bytes, 0, sizeof(world_bytes));
	if (world_memory)
		make_memory_free(world_memory);
	world_memory = NULL;
}

ROOM const struct na_image_about *world_about(void)
{
	return na_image_about(world_image);
}

/* Each word is its own address. */
ROOM void world_fill(u64 start, u64 end)
{
	u64 pa;

	for (pa = start; pa < end; pa += sizeof(pa))
		memcpy(make_at(world_memory, pa), &pa, sizeof(pa));
}

/* RAM from 0 on, filled. */
ROOM struct make_memory *world_make(u64 len)
{
	world_forget();
	world_memory = make_memory(len);
	world_fill(0, len);
	return world_memory;
}

/* RAM in ranges that are aligned to words, filled. */
ROOM struct make_memory *world_make_of(const struct make_range *ranges, u32 nr)
{
	u32 i;

	world_forget();
	world_memory = make_memory_of(ranges, nr);
	for (i = 0; i < nr; i++)
		world_fill(ranges[i].start, ranges[i].end);
	return world_memory;
}

/* The first line of a list has @part, or there is none and @part is "". */
ROOM bool world_has_line(const struct na_note_list *list, const char *part)
{
	if (!part[0] || !list->nr)
		return !part[0] && !list->nr;
	return strstr(list->lines[0], part);
}

#define EXPECT_LINE(list, part)						\
	do {								\
		if (!world_has_line(&world_notes.list, part)) {		\
			tap_say("%s: \"%s\", should have \"%s\"", #list,	\
				world_notes.list.lines[0], part);	\
			EXPECT(world_has_line(&world_notes.list, part));	\
		}							\
	} while (0)

/* It opens, nothing lost or assumed. */
#define EXPECT_OPENS(options)						\
	do {								\
		int ret_ = world_open_bytes(world_bytes, options);	\
		if (ret_)						\
			tap_say("%s", world_notes.error);		\
		EXPECT(!ret_);						\
		EXPECT_LINE(lost, "");					\
		EXPECT_LINE(assumed, "");				\
	} while (0)

/* It does not, and one line says why: the file and @part. */
#define EXPECT_FAILS(opening, part)					\
	do {								\
		int ret_ = (opening);					\
		EXPECT(ret_ == -1 && !world_image);			\
		if (!strstr(world_notes.error, part))			\
			tap_say("error: %s", world_notes.error);	\
		EXPECT(strstr(world_notes.error, part));		\
		EXPECT(!strchr(world_notes.error, '\n'));		\
	} while (0)

/* Is the page at @pa what the memory has? */
ROOM bool world_has_page(u64 pa)
{
	u64 buf[PAGE / sizeof(u64)];
	const void *page = na_image_page(world_image, pa, buf);

	return page && (uintptr_t)page % sizeof(u64) == 0 &&
	       !memcmp(page, make_at(world_memory, pa), PAGE);
}

ROOM void world_expect_pages(u64 start, u64 end)
{
	for (; start < end; start += PAGE)
		EXPECT(world_has_page(start));
}

#endif
