// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The module where it can have no kprobe: it empties the kmap pool by another
 * call. What it purges then, the programs that come after this one look at.
 *
 * Needs noalias.ko in the working directory and nobody who uses its symbols.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* kills: a module that does not load, or says nothing, where kprobes are refused */
static void loads_without_a_kprobe(void)
{
	int fd = open("noalias.ko", O_RDONLY | O_CLOEXEC);

	EXPECT(fd >= 0);
	EXPECT(!syscall(SYS_delete_module, "noalias", O_NONBLOCK));
	fail_call("register_kprobe", 1, true, -EOPNOTSUPP);
	EXPECT(!syscall(SYS_finit_module, fd, "", 0));
	EXPECT(fail_off().failed);
	EXPECT(log_has("no kprobe on __kmap_flush_unused, purging by set_pages_wb"));
}

/*
 * kills: a probe that is armed to ask for an address. Without memory to disarm it
 * the kernel keeps it, on a stack that is gone
 */
static void arms_no_kprobe(void)
{
	int fd = open("noalias.ko", O_RDONLY | O_CLOEXEC);

	EXPECT(fd >= 0);
	EXPECT(!syscall(SYS_delete_module, "noalias", O_NONBLOCK));
	fail_call("ftrace_set_filter_ip", 1, true, -ENOMEM);
	EXPECT(!syscall(SYS_finit_module, fd, "", 0));
	EXPECT_EQ(fail_off().nr, 0);
	EXPECT(!log_has("no kprobe on __kmap_flush_unused"));
}

static const struct guest_case cases[] = {
	CASE(arms_no_kprobe),
	CASE(loads_without_a_kprobe),
};
GUEST_MAIN(cases)
