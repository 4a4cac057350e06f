// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Devices and drivers that take a buffer, with every allocation refused once.
 *
 * In each case the test kills: a table, a mapping or a count kept after a
 * refusal, and a buffer that is not as good as before.
 */
#define _GNU_SOURCE
#include "faults.h"
#include "heap_importer.h"

#include <sys/mman.h>

#define LEN (300 * PAGE)
#define NR_RANGES 300

static int fd = -1, importer = -1;

static void make_buffer(void)
{
	fd = new_buffer(LEN);
	importer = open_importer();
}

static void check_and_close(int err)
{
	void *mem = map_buffer(fd, LEN);

	(void)err;
	fill(mem, LEN, 9);
	EXPECT(holds(mem, LEN, 9));
	EXPECT(!munmap(mem, LEN));
	close(importer);
	close(fd);
}

static int attach(void)
{
	return import_attach(importer, fd, 64);
}

static void attach_fails(void)
{
	sweep(&(struct deed){ "attach", make_buffer, attach, check_and_close,
			      .nr_min = 1 });
}

static void make_attachment(void)
{
	make_buffer();
	EXPECT_EQ(attach(), 0);
}

static int map_for_device(void)
{
	struct importer_range ranges[NR_RANGES];
	struct importer_map map = {
		.nr_ranges = NR_RANGES, .ranges = (uintptr_t)ranges,
	};

	return import_map(importer, &map);
}

static void device_map_fails(void)
{
	sweep(&(struct deed){ "map for a device", make_attachment,
			      map_for_device, check_and_close, .nr_min = 4 });
}

static void make_device_mapping(void)
{
	make_attachment();
	EXPECT_EQ(map_for_device(), 0);
}

static int unmap_for_device(void)
{
	return import_unmap(importer);
}

static void device_unmap_needs_nothing(void)
{
	sweep(&(struct deed){ "unmap for a device", make_device_mapping,
			      unmap_for_device, check_and_close,
			      .error = -EFAULT });
}

static int detach(void)
{
	return import_detach(importer);
}

static void detach_needs_nothing(void)
{
	sweep(&(struct deed){ "detach", make_device_mapping, detach,
			      check_and_close, .error = -EFAULT });
}

static int map_for_driver(void)
{
	struct importer_vmap vmap = { 0 };

	return import_call(importer, IMPORTER_VMAP, &vmap);
}

/* faults_warning has been here before. */
static void kernel_map_fails(void)
{
	sweep(&(struct deed){ "vmap", make_attachment, map_for_driver,
			      check_and_close, .nr_min = 4 });
}

static const struct guest_case cases[] = {
	CASE(attach_fails),
	CASE(device_map_fails),
	CASE(device_unmap_needs_nothing),
	CASE(detach_needs_nothing),
	CASE(kernel_map_fails),
};
GUEST_MAIN(cases)
