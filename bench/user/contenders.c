// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The ways to access a frame. Each loop takes frames from the same trace and
 * accesses them with touch().
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <libnoalias.h>

#include "kmap.h"
#include "user.h"

/* --- everything mapped at once ---------------------------------------------- */

static void all_open(struct subject *subject)
{
	subject->base = mmap(NULL, (size_t)data.nr << FRAME_SHIFT,
			     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			     data.fd, 0);
	if (subject->base == MAP_FAILED)
		die("cannot map the data: %s", strerror(errno));
}

static void all_run(struct subject *subject, struct job *job, uint32_t nr)
{
	uint32_t frame;

	while (nr--) {
		frame = job_next(job);
		touch(job, subject->base + ((size_t)frame << FRAME_SHIFT),
		      frame);
	}
}

/*
 * --- the floor: the least that a window has to do ----------------------------
 */

/*
 * A word of an index, a line of a slot, two locked instructions on it, and
 * addresses in another order than the frames. No checks, no counters, nothing
 * is ever taken back: a slot for each frame of the working set.
 */
struct floor_slot {
	uint32_t users;
	uint32_t frame;
	char *addr;
	char rest[LINE_LEN - 2 * sizeof(uint32_t) - sizeof(char *)];
};

static char *floor_map(char *base, uint32_t idx, uint32_t frame)
{
	char *addr = mmap(base + ((size_t)idx << FRAME_SHIFT), FRAME_LEN,
			  PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_FIXED | MAP_POPULATE, data.fd,
			  (off_t)frame << FRAME_SHIFT);

	if (addr == MAP_FAILED)
		die("cannot map a frame: %s", strerror(errno));
	return addr;
}

static void floor_open(struct subject *subject)
{
	uint32_t nr = subject->nr_slots, frame, i;

	subject->heads = calloc(data.nr, sizeof(*subject->heads));
	subject->slots = aligned_alloc(LINE_LEN, nr * sizeof(*subject->slots));
	subject->base = mmap(NULL, (size_t)nr << FRAME_SHIFT, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
			     0);
	if (!subject->heads || !subject->slots || subject->base == MAP_FAILED)
		die("no memory");
	for (i = 0; i < nr; i++) {
		frame = data.order[i];
		subject->slots[i] = (struct floor_slot){
			.frame = frame,
			.addr = floor_map(subject->base, i, frame),
		};
		subject->heads[frame] = i;
	}
}

static void floor_run(struct subject *subject, struct job *job, uint32_t nr)
{
	struct floor_slot *slot;
	uint32_t frame;

	while (nr--) {
		frame = job_next(job);
		slot = &subject->slots[subject->heads[frame]];
		__atomic_add_fetch(&slot->users, 1, __ATOMIC_SEQ_CST);
		touch(job, slot->addr, frame);
		__atomic_sub_fetch(&slot->users, 1, __ATOMIC_SEQ_CST);
	}
}

/* --- the library -------------------------------------------------------------- */

static void window_open(struct subject *subject)
{
	struct noalias_window_options with = {
		.size = sizeof(with), .granule = FRAME_LEN,
		.nr_slots = subject->nr_slots,
	};

	if (noalias_window_open(data.fd, &with, &subject->window))
		die("window: %s", noalias_error_message());
}

static void *window_map(struct subject *subject, uint32_t frame)
{
	void *addr;

	if (noalias_window_map(subject->window, (uint64_t)frame << FRAME_SHIFT,
			       FRAME_LEN, &addr))
		die("window: %s", noalias_error_message());
	return addr;
}

static void window_hold(struct subject *subject, uint32_t frame)
{
	(void)window_map(subject, frame);
}

static void window_run(struct subject *subject, struct job *job, uint32_t nr)
{
	uint32_t frame;
	void *addr;

	while (nr--) {
		frame = job_next(job);
		addr = window_map(subject, frame);
		touch(job, addr, frame);
		if (noalias_window_unmap(subject->window, addr, FRAME_LEN))
			die("window: %s", noalias_error_message());
	}
}

