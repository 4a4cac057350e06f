// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Leaks of the kernel's memory by devices.
 */
#define _GNU_SOURCE
#include "leaks.h"
#include "heap_importer.h"

static void do_attachments(void)
{
	int fd = new_buffer(3 * PAGE), importer, i;
	struct importer_map map;

	for (i = 0; i < NR_REPEAT; i++) {
		/* No room for ranges: a call leaves the number of them there. */
		map = (struct importer_map){ .dir = DMA_BIDIRECTIONAL };
		importer = new_import(fd);
		EXPECT_EQ(import_map(importer, &map), 0);
		EXPECT_EQ(import_detach(importer), 0);
		close(importer);
	}
	close(fd);
}

/* kills: a table, a mapping or a name that an attachment leaves */
static void attachments_leak_nothing(void)
{
	expect_no_leak(do_attachments);
}

static void do_kernel_mappings(void)
{
	int fd = new_buffer(3 * PAGE), importer = new_import(fd), i;

	for (i = 0; i < NR_REPEAT; i++) {
		import_vmap(importer);
		EXPECT_EQ(import_vunmap(importer), 0);
	}
	close(importer);
	close(fd);
}

/* kills: an area of the kernel's, or an array of pages, that a vmap leaves */
static void kernel_mappings_leak_nothing(void)
{
	expect_no_leak(do_kernel_mappings);
}

static const struct guest_case cases[] = {
	CASE(attachments_leak_nothing),
	CASE(kernel_mappings_leak_nothing),
};
GUEST_MAIN(cases)
