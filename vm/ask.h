/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * For programs of a payload: to ask vm/boot for what QEMU's monitor can do
 * (README.md: "show tables", "dump memory NAME FORMAT").
 */
#ifndef VM_ASK_H
#define VM_ASK_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* A register of the second serial port, where vm/boot says that it is done. */
#define VM_ASK_PORT	0x2ff
#define VM_ASK_DONE	0x5a
#define VM_ASK_FAILED	0xa5

/* Not asleep: the CPU is to keep the page tables of this process. */
static inline int vm_ask_wait(int port, unsigned int seconds)
{
	struct timespec now, end;
	unsigned char byte = 0;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		if (pread(port, &byte, 1, VM_ASK_PORT) != 1)
			return -EIO;
		if (byte == VM_ASK_DONE)
			return 0;
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (byte != VM_ASK_FAILED && now.tv_sec < end.tv_sec);
	return byte == VM_ASK_FAILED ? -EIO : -ETIME;
}

/**
 * vm_ask() - have it done, and wait until it is.
 * @what: the words after "vm/boot: ".
 * @seconds: of the guest's clock, to wait at most.
 *
 * As root. Context: one caller at a time in the guest.
 *
 * Return: 0; -EIO if vm/boot failed (its stderr says why) or there is no port,
 * -ETIME if it did not answer.
 */
static inline int vm_ask(const char *what, unsigned int seconds)
{
	int port = open("/dev/port", O_RDWR | O_CLOEXEC);
	int live = open("/dev/ttyS1", O_WRONLY | O_CLOEXEC);
	unsigned char byte = 0;
	int err = -EIO;

	if (port >= 0 && live >= 0 &&
	    pwrite(port, &byte, 1, VM_ASK_PORT) == 1 &&
	    dprintf(live, "vm/boot: %s\n", what) > 0)
		err = vm_ask_wait(port, seconds);
	if (port >= 0)
		close(port);
	if (live >= 0)
		close(live);
	return err;
}

#endif
