// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The cost on this machine of operations that every window needs, measured in
 * the same run, to show which part of a figure is not the library's.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "user.h"

#define NR_LOOPS	200000u

struct limits limits;

static struct {
	_Alignas(LINE_LEN) uint32_t word;
	_Alignas(LINE_LEN) uint32_t end;
} own, shared;

static pthread_barrier_t start;

static uint64_t cpu_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static double time_two_locked(void)
{
	uint64_t begin = cpu_ns();
	uint32_t i;

	for (i = 0; i < NR_LOOPS; i++) {
		__atomic_add_fetch(&own.word, 1, __ATOMIC_SEQ_CST);
		__atomic_sub_fetch(&own.word, 1, __ATOMIC_SEQ_CST);
	}
	return (double)(cpu_ns() - begin) / NR_LOOPS;
}

static double time_system_call(void)
{
	uint64_t begin = cpu_ns();
	uint32_t i;

	for (i = 0; i < NR_LOOPS / 10; i++)
		syscall(SYS_getppid);
	return (double)(cpu_ns() - begin) / (NR_LOOPS / 10.0);
}

/* A turn each: the line comes over for each one. */
static void *pass_line(void *arg)
{
	uint32_t turn = arg ? 1 : 0, i, seen;

	pin_thread(turn);
	pthread_barrier_wait(&start);
	for (i = 0; i < NR_LOOPS / 10; i++) {
		seen = 2 * i + turn;
		while (__atomic_load_n(&shared.word, __ATOMIC_ACQUIRE) != seen)
			;
		__atomic_add_fetch(&shared.word, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static double time_line_moves(void)
{
	pthread_t threads[2];
	uint64_t begin;

	shared.word = 0;
	pthread_barrier_init(&start, NULL, 2);
	begin = now_ns();
	if (pthread_create(&threads[0], NULL, pass_line, NULL) ||
	    pthread_create(&threads[1], NULL, pass_line, &shared))
		die("no threads");
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	pthread_barrier_destroy(&start);
	return (double)(now_ns() - begin) / (NR_LOOPS / 10.0 * 2);
}

/* --- the parts of a miss ------------------------------------------------------ */

static char *reserve(char *at, uint32_t nr)
{
	char *base = mmap(at, (size_t)nr << FRAME_SHIFT, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
			  (at ? MAP_FIXED : 0), -1, 0);

	if (base == MAP_FAILED)
		die("cannot reserve: %s", strerror(errno));
	return base;
}

static void point_all(char *base, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (mmap(base + ((size_t)i << FRAME_SHIFT), FRAME_LEN,
			 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			 data.fd, (off_t)data.order[i] << FRAME_SHIFT) ==
		    MAP_FAILED)
			die("cannot map a frame: %s", strerror(errno));
}

static void touch_all(char *base, uint32_t nr)
{
	struct job job = { .updates = false };
	uint32_t i;

	for (i = 0; i < nr; i++)
		touch(&job, base + ((size_t)i << FRAME_SHIFT), data.order[i]);
	if (job.nr_wrong)
		die("frames without their number");
}

/* As a window does it, and nothing besides. */
static void time_miss(void)
{
	uint32_t nr = data.nr / 10 / 4;
	char *base = reserve(NULL, nr);
	uint64_t begin = cpu_ns(), set, fault, clear;

	point_all(base, nr);
	set = cpu_ns();
	touch_all(base, nr);
	fault = cpu_ns();
	reserve(base, nr);
	clear = cpu_ns();
	munmap(base, (size_t)nr << FRAME_SHIFT);
	samples_add(&limits.set, (double)(set - begin) / nr);
	samples_add(&limits.fault, (double)(fault - set) / nr);
	samples_add(&limits.clear, (double)(clear - fault) / nr);
}

void limits_measure(void)
{
	unsigned int i;

	for (i = 0; i < options.nr_rounds; i++) {
		samples_add(&limits.two_locked, time_two_locked());
		samples_add(&limits.system_call, time_system_call());
		time_miss();
		if (setup.nr_cpus > 1)
			samples_add(&limits.line_moves, time_line_moves());
	}
}
