// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The file's end while windows look at it, and the address space as the
 * kernel tells it: what a window says is mapped is mapped so, and the rest is
 * reserved.
 */
#define _GNU_SOURCE
#include "window_tools.h"

#include <signal.h>
#include <sys/syscall.h>

/* --- the end of the file --------------------------------------------------------- */

/* kills: an end remembered for ever */
static void map_after_growth_is_accepted(void)
{
	int fd = file_of(2);
	struct noalias_window *window = window_over(fd, OPTIONS(.nr_slots = 4));
	void *addr;

	EXPECT_ERROR(noalias_window_map(window, 2 * PAGE, 1, &addr), ERANGE,
		     "offset 8192, len 1: the file ends at 8192");
	EXPECT(!ftruncate(fd, 4 * PAGE));
	file_number(fd, 4);
	check_page(window, 3);
	EXPECT_ERROR(noalias_window_map(window, 3 * PAGE, PAGE + 1, &addr),
		     ERANGE, "the file ends at 16384");
	window_close(window);
}

/* kills: SIGBUS for a piece that map said is there */
static void map_last_bytes_of_odd_file(void)
{
	int fd = file_of(1);
	struct noalias_window *window;
	unsigned int granule;
	void *addr;
	char *last;

	EXPECT(!ftruncate(fd, PAGE + 1000));
	for (granule = PAGE; granule <= 64 * KIB; granule *= 16) {
		window = window_over(fd, OPTIONS(.granule = granule));
		last = map_at(window, PAGE + 999, 1);
		*last = 1;
		EXPECT_ERROR(noalias_window_map(window, PAGE + 999, 2, &addr),
			     ERANGE, "the file ends at 5096");
		unmap(window, last, 1);
		window_close(window);
	}
}

/* kills: a slot that a local map keeps when it is refused */
static void local_map_after_shrink_keeps_no_slot(void)
{
	int fd = file_of(4);
	struct noalias_window *window = window_over(fd, OPTIONS(.nr_slots = 4,
							.local_depth = 1));
	void *addr;

	/* The window still believes in four pages. */
	EXPECT(!ftruncate(fd, 2 * PAGE));
	EXPECT_ERROR(noalias_window_local_map(window, 3 * PAGE, 1, &addr),
		     ERANGE, "the file ends at 8192");
	EXPECT_EQ(noalias_window_local_map(window, PAGE, 1, &addr), 0);
	EXPECT_EQ(page_number(addr), 1);
	EXPECT_EQ(noalias_window_local_unmap(window, addr), 0);
	window_close(window);
}

/* kills: a stale mapping of what was cut off handed out: SIGBUS */
static void map_after_shrink_is_refused(void)
{
	int fd = file_of(4);
	struct noalias_window *window = window_over(fd, OPTIONS(.nr_slots = 4,
							.local_depth = 1));
	void *addr, *live;

	check_page(window, 3);
	live = map_at(window, 3 * PAGE, PAGE);
	EXPECT(!ftruncate(fd, 2 * PAGE));
	EXPECT_EQ(signal_of(live, false), SIGBUS);
	EXPECT_ERROR(noalias_window_map(window, 3 * PAGE, PAGE, &addr), ERANGE,
		     "offset 12288, len 4096: the file ends at 8192");
	EXPECT_EQ(stats_of(window).live, 1);
	unmap(window, live, PAGE);
	EXPECT_ERROR(noalias_window_map(window, 3 * PAGE, 1, &addr), ERANGE,
		     "the file ends at 8192");
	EXPECT_ERROR(noalias_window_map(window, PAGE, 2 * PAGE, &addr), ERANGE,
		     "the file ends at 8192");
	EXPECT_ERROR(noalias_window_local_map(window, 2 * PAGE, 1, &addr),
		     ERANGE, "the file ends at 8192");
	EXPECT_EQ(stats_of(window).live, 0);
	check_page(window, 1);
	EXPECT(!ftruncate(fd, 4 * PAGE));
	file_number(fd, 4);
	check_page(window, 3);
	window_close(window);
}

