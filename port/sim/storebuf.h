/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: store buffers
 *
 * With cfg.store_buffers set, a plain store of the engine to a shared word
 * (na_atomic32_set, na_word_write, na_ptr_store_release, the end of a
 * spinlock) is seen by its own thread at once and by others some time later,
 * in order: total store order. Everything that is a full barrier by the
 * contract waits until they are out.
 */
#ifndef SIM_STOREBUF_H
#define SIM_STOREBUF_H

#include "sim.h"

/** sim_sb_push() - the current thread is about to store to @addr. */
void sim_sb_push(const void *addr, u64 old, bool is_unlock);
/** sim_sb_commit() - others see the oldest store of @tid. */
void sim_sb_commit(struct na_port *m, u32 tid);
/** sim_sb_drain() - others see all stores of @tid. */
void sim_sb_drain(struct na_port *m, u32 tid);
/** sim_sb_barrier() - the same for the current thread. */
void sim_sb_barrier(void);
/** sim_sb_settle() - wait until no store to @addr is pending (atomics). */
void sim_sb_settle(const void *addr);
/** sim_sb_see() - what the current thread sees at @addr, which has @value. */
u64 sim_sb_see(const void *addr, u64 value);

#endif
