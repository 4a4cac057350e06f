// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Arena: machine, stacks, heap, in this order.
 *
 * Blocks of the heap never move and are allocated first fit, so two runs with
 * the same allocations get the same addresses. Freed blocks are cleared,
 * because old contents would make equal states differ. Under the address
 * sanitizer all memory outside of used blocks is poisoned.
 */
#include <stdio.h>

#include "arena.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#define poison(p, len) __asan_poison_memory_region(p, len)
#define unpoison(p, len) __asan_unpoison_memory_region(p, len)
#else
#define poison(p, len) ((void)(p), (void)(len))
#define unpoison(p, len) ((void)(p), (void)(len))
#endif

/* What a suspended thread may use below its stack pointer (ucontext). */
#if defined(__x86_64__) && !defined(SIM_UCONTEXT)
#define CO_SLACK 0
#else
#define CO_SLACK 1024
#endif

/* Cleared below a suspended thread; deep enough for any step. */
#define DEAD_STACK 2048
/* Unused bytes after each block, so that an overrun hits no other block. */
#define GUARD 16

struct arena {
	struct na_port m;
	u8 stack[SIM_THREADS_MAX][SIM_STACK] __attribute__((aligned(64)));
	u8 heap[SIM_HEAP_MAX] __attribute__((aligned(64)));
};

static struct arena *arena_of(const struct na_port *m)
{
	return container_of((struct na_port *)m, struct arena, m);
}

struct na_port *sim_arena_create(void)
{
	struct arena *arena = aligned_alloc(4096, (sizeof(*arena) + 4095) &
						  ~(size_t)4095);

	if (!arena) {
		fprintf(stderr, "noalias-sim: no memory\n");
		exit(2);
	}
	memset(arena, 0, sizeof(*arena));
	poison(arena->heap, SIM_HEAP_MAX);
	return &arena->m;
}

void sim_arena_destroy(struct na_port *m)
{
	struct arena *arena = arena_of(m);

	unpoison(arena->heap, SIM_HEAP_MAX);
	free(arena);
}

void sim_arena_reset(struct na_port *m)
{
	struct arena *arena = arena_of(m);
	u32 tid;

	/*
	 * Threads of the previous run may have stopped anywhere: clear their
	 * stacks.
	 */
	for (tid = 0; tid < m->nr_threads; tid++) {
		unpoison(arena->stack[tid], SIM_STACK);
		memset(arena->stack[tid] + SIM_STACK - 2 * DEAD_STACK, 0,
		       2 * DEAD_STACK);
	}
	unpoison(arena->heap, SIM_HEAP_MAX);
	memset(arena->heap, 0, m->heap_len);
	poison(arena->heap, SIM_HEAP_MAX);
	memset(m, 0, sizeof(*m));
}

void *sim_arena_stack(struct na_port *m, u32 tid)
{
	return arena_of(m)->stack[tid];
}

/* --- heap ---------------------------------------------------------------------- */

static struct sim_block *reuse_block(struct na_port *m, u32 len)
{
	u32 i;

	for (i = 0; i < m->nr_blocks; i++)
		if (!m->block[i].used && m->block[i].len == len)
			return &m->block[i];
	return NULL;
}

void *sim_arena_alloc(struct na_port *m, size_t len)
{
	u32 room = (u32)((len + GUARD + 15) & ~(size_t)15);
	struct sim_block *block = reuse_block(m, room);
	u8 *mem;

	if (!block) {
		if (m->nr_blocks == SIM_BLOCKS_MAX ||
		    m->heap_len + room > SIM_HEAP_MAX)
			return NULL;
		block = &m->block[m->nr_blocks++];
		block->off = m->heap_len;
		block->len = room;
		m->heap_len += room;
	}
	block->used = true;
	mem = arena_of(m)->heap + block->off;
	unpoison(mem, len);
	return mem;
}

void sim_arena_free(struct na_port *m, void *mem)
{
	u32 off = (u32)((u8 *)mem - arena_of(m)->heap);
	u32 i;

	for (i = 0; i < m->nr_blocks; i++)
		if (m->block[i].used && m->block[i].off == off)
			break;
	if (i == m->nr_blocks) {
		sim_fail(SIM_TEST, -1, "free of what is not allocated");
		return;
	}
	m->block[i].used = false;
	unpoison(mem, m->block[i].len);
	memset(mem, 0, m->block[i].len);
	poison(mem, m->block[i].len);
}

