/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Sizes of the simulated machine. Small on purpose: edges come first, a state
 * fits into a few kilobytes, sets fit into words.
 */
#ifndef SIM_LIMITS_H
#define SIM_LIMITS_H

#define SIM_CPUS_MAX	8
#define SIM_FRAMES_MAX	16
#define SIM_WORDS	2
#define SIM_WCBUFS	2
#define SIM_VPAGES_MAX	64
#define SIM_KMAP_MAX	4
#define SIM_VMAP_MAX	4
#define SIM_PROCS_MAX	4
#define SIM_THREADS_MAX	8
#define SIM_STORES_MAX	4
#define SIM_BLOCKS_MAX	64
#define SIM_COUNTERS_MAX 64

#define SIM_HEAP_MAX	(64u << 10)
#ifdef __SANITIZE_ADDRESS__
#define SIM_STACK	(128u << 10)
#else
#define SIM_STACK	(32u << 10)
#endif

/* A thread without a CPU: the device. */
#define SIM_NO_CPU	255

/* Own steps within one call after which a thread counts as starved. */
#define SIM_CALL_STEPS_MAX 20000

#endif
