// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * A heap whose buffers are contiguous. NA_HEAP names one.
 */
#define _GNU_SOURCE
#include "leaks.h"
#include "plant_audit.h"
#include "../../include/uapi/noalias.h"

#include <string.h>
#include <sys/mman.h>

#define BLOCK_MAX	(4 * MIB)

static size_t power_of_2(size_t len)
{
	size_t power = PAGE;

	while (power < len)
		power *= 2;
	return power;
}

/* Says whether the mapping's frames are one range; *first: where it begins. */
static bool is_one_range(const char *mem, size_t len, uint32_t *first)
{
	static uint32_t pfns[BLOCK_MAX / PAGE];
	uint32_t nr = (uint32_t)(len / PAGE), i;
	int bed = open_bed();

	EXPECT(nr <= ARRAY_SIZE(pfns));
	pfns_of(bed, mem, nr, pfns);
	close(bed);
	*first = pfns[0];
	for (i = 1; i < nr; i++)
		if (pfns[i] != pfns[0] + i)
			return false;
	return true;
}

/*
 * Also of lengths that are no power of two, of whose block the rest goes back.
 *
 * kills: buffer-contiguous-in-pieces, frames-of-a-cut-block-not-zeroed
 */
static void buffer_is_one_range(void)
{
	static const size_t lens[] = {
		PAGE, 3 * PAGE, 150 * PAGE, 450 * PAGE, 760 * PAGE,
		BLOCK_MAX - PAGE, BLOCK_MAX,
	};
	uint32_t first;
	size_t i, round;
	char *mem;

	for (round = 0; round < 2; round++)
		for (i = 0; i < ARRAY_SIZE(lens); i++) {
			mem = new_mapping(lens[i]);
			EXPECT(is_zero(mem, lens[i]));
			EXPECT(is_one_range(mem, lens[i], &first));
			EXPECT_EQ(first % (power_of_2(lens[i]) / PAGE), 0);
			memset(mem, 0x5a, lens[i]);
			EXPECT(!munmap(mem, lens[i]));
			EXPECT(wait_released());
		}
	expect_clean_audit();
}

/* kills: the rest of a block that is kept, or given back twice */
static void rest_of_block_is_free(void)
{
	const size_t len = BLOCK_MAX / 2 + PAGE;
	long before = read_free_kib(), taken;
	size_t i;

	for (i = 0; i < 16; i++)
		new_buffer(len);
	taken = before - read_free_kib();
	say("%zu buffers of %zu KiB take %ld KiB", i,
	    (size_t)(len / KIB), taken);
	EXPECT(taken < (long)(16 * len / KIB) + 8 * (long)KIB);
}

/* kills: heap-block-without-a-limit: -EINVAL, and no word why */
static void longer_than_a_block_is_refused(void)
{
	EXPECT_EQ(try_buffer(BLOCK_MAX + 1), -ENOMEM);
	EXPECT(refused("len", "4194304 bytes in one piece"));
	EXPECT_EQ(nr_held(), 0);
}

/* kills: heap-properties-not-told */
static void property_is_told(void)
{
	struct noalias_query_heap query = { 0 };
	int node = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC);
	uint32_t nr = 0, i;

	EXPECT(node >= 0);
	for (i = 0; !ioctl(node, NOALIAS_IOC_QUERY_HEAP, &query); i++) {
		EXPECT_EQ(query.properties == NOALIAS_IOC_HEAP_CONTIGUOUS,
			  !strncmp(query.name, "camera-", 7));
		nr += query.properties;
		query = (struct noalias_query_heap){ .index = i + 1 };
	}
	EXPECT_EQ(nr, 3);
	close(node);
}

static const struct guest_case cases[] = {
	CASE(buffer_is_one_range),
	CASE(rest_of_block_is_free),
	CASE(longer_than_a_block_is_refused),
	CASE(property_is_told),
};
GUEST_MAIN(cases)
