// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * kill -9 of an owner in each state that it can be in, and buffers that are
 * passed on. The kernel cleans up for the owner, in any order of files and
 * areas.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR 300u
#define LEN (NR * PAGE)

/* Shared with children: how far they are, and what they want to tell. */
struct shared {
	volatile int ready;
	volatile int value;
};

static struct shared *new_shared(void)
{
	struct shared *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	EXPECT(shared != MAP_FAILED);
	return shared;
}

static void stay(struct shared *shared)
{
	shared->ready++;
	for (;;)
		pause();
}

static void wait_ready(struct shared *shared, int nr)
{
	uint64_t end_ms = now_ms() + 20000;

	while (shared->ready < nr) {
		EXPECT(now_ms() < end_ms);
		sleep_ms(1);
	}
}

/* Kills the child once it is ready: nothing may be left then. */
static void expect_gone_with(void (*state)(void *))
{
	struct shared *shared = new_shared();
	pid_t pid = start(state, shared);

	wait_ready(shared, 1);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	EXPECT(killed(pid));
	EXPECT(wait_released());
}

/* --- states ----------------------------------------------------------------------- */

static void has_descriptor(void *shared)
{
	new_buffer(LEN);
	stay(shared);
}

/* kills: a buffer that only close() gives back */
static void kill_with_descriptor(void)
{
	expect_gone_with(has_descriptor);
}

static void has_mapping(void *shared)
{
	fill(new_mapping(LEN), LEN, 1);
	stay(shared);
}

/* kills: a mapping that does not hold the buffer, or holds it for ever */
static void kill_with_mapping(void)
{
	expect_gone_with(has_mapping);
}

static void has_both_many_times(void *shared)
{
	int fd = new_buffer(LEN), i;

	for (i = 0; i < 50; i++) {
		map_buffer(fd, LEN);
		EXPECT(dup(fd) >= 0);
	}
	stay(shared);
}

/* kills: references counted once for many */
static void kill_with_many_references(void)
{
	expect_gone_with(has_both_many_times);
}

static void has_kernel_mapping(void *shared)
{
	int fd = new_buffer(LEN), hold, len;
	char text[16];

	hold = open("/sys/kernel/debug/na_fail/hold", O_RDWR | O_CLOEXEC);
	len = snprintf(text, sizeof(text), "%d", fd);
	EXPECT_EQ(write(hold, text, len), len);
	close(fd);
	stay(shared);
}

/* kills: frames given back while a driver still maps them */
static void kill_with_kernel_mapping(void)
{
	expect_gone_with(has_kernel_mapping);
}

static void *map_and_stay(void *shared)
{
	fill(new_mapping(LEN), LEN, 1);
	stay(shared);
	return NULL;
}

static void has_threads(void *shared)
{
	pthread_t thread;

	EXPECT(!pthread_create(&thread, NULL, map_and_stay, shared));
	for (;;)
		pause();
}

/* kills: an owner that is a thread and not its process */
static void kill_with_threads(void)
{
	expect_gone_with(has_threads);
}

static void child_stays(void *shared)
{
	stay(shared);
}

static void has_forked(void *arg)
{
	struct shared *shared = arg;

	fill(new_mapping(LEN), LEN, 1);
	shared->value = start(child_stays, shared);
	stay(shared);
}

/* kills: frames given back while a child still maps them */
static void kill_after_fork(void)
{
	struct shared *shared = new_shared();
	pid_t pid = start(has_forked, shared);

	wait_ready(shared, 2);
	EXPECT(killed(pid));
	sleep_ms(50);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	EXPECT(!kill(shared->value, SIGKILL));
	EXPECT(wait_released());
}

static void allocates_much(void *arg)
{
	struct shared *shared = arg;

	shared->ready = 1;
	shared->value = try_buffer(256 * MIB);
	stay(shared);
}

/* kills: an allocation that cannot be interrupted, or that keeps its blocks
 * and its charge when it is
 */
static void kill_in_allocation(void)
{
	uint64_t nr_conversions = counter("conversions"), end_ms;
	struct shared *shared = new_shared();
	pid_t pid = start(allocates_much, shared);

	end_ms = now_ms() + 20000;
	while (!counter("frames_charged"))
		EXPECT(now_ms() < end_ms);
	sleep_ms(20);
	EXPECT(killed(pid));
	EXPECT_EQ(shared->value, 0);
	EXPECT_EQ(counter("conversions"), nr_conversions);
	EXPECT(wait_released());
}

static void uses_in_a_loop(void *arg)
{
	struct shared *shared = arg;
	char *mem;

	for (;;) {
		mem = new_mapping(LEN);
		mem[0] = 1;
		if (fork() == 0)
			_exit(0);
		munmap(mem, LEN);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		shared->ready = 1;
	}
}

/* kills: a step between allocation, mapping and release that a signal may
 * fall into
 */
static void kill_at_any_time(void)
{
	struct shared *shared = new_shared();
	unsigned int i;
	pid_t pid;

	for (i = 0; i < 60; i++) {
		shared->ready = 0;
		pid = start(uses_in_a_loop, shared);
		wait_ready(shared, 1);
		usleep(i * 379 % 5000);
		EXPECT(killed(pid));
	}
	EXPECT(wait_released());
}

