// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What a thread is told of its last refusal: through a heap alone, with
 * numbers, for each way to be refused, and of nobody else. Expects na_fail.ko.
 */
#define _GNU_SOURCE
#include "status_node.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define NOBODY 65534
#define TOO_LONG (BUFFER_LEN_MAX + PAGE)
/* Three times what the module has room for. */
#define NR_THREADS 1500u
#define NR_TRIES 200u

typedef struct dma_heap_allocation_data request;

static int ask_refusal(int node, struct noalias_query_refusal *query)
{
	memset(query, 0, sizeof(*query));
	return ask(node, NOALIAS_IOC_QUERY_REFUSAL, query);
}

static struct noalias_query_refusal told(int node)
{
	struct noalias_query_refusal query;

	EXPECT_EQ(ask_refusal(node, &query), 0);
	return query;
}

/* --- who is told ----------------------------------------------------------------- */

static void ask_with_heap_alone(void *arg)
{
	int heap = *(int *)arg;
	struct noalias_query_refusal query;

	EXPECT(!setgid(NOBODY) && !setuid(NOBODY));
	EXPECT_ERRNO(open(NOALIAS_IOC_PATH, O_RDONLY), EACCES);
	EXPECT_EQ(ask_refusal(heap, &query), -ENOENT);
	EXPECT_EQ(alloc_on(heap, TOO_LONG), -ENOMEM);
	query = told(heap);
	EXPECT_EQ(query.err, ENOMEM);
	EXPECT_EQ(query.nr, 1);
	EXPECT_EQ(query.value, TOO_LONG);
	EXPECT_EQ(query.max, BUFFER_LEN_MAX);
	EXPECT_EQ(query.scope, NOALIAS_IOC_LIMIT_FIXED);
	EXPECT(!strcmp(query.field, "len"));
	EXPECT(!strcmp(query.limit, BUFFER_LEN_MAX_TEXT));
	EXPECT(*query.remedy);
	EXPECT_EQ(alloc_on(heap, 0), -EINVAL);
	query = told(heap);
	EXPECT_EQ(query.nr, 2);
	EXPECT_EQ(query.scope, NOALIAS_IOC_LIMIT_TEXT);
	EXPECT_EQ(query.max, 0);
	EXPECT(!strcmp(query.limit, "1 or more"));
}

/* kills: a reason that only root, or only the node's group, is told */
static void heap_alone_is_enough(void)
{
	int heap = open_heap();

	EXPECT(passes(start(ask_with_heap_alone, &heap)));
}

static void *be_refused(void *arg)
{
	EXPECT_EQ(alloc_on(*(int *)arg, 0), -EINVAL);
	return NULL;
}

static void *be_told_nothing(void *arg)
{
	struct noalias_query_refusal query;

	EXPECT_EQ(ask_refusal(*(int *)arg, &query), -ENOENT);
	return NULL;
}

static void run_thread(void *(*run)(void *), int *heap)
{
	pthread_t thread;

	EXPECT(!pthread_create(&thread, NULL, run, heap));
	EXPECT(!pthread_join(thread, NULL));
}

static void be_told_nothing_in_child(void *arg)
{
	be_told_nothing(arg);
}

/* kills: a record of the process, or of the open file */
static void others_are_not_told(void)
{
	struct noalias_query_refusal query;
	int heap = open_heap();

	run_thread(be_refused, &heap);
	EXPECT_EQ(ask_refusal(heap, &query), -ENOENT);
	be_refused(&heap);
	run_thread(be_told_nothing, &heap);
	EXPECT(passes(start(be_told_nothing_in_child, &heap)));
	EXPECT_EQ(told(heap).nr, 1);
}

static void be_refused_in_child(void *arg)
{
	be_refused(arg);
}

/* Return: a child with this number, which does @run; -1: it was taken. */
static pid_t start_as(pid_t pid, void (*run)(void *), void *arg)
{
	char text[16];
	pid_t child;

	snprintf(text, sizeof(text), "%d", pid - 1);
	EXPECT(!write_text("/proc/sys/kernel/ns_last_pid", text));
	child = start(run, arg);
	if (child == pid)
		return child;
	waitpid(child, NULL, 0);
	return -1;
}

