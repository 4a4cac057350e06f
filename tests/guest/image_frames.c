// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Frames of the kernel image that were freed after boot.
 *
 * On 64 bit they have two permanent mappings, and both must change. To get
 * them, memory is fragmented into holes of one page, and a heap allocates all
 * of these. The auditor then checks every mapping of every frame, including the
 * image's.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN (4 * MIB)
#define NR_BUFFERS_MAX 256u
#define NR_ENOUGH 100u
#define SPARE (128 * MIB)
#define LARGE_PAGE (2 * MIB)

struct image {
	uint64_t first;		/* bytes */
	uint64_t end;
};

/* From "Kernel code" to the last large page that "Kernel bss" reaches. */
static struct image find_image(void)
{
	struct image image = { 0 };
	unsigned long long first, end;
	char *text = read_text("/proc/iomem"), *line;

	EXPECT(text);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strstr(line, " : Kernel ") ||
		    sscanf(line, " %llx-%llx", &first, &end) != 2)
			continue;
		if (!image.first || first < image.first)
			image.first = first;
		if (end > image.end)
			image.end = end;
	}
	free(text);
	EXPECT(image.first && image.end > image.first);
	image.end = (image.end + LARGE_PAGE) & ~(LARGE_PAGE - 1);
	return image;
}

static size_t free_bytes(void)
{
	char *text = read_text("/proc/meminfo");
	char *line = text ? strstr(text, "MemFree:") : NULL;
	unsigned long kib = 0;

	EXPECT(line && sscanf(line, "MemFree: %lu", &kib) == 1);
	free(text);
	return (size_t)kib * KIB;
}

/* A process that has nearly everything and gives every other page back. */
static void hold_with_holes(void *pipe_end)
{
	size_t len = free_bytes() - SPARE, i;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(mem != MAP_FAILED);
	use_small_pages(mem, len);
	for (i = 0; i < len; i += PAGE)
		mem[i] = 1;
	for (i = 0; i < len; i += 2 * PAGE)
		EXPECT(!madvise(mem + i, PAGE, MADV_DONTNEED));
	EXPECT_EQ(write(*(int *)pipe_end, "", 1), 1);
	for (;;)
		pause();
}

static pid_t start_holder(void)
{
	int ends[2];
	pid_t pid;
	char byte;

	EXPECT(!pipe(ends));
	pid = start(hold_with_holes, &ends[1]);
	close(ends[1]);
	EXPECT_EQ(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	return pid;
}

static unsigned int count_in_image(const char *mem, struct image image)
{
	unsigned int nr = 0;
	struct look look;
	size_t i;

	for (i = 0; i < LEN; i += PAGE) {
		EXPECT(!look_at(mem + i, &look));
		EXPECT(!strcmp(look.direct, heap_type()));
		nr += (uint64_t)look.pfn * PAGE >= image.first &&
		      (uint64_t)look.pfn * PAGE < image.end;
	}
	return nr;
}

/*
 * All holes but what others live on: a refusal is what this is about. Memory
 * that is full of holes makes the kernel raise its watermarks.
 */
static unsigned int take_all(char **mems)
{
	unsigned int nr = (free_bytes() - SPARE - SPARE / 2) / LEN, i;
	int fd;

	EXPECT(nr <= NR_BUFFERS_MAX);
	for (i = 0; i < nr; i++) {
		fd = try_buffer(LEN);
		if (fd == -ENOMEM)
			break;
		EXPECT(fd >= 0);
		mems[i] = map_buffer(fd, LEN);
		close(fd);
	}
	return i;
}

/* kills: a second mapping that stays WB; one refused frame, all refused; the
 * first frame of a table taken for all of them
 */
static void image_frames_in_buffers(void)
{
	struct image image = find_image();
	char *mems[NR_BUFFERS_MAX];
	pid_t holder = start_holder();
	unsigned int nr = take_all(mems), nr_in_image = 0, i;

	/* The last ones are made of what nobody else took. */
	for (i = nr; i && nr_in_image <= NR_ENOUGH; i--)
		nr_in_image += count_in_image(mems[i - 1], image);
	say("%u buffers, %u frames of the image", nr, nr_in_image);
	EXPECT(nr_in_image > NR_ENOUGH);
	EXPECT_EQ(counter("frames_quarantined"), 0);
	expect_no_alias(mems[i], LEN);
	for (i = 0; i < nr; i++)
		munmap(mems[i], LEN);
	EXPECT(killed(holder));
	EXPECT(wait_released());
}

/* kills: a type left behind in one of the two mappings (seen by the auditor
 * as soon as the frames are a process's)
 */
static void image_frames_go_back(void)
{
	size_t len = free_bytes() - 2 * SPARE, i;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	char *audit;

	EXPECT(mem != MAP_FAILED);
	for (i = 0; i < len; i += PAGE)
		EXPECT(!mem[i]);
	audit = read_text(DEBUGFS "audit");
	EXPECT(audit && strstr(audit, " verdict=clean\n"));
	free(audit);
	munmap(mem, len);
}

static const struct guest_case cases[] = {
	CASE(image_frames_in_buffers),
	CASE(image_frames_go_back),
};

GUEST_MAIN(cases)