u32 sim_arena_nr_used(const struct na_port *m)
{
	u32 i, nr = 0;

	for (i = 0; i < m->nr_blocks; i++)
		nr += m->block[i].used;
	return nr;
}

/* --- copies ---------------------------------------------------------------------- */

static u8 *live_stack(const struct na_port *m, u32 tid, size_t *len)
{
	u8 *top = arena_of(m)->stack[tid] + SIM_STACK;
	u8 *sp = (u8 *)m->thread[tid].sp - CO_SLACK;

	*len = m->thread[tid].wait == SIM_DONE ? 0 : (size_t)(top - sp);
	return sp;
}

size_t sim_arena_size(const struct na_port *m)
{
	size_t size = sizeof(*m) + m->heap_len, len;
	u32 tid;

	for (tid = 0; tid < m->nr_threads; tid++) {
		live_stack(m, tid, &len);
		size += len;
	}
	return size;
}

size_t sim_arena_save(const struct na_port *m, void *to)
{
	u8 *at = to;
	size_t len;
	u32 tid;

	memcpy(at, m, sizeof(*m));
	at += sizeof(*m);
	memcpy(at, arena_of(m)->heap, m->heap_len);
	at += m->heap_len;
	for (tid = 0; tid < m->nr_threads; tid++) {
		u8 *sp = live_stack(m, tid, &len);

		memcpy(at, sp, len);
		at += len;
	}
	return (size_t)(at - (u8 *)to);
}

void sim_arena_load(struct na_port *m, const void *from)
{
	u32 old_heap_len = m->heap_len;
	const u8 *at = from;
	size_t len;
	u32 tid;

	memcpy(m, at, sizeof(*m));
	at += sizeof(*m);
	memcpy(arena_of(m)->heap, at, m->heap_len);
	at += m->heap_len;
	if (old_heap_len > m->heap_len)
		memset(arena_of(m)->heap + m->heap_len, 0,
		       old_heap_len - m->heap_len);
	for (tid = 0; tid < m->nr_threads; tid++) {
		u8 *sp = live_stack(m, tid, &len);

		memcpy(sp, at, len);
		at += len;
	}
}

/* --- hash ------------------------------------------------------------------------- */

#define MUL_A 0x9e3779b97f4a7c15ull
#define MUL_B 0xd6e8feb86659fd93ull

static u64 mix(u64 a, u64 b)
{
	unsigned __int128 wide = (unsigned __int128)(a ^ MUL_A) * (b ^ MUL_B);

	return (u64)wide ^ (u64)(wide >> 64);
}

static u64 hash_bytes(const void *mem, size_t len, u64 hash)
{
	const u8 *at = mem;
	u64 a, b, lane = hash ^ MUL_B;

	for (; len >= 32; at += 32, len -= 32) {
		memcpy(&a, at, 8);
		memcpy(&b, at + 8, 8);
		hash = mix(hash ^ a, b);
		memcpy(&a, at + 16, 8);
		memcpy(&b, at + 24, 8);
		lane = mix(lane ^ a, b);
	}
	for (; len >= 8; at += 8, len -= 8) {
		memcpy(&a, at, 8);
		hash = mix(hash ^ a, len);
	}
	a = 0;
	memcpy(&a, at, len);
	return mix(hash ^ a, lane);
}

u64 sim_arena_hash(struct na_port *m, u64 seed)
{
	u64 kept[SIM_COUNTERS_MAX], hash = seed;
	u32 i, tid;
	size_t len;

	for (i = 0; i < sim.nr_counters; i++) {
		kept[i] = *sim.counter[i];
		*sim.counter[i] = 0;
	}
	for (tid = 0; tid < m->nr_threads; tid++) {
		u8 *sp = live_stack(m, tid, &len);

		memset(sp - DEAD_STACK, 0, DEAD_STACK);
		hash = hash_bytes(sp, len, hash);
	}
	hash = hash_bytes(m, sizeof(*m), hash);
	hash = hash_bytes(arena_of(m)->heap, m->heap_len, hash);
	for (i = 0; i < sim.nr_counters; i++)
		*sim.counter[i] = kept[i];
	return hash;
}
