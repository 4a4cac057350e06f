// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * window32: a 32-bit process that works on 8 GiB through a window of 64 MiB.
 * See README.md.
 */
#define _GNU_SOURCE
#include <libnoalias.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH		(8ull << 30)
#define FRAME		4096u
#define NR_FRAMES	(LENGTH / FRAME)

#define GRANULE		(64u << 10)
#define NR_SLOTS	1024u

/* Frames that are used, so far apart that each needs a slot of its own. */
#define NR_USED		4096u
#define NR_STEPS	200000u

/* What a used frame holds. */
struct frame {
	uint64_t number;
	uint32_t nr_visits;
};

static int fail(const char *what)
{
	fprintf(stderr, "window32: %s: %s\n", what, noalias_error_message());
	return 1;
}

static uint64_t used_frame(uint32_t idx)
{
	return idx * (NR_FRAMES / NR_USED) + idx % 16;
}

static struct frame *map_frame(struct noalias_window *window, uint64_t number)
{
	void *addr;

	return noalias_window_map(window, number * FRAME, sizeof(struct frame),
				  &addr) ? NULL : addr;
}

static void unmap_frame(struct noalias_window *window, struct frame *frame)
{
	noalias_window_unmap(window, frame, sizeof(*frame));
}

static int write_numbers(struct noalias_window *window)
{
	struct frame *frame;
	uint32_t idx;

	for (idx = 0; idx < NR_USED; idx++) {
		frame = map_frame(window, used_frame(idx));
		if (!frame)
			return fail("map");
		frame->number = used_frame(idx);
		frame->nr_visits = 0;
		unmap_frame(window, frame);
	}
	return 0;
}

static int visit(struct noalias_window *window, uint64_t number)
{
	struct frame *frame = map_frame(window, number);

	if (!frame)
		return fail("map");
	if (frame->number != number) {
		fprintf(stderr, "window32: frame %llu holds %llu\n",
			(unsigned long long)number,
			(unsigned long long)frame->number);
		return 1;
	}
	frame->nr_visits++;
	unmap_frame(window, frame);
	return 0;
}

/* Round a place that changes now and then: most frames are met again soon. */
static int walk(struct noalias_window *window)
{
	uint32_t step, place = 0, idx;

	srand(1);
	for (step = 0; step < NR_STEPS; step++) {
		if (step % 4000 == 0)
			place = (uint32_t)rand() % NR_USED;
		idx = (place + (uint32_t)rand() % 200) % NR_USED;
		if (visit(window, used_frame(idx)))
			return 1;
	}
	return 0;
}

static int check_visits(struct noalias_window *window)
{
	uint32_t idx, nr = 0;
	struct frame *frame;

	for (idx = 0; idx < NR_USED; idx++) {
		frame = map_frame(window, used_frame(idx));
		if (!frame)
			return fail("map");
		nr += frame->nr_visits;
		unmap_frame(window, frame);
	}
	if (nr == NR_STEPS)
		return 0;
	fprintf(stderr, "window32: %u visits of %u are left\n", nr, NR_STEPS);
	return 1;
}

static void tell(struct noalias_window *window, int fd)
{
	struct noalias_window_stats stats;
	struct stat st;

	if (noalias_window_stats(window, &stats, sizeof(stats)) ||
	    fstat(fd, &st))
		return;
	printf("a process of %zu bits: %u visits of %u frames in %llu MiB\n",
	       8 * sizeof(void *), NR_STEPS, NR_USED, LENGTH >> 20);
	printf("window of %u MiB: %llu revivals, %llu misses, %llu taken back\n",
	       NR_SLOTS * (GRANULE >> 10) >> 10,
	       (unsigned long long)stats.revivals,
	       (unsigned long long)stats.misses,
	       (unsigned long long)stats.reclaimed);
	printf("the file has %llu MiB in memory or on disk\n",
	       (unsigned long long)st.st_blocks * 512 >> 20);
}

/* A sparse file: only the frames that are written take room. */
static int make_file(const char *name)
{
	int fd = name ? open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) :
			memfd_create("frames", MFD_CLOEXEC);

	if (fd >= 0 && !ftruncate(fd, (off_t)LENGTH))
		return fd;
	fprintf(stderr, "window32: %s: %s\n", name ? name : "memfd",
		strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int main(int argc, char **argv)
{
	struct noalias_window_options options = {
		.size = sizeof(options),
		/* The file is ours, and we leave its length alone. */
		.flags = NOALIAS_WINDOW_NO_SHRINK,
		.granule = GRANULE,
		.nr_slots = NR_SLOTS,
	};
	struct noalias_window *window;
	int failed, fd = make_file(argc > 1 ? argv[1] : NULL);

	if (fd < 0)
		return 1;
	if (noalias_window_open(fd, &options, &window))
		return fail("open");
	failed = write_numbers(window) || walk(window) || check_visits(window);
	if (!failed)
		tell(window, fd);
	if (noalias_window_close(window))
		failed = fail("close");
	close(fd);
	return failed;
}
