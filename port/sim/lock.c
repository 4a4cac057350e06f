// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Locks, atomics and contexts of the simulated machine. A lock word is the
 * owner; misuse ends the run.
 */
#include <stdio.h>

#include "sched.h"
#include "storebuf.h"
#include "timeline.h"

static u32 me(void)
{
	return (u32)(sim_tid() + 1);
}

/* --- contexts -------------------------------------------------------------- */

static void check_may_sleep(const char *where)
{
	if (sim.cur && (sim.cur->spins || sim.cur->no_preempt))
		sim_fail(SIM_SLEEP_ATOMIC, -1,
			 "%s may sleep, called with %u spinlocks held%s",
			 where, sim.cur->spins,
			 sim.cur->no_preempt ? ", bound to its CPU" : "");
}

void sim_might_sleep(const char *where)
{
	check_may_sleep(where);
	sim_point(SIM_OP_MAY_SLEEP, 0, where);
}

/* Not a choice point, because there is one on either side already. */
void sim_give_way(const char *where)
{
	check_may_sleep(where);
}

void sim_relax(const char *where)
{
	if (!sim.cur)
		return;
	if (sim.cur->others_moved) {
		sim.cur->others_moved = false;
		sim_point(SIM_OP_RELAX, 0, where);
	} else {
		sim_block(SIM_WAIT_OTHERS, NULL, SIM_OP_RELAX, where);
	}
}

/* --- locks ------------------------------------------------------------------ */

static void take(u32 *owner, enum sim_wait wait, const char *where)
{
	if (!sim.cur) {
		*owner = 1000;
		return;
	}
	sim_point(SIM_OP_LOCK, 0, where);
	if (*owner == me())
		sim_fail(SIM_LOCKING, -1, "%s takes a lock it holds", where);
	while (*owner)
		sim_block(wait, owner, SIM_OP_LOCK, where);
	*owner = me();
}

static void drop(u32 *owner, const char *where)
{
	if (sim.cur && *owner != me())
		sim_fail(SIM_LOCKING, -1, "%s drops a lock it does not hold",
			 where);
	sim_point(SIM_OP_UNLOCK, 0, where);
}

static void assert_held(u32 owner)
{
	if (sim.cur ? owner != me() : !owner)
		sim_fail(SIM_LOCKING, -1, "a lock is not held that must be");
}

void sim_spin_init(na_spin_t *lock)
{
	lock->owner = 0;
}

void sim_spin_lock(na_spin_t *lock, const char *where)
{
	take(&lock->owner, SIM_WAIT_LOCK, where);
	if (sim.cur)
		sim.cur->spins++;
}

void sim_spin_unlock(na_spin_t *lock, const char *where)
{
	drop(&lock->owner, where);
	if (sim.cur)
		sim.cur->spins--;
	/* A plain store: others may see it later. */
	if (sim.cur && sim.m->cfg.store_buffers)
		sim_sb_push(&lock->owner, 0, true);
	else
		lock->owner = 0;
}

void sim_spin_assert_held(const na_spin_t *lock)
{
	assert_held(lock->owner);
}

void sim_mutex_init(na_mutex_t *lock)
{
	lock->owner = 0;
}

void sim_mutex_lock(na_mutex_t *lock, const char *where)
{
	check_may_sleep(where);
	take(&lock->owner, SIM_WAIT_MUTEX, where);
}

void sim_mutex_unlock(na_mutex_t *lock, const char *where)
{
	drop(&lock->owner, where);
	sim_sb_barrier();
	lock->owner = 0;
}

void sim_mutex_assert_held(const na_mutex_t *lock)
{
	assert_held(lock->owner);
}

/* A full barrier, on a word without a pending store. */
static void rmw(const void *addr)
{
	sim_sb_barrier();
	sim_sb_settle(addr);
}

/* --- atomics ----------------------------------------------------------------- */

