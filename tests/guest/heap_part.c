// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The sync of a part of a buffer: what of a cached one is handed over, and what is
 * refused. tests/vm/bounce.sh sees that the rest is not.
 */
#define _GNU_SOURCE
#include "heap_turns.h"
#include "status_node.h"

static int try_part(int fd, uint32_t flags, uint64_t offset, uint64_t len)
{
	struct noalias_sync sync = {
		.fd = fd, .flags = flags, .offset = offset, .len = len,
	};
	int node = open_node(), err = ask(node, NOALIAS_IOC_SYNC, &sync);

	close(node);
	return err;
}

static void sync_part(const struct world *world, uint32_t flags,
		      uint64_t offset, uint64_t len)
{
	EXPECT_EQ(try_part(world->fd, flags, offset, len), 0);
}

/* Words around each border of [@first, @first + @len), and far from it. */
static void expect_device_part(const struct world *world, uint32_t first,
			       uint32_t len)
{
	uint32_t end = first + len, at;

	for (at = 0; at < LEN; at += at % PAGE == 0 ? 4 : PAGE - 4)
		EXPECT_EQ(device_get(world, at), if_bounced(
			at >= first && at < end ? NEW : OLD, NEW));
	EXPECT_EQ(device_get(world, first), NEW);
	EXPECT_EQ(device_get(world, end - 4), NEW);
	if (first)
		EXPECT_EQ(device_get(world, first - 4), if_bounced(OLD, NEW));
	if (end < LEN)
		EXPECT_EQ(device_get(world, end), if_bounced(OLD, NEW));
}

/* Within a page, across pages, to the end, and one word. */
static const struct { uint32_t first, len; } parts[] = {
	{ 4, 4 }, { 2 * PAGE - 8, 16 }, { 3 * PAGE, 5 * PAGE },
	{ LEN - 1000, 1000 }, { 0, 12 }, { PAGE + 44, 30 * PAGE },
};

static void set_each(const struct world *world, uint32_t value)
{
	uint32_t at;

	for (at = 0; at < LEN; at += 4)
		set(world, at, value);
}

/* kills: sync-part-is-all; sync-part-at-its-beginning: a part handed over elsewhere */
static void end_of_a_part_hands_it_over(void)
{
	struct world world = new_mapped_world(DMA_BIDIRECTIONAL);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		set_each(&world, OLD);
		sync_all(&world, END_WRITE);
		set_each(&world, NEW);
		sync_part(&world, END_WRITE, parts[i].first, parts[i].len);
		expect_device_part(&world, parts[i].first, parts[i].len);
	}
}

/* kills: a part fetched with what is around it, or the wrong one */
static void begin_of_a_part_fetches_it(void)
{
	struct world world = new_mapped_world(DMA_FROM_DEVICE);
	uint32_t first = 2 * PAGE - 8, at;

	set_each(&world, OLD);
	for (at = first - 4; at < first + 20; at += 4)
		device_set(&world, at, NEW);
	sync_part(&world, BEGIN_READ, first, 16);
	EXPECT_EQ(get(&world, first - 4), if_bounced(OLD, NEW));
	for (at = first; at < first + 16; at += 4)
		EXPECT_EQ(get(&world, at), NEW);
	EXPECT_EQ(get(&world, first + 16), if_bounced(OLD, NEW));
}

/* kills: a part within an entry of the table that has more than a page */
static void part_of_megabytes(void)
{
	struct world world = { .fd = new_buffer(2 * MIB) };
	uint32_t at = MIB + 300 * KIB + 8;

	world.mem = map_buffer(world.fd, 2 * MIB);
	map_for_device(&world, DMA_BIDIRECTIONAL);
	set(&world, at - 4, NEW);
	set(&world, at, NEW);
	set(&world, at + 4, NEW);
	sync_part(&world, END_WRITE, at, 4);
	EXPECT_EQ(device_get(&world, at - 4), if_bounced(0, NEW));
	EXPECT_EQ(device_get(&world, at), NEW);
	EXPECT_EQ(device_get(&world, at + 4), if_bounced(0, NEW));
}