/* --- descriptors in flight --------------------------------------------------------------- */

static void sends_to_nobody(void *shared)
{
	int sides[2], fd = new_buffer(LEN);

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sides));
	EXPECT(!send_fd(sides[0], fd));
	close(fd);
	stay(shared);
}

/* kills: a buffer that only a receiver could close */
static void kill_with_descriptor_in_flight(void)
{
	expect_gone_with(sends_to_nobody);
}

static void sends_in_a_circle(void *shared)
{
	int sides[2], fd = new_buffer(LEN);

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sides));
	EXPECT(!send_fd(sides[0], fd));
	EXPECT(!send_fd(sides[0], sides[1]));
	EXPECT(!send_fd(sides[1], sides[0]));
	close(fd);
	close(sides[0]);
	close(sides[1]);
	stay(shared);
}

/* kills: nothing of ours: the kernel's collector must reach the buffer */
static void kill_with_descriptor_in_a_circle(void)
{
	struct shared *shared = new_shared();
	pid_t pid = start(sends_in_a_circle, shared);
	uint64_t end_ms = now_ms() + 20000;

	wait_ready(shared, 1);
	EXPECT(killed(pid));
	/* Closing a socket starts the collector. */
	while (nr_held() && now_ms() < end_ms) {
		close(socket(AF_UNIX, SOCK_STREAM, 0));
		sleep_ms(5);
	}
	EXPECT(wait_released());
}

/* --- buffers that change hands ----------------------------------------------------------- */

static void allocates_and_sends(void *socket)
{
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN);

	fill(mem, LEN, 1);
	EXPECT(!send_fd(*(int *)socket, fd));
}

/* kills: frames or contents that go with the process that allocated them */
static void descriptor_outlives_sender(void)
{
	int sides[2], fd;
	char *mem;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sides));
	EXPECT(passes(start(allocates_and_sends, &sides[1])));
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	fd = receive_fd(sides[0]);
	EXPECT(fd >= 0);
	mem = map_buffer(fd, LEN);
	EXPECT(holds(mem, LEN, 1));
	expect_no_alias(mem, LEN);
	fill(mem, LEN, 2);
	close(fd);
	EXPECT(holds(mem, LEN, 2));
	munmap(mem, LEN);
	EXPECT(wait_released());
}

static void receives_and_maps(void *arg)
{
	int fd = receive_fd(*(int *)arg);
	char *mem;

	EXPECT(fd >= 0);
	mem = map_buffer(fd, LEN);
	close(fd);
	EXPECT(holds(mem, LEN, 1));
	fill(mem, LEN, 2);
}

/* kills: a mapping of another process that ends with its own */
static void descriptor_passed_to_many(void)
{
	int sides[2], fd = new_buffer(LEN), i;
	char *mem = map_buffer(fd, LEN);
	pid_t pid;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sides));
	for (i = 0; i < 20; i++) {
		fill(mem, LEN, 1);
		pid = start(receives_and_maps, &sides[1]);
		EXPECT(!send_fd(sides[0], fd));
		EXPECT(passes(pid));
		EXPECT(holds(mem, LEN, 2));
	}
	expect_no_alias(mem, LEN);
}

/* kills: an area that needs its descriptor */
static void descriptor_closed_while_mapped(void)
{
	int fd = new_buffer(LEN), copy = dup(fd);
	char *mem = map_buffer(fd, LEN);

	fill(mem, LEN, 1);
	close(fd);
	close(copy);
	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	EXPECT(holds(mem, LEN, 1));
	expect_no_alias(mem, LEN);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	munmap(mem, LEN);
	EXPECT(wait_released());
}

/* kills: a descriptor taken by a debugger that is not counted */
static void descriptor_taken_from_outside(void)
{
	struct shared *shared = new_shared();
	pid_t pid = start(has_descriptor, shared);
	int pidfd = syscall(SYS_pidfd_open, pid, 0), fd = -1, number;
	char *mem;

	wait_ready(shared, 1);
	for (number = 3; number < 20 && fd < 0; number++) {
		fd = syscall(SYS_pidfd_getfd, pidfd, number, 0);
		if (fd >= 0 && lseek(fd, 0, SEEK_END) != LEN) {
			close(fd);
			fd = -1;
		}
	}
	EXPECT(fd >= 0);
	EXPECT(killed(pid));
	mem = map_buffer(fd, LEN);
	fill(mem, LEN, 1);
	EXPECT(holds(mem, LEN, 1));
	munmap(mem, LEN);
	close(fd);
	EXPECT(wait_released());
}

static const struct guest_case cases[] = {
	CASE(kill_with_descriptor),
	CASE(kill_with_mapping),
	CASE(kill_with_many_references),
	CASE(kill_with_kernel_mapping),
	CASE(kill_with_threads),
	CASE(kill_after_fork),
	CASE(kill_in_allocation),
	CASE(kill_at_any_time),
	CASE(kill_with_descriptor_in_flight),
	CASE(kill_with_descriptor_in_a_circle),
	CASE(descriptor_outlives_sender),
	CASE(descriptor_passed_to_many),
	CASE(descriptor_closed_while_mapped),
	CASE(descriptor_taken_from_outside),
};
GUEST_MAIN(cases)
