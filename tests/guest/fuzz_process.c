// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Operations of fuzz.h by which processes come, share and end.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>

#define CHILDREN_MAX 3u

static pid_t children[CHILDREN_MAX];

static void be_child(bool may_write)
{
	memset(children, 0, sizeof(children));
	self.depth++;
	self.by = BY_CHILD;
	model_is_child(may_write);
	fuzz_run(1 + fuzz_below(40));
	if (fuzz_chance(4))
		kill(getpid(), SIGKILL);
	_exit(0);
}

/*
 * A child has all that its parent has. One that writes makes both know less
 * of what they share; one that only looks leaves the parent's knowledge exact.
 */
static int op_fork(void)
{
	bool may_write = fuzz_chance(3);
	uint32_t i;
	pid_t pid;

	for (i = 0; i < CHILDREN_MAX && children[i]; i++)
		;
	if (i == CHILDREN_MAX || self.depth > 2)
		return FUZZ_IDLE;
	if (may_write)
		model_share();
	fuzz_note(may_write, 0, 0, 0);
	pid = fork();
	if (!pid)
		be_child(may_write);
	if (pid < 0)
		return -errno;
	children[i] = pid;
	return FUZZ_DONE;
}

static int op_reap(void)
{
	uint32_t i, nr = 0;

	for (i = 0; i < CHILDREN_MAX; i++) {
		if (!children[i] || waitpid(children[i], NULL, WNOHANG) <= 0)
			continue;
		children[i] = 0;
		nr++;
	}
	return nr ? FUZZ_DONE : FUZZ_IDLE;
}

/* In whatever it is doing. */
static int op_kill_child(void)
{
	uint32_t i = fuzz_below(CHILDREN_MAX);

	if (!children[i])
		return FUZZ_IDLE;
	sleep_ms(fuzz_below(4));
	if (kill(children[i], SIGKILL))
		return -errno;
	waitpid(children[i], NULL, 0);
	children[i] = 0;
	return FUZZ_DONE;
}

static void peek(pid_t pid)
{
	char *at = model_page(fuzz_below(ARENA_PAGES));
	struct iovec local, remote = { at, PAGE };
	static char copy[PAGE];
	long word;
	int i;

	for (i = 0; i < 10; i++) {
		at = model_page(fuzz_below(ARENA_PAGES));
		word = ptrace(PTRACE_PEEKDATA, pid, at, NULL);
		/* Written back: whatever it is, it stays. */
		if (!errno && fuzz_chance(2))
			ptrace(PTRACE_POKEDATA, pid, at, word);
	}
	local = (struct iovec){ copy, PAGE };
	fuzz_note(pid, process_vm_readv(pid, &local, 1, &remote, 1, 0), 0, 0);
}

/*
 * A child alone: two that trace each other would wait for each other. It may
 * end meanwhile.
 */
static int op_ptrace(void)
{
	uint32_t i = fuzz_below(CHILDREN_MAX);
	int status;

	if (!children[i])
		return FUZZ_IDLE;
	if (ptrace(PTRACE_SEIZE, children[i], NULL, NULL) ||
	    ptrace(PTRACE_INTERRUPT, children[i], NULL, NULL))
		return -errno;
	if (waitpid(children[i], &status, 0) != children[i])
		return -errno;
	if (!WIFSTOPPED(status)) {
		children[i] = 0;
		return -ESRCH;
	}
	peek(children[i]);
	return ptrace(PTRACE_DETACH, children[i], NULL, NULL) ? -errno :
								FUZZ_DONE;
}

/* --- threads ---------------------------------------------------------------------------- */

#define NR_THREADS 3u
#define CROWD_PAGES 8u

struct crowd {
	char *mem;
	uint32_t stop;
	uint64_t random[NR_THREADS];
};
static struct crowd crowd;
static _Alignas(16) char stacks[NR_THREADS][4 * PAGE];

/* No memory of libc's: the kernel tells what it cannot read or write. */
static void disturb(char *page, uint32_t choice, int *sides)
{
	char byte;

	switch (choice) {
	case 0:
		madvise(page, PAGE, MADV_DONTNEED);
		break;
	case 1:
		mprotect(page, PAGE, PROT_READ);
		break;
	case 2:
		mprotect(page, PAGE, RW);
		break;
	case 3:
		munmap(page, PAGE);
		break;
	case 4: case 5: case 6: case 7:
		close(alloc_on(fuzz.heaps[0], PAGE));
		break;
	default:
		if (write(sides[1], page, 1) == 1 &&
		    read(sides[0], &byte, 1) == 1)
			fuzz_expect(!byte, CONTENTS_ARE_OF_THE_BUFFER,
				    "a page of zeroes has %x", byte);
	}
}

static int crowd_thread(void *arg)
{
	uint64_t *random = arg;
	int sides[2], nr;

	if (syscall(SYS_pipe2, sides, 0))
		return 0;
	/* Who would stop it may be killed. */
	for (nr = 0; nr < 5000 &&
	     !__atomic_load_n(&crowd.stop, __ATOMIC_RELAXED); nr++) {
		*random = *random * 6364136223846793005ull +
			  1442695040888963407ull;
		disturb(crowd.mem + (*random >> 40) % CROWD_PAGES * PAGE,
			(*random >> 50) % 20, sides);
	}
	close(sides[0]);
	close(sides[1]);
	return 0;
}

/*
 * Threads that take away the pages that others look at, of a buffer of zeroes,
 * and make and free buffers as fast as they can.
 */
static void run_crowd(void)
{
	uint32_t i, nr = 0;
	int tid;

	crowd.stop = 0;
	for (i = 0; i < NR_THREADS; i++) {
		crowd.random[i] = fuzz_random();
		/* Not threads of one group: they are waited for as children. */
		tid = clone(crowd_thread, stacks[i] + sizeof(stacks[i]),
			    CLONE_VM | CLONE_FILES | SIGCHLD, &crowd.random[i]);
		nr += tid > 0;
	}
	sleep_ms(1 + fuzz_below(10));
	__atomic_store_n(&crowd.stop, 1, __ATOMIC_RELAXED);
	while (nr && waitpid(-1, NULL, 0) > 0)
		nr--;
}

static int op_crowd(void)
{
	int fd, i;

	for (i = 0; i < (int)CHILDREN_MAX; i++)
		if (children[i])
			return FUZZ_IDLE;
	fd = alloc_on(fuzz.heaps[0], CROWD_PAGES * PAGE);
	if (fd < 0)
		return fd;
	crowd.mem = mmap(NULL, CROWD_PAGES * PAGE, RW, MAP_SHARED, fd, 0);
	close(fd);
	if (crowd.mem == MAP_FAILED)
		return -errno;
	run_crowd();
	munmap(crowd.mem, CROWD_PAGES * PAGE);
	return FUZZ_DONE;
}

/* All at once, and in the kernel's order. */
static int op_end(void)
{
	if (fuzz_chance(2))
		kill(getpid(), SIGKILL);
	_exit(0);
}

const struct fuzz_op fuzz_process_ops[] = {
	{ "fork", 12, BY_ALL_MEMBERS, op_fork },
	{ "reap", 25, BY_ALL_MEMBERS, op_reap },
	{ "kill_child", 6, BY_ALL_MEMBERS, op_kill_child },
	{ "ptrace", 6, BY_MEMBER, op_ptrace },
	{ "crowd", 10, BY_MEMBER, op_crowd },
	{ "end", 1, BY_MEMBER, op_end },
	{ 0 },
};
