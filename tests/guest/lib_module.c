// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * libnoalias on the module: heaps by name and by property, buffers and their
 * real memory type in the page tables, descriptors in other processes, and
 * what is known with less rights. Expects plant.ko.
 */
#define _GNU_SOURCE
#include "plant.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <libnoalias.h>

#define LEN (24 * PAGE)
#define NOBODY 65534

static enum noalias_memtype heap_memtype(void)
{
	return strcmp(heap_type(), "WC") ? NOALIAS_MEMTYPE_UC :
					   NOALIAS_MEMTYPE_WC;
}

static struct noalias_heap *find(enum noalias_promise promise)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = heap_memtype(),
		.promise = promise,
	};
	struct noalias_heap *heap;

	if (noalias_heap_find(&request, &heap))
		end_case(__FILE__, __LINE__, noalias_error_message());
	return heap;
}

static struct noalias_buffer *new_lib_buffer(uint64_t len)
{
	struct noalias_heap *heap = find(NOALIAS_PROMISE_GUARANTEED);
	struct noalias_buffer *buffer;

	if (noalias_buffer_alloc(heap, len, &buffer))
		end_case(__FILE__, __LINE__, noalias_error_message());
	noalias_heap_close(heap);
	return buffer;
}

static char *map_lib_buffer(struct noalias_buffer *buffer)
{
	void *mem;

	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ_WRITE, &mem), 0);
	return mem;
}

static struct noalias_buffer_info info_of(const struct noalias_buffer *buffer)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_buffer_query(buffer, &info), 0);
	return info;
}

/* --- heaps -------------------------------------------------------------------- */

static void expect_heap(struct noalias_heap *heap)
{
	struct noalias_heap_info info = { .size = sizeof(info) };

	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	EXPECT(!strcmp(info.name, heap_name()));
	EXPECT_EQ(info.memtype, heap_memtype());
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_GUARANTEED);
	EXPECT_EQ(info.fallback, 0);
	EXPECT(info.limit > 0);
	noalias_heap_close(heap);
}

/* kills: a heap of another name, or one that does not say what it is */
static void open_by_name(void)
{
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_open(heap_name(), 0, &heap), 0);
	expect_heap(heap);
	EXPECT_EQ(noalias_heap_open("no-such-heap", 0, &heap), -ENOENT);
	EXPECT(strstr(noalias_error_message(), "no-such-heap"));
}

/* kills: WC for UC; a default that is not the guarantee */
static void open_by_property(void)
{
	expect_heap(find(0));
	expect_heap(find(NOALIAS_PROMISE_BEST_EFFORT));
}

/* kills: buffers of another heap counted; a count that is not of now */
static void heap_counts_buffers(void)
{
	struct noalias_heap_info info = { .size = sizeof(info) };
	struct noalias_heap *heap = find(0);
	struct noalias_buffer *buffer = new_lib_buffer(LEN);

	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	EXPECT_EQ(info.nr_buffers, 1);
	EXPECT_EQ(info.used, LEN);
	noalias_buffer_close(buffer);
	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	EXPECT_EQ(info.nr_buffers, 0);
	EXPECT_EQ(info.used, 0);
	noalias_heap_close(heap);
}

static int count(const struct noalias_heap_info *info, void *arg)
{
	EXPECT_EQ(info->promise, NOALIAS_PROMISE_GUARANTEED);
	++*(unsigned int *)arg;
	return 0;
}

/* kills: heaps that are there and not listed */
static void list_has_all(void)
{
	unsigned int nr = 0;

	EXPECT_EQ(noalias_heap_list(count, &nr), 0);
	EXPECT_EQ(nr, 4);
}

/* kills: a fallback where none is needed */
static void fallback_is_not_taken(void)
{
	struct noalias_heap *heap;

	EXPECT_EQ(noalias_heap_open(heap_name(), NOALIAS_HEAP_FALLBACK, &heap),
		  0);
	expect_heap(heap);
}

/* --- buffers ------------------------------------------------------------------ */

/* kills: a memory type that is reported and is not the one of the mapping */
static void type_is_that_of_page_tables(void)
{
	struct noalias_buffer *buffer = new_lib_buffer(LEN - 3);
	struct noalias_buffer_info info = info_of(buffer);
	char *mem = map_lib_buffer(buffer);
	uint32_t pfns[LEN / PAGE];
	struct plant_frames found;
	int bed = open_bed();
	size_t i;

	EXPECT_EQ(info.memtype, heap_memtype());
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_GUARANTEED);
	EXPECT_EQ(info.len, LEN);
	EXPECT(info.id > 0);
	EXPECT(!strcmp(info.source, heap_name()));
	EXPECT(is_zero(mem, LEN));
	for (i = 0; i < LEN; i += PAGE)
		EXPECT_EQ(peek_user(bed, mem + i).type, plant_heap_type());
	pfns_of(bed, mem, LEN / PAGE, pfns);
	found = scan_kernel(bed, pfns, LEN / PAGE, plant_heap_type());
	EXPECT_EQ(found.nr_kmap + found.nr_fixmap + found.nr_vmalloc, 0);
	EXPECT_EQ(found.nr_direct_odd, 0);
	noalias_buffer_close(buffer);
}

