/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: kmap
 *
 * A simple window modelled after the kernel's kmap(), as a good textbook
 * implementation to compare the library with.
 */
#ifndef BENCH_KMAP_H
#define BENCH_KMAP_H

#include <stdint.h>

struct kmap_pool;

/** kmap_open() - a pool over @fd. Return: NULL without memory. */
struct kmap_pool *kmap_open(int fd, uint32_t nr_slots, uint32_t shift);

/** kmap_close() - close a pool in which nothing is mapped. */
void kmap_close(struct kmap_pool *pool);

/** kmap() - address of a frame; waits for a slot. Return: NULL on error. */
void *kmap(struct kmap_pool *pool, uint32_t frame);

/** kunmap() - end a kmap(); the mapping stays. */
void kunmap(struct kmap_pool *pool, const void *addr);

/** kmap_flush_unused() - unmap all unused frames. */
void kmap_flush_unused(struct kmap_pool *pool);

/** kmap_nr_misses() - how often a slot was pointed. */
uint64_t kmap_nr_misses(const struct kmap_pool *pool);

/** kmap_nr_waiters() - threads that wait for a slot now. */
uint32_t kmap_nr_waiters(struct kmap_pool *pool);

#endif
