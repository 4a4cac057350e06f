// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * hunt_comedi LEN -- COMMAND...: maps the buffer of the subdevice for reading of
 * every comedi device, as libcomedi's programs do. The test driver's fake card
 * has a buffer from the start.
 */
#define _GNU_SOURCE
#include "hunt.h"

static size_t len;

static bool use(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (hunt_map(fd, 0, len, PROT_READ | PROT_WRITE))
		return true;
	hunt_say("%s: mmap: %s", path, strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	len = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	return hunt_hold(argv, hunt_each("/dev/comedi?", use));
}