/* kills: a mapping with other rights than asked for */
static void map_readonly(void)
{
	struct noalias_buffer *buffer = new_lib_buffer(PAGE);
	int bed = open_bed();
	void *mem;

	EXPECT_EQ(noalias_buffer_map(buffer, NOALIAS_READ, &mem), 0);
	EXPECT_EQ(*(volatile char *)mem, 0);
	EXPECT(!peek_user(bed, mem).writable);
	noalias_buffer_close(buffer);
}

/* kills: a copy that loses bytes on memory that is not cached */
static void copies_keep_contents(void)
{
	static const size_t lens[] = { 0, 1, 63, 64, 65, 1000, LEN - 128 };
	struct noalias_buffer *buffer = new_lib_buffer(LEN);
	char *mem = map_lib_buffer(buffer), *one, *other;
	size_t i, at;

	say("copies by %s", noalias_copy_method());
	one = malloc(LEN);
	other = malloc(LEN);
	EXPECT(one && other);
	fill(one, LEN, 5);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		for (at = 0; at < 66; at += 13) {
			noalias_fill_uncached(mem, 0x77, LEN);
			noalias_copy_to_uncached(mem + at, one + 3, lens[i]);
			EXPECT(!memcmp(mem + at, one + 3, lens[i]));
			EXPECT_EQ(mem[at + lens[i]], 0x77);
			memset(other, 0, LEN);
			noalias_copy_from_uncached(other, mem + at, lens[i]);
			EXPECT(!memcmp(other, one + 3, lens[i]));
			EXPECT_EQ(other[lens[i]], 0);
		}
	}
	free(one);
	free(other);
	noalias_buffer_close(buffer);
}

/* kills: directions that the kernel does not know */
static void sync_all_ways(void)
{
	struct noalias_buffer *buffer = new_lib_buffer(PAGE);
	int access;

	for (access = NOALIAS_READ; access <= NOALIAS_READ_WRITE; access++) {
		EXPECT_EQ(noalias_buffer_sync_begin(buffer, access), 0);
		EXPECT_EQ(noalias_buffer_sync_end(buffer, access), 0);
	}
	noalias_buffer_close(buffer);
}

/* kills: a limit of the module that passes for another error, or leaks */
static void alloc_too_long(void)
{
	struct noalias_heap *heap = find(0);
	struct noalias_buffer *buffer;
	unsigned int nr = nr_open_fds();

	EXPECT_EQ(noalias_buffer_alloc(heap, 0, &buffer), -EINVAL);
	EXPECT_EQ(noalias_buffer_alloc(heap, 1ull << 40, &buffer), -EFBIG);
	EXPECT(strstr(noalias_error_message(), "len: is 1099511627776, allowed: "));
	EXPECT(strstr(noalias_error_message(), BUFFER_LEN_MAX_TEXT));
	EXPECT(strstr(noalias_error_message(), "; take several buffers"));
	EXPECT_EQ(noalias_buffer_alloc(heap, BUFFER_LEN_MAX + 1, &buffer),
		  -EFBIG);
	EXPECT_EQ(noalias_buffer_alloc(heap, UINT64_MAX, &buffer), -EFBIG);
	EXPECT_EQ(nr_open_fds(), nr);
	noalias_heap_close(heap);
}

/* --- descriptors --------------------------------------------------------------- */

struct pair {
	int sockets[2];
};

static void import_in_child(void *arg)
{
	struct pair *pair = arg;
	struct noalias_buffer *buffer;
	int fd = receive_fd(pair->sockets[1]), bed = open_bed();
	char *mem;

	EXPECT(fd >= 0);
	EXPECT_EQ(noalias_buffer_import(fd, &buffer), 0);
	close(fd);
	EXPECT_EQ(info_of(buffer).memtype, heap_memtype());
	EXPECT_EQ(info_of(buffer).promise, NOALIAS_PROMISE_GUARANTEED);
	mem = map_lib_buffer(buffer);
	EXPECT(holds(mem, LEN, 6));
	EXPECT_EQ(peek_user(bed, mem).type, plant_heap_type());
	fill(mem, LEN, 7);
	EXPECT_EQ(noalias_buffer_sync_end(buffer, NOALIAS_WRITE), 0);
	noalias_buffer_close(buffer);
}

/* kills: a descriptor of other memory, or mapped as another type there */
static void share_with_another_process(void)
{
	struct noalias_buffer *buffer = new_lib_buffer(LEN);
	char *mem = map_lib_buffer(buffer);
	struct pair pair;
	pid_t child;
	int fd;

	EXPECT(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair.sockets));
	fill(mem, LEN, 6);
	EXPECT_EQ(noalias_buffer_export(buffer, &fd), 0);
	child = start(import_in_child, &pair);
	EXPECT_EQ(send_fd(pair.sockets[0], fd), 0);
	close(fd);
	EXPECT(passes(child));
	EXPECT(holds(mem, LEN, 7));
	noalias_buffer_close(buffer);
	EXPECT_EQ(nr_held(), 0);
}

