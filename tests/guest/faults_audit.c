// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The files in debugfs, with every allocation refused once.
 *
 * In each case the test kills: a lock, a list or a result kept after a refusal;
 * a file that is cut short and does not say so. An audit that could not be
 * done to its end says what it has not seen.
 */
#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEN (300 * PAGE)

static const char *path;
static char text[256 * KIB];

static void hold_buffer(void)
{
	int fd = new_buffer(LEN);

	map_buffer(fd, LEN);
}

static int read_all(void)
{
	int file = open(path, O_RDONLY | O_CLOEXEC), err = 0;
	size_t len = 0;
	ssize_t got;

	if (file < 0)
		return -errno;
	while ((got = read(file, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	if (got < 0)
		err = -errno;
	text[len] = 0;
	close(file);
	return err;
}

static void expect_whole(int err)
{
	if (err)
		return;
	EXPECT(text[0]);
	EXPECT(text[strlen(text) - 1] == '\n');
	EXPECT(strlen(text) < sizeof(text) - 1);
}

static void expect_honest(int err)
{
	if (err)
		return;
	EXPECT(strstr(text, "\nend conflicts=0 "));
	EXPECT(strstr(text, " verdict=clean\n") ||
	       strstr(text, " verdict=incomplete\n"));
}

static void read_with_refusals(const char *name, unsigned int nr_min,
			       void (*check)(int err))
{
	memset(text, 1, sizeof(text));
	path = name;
	sweep_bare(&(struct deed){ name, NULL, read_all, check,
				   .error = -ENFILE, .nr_min = nr_min });
}

static void counters_fail(void)
{
	read_with_refusals(DEBUGFS "counters", 3, expect_whole);
}

static void buffers_fail(void)
{
	hold_buffer();
	read_with_refusals(DEBUGFS "buffers", 3, expect_whole);
}

static void frames_fail(void)
{
	hold_buffer();
	read_with_refusals(DEBUGFS "frames", 3, expect_whole);
}

static void refusals_fail(void)
{
	EXPECT(try_buffer(0) < 0);
	read_with_refusals(DEBUGFS "refusals", 4, expect_whole);
}

static void audit_fails(void)
{
	hold_buffer();
	read_with_refusals(DEBUGFS "audit", 8, expect_honest);
}

static const struct guest_case cases[] = {
	CASE(counters_fail),
	CASE(buffers_fail),
	CASE(frames_fail),
	CASE(refusals_fail),
	CASE(audit_fails),
};
GUEST_MAIN(cases)
