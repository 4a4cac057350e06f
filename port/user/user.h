/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The port for a process: what stands behind struct na_port there.
 *
 * Frames are pieces of a file, one granule each; a page table entry is a
 * mapping of the process, made by mmap() and gone by mmap() of nothing. There
 * is one memory type, the kernel's for that file: WB to the engine.
 */
#ifndef NA_USER_H
#define NA_USER_H

#include <sys/types.h>

#include <noalias/window_port.h>

/** NA_USER_RANGES_MAX - ranges that a port can have open. */
#define NA_USER_RANGES_MAX 4u

/** NA_USER_NO_THREAD - number of a thread that came when all were taken. */
#define NA_USER_NO_THREAD 1024u

/**
 * struct na_port - one file; the caller fills the fields up to @nr_cpus
 * @fd: file
 * @shift: log2 of the granule
 * @prot: of the mappings, PROT_*
 * @populates: fault mappings in whole when they are made
 * @nr_cpus: threads with numbers of their own, plus one for all others
 * @ranges: for na_user_port_abandon()
 * @spare: mappings of no use but to be given up; NULL: none now
 * @pad: what a hit reads is in another cache line than what a miss writes
 * @nr_sets: system calls that made mappings
 * @nr_clears: system calls that removed them
 * @shared_cpu: held by the one thread that has the last number now
 */
struct na_port {
	int fd;
	u32 shift;
	int prot;
	bool populates;
	u32 nr_cpus;

	struct na_port_range *ranges[NA_USER_RANGES_MAX];
	char *spare;
	u8 pad[64];
	na_atomic64_t nr_sets;
	na_atomic64_t nr_clears;
	pthread_mutex_t shared_cpu;
};

/** na_user_port_init() - the fields after @nr_cpus. */
void na_user_port_init(struct na_port *port);

/** na_user_port_fini() - all ranges are closed. */
void na_user_port_fini(struct na_port *port);

/**
 * na_user_port_abandon() - unmap every range, whatever is in it
 *
 * For a child of fork(), where the engine's locks may be held for ever by
 * threads that it does not have. The ranges are not used any more.
 */
void na_user_port_abandon(struct na_port *port);

/* na_user_thread_nr() plus one; 0: not asked yet. */
extern __thread NA_USER_TLS __attribute__((visibility("hidden")))
u32 na_user_own_nr;

/**
 * na_user_peek_cpu() - the number that na_port_cpu_get() would give
 *
 * Return: that; ~0 if it is not known yet, or shared with others.
 */
static inline u32 na_user_peek_cpu(const struct na_port *port)
{
	u32 nr = na_user_own_nr - 1;

	return likely(nr < port->nr_cpus - 1) ? nr : ~0u;
}

/**
 * na_user_thread_nr() - number of the calling thread in this process
 *
 * Given at the first call, kept until the thread ends, then given to another.
 * Return: below NA_USER_NO_THREAD, or that.
 */
u32 na_user_thread_nr(void);

/**
 * na_user_error() - why the last set in this thread failed
 *
 * Return: positive errno of mmap().
 */
int na_user_error(void);

#endif
