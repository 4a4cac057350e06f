// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Threads as CPUs: each has a small unique number.
 *
 * The numbers belong to the process, not to a port, so that one thread-local
 * word serves all ports and the hit path reads nothing else. A destructor of
 * thread-specific data frees the number of a thread that ends. A child of
 * fork() has one thread: all other numbers are free there.
 */
#include "user.h"

#define WORD_BITS 64u
#define NR_WORDS (NA_USER_NO_THREAD / WORD_BITS)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool has_key;
static u64 taken[NR_WORDS];

/* Number plus one; 0: none yet. Read by each hit, so without a call. */
__thread u32 na_user_own_nr;

static u32 take_nr(void)
{
	u32 word, bit;

	for (word = 0; word < NR_WORDS; word++) {
		if (!~taken[word])
			continue;
		bit = (u32)__builtin_ctzll(~taken[word]);
		taken[word] |= 1ull << bit;
		return word * WORD_BITS + bit;
	}
	return NA_USER_NO_THREAD;
}

static void give_nr(void *value)
{
	u32 nr = (u32)(size_t)value - 1;

	na_user_own_nr = 0;
	pthread_mutex_lock(&mutex);
	taken[nr / WORD_BITS] &= ~(1ull << nr % WORD_BITS);
	pthread_mutex_unlock(&mutex);
}

static void after_fork(void)
{
	/* The holder does not exist in the child. */
	pthread_mutex_init(&mutex, NULL);
	memset(taken, 0, sizeof(taken));
	/* This thread had no number, and there may be one now. */
	if (na_user_own_nr > NA_USER_NO_THREAD)
		na_user_own_nr = 0;
	if (na_user_own_nr)
		taken[(na_user_own_nr - 1) / WORD_BITS] = 1ull << (na_user_own_nr - 1) %
						  WORD_BITS;
}

static void set_up(void)
{
	has_key = !pthread_key_create(&key, give_nr);
	pthread_atfork(NULL, NULL, after_fork);
}

/* Remove the destructor before the library is unloaded. */
__attribute__((destructor)) static void tear_down(void)
{
	if (has_key)
		pthread_key_delete(key);
	has_key = false;
}

static noinline u32 register_thread(void)
{
	u32 nr = NA_USER_NO_THREAD;

	pthread_once(&once, set_up);
	pthread_mutex_lock(&mutex);
	if (has_key)
		nr = take_nr();
	pthread_mutex_unlock(&mutex);
	na_user_own_nr = nr + 1;
	/* Without a destructor the number would never be freed. */
	if (nr != NA_USER_NO_THREAD &&
	    pthread_setspecific(key, (void *)(size_t)na_user_own_nr)) {
		give_nr((void *)(size_t)na_user_own_nr);
		na_user_own_nr = NA_USER_NO_THREAD + 1;
	}
	return na_user_own_nr - 1;
}

u32 na_user_thread_nr(void)
{
	return likely(na_user_own_nr) ? na_user_own_nr - 1 : register_thread();
}

u32 na_port_nr_cpus(struct na_port *port)
{
	return port->nr_cpus;
}

/* Threads without a number share the last one, under a lock. */
static noinline u32 take_shared(struct na_port *port)
{
	pthread_mutex_lock(&port->shared_cpu);
	return port->nr_cpus - 1;
}

static noinline void give_shared(struct na_port *port)
{
	pthread_mutex_unlock(&port->shared_cpu);
}

u32 na_port_cpu_get(struct na_port *port)
{
	u32 nr = na_user_thread_nr();

	return likely(nr < port->nr_cpus - 1) ? nr : take_shared(port);
}

void na_port_cpu_put(struct na_port *port)
{
	if (unlikely(na_user_thread_nr() >= port->nr_cpus - 1))
		give_shared(port);
}