u32 sim_atomic32_read(const na_atomic32_t *v, const char *where)
{
	sim_point(SIM_OP_ATOMIC, 0, where);
	return (u32)sim_sb_see(v, v->value);
}

void sim_atomic32_set(na_atomic32_t *v, u32 value, const char *where)
{
	sim_point(sim_word_op(v), sim_word_frames(v), where);
	sim_timeline_word(v, value, where);
	sim_sb_push(v, v->value, false);
	v->value = value;
}

u32 sim_atomic32_add_return(na_atomic32_t *v, u32 add, const char *where)
{
	sim_point(sim_word_op(v), sim_word_frames(v), where);
	rmw(v);
	sim_timeline_word(v, v->value + add, where);
	v->value += add;
	return v->value;
}

u32 sim_atomic32_cmpxchg(na_atomic32_t *v, u32 old, u32 new,
			 const char *where)
{
	u32 seen;

	sim_point(sim_word_op(v), sim_word_frames(v), where);
	rmw(v);
	seen = v->value;
	if (seen == old) {
		sim_timeline_word(v, new, where);
		v->value = new;
	}
	return seen;
}

/* Statistics: not part of a state in the exhaustive search. */
static void note_counter(const void *v)
{
	u64 i;

	if (!sim.merge)
		return;
	for (i = 0; i < sim.nr_counters; i++)
		if (sim.counter[i] == v)
			return;
	if (sim.nr_counters < SIM_COUNTERS_MAX)
		sim.counter[sim.nr_counters++] = (u64 *)v;
}

u64 sim_atomic64_read(const na_atomic64_t *v, const char *where)
{
	sim_point(SIM_OP_COUNTER, 0, where);
	return v->value;
}

void sim_atomic64_set(na_atomic64_t *v, u64 value, const char *where)
{
	sim_point(SIM_OP_COUNTER, 0, where);
	v->value = value;
}

void sim_atomic64_add(na_atomic64_t *v, u64 add, const char *where)
{
	sim_point(SIM_OP_COUNTER, 0, where);
	note_counter(v);
	v->value += add;
}

u64 sim_atomic64_add_return(na_atomic64_t *v, u64 add, const char *where)
{
	sim_point(SIM_OP_ATOMIC, 0, where);
	rmw(v);
	v->value += add;
	return v->value;
}

u64 sim_atomic64_cmpxchg(na_atomic64_t *v, u64 old, u64 new,
			 const char *where)
{
	u64 seen;

	sim_point(SIM_OP_ATOMIC, 0, where);
	rmw(v);
	seen = v->value;
	if (seen == old)
		v->value = new;
	return seen;
}

void *sim_ptr_load(void *const *pp, const char *where)
{
	sim_point(SIM_OP_ATOMIC, 0, where);
	return (void *)(uintptr_t)sim_sb_see(pp, (uintptr_t)*pp);
}

void *sim_ptr_cmpxchg(void **pp, void *old, void *new, const char *where)
{
	void *seen;

	sim_point(SIM_OP_ATOMIC, 0, where);
	rmw(pp);
	seen = *pp;
	if (seen == old)
		*pp = new;
	return seen;
}

void sim_ptr_store(void **pp, void *value, const char *where)
{
	sim_point(SIM_OP_ATOMIC, 0, where);
	sim_sb_push(pp, (uintptr_t)*pp, false);
	*pp = value;
}

unsigned long sim_word_read(const unsigned long *p, const char *where)
{
	sim_point(SIM_OP_ATOMIC, 0, where);
	return (unsigned long)sim_sb_see(p, *p);
}

void sim_word_write(unsigned long *p, unsigned long value, const char *where)
{
	sim_point(SIM_OP_ATOMIC, 0, where);
	sim_sb_push(p, *p, false);
	*p = value;
}

void sim_tally_add(unsigned long *p, unsigned long value, const char *where)
{
	sim_point(SIM_OP_COUNTER, 0, where);
	note_counter(p);
	*p += value;
}
