// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What is known of heaps.
 *
 * The module answers through /dev/noalias. Who may not open that still sees
 * in sysfs that the module is loaded and that a node is one of its own: then
 * the memory type is known by the name and the promise is at least the weaker
 * one. A node of the same name that another driver made is told apart by its
 * device number: the first to make a node keeps it. Two devices in sysfs never
 * have the same name.
 */
#include <noalias.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "heap.h"

int lib_node_ask(unsigned long request, void *arg)
{
	int fd = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		return -errno;
	if (fd < 0)
		return -ENOSYS;
	while (ioctl(fd, request, arg)) {
		err = -errno;
		if (err != -EINTR)
			break;
		err = 0;
	}
	close(fd);
	return err;
}

enum noalias_memtype lib_memtype_of(uint32_t memtype)
{
	switch (memtype) {
	case NOALIAS_IOC_WB:
		return NOALIAS_MEMTYPE_WB;
	case NOALIAS_IOC_WC:
		return NOALIAS_MEMTYPE_WC;
	case NOALIAS_IOC_UC:
		return NOALIAS_MEMTYPE_UC;
	default:
		return NOALIAS_MEMTYPE_UNKNOWN;
	}
}

enum noalias_promise lib_promise_of(uint32_t promise)
{
	switch (promise) {
	case NOALIAS_IOC_NONE:
		return NOALIAS_PROMISE_NONE;
	case NOALIAS_IOC_BEST_EFFORT:
		return NOALIAS_PROMISE_BEST_EFFORT;
	case NOALIAS_IOC_GUARANTEED:
		return NOALIAS_PROMISE_GUARANTEED;
	default:
		return NOALIAS_PROMISE_UNKNOWN;
	}
}

/* --- who made the node ------------------------------------------------------- */

/* Of a misc device; 0 is no device. */
static dev_t sysfs_dev(const char *name)
{
	char path[sizeof("/sys/class/misc//dev") + NOALIAS_NAME_LEN];
	unsigned int major_nr, minor_nr;
	dev_t dev = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/misc/%s/dev", name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%u:%u", &major_nr, &minor_nr) == 2)
		dev = makedev(major_nr, minor_nr);
	fclose(file);
	return dev;
}

static dev_t node_dev(const char *name)
{
	char path[sizeof(LIB_HEAP_DIR "/") + NOALIAS_NAME_LEN];
	struct stat stat_of;

	snprintf(path, sizeof(path), LIB_HEAP_DIR "/%s", name);
	return stat(path, &stat_of) ? 0 : stat_of.st_rdev;
}

/* Something else stands where the module's node should be? */
static bool is_taken(const char *name)
{
	dev_t ours = sysfs_dev(name), node = node_dev(name);

	return ours && node && ours != node;
}

/* The names that the module gives. */
static enum noalias_memtype memtype_of_modules(const char *name)
{
	if (!strcmp(name, "system-uncached"))
		return NOALIAS_MEMTYPE_UC;
	if (!strcmp(name, "system-writecombine"))
		return NOALIAS_MEMTYPE_WC;
	return NOALIAS_MEMTYPE_UNKNOWN;
}

static bool is_modules(const char *name)
{
	dev_t ours = sysfs_dev(name);

	return ours && ours == node_dev(name) &&
	       memtype_of_modules(name) != NOALIAS_MEMTYPE_UNKNOWN &&
	       !access("/sys/module/noalias", F_OK);
}

/* --- what is known ----------------------------------------------------------- */

static const char *zone_name(uint32_t zone)
{
	switch (zone) {
	case NOALIAS_IOC_ZONE_ANY:
		return "any";
	case NOALIAS_IOC_ZONE_LOW:
		return "low";
	case NOALIAS_IOC_ZONE_HIGH:
		return "high";
	default:
		return "";
	}
}

static void tell_answer(const struct noalias_query_heap *answer,
			struct noalias_heap_info *info)
{
	info->memtype = lib_memtype_of(answer->memtype);
	info->promise = lib_promise_of(answer->promise);
	strcpy(info->zone, zone_name(answer->zone));
	info->nr_buffers = answer->nr_buffers;
	info->used = answer->used;
	info->limit = answer->limit;
}

/* Return: 0; -ENOENT the module has no such heap; lib_node_ask(). */
static int ask_module(struct noalias_heap_info *info)
{
	struct noalias_query_heap query;
	uint32_t i;
	int err;

	for (i = 0;; i++) {
		memset(&query, 0, sizeof(query));
		query.index = i;
		err = lib_node_ask(NOALIAS_IOC_QUERY_HEAP, &query);
		if (err)
			return err;
		if (strncmp(query.name, info->name, sizeof(query.name)))
			continue;
		if (is_taken(info->name))
			return -ENOENT;
		tell_answer(&query, info);
		return 0;
	}
}

static void tell_known(struct noalias_heap_info *info)
{
	if (!strcmp(info->name, "system")) {
		info->memtype = NOALIAS_MEMTYPE_WB;
		info->promise = NOALIAS_PROMISE_NONE;
	} else if (is_modules(info->name)) {
		info->memtype = memtype_of_modules(info->name);
		info->promise = NOALIAS_PROMISE_BEST_EFFORT;
	}
}

int lib_heap_describe(const char *name, struct noalias_heap_info *info)
{
	int err;

	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	snprintf(info->name, sizeof(info->name), "%s", name);
	err = ask_module(info);
	if (err == -EMFILE || err == -ENFILE || err == -ENOMEM)
		return err;
	/* The module knows its heaps: what it does not name is not its own. */
	if (err == -ENOENT && strcmp(name, "system"))
		return 0;
	if (err)
		tell_known(info);
	return 0;
}

enum noalias_memtype lib_memtype_named(const char *name)
{
	if (strstr(name, "uncached"))
		return NOALIAS_MEMTYPE_UC;
	if (strstr(name, "writecombine"))
		return NOALIAS_MEMTYPE_WC;
	return NOALIAS_MEMTYPE_UNKNOWN;
}