/* Takes the descriptor that the window has for its own. */
static struct noalias_window *blind_window(int fd, uint32_t flags)
{
	int next = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	struct noalias_window *window;

	close(next);
	window = window_over(fd, OPTIONS(.nr_slots = 4, .flags = flags,
					 .local_depth = 1));
	check_page(window, 1);
	EXPECT(!close(next));
	return window;
}

static void expect_no_question(int fd, uint32_t flags)
{
	struct noalias_window *window = blind_window(fd, flags);
	void *addr;

	check_page(window, 1);
	EXPECT_ERROR(noalias_window_map(window, 4 * PAGE, 1, &addr), EBADF,
		     "the file's length: Bad file descriptor");
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 0), fd + 1);
	window_close(window);
}

/* kills: a system call at each map of a file that cannot shrink */
static void map_asks_length_only_where_it_may_shrink(void)
{
	struct noalias_window *window;
	int fd = file_of(4);
	void *addr;

	expect_no_question(fd, NOALIAS_WINDOW_NO_SHRINK);
	fd = file_of(4);
	window = blind_window(fd, 0);
	EXPECT_ERROR(noalias_window_map(window, PAGE, 1, &addr), EBADF,
		     "the file's length");
	EXPECT_EQ(stats_of(window).live, 0);
	EXPECT_EQ(fcntl(fd, F_DUPFD_CLOEXEC, 0), fd + 1);
	window_close(window);
	fd = file_of(4);
	file_seal(fd);
	expect_no_question(fd, 0);
}

/* --- the address space ------------------------------------------------------------- */

#define NR_PAGES 64u
#define NR_SLOTS 24u
#define NR_LIVE 10u

struct live {
	char *addr;
	unsigned int page, nr;
};

/* What a slot shows is what pages there begin with; and whether it is right. */
static void expect_slot(const char *slot, const char *prot, bool is_live,
			unsigned int page)
{
	struct area area;

	EXPECT(area_at(slot, &area));
	if (!strcmp(area.prot, "---p")) {
		EXPECT(!is_live);
		EXPECT(!area.inode);
		return;
	}
	EXPECT_STR(area.prot, prot);
	EXPECT(area.inode);
	if (is_live)
		EXPECT_EQ(area.offset + ((unsigned long)slot - area.start),
			  page * PAGE);
}

static bool slot_is_live(const struct live *lives, const char *slot,
			 unsigned int *page)
{
	unsigned int i;

	for (i = 0; i < NR_LIVE; i++) {
		if (!lives[i].addr || slot < lives[i].addr ||
		    slot >= lives[i].addr + lives[i].nr * PAGE)
			continue;
		*page = lives[i].page + (unsigned int)(slot - lives[i].addr) /
					PAGE;
		return true;
	}
	return false;
}

static void expect_agreement(struct noalias_window *window, char *base,
			     const struct live *lives, const char *prot)
{
	struct noalias_window_stats stats = stats_of(window);
	unsigned int idx, page = 0, nr_live = 0, nr_mapped = 0;
	bool is_live;

	for (idx = 0; idx < NR_SLOTS; idx++) {
		is_live = slot_is_live(lives, base + idx * PAGE, &page);
		expect_slot(base + idx * PAGE, prot, is_live, page);
		nr_live += is_live;
		nr_mapped += !is_guarded(base + idx * PAGE);
	}
	EXPECT_EQ(stats.live, nr_live);
	EXPECT_EQ(stats.stale, nr_mapped - nr_live);
	EXPECT_EQ(stats.lost, 0);
	EXPECT(is_guarded(base + NR_SLOTS * PAGE));
}

