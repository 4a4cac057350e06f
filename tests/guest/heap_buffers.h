/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/** DOC: the table of buffers in debugfs. */
#ifndef GUEST_HEAP_BUFFERS_H
#define GUEST_HEAP_BUFFERS_H

#include "guest.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct buffer_line {
	unsigned long long id;
	char heap[32];
	char type[8];
	unsigned long long bytes;
	unsigned int high_frames;
	unsigned int low_frames;
	int mmaps;
	unsigned int vmaps;
	int dma_maps;
	int pid;
	char comm[64];
};

static inline bool scan_buffer(const char *text, struct buffer_line *line)
{
	return sscanf(text, "%llu %31s %7s %llu %u %u %d %u %d %d %63s",
		      &line->id, line->heap, line->type, &line->bytes,
		      &line->high_frames, &line->low_frames, &line->mmaps,
		      &line->vmaps, &line->dma_maps, &line->pid,
		      line->comm) == 11;
}

/** read_buffers() - those of @pid, or all for 0. Return: how many. */
static inline size_t read_buffers(int pid, struct buffer_line *lines,
				  size_t room)
{
	char *text = read_text(DEBUGFS "buffers"), *at;
	struct buffer_line line;
	size_t nr = 0;

	EXPECT(text);
	/* Later columns come at the end. */
	EXPECT(!strncmp(text, "id heap type bytes high_frames low_frames mmaps vmaps dma_maps pid comm ",
			72));
	for (at = strchr(text, '\n') + 1; *at; at = strchr(at, '\n') + 1) {
		EXPECT(scan_buffer(at, &line));
		if (pid && line.pid != pid)
			continue;
		EXPECT(nr < room);
		lines[nr++] = line;
	}
	free(text);
	return nr;
}

/** my_buffer() - the only buffer of this process. */
static inline struct buffer_line my_buffer(void)
{
	struct buffer_line line;

	EXPECT_EQ(read_buffers(getpid(), &line, 1), 1);
	return line;
}

#endif
