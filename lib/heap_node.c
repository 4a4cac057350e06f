// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What is known about heaps.
 *
 * A node is identified by its device number and not by its name: a link to a
 * heap is that heap, and another driver's node with the name of one is not. The
 * driver that creates a node first keeps it.
 *
 * The module answers through /dev/noalias, with the numbers of its devices.
 * If that may not be opened, sysfs still shows that the module is loaded and
 * the numbers of its devices: then the memory type follows from the device's
 * name there, and the promise is unknown. Two devices of a class in sysfs never
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
#include "internal.h"

int lib_node_ask(unsigned long request, void *arg)
{
	int fd = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC), err = 0;

	if (fd < 0 && lib_is_scarcity(-errno))
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

/* --- device numbers ------------------------------------------------------- */

/* Number of a device by class and name; 0: there is none. */
static dev_t sysfs_dev(const char *class, const char *name)
{
	char path[sizeof("/sys/class/dma_heap//dev") + NOALIAS_NAME_LEN];
	unsigned int major_nr, minor_nr;
	dev_t dev = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/%s/%s/dev", class, name);
	file = fopen(path, "re");
	if (!file)
		return 0;
	if (fscanf(file, "%u:%u", &major_nr, &minor_nr) == 2)
		dev = makedev(major_nr, minor_nr);
	fclose(file);
	return dev;
}

/* Follows links; 0: not a device. */
static dev_t node_dev(const char *name, int fd)
{
	char path[sizeof(LIB_HEAP_DIR "/") + NOALIAS_NAME_LEN];
	struct stat stat_of;

	snprintf(path, sizeof(path), LIB_HEAP_DIR "/%s", name);
	if (fd < 0 ? stat(path, &stat_of) : fstat(fd, &stat_of))
		return 0;
	return S_ISCHR(stat_of.st_mode) ? stat_of.st_rdev : 0;
}

/* A module of ABI 1 does not return numbers; sysfs has them, if readable. */
static dev_t answered_dev(const struct noalias_query_heap *answer)
{
	char name[sizeof(answer->name) + 1];

	if (answer->dev_major)
		return makedev(answer->dev_major, answer->dev_minor);
	snprintf(name, sizeof(name), "%.*s", (int)sizeof(answer->name),
		 answer->name);
	return sysfs_dev("misc", name);
}

/* Type of a heap of the module, if the module cannot be asked. */
static enum noalias_memtype memtype_of_modules(dev_t dev)
{
	static const struct {
		const char *name;
		enum noalias_memtype memtype;
	} heaps[] = {
		{ "system-uncached", NOALIAS_MEMTYPE_UC },
		{ "system-writecombine", NOALIAS_MEMTYPE_WC },
		{ "system-uncached-dma32", NOALIAS_MEMTYPE_UC },
		{ "system-writecombine-dma32", NOALIAS_MEMTYPE_WC },
	};
	size_t i;

	if (access("/sys/module/noalias", F_OK))
		return NOALIAS_MEMTYPE_UNKNOWN;
	for (i = 0; i < sizeof(heaps) / sizeof(heaps[0]); i++)
		if (dev == sysfs_dev("misc", heaps[i].name))
			return heaps[i].memtype;
	return NOALIAS_MEMTYPE_UNKNOWN;
}

/* Without sysfs only the name is known. */
static bool is_kernels_system(const char *name, dev_t dev)
{
	if (access("/sys/class", F_OK))
		return !strcmp(name, "system");
	return dev == sysfs_dev("dma_heap", "system");
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
	case NOALIAS_IOC_ZONE_DMA32:
		return "dma32";
	default:
		return "";
	}
}

static void tell_answer(const struct noalias_query_heap *answer,
			struct noalias_heap_info *info)
{
	info->memtype = lib_memtype_told(answer->memtype);
	info->promise = lib_promise_told(answer->promise);
	strcpy(info->zone, zone_name(answer->zone));
	info->nr_buffers = answer->nr_buffers;
	info->used = answer->used;
	info->limit = answer->limit;
	info->is_contiguous = !!(answer->properties &
				 NOALIAS_IOC_HEAP_CONTIGUOUS);
}

/* Return: 0; -ENOENT it is not a heap of the module; as lib_node_ask(). */
static int ask_module(dev_t dev, struct noalias_heap_info *info)
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
		if (answered_dev(&query) != dev)
			continue;
		tell_answer(&query, info);
		return 0;
	}
}

static void tell_known(dev_t dev, bool is_asked,
		       struct noalias_heap_info *info)
{
	if (is_kernels_system(info->name, dev)) {
		info->memtype = NOALIAS_MEMTYPE_WB;
		info->promise = NOALIAS_PROMISE_NONE;
		return;
	}
	/* If the module was asked and does not list it, it is not its heap. */
	if (!is_asked)
		info->memtype = memtype_of_modules(dev);
}

int lib_heap_describe(const char *name, int fd, struct noalias_heap_info *info)
{
	dev_t dev = node_dev(name, fd);
	int err;

	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	snprintf(info->name, sizeof(info->name), "%s", name);
	if (!dev)
		return 0;
	err = ask_module(dev, info);
	if (lib_is_scarcity(err))
		return err;
	if (err)
		tell_known(dev, err == -ENOENT, info);
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
