// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A buffer of more than 4 GiB: more bytes than 32 bits count, for a kernel of 64.
 * Expects importer.ko, and a guest with more memory than that.
 */
#define _GNU_SOURCE
#include "heap_buffers.h"
#include "heap_importer.h"

#include <sys/mman.h>
#include <unistd.h>

#define NR ((uint32_t)(4 * GIB / PAGE) + 3u)
#define LEN ((size_t)NR * PAGE)
#define NR_RANGES_MAX (1u << 17)	/* 64 KiB are the most of one */

static struct importer_range ranges[NR_RANGES_MAX];

static int new_big_buffer(void)
{
	EXPECT(!write_text(PARAMETERS "limit_percent", "90"));
	return new_buffer(LEN - 7);
}

static volatile uint32_t *word_of(char *mem, uint32_t page)
{
	return (volatile uint32_t *)(void *)(mem + (size_t)page * PAGE +
					     page % 1000 * 4);
}

/* Every page has a word of its own, at another place. */
static void mark_pages(char *mem)
{
	uint32_t i;

	for (i = 0; i < NR; i++) {
		if (*word_of(mem, i))
			say("page %u is not zero", i);
		EXPECT(!*word_of(mem, i));
		*word_of(mem, i) = i + 1;
	}
}

static void expect_marks(char *mem)
{
	uint32_t i;

	for (i = 0; i < NR; i++) {
		if (*word_of(mem, i) != i + 1)
			say("page %u has the word of %u", i,
			    *word_of(mem, i) - 1);
		EXPECT_EQ(*word_of(mem, i), i + 1);
	}
}

/* kills: a length or a place in the buffer cut to 32 bits, a page given twice */
static void every_page_is_there_once(void)
{
	int fd = new_big_buffer();
	struct buffer_line line;
	char *mem;

	EXPECT_EQ((uint64_t)lseek(fd, 0, SEEK_END), LEN);
	line = my_buffer();
	EXPECT_EQ(line.bytes, LEN);
	EXPECT_EQ(line.low_frames + line.high_frames, NR);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	mem = map_buffer(fd, LEN);
	mark_pages(mem);
	expect_marks(mem);
	munmap(mem, LEN);
	close(fd);
	EXPECT(wait_released());
	EXPECT_EQ(counter("frames_in_buffers"), 0);
}

static void expect_part(int fd, uint32_t page, char *whole)
{
	const char *part = mmap(NULL, 3 * PAGE, PROT_READ, MAP_SHARED, fd,
				(off_t)page * (off_t)PAGE);

	EXPECT(part != MAP_FAILED);
	fill(whole + (size_t)page * PAGE, 3 * PAGE, page);
	EXPECT(!memcmp(part, whole + (size_t)page * PAGE, 3 * PAGE));
	munmap((void *)(uintptr_t)part, 3 * PAGE);
}

/* kills: an offset cut to 32 bits, or a part that may go past the end */
static void parts_are_mapped(void)
{
	int fd = new_big_buffer();
	char *whole = map_buffer(fd, LEN);

	expect_part(fd, 0, whole);
	expect_part(fd, NR / 2 - 1, whole);
	expect_part(fd, NR - 4, whole);
	expect_part(fd, NR - 3, whole);
	EXPECT_EQ(map_errno(fd, 3 * PAGE, PROT_READ, MAP_SHARED,
			    (off_t)(NR - 2) * (off_t)PAGE), EINVAL);
	EXPECT_EQ(map_errno(fd, PAGE, PROT_READ, MAP_SHARED,
			    (off_t)NR * (off_t)PAGE), EINVAL);
}

/* kills: a table for devices, or a mapping of the kernel, of the first part */
static void devices_and_kernel_get_all(void)
{
	struct importer_map map = {
		.dir = DMA_BIDIRECTIONAL, .nr_ranges = NR_RANGES_MAX,
		.ranges = (uintptr_t)ranges,
	};
	int importer = new_import(new_big_buffer());
	uint64_t len = 0;
	uint32_t i;

	EXPECT_EQ(import_map(importer, &map), 0);
	EXPECT(map.nr_ranges <= NR_RANGES_MAX);
	for (i = 0; i < map.nr_ranges; i++)
		len += ranges[i].len;
	EXPECT_EQ(len, LEN);
	EXPECT_EQ(import_unmap(importer), 0);
	EXPECT(import_vmap(importer));
	EXPECT_EQ(my_buffer().vmaps, 1);
}

static const struct guest_case cases[] = {
	CASE(every_page_is_there_once),
	CASE(parts_are_mapped),
	CASE(devices_and_kernel_get_all),
};
GUEST_MAIN(cases)
