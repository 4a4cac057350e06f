// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a process may do to a mapping afterwards.
 */
#define _GNU_SOURCE
#include "input_mmap.h"

/* --- fork ----------------------------------------------------------------------------- */

static void child_checks(void *arg)
{
	char *mem = arg;

	EXPECT(holds(mem, LEN, 1));
	expect_no_alias(mem, LEN);
	fill(mem, LEN, 2);
}

/* kills: copies on fork, or entries of another type in the child */
static void fork_shares_the_buffer(void)
{
	char *mem = new_filled();

	EXPECT(passes(start(child_checks, mem)));
	EXPECT(holds(mem, LEN, 2));
	expect_no_alias(mem, LEN);
}

static void child_outlives(void *arg)
{
	while (getppid() != 1 && file_has("/proc/self/status", arg))
		sleep_ms(5);
	sleep_ms(50);
}

static void parent_of_outliving(void *unused)
{
	char *mem = new_filled(), parent[32];
	pid_t child;
	int link[2];

	(void)unused;
	EXPECT(!pipe(link));
	snprintf(parent, sizeof(parent), "PPid:\t%d\n", getpid());
	child = fork();
	EXPECT(child >= 0);
	if (child)
		_exit(0);
	child_outlives(parent);
	expect_intact(mem);
	EXPECT_EQ(counter("frames_in_buffers"), NR);
	fill(mem, LEN, 3);
	EXPECT(holds(mem, LEN, 3));
	EXPECT(!write_text("/tmp/outlived", "yes"));
}

/* kills: frames freed with the process that allocated them */
static void fork_child_outlives_parent(void)
{
	uint64_t end_ms = now_ms() + 10000;

	close(open("/tmp/outlived", O_CREAT | O_TRUNC | O_WRONLY, 0600));
	EXPECT(passes(start(parent_of_outliving, NULL)));
	while (!file_has("/tmp/outlived", "yes") && now_ms() < end_ms)
		sleep_ms(10);
	EXPECT(file_has("/tmp/outlived", "yes"));
	EXPECT(wait_released());
}

/* kills: an area that is lost to children that ask for it again */
static void fork_after_dontfork(void)
{
	char *mem = new_filled();

	EXPECT(!madvise(mem, LEN, MADV_DONTFORK));
	EXPECT(reading_kills(mem));
	EXPECT_EQ(!madvise(mem, LEN, MADV_DOFORK), dofork_is_let());
	EXPECT_EQ(passes(start(child_checks, mem)), dofork_is_let());
}

/* --- madvise ---------------------------------------------------------------------------- */

static void fault_in_child(void *arg)
{
	child_checks(arg);
}

/* kills: contents or type lost when an entry comes back by a fault */
static void madvise_dontneed(void)
{
	char *mem = new_filled();

	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	EXPECT(!is_mapped(mem));
	expect_intact(mem);
	EXPECT(!madvise(mem + 7 * PAGE, PAGE, MADV_DONTNEED));
	mem[7 * PAGE] = 1;	/* the first touch writes */
	fill(mem, LEN, 1);
	expect_intact(mem);
	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	EXPECT(passes(start(fault_in_child, mem)));
}

/* kills: a read-only area that a fault makes writable */
static void madvise_dontneed_read_only(void)
{
	char *mem = new_filled();
	struct look look;

	EXPECT(!mprotect(mem, LEN, PROT_READ));
	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	expect_intact(mem);
	EXPECT(!look_at(mem, &look));
	EXPECT(!look.write);
}

/* kills: an area of none of the kinds of which the kernel makes no dump */
static void madvise_dodump(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO(madvise(mem, LEN, MADV_DODUMP), EINVAL);
	expect_intact(mem);
}

/* kills: contents dropped, or a hole punched, on request */
static void madvise_free_and_remove(void)
{
	char *mem = new_filled();

	EXPECT_ERRNO(madvise(mem, LEN, MADV_FREE), EINVAL);
	EXPECT_EQ(madvise(mem, LEN, MADV_REMOVE), -1);
	EXPECT_EQ(madvise(mem, LEN, MADV_WIPEONFORK), -1);
	expect_intact(mem);
}

/* kills: entries gathered into a huge cached one, or merged by contents */
static void madvise_huge_and_merge(void)
{
	char *mem = new_filled();

	madvise(mem, LEN, MADV_HUGEPAGE);
	madvise(mem, LEN, MADV_MERGEABLE);
	EXPECT_EQ(madvise(mem, LEN, MADV_COLLAPSE), -1);
	expect_intact(mem);
	madvise(mem, LEN, MADV_NOHUGEPAGE);
	expect_intact(mem);
}

/* kills: pages aged or written out to swap */
static void madvise_cold_and_pageout(void)
{
	char *mem = new_filled();

	madvise(mem, LEN, MADV_COLD);
	expect_intact(mem);
	madvise(mem, LEN, MADV_PAGEOUT);
	expect_intact(mem);
	madvise(mem, LEN, MADV_WILLNEED);
	expect_intact(mem);
}

