// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * /dev/noalias itself: bad fields and pointers, who may open it, heaps and
 * limits, and threads that change descriptors while they are asked about.
 * Expects na_fail.ko.
 */
#define _GNU_SOURCE
#include "status_node.h"

#include <grp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#define NR 40u
#define LEN (NR * PAGE)

/* A call, a struct that it would take, and where its checked fields are. */
struct query {
	unsigned long cmd;
	size_t len;
	size_t flags;
	size_t reserved;
	char mem[256];
};

static struct query good_query(unsigned int which)
{
	struct query query = { 0 };
	struct noalias_query_buffer buffer = { 0 };

	switch (which) {
	case 0:
		query.cmd = NOALIAS_IOC_QUERY_VERSION;
		query.len = sizeof(struct noalias_query_version);
		query.flags = offsetof(struct noalias_query_version, flags);
		query.reserved = offsetof(struct noalias_query_version,
					  reserved);
		break;
	case 1:
		query.cmd = NOALIAS_IOC_QUERY_BUFFER;
		query.len = sizeof(buffer);
		query.flags = offsetof(struct noalias_query_buffer, flags);
		query.reserved = offsetof(struct noalias_query_buffer,
					  reserved);
		buffer.fd = new_buffer(LEN);
		memcpy(query.mem, &buffer, sizeof(buffer));
		break;
	case 3:
		query.cmd = NOALIAS_IOC_QUERY_REFUSAL;
		query.len = sizeof(struct noalias_query_refusal);
		query.flags = offsetof(struct noalias_query_refusal, flags);
		query.reserved = offsetof(struct noalias_query_refusal,
					  reserved);
		/* For something to tell. */
		EXPECT_EQ(try_buffer(0), -EINVAL);
		break;
	default:
		query.cmd = NOALIAS_IOC_QUERY_HEAP;
		query.len = sizeof(struct noalias_query_heap);
		query.flags = offsetof(struct noalias_query_heap, flags);
		query.reserved = offsetof(struct noalias_query_heap, reserved);
	}
	return query;
}

#define NR_QUERIES 4u

/* @query is refused and comes back as it was. */
static void expect_refused(struct query query, int error)
{
	int node = open_node();
	struct query before = query;

	EXPECT_EQ(ask(node, query.cmd, query.mem), -error);
	EXPECT(!memcmp(&query, &before, sizeof(query)));
	close(node);
}

/* --- fields ------------------------------------------------------------------- */

/* kills: no check of flags, or of some of their bits */
static void query_flags(void)
{
	struct query good, bad;
	unsigned int which, bit;
	uint32_t flags;

	for (which = 0; which < NR_QUERIES; which++) {
		good = good_query(which);
		for (bit = 0; bit < 32; bit++) {
			bad = good;
			flags = 1u << bit;
			memcpy(bad.mem + bad.flags, &flags, sizeof(flags));
			expect_refused(bad, EINVAL);
			EXPECT(refused("query flags", "0"));
		}
	}
}

/* kills: reserved bytes that are not looked at */
static void query_reserved(void)
{
	struct query good, bad;
	unsigned int which;
	size_t at;

	for (which = 0; which < NR_QUERIES; which++) {
		good = good_query(which);
		EXPECT_EQ(good.len - good.reserved, which == 2 ? 24 : 32);
		for (at = good.reserved; at < good.len; at++) {
			bad = good;
			bad.mem[at] = 1;
			expect_refused(bad, EINVAL);
			EXPECT(refused("query reserved", "0"));
		}
	}
}

/* kills: the word between the fields of a heap forgotten */
static void query_heap_reserved_word(void)
{
	struct query bad = good_query(2);
	size_t i, at = offsetof(struct noalias_query_heap, properties);

	for (i = 0; i < 4; i++) {
		bad = good_query(2);
		bad.mem[at + i] = 1;
		expect_refused(bad, EINVAL);
		EXPECT(refused("query reserved", "0"));
	}
}

/* kills: reserved bytes that come back as something */
static void query_reserved_comes_back_zero(void)
{
	static const char zeroes[32];
	struct query query;
	unsigned int which;
	int node = open_node();

	for (which = 0; which < NR_QUERIES; which++) {
		query = good_query(which);
		EXPECT_EQ(ask(node, query.cmd, query.mem), 0);
		EXPECT(!memcmp(query.mem + query.reserved, zeroes,
			       query.len - query.reserved));
		EXPECT(query.len + 16 <= sizeof(query.mem));
		EXPECT(!memcmp(query.mem + query.len, zeroes, 16));
	}
}

static void expect_no_command(struct query query, unsigned long cmd)
{
	query.cmd = cmd;
	expect_refused(query, ENOTTY);
}