/* kills: a record known by the number of a thread alone */
static void number_used_again_is_not_told(void)
{
	int heap = open_heap();
	pid_t child = start(be_refused_in_child, &heap), again = -1;
	unsigned int i;

	EXPECT(passes(child));
	for (i = 0; again < 0 && i < NR_TRIES; i++)
		again = start_as(child, be_told_nothing_in_child, &heap);
	EXPECT_EQ(again, child);
	EXPECT(passes(again));
}

static void flood(void *arg)
{
	unsigned int i;

	EXPECT(!setgid(NOBODY) && !setuid(NOBODY));
	for (i = 0; i < NR_THREADS; i++)
		run_thread(be_refused, arg);
}

/* kills: a table that one user's threads fill; a ring for all */
static void flood_pushes_nobody_out(void)
{
	int heap = open_heap();

	EXPECT_EQ(alloc_on(heap, TOO_LONG), -ENOMEM);
	EXPECT(passes(start(flood, &heap)));
	EXPECT_EQ(told(heap).value, TOO_LONG);
}

#define NR_BUCKETS 64u		/* of the module's table */
#define NR_KEPT (8 * NR_BUCKETS)	/* as many as it has slots */

struct crowd {
	int heap;
	pthread_barrier_t refused, counted, flooded;
	unsigned int nr_told, nr_still_told;
};

