/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What the cases on heaps share.
 */
#ifndef HEAP_FACTS_H
#define HEAP_FACTS_H

#include "heap_world.h"
#include "tap.h"

ROOM struct noalias_heap_info info_of(const struct noalias_heap *heap)
{
	struct noalias_heap_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	return info;
}

ROOM struct noalias_heap_request request_for(enum noalias_memtype memtype,
				       enum noalias_promise promise,
				       uint32_t flags)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = memtype, .promise = promise,
		.flags = flags,
	};

	return request;
}

/* Opens, expects a heap of this name, and closes. */
ROOM struct noalias_heap_info found(const struct noalias_heap_request *request,
				    const char *name)
{
	struct noalias_heap_info info;
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_find(request, &heap), 0);
	info = info_of(heap);
	EXPECT_STR(info.name, name);
	noalias_heap_close(heap);
	return info;
}

struct seen {
	char text[512];
	int stop_after;
};

ROOM int see(const struct noalias_heap_info *info, void *arg)
{
	struct seen *seen = arg;
	size_t len = strlen(seen->text);

	EXPECT_EQ(info->size, sizeof(*info));
	snprintf(seen->text + len, sizeof(seen->text) - len, "%s %s %s\n",
		 info->name, noalias_memtype_name(info->memtype),
		 noalias_promise_name(info->promise));
	return --seen->stop_after ? 0 : 7;
}

/* All of them, a line each. */
ROOM const char *listed(void)
{
	static struct seen seen;

	memset(&seen, 0, sizeof(seen));
	EXPECT_EQ(noalias_heap_list(see, &seen), 0);
	return seen.text;
}

#endif
