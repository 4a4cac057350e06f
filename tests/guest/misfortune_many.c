// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Much at a time: thousands of buffers and descriptors, several processes at
 * once, more memory than there is. And what was in memory before: contents of
 * one owner never reach the next.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_BUFFERS 4000

static void allow_fds(rlim_t nr)
{
	struct rlimit limit = { nr, nr };

	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
}

static unsigned int count_lines(const char *path)
{
	char *text = read_text(path), *line = text;
	unsigned int nr = 0;

	EXPECT(text);
	while ((line = strchr(line, '\n'))) {
		line++;
		nr++;
	}
	free(text);
	return nr;
}

/* kills: a table of buffers with a bound, or a search through all of them */
static void buffers_thousands(void)
{
	int heap = open_heap(), i, fd, last = -1;
	char *mem;

	allow_fds(NR_BUFFERS + 100);
	for (i = 0; i < NR_BUFFERS; i++) {
		fd = alloc_on(heap, PAGE);
		EXPECT(fd > last);
		last = fd;
	}
	EXPECT_EQ(counter("frames_in_buffers"), NR_BUFFERS);
	EXPECT_EQ(count_lines(DEBUGFS "buffers"), 1 + NR_BUFFERS);
	mem = map_buffer(last, PAGE);
	fill(mem, PAGE, 1);
	expect_no_alias(mem, PAGE);
	/* From the middle outwards, so that the list shrinks everywhere. */
	for (i = 0; i < NR_BUFFERS; i++)
		close(last - NR_BUFFERS + 1 + (i * 1999 + 7) % NR_BUFFERS);
	EXPECT(holds(mem, PAGE, 1));
	EXPECT_EQ(counter("frames_in_buffers"), 1);
	munmap(mem, PAGE);
	EXPECT(wait_released());
}

/* kills: a release at the first of many closes, or at none */
static void descriptors_thousands(void)
{
	int fd = new_buffer(PAGE), i, last = fd;

	allow_fds(NR_BUFFERS + 100);
	for (i = 0; i < NR_BUFFERS; i++) {
		last = dup(fd);
		EXPECT(last >= 0);
	}
	for (i = 3; i < last; i++)
		close(i);
	EXPECT_EQ(counter("frames_in_buffers"), 1);
	close(last);
	EXPECT(wait_released());
}

/* kills: a count of areas of less than 16 bits */
static void mappings_thousands(void)
{
	int fd = new_buffer(2 * PAGE), i;
	char *first = map_buffer(fd, PAGE), *mem = first;

	for (i = 0; i < NR_BUFFERS; i++)
		mem = map_buffer(fd, 2 * PAGE);
	EXPECT(file_has(DEBUGFS "buffers", " 4001 0 0 "));
	fill(first, PAGE, 1);
	EXPECT(holds(mem, PAGE, 1));
	expect_no_alias(mem, 2 * PAGE);
}

/* --- several processes ------------------------------------------------------------------ */

static void use_one(uint32_t seed)
{
	size_t len = (1 + seed * 2654435761u % 400) * PAGE;
	char *mem = new_mapping(len);

	EXPECT(is_zero(mem, len));
	fill(mem, len, seed);
	if (seed % 3 == 0)
		EXPECT(!madvise(mem, len, MADV_DONTNEED));
	if (seed % 5 == 0)
		sched_yield();
	EXPECT(holds(mem, len, seed));
	munmap(mem, len);
}

static void use_many(void *arg)
{
	uint32_t seed = *(uint32_t *)arg * 1000, i;

	for (i = 0; i < 50; i++)
		use_one(seed + i);
}

/* kills: a lock left out: frames given to two, counters that drift */
static void buffers_in_parallel(void)
{
	pid_t pids[4];
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start(use_many, &i);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT(passes(pids[i]));
	EXPECT(wait_released());
}

static void map_and_unmap(void *arg)
{
	int fd = *(int *)arg, i;
	char *mem;

	for (i = 0; i < 300; i++) {
		mem = map_buffer(fd, MIB);
		EXPECT(holds(mem, PAGE, 1));
		EXPECT(!munmap(mem + PAGE, PAGE));
		EXPECT(!madvise(mem, PAGE, MADV_DONTNEED));
		EXPECT(holds(mem, PAGE, 1));
		EXPECT(!munmap(mem, MIB));
	}
}

