// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Which CPUs DMA_BUF_SYNC_END interrupts. Emulation has no write-combining
 * buffers, so this checks only which CPUs are interrupted to drain them: those
 * that run a thread of the caller, and no others (counted in /proc/interrupts).
 *
 * The effect for a device is tested in the simulator (wc-publish).
 */
#define _GNU_SOURCE
#include "guest.h"

#include <linux/dma-buf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define NR_CALLS 200u
#define FEW (NR_CALLS / 4)	/* what others of the system may send meanwhile */
#define OTHER_CPU 1

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	EXPECT(!sched_setaffinity(0, sizeof(set), &set));
}

/* Function call interrupts that OTHER_CPU has had. */
static unsigned long nr_interrupts(void)
{
	char *text = read_text("/proc/interrupts"), *line;
	unsigned long first, nr;

	EXPECT(text);
	line = strstr(text, "CAL:");
	EXPECT(line && sscanf(line, "CAL: %lu %lu", &first, &nr) == 2);
	free(text);
	return nr;
}

/* Interrupts of OTHER_CPU while this one ends NR_CALLS accesses. */
static unsigned long interrupts_by_sync(uint64_t access)
{
	struct dma_buf_sync sync = { .flags = DMA_BUF_SYNC_END | access };
	int fd = new_buffer(PAGE);
	unsigned long before;
	unsigned int i;

	stay_on(0);
	before = nr_interrupts();
	for (i = 0; i < NR_CALLS; i++)
		EXPECT(!ioctl(fd, DMA_BUF_IOCTL_SYNC, &sync));
	close(fd);
	return nr_interrupts() - before;
}

static void expect_drained(uint64_t access)
{
	unsigned long nr = interrupts_by_sync(access);

	say("%lu interrupts for %u calls", nr, NR_CALLS);
	if (!strcmp(heap_type(), "WC"))
		EXPECT(nr >= NR_CALLS);
	else
		EXPECT(nr < FEW);
}

static void expect_left_alone(uint64_t access)
{
	unsigned long nr = interrupts_by_sync(access);

	say("%lu interrupts for %u calls", nr, NR_CALLS);
	EXPECT(nr < FEW);
}

/* --- who is on the other CPU --------------------------------------------------- */

static volatile bool is_there, may_go;

/* In user space, and nothing but loads. */
static void *spin(void *unused)
{
	stay_on(OTHER_CPU);
	is_there = true;
	while (!may_go)
		;
	return unused;
}

static pthread_t start_thread(void)
{
	pthread_t thread;

	EXPECT(!pthread_create(&thread, NULL, spin, NULL));
	while (!is_there)
		sched_yield();
	return thread;
}

static void end_thread(pthread_t thread)
{
	may_go = true;
	EXPECT(!pthread_join(thread, NULL));
}

static void spin_forever(void *unused)
{
	(void)spin(unused);
}

/* --- cases ---------------------------------------------------------------------- */

/* kills: a fence on the calling CPU only; interrupts for memory that is UC */
static void threads_of_the_caller_are_reached(void)
{
	pthread_t thread = start_thread();

	expect_drained(DMA_BUF_SYNC_WRITE);
	expect_drained(DMA_BUF_SYNC_RW);
	end_thread(thread);
}

/* kills: interrupts for an access that wrote nothing */
static void reading_disturbs_nobody(void)
{
	pthread_t thread = start_thread();

	expect_left_alone(DMA_BUF_SYNC_READ);
	end_thread(thread);
}

/* kills: all CPUs interrupted: others pay for a caller's loop */
static void other_processes_are_left_alone(void)
{
	pid_t child = start(spin_forever, NULL);

	sleep_ms(50);
	expect_left_alone(DMA_BUF_SYNC_WRITE);
	EXPECT(killed(child));
}

static void *stay(void *unused)
{
	while (!may_go)
		sched_yield();
	return unused;
}

/*
 * kills: where a process has threads, CPUs interrupted on which none of them is
 */
static void other_processes_are_left_alone_by_threads(void)
{
	pid_t child = start(spin_forever, NULL);
	pthread_t thread;

	stay_on(0);
	EXPECT(!pthread_create(&thread, NULL, stay, NULL));
	sleep_ms(50);
	expect_left_alone(DMA_BUF_SYNC_WRITE);
	end_thread(thread);
	EXPECT(killed(child));
}

/* kills: a CPU interrupted because its caller was there before */
static void single_thread_that_moved_disturbs_nobody(void)
{
	stay_on(OTHER_CPU);
	stay_on(0);
	expect_left_alone(DMA_BUF_SYNC_WRITE);
}

static const struct guest_case cases[] = {
	CASE(threads_of_the_caller_are_reached),
	CASE(reading_disturbs_nobody),
	CASE(other_processes_are_left_alone),
	CASE(other_processes_are_left_alone_by_threads),
	CASE(single_thread_that_moved_disturbs_nobody),
};
GUEST_MAIN(cases)
