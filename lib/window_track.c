// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Window, tracking: the callers of maps that were not unmapped, to find leaks.
 * Each call takes a lock and a search: not for production.
 */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "window.h"

struct entry {
	struct list_head link;
	const void *addr;
	size_t len;
	const void *caller;
	pid_t thread;
};

struct lib_track {
	pthread_mutex_t mutex;
	struct list_head entries;
};

struct lib_track *lib_track_create(void)
{
	struct lib_track *track = calloc(1, sizeof(*track));

	if (!track)
		return NULL;
	pthread_mutex_init(&track->mutex, NULL);
	INIT_LIST_HEAD(&track->entries);
	return track;
}

void lib_track_destroy(struct lib_track *track)
{
	struct entry *entry, *next;

	if (!track)
		return;
	list_for_each_entry_safe(entry, next, &track->entries, link)
		free(entry);
	pthread_mutex_destroy(&track->mutex);
	free(track);
}

int lib_track_add(struct lib_track *track, const void *addr, size_t len,
		  const void *caller)
{
	struct entry *entry = malloc(sizeof(*entry));

	if (!entry)
		return -ENOMEM;
	entry->addr = addr;
	entry->len = len;
	entry->caller = caller;
	entry->thread = (pid_t)syscall(SYS_gettid);
	pthread_mutex_lock(&track->mutex);
	list_add(&entry->link, &track->entries);
	pthread_mutex_unlock(&track->mutex);
	return 0;
}

/* Prefer a map of this thread, so that others keep their callers. */
static struct entry *find(struct lib_track *track, const void *addr,
			  size_t len)
{
	pid_t thread = (pid_t)syscall(SYS_gettid);
	struct entry *entry, *found = NULL;

	list_for_each_entry(entry, &track->entries, link) {
		if (entry->addr != addr || entry->len != len)
			continue;
		if (!found || entry->thread == thread)
			found = entry;
	}
	return found;
}

int lib_track_remove(struct lib_track *track, const void *addr, size_t len)
{
	struct entry *entry;

	pthread_mutex_lock(&track->mutex);
	entry = find(track, addr, len);
	if (entry)
		list_del(&entry->link);
	pthread_mutex_unlock(&track->mutex);
	free(entry);
	return entry ? 0 : -EINVAL;
}

int lib_track_dump(struct lib_track *track, int fd)
{
	struct entry *entry;
	int err = 0;

	pthread_mutex_lock(&track->mutex);
	list_for_each_entry(entry, &track->entries, link) {
		err = lib_say(fd, "map %p len %zu thread %d caller %p\n",
			      entry->addr, entry->len, (int)entry->thread,
			      entry->caller);
		if (err)
			break;
	}
	pthread_mutex_unlock(&track->mutex);
	return err;
}
