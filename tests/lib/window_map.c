// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Maps and runs by one thread: what they show, what is refused and with which
 * words.
 */
#define _GNU_SOURCE
#include "window_small.h"

/* --- pieces -------------------------------------------------------------------- */

/* kills: an offset inside the granule that gets lost; granules out of order */
static void map_odd_pieces_show_file(void)
{
	static const unsigned int lens[] = { 1, 7, 4095, 4096, 4097, 9000,
					     16384, 65537 };
	unsigned int granule, offset, i;
	static unsigned char text[NR_PAGES * PAGE];
	struct noalias_window *window;
	int fd = file_of(NR_PAGES);
	void *addr;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 2654435761u >> 24);
	EXPECT_EQ(pwrite(fd, text, sizeof(text), 0), sizeof(text));
	for (granule = PAGE; granule <= 64 * KIB; granule *= 4) {
		window = window_over(fd, OPTIONS(.granule = granule,
						 .nr_slots = 32));
		for (i = 0; i < 400; i++) {
			offset = i * 2654435761u % (NR_PAGES * PAGE - 65537);
			addr = map_at(window, offset, lens[i % 8]);
			EXPECT(!memcmp(addr, text + offset, lens[i % 8]));
			unmap(window, addr, lens[i % 8]);
		}
		window_close(window);
	}
}

/* kills: a write that stays in the window */
static void map_write_reaches_file(void)
{
	int fd = file_of(8);
	struct noalias_window *window = window_over(fd, OPTIONS(.nr_slots = 4));
	char *addr = map_at(window, PAGE - 2, 5), got[5];

	memcpy(addr, "abcde", 5);
	EXPECT_EQ(pread(fd, got, 5, PAGE - 2), 5);
	EXPECT(!memcmp(got, "abcde", 5));
	unmap(window, addr, 5);
	window_close(window);
}

/* kills: a second slot for a piece that is mapped */
static void map_same_piece_shares_slot(void)
{
	struct noalias_window *window = small(4);
	void *one = map_at(window, 3 * PAGE, PAGE);
	char *two = map_at(window, 3 * PAGE + 100, 8);

	EXPECT_EQ(two - (char *)one, 100);
	EXPECT_EQ(stats_of(window).live, 1);
	EXPECT_EQ(stats_of(window).hits, 1);
	unmap(window, one, PAGE);
	EXPECT_EQ(page_number(two - 100), 3);
	unmap(window, two, 8);
	EXPECT_EQ(stats_of(window).stale, 1);
	window_close(window);
}

/* kills: a map of less than was asked for */
static void map_longer_than_window_is_enospc(void)
{
	struct noalias_window *window = small(4);
	void *addr;

	addr = map_at(window, 0, 4 * PAGE);
	unmap(window, addr, 4 * PAGE);
	EXPECT_ERROR(noalias_window_map(window, 0, 4 * PAGE + 1, &addr),
		     ENOSPC, "granules than the window has slots, 4");
	/* Odd ends: four pages in length, five granules. */
	EXPECT_ERROR(noalias_window_map(window, 1, 4 * PAGE, &addr), ENOSPC,
		     "slots, 4");
	EXPECT_EQ(stats_of(window).live, 0);
	window_close(window);
}

#if SIZE_MAX > UINT32_MAX	/* where lengths can be so large */
/* kills: a count of granules that wraps at 2^32 */
static void map_4g_granules_is_enospc(void)
{
	const uint64_t len = 1ull << 44;
	int fd = file_of(1);
	struct noalias_window *window;
	void *addr;

	EXPECT(!ftruncate(fd, (off_t)len + PAGE));
	window = window_over(fd, OPTIONS(.nr_slots = 4, .local_depth = 1));
	EXPECT_ERROR(noalias_window_map(window, 0, (size_t)len, &addr), ENOSPC,
		     "slots, 4");
	EXPECT_ERROR(noalias_window_map(window, 0, (size_t)len + PAGE, &addr),
		     ENOSPC, "slots, 4");
	EXPECT_ERROR(noalias_window_local_map(window, 0, (size_t)len + PAGE,
					      &addr), EINVAL, "granules");
	window_close(window);
}

/* kills: a purge of the first piece only when the length has 33 bits */
static void purge_4g_granules_reaches_all(void)
{
	const uint64_t len = 1ull << 44;
	int fd = file_of(4);
	struct noalias_window *window;
	void *addr;

	EXPECT(!ftruncate(fd, (off_t)len + PAGE));
	window = window_over(fd, OPTIONS(.nr_slots = 4));
	check_page(window, 2);
	addr = map_at(window, len, 1);
	unmap(window, addr, 1);
	EXPECT_EQ(noalias_window_purge(window, 0, len + PAGE), 0);
	EXPECT_EQ(stats_of(window).stale, 0);
	window_close(window);
}
#endif

