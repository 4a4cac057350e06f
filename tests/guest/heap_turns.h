/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: heap_turns
 *
 * CPU and device take turns with a cached buffer. The importer reads and writes a word
 * where its device would. With "bounce" in the environment's NA_SWIOTLB the kernel was
 * told to bounce everything: there what was not handed over is seen to be stale.
 */
#ifndef GUEST_HEAP_TURNS_H
#define GUEST_HEAP_TURNS_H

#include "plant.h"
#include "heap_importer.h"

#include <linux/dma-buf.h>
#include <stdlib.h>
#include <string.h>

#define NR 37u
#define LEN (NR * PAGE)
#define NR_RANGES_MAX 64u
#define OLD 0x01d01d01u
#define NEW 0x2e30eb01u

/* A word in the first page, in one between, and in the last. */
ROOM const uint32_t places[] = { 8, 20 * PAGE + 4092, LEN - 4 };

static struct importer_range ranges[NR_RANGES_MAX];

struct world {
	int bed;
	int fd;
	char *mem;
	int importer;
	struct importer_map map;
};

ROOM struct world new_world(void)
{
	const char *zone = getenv("NA_ZONE");
	struct world world = { .bed = open_bed() };

	if (zone)
		use_zone(zone);
	world.fd = new_buffer(LEN);
	world.mem = map_buffer(world.fd, LEN);
	return world;
}

ROOM bool all_bounce(void)
{
	const char *mode = getenv("NA_SWIOTLB");

	return mode && !strcmp(mode, "bounce");
}

/* --- the CPU's side ------------------------------------------------------------- */

ROOM uint32_t get(const struct world *world, uint32_t at)
{
	return *(volatile uint32_t *)(world->mem + at);
}

ROOM void set(const struct world *world, uint32_t at, uint32_t value)
{
	*(volatile uint32_t *)(world->mem + at) = value;
}

ROOM void set_all(const struct world *world, uint32_t value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		set(world, places[i], value);
}

ROOM void expect_all(const struct world *world, uint32_t value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		EXPECT_EQ(get(world, places[i]), value);
}

ROOM void sync_all(const struct world *world, uint64_t flags)
{
	struct dma_buf_sync sync = { .flags = flags };

	EXPECT(!ioctl(world->fd, DMA_BUF_IOCTL_SYNC, &sync));
}

#define BEGIN_READ (DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ)
#define BEGIN_WRITE (DMA_BUF_SYNC_START | DMA_BUF_SYNC_WRITE)
#define END_READ (DMA_BUF_SYNC_END | DMA_BUF_SYNC_READ)
#define END_WRITE (DMA_BUF_SYNC_END | DMA_BUF_SYNC_WRITE)

/* --- the device's --------------------------------------------------------------- */

ROOM void map_for_device(struct world *world, uint32_t dir)
{
	if (!world->importer)
		world->importer = new_import(world->fd);
	world->map = (struct importer_map){
		.dir = dir, .nr_ranges = NR_RANGES_MAX,
		.ranges = (uintptr_t)ranges,
	};
	EXPECT_EQ(import_map(world->importer, &world->map), 0);
	EXPECT(world->map.nr_ranges <= NR_RANGES_MAX);
	EXPECT_EQ(world->map.nr_pages, 0);
}

ROOM struct world new_mapped_world(uint32_t dir)
{
	struct world world = new_world();

	set_all(&world, OLD);
	map_for_device(&world, dir);
	return world;
}

ROOM uint64_t address_of(const struct world *world, uint64_t at)
{
	uint32_t i;

	for (i = 0; i < world->map.nr_ranges && at >= ranges[i].len; i++)
		at -= ranges[i].len;
	EXPECT(i < world->map.nr_ranges);
	return ranges[i].address + at;
}

ROOM uint32_t device_get(const struct world *world, uint32_t at)
{
	return import_peek(world->importer, address_of(world, at));
}

ROOM void device_set(const struct world *world, uint32_t at, uint32_t value)
{
	import_poke(world->importer, address_of(world, at), value);
}

ROOM void device_set_all(const struct world *world, uint32_t value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		device_set(world, places[i], value);
}

ROOM void expect_device_all(const struct world *world, uint32_t value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		EXPECT_EQ(device_get(world, places[i]), value);
}

/* What one side has written is not there for the other before it is handed over. */
ROOM uint32_t if_bounced(uint32_t bounced, uint32_t else_)
{
	return all_bounce() ? bounced : else_;
}

#endif
