// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One lock for all. A slot has a count: 0 absent, 1 mapped and unused, more:
 * that many users and one. Frames find their slots through a hash whose
 * chains run through the slots. Slots are handed out in turn; when the pool
 * wraps, everything that is unused is unmapped, neighbours by one call.
 *
 * The lock spins a little before it sleeps, because a hit holds it for a short
 * time. It is held over mmap(), as the kernel holds its lock over the page
 * table change: another thread may look for the same frame.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kmap.h"

struct slot {
	uint32_t count;
	uint32_t frame;
	uint32_t next;	/* slot plus one */
};

struct kmap_pool {
	pthread_mutex_t lock;
	pthread_cond_t unused;
	uint32_t nr_waiters;
	uint32_t nr;
	uint32_t shift;
	uint32_t mask;
	uint32_t last;
	int fd;
	char *base;
	uint64_t nr_misses;
	struct slot *slots;
	uint32_t *heads;
};

static uint32_t *head_of(const struct kmap_pool *pool, uint32_t frame)
{
	return &pool->heads[(frame * 0x9e3779b1u >> 8) & pool->mask];
}

static char *slot_addr(const struct kmap_pool *pool, uint32_t idx)
{
	return pool->base + ((size_t)idx << pool->shift);
}

static struct slot *find(const struct kmap_pool *pool, uint32_t frame)
{
	uint32_t link = *head_of(pool, frame);
	struct slot *slot;

	for (; link; link = slot->next) {
		slot = &pool->slots[link - 1];
		if (slot->frame == frame)
			return slot;
	}
	return NULL;
}

static void forget(struct kmap_pool *pool, uint32_t idx)
{
	struct slot *slot = &pool->slots[idx];
	uint32_t *link = head_of(pool, slot->frame);

	while (*link != idx + 1)
		link = &pool->slots[*link - 1].next;
	*link = slot->next;
	slot->count = 0;
}

static bool unmap_run(struct kmap_pool *pool, uint32_t first, uint32_t nr)
{
	return !nr || mmap(slot_addr(pool, first), (size_t)nr << pool->shift,
			   PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS |
			   MAP_NORESERVE | MAP_FIXED, -1, 0) != MAP_FAILED;
}

static void flush_unused(struct kmap_pool *pool)
{
	uint32_t idx, nr = 0;

	for (idx = 0; idx < pool->nr; idx++) {
		if (pool->slots[idx].count == 1) {
			forget(pool, idx);
			nr++;
			continue;
		}
		if (!unmap_run(pool, idx - nr, nr))
			abort();
		nr = 0;
	}
	if (!unmap_run(pool, idx - nr, nr))
		abort();
}

/* The next slot that is absent; NULL: a whole turn after a flush has none. */
static struct slot *take_slot(struct kmap_pool *pool)
{
	uint32_t looks;

	for (looks = 0; looks < 2 * pool->nr; looks++) {
		pool->last = pool->last + 1 < pool->nr ? pool->last + 1 : 0;
		if (!pool->last)
			flush_unused(pool);
		if (!pool->slots[pool->last].count)
			return &pool->slots[pool->last];
	}
	return NULL;
}

static bool point(struct kmap_pool *pool, struct slot *slot, uint32_t frame)
{
	uint32_t idx = (uint32_t)(slot - pool->slots);
	uint32_t *head = head_of(pool, frame);

	if (mmap(slot_addr(pool, idx), (size_t)1 << pool->shift,
		 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, pool->fd,
		 (off_t)frame << pool->shift) == MAP_FAILED)
		return false;
	slot->frame = frame;
	slot->count = 1;
	slot->next = *head;
	*head = idx + 1;
	pool->nr_misses++;
	return true;
}

/* While we wait another thread may map the frame: look again. */
static struct slot *map_new(struct kmap_pool *pool, uint32_t frame)
{
	struct slot *slot;

	for (;;) {
		slot = take_slot(pool);
		if (slot)
			return point(pool, slot, frame) ? slot : NULL;
		pool->nr_waiters++;
		pthread_cond_wait(&pool->unused, &pool->lock);
		pool->nr_waiters--;
		slot = find(pool, frame);
		if (slot)
			return slot;
	}
}

void *kmap(struct kmap_pool *pool, uint32_t frame)
{
	struct slot *slot;
	void *addr = NULL;

	pthread_mutex_lock(&pool->lock);
	slot = find(pool, frame);
	if (!slot)
		slot = map_new(pool, frame);
	if (slot) {
		slot->count++;
		addr = slot_addr(pool, (uint32_t)(slot - pool->slots));
	}
	pthread_mutex_unlock(&pool->lock);
	return addr;
}

void kunmap(struct kmap_pool *pool, const void *addr)
{
	size_t idx = (size_t)((const char *)addr - pool->base) >> pool->shift;

	pthread_mutex_lock(&pool->lock);
	if (--pool->slots[idx].count == 1 && pool->nr_waiters)
		pthread_cond_signal(&pool->unused);
	pthread_mutex_unlock(&pool->lock);
}

void kmap_flush_unused(struct kmap_pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	flush_unused(pool);
	pthread_mutex_unlock(&pool->lock);
}

uint64_t kmap_nr_misses(const struct kmap_pool *pool)
{
	return pool->nr_misses;
}

uint32_t kmap_nr_waiters(struct kmap_pool *pool)
{
	uint32_t nr;

	pthread_mutex_lock(&pool->lock);
	nr = pool->nr_waiters;
	pthread_mutex_unlock(&pool->lock);
	return nr;
}

static bool open_parts(struct kmap_pool *pool)
{
	uint32_t nr_heads = 2;

	while (nr_heads < 2 * pool->nr)
		nr_heads *= 2;
	pool->mask = nr_heads - 1;
	pool->slots = calloc(pool->nr, sizeof(*pool->slots));
	pool->heads = calloc(nr_heads, sizeof(*pool->heads));
	pool->base = mmap(NULL, (size_t)pool->nr << pool->shift, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return pool->slots && pool->heads && pool->base != MAP_FAILED;
}

struct kmap_pool *kmap_open(int fd, uint32_t nr_slots, uint32_t shift)
{
	struct kmap_pool *pool = calloc(1, sizeof(*pool));
	pthread_mutexattr_t attr;

	if (!pool)
		return NULL;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ADAPTIVE_NP);
	pthread_mutex_init(&pool->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	pthread_cond_init(&pool->unused, NULL);
	pool->nr = nr_slots;
	pool->last = nr_slots - 1;
	pool->shift = shift;
	pool->fd = fd;
	if (open_parts(pool))
		return pool;
	kmap_close(pool);
	return NULL;
}

void kmap_close(struct kmap_pool *pool)
{
	if (pool->base && pool->base != MAP_FAILED)
		munmap(pool->base, (size_t)pool->nr << pool->shift);
	pthread_cond_destroy(&pool->unused);
	pthread_mutex_destroy(&pool->lock);
	free(pool->heads);
	free(pool->slots);
	free(pool);
}
