// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Leaks of the kernel's memory.
 *
 * A round does every kind of thing, successes and failures, many times. The
 * first round fills caches; what the second one takes on top is compared with
 * the number of repetitions: one object lost each time is NR_REPEAT objects
 * of one slab cache, or as many pages, and noise is far below that.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define NR_REPEAT 1000
#define NR_CACHES_MAX 400

struct cache {
	char name[64];
	long nr_active;
};

struct usage {
	struct cache caches[NR_CACHES_MAX];
	size_t nr_caches;
	long nr_vmap_areas;
	long free_kib;
};

static long count_lines(const char *path)
{
	char *text = read_text(path), *line = text;
	long nr = 0;

	EXPECT(text);
	while ((line = strchr(line, '\n'))) {
		line++;
		nr++;
	}
	free(text);
	return nr;
}

static void read_caches(struct usage *usage)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	struct cache *cache;
	char line[256];

	EXPECT(file);
	while (fgets(line, sizeof(line), file)) {
		EXPECT(usage->nr_caches < NR_CACHES_MAX);
		cache = &usage->caches[usage->nr_caches];
		if (line[0] != '#' && sscanf(line, "%63s %ld", cache->name,
					     &cache->nr_active) == 2)
			usage->nr_caches++;
	}
	fclose(file);
	EXPECT(usage->nr_caches > 10);
}

static long read_free_kib(void)
{
	char *text = read_text("/proc/meminfo");
	char *line = text ? strstr(text, "MemFree:") : NULL;
	long kib;

	EXPECT(line);
	kib = strtol(line + strlen("MemFree:"), NULL, 10);
	free(text);
	return kib;
}

static struct usage *measure(void)
{
	struct usage *usage = calloc(1, sizeof(*usage));

	/* Inodes and dentries go after a grace period. */
	sleep_ms(300);
	EXPECT(!write_text("/proc/sys/vm/drop_caches", "3"));
	EXPECT(!write_text("/proc/sys/vm/drop_caches", "3"));
	sleep_ms(300);
	read_caches(usage);
	usage->nr_vmap_areas = count_lines("/proc/vmallocinfo");
	usage->free_kib = read_free_kib();
	return usage;
}

static const struct cache *find_cache(const struct usage *usage,
				      const char *name)
{
	size_t i;

	for (i = 0; i < usage->nr_caches; i++)
		if (!strcmp(usage->caches[i].name, name))
			return &usage->caches[i];
	return NULL;
}

static bool caches_agree(const struct usage *before, const struct usage *after)
{
	const struct cache *old;
	bool agree = true;
	long more;
	size_t i;

	for (i = 0; i < after->nr_caches; i++) {
		old = find_cache(before, after->caches[i].name);
		more = after->caches[i].nr_active - (old ? old->nr_active : 0);
		if (more < NR_REPEAT * 8 / 10)
			continue;
		say("%ld more objects in %s after %d repetitions", more,
		    after->caches[i].name, NR_REPEAT);
		agree = false;
	}
	return agree;
}

/* @fn once to warm up, and once to see what it costs. */
static void expect_no_leak(void (*fn)(void))
{
	struct usage *before, *after;
	long lost_kib;

	fn();
	before = measure();
	fn();
	after = measure();
	EXPECT(caches_agree(before, after));
	EXPECT(after->nr_vmap_areas - before->nr_vmap_areas < 50);
	lost_kib = before->free_kib - after->free_kib;
	if (lost_kib > 1024)
		say("%ld KiB less are free", lost_kib);
	EXPECT(lost_kib < NR_REPEAT * 4 * 8 / 10);
}

static void do_life_of_buffer(void)
{
	int heap = open_heap(), i, fd;
	char *mem;

	for (i = 0; i < NR_REPEAT; i++) {
		fd = alloc_on(heap, 3 * PAGE);
		EXPECT(fd >= 0);
		mem = map_buffer(fd, 3 * PAGE);
		close(fd);
		mem[PAGE] = 1;
		EXPECT(!munmap(mem + PAGE, PAGE));
		munmap(mem, 3 * PAGE);
	}
	close(heap);
}

/* kills: an object of each buffer, area or name that is not freed */
static void life_of_buffer_leaks_nothing(void)
{
	expect_no_leak(do_life_of_buffer);
}

static void do_refusals(void)
{
	struct dma_heap_allocation_data *data =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int heap = open_heap(), fd = new_buffer(PAGE), i;

	data->len = PAGE;
	mprotect(data, PAGE, PROT_READ);
	for (i = 0; i < NR_REPEAT; i++) {
		EXPECT_EQ(alloc_on(heap, 0), -EINVAL);
		EXPECT_EQ(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, data), -1);
		EXPECT_EQ(map_errno(fd, PAGE, PROT_READ, MAP_PRIVATE, 0),
			  EINVAL);
		EXPECT_EQ(map_errno(fd, 2 * PAGE, PROT_READ, MAP_SHARED, 0),
			  EINVAL);
	}
	munmap(data, PAGE);
	close(heap);
	close(fd);
}

/* kills: an object that a refusal leaves behind */
static void refusals_leak_nothing(void)
{
	expect_no_leak(do_refusals);
}

static void fail_often(const char *symbol, unsigned long nth, long value)
{
	int heap = open_heap(), i, fd;

	for (i = 0; i < NR_REPEAT; i++) {
		fail_call(symbol, nth, true, value);
		fd = alloc_on(heap, 20 * PAGE);
		fail_off();
		EXPECT(fd < 0);
	}
	close(heap);
}

static void do_failed_pages(void)
{
	fail_often("na_port_frames_alloc", 3, -ENOMEM);
}

static void do_failed_arrays(void)
{
	fail_often("na_port_alloc_owned", 2, 0);
}

static void do_failed_exports(void)
{
	fail_often("dma_buf_export", 1, -ENOMEM);
}

/* kills: blocks, arrays or the shell of a buffer that failed half way */
static void failures_leak_nothing(void)
{
	expect_no_leak(do_failed_pages);
	expect_no_leak(do_failed_arrays);
	expect_no_leak(do_failed_exports);
}

static const struct guest_case cases[] = {
	CASE(life_of_buffer_leaks_nothing),
	CASE(refusals_leak_nothing),
	CASE(failures_leak_nothing),
};
GUEST_MAIN(cases)
