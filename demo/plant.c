// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * plant COMMAND: maps a few pages of the driver of 2014 into this process, has
 * an image of the machine's memory written (vm/boot --dump) and runs COMMAND
 * while they are still mapped; ends with its status. 2: something failed.
 */
#define _GNU_SOURCE
#include "../vm/ask.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define LEN		(4 * 4096ul)
#define DUMP_SECONDS	300

static int failed(const char *what, int err)
{
	printf("plant: %s: %s\n", what, strerror(err));
	return 2;
}

int main(int argc, char **argv)
{
	int fd = open("/dev/bug2014", O_RDWR | O_CLOEXEC), status;
	volatile unsigned char *mem;

	if (argc != 2)
		return failed("one argument, a command", EINVAL);
	if (fd < 0)
		return failed("/dev/bug2014", errno);
	mem = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		return failed("mmap of /dev/bug2014", errno);
	status = vm_ask("dump memory memory elf", DUMP_SECONDS);
	if (status)
		return failed("no image", -status);
	status = system(argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}
