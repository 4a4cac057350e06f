/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Locks, atomics and assertions of the engine inside the simulated machine;
 * the list is in include/noalias/port.h.
 *
 * Each of them is a choice point: the thread announces its next operation and
 * passes its CPU to the scheduler, which may let any other thread, any
 * interrupt and any whim of the hardware go first. Code between two choice
 * points runs without interruption, so accesses to plain memory that two
 * threads share without a lock or an atomic are not interleaved here; the
 * thread sanitizer of port/user covers that.
 *
 * Outside of a simulated thread (setup, checkers) a choice point does
 * nothing.
 */
#ifndef NA_PLATFORM_H
#define NA_PLATFORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

#define likely(cond) __builtin_expect(!!(cond), 1)
#define unlikely(cond) __builtin_expect(!!(cond), 0)
#define noinline __attribute__((__noinline__))
#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif

#define container_of(ptr, type, member)					\
	((type *)(void *)((char *)(1 ? (ptr) : &((type *)0)->member) -	\
			  offsetof(type, member)))

/* --- assertions --------------------------------------------------------- */

/* Ends the run; from a simulated thread it does not return. */
bool sim_assert_failed(const char *file, int line, const char *cond);

#define NA_ASSERT(cond) \
	(likely(cond) || sim_assert_failed(__FILE__, __LINE__, #cond))
#define NA_CHECK(cond) likely(cond)

/* --- atomics ------------------------------------------------------------ */

typedef struct {
	u32 value;
} na_atomic32_t;

typedef struct {
	u64 value;
} na_atomic64_t;

u32 sim_atomic32_read(const na_atomic32_t *v, const char *where);
void sim_atomic32_set(na_atomic32_t *v, u32 value, const char *where);
u32 sim_atomic32_add_return(na_atomic32_t *v, u32 add, const char *where);
u32 sim_atomic32_cmpxchg(na_atomic32_t *v, u32 old, u32 new,
			 const char *where);
u64 sim_atomic64_read(const na_atomic64_t *v, const char *where);
void sim_atomic64_set(na_atomic64_t *v, u64 value, const char *where);
void sim_atomic64_add(na_atomic64_t *v, u64 add, const char *where);
u64 sim_atomic64_add_return(na_atomic64_t *v, u64 add, const char *where);
u64 sim_atomic64_cmpxchg(na_atomic64_t *v, u64 old, u64 new,
			 const char *where);
void *sim_ptr_load(void *const *pp, const char *where);
void *sim_ptr_cmpxchg(void **pp, void *old, void *new, const char *where);
void sim_ptr_store(void **pp, void *value, const char *where);
unsigned long sim_word_read(const unsigned long *p, const char *where);
void sim_word_write(unsigned long *p, unsigned long value, const char *where);
void sim_tally_add(unsigned long *p, unsigned long value, const char *where);

#define na_atomic32_read(v) sim_atomic32_read(v, __func__)
#define na_atomic32_set(v, val) sim_atomic32_set(v, val, __func__)
#define na_atomic32_add(v, val) \
	((void)sim_atomic32_add_return(v, (u32)(val), __func__))
#define na_atomic32_add_return(v, val) \
	sim_atomic32_add_return(v, (u32)(val), __func__)
#define na_atomic32_cmpxchg(v, old, new) \
	sim_atomic32_cmpxchg(v, old, new, __func__)
#define na_atomic64_read(v) sim_atomic64_read(v, __func__)
#define na_atomic64_set(v, val) sim_atomic64_set(v, (u64)(val), __func__)
#define na_atomic64_add(v, val) sim_atomic64_add(v, (u64)(val), __func__)
#define na_atomic64_add_return(v, val) \
	sim_atomic64_add_return(v, (u64)(val), __func__)
#define na_atomic64_cmpxchg(v, old, new) \
	sim_atomic64_cmpxchg(v, old, new, __func__)

#define na_ptr_load_acquire(pp)						\
	((__typeof__(*(pp)))sim_ptr_load((void *const *)(pp), __func__))
#define na_ptr_cmpxchg(pp, old, new)					\
	((__typeof__(*(pp)))sim_ptr_cmpxchg((void **)(pp), (void *)(old), \
					    (void *)(new), __func__))

#define na_ptr_store_release(pp, val) \
	sim_ptr_store((void **)(pp), (void *)(val), __func__)
#define na_word_read(p) sim_word_read(p, __func__)
#define na_word_write(p, val) sim_word_write(p, val, __func__)
#define na_tally_add(p, val) sim_tally_add(p, val, __func__)
#define na_tally_read(p) (*(p))

/* --- locks -------------------------------------------------------------- */

/* @owner is the holder's thread number plus one; 0 when free. */
typedef struct {
	u32 owner;
} na_spin_t;

typedef struct {
	u32 owner;
} na_mutex_t;

void sim_spin_init(na_spin_t *lock);
void sim_spin_lock(na_spin_t *lock, const char *where);
void sim_spin_unlock(na_spin_t *lock, const char *where);
void sim_spin_assert_held(const na_spin_t *lock);
void sim_mutex_init(na_mutex_t *lock);
void sim_mutex_lock(na_mutex_t *lock, const char *where);
void sim_mutex_unlock(na_mutex_t *lock, const char *where);
void sim_mutex_assert_held(const na_mutex_t *lock);
void sim_might_sleep(const char *where);
void sim_relax(const char *where);
void sim_give_way(const char *where);

#define na_spin_init(lock) sim_spin_init(lock)
#define na_spin_lock(lock) sim_spin_lock(lock, __func__)
#define na_spin_unlock(lock) sim_spin_unlock(lock, __func__)
#define na_spin_assert_held(lock) sim_spin_assert_held(lock)
#define na_mutex_init(lock) sim_mutex_init(lock)
#define na_mutex_lock(lock) sim_mutex_lock(lock, __func__)
#define na_mutex_unlock(lock) sim_mutex_unlock(lock, __func__)
#define na_mutex_assert_held(lock) sim_mutex_assert_held(lock)
#define na_might_sleep() sim_might_sleep(__func__)
#define na_relax() sim_relax(__func__)
#define na_yield() sim_give_way(__func__)

/* --- memory ------------------------------------------------------------- */

#define na_memcpy(dst, src, len) memcpy(dst, src, len)
#define na_memset(dst, byte, len) memset(dst, byte, len)

static inline void na_sort(void *base, size_t nr, size_t size,
			   int (*cmp)(const void *, const void *))
{
	if (nr)
		qsort(base, nr, size, cmp);
}

#include "../na_list.h"

#endif