static void map_some(struct noalias_window *window, struct live *live,
		     unsigned int choice)
{
	unsigned int nr = choice % 4 + 1, page = choice / 4 % (NR_PAGES - 4);
	void *addr;
	int err = noalias_window_map_timeout(window, page * PAGE, nr * PAGE, 0,
					     &addr);

	if (err == -ETIMEDOUT)
		return;
	EXPECT_EQ(err, 0);
	live->addr = addr;
	live->page = page;
	live->nr = nr;
}

static void random_step(struct noalias_window *window, struct live *lives,
			unsigned int choice)
{
	struct live *live = &lives[choice % NR_LIVE];
	int err;

	if (choice % 97 == 0) {
		EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	} else if (choice % 13 == 0) {
		err = noalias_window_purge(window, choice / 13 % 50 * PAGE,
					   8 * PAGE);
		EXPECT(!err || err == -EBUSY);
	} else if (live->addr) {
		unmap(window, live->addr, live->nr * PAGE);
		live->addr = NULL;
	} else {
		map_some(window, live, choice / NR_LIVE);
	}
}

static unsigned int next_choice(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void walk(uint32_t flags, const char *prot)
{
	struct live lives[NR_LIVE] = { { .addr = NULL } };
	struct noalias_window *window = window_over(file_of(NR_PAGES),
			OPTIONS(.nr_slots = NR_SLOTS, .flags = flags));
	char *base = first_slot(window);
	uint32_t seed = 4711;
	unsigned int i;

	for (i = 0; i < 3000; i++) {
		random_step(window, lives, next_choice(&seed));
		if (i % 50 == 0)
			expect_agreement(window, base, lives, prot);
	}
	for (i = 0; i < NR_LIVE; i++)
		if (lives[i].addr)
			unmap(window, lives[i].addr, lives[i].nr * PAGE);
	EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	memset(lives, 0, sizeof(lives));
	expect_agreement(window, base, lives, prot);
	EXPECT_EQ(stats_of(window).stale, 0);
	window_close(window);
}

/* kills: a slot that shows another page, or can be written, or was left open */
static void maps_agree_with_kernel(void)
{
	walk(0, "rw-s");
	walk(NOALIAS_WINDOW_READONLY, "r--s");
	walk(NOALIAS_WINDOW_TRACK, "rw-s");
}

/* --- the limit of mappings ------------------------------------------------------------- */

/* Eats mappings until mmap() says no; every other page, so that none join. */
static char *eat_mappings(size_t *len)
{
	size_t i, nr = 70000;
	char *food = mmap(NULL, nr * PAGE, PROT_NONE, MAP_PRIVATE |
			  MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	EXPECT(food != MAP_FAILED);
	*len = nr * PAGE;
	for (i = 0; i < nr; i += 2)
		if (mprotect(food + i * PAGE, PAGE, PROT_READ))
			break;
	if (i >= nr)
		tap_skip("vm.max_map_count is beyond 70000");
	/* The last ones, in case that a split needs two. */
	for (i = 1; i < 8; i++)
		if (mmap(NULL, PAGE, i % 2 ? PROT_READ : PROT_NONE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
			break;
	return food;
}

/*
 * In parts: GCC 14's ASan maps the shadow of a large munmap() anew before it, and
 * ends the program where that mapping cannot be had.
 */
static void give_mappings_back(char *food, size_t len)
{
	size_t at, part = 64 * PAGE;

	for (at = 0; at < len; at += part)
		EXPECT(!munmap(food + at, len - at < part ? len - at : part));
}

/* Bit 63 of a page's entry: it is in the page table. */
static bool is_resident(const void *addr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;

	EXPECT(fd >= 0);
	EXPECT_EQ(pread(fd, &entry, 8, (off_t)((size_t)addr / PAGE * 8)), 8);
	close(fd);
	return entry >> 63;
}

/* kills: a failed mmap() that costs the slot */
static void map_at_limit_is_enomem_and_recovers(void)
{
	int fd = file_of(64);
	struct noalias_window *window = window_over(fd, OPTIONS(.nr_slots = 16,
			.flags = NOALIAS_WINDOW_NO_SHRINK));
	unsigned int i, nr_failed = 0;
	void *held[16], *addr;
	size_t len;
	char *food = eat_mappings(&len);
	int err;

	for (i = 0; i < 16; i++) {
		held[i] = NULL;
		err = noalias_window_map(window, i * 3 * PAGE, 1, &held[i]);
		EXPECT(!err || err == -ENOMEM);
		nr_failed += err == -ENOMEM;
	}
	EXPECT(nr_failed);
	EXPECT(strstr(noalias_error_message(), "mmap: Cannot allocate memory (vm.max_map_count?)"));
	EXPECT_EQ(stats_of(window).lost, 0);
	give_mappings_back(food, len);
	for (i = 0; i < 16; i++)
		if (held[i])
			unmap(window, held[i], 1);
	addr = map_at(window, 0, 16 * PAGE);
	unmap(window, addr, 16 * PAGE);
	EXPECT_EQ(stats_of(window).lost, 0);
	window_close(window);
}

/* kills: stale slots kept while there is no mapping to be had */
static void map_at_limit_takes_stale_mappings(void)
{
	struct noalias_window *window = window_over(file_of(64),
			OPTIONS(.nr_slots = 16));
	unsigned int i;
	size_t len;
	char *food;

	for (i = 0; i < 12; i++)
		check_page(window, i * 3);
	food = eat_mappings(&len);
	/* Beyond the limit the kernel makes none, not even in place of many. */
	EXPECT(!munmap(food, 2 * PAGE));
	for (i = 0; i < 40; i++)
		check_page(window, i * 7 % 64);
	EXPECT_EQ(stats_of(window).lost, 0);
	give_mappings_back(food, len);
	window_close(window);
}

/* Slots 3, 7 and 11 of a full window are stale, and no mapping is to be had. */
struct tight {
	struct noalias_window *window;
	char *addr, *food;
	size_t len;
};

static struct tight make_tight(bool is_locked)
{
	struct tight tight = {
		.window = window_over(file_of(64), OPTIONS(.nr_slots = 16)),
	};
	unsigned int i;

	tight.addr = map_at(tight.window, 0, 16 * PAGE);
	if (is_locked)
		EXPECT(!syscall(SYS_mlock, tight.addr, 16 * PAGE));
	for (i = 3; i < 12; i += 4) {
		EXPECT_EQ(page_number(tight.addr + i * PAGE), i);
		unmap(tight.window, tight.addr + i * PAGE, PAGE);
	}
	tight.food = eat_mappings(&tight.len);
	return tight;
}

static void relax(struct tight *tight)
{
	unsigned int i;

	give_mappings_back(tight->food, tight->len);
	for (i = 0; i < 16; i++)
		if (i % 4 != 3 || i == 15)
			unmap(tight->window, tight->addr + i * PAGE, PAGE);
}

/*
 * Pages in a row are one mapping to the kernel; to unmap its middle takes two
 * mappings more.
 * kills: a slot given up for a limit that passes; a set that takes what was
 * left there for somebody else's
 */
static void purge_at_limit_loses_nothing(void)
{
	struct tight tight = make_tight(false);
	struct noalias_window *window = tight.window;
	unsigned int i, nr_held = 0, nr_failed = 0;
	void *held[5];
	char *addr;
	int err;

	EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	EXPECT_EQ(stats_of(window).stale, 0);
	for (i = 40; i < 60; i += 4) {
		err = noalias_window_map_timeout(window, i * PAGE, 1, 0,
						 &held[nr_held]);
		EXPECT(!err || err == -ENOMEM);
		nr_held += !err;
		nr_failed += !!err;
	}
	EXPECT(nr_failed);
	while (nr_held)
		unmap(window, held[--nr_held], 1);
	EXPECT_EQ(stats_of(window).lost, 0);
	relax(&tight);
	addr = map_at(window, 20 * PAGE, 16 * PAGE);
	for (i = 0; i < 16; i++)
		EXPECT_EQ(page_number(addr + i * PAGE), 20 + i);
	unmap(window, addr, 16 * PAGE);
	EXPECT_EQ(noalias_kmap_flush_unused(window), 0);
	for (i = 0; i < 16; i++)
		EXPECT(is_guarded(addr + i * PAGE));
	window_close(window);
}

/* kills: a page that stays in the page tables when it cannot be unmapped */
static void purge_at_limit_drops_entries(void)
{
	struct tight tight = make_tight(false);
	unsigned int i, nr_left = 0;

	for (i = 3; i < 12; i += 4) {
		EXPECT(is_resident(tight.addr + i * PAGE));
		EXPECT_EQ(noalias_window_purge(tight.window, i * PAGE, PAGE),
			  0);
		EXPECT(!is_resident(tight.addr + i * PAGE));
		nr_left += !is_guarded(tight.addr + i * PAGE);
	}
	EXPECT(nr_left);
	EXPECT_EQ(stats_of(tight.window).lost, 0);
	relax(&tight);
	window_close(tight.window);
}

/*
 * A mmap() that fails may have unmapped what was there, and another thread is
 * quicker than we.
 * kills: a slot given out again that somebody else has by now
 */
static void slot_that_another_took_is_lost(void)
{
	struct noalias_window *window = window_over(file_of(8),
						    OPTIONS(.nr_slots = 2));
	void *const *lost = lose_next_slot();
	struct area area;
	void *addr;
	unsigned int page;

	if (!noalias_window_map(window, 0, 1, &addr))
		unmap(window, addr, 1);
	EXPECT(*lost);
	EXPECT_EQ(stats_of(window).lost, 1);
	for (page = 0; page < 8; page++)
		check_page(window, page);
	EXPECT(area_at(*lost, &area));
	EXPECT(!strcmp(area.prot, "r--p") && !area.inode);
	/* What the engine knows of a slot that it gave up stays. */
	fflush(stdout);
	_exit(0);
}

/*
 * Locked memory can be neither unmapped at the limit nor dropped.
 * kills: an abort in close; addresses that close keeps; a loss untold
 */
static void close_with_lost_slots_gives_addresses_back(void)
{
	struct tight tight = make_tight(true);
	struct area area;
	unsigned int i;

	EXPECT_EQ(noalias_window_purge(tight.window, 3 * PAGE, PAGE), 0);
	EXPECT_ERROR(noalias_window_purge(tight.window, 7 * PAGE, PAGE), EIO,
		     "a slot is lost");
	EXPECT_EQ(stats_of(tight.window).lost, 1);
	relax(&tight);
	check_page(tight.window, 40);
	window_close(tight.window);
	for (i = 0; i < 17; i++)
		EXPECT(!area_at(tight.addr + i * PAGE, &area));
	/* What the engine knows of a slot that it gave up stays. */
	fflush(stdout);
	_exit(0);
}

static const struct tap_case cases[] = {
	TAP(map_after_growth_is_accepted),
	TAP(map_last_bytes_of_odd_file),
	TAP(local_map_after_shrink_keeps_no_slot),
	TAP(map_after_shrink_is_refused),
	TAP(map_asks_length_only_where_it_may_shrink),
	TAP(maps_agree_with_kernel),
	TAP(slot_that_another_took_is_lost),
	TAP(map_at_limit_is_enomem_and_recovers),
	TAP(map_at_limit_takes_stale_mappings),
	TAP(purge_at_limit_loses_nothing),
	TAP(purge_at_limit_drops_entries),
	TAP(close_with_lost_slots_gives_addresses_back),
};

TAP_MAIN(cases)
