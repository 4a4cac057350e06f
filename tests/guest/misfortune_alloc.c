// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Allocation that fails half way.
 *
 * Each call below is made to fail at its first, second, third ... use within
 * one system call, once or from then on, until the system call makes no further
 * use. Each time the allocation is either undone or complete.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NR_OF_BLOCK 16u
#define NR_BLOCKS 19u
#define NR 300u			/* 18 * 16 + 12 */
#define LEN (NR * PAGE)
#define RW (PROT_READ | PROT_WRITE)

/* A buffer that came through a failure must be as good as any. */
static void expect_good_buffer(int fd)
{
	char *mem = map_buffer(fd, LEN);

	EXPECT(is_zero(mem, LEN));
	fill(mem, LEN, 5);
	EXPECT(holds(mem, LEN, 5));
	expect_no_alias(mem, LEN);
	munmap(mem, LEN);
	close(fd);
}

/* @nr_min: so many calls must be there to fail. @fatal: none can be spared. */
struct failing {
	const char *symbol;
	long value;
	unsigned long nr_min;
	bool all;
	bool fatal;
};

/* One allocation with the nth call failing. Return: was it reached? */
static bool alloc_with(int heap, const struct failing *failing,
		       unsigned long nth)
{
	unsigned int nr_fds = nr_open_fds();
	struct calls calls;
	int fd;

	fail_call(failing->symbol, nth, failing->all, failing->value);
	fd = alloc_on(heap, LEN);
	calls = fail_off();
	if (fd < 0 && (!calls.failed ||
		       (fd != -ENOMEM && fd != failing->value)))
		say("call %lu of %s: errno %d", nth, failing->symbol, -fd);
	EXPECT(fd >= 0 || fd == -ENOMEM || fd == failing->value);
	EXPECT(fd >= 0 || calls.failed);
	EXPECT(fd < 0 || !calls.failed || !failing->fatal);
	if (fd >= 0)
		expect_good_buffer(fd);
	EXPECT_EQ(nr_open_fds(), nr_fds);
	EXPECT(!nr_held());
	return calls.failed;
}

static void sweep(struct failing failing)
{
	unsigned long nth = 1;
	int heap = open_heap();

	memory_in_pieces(NR_OF_BLOCK);
	/* The first request also opens what later ones use. */
	fail_call(failing.symbol, 1000000, false, 0);
	fail_off();
	while (alloc_with(heap, &failing, nth) && nth < 200)
		nth++;
	EXPECT(nth < 200);
	if (nth <= failing.nr_min)
		say("%s was called %lu times only", failing.symbol, nth - 1);
	EXPECT(nth > failing.nr_min);
	close(heap);
}

static void sweep_both(struct failing failing)
{
	failing.all = false;
	sweep(failing);
	failing.all = true;
	sweep(failing);
}

/* kills: blocks taken so far kept; charge kept; no fallback to smaller */
static void alloc_page_fails_once(void)
{
	sweep((struct failing){ "__alloc_pages", 0, NR_BLOCKS });
}

/* kills: the same, with nothing to fall back to */
static void alloc_page_fails_from_then_on(void)
{
	sweep((struct failing){ "__alloc_pages", 0, NR_BLOCKS, .all = true });
}

/* kills: fallback that forgets a block, or counts one twice */
static void alloc_block_fails(void)
{
	sweep_both((struct failing){ "na_port_frames_alloc", -ENOMEM,
				     NR_BLOCKS });
}

/* kills: arrays of the buffer lost when one of them cannot grow */
static void alloc_metadata_fails(void)
{
	sweep_both((struct failing){ "na_port_alloc_owned", 0, 2,
				     .fatal = true });
	sweep((struct failing){ "kvmalloc_node", 0, 2, .fatal = true });
}

/* kills: a buffer kept when its dma-buf cannot be made */
static void alloc_export_fails(void)
{
	sweep((struct failing){ "dma_buf_export", -ENOMEM, 1, .fatal = true });
	sweep((struct failing){ "alloc_file_pseudo", -ENFILE, 1,
				.fatal = true });
	sweep_both((struct failing){ "kmalloc_trace", 0, 1 });
	sweep_both((struct failing){ "kmem_cache_alloc", 0, 1 });
	sweep((struct failing){ "__kmalloc", 0, 1 });
}

