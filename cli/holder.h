/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Processes that hold dma-bufs: descriptors and mappings, from /proc.
 * References of the kernel (a device's mapping, a descriptor queued in a
 * socket) are not included.
 */
#ifndef NA_CLI_HOLDER_H
#define NA_CLI_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct holder - one process and one dma-buf. */
struct holder {
	uint64_t inode;		/* of the dma-buf */
	uint64_t nr_fds;
	uint64_t nr_maps;
	unsigned int pid;
	char comm[64];		/* a word of plain ASCII */
};

/**
 * struct holders - all holders, in the order of processes
 * @list: array
 * @nr: length of @list
 * @room: capacity of @list
 * @nr_unseen: processes that may not be read, or did not release their lock
 * @waited_ms: time spent waiting for locks
 */
struct holders {
	struct holder *list;
	size_t nr;
	size_t room;
	size_t nr_unseen;
	uint64_t waited_ms;
};

/**
 * holders_read() - search every process
 * @holders: zeroed; receives them
 *
 * A process that starts or exits meanwhile may be missing. The wait for a held
 * mmap lock is limited to a second, and for all of them together to little more
 * than five; after that a process counts as unseen.
 *
 * Return: 0 or an errno; then @holders is empty.
 */
int holders_read(struct holders *holders);

/**
 * holders_text() - holders of a dma-buf as a word, "310/viewer,311/codec"
 * @holders: from holders_read()
 * @inode: inode of the dma-buf
 *
 * Return: text to be freed; "-" if there is no holder; NULL without memory.
 */
char *holders_text(const struct holders *holders, uint64_t inode);

/** holders_free() - free the list and make it empty. */
void holders_free(struct holders *holders);

#endif
