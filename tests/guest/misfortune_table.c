// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Thousands of buffers: the limit on their number, the charge of their
 * bookkeeping, and that reading the table of all of them blocks nobody.
 *
 * Costs are compared with each other and not with a limit in time: the same
 * query with few buffers and with many, in CPU time of this process.
 */
#define _GNU_SOURCE
#include "heap_buffers.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "../../include/uapi/noalias.h"

#define FEW 40
#define MANY 4000

static void take_buffers(unsigned int nr)
{
	struct rlimit limit = { MANY + 200, MANY + 200 };
	int heap = open_heap();

	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
	while (nr--)
		EXPECT(alloc_on(heap, PAGE) >= 0);
	close(heap);
}

/* --- how many ------------------------------------------------------------------ */

static void take_up_to_limit(void *unused)
{
	int heap = open_heap(), fd, i;

	(void)unused;
	for (i = 0; i < 50; i++)
		EXPECT((fd = alloc_on(heap, PAGE)) >= 0);
	EXPECT_EQ(alloc_on(heap, PAGE), -ENOMEM);
	EXPECT(refused("buffers",
		       "buffers_max, or one for each 64 KiB of low memory"));
	EXPECT_EQ(counter("buffers"), 50);
	EXPECT(!close(fd));
	EXPECT(alloc_on(heap, MIB) >= 0);
	EXPECT_EQ(alloc_on(heap, PAGE), -ENOMEM);
}

/* kills: buffers without bound; a bound that a freed buffer does not move, or
 * that a refused one does
 */
static void buffers_are_bounded(void)
{
	bool passed;

	EXPECT(!write_text(PARAMETERS "buffers_max", "50"));
	passed = passes(start(take_up_to_limit, NULL));
	EXPECT(!write_text(PARAMETERS "buffers_max", "0"));
	EXPECT(passed);
	EXPECT_EQ(counter("buffers"), 0);
}

/* kills: a bound that follows from all memory where the kernel has a part */
static void bound_follows_low_memory(void)
{
	EXPECT_EQ(counter("buffers_limit"), low_memory() / (64 * KIB));
	EXPECT_EQ(write_text(PARAMETERS "buffers_max", "16777217"), -ERANGE);
	EXPECT_EQ(write_text(PARAMETERS "buffers_max", "-1"), -EINVAL);
	EXPECT_EQ(counter("buffers_limit"), low_memory() / (64 * KIB));
}

/* --- who pays -------------------------------------------------------------------- */

/* Objects of general caches; those charged to a cgroup have others. */
static long nr_uncharged(void)
{
	FILE *file = fopen("/proc/slabinfo", "re");
	char line[256], name[64];
	long nr = 0, active;

	EXPECT(file);
	shrink_caches();
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %ld", name, &active) == 2 &&
		    !strncmp(name, "kmalloc-", 8) &&
		    !strchr("cdr", name[8]))
			nr += active;
	fclose(file);
	return nr;
}

/* kills: GFP_KERNEL for the buffer, its runs, its dma-buf, or its name */
static void metadata_is_charged(void)
{
	long nr;

	take_buffers(100);
	nr = nr_uncharged();
	take_buffers(2000);
	nr = nr_uncharged() - nr;
	say("%ld uncharged objects for 2000 buffers", nr);
	/*
	 * The kernel's own struct dma_buf is one, a second would be ours. A slab that
	 * a CPU has counts as used, with 512 objects where they are of 8 bytes.
	 */
	EXPECT(nr < 2000 * 7 / 4);
}

/* --- what it costs to ask ---------------------------------------------------------- */

static uint64_t cpu_ns(void)
{
	struct timespec time;

	EXPECT(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time));
	return time.tv_sec * 1000000000ull + time.tv_nsec;
}

#define NR_TURNS 20
#define NR_CALLS 40

static void ask(int node, uint64_t nr_buffers)
{
	struct noalias_query_heap query = { 0 };

	EXPECT(!ioctl(node, NOALIAS_IOC_QUERY_HEAP, &query));
	EXPECT_EQ(query.nr_buffers, nr_buffers);
	EXPECT_EQ(query.used, nr_buffers * PAGE);
}

static void read_a_page(int unused, uint64_t nr_buffers)
{
	static char text[PAGE];
	int fd = open(DEBUGFS "buffers", O_RDONLY | O_CLOEXEC);

	(void)unused;
	(void)nr_buffers;
	EXPECT(fd >= 0);
	/* A page at most, and less than that of a few buffers. */
	EXPECT(read(fd, text, 1024) == 1024);
	close(fd);
}