/* kills: memory that goes while a mapping through the library is left */
static void close_gives_all_back(void)
{
	struct noalias_buffer *buffer = new_lib_buffer(LEN);
	unsigned int nr = nr_open_fds();

	map_lib_buffer(buffer);
	map_lib_buffer(buffer);
	EXPECT(nr_held() > 0);
	noalias_buffer_close(buffer);
	EXPECT_EQ(nr_open_fds(), nr - 1);
	EXPECT_EQ(nr_held(), 0);
}

/* --- with less rights ------------------------------------------------------------ */

static void set_mode(const char *name, mode_t mode)
{
	char path[160];

	snprintf(path, sizeof(path), "/dev/%s", name);
	EXPECT(!chmod(path, mode));
}

static void use_as_nobody(void *arg)
{
	struct noalias_heap_request request = {
		.size = sizeof(request), .memtype = heap_memtype(),
	};
	struct noalias_heap_info info = { .size = sizeof(info) };
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	(void)arg;
	EXPECT(!setgid(NOBODY) && !setuid(NOBODY));
	EXPECT_EQ(noalias_heap_find(&request, &heap), -EOPNOTSUPP);
	EXPECT(strstr(noalias_error_message(), "without /dev/noalias"));
	request.promise = NOALIAS_PROMISE_BEST_EFFORT;
	EXPECT_EQ(noalias_heap_find(&request, &heap), -EOPNOTSUPP);
	heap = find(NOALIAS_PROMISE_NONE);
	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	EXPECT_EQ(info.memtype, heap_memtype());
	EXPECT_EQ(info.promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT_EQ(noalias_buffer_alloc(heap, BUFFER_LEN_MAX + 1, &buffer),
		  -EFBIG);
	EXPECT(strstr(noalias_error_message(), BUFFER_LEN_MAX_TEXT));
	EXPECT_EQ(noalias_buffer_alloc(heap, LEN, &buffer), 0);
	EXPECT_EQ(info_of(buffer).memtype, heap_memtype());
	EXPECT_EQ(info_of(buffer).promise, NOALIAS_PROMISE_UNKNOWN);
	EXPECT(!strcmp(info_of(buffer).source, heap_name()));
	noalias_buffer_close(buffer);
	noalias_heap_close(heap);
}

/* kills: a guarantee claimed by who may not ask; nothing known at all */
static void heap_open_and_node_closed(void)
{
	char path[128];
	bool pass;

	snprintf(path, sizeof(path), "dma_heap/%s", heap_name());
	set_mode(path, 0666);
	set_mode("noalias", 0600);
	pass = passes(start(use_as_nobody, NULL));
	set_mode(path, 0600);
	EXPECT(pass);
}

static void fall_back_as_nobody(void *arg)
{
	struct noalias_heap_info info = { .size = sizeof(info) };
	struct noalias_buffer *buffer;
	struct noalias_heap *heap;

	(void)arg;
	EXPECT(!setgid(NOBODY) && !setuid(NOBODY));
	EXPECT_EQ(noalias_heap_open(heap_name(), 0, &heap), -EACCES);
	EXPECT_EQ(noalias_heap_open(heap_name(), NOALIAS_HEAP_FALLBACK, &heap),
		  0);
	EXPECT_EQ(noalias_heap_query(heap, &info), 0);
	EXPECT_EQ(info.fallback, EACCES);
	EXPECT_EQ(info.memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(noalias_buffer_alloc(heap, LEN, &buffer), 0);
	EXPECT_EQ(info_of(buffer).memtype, NOALIAS_MEMTYPE_WB);
	EXPECT_EQ(info_of(buffer).promise, NOALIAS_PROMISE_NONE);
	EXPECT_EQ(info_of(buffer).fallback, EACCES);
	EXPECT(is_zero(map_lib_buffer(buffer), LEN));
	noalias_buffer_close(buffer);
	noalias_heap_close(heap);
}

/* kills: cached memory that nobody asked for, or that passes for uncached */
static void nobody_falls_back_if_allowed(void)
{
	EXPECT(passes(start(fall_back_as_nobody, NULL)));
}

static const struct guest_case cases[] = {
	CASE(open_by_name),
	CASE(open_by_property),
	CASE(heap_counts_buffers),
	CASE(list_has_all),
	CASE(fallback_is_not_taken),
	CASE(type_is_that_of_page_tables),
	CASE(map_readonly),
	CASE(copies_keep_contents),
	CASE(sync_all_ways),
	CASE(alloc_too_long),
	CASE(share_with_another_process),
	CASE(close_gives_all_back),
	CASE(heap_open_and_node_closed),
	CASE(nobody_falls_back_if_allowed),
};

GUEST_MAIN(cases)
