// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Counting of calls: the program has functions with names of the C library,
 * which a shared library linked to it calls too. They count per thread and call
 * the original. The cost is one or two instructions a call for each contender.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "user.h"

static __thread struct tally own;

static void *(*real_mmap)(void *addr, size_t len, int prot, int flags, int fd,
			  off_t offset);
static int (*real_munmap)(void *addr, size_t len);
static ssize_t (*real_pread)(int fd, void *to, size_t len, off_t offset);
static ssize_t (*real_pwrite)(int fd, const void *from, size_t len,
			      off_t offset);
static int (*real_lock)(pthread_mutex_t *mutex);

static void *find(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	if (!symbol)
		abort();
	return symbol;
}

__attribute__((constructor)) static void find_all(void)
{
	real_mmap = find("mmap64");
	real_munmap = find("munmap");
	real_pread = find("pread64");
	real_pwrite = find("pwrite64");
	real_lock = find("pthread_mutex_lock");
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	own.calls++;
	/* Over what was there before: a slot that goes back, as a rule. */
	own.clears += flags & MAP_FIXED && prot == PROT_NONE;
	return real_mmap(addr, len, prot, flags, fd, offset);
}

int munmap(void *addr, size_t len)
{
	own.calls++;
	own.clears++;
	return real_munmap(addr, len);
}

ssize_t pread(int fd, void *to, size_t len, off_t offset)
{
	own.calls++;
	return real_pread(fd, to, len, offset);
}

ssize_t pwrite(int fd, const void *from, size_t len, off_t offset)
{
	own.calls++;
	return real_pwrite(fd, from, len, offset);
}

int pthread_mutex_lock(pthread_mutex_t *mutex)
{
	own.locks++;
	if (!real_lock)
		find_all();
	return real_lock(mutex);
}

uint64_t tally_calls(void)
{
	return own.calls;
}

struct tally tally_now(void)
{
	struct tally now = own;
	struct rusage usage;

	if (!getrusage(RUSAGE_THREAD, &usage))
		now.sleeps = (uint64_t)usage.ru_nvcsw;
	return now;
}

struct tally tally_add(struct tally a, struct tally b)
{
	return (struct tally){
		.nr = a.nr + b.nr, .misses = a.misses + b.misses,
		.calls = a.calls + b.calls, .clears = a.clears + b.clears,
		.locks = a.locks + b.locks, .sleeps = a.sleeps + b.sleeps,
	};
}

struct tally tally_sub(struct tally a, struct tally b)
{
	return (struct tally){
		.nr = a.nr - b.nr, .misses = a.misses - b.misses,
		.calls = a.calls - b.calls, .clears = a.clears - b.clears,
		.locks = a.locks - b.locks, .sleeps = a.sleeps - b.sleeps,
	};
}
