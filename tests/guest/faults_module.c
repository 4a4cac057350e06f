// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Loading and unloading, with every allocation refused once, those of the
 * kernel's loader too. Needs noalias.ko in the working directory; leaves the
 * module loaded.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int file = -1;

static int load(void)
{
	return syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
}

/* The last reference may go a moment after the call that dropped it. */
static int unload(void)
{
	uint64_t end_ms = now_ms() + 20000;

	while (syscall(SYS_delete_module, "noalias", O_NONBLOCK)) {
		if (errno != EWOULDBLOCK || now_ms() > end_ms)
			return -errno;
		sleep_ms(5);
	}
	return 0;
}

static const char *const nodes[] = {
	"/dev/dma_heap/system-uncached", "/dev/dma_heap/system-writecombine",
	"/dev/dma_heap/system-uncached-dma32",
	"/dev/dma_heap/system-writecombine-dma32", "/dev/noalias",
};

static bool is_left(const char *what, bool left)
{
	if (left)
		say("left: %s", what);
	return left;
}

/* But for nodes. */
static bool is_gone(void)
{
	return !is_left("module", !access("/sys/module/noalias", F_OK)) &&
	       !is_left("debugfs", !access(DEBUGFS, F_OK)) &&
	       !is_left("device", file_has("/proc/misc", "noalias") ||
					  file_has("/proc/misc", "system-")) &&
	       !is_left("area", file_has("/proc/vmallocinfo", "[noalias]"));
}

static unsigned int nr_nodes(void)
{
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		nr += is_left(nodes[i], !access(nodes[i], F_OK));
	return nr;
}

/*
 * The kernel goes on without a file in debugfs or a node in /dev that it has
 * no memory for, and so does the module. What is there works.
 */
static void use_and_unload(int err)
{
	if (!err && !access("/dev/dma_heap/system-uncached", F_OK)) {
		int fd = new_buffer(PAGE);
		char *mem = map_buffer(fd, PAGE);

		EXPECT(is_zero(mem, PAGE));
		EXPECT(!munmap(mem, PAGE));
		EXPECT(!close(fd));
	}
	if (!err)
		EXPECT_EQ(unload(), 0);
	EXPECT(is_gone());
	EXPECT_EQ(nr_nodes(), 0);
}

static void open_module(void)
{
	file = open("noalias.ko", O_RDONLY | O_CLOEXEC);
	EXPECT(file >= 0);
}

/* kills: a node, a file, a notifier or a probe that stays when another cannot
 * be had; a start that goes on without what it needs
 */
static void load_fails(void)
{
	open_module();
	EXPECT_EQ(unload(), 0);
	sweep_bare(&(struct deed){ "load", NULL, load, use_and_unload,
				   .nr_min = 100 });
	EXPECT_EQ(load(), 0);
}

static void load_or_die(void)
{
	EXPECT_EQ(load(), 0);
}

/*
 * The kernel asks for memory to name the node that it removes; without any it
 * leaves the node, whose device is gone.
 */
static void expect_unloaded(int err)
{
	size_t i;

	if (err)
		EXPECT_EQ(unload(), 0);
	EXPECT(is_gone());
	EXPECT(nr_nodes() <= 1);
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		unlink(nodes[i]);
}

/* kills: an end that needs memory; a device that stays with its node */
static void unload_needs_nothing(void)
{
	open_module();
	EXPECT_EQ(unload(), 0);
	sweep_bare(&(struct deed){ "unload", load_or_die, unload,
				   expect_unloaded });
	EXPECT_EQ(load(), 0);
	EXPECT_EQ(unload(), 0);
	EXPECT_EQ(nr_nodes(), 0);
	EXPECT_EQ(load(), 0);
}

static const struct guest_case cases[] = {
	CASE(load_fails),
	CASE(unload_needs_nothing),
};
GUEST_MAIN(cases)