/* kills: state of a mapping kept with the buffer, not with the area */
static void mappings_in_parallel(void)
{
	int fd = new_buffer(MIB);
	pid_t pids[4];
	size_t i;

	fill(map_buffer(fd, MIB), MIB, 1);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		pids[i] = start(map_and_unmap, &fd);
	for (i = 0; i < ARRAY_SIZE(pids); i++)
		EXPECT(passes(pids[i]));
	EXPECT(file_has(DEBUGFS "buffers", " 1 0 0 "));
}

/* --- contents ------------------------------------------------------------------------------ */

static void leave_secrets(void *unused)
{
	char *mem = new_mapping(48 * MIB);

	(void)unused;
	memset(mem, 0xa5, 48 * MIB);
}

/* kills: __GFP_ZERO left out, or frames reused without zeroing */
static void contents_of_the_last_owner(void)
{
	char *mem;
	int i;

	for (i = 0; i < 2; i++) {
		EXPECT(passes(start(leave_secrets, NULL)));
		EXPECT(wait_released());
		mem = new_mapping(64 * MIB);
		EXPECT(is_zero(mem, 64 * MIB));
		munmap(mem, 64 * MIB);
	}
}

/*
 * What stays in a cache, QEMU does not show: the simulator does.
 *
 * kills: memory of a process that is handed on as it was
 */
static void contents_of_ordinary_memory(void)
{
	char *ordinary = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *mem;

	memset(ordinary, 0xa5, 64 * MIB);
	munmap(ordinary, 64 * MIB);
	mem = new_mapping(64 * MIB);
	EXPECT(is_zero(mem, 64 * MIB));
}

/* --- more than there is ---------------------------------------------------------------------- */

static void take_all(void *arg)
{
	int heap = open_heap(), fd;
	uint64_t len = *(uint64_t *)arg;

	allow_fds(65536);
	do
		fd = alloc_on(heap, len);
	while (fd >= 0);
	EXPECT_EQ(fd, -ENOMEM);
	raise(SIGSTOP);
}

static uint64_t nr_oom_kills(void)
{
	char *text = read_text("/proc/vmstat"), *line;

	EXPECT(text);
	line = strstr(text, "\noom_kill ");
	EXPECT(line);
	return strtoull(line + strlen("\noom_kill "), NULL, 10);
}

static void innocent(void *unused)
{
	char *mem = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	memset(mem, 1, MIB);
	free(read_text("/proc/meminfo"));
}

/* Four processes take what they get; others live on meanwhile. */
static void expect_survival(void *len)
{
	uint64_t nr_kills = nr_oom_kills();
	int status, i, left = 4;
	pid_t pids[4];

	for (i = 0; i < 4; i++)
		pids[i] = start(take_all, len);
	while (left) {
		EXPECT(passes(start(innocent, NULL)));
		sleep_ms(20);
		for (i = 0; i < 4; i++) {
			if (waitpid(pids[i], &status, WUNTRACED | WNOHANG) <= 0)
				continue;
			EXPECT(WIFSTOPPED(status));
			left--;
		}
	}
	for (i = 0; i < 50; i++)
		EXPECT(passes(start(innocent, NULL)));
	for (i = 0; i < 4; i++)
		EXPECT(killed(pids[i]));
	EXPECT_EQ(nr_oom_kills(), nr_kills);
	EXPECT(wait_released());
}

/* kills: a limit that is passed by the last buffer, or not reached */
static void limit_is_exact(void)
{
	int heap = open_heap();
	uint64_t left;

	EXPECT(!write_text(PARAMETERS "limit_percent", "1"));
	EXPECT(alloc_on(heap, MIB) >= 0);
	left = counter("frames_limit") - counter("frames_charged");
	EXPECT_EQ(alloc_on(heap, (left + 1) * PAGE), -ENOMEM);
	EXPECT(refused("len", "limit_percent of memory in all buffers"));
	EXPECT(alloc_on(heap, left * PAGE) >= 0);
	EXPECT_EQ(alloc_on(heap, PAGE), -ENOMEM);
	EXPECT_EQ(counter("frames_charged"), counter("frames_limit"));
}

#define NR_HUGEPAGES "/proc/sys/vm/nr_hugepages"

/* Leaves @left bytes of memory: huge pages are taken without being written. */
static void use_up(uint64_t left)
{
	uint64_t available = meminfo("MemAvailable");
	uint64_t size = meminfo("Hugepagesize");
	char text[32];

	EXPECT(available > left);
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)((available - left) / size));
	EXPECT(!write_text(NR_HUGEPAGES, text));
	available = meminfo("MemAvailable");
	EXPECT(available < left + 100 * MIB);
}

