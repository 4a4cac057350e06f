// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Refusals: the module's record of this thread.
 *
 * The nodes of the module's heaps answer as /dev/noalias does, so that a
 * program that may allocate can read why a request was refused. Only nodes that
 * are known to be the module's are asked, because the same ioctl number may do
 * something else in another driver.
 */
#include <libnoalias/error.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "extensible.h"
#include "heap.h"

int lib_refusal_ask(int fd, struct noalias_query_refusal *query)
{
	memset(query, 0, sizeof(*query));
	while (ioctl(fd, NOALIAS_IOC_QUERY_REFUSAL, query))
		if (errno != EINTR)
			return -errno;
	query->field[sizeof(query->field) - 1] = 0;
	query->limit[sizeof(query->limit) - 1] = 0;
	query->remedy[sizeof(query->remedy) - 1] = 0;
	return 0;
}

static int open_node(const char *path)
{
	int fd;

	do
		fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/* Return: a descriptor; -ENOSYS; -EMFILE, -ENFILE, -ENOMEM. */
static int open_any(void)
{
	static const char *const names[] = {
		"system-uncached", "system-writecombine",
	};
	char path[sizeof(LIB_HEAP_DIR "/") + NOALIAS_NAME_LEN];
	struct noalias_heap_info info;
	int fd = open_node(NOALIAS_IOC_PATH);
	size_t i;

	for (i = 0; fd < 0 && !lib_is_scarcity(fd) &&
	     i < sizeof(names) / sizeof(*names); i++) {
		if (lib_heap_describe(names[i], -1, &info) ||
		    info.memtype == NOALIAS_MEMTYPE_UNKNOWN)
			continue;
		snprintf(path, sizeof(path), LIB_HEAP_DIR "/%s", names[i]);
		fd = open_node(path);
	}
	return fd >= 0 || lib_is_scarcity(fd) ? fd : -ENOSYS;
}

int lib_refusal_ask_any(struct noalias_query_refusal *query)
{
	int fd = open_any(), err;

	if (fd < 0)
		return fd;
	err = lib_refusal_ask(fd, query);
	close(fd);
	return err;
}

static int ask_failed(int fd, int err)
{
	if (err == -ENOENT)
		return lib_fail(ENOENT, "refusal: no refusal of this thread is recorded");
	if (err == -ENOSYS)
		return lib_fail(ENOSYS, "refusal: neither " NOALIAS_IOC_PATH " nor a heap of the module may be opened");
	return lib_fail(-err, "fd: %d is not a node of the module, or the module is older",
			fd);
}

LIB_PUBLIC int noalias_refusal_query(int fd, struct noalias_refusal *theirs)
{
	struct noalias_refusal refusal = { 0 };
	struct noalias_query_refusal query;
	int err = fd == -1 ? lib_refusal_ask_any(&query) :
			     lib_refusal_ask(fd, &query);

	if (err)
		return ask_failed(fd, err);
	refusal.err = query.err;
	refusal.limit = (enum noalias_limit)query.scope;
	refusal.nr = query.nr;
	refusal.value = query.value;
	refusal.max = query.max;
	refusal.used = query.used;
	memcpy(refusal.field, query.field, sizeof(refusal.field));
	lib_refusal_say(&query, refusal.sentence);
	return lib_give("refusal", theirs, &refusal, sizeof(refusal));
}
