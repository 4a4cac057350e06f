/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Ways in which the kernel maps the pages of a user address, always cached:
 * pinned pages, debuggers, dumps, /dev/mem, hibernation.
 *
 * Each either fails, or works through a mapping of the buffer's own type.
 * Afterwards no entry of the kmap pool holds a frame of the buffer, which a
 * kmap() of such a page would have left.
 */
#ifndef INPUT_KERNEL_H
#define INPUT_KERNEL_H

#include "guest.h"

#include <arpa/inet.h>
#include <elf.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR 20u
#define LEN (NR * PAGE)
#define RW (PROT_READ | PROT_WRITE)

#ifndef SO_ZEROCOPY
#define SO_ZEROCOPY 60
#endif
#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif

ROOM char *new_filled(void)
{
	char *mem = new_mapping(LEN);

	fill(mem, LEN, 1);
	return mem;
}

ROOM void expect_intact(const char *mem)
{
	EXPECT(holds(mem, LEN, 1));
	expect_no_alias(mem, LEN);
}

/* Ordinary memory to compare with: what fails there proves nothing here. */
ROOM char *new_ordinary(void)
{
	char *mem = mmap(NULL, LEN, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT(mem != MAP_FAILED);
	return mem;
}

ROOM bool is_pin_error(int error)
{
	return error == EFAULT || error == EEXIST || error == EOPNOTSUPP;
}

#define EXPECT_NO_PIN(call) \
	do { \
		errno = 0; \
		EXPECT_EQ(call, -1); \
		EXPECT(is_pin_error(errno)); \
	} while (0)

#endif
