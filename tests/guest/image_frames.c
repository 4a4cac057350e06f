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

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN (4 * MIB)
#define NR_BUFFERS_MAX 256u
#define NR_ENOUGH 100u
#define SPARE (64 * MIB)
#define SPARE_LEAST (24 * MIB)
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

static bool is_in(struct image image, uint64_t pfn)
{
	return pfn * PAGE >= image.first && pfn * PAGE < image.end;
}

static void give_back(char *page)
{
	EXPECT(!madvise(page, PAGE, MADV_DONTNEED));
}

/*
 * Every other page, those of the image last: the kernel gives out first what
 * was freed last, and never all that is free. How many of the image.
 */
static unsigned int make_holes(char *mem, size_t len)
{
	struct image image = find_image();
	char **held = calloc((image.end - image.first) / PAGE, sizeof(*held));
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned int nr_held = 0, nr_others = 0, i;
	char *page;

	EXPECT(held && pagemap >= 0);
	for (page = mem; page < mem + len; page += PAGE) {
		if (is_in(image, frame_in(pagemap, page)))
			held[nr_held++] = page;
		else if (nr_others++ % 2)
			give_back(page);
	}
	for (i = 0; i < nr_held; i += 2)
		give_back(held[i]);
	free(held);
	close(pagemap);
	return i / 2;
}

static void hold_with_holes(void *pipe_end)
{
	size_t len = meminfo("MemFree") - 2 * SPARE, i;
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int nr;

	EXPECT(mem != MAP_FAILED);
	use_small_pages(mem, len);
	for (i = 0; i < len; i += PAGE)
		mem[i] = 1;
	nr = make_holes(mem, len);
	EXPECT_EQ(write(*(int *)pipe_end, &nr, sizeof(nr)), sizeof(nr));
	for (;;)
		pause();
}

static pid_t start_holder(void)
{
	unsigned int nr;
	int ends[2];
	pid_t pid;

	EXPECT(!pipe(ends));
	pid = start(hold_with_holes, &ends[1]);
	close(ends[1]);
	EXPECT_EQ(read(ends[0], &nr, sizeof(nr)), sizeof(nr));
	close(ends[0]);
	say("%u frames of the image given back", nr);
	return pid;
}

/* How many frames of a buffer are the image's; each is looked at. */
static unsigned int count_in_image(const char *mem, struct image image)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	unsigned int nr = 0;
	struct look look;
	size_t i;

	EXPECT(pagemap >= 0);
	for (i = 0; i < LEN; i += PAGE) {
		if (!is_in(image, frame_in(pagemap, mem + i)))
			continue;
		EXPECT(!look_at(mem + i, &look));
		EXPECT(!strcmp(look.direct, heap_type()));
		nr++;
	}
	close(pagemap);
	return nr;
}

struct taken {
	char *mems[NR_BUFFERS_MAX];
	unsigned int nr;
	unsigned int nr_in_image;
	const char *with_image;		/* a buffer that has some */
};

static bool take_one(struct taken *taken, struct image image)
{
	int fd = try_buffer(LEN);
	unsigned int nr;
	char *mem;

	if (fd == -ENOMEM)
		return false;
	EXPECT(fd >= 0 && taken->nr < NR_BUFFERS_MAX);
	mem = map_buffer(fd, LEN);
	close(fd);
	taken->mems[taken->nr++] = mem;
	nr = count_in_image(mem, image);
	if (nr)
		taken->with_image = mem;
	taken->nr_in_image += nr;
	return true;
}

/*
 * All holes but what others live on; of that a part too if the image's frames
 * must be there. A refusal is what this is about. Memory that is full of holes
 * makes the kernel raise its watermarks.
 */
static void take_all(struct taken *taken, struct image image)
{
	while (meminfo("MemFree") > SPARE + LEN)
		if (!take_one(taken, image))
			break;
	while (taken->nr_in_image <= NR_ENOUGH && meminfo("MemFree") > SPARE_LEAST)
		if (!take_one(taken, image))
			break;
}

/* kills: a second mapping that stays WB; one refused frame, all refused; the
 * first frame of a table taken for all of them
 */
static void image_frames_in_buffers(void)
{
	static struct taken taken;
	pid_t holder = start_holder();
	unsigned int i;

	take_all(&taken, find_image());
	say("%u buffers, %u frames of the image", taken.nr, taken.nr_in_image);
	EXPECT(taken.nr_in_image > NR_ENOUGH);
	EXPECT_EQ(counter("frames_quarantined"), 0);
	expect_no_alias(taken.with_image, LEN);
	for (i = 0; i < taken.nr; i++)
		munmap(taken.mems[i], LEN);
	EXPECT(killed(holder));
	EXPECT(wait_released());
}

/* kills: a type left behind in one of the two mappings (seen by the auditor
 * as soon as the frames are a process's)
 */
static void image_frames_go_back(void)
{
	size_t len = meminfo("MemFree") - 4 * SPARE, i;
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
