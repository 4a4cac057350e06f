// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers and heaps used by several threads at once, of whatever this machine
 * has.
 */
#include "tap.h"

#include <pthread.h>

#define NR_THREADS 4
#define NR_ROUNDS 300

struct shared {
	struct noalias_heap *heap;
	struct noalias_buffer *buffer;
	unsigned int nr;
};

static void use_shared(struct shared *shared)
{
	struct noalias_buffer_info info = { .size = sizeof(info) };
	void *addr;
	int fd;

	EXPECT_EQ(noalias_buffer_map(shared->buffer, NOALIAS_READ, &addr), 0);
	EXPECT_EQ(noalias_buffer_sync_begin(shared->buffer, NOALIAS_READ), 0);
	EXPECT_EQ(*(volatile char *)addr, 0);
	EXPECT_EQ(noalias_buffer_sync_end(shared->buffer, NOALIAS_READ), 0);
	EXPECT_EQ(noalias_buffer_query(shared->buffer, &info), 0);
	EXPECT_EQ(noalias_buffer_export(shared->buffer, &fd), 0);
	close(fd);
	EXPECT_EQ(noalias_buffer_unmap(shared->buffer, addr), 0);
}

/* Messages belong to the thread. */
static void make_own(struct shared *shared, unsigned int nr)
{
	struct noalias_buffer *own;
	struct noalias_heap *none;
	char name[32];

	EXPECT_EQ(noalias_buffer_alloc(shared->heap, 4096, &own), 0);
	EXPECT_EQ(noalias_buffer_len(own), 4096);
	noalias_buffer_close(own);
	snprintf(name, sizeof(name), "none-of-thread-%u", nr);
	EXPECT_ERROR(noalias_heap_open(name, 0, &none), ENOENT, name);
}

static void *work(void *arg)
{
	struct shared *shared = arg;
	unsigned int nr = __atomic_fetch_add(&shared->nr, 1, __ATOMIC_RELAXED);
	unsigned int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		use_shared(shared);
		make_own(shared, nr);
	}
	return NULL;
}

/* kills: a list of mappings without its lock; a message of another thread */
static void threads_share_heap_and_buffer(void)
{
	pthread_t threads[NR_THREADS];
	struct shared shared = { .nr = 0 };
	size_t i;

	EXPECT_EQ(noalias_heap_open("of-this-test", NOALIAS_HEAP_FALLBACK,
				    &shared.heap), 0);
	EXPECT_EQ(noalias_buffer_alloc(shared.heap, 1 << 16, &shared.buffer),
		  0);
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_create(&threads[i], NULL, work, &shared));
	for (i = 0; i < NR_THREADS; i++)
		EXPECT(!pthread_join(threads[i], NULL));
	noalias_buffer_close(shared.buffer);
	noalias_heap_close(shared.heap);
}

static const struct tap_case cases[] = {
	TAP(threads_share_heap_and_buffer),
};

TAP_MAIN(cases)