/* kills: a missing name taken for an error, or dereferenced */
static void alloc_name_fails(void)
{
	sweep((struct failing){ "kvasprintf", 0, 1, .all = true });
}

/* kills: a dma-buf kept when there is no descriptor for it */
static void alloc_descriptor_fails(void)
{
	sweep((struct failing){ "get_unused_fd_flags", -EMFILE, 1,
				.fatal = true });
}

/* Frames with a type other than WB, of everybody: the auditor's count. */
static long nr_frames_not_wb(void)
{
	char *text = read_text(DEBUGFS "audit");
	char *seen = text ? strstr(text, "\nseen ") : NULL;
	char *frames = seen ? strstr(seen, " frames=") : NULL;
	long nr;

	EXPECT(frames);
	nr = strtol(frames + strlen(" frames="), NULL, 10);
	free(text);
	return nr;
}

/* kills: a direct map entry left UC for a page that goes back to the system */
static void alloc_direct_map_fails(void)
{
	long nr = nr_frames_not_wb();

	sweep((struct failing){ "na_port_direct_set", -ENOMEM, 1,
				.fatal = true });
	EXPECT_EQ(nr_frames_not_wb(), nr);
}

/* kills: a failed cache clean ignored, or not undone */
static void alloc_cache_clean_fails(void)
{
	long nr = nr_frames_not_wb();
	struct calls calls;
	int fd;

	fail_call("na_port_cache_clean", 1, true, -ENOMEM);
	fd = try_buffer(LEN);
	calls = fail_off();
	EXPECT(calls.failed);
	EXPECT_EQ(fd, -ENOMEM);
	EXPECT_EQ(nr_frames_not_wb(), nr);
	sweep((struct failing){ "na_port_cache_clean", -ENOMEM, 1,
				.fatal = true });
}

/* kills: a live kmap of one of the frames ignored */
static void alloc_frame_is_kmapped(void)
{
	char *zone = read_text(PARAMETERS "zone");
	struct calls calls;
	int heap, fd;

	need_high_memory();
	heap = open_heap();

	/*
	 * The kmap pool maps high memory only. Of a buffer this small each
	 * frame is asked about; for larger ones the pool is listed first.
	 */
	EXPECT(!write_text(PARAMETERS "zone", "high"));
	fail_call("na_port_kmap_holds", 1, true, 1);
	fd = alloc_on(heap, 20 * PAGE);
	calls = fail_off();
	EXPECT(!write_text(PARAMETERS "zone", zone));
	EXPECT(calls.failed);
	EXPECT_EQ(fd, -EBUSY);
	EXPECT(!nr_held());
	expect_good_buffer(alloc_on(heap, LEN));
}

/* --- mapping ----------------------------------------------------------------------- */

/* kills: entries left behind by a mapping that failed half way */
static void mmap_page_table_fails(void)
{
	const size_t len = 8 * MIB;
	int fd = new_buffer(len);
	unsigned long nth;
	struct calls calls;
	void *mem;

	for (nth = 1; nth < 50; nth++) {
		fail_call("__alloc_pages", nth, false, 0);
		mem = mmap(NULL, len, RW, MAP_SHARED, fd, 0);
		calls = fail_off();
		if (!calls.failed)
			break;
		EXPECT(mem == MAP_FAILED);
		EXPECT(file_has(DEBUGFS "buffers", " 0 0 0 "));
	}
	EXPECT(nth > 3 && nth < 50);
	EXPECT(mem != MAP_FAILED);
	fill(mem, len, 6);
	EXPECT(holds(mem, len, 6));
}

/*
 * No case for a kernel mapping that cannot be made: dma_buf_vmap() of 6.1
 * warns when an exporter's vmap fails, whatever the reason.
 */

/* --- memory cgroup ------------------------------------------------------------------ */

#define GROUPS "/tmp/cgroup"
#define GROUP GROUPS "/noalias"

static void make_group(void)
{
	mkdir(GROUPS, 0700);
	EXPECT(!mount("none", GROUPS, "cgroup2", 0, NULL) || errno == EBUSY);
	EXPECT(!write_text(GROUPS "/cgroup.subtree_control", "+memory"));
	EXPECT(!mkdir(GROUP, 0700) || errno == EEXIST);
	EXPECT(!write_text(GROUP "/memory.max", "max"));
}

static void join_group(void)
{
	EXPECT(!write_text(GROUP "/cgroup.procs", "0"));
}

