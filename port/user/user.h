/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The port for a process.
 *
 * Frames are pieces of a file, one granule each; a page table entry is a
 * mapping of the process, set by mmap() and cleared by mmap() with PROT_NONE.
 * There is one memory type, the kernel's for that file: WB to the engine.
 */
#ifndef NA_USER_H
#define NA_USER_H

#include <sys/types.h>

#include <noalias/window_port.h>

/** NA_USER_RANGES_MAX - largest number of open ranges of a port. */
#define NA_USER_RANGES_MAX 4u

/** NA_USER_NO_THREAD - number of a thread when all numbers are in use. */
#define NA_USER_NO_THREAD 1024u

/**
 * struct na_port - one file; the caller fills in the fields up to @nr_cpus
 * @fd: file
 * @shift: log2 of the granule
 * @prot: PROT_* of the mappings
 * @populates: populate mappings when they are made
 * @nr_cpus: threads with a number, plus one for all others
 * @ranges: for na_user_port_abandon()
 * @spare: unused mappings to give up when the limit is reached, or NULL
 * @pad: keeps fields that a hit reads apart from those that a miss writes
 * @nr_sets: system calls that made mappings
 * @nr_clears: system calls that removed them
 * @shared_cpu: lock of the last number, which several threads share
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

/** na_user_port_init() - initialize the fields after @nr_cpus. */
void na_user_port_init(struct na_port *port);

/** na_user_port_fini() - undo it; all ranges must be closed. */
void na_user_port_fini(struct na_port *port);

/**
 * na_user_port_abandon() - unmap every range, even with slots in use
 *
 * For a child of fork(), where the engine's locks may be held by threads that
 * do not exist there. The ranges must not be used afterwards.
 */
void na_user_port_abandon(struct na_port *port);

/* na_user_thread_nr() plus one; 0: not called yet. */
extern __thread NA_USER_TLS __attribute__((visibility("hidden")))
u32 na_user_own_nr;

/**
 * na_user_peek_cpu() - the number that na_port_cpu_get() would return
 *
 * Return: the number; ~0 if it is not known yet, or shared with others.
 */
static inline u32 na_user_peek_cpu(const struct na_port *port)
{
	u32 nr = na_user_own_nr - 1;

	return likely(nr < port->nr_cpus - 1) ? nr : ~0u;
}

/**
 * na_user_thread_nr() - number of the calling thread in this process
 *
 * Assigned at the first call, and freed when the thread ends.
 * Return: below NA_USER_NO_THREAD, or that.
 */
u32 na_user_thread_nr(void);

/**
 * na_user_error() - error of this thread's last failed na_port_window_set()
 *
 * Return: positive errno of mmap().
 */
int na_user_error(void);

#endif
