/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Locks, atomics, lists and assertions of the engine inside a process; the
 * list is in include/noalias/port.h.
 *
 * Nothing here guarantees more than the kernel does. Plain reads and sets order
 * nothing, also for the thread sanitizer; a lock records its owner; a call that
 * may sleep fails under a spinlock; an entry taken off a list cannot be used as
 * if it were still on it.
 *
 * All variables are weak, so that every file of a program can include this
 * header and none has to define them.
 */
#ifndef NA_PLATFORM_H
#define NA_PLATFORM_H

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As in the kernel: 64 bits are long long on every machine. */
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;

#ifndef likely
#define likely(cond) __builtin_expect(!!(cond), 1)
#define unlikely(cond) __builtin_expect(!!(cond), 0)
#endif
#ifndef noinline
#define noinline __attribute__((__noinline__))
#endif
#ifndef __always_inline
#define __always_inline inline __attribute__((__always_inline__))
#endif

/* The comparison makes the compiler check the type of @ptr. */
#ifndef container_of
#define container_of(ptr, type, member)					\
	((type *)(void *)((char *)(1 ? (ptr) : &((type *)0)->member) -	\
			  offsetof(type, member)))
#endif

/* --- assertions --------------------------------------------------------- */

/*
 * Called instead of ending the process. It may not return (a test jumps out),
 * or return true: then the assertion evaluates to false and the caller
 * continues safely, as in the kernel. False ends the process.
 */
typedef bool (*na_assert_hook_t)(const char *file, int line, const char *cond);

extern na_assert_hook_t na_assert_hook;
__attribute__((weak)) na_assert_hook_t na_assert_hook;

__attribute__((cold, unused)) static bool
na_assert_failed(const char *file, int line, const char *cond)
{
	if (na_assert_hook && na_assert_hook(file, line, cond))
		return false;
	fprintf(stderr, "%s:%d: noalias: assertion failed: %s\n", file, line,
		cond);
	abort();
}