static void leave_group(void)
{
	EXPECT(!write_text(GROUPS "/cgroup.procs", "0"));
}

static void remove_group(void)
{
	unsigned int tries = 100;

	while (rmdir(GROUP) && tries--)
		sleep_ms(10);
	EXPECT(access(GROUP, F_OK));
	umount2(GROUPS, MNT_DETACH);
}

static uint64_t group_bytes(void)
{
	char *text = read_text(GROUP "/memory.current");

	EXPECT(text);
	return strtoull(text, NULL, 10);
}

static bool is_about(uint64_t is, uint64_t should)
{
	if (is < should + MIB && is + MIB > should)
		return true;
	say("%llu bytes, should be about %llu", (unsigned long long)is,
	    (unsigned long long)should);
	return false;
}

/* kills: __GFP_ACCOUNT left out: a way around every memory limit */
static void memcg_is_charged(void)
{
	uint64_t before;
	int fd;

	make_group();
	join_group();
	before = group_bytes();
	fd = new_buffer(16 * MIB);
	EXPECT(is_about(group_bytes(), before + 16 * MIB));
	close(fd);
	EXPECT(is_about(group_bytes(), before));
	leave_group();
	remove_group();
}

/* kills: the OOM killer called for a buffer; a half-filled one kept */
static void memcg_limit_is_reached(void)
{
	uint64_t before;
	int heap = open_heap(), fd;

	make_group();
	EXPECT(!write_text(GROUP "/memory.max", "8388608"));
	join_group();
	before = group_bytes();
	EXPECT_EQ(alloc_on(heap, 32 * MIB), -ENOMEM);
	EXPECT_EQ(alloc_on(heap, 9 * MIB), -ENOMEM);
	EXPECT(!nr_held());
	EXPECT(is_about(group_bytes(), before));
	fd = alloc_on(heap, 2 * MIB);
	EXPECT(fd >= 0);
	close(fd);
	EXPECT(file_has(GROUP "/memory.events", "oom_kill 0"));
	leave_group();
	remove_group();
}

/*
 * Towards a limit blocks become smaller and their table grows: with a page more
 * each time, each of its pages is once the one that the group has no room for.
 * kills: the OOM killer called for the table of a buffer
 */
static void memcg_limit_is_reached_anywhere(void)
{
	int heap = open_heap();
	unsigned int i;
	char text[16];

	make_group();
	join_group();
	for (i = 0; i < 96; i++) {
		snprintf(text, sizeof(text), "%llu", MIB + i * PAGE);
		EXPECT(!write_text(GROUP "/memory.max", text));
		EXPECT_EQ(alloc_on(heap, 2 * MIB), -ENOMEM);
		EXPECT(!nr_held());
	}
	EXPECT(file_has(GROUP "/memory.events", "oom_kill 0"));
	leave_group();
	remove_group();
}

static void alloc_in_group(void *link)
{
	int *sides = link, fd;

	join_group();
	fd = new_buffer(MIB);
	EXPECT(!send_fd(sides[1], fd));
}

/* kills: a charge that is not there any more when the buffer goes */
static void memcg_goes_before_the_buffer(void)
{
	int sides[2], fd;
	void *mem;

	make_group();
	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, sides));
	EXPECT(passes(start(alloc_in_group, sides)));
	fd = receive_fd(sides[0]);
	EXPECT(fd >= 0);
	remove_group();
	mem = map_buffer(fd, MIB);
	fill(mem, MIB, 8);
	EXPECT(holds(mem, MIB, 8));
	munmap(mem, MIB);
	close(fd);
	EXPECT(wait_released());
}

static const struct guest_case cases[] = {
	CASE(alloc_page_fails_once),
	CASE(alloc_page_fails_from_then_on),
	CASE(alloc_block_fails),
	CASE(alloc_metadata_fails),
	CASE(alloc_export_fails),
	CASE(alloc_name_fails),
	CASE(alloc_descriptor_fails),
	CASE(alloc_direct_map_fails),
	CASE(alloc_cache_clean_fails),
	CASE(alloc_frame_is_kmapped),
	CASE(mmap_page_table_fails),
	CASE(memcg_is_charged),
	CASE(memcg_limit_is_reached),
	CASE(memcg_limit_is_reached_anywhere),
	CASE(memcg_goes_before_the_buffer),
};
GUEST_MAIN(cases)
