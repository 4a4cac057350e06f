// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The platform contract in a process: metadata and time.
 */
#include <time.h>

#include "user.h"

#define NS_A_SECOND 1000000000ull

void na_user_port_init(struct na_port *port)
{
	na_atomic64_set(&port->nr_sets, 0);
	na_atomic64_set(&port->nr_clears, 0);
	memset(port->ranges, 0, sizeof(port->ranges));
	port->spare = NULL;
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

void *na_port_alloc_owned(struct na_port *port, size_t len)
{
	return na_port_alloc(port, len);
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