/* The settings are the machine's, so they are put back whatever happens. */
static void expect_survival_with(const char *zone, const char *percent,
				 uint64_t left, uint64_t len)
{
	bool passed;

	EXPECT(!write_text(PARAMETERS "zone", zone));
	EXPECT(!write_text(PARAMETERS "limit_percent", percent));
	if (left)
		use_up(left);
	passed = passes(start(expect_survival, &len));
	EXPECT(!write_text(NR_HUGEPAGES, "0"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
	EXPECT(!write_text(PARAMETERS "zone", "any"));
	EXPECT(passed);
}

/* kills: a limit that several processes together can pass */
static void limit_is_kept_by_many(void)
{
	expect_survival_with("any", "3", 0, 512 * KIB);
}

/* kills: an allocation that calls the OOM killer, or takes the last page */
static void memory_is_exhausted(void)
{
	expect_survival_with("any", "90", 700 * MIB, 4 * MIB);
}

/* kills: the same in large pieces, each of which alone would do */
static void memory_is_exhausted_at_once(void)
{
	expect_survival_with("any", "90", 900 * MIB, 300 * MIB);
}

/* kills: a limit that counts low memory as if there were as much as high */
static void low_memory_is_exhausted(void)
{
	need_high_memory();
	expect_survival_with("low", "90", 0, 2 * MIB);
}

static void take_low_memory(void *unused)
{
	uint64_t reserve = meminfo("LowTotal") / 16;
	int heap = open_heap();

	(void)unused;
	allow_fds(65536);
	while (alloc_on(heap, 2 * MIB) >= 0)
		;
	EXPECT(refused("len", "available low memory less 1/16 of all"));
	EXPECT(meminfo("LowFree") >= reserve);
}

/* kills: a share of low memory that leaves the kernel none */
static void low_memory_keeps_a_reserve(void)
{
	bool passed;

	need_high_memory();
	EXPECT(!write_text(PARAMETERS "zone", "low"));
	EXPECT(!write_text(PARAMETERS "limit_percent", "90"));
	passed = passes(start(take_low_memory, NULL));
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
	EXPECT(!write_text(PARAMETERS "zone", "any"));
	EXPECT(passed);
}

/* kills: a bound that is checked when all low memory is taken already */
static void low_memory_is_refused_first(void)
{
	uint64_t alloc_ns;
	int fd;

	need_high_memory();
	EXPECT(!write_text(PARAMETERS "zone", "low"));
	alloc_ns = counter("alloc_ns");
	fd = try_buffer(GIB);
	EXPECT(!write_text(PARAMETERS "zone", "any"));
	EXPECT_EQ(fd, -ENOMEM);
	EXPECT(refused("len", "limit_percent of low memory in all buffers"));
	EXPECT_EQ(counter("alloc_ns"), alloc_ns);
}

/* kills: a request for high memory refused because low memory's share is full */
static void low_share_binds_no_high_memory(void)
{
	int low, high;

	EXPECT(!write_text(PARAMETERS "zone", "low"));
	low = try_buffer(32 * MIB);
	EXPECT(!write_text(PARAMETERS "zone", "any"));
	/* Less low memory than that, more of all memory. */
	EXPECT(!write_text(PARAMETERS "limit_percent", "2"));
	high = try_buffer(MIB);
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
	EXPECT(low >= 0);
	EXPECT(high >= 0);
	close(low);
	close(high);
}

/* kills: the same, seen by the others */
static void low_memory_is_exhausted_at_once(void)
{
	expect_survival_with("low", "50", 0, GIB);
}

static const struct guest_case cases[] = {
	CASE(buffers_thousands),
	CASE(descriptors_thousands),
	CASE(mappings_thousands),
	CASE(buffers_in_parallel),
	CASE(mappings_in_parallel),
	CASE(contents_of_the_last_owner),
	CASE(contents_of_ordinary_memory),
	CASE(limit_is_exact),
	CASE(limit_is_kept_by_many),
	CASE(memory_is_exhausted),
	CASE(memory_is_exhausted_at_once),
	CASE(low_memory_is_exhausted),
	CASE(low_memory_keeps_a_reserve),
	CASE(low_memory_is_refused_first),
	CASE(low_share_binds_no_high_memory),
	CASE(low_memory_is_exhausted_at_once),
};
GUEST_MAIN(cases)
