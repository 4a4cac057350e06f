// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What the kernel says of memory types, provoked by tests/modules/lines: each line
 * with what the caller sees. tests/vm/lines.sh has the list.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "../modules/lines/lines_uapi.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static int open_lines(void)
{
	int fd = open(LINES_DEVICE, O_RDWR | O_CLOEXEC);

	EXPECT(fd >= 0);
	return fd;
}

static void provoke(enum lines_deed deed)
{
	int fd = open_lines();

	EXPECT_EQ(ioctl(fd, LINES_PROVOKE, deed), 0);
	close(fd);
}

static int map_errno_of(enum lines_area area)
{
	int fd = open_lines();
	int err = map_errno(fd, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
			    (off_t)area * PAGE);

	close(fd);
	return err;
}

/* It succeeds, and is cached: that is why people ask. */
static void ram_asked_for_as_wc(void)
{
	EXPECT_EQ(map_errno_of(LINES_AREA_RAM), 0);
}

static void device_mapped_with_other_type(void)
{
	EXPECT_EQ(map_errno_of(LINES_AREA_DEVICE), EINVAL);
}

static void ram_with_second_type(void)
{
	provoke(LINES_TYPE_TWICE);
}

static void ioremap_with_other_type(void)
{
	provoke(LINES_IOREMAP_OTHER);
}

static void ioremap_across_two_types(void)
{
	provoke(LINES_IOREMAP_ACROSS);
}

static void ioremap_of_too_much(void)
{
	provoke(LINES_IOREMAP_WIDE);
}

static void iounmap_twice(void)
{
	provoke(LINES_IOUNMAP_TWICE);
}

/* Twice, for whoever counts. */
static void range_freed_that_nobody_has(void)
{
	provoke(LINES_FREE_FOREIGN);
	provoke(LINES_FREE_FOREIGN);
}

#ifndef __LP64__
static void vmap_of_too_much(void)
{
	provoke(LINES_VMAP_TOO_LONG);
}
#endif

/* kills: a line that has other words than the manual and the doctor look for */
static const struct guest_case cases[] = {
	CASE_SAYS(ram_asked_for_as_wc,
		  "map pfn RAM range req write-combining for"),
	CASE_SAYS(device_mapped_with_other_type,
		  "map pfn expected mapping type write-through for"),
	CASE_SAYS(ram_with_second_type, "x86/PAT: reserve_ram_pages_type failed"),
	CASE_SAYS(ioremap_with_other_type, ", requested 0x4, got 0x1"),
	CASE_SAYS(ioremap_across_two_types,
		  "write-combining<->uncached-minus",
		  "x86/PAT: memtype_reserve failed [mem",
		  "ioremap memtype_reserve failed -16"),
	CASE_SAYS(ioremap_of_too_much,
		  "which spans more than na_lines", "mapping multiple BARs"),
	CASE_SAYS(iounmap_twice, "iounmap: bad address"),
	CASE_SAYS(range_freed_that_nobody_has,
		  "freeing invalid memtype", "freeing invalid memtype"),
#ifndef __LP64__
	CASE_SAYS(vmap_of_too_much,
		  "vmap allocation for size 134221824 failed: use vmalloc="),
#endif
};
GUEST_MAIN(cases)
