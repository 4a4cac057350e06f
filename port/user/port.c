// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The platform contract in a process: metadata, time, and what a process has
 * none of. Memory types are the kernel's alone: no call here changes one, and
 * the ledger of a process knows WB only.
 */
#include <sys/mman.h>
#include <time.h>

#include "user.h"

#define NS_A_SECOND 1000000000ull

void na_user_port_init(struct na_port *port)
{
	na_atomic64_set(&port->nr_sets, 0);
	na_atomic64_set(&port->nr_clears, 0);
	memset(port->ranges, 0, sizeof(port->ranges));
	pthread_mutex_init(&port->shared_cpu, NULL);
}

void na_user_port_fini(struct na_port *port)
{
	u32 i;

	for (i = 0; i < NA_USER_RANGES_MAX; i++)
		(void)NA_ASSERT(!port->ranges[i]);
	pthread_mutex_destroy(&port->shared_cpu);
}

void *na_port_alloc(struct na_port *port, size_t len)
{
	(void)port;
	return calloc(1, len);
}

void na_port_free(struct na_port *port, void *mem)
{
	(void)port;
	free(mem);
}

u64 na_port_time_ns(struct na_port *port)
{
	struct timespec now;

	(void)port;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * NS_A_SECOND + (u64)now.tv_nsec;
}

/* --- what a process has none of -------------------------------------------- */

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	(void)port;
	return 0;
}

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	(void)port;
	(void)frame;
	return false;
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_sieve *sieve)
{
	(void)port;
	(void)lowest;
	(void)highest;
	(void)sieve;
	return 0;
}

void na_port_kmap_purge(struct na_port *port)
{
	(void)port;
}

bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame)
{
	(void)port;
	(void)frame;
	return false;
}

/* Translations of what is unmapped are gone when the system call returns. */
void na_port_tlb_flush(struct na_port *port)
{
	(void)port;
}