static uint64_t cost_of_turn(void (*fn)(int node, uint64_t nr), int node,
			     uint64_t nr)
{
	uint64_t start_ns = cpu_ns();
	int i;

	for (i = 0; i < NR_CALLS; i++)
		fn(node, nr);
	return cpu_ns() - start_ns;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

/*
 * The one in the middle of some turns: the guest's clock goes on while its host
 * does without it, and may stand still while it is at work.
 */
static uint64_t cost(void (*fn)(int node, uint64_t nr), int node, uint64_t nr)
{
	uint64_t ns[NR_TURNS];
	int i;

	for (i = 0; i < NR_TURNS; i++)
		ns[i] = cost_of_turn(fn, node, nr);
	qsort(ns, NR_TURNS, sizeof(*ns), compare);
	return ns[NR_TURNS / 2];
}

/* From FEW to MANY buffers, a hundred times as many. */
static void expect_same_cost(void (*fn)(int node, uint64_t nr))
{
	int node = open(NOALIAS_IOC_PATH, O_RDONLY | O_CLOEXEC);
	uint64_t few, many;

	EXPECT(node >= 0);
	take_buffers(FEW);
	few = cost(fn, node, FEW);
	take_buffers(MANY - FEW);
	many = cost(fn, node, MANY);
	say("%d times: %llu us with %d buffers, %llu us with %d", NR_CALLS,
	    (unsigned long long)few / 1000, FEW,
	    (unsigned long long)many / 1000, MANY);
	EXPECT(many < 5 * few);
}

/* kills: a question that walks over all buffers, under a lock or not */
static void query_costs_the_same_with_many(void)
{
	expect_same_cost(ask);
}

/* kills: a table that is printed whole, with the lock held, for its first page */
static void first_page_costs_the_same_with_many(void)
{
	expect_same_cost(read_a_page);
}

/* --- readers beside others --------------------------------------------------------- */

static bool is_end(const char *text)
{
	return !text || !*text;
}

/* Titles once, then lines that are whole, with numbers that grow. */
static size_t check_table(const char *text)
{
	unsigned long long last = 0;
	struct buffer_line line;
	size_t nr = 0;

	EXPECT(!strncmp(text, "id heap type bytes ", 19));
	for (text = strchr(text, '\n') + 1; !is_end(text);
	     text = strchr(text, '\n') + 1) {
		EXPECT(scan_buffer(text, &line));
		EXPECT(line.id > last);
		EXPECT(line.bytes && line.bytes % PAGE == 0);
		EXPECT(line.bytes <= 5 * PAGE);
		EXPECT(!strcmp(line.type, heap_type()));
		EXPECT(strchr(text, '\n'));
		last = line.id;
		nr++;
	}
	return nr;
}

#define NR_SLOTS 64u

/*
 * Whatever goes is followed by one with a higher number, so that a reader sees a
 * buffer of each slot, but for the one that is empty when it comes to the end.
 */
static void read_for_ever(void *unused)
{
	char *text;

	(void)unused;
	for (;;) {
		text = read_text(DEBUGFS "buffers");
		EXPECT(text);
		EXPECT(check_table(text) >= NR_SLOTS - 1);
		free(text);
	}
}

/* Another one that puts in and takes out, at the same time. */
static void come_and_go_for_ever(void *unused)
{
	int heap = open_heap(), fd;

	(void)unused;
	for (;;) {
		fd = alloc_on(heap, PAGE);
		EXPECT(fd >= 0 && !close(fd));
	}
}

/*
 * The suite's kernel fills what is freed with a pattern, which is nobody's type
 * or length.
 *
 * kills: a buffer that readers still see when its memory is gone; a table
 * whose lock is taken late, or let go early
 */
static void readers_beside_a_storm(void)
{
	int heap = open_heap(), fds[NR_SLOTS];
	pid_t readers[3], other;
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++)
		EXPECT((fds[i] = alloc_on(heap, PAGE)) >= 0);
	other = start(come_and_go_for_ever, NULL);
	for (i = 0; i < 3; i++)
		readers[i] = start(read_for_ever, NULL);
	for (i = 0; i < rounds(1000); i++) {
		EXPECT(!close(fds[i * 31 % NR_SLOTS]));
		fds[i * 31 % NR_SLOTS] = alloc_on(heap, (1 + i % 5) * PAGE);
		EXPECT(fds[i * 31 % NR_SLOTS] >= 0);
	}
	for (i = 0; i < 3; i++)
		EXPECT(killed(readers[i]));
	EXPECT(killed(other));
	EXPECT_EQ(check_table(read_text(DEBUGFS "buffers")), NR_SLOTS);
}

/* kills: a position that is an address, or a count of what is there, or that of the
 * buffer after the next
 */
static void table_goes_on_after_changes(void)
{
	static char text[1u << 20];
	int heap = open_heap(), fds[300], table, i;
	ssize_t len, got;

	for (i = 0; i < 300; i++)
		EXPECT((fds[i] = alloc_on(heap, PAGE)) >= 0);
	/* Many pages, so many times the reader comes back. */
	EXPECT_EQ(check_table(read_text(DEBUGFS "buffers")), 300);
	table = open(DEBUGFS "buffers", O_RDONLY | O_CLOEXEC);
	EXPECT(table >= 0);
	len = read(table, text, PAGE);
	EXPECT(len > 0);
	/* All but the last go; the reader stands among them. */
	for (i = 0; i < 299; i++)
		EXPECT(!close(fds[i]));
	EXPECT(alloc_on(heap, PAGE) >= 0);
	while ((got = read(table, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	EXPECT_EQ(got, 0);
	EXPECT(check_table(text) >= 3);
	EXPECT_EQ(check_table(read_text(DEBUGFS "buffers")), 2);
}

static const struct guest_case cases[] = {
	CASE(buffers_are_bounded),
	CASE(bound_follows_low_memory),
	CASE(metadata_is_charged),
	CASE(query_costs_the_same_with_many),
	CASE(first_page_costs_the_same_with_many),
	CASE(readers_beside_a_storm),
	CASE(table_goes_on_after_changes),
};
GUEST_MAIN(cases)