/* kills: a command known by its number only */
static void query_wrong_command(void)
{
	struct query query;
	unsigned int which, dir, nr;

	for (which = 0; which < NR_QUERIES; which++) {
		query = good_query(which);
		nr = _IOC_NR(query.cmd);
		expect_no_command(query, 0);
		expect_no_command(query, 0x5401 /* TCGETS */);
		expect_no_command(query, 0xffffffff);
		expect_no_command(query, _IOC(3, NOALIAS_IOC_MAGIC,
					      nr + NR_QUERIES, query.len));
		expect_no_command(query, _IOC(3, 'H', nr, query.len));
		expect_no_command(query, _IOC(3, NOALIAS_IOC_MAGIC, nr,
					      query.len - 8));
		expect_no_command(query, _IOC(3, NOALIAS_IOC_MAGIC, nr,
					      query.len + 8));
		for (dir = 0; dir < 3; dir++)
			expect_no_command(query, _IOC(dir, NOALIAS_IOC_MAGIC,
						      nr, query.len));
	}
}

/* kills: a copy that is trusted; an answer written half */
static void query_bad_pointer(void)
{
	size_t page = PAGE, i;
	char *mem = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct query query;
	unsigned int which;
	int node = open_node();

	EXPECT(mem != MAP_FAILED);
	EXPECT(!munmap(mem + page, page));
	for (which = 0; which < NR_QUERIES; which++) {
		void *bad[] = { NULL, (void *)-4096l, (void *)0xc0100000ul,
				mem + page, mem + page - 8,
				mem + 2 * page - 8 };

		query = good_query(which);
		memset(mem, 0, page);
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			EXPECT_EQ(ask(node, query.cmd, bad[i]), -EFAULT);
		/* Can be read and not written. */
		memcpy(mem + 2 * page, query.mem, query.len);
		EXPECT(!mprotect(mem + 2 * page, page, PROT_READ));
		EXPECT_EQ(ask(node, query.cmd, mem + 2 * page), -EFAULT);
		EXPECT(!memcmp(mem + 2 * page, query.mem, query.len));
		EXPECT(!mprotect(mem + 2 * page, page,
				 PROT_READ | PROT_WRITE));
	}
}

/* kills: file operations that nobody meant to have */
static void node_has_nothing_but_questions(void)
{
	int node = open(NOALIAS_IOC_PATH, O_RDWR | O_CLOEXEC);
	char byte = 0;

	EXPECT(node >= 0);
	EXPECT_ERRNO(read(node, &byte, 1), EINVAL);
	EXPECT_ERRNO(write(node, &byte, 1), EINVAL);
	EXPECT_ERRNO(lseek(node, 0, SEEK_CUR), ESPIPE);
	EXPECT_EQ(map_errno(node, PAGE, PROT_READ, MAP_SHARED, 0), ENODEV);
}

/* --- who may ---------------------------------------------------------------- */

/* kills: a node that all may open, or that nobody but root can be given */
static void node_mode(void)
{
	struct stat status;

	EXPECT(!stat(NOALIAS_IOC_PATH, &status));
	EXPECT_EQ(status.st_mode & 07777, 0660);
	EXPECT(S_ISCHR(status.st_mode));
	EXPECT_EQ(status.st_uid, 0);
	EXPECT_EQ(status.st_gid, 0);
}

static void become(unsigned int uid, unsigned int gid)
{
	EXPECT(!setgroups(0, NULL));
	EXPECT(!setresgid(gid, gid, gid));
	EXPECT(!setresuid(uid, uid, uid));
}

static void stranger(void *unused)
{
	(void)unused;
	become(4711, 4711);
	EXPECT_ERRNO(open(NOALIAS_IOC_PATH, O_RDONLY), EACCES);
	EXPECT_ERRNO(open(NOALIAS_IOC_PATH, O_RDWR), EACCES);
}

static void member(void *arg)
{
	become(4711, 1234);
	EXPECT_EQ(ask_buffer(*(int *)arg).len, LEN);
	EXPECT_EQ(ask_heap(heap_name()).nr_buffers, 1);
	EXPECT_EQ(ask_version().abi, NOALIAS_IOC_ABI);
}

static void heir(void *arg)
{
	struct noalias_query_buffer query = { .fd = *(int *)arg };
	int node = open_node();

	become(4711, 4711);
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_BUFFER, &query), 0);
	EXPECT_EQ(query.len, LEN);
}

/* kills: a check of capabilities where the node's mode decides */
static void node_opens_for_its_group_only(void)
{
	int fd = new_buffer(LEN);
	bool passed;

	EXPECT(passes(start(stranger, NULL)));
	EXPECT(passes(start(heir, &fd)));
	EXPECT(!chown(NOALIAS_IOC_PATH, 0, 1234));
	passed = passes(start(member, &fd)) && passes(start(stranger, NULL));
	EXPECT(!chown(NOALIAS_IOC_PATH, 0, 0));
	EXPECT(passed);
}

