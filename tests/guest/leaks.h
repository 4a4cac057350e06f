/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: leaks
 *
 * Leaks of the kernel's memory.
 *
 * A round does a thing many times. The first round fills caches; what the
 * second one takes on top is compared with the number of repetitions: one
 * object lost each time is NR_REPEAT objects of one slab cache, or as many
 * pages, and noise is far below that.
 */
#ifndef GUEST_LEAKS_H
#define GUEST_LEAKS_H

#include "guest.h"

#include <stdlib.h>
#include <string.h>

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
	long nr_unpurged;
	long free_kib;
};

/*
 * An area that is unmapped is the kernel's to free, which it does when there is
 * much of them. From 6.9 on each waits by itself; before, neighbours were joined
 * and hardly seen.
 */
static inline void read_vmap_areas(struct usage *usage)
{
	char *text = read_text("/proc/vmallocinfo"), *line, *rest = text;

	EXPECT(text);
	while ((line = strsep(&rest, "\n")) && rest) {
		if (strstr(line, " unpurged vm_area"))
			usage->nr_unpurged++;
		else
			usage->nr_vmap_areas++;
	}
	free(text);
}

static inline void read_caches(struct usage *usage)
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

/* What each CPU has in lists of its own is free and is not in MemFree. */
static inline long read_listed_kib(void)
{
	static const char key[] = " count: ";
	char *text = read_text("/proc/zoneinfo"), *at = text;
	long kib = 0;

	EXPECT(text);
	while ((at = strstr(at, key))) {
		at += strlen(key);
		kib += strtol(at, NULL, 10) * (PAGE / 1024);
	}
	free(text);
	return kib;
}

static inline long read_free_kib(void)
{
	return (long)(meminfo("MemFree") / KIB) + read_listed_kib();
}

static inline struct usage *measure(void)
{
	struct usage *usage = calloc(1, sizeof(*usage));

	/* Inodes and dentries go after a grace period. */
	sleep_ms(300);
	EXPECT(!write_text("/proc/sys/vm/drop_caches", "3"));
	EXPECT(!write_text("/proc/sys/vm/drop_caches", "3"));
	sleep_ms(300);
	shrink_caches();
	read_caches(usage);
	read_vmap_areas(usage);
	usage->free_kib = read_free_kib();
	return usage;
}

static inline const struct cache *find_cache(const struct usage *usage,
						     const char *name)
{
	size_t i;

	for (i = 0; i < usage->nr_caches; i++)
		if (!strcmp(usage->caches[i].name, name))
			return &usage->caches[i];
	return NULL;
}

/* Objects that nobody has said are to be freed. */
static inline long nr_kept(const struct usage *usage, const char *name)
{
	const struct cache *cache = find_cache(usage, name);

	if (!cache)
		return 0;
	return cache->nr_active -
		(strcmp(name, "vmap_area") ? 0 : usage->nr_unpurged);
}

static inline bool caches_agree(const struct usage *before,
				const struct usage *after)
{
	bool agree = true;
	const char *name;
	long more;
	size_t i;

	for (i = 0; i < after->nr_caches; i++) {
		name = after->caches[i].name;
		more = nr_kept(after, name) - nr_kept(before, name);
		if (more < NR_REPEAT * 8 / 10)
			continue;
		say("%ld more objects in %s after %d repetitions", more,
		    name, NR_REPEAT);
		agree = false;
	}
	return agree;
}

/** expect_no_leak() - @fn once to warm up, and once to see what it costs. */
static inline void expect_no_leak(void (*fn)(void))
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

#endif
