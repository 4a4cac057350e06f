/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Who holds dma-bufs now: descriptors and mappings of processes, as /proc
 * shows them. What the kernel holds (a device's mapping, a descriptor on its
 * way through a socket) is not there.
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
 * struct holders - all of them, in the order of processes
 * @list: array
 * @nr: its length
 * @room: of it
 * @nr_unseen: processes that may not be looked at, or did not let us
 * @waited_ms: for those that did not
 */
struct holders {
	struct holder *list;
	size_t nr;
	size_t room;
	size_t nr_unseen;
	uint64_t waited_ms;
};

/**
 * holders_read() - look at every process
 * @holders: zeroed; receives them
 *
 * A process that begins or ends meanwhile may be missing. One that holds its
 * mmap lock is waited for a second, and all of them together not much longer
 * than five; then it counts as unseen.
 *
 * Return: 0 or an errno; then @holders is empty.
 */
int holders_read(struct holders *holders);

/**
 * holders_text() - those of one dma-buf in a word, "310/viewer,311/codec"
 * @holders: of holders_read()
 * @inode: of the dma-buf
 *
 * Return: to be freed; "-" when there is none; NULL without memory.
 */
char *holders_text(const struct holders *holders, uint64_t inode);

/** holders_free() - afterwards it is empty. */
void holders_free(struct holders *holders);

#endif