/* kills: frames given to the memory-failure code, which maps and poisons */
static void madvise_hwpoison(void)
{
	char *mem = new_filled();

	EXPECT_EQ(madvise(mem, PAGE, MADV_HWPOISON), -1);
	EXPECT_EQ(madvise(mem, PAGE, 101 /* MADV_SOFT_OFFLINE */), -1);
	expect_intact(mem);
}

/* kills: populate that goes around the fault handler's type */
static void madvise_populate(void)
{
	char *mem = new_filled();

	EXPECT(!madvise(mem, LEN, MADV_DONTNEED));
	madvise(mem, LEN / 2, MADV_POPULATE_READ);
	madvise(mem + LEN / 2, LEN / 2, MADV_POPULATE_WRITE);
	expect_no_alias(mem, LEN);
	expect_intact(mem);
}

/* --- other ways to touch an area ----------------------------------------------------------- */

/* kills: a second way to map pages at another offset, unchecked */
static void remap_file_pages_within(void)
{
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN), *other = map_buffer(fd, LEN);

	fill(mem, LEN, 1);
	EXPECT(!syscall(SYS_remap_file_pages, mem, 4 * PAGE, 0, 280, 0));
	EXPECT(!memcmp(mem, other + 280 * PAGE, 4 * PAGE));
	expect_no_alias(mem, LEN);
	EXPECT_EQ(syscall(SYS_remap_file_pages, mem, 4 * PAGE, 0, NR - 2, 0),
		  -1);
	EXPECT_EQ(syscall(SYS_remap_file_pages, mem, 4 * PAGE, 0, NR, 0), -1);
	expect_no_alias(mem, LEN);
}

/* kills: faults handed to a process that would fill in its own pages */
static void userfaultfd_register(void)
{
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);
	struct uffdio_api api = { .api = UFFD_API };
	char *mem = new_filled();
	static const uint64_t modes[] = {
		UFFDIO_REGISTER_MODE_MISSING, UFFDIO_REGISTER_MODE_WP,
		UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_WP,
		4 /* MINOR */,
	};
	size_t i;

	EXPECT(fd >= 0);
	EXPECT(!ioctl(fd, UFFDIO_API, &api));
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		struct uffdio_register area = {
			.range = { (uintptr_t)mem, LEN }, .mode = modes[i],
		};

		EXPECT_ERRNO(ioctl(fd, UFFDIO_REGISTER, &area), EINVAL);
	}
	expect_intact(mem);
}

/* kills: frames that are moved to another node behind the ledger's back */
static void move_pages_of_mapping(void)
{
	char *mem = new_filled();
	void *pages[2] = { mem, mem + 100 * PAGE };
	int nodes[2] = { 0, 0 }, status[2] = { -1, -1 };
	long err;

	err = syscall(SYS_move_pages, 0, 2, pages, nodes, status, 2);
	if (!err)
		EXPECT(status[0] < 0 && status[1] < 0);
	else
		EXPECT(errno == ENOSYS || errno == EFAULT || errno == ENOENT);
	err = syscall(SYS_mbind, mem, LEN, 2, NULL, 0, 2);
	EXPECT(!err || errno == ENOSYS || errno == EINVAL || errno == EIO);
	expect_intact(mem);
}

/* kills: entries rewritten by the soft-dirty and referenced scans */
static void clear_refs_of_mapping(void)
{
	char *mem = new_filled();

	EXPECT(!write_text("/proc/self/clear_refs", "1"));
	write_text("/proc/self/clear_refs", "4");
	expect_intact(mem);
	fill(mem, LEN, 1);
	expect_intact(mem);
}

/* kills: a heap's frames counted as memory of every process that maps them,
 * for which the OOM killer would then kill it
 */
static void mapping_is_not_rss(void)
{
	char *before = read_text("/proc/self/statm"), *after;
	long rss_before, rss_after;

	new_filled();
	after = read_text("/proc/self/statm");
	EXPECT_EQ(sscanf(before, "%*d %ld", &rss_before), 1);
	EXPECT_EQ(sscanf(after, "%*d %ld", &rss_after), 1);
	EXPECT(rss_after - rss_before < 100);
}

static const struct guest_case cases[] = {
	CASE(fork_shares_the_buffer),
	CASE(fork_child_outlives_parent),
	CASE(fork_after_dontfork),
	CASE(madvise_dontneed),
	CASE(madvise_dontneed_read_only),
	CASE(madvise_dodump),
	CASE(madvise_free_and_remove),
	CASE(madvise_huge_and_merge),
	CASE(madvise_cold_and_pageout),
	CASE(madvise_hwpoison),
	CASE(madvise_populate),
	CASE(remap_file_pages_within),
	CASE(userfaultfd_register),
	CASE(move_pages_of_mapping),
	CASE(clear_refs_of_mapping),
	CASE(mapping_is_not_rss),
};

GUEST_MAIN(cases)
