// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A member of the group allocates all that it can get; then another process
 * needs memory. The OOM killer must not run as long as that is no more than the
 * reserve.
 *
 * Frames of buffers cannot be moved. Where memory is mostly that of processes
 * they are taken out of blocks of movable memory, and for each block the
 * kernel raises the marks below which it refuses (watermark_boost): on a
 * machine of 1 GiB by more than the marks were. So half of memory belongs to
 * a process here, with holes in it.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESERVE_SHIFT 4
#define RESERVE_MAX (256 * MIB)
/* Page tables and what a process needs besides. */
#define OVERHEAD (4 * MIB)

static uint64_t bytes_of(const char *path, const char *field, uint64_t unit)
{
	char *text = read_text(path), *line = text ? strstr(text, field) : NULL;
	uint64_t nr;

	EXPECT(line);
	nr = strtoull(line + strlen(field), NULL, 10);
	free(text);
	return nr * unit;
}

static uint64_t nr_oom_kills(void)
{
	return bytes_of("/proc/vmstat", "\noom_kill ", 1);
}

static char *new_memory(uint64_t len)
{
	char *mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(mem != MAP_FAILED);
	use_small_pages(mem, len);
	return mem;
}

static void touch(char *mem, uint64_t len)
{
	uint64_t at;

	for (at = 0; at < len; at += PAGE)
		((volatile char *)mem)[at] = 1;
}

/* @arg: bytes; every other page of a third of it is given back. */
static void hold_with_holes(void *arg)
{
	uint64_t len = *(uint64_t *)arg, at;
	char *mem = new_memory(len);

	touch(mem, len);
	for (at = 0; at < len / 3; at += 2 * PAGE)
		EXPECT(!madvise(mem + at, PAGE, MADV_DONTNEED));
	raise(SIGSTOP);
}

/* What a process would find before somebody is killed for it. */
static void take_all(void *unused)
{
	static const uint64_t lens[] = {
		128 * MIB, 16 * MIB, 3 * MIB, 64 * KIB, PAGE,
	};
	struct rlimit limit = { 65536, 65536 };
	int heap = open_heap(), fd = 0;
	uint64_t taken = 0;
	size_t i;

	(void)unused;
	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		while ((fd = alloc_on(heap, lens[i])) >= 0)
			taken += lens[i];
		EXPECT_EQ(fd, -ENOMEM);
	}
	say("taken %llu MiB, %llu MiB are free", taken / MIB,
	    meminfo("MemFree") / MIB);
	EXPECT(taken > 16 * MIB);
	raise(SIGSTOP);
}

static void use_reserve(void *arg)
{
	uint64_t len = *(uint64_t *)arg;

	touch(new_memory(len), len);
}

/* Memory of the kernel's own: tasks, page tables, pipes. */
static void use_kernel(void *unused)
{
	int i, pipes[2];

	(void)unused;
	for (i = 0; i < 100; i++)
		EXPECT(!pipe(pipes));
	touch(new_memory(MIB), MIB);
}

static pid_t stopped(void (*fn)(void *), void *arg)
{
	pid_t pid = start(fn, arg);
	int status;

	EXPECT_EQ(waitpid(pid, &status, WUNTRACED), pid);
	EXPECT(WIFSTOPPED(status));
	return pid;
}

static uint64_t reserve_of(uint64_t len)
{
	len >>= RESERVE_SHIFT;
	return (len < RESERVE_MAX ? len : RESERVE_MAX) - OVERHEAD;
}

static void expect_reserve(void *unused)
{
	uint64_t nr_kills = nr_oom_kills(), held = meminfo("MemAvailable") / 2;
	uint64_t reserve = reserve_of(meminfo("MemTotal"));
	pid_t holder = stopped(hold_with_holes, &held), taker;
	int i;

	(void)unused;
	taker = stopped(take_all, NULL);
	say("somebody else needs %llu MiB", reserve / MIB);
	EXPECT(passes(start(use_reserve, &reserve)));
	for (i = 0; i < 50; i++)
		EXPECT(passes(start(use_kernel, NULL)));
	EXPECT_EQ(nr_oom_kills(), nr_kills);
	EXPECT(killed(taker));
	EXPECT(killed(holder));
}

static void keep_reserve_with(const char *zone)
{
	bool passed;

	EXPECT(!write_text(PARAMETERS "limit_percent", "90"));
	EXPECT(!write_text(PARAMETERS "zone", zone));
	passed = passes(start(expect_reserve, NULL));
	EXPECT(!write_text(PARAMETERS "zone", "any"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
	EXPECT(passed);
}

/* kills: a reserve that lies below the raised marks, where nobody gets it */
static void others_live_on_the_reserve(void)
{
	keep_reserve_with("any");
}

/* kills: marks of one zone met by what is free in another */
static void others_live_on_the_reserve_of_low_memory(void)
{
	keep_reserve_with("low");
}

static const struct guest_case cases[] = {
	CASE(others_live_on_the_reserve),
	CASE(others_live_on_the_reserve_of_low_memory),
};
GUEST_MAIN(cases)