/* kills: a node that does not keep the module */
static void node_open_keeps_module(void)
{
	int node = open_node();
	char *before = read_text("/sys/module/noalias/refcnt"), *after;

	EXPECT_ERRNO(syscall(SYS_delete_module, "noalias", O_NONBLOCK),
		     EWOULDBLOCK);
	close(node);
	after = read_text("/sys/module/noalias/refcnt");
	EXPECT_EQ(atoi(before) - atoi(after), 1);
}

/* --- heaps and limits --------------------------------------------------------- */

/* kills: figures of another moment */
static void version_agrees_with_counters(void)
{
	struct noalias_query_version query = ask_version();
	char *text = read_text("/sys/module/noalias/version");

	EXPECT_EQ(query.abi, NOALIAS_IOC_ABI);
	EXPECT_EQ(query.nr_heaps, 4);
	EXPECT_EQ(query.frame_len, PAGE);
	EXPECT_EQ(query.used, 0);
	EXPECT_EQ(query.limit, counter("frames_limit") * PAGE);
	EXPECT(text && strchr(text, '\n'));
	*strchr(text, '\n') = 0;
	EXPECT(*text);
	EXPECT(!strcmp(query.version, text));
	new_buffer(LEN);
	EXPECT_EQ(ask_version().used, LEN);
}

static void expect_node(const struct noalias_query_heap *heap)
{
	struct stat stat_of;
	char path[64];

	snprintf(path, sizeof(path), "/dev/dma_heap/%s", heap->name);
	EXPECT(!stat(path, &stat_of));
	EXPECT(S_ISCHR(stat_of.st_mode));
	EXPECT_EQ(heap->dev_major, major(stat_of.st_rdev));
	EXPECT_EQ(heap->dev_minor, minor(stat_of.st_rdev));
}

/* kills: a list that lacks a heap, repeats one, has no end, or names another device */
static void heaps_are_listed(void)
{
	struct noalias_query_heap query = { 0 };
	int node = open_node();

	for (;; query.index++) {
		if (ask(node, NOALIAS_IOC_QUERY_HEAP, &query))
			break;
		expect_node(&query);
		EXPECT_EQ(query.promise, NOALIAS_IOC_GUARANTEED);
		EXPECT_EQ(query.memtype,
			  strstr(query.name, "-writecombine") ?
			  NOALIAS_IOC_WC : NOALIAS_IOC_UC);
		EXPECT_EQ(query.zone, strstr(query.name, "-dma32") ?
			  NOALIAS_IOC_ZONE_DMA32 : NOALIAS_IOC_ZONE_ANY);
	}
	EXPECT_EQ(query.index, 4);
	EXPECT_EQ(ask_heap("system-uncached").index, 0);
	EXPECT_EQ(ask_heap("system-writecombine").index, 1);
	EXPECT_EQ(ask_heap("system-uncached-dma32").index, 2);
	EXPECT_EQ(ask_heap("system-writecombine-dma32").index, 3);
	query.index = 4;
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_HEAP, &query), -ENOENT);
	query.index = ~0u;
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_HEAP, &query), -ENOENT);
	query.index = 0x80000000u;
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_HEAP, &query), -ENOENT);
}

static void expect_use(uint64_t nr_buffers, uint64_t used)
{
	const char *other = node_type() == NOALIAS_IOC_UC ?
			    "system-writecombine" : "system-uncached";

	EXPECT_EQ(ask_heap(heap_name()).nr_buffers, nr_buffers);
	EXPECT_EQ(ask_heap(heap_name()).used, used);
	EXPECT_EQ(ask_heap(other).nr_buffers, 0);
	EXPECT_EQ(ask_heap(other).used, 0);
}

/* kills: use counted in the wrong heap, by descriptors, or never given back */
static void heap_use_follows_buffers(void)
{
	int a, b, copy;

	expect_use(0, 0);
	a = new_buffer(LEN);
	expect_use(1, LEN);
	b = new_buffer(1);
	expect_use(2, LEN + PAGE);
	copy = dup(a);
	expect_use(2, LEN + PAGE);
	close(a);
	expect_use(2, LEN + PAGE);
	close(copy);
	expect_use(1, PAGE);
	EXPECT(try_buffer(0) < 0);
	expect_use(1, PAGE);
	close(b);
	expect_use(0, 0);
}