static void window_flush(struct subject *subject)
{
	if (noalias_kmap_flush_unused(subject->window))
		die("window: %s", noalias_error_message());
}

static uint64_t window_misses(const struct subject *subject)
{
	struct noalias_window_stats stats;

	if (noalias_window_stats(subject->window, &stats, sizeof(stats)))
		die("window: %s", noalias_error_message());
	return stats.misses;
}

/* --- the textbook --------------------------------------------------------------- */

static void pool_open(struct subject *subject)
{
	subject->pool = kmap_open(data.fd, subject->nr_slots, FRAME_SHIFT);
	if (!subject->pool)
		die("no memory for a pool");
}

static void *pool_map(struct subject *subject, uint32_t frame)
{
	void *addr = kmap(subject->pool, frame);

	if (!addr)
		die("kmap: %s", strerror(errno));
	return addr;
}

static void pool_hold(struct subject *subject, uint32_t frame)
{
	(void)pool_map(subject, frame);
}

static void pool_run(struct subject *subject, struct job *job, uint32_t nr)
{
	uint32_t frame;
	void *addr;

	while (nr--) {
		frame = job_next(job);
		addr = pool_map(subject, frame);
		touch(job, addr, frame);
		kunmap(subject->pool, addr);
	}
}

static void pool_flush(struct subject *subject)
{
	kmap_flush_unused(subject->pool);
}

static uint64_t pool_misses(const struct subject *subject)
{
	return kmap_nr_misses(subject->pool);
}

/* --- a copy for each access ------------------------------------------------------- */

static void nothing_open(struct subject *subject)
{
	(void)subject;
}

static void pread_run(struct subject *subject, struct job *job, uint32_t nr)
{
	uint32_t frame;
	off_t at;

	(void)subject;
	while (nr--) {
		frame = job_next(job);
		at = (off_t)frame << FRAME_SHIFT;
		if (pread(data.fd, job->buffer, FRAME_LEN, at) != FRAME_LEN)
			die("pread: %s", strerror(errno));
		touch(job, job->buffer, frame);
		if (job->updates && pwrite(data.fd, job->buffer, FRAME_LEN,
					   at) != FRAME_LEN)
			die("pwrite: %s", strerror(errno));
	}
}

/* --- a mapping for each access ------------------------------------------------------ */

static void mmap_run(struct subject *subject, struct job *job, uint32_t nr)
{
	uint32_t frame;
	void *addr;

	(void)subject;
	while (nr--) {
		frame = job_next(job);
		addr = mmap(NULL, FRAME_LEN, PROT_READ | PROT_WRITE,
			    MAP_SHARED, data.fd, (off_t)frame << FRAME_SHIFT);
		if (addr == MAP_FAILED)
			die("mmap: %s", strerror(errno));
		touch(job, addr, frame);
		munmap(addr, FRAME_LEN);
	}
}

const struct contender contenders[NR_CONTENDERS] = {
	[ALL] = {
		.name = "all", .label = "all mapped", .open = all_open,
		.run = all_run,
	},
	[FLOOR] = {
		.name = "floor", .label = "floor", .open = floor_open,
		.run = floor_run,
	},
	[WINDOW] = {
		.name = "window", .label = "window", .open = window_open,
		.hold = window_hold, .run = window_run, .flush = window_flush,
		.misses = window_misses,
	},
	[KMAP] = {
		.name = "kmap", .label = "textbook kmap", .open = pool_open,
		.hold = pool_hold, .run = pool_run, .flush = pool_flush,
		.misses = pool_misses,
	},
	[PREAD] = {
		.name = "pread", .label = "pread", .open = nothing_open,
		.run = pread_run, .calls_each = true,
	},
	[MMAP] = {
		.name = "mmap", .label = "mmap, munmap", .open = nothing_open,
		.run = mmap_run, .calls_each = true,
	},
};
