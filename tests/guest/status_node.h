/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/** DOC: /dev/noalias for guest programs. */
#ifndef GUEST_STATUS_NODE_H
#define GUEST_STATUS_NODE_H

#include "guest.h"
#include "../../include/uapi/noalias.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/** open_node() - for reading, which is enough. */
static inline int open_node(void)
{
	int node = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC);

	EXPECT(node >= 0);
	return node;
}

/** ask() - 0 or a negative errno. */
static inline int ask(int node, unsigned long cmd, void *query)
{
	return ioctl(node, cmd, query) ? -errno : 0;
}

static inline struct noalias_query_version ask_version(void)
{
	struct noalias_query_version query = { 0 };
	int node = open_node();

	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_VERSION, &query), 0);
	close(node);
	return query;
}

static inline struct noalias_query_buffer ask_buffer(int fd)
{
	struct noalias_query_buffer query = { .fd = fd };
	int node = open_node();

	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_BUFFER, &query), 0);
	close(node);
	return query;
}

/** ask_heap() - by name; ends the case when there is none. */
static inline struct noalias_query_heap ask_heap(const char *name)
{
	struct noalias_query_heap query = { .index = 0 };
	int node = open_node();
	uint32_t next = 0;

	/* What was told of one must not be asked of the next. */
	do {
		query = (struct noalias_query_heap){ .index = next++ };
		EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_HEAP, &query), 0);
	} while (strcmp(query.name, name));
	close(node);
	return query;
}

static inline uint32_t node_type(void)
{
	return strcmp(heap_type(), "WC") ? NOALIAS_IOC_UC : NOALIAS_IOC_WC;
}

#endif