/* kills: arithmetic that wraps; lengths of nothing */
static void map_refuses_bad_pieces(void)
{
	struct noalias_window *window = small(4);
	void *addr = (void *)1;

	EXPECT_ERROR(noalias_window_map(window, 0, 0, &addr), EINVAL,
		     "len is 0");
	EXPECT_ERROR(noalias_window_map(window, NR_PAGES * PAGE, 1, &addr),
		     ERANGE, "offset 1048576, len 1: the file ends at 1048576");
	EXPECT_ERROR(noalias_window_map(window, NR_PAGES * PAGE - 1, 2, &addr),
		     ERANGE, "the file ends at 1048576");
	EXPECT_ERROR(noalias_window_map(window, UINT64_MAX, 1, &addr), EFBIG,
		     "offset 18446744073709551615, len 1: length_max is ");
	EXPECT_ERROR(noalias_window_map(window, UINT64_MAX, 2, &addr), EFBIG,
		     "length_max is ");
	EXPECT_ERROR(noalias_window_map(window, 1, SIZE_MAX, &addr),
		     sizeof(size_t) == 8 ? EFBIG : ERANGE, "offset 1, len ");
	EXPECT(addr == (void *)1);
	window_close(window);
}

/* kills: a counter of users that overflows into the state */
static void map_nests_8191_times(void)
{
	struct noalias_window *window = small(4);
	unsigned int i;
	void *addr, *more;

	for (i = 0; i < 8191; i++)
		addr = map_at(window, 5 * PAGE, 1);
	EXPECT_ERROR(noalias_window_map(window, 5 * PAGE, 1, &more), EOVERFLOW,
		     "offset 20480: the granule has 8191 maps, the limit");
	/* A run finds a row of its own. */
	more = map_at(window, 4 * PAGE, 2 * PAGE);
	EXPECT_EQ(page_number((char *)more + PAGE), 5);
	unmap(window, more, 2 * PAGE);
	for (i = 0; i < 8191; i++)
		unmap(window, addr, 1);
	EXPECT_ERROR(noalias_window_unmap(window, addr, 1), EINVAL,
		     "not mapped");
	window_close(window);
}

/* --- unmap ------------------------------------------------------------------------ */

/* kills: a second unmap that ends somebody else's map, or a count below 0 */
static void unmap_twice_is_einval(void)
{
	struct noalias_window *window = small(4);
	void *addr = map_at(window, PAGE, 10);

	unmap(window, addr, 10);
	EXPECT_ERROR(noalias_window_unmap(window, addr, 10), EINVAL,
		     "len 10: not mapped");
	addr = map_at(window, PAGE, 3 * PAGE);
	unmap(window, addr, 3 * PAGE);
	EXPECT_ERROR(noalias_window_unmap(window, addr, 3 * PAGE), EINVAL,
		     "len 12288: not mapped");
	check_page(window, 1);
	window_close(window);
}

/* kills: an address taken for a slot that is none */
static void unmap_foreign_address_is_einval(void)
{
	struct noalias_window *window = small(4), *other = small(4);
	char *addr = map_at(window, 0, PAGE), *base;
	char *theirs = map_at(other, 0, PAGE);
	unsigned int on_stack, i;
	void *const bad[] = { NULL, (void *)-1, (void *)-PAGE, &on_stack,
			      malloc(1), theirs };

	base = addr;
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_ERROR(noalias_window_unmap(window, bad[i], PAGE),
			     EINVAL, "not mapped");
	EXPECT_ERROR(noalias_window_unmap(window, base - 1, 1), EINVAL, "");
	EXPECT_ERROR(noalias_window_unmap(window, base - 1, 2), EINVAL, "");
	EXPECT_ERROR(noalias_window_unmap(window, base + PAGE, 1), EINVAL, "");
	EXPECT_ERROR(noalias_window_unmap(window, base + 4 * PAGE, 1), EINVAL,
		     "not mapped");
	EXPECT_ERROR(noalias_window_unmap(window, addr, 0), EINVAL, "len 0");
	EXPECT_ERROR(noalias_window_unmap(window, addr, PAGE + 1), EINVAL, "");
	EXPECT_ERROR(noalias_window_unmap(window, addr, SIZE_MAX), EINVAL, "");
	EXPECT_EQ(stats_of(window).live, 1);
	EXPECT_EQ(stats_of(other).live, 1);
	free(bad[4]);
	unmap(window, addr, PAGE);
	unmap(other, theirs, PAGE);
	window_close(window);
	window_close(other);
}

/* kills: half a run given back when the other half is not ours */
static void unmap_more_than_mapped_does_nothing(void)
{
	struct noalias_window *window = small(4);
	char *addr = map_at(window, 0, 2 * PAGE);

	EXPECT_ERROR(noalias_window_unmap(window, addr, 3 * PAGE), EINVAL,
		     "not mapped");
	EXPECT_EQ(stats_of(window).live, 2);
	unmap(window, addr, 2 * PAGE);
	window_close(window);
}

static const struct tap_case cases[] = {
	TAP(map_odd_pieces_show_file),
	TAP(map_write_reaches_file),
	TAP(map_same_piece_shares_slot),
	TAP(map_longer_than_window_is_enospc),
	TAP(map_refuses_bad_pieces),
	TAP(map_nests_8191_times),
	TAP(unmap_twice_is_einval),
	TAP(unmap_foreign_address_is_einval),
	TAP(unmap_more_than_mapped_does_nothing),
#if SIZE_MAX > UINT32_MAX
	TAP(map_4g_granules_is_enospc),
	TAP(purge_4g_granules_reaches_all),
#endif
};

TAP_MAIN(cases)