/* kills: a limit or a zone remembered from when the module was loaded */
static void heap_follows_parameters(void)
{
	static const char *const zones[] = { "any", "low", "high" };
	uint64_t limit = ask_heap(heap_name()).limit;
	size_t i;

	EXPECT_EQ(limit, counter("frames_limit") * PAGE);
	EXPECT_EQ(write_text(PARAMETERS "limit_percent", "25"), 0);
	EXPECT_EQ(ask_heap(heap_name()).limit, counter("frames_limit") * PAGE);
	EXPECT(ask_heap(heap_name()).limit < limit);
	EXPECT_EQ(ask_version().limit, ask_heap(heap_name()).limit);
	EXPECT_EQ(write_text(PARAMETERS "limit_percent", "50"), 0);
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		/* A kernel without high memory has no zone of it. */
		if (write_text(PARAMETERS "zone", zones[i]))
			continue;
		EXPECT_EQ(ask_heap(heap_name()).zone, i);
	}
	EXPECT_EQ(write_text(PARAMETERS "zone", "any"), 0);
}

/* --- races -------------------------------------------------------------------- */

#define NR_TURNS 1500u

struct race {
	int heap;
	int fd;
	int null;
	bool is_over;
};

/* One number, and behind it by turns two buffers, another file, nothing. */
static void *change_fd(void *arg)
{
	struct race *race = arg;
	unsigned int i;
	int fd;

	for (i = 0; i < rounds(NR_TURNS); i++) {
		fd = alloc_on(race->heap, i % 2 ? PAGE : LEN);
		EXPECT(fd >= 0);
		EXPECT_EQ(dup2(fd, race->fd), race->fd);
		close(fd);
		if (i % 3 == 0)
			EXPECT_EQ(dup2(race->null, race->fd), race->fd);
		if (i % 5 == 0)
			close(race->fd);
	}
	__atomic_store_n(&race->is_over, true, __ATOMIC_SEQ_CST);
	return NULL;
}

static bool is_true(const struct noalias_query_buffer *query)
{
	return (query->len == PAGE || query->len == LEN) && !query->wrong &&
	       query->promise == NOALIAS_IOC_GUARANTEED &&
	       query->memtype == node_type() &&
	       !strcmp(query->heap, heap_name());
}

/* kills: a buffer looked at without a reference to it */
static void fd_changes_while_it_is_asked_about(void)
{
	struct race race = { .heap = open_heap(), .fd = 50,
			     .null = open("/dev/null", O_RDWR) };
	struct noalias_query_buffer query;
	unsigned long nr[3] = { 0 };
	int node = open_node(), err;
	pthread_t thread;

	EXPECT(!pthread_create(&thread, NULL, change_fd, &race));
	while (!__atomic_load_n(&race.is_over, __ATOMIC_SEQ_CST)) {
		memset(&query, 0, sizeof(query));
		query.fd = race.fd;
		err = ask(node, NOALIAS_IOC_QUERY_BUFFER, &query);
		EXPECT(!err || err == -EBADF || err == -EINVAL);
		EXPECT(err || is_true(&query));
		nr[err ? err == -EBADF ? 1 : 2 : 0]++;
	}
	EXPECT(!pthread_join(thread, NULL));
	say("%lu answers, %lu times closed, %lu times another file", nr[0],
	    nr[1], nr[2]);
	EXPECT(nr[0] && nr[1] + nr[2]);
	close(race.fd);
	EXPECT_EQ(nr_held(), 0);
}

static void *list_heaps(void *arg)
{
	struct race *race = arg;
	struct noalias_query_heap query;

	while (!__atomic_load_n(&race->is_over, __ATOMIC_SEQ_CST)) {
		query = ask_heap(heap_name());
		/* At most one of each size, and the one being freed. */
		EXPECT(query.nr_buffers <= 3);
		EXPECT(query.used <= 3 * LEN);
	}
	return NULL;
}

/* kills: a list of buffers walked while it changes */
static void heap_use_while_buffers_come_and_go(void)
{
	struct race race = { .heap = open_heap(), .fd = 50,
			     .null = open("/dev/null", O_RDWR) };
	pthread_t thread;

	EXPECT(!pthread_create(&thread, NULL, list_heaps, &race));
	change_fd(&race);
	EXPECT(!pthread_join(thread, NULL));
	close(race.fd);
	expect_use(0, 0);
}

static const struct guest_case cases[] = {
	CASE(query_flags),
	CASE(query_reserved),
	CASE(query_heap_reserved_word),
	CASE(query_reserved_comes_back_zero),
	CASE(query_wrong_command),
	CASE(query_bad_pointer),
	CASE(node_has_nothing_but_questions),
	CASE(node_mode),
	CASE(node_opens_for_its_group_only),
	CASE(node_open_keeps_module),
	CASE(version_agrees_with_counters),
	CASE(heaps_are_listed),
	CASE(heap_use_follows_buffers),
	CASE(heap_follows_parameters),
	CASE(fd_changes_while_it_is_asked_about),
	CASE(heap_use_while_buffers_come_and_go),
};
GUEST_MAIN(cases)