#define NA_ASSERT(cond) \
	(likely(cond) || na_assert_failed(__FILE__, __LINE__, #cond))
#define NA_CHECK(cond) likely(cond)

/* --- atomics ------------------------------------------------------------ */

typedef struct {
	u32 value;
} na_atomic32_t;

typedef struct {
	u64 value;
} na_atomic64_t;

static inline u32 na_atomic32_read(const na_atomic32_t *v)
{
	return __atomic_load_n(&v->value, __ATOMIC_RELAXED);
}

static inline void na_atomic32_set(na_atomic32_t *v, u32 value)
{
	__atomic_store_n(&v->value, value, __ATOMIC_RELAXED);
}

static inline u32 na_atomic32_add_return(na_atomic32_t *v, u32 value)
{
	return __atomic_add_fetch(&v->value, value, __ATOMIC_SEQ_CST);
}

static inline void na_atomic32_add(na_atomic32_t *v, u32 value)
{
	(void)na_atomic32_add_return(v, value);
}

/* Returns the value found; it was replaced if that is @old. */
static inline u32 na_atomic32_cmpxchg(na_atomic32_t *v, u32 old, u32 new)
{
	__atomic_compare_exchange_n(&v->value, &old, new, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return old;
}

static inline u64 na_atomic64_read(const na_atomic64_t *v)
{
	return __atomic_load_n(&v->value, __ATOMIC_RELAXED);
}

static inline void na_atomic64_set(na_atomic64_t *v, u64 value)
{
	__atomic_store_n(&v->value, value, __ATOMIC_RELAXED);
}

static inline void na_atomic64_add(na_atomic64_t *v, u64 value)
{
	__atomic_add_fetch(&v->value, value, __ATOMIC_RELAXED);
}

#define na_ptr_load_acquire(pp) __atomic_load_n(pp, __ATOMIC_ACQUIRE)
#define na_ptr_cmpxchg(pp, old, new)					\
	__extension__({							\
		__typeof__(*(pp)) na_seen_ = (old);			\
		__atomic_compare_exchange_n(pp, &na_seen_, new, false,	\
					    __ATOMIC_SEQ_CST,		\
					    __ATOMIC_SEQ_CST);		\
		na_seen_;						\
	})

#define na_ptr_store_release(pp, val) \
	__atomic_store_n(pp, val, __ATOMIC_RELEASE)

static inline unsigned long na_word_read(const unsigned long *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline void na_word_write(unsigned long *p, unsigned long value)
{
	__atomic_store_n(p, value, __ATOMIC_RELAXED);
}

/* One writer at a time: a load and a store, no locked instruction. */
static inline void na_tally_add(unsigned long *p, unsigned long value)
{
	na_word_write(p, na_word_read(p) + value);
}

static inline unsigned long na_tally_read(const unsigned long *p)
{
	return na_word_read(p);
}

/* --- locks -------------------------------------------------------------- */

/*
 * A thread-local word. glibc reserves static TLS for some of them in libraries
 * loaded by dlopen(), so that a hit needs no call to find it. Other C libraries
 * do not: musl refuses to load a library that relies on it.
 */
#ifdef __GLIBC__
#define NA_USER_TLS __attribute__((tls_model("initial-exec")))
#else
#define NA_USER_TLS
#endif

/* Spinlocks that this thread holds; its address also names the thread. */
extern __thread NA_USER_TLS int na_user_spins_held;
__attribute__((weak)) NA_USER_TLS __thread int na_user_spins_held;

/*
 * One lock for both kinds: a thread can lose its CPU while it holds a lock, so
 * waiters must sleep. Only what may be done under it differs.
 */
struct na_user_lock {
	pthread_mutex_t mutex;
	const int *owner;
};

typedef struct {
	struct na_user_lock lock;
} na_spin_t;

typedef struct {
	struct na_user_lock lock;
} na_mutex_t;

static inline bool na_user_lock_is_mine(const struct na_user_lock *lock)
{
	return __atomic_load_n(&lock->owner, __ATOMIC_RELAXED) ==
	       &na_user_spins_held;
}

static inline void na_user_lock_init(struct na_user_lock *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
	lock->owner = NULL;
}

static inline void na_user_lock_take(struct na_user_lock *lock)
{
	int err;

	(void)NA_ASSERT(!na_user_lock_is_mine(lock));
	err = pthread_mutex_lock(&lock->mutex);
	(void)NA_ASSERT(!err);
	__atomic_store_n(&lock->owner, &na_user_spins_held, __ATOMIC_RELAXED);
}

/* False if the caller does not hold it; then nothing is done. */
static inline bool na_user_lock_drop(struct na_user_lock *lock)
{
	int err;

	if (!NA_ASSERT(na_user_lock_is_mine(lock)))
		return false;
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	err = pthread_mutex_unlock(&lock->mutex);
	return NA_ASSERT(!err);
}

static inline void na_might_sleep(void)
{
	(void)NA_ASSERT(!na_user_spins_held);
}

static inline void na_spin_init(na_spin_t *spin)
{
	na_user_lock_init(&spin->lock);
}

static inline void na_spin_lock(na_spin_t *spin)
{
	na_user_lock_take(&spin->lock);
	na_user_spins_held++;
}

static inline void na_spin_unlock(na_spin_t *spin)
{
	if (na_user_lock_drop(&spin->lock))
		na_user_spins_held--;
}

static inline void na_spin_assert_held(const na_spin_t *spin)
{
	(void)NA_ASSERT(na_user_lock_is_mine(&spin->lock));
}

static inline void na_mutex_init(na_mutex_t *mutex)
{
	na_user_lock_init(&mutex->lock);
}

static inline void na_mutex_lock(na_mutex_t *mutex)
{
	na_might_sleep();
	na_user_lock_take(&mutex->lock);
}

static inline void na_mutex_unlock(na_mutex_t *mutex)
{
	(void)na_user_lock_drop(&mutex->lock);
}

static inline void na_mutex_assert_held(const na_mutex_t *mutex)
{
	(void)NA_ASSERT(na_user_lock_is_mine(&mutex->lock));
}

/* The thread that we wait for may need our CPU. */
/* Threads are preempted anyway. */
static inline void na_yield(void)
{
	na_might_sleep();
}

static inline void na_relax(void)
{
	sched_yield();
}

/* --- memory ------------------------------------------------------------- */

static inline void *na_memcpy(void *dst, const void *src, size_t len)
{
	return memcpy(dst, src, len);
}

static inline void *na_memset(void *dst, int byte, size_t len)
{
	return memset(dst, byte, len);
}

static inline void na_sort(void *base, size_t nr, size_t size,
			   int (*cmp)(const void *, const void *))
{
	if (nr)
		qsort(base, nr, size, cmp);
}

/* --- lists -------------------------------------------------------------- */

#include "../na_list.h"

#endif
