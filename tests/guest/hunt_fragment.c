// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_fragment -- COMMAND...: leaves no large run of frames free while COMMAND
 * runs, as on a machine that has been up for long: takes what is free, gives back
 * every second frame, and takes what is still free in one piece as huge pages.
 * Locked memory is not moved by compaction then.
 */
#define _GNU_SOURCE
#include "hunt.h"

#include <sys/sysinfo.h>

/* Since 5.18; older C libraries do not know it. */
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

/* What the system needs until the frames are given back. */
#define LEFT (96ul << 20)
#define HUGE (2ul << 20)
#define NR_HUGE_MAX 96ul

static void forbid_moving(void)
{
	int fd = open("/proc/sys/vm/compact_unevictable_allowed", O_WRONLY);

	if (fd < 0 || write(fd, "0", 1) != 1)
		hunt_say("locked memory may be moved");
	close(fd);
}

static uint64_t frame_of(int pagemap, const uint8_t *at)
{
	uint64_t entry = 0;

	if (pread(pagemap, &entry, sizeof(entry),
		  (off_t)((uintptr_t)at / HUNT_PAGE * sizeof(entry))) !=
	    sizeof(entry))
		return 0;
	return entry & ((1ull << 55) - 1);
}

static void give_back_every_second(uint8_t *mem, size_t len)
{
	int pagemap = open("/proc/self/pagemap", O_RDONLY);
	size_t at;

	for (at = 0; at < len; at += HUNT_PAGE)
		if (frame_of(pagemap, mem + at) & 1)
			madvise(mem + at, HUNT_PAGE, MADV_DONTNEED_LOCKED);
	close(pagemap);
}

static uint8_t *take(uint8_t *at, size_t len, int advice)
{
	uint8_t *mem = mmap(at, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				    (at ? MAP_FIXED : 0),
			    -1, 0);

	if (mem == MAP_FAILED || madvise(mem, len, advice) || mlock(mem, len)) {
		hunt_say("mlock: %s", strerror(errno));
		return NULL;
	}
	return mem;
}

/* Free runs of 2 MiB and 4 MiB: the last two columns. */
static unsigned long nr_large(void)
{
	FILE *file = fopen("/proc/buddyinfo", "r");
	unsigned long nr = 0, last[2];
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Node %*d, zone %*s %*u %*u %*u %*u %*u %*u %*u %*u %*u %lu %lu",
			   &last[0], &last[1]) == 2)
			nr += last[0] + last[1];
	if (file)
		fclose(file);
	return nr;
}

/* Takes what is still free in one piece, as huge pages. */
static void take_large(void)
{
	uint8_t *room = mmap(NULL, (NR_HUGE_MAX + 1) * HUGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint8_t *at = (uint8_t *)(((uintptr_t)room + HUGE - 1) & ~(HUGE - 1));
	size_t nr;

	for (nr = 0; nr < NR_HUGE_MAX && nr_large(); nr++)
		if (!take(at + nr * HUGE, HUGE, MADV_HUGEPAGE))
			break;
	hunt_say("%zu huge pages taken, %lu large runs left", nr, nr_large());
}

int main(int argc, char **argv)
{
	struct sysinfo info;
	uint8_t *mem;
	size_t len;

	(void)argc;
	forbid_moving();
	sysinfo(&info);
	len = (size_t)info.freeram * info.mem_unit - LEFT;
	len -= len % HUNT_PAGE;
	mem = take(NULL, len, MADV_NOHUGEPAGE);
	if (!mem)
		return 2;
	give_back_every_second(mem, len);
	take_large();
	return hunt_hold(argv, 1);
}