static void *keep_a_refusal(void *arg)
{
	struct noalias_query_refusal query;
	struct crowd *crowd = arg;

	be_refused(&crowd->heap);
	pthread_barrier_wait(&crowd->refused);
	if (!ask_refusal(crowd->heap, &query))
		__atomic_add_fetch(&crowd->nr_told, 1, __ATOMIC_RELAXED);
	pthread_barrier_wait(&crowd->counted);
	pthread_barrier_wait(&crowd->flooded);
	if (!ask_refusal(crowd->heap, &query))
		__atomic_add_fetch(&crowd->nr_still_told, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void start_crowd(struct crowd *crowd, pthread_t *threads)
{
	pthread_attr_t small;
	unsigned int i;

	EXPECT(!pthread_barrier_init(&crowd->refused, NULL, NR_KEPT + 1));
	EXPECT(!pthread_barrier_init(&crowd->counted, NULL, NR_KEPT + 1));
	EXPECT(!pthread_barrier_init(&crowd->flooded, NULL, NR_KEPT + 1));
	EXPECT(!pthread_attr_init(&small));
	EXPECT(!pthread_attr_setstacksize(&small, 64 * KIB));
	for (i = 0; i < NR_KEPT; i++)
		EXPECT(!pthread_create(&threads[i], &small, keep_a_refusal,
				       crowd));
}

/*
 * Before the flood of the next case, and for the first heap only: in a table that
 * another user has filled the crowd gets no more than a slot of each bucket.
 *
 * kills: a user with the fewest records that takes slots until it has as many as
 * others
 */
static void flood_takes_one_slot_of_each_bucket(void)
{
	struct crowd crowd = { .heap = open_heap() };
	pthread_t threads[NR_KEPT];
	unsigned int i;

	start_crowd(&crowd, threads);
	pthread_barrier_wait(&crowd.refused);
	pthread_barrier_wait(&crowd.counted);
	EXPECT(passes(start(flood, &crowd.heap)));
	pthread_barrier_wait(&crowd.flooded);
	for (i = 0; i < NR_KEPT; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	say("%u of %u are told, %u after the flood", crowd.nr_told, NR_KEPT,
	    crowd.nr_still_told);
	EXPECT(crowd.nr_told >= NR_BUCKETS);
	EXPECT(crowd.nr_told - crowd.nr_still_told <= NR_BUCKETS);
}

static void *loop(void *arg)
{
	struct noalias_query_refusal query;
	int heap = *(int *)arg;
	uint64_t len;

	for (len = TOO_LONG; len < TOO_LONG + 2000; len++) {
		EXPECT_EQ(alloc_on(heap, len), -ENOMEM);
		query = told(heap);
		EXPECT_EQ(query.value, len);
		EXPECT_EQ(query.nr, len - TOO_LONG + 1);
	}
	return NULL;
}

/* kills: a record that another CPU writes half; a count of all threads */
static void threads_do_not_mix(void)
{
	pthread_t threads[4];
	int heap = open_heap();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(threads); i++)
		EXPECT(!pthread_create(&threads[i], NULL, loop, &heap));
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		EXPECT(!pthread_join(threads[i], NULL));
}

/* --- what is told ----------------------------------------------------------------- */

/* kills: a limit in words only; figures of another moment, or in frames */
static void numbers_are_those_of_now(void)
{
	int heap = open_heap(), fd = new_buffer(3 * MIB);
	struct noalias_query_refusal query;
	uint64_t limit;

	EXPECT(!write_text(PARAMETERS "limit_percent", "1"));
	limit = counter("frames_limit") * PAGE;
	EXPECT_EQ(alloc_on(heap, limit), -ENOMEM);
	EXPECT(!write_text(PARAMETERS "limit_percent", "50"));
	query = told(heap);
	EXPECT(!strcmp(query.limit, "limit_percent of memory in all buffers"));
	EXPECT_EQ(query.scope, NOALIAS_IOC_LIMIT_NOW);
	EXPECT_EQ(query.value, limit);
	EXPECT_EQ(query.max, limit);
	EXPECT_EQ(query.used, 3 * MIB);
	EXPECT(*query.remedy);
	close(fd);
}

/* kills: a mapping that is refused without a word, or without the number */
static void mappings_are_told(void)
{
	int heap = open_heap(), fd = new_buffer(4 * PAGE);
	struct noalias_query_refusal query;

	EXPECT_EQ(map_errno(fd, PAGE, PROT_READ, MAP_PRIVATE, 0), EINVAL);
	EXPECT(!strcmp(told(heap).field, "mmap flags"));
	EXPECT_EQ(map_errno(fd, PAGE, PROT_READ, MAP_SHARED, 4 * PAGE), EINVAL);
	query = told(heap);
	if (!strcmp(query.field, "mmap flags"))
		return;	/* This kernel checks the end of a dma-buf itself. */
	EXPECT_EQ(query.value, 5 * PAGE);
	EXPECT_EQ(query.max, 4 * PAGE);
}

static void expect_told(int heap, int err, const char *field,
			const char *limit)
{
	struct noalias_query_refusal query = told(heap);

	say("%s is %llu, allowed: %s", query.field,
	    (unsigned long long)query.value, query.limit);
	EXPECT_EQ(query.err, err);
	EXPECT(!strcmp(query.field, field));
	EXPECT(strstr(query.limit, limit));
}

/* kills: an error of which an older reason is told */
static void each_error_of_a_heap_is_told(void)
{
	request data = { .len = PAGE, .fd_flags = O_RDWR };
	request *readonly = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit = { 0, 0 };
	int heap = open_heap();

	EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, NULL), EFAULT);
	expect_told(heap, EFAULT, "struct address", "may read");
	EXPECT(readonly != MAP_FAILED);
	*readonly = data;
	EXPECT(!mprotect(readonly, PAGE, PROT_READ));
	EXPECT_ERRNO(ioctl(heap, DMA_HEAP_IOCTL_ALLOC, readonly), EFAULT);
	expect_told(heap, EFAULT, "struct address", "may write");
	EXPECT_ERRNO(ioctl(heap, 0x5401 /* TCGETS */, &data), EINVAL);
	expect_told(heap, EINVAL, "ioctl number", "0");
	EXPECT(!getrlimit(RLIMIT_NOFILE, &limit));
	limit.rlim_cur = (rlim_t)heap + 1;
	EXPECT(!setrlimit(RLIMIT_NOFILE, &limit));
	EXPECT_EQ(alloc_on(heap, PAGE), -EMFILE);
	expect_told(heap, EMFILE, "len", "RLIMIT_NOFILE");
}

/*
 * kills: an error from below the module that no sentence comes with, or that of
 * an earlier one
 */
static void errors_from_below_are_told(void)
{
	int heap = open_heap();

	EXPECT_EQ(alloc_on(heap, TOO_LONG), -ENOMEM);
	fail_call("na_port_cache_clean", 1, true, -ENOMEM);
	EXPECT_EQ(alloc_on(heap, PAGE), -ENOMEM);
	EXPECT(fail_off().failed);
	expect_told(heap, ENOMEM, "len", "memory that the kernel");
}

static const struct guest_case cases[] = {
	CASE(heap_alone_is_enough),
	CASE(others_are_not_told),
	CASE(number_used_again_is_not_told),
	CASE(flood_takes_one_slot_of_each_bucket),
	CASE(flood_pushes_nobody_out),
	CASE(threads_do_not_mix),
	CASE(numbers_are_those_of_now),
	CASE(mappings_are_told),
	CASE(each_error_of_a_heap_is_told),
	CASE(errors_from_below_are_told),
};

GUEST_MAIN(cases)
