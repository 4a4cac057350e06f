/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Locks, atomics and assertions of the engine inside the kernel; the list is
 * in include/noalias/port.h. Lock inits are macros, so that lockdep has a class
 * for each place that initializes a lock.
 */
#ifndef NA_PLATFORM_H
#define NA_PLATFORM_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>

/* A bug of ours: warn once, and let the caller continue safely. */
#define NA_ASSERT(cond) \
	(!WARN_ONCE(!(cond), "noalias: assertion failed: %s\n", #cond))
#define NA_CHECK(cond) likely(!!(cond))

typedef atomic_t na_atomic32_t;
typedef atomic64_t na_atomic64_t;

#define na_atomic32_read(v) ((u32)atomic_read(v))
#define na_atomic32_set(v, val) atomic_set(v, (int)(val))
#define na_atomic32_add(v, val) ((void)atomic_add_return((int)(val), v))
#define na_atomic32_add_return(v, val) ((u32)atomic_add_return((int)(val), v))
#define na_atomic32_cmpxchg(v, old, new) \
	((u32)atomic_cmpxchg(v, (int)(old), (int)(new)))
#define na_atomic64_read(v) ((u64)atomic64_read(v))
#define na_atomic64_set(v, val) atomic64_set(v, (s64)(val))

/*
 * A negative number is subtracted instead of added: on 32 bit, QEMU up to 7.2
 * (TCG) sometimes uses the upper word of the operand as EFLAGS, and the guest
 * gets a double fault.
 */
static inline void na_atomic64_add(na_atomic64_t *v, s64 val)
{
	if (val < 0)
		atomic64_sub(-val, v);
	else
		atomic64_add(val, v);
}


#define na_ptr_load_acquire(pp) smp_load_acquire(pp)
#define na_ptr_cmpxchg(pp, old, new) cmpxchg(pp, old, new)
#define na_ptr_store_release(pp, val) smp_store_release(pp, val)
#define na_word_read(p) READ_ONCE(*(p))
#define na_word_write(p, val) WRITE_ONCE(*(p), val)
#define na_tally_add(p, val) WRITE_ONCE(*(p), READ_ONCE(*(p)) + (val))
#define na_tally_read(p) READ_ONCE(*(p))

typedef spinlock_t na_spin_t;
typedef struct mutex na_mutex_t;

#define na_spin_init(lock) spin_lock_init(lock)
#define na_spin_lock(lock) spin_lock(lock)
#define na_spin_unlock(lock) spin_unlock(lock)
#define na_spin_assert_held(lock) lockdep_assert_held(lock)
#define na_mutex_init(lock) mutex_init(lock)
#define na_mutex_lock(lock) mutex_lock(lock)
#define na_mutex_unlock(lock) mutex_unlock(lock)
#define na_mutex_assert_held(lock) lockdep_assert_held(lock)

#define na_might_sleep() might_sleep()
#define na_relax() cpu_relax()
#define na_yield() cond_resched()
#define na_memcpy(dst, src, len) memcpy(dst, src, len)
#define na_memset(dst, byte, len) memset(dst, byte, len)
#define na_sort(base, nr, size, cmp) sort(base, nr, size, cmp, NULL)

#endif
