/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the arena
 *
 * One range of memory holds the machine, the stacks of its threads and the
 * engine's heap. The used part of each is copied and hashed.
 */
#ifndef SIM_ARENA_H
#define SIM_ARENA_H

#include "sim.h"

/*
 * A copy of the stacks does not contain the address sanitizer's state of them:
 * with it states cannot be restored, so there is no exhaustive search.
 */
#ifdef __SANITIZE_ADDRESS__
#define SIM_CAN_GO_BACK 0
#else
#define SIM_CAN_GO_BACK 1
#endif

/** sim_arena_create() - memory for one machine; sim_arena_reset() it first. */
struct na_port *sim_arena_create(void);
void sim_arena_destroy(struct na_port *m);
/** sim_arena_reset() - clear everything. */
void sim_arena_reset(struct na_port *m);

/** sim_arena_stack() - lowest byte of a thread's stack. */
void *sim_arena_stack(struct na_port *m, u32 tid);

/** sim_arena_alloc() - zeroed memory from the engine's heap; NULL if full. */
void *sim_arena_alloc(struct na_port *m, size_t len);
/** sim_arena_free() - @mem must have come from sim_arena_alloc(). */
void sim_arena_free(struct na_port *m, void *mem);
/** sim_arena_nr_used() - number of blocks not freed. */
u32 sim_arena_nr_used(const struct na_port *m);

/** sim_arena_size() - bytes that sim_arena_save() would write. */
size_t sim_arena_size(const struct na_port *m);
/** sim_arena_save() - copy the state; returns the bytes written. */
size_t sim_arena_save(const struct na_port *m, void *to);
/** sim_arena_load() - restore a saved state. */
void sim_arena_load(struct na_port *m, const void *from);
/**
 * sim_arena_hash() - 64-bit hash of the state
 *
 * Counters (na_atomic64_t) are left out, because by contract no decision
 * depends on them. Clears the unused part of the stacks, so that equal states
 * are equal bytes.
 */
u64 sim_arena_hash(struct na_port *m, u64 seed);

#endif