/* A device that takes pieces of 512 bytes: many entries a page. */
static void part_of_small_segments(void)
{
	struct importer_odd odd = { .mask_bits = 64, .segment_len = 512 };
	struct world world = { .fd = new_buffer(4 * PAGE) };

	world.mem = map_buffer(world.fd, 4 * PAGE);
	world.importer = new_odd_import(world.fd, odd);
	map_for_device(&world, DMA_BIDIRECTIONAL);
	EXPECT_EQ(world.map.nr_ranges, 4 * PAGE / 512);
	set(&world, 3 * 512 - 4, NEW);
	set(&world, 3 * 512, NEW);
	set(&world, 5 * 512, NEW);
	sync_part(&world, END_WRITE, 3 * 512 - 2, 1 * 512);
	EXPECT_EQ(device_get(&world, 3 * 512), NEW);
	EXPECT_EQ(device_get(&world, 5 * 512), if_bounced(0, NEW));
	sync_part(&world, END_WRITE, 3 * 512 - 4, 4);
	EXPECT_EQ(device_get(&world, 3 * 512 - 4), NEW);
}

/* kills: sync-part-past-the-end: a length that wraps around */
static void part_outside_is_refused(void)
{
	int fd = new_buffer(LEN);

	EXPECT_EQ(try_part(fd, BEGIN_READ, LEN, 1), -EINVAL);
	EXPECT(refused("sync offset", "a byte of the buffer"));
	EXPECT_EQ(try_part(fd, BEGIN_READ, UINT64_MAX, 2), -EINVAL);
	EXPECT(refused("sync offset", "a byte of the buffer"));
	EXPECT_EQ(try_part(fd, BEGIN_READ, 1, LEN), -EINVAL);
	EXPECT(refused("sync len", "1 or more, to the end of the buffer"));
	EXPECT_EQ(told_value(), LEN);
	EXPECT_EQ(try_part(fd, END_WRITE, 1, UINT64_MAX), -EINVAL);
	EXPECT_EQ(try_part(fd, END_WRITE, PAGE, UINT64_MAX - PAGE + 1), -EINVAL);
	EXPECT_EQ(try_part(fd, END_WRITE, 0, 0), -EINVAL);
	EXPECT(refused("sync len", "1 or more, to the end of the buffer"));
	EXPECT_EQ(try_part(fd, END_WRITE, LEN - 1, 1), 0);
	EXPECT_EQ(try_part(fd, END_WRITE, 0, LEN), 0);
}

/* kills: sync-of-any-flags: flags that a later version has, taken for nothing */
static void part_with_odd_flags_is_refused(void)
{
	int fd = new_buffer(LEN);

	EXPECT_EQ(try_part(fd, 8 | BEGIN_READ, 0, 1), -EINVAL);
	EXPECT(refused("query flags", "DMA_BUF_SYNC_READ, _WRITE, _START, _END"));
	EXPECT_EQ(try_part(fd, 0, 0, 1), -EINVAL);
	EXPECT(refused("sync flags", "DMA_BUF_SYNC_READ, _WRITE or both"));
	EXPECT_EQ(try_part(fd, DMA_BUF_SYNC_END, 0, 1), -EINVAL);
	EXPECT_EQ(try_part(-1, BEGIN_READ, 0, 1), -EBADF);
	EXPECT(refused("query fd", "an open descriptor"));
	EXPECT_EQ(try_part(0, BEGIN_READ, 0, 1), -EINVAL);
	EXPECT(refused("query fd", "a dma-buf"));
}

static void part_with_reserved_bytes_is_refused(void)
{
	struct noalias_sync sync = {
		.fd = new_buffer(LEN), .flags = BEGIN_READ, .len = 1,
		.reserved = { 0, 1ull << 40 },
	};
	int node = open_node();

	EXPECT_EQ(ask(node, NOALIAS_IOC_SYNC, &sync), -EINVAL);
	EXPECT(refused("query reserved", "0"));
	EXPECT_EQ(ask(node, NOALIAS_IOC_SYNC, (void *)16ul), -EFAULT);
	EXPECT(refused("query address", "memory that the caller may read"));
	close(node);
}

/* kills: a part of an uncached buffer that is refused */
static void part_of_uncached_buffer_is_synced(void)
{
	int fd;

	EXPECT(!setenv("NA_HEAP", "system-writecombine", 1));
	fd = new_buffer(LEN);
	EXPECT_EQ(try_part(fd, BEGIN_WRITE, PAGE, 7), 0);
	EXPECT_EQ(try_part(fd, END_WRITE, PAGE, 7), 0);
	EXPECT_EQ(try_part(fd, END_READ, LEN, 1), -EINVAL);
	close(fd);
}

static const struct guest_case cases[] = {
	CASE(end_of_a_part_hands_it_over),
	CASE(begin_of_a_part_fetches_it),
	CASE(part_of_megabytes),
	CASE(part_of_small_segments),
	CASE(part_outside_is_refused),
	CASE(part_with_odd_flags_is_refused),
	CASE(part_with_reserved_bytes_is_refused),
	CASE_PAT(part_of_uncached_buffer_is_synced),
};
GUEST_MAIN(cases)
