/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: window
 *
 * kmap without aliases: a bounded range of addresses whose slots are pointed
 * at frames on demand. A mapping gets the memory type that the ledger has for
 * the frame; nobody can ask for another one. After the last unmap the mapping
 * stays (a stale mapping), so that the next map of the same frame needs no page
 * table change and no shootdown. Slots are reclaimed in batches, with one
 * shootdown for each batch.
 *
 * While a user has a frame mapped here, conversions of the frame fail with
 * -EBUSY. A conversion removes stale mappings itself, from every window set of
 * its machine.
 *
 * engine/window.c explains the design and why it is correct; docs/window.md is
 * for users.
 */
#ifndef NOALIAS_WINDOW_H
#define NOALIAS_WINDOW_H

#include <noalias/machine.h>
#include <noalias/window_port.h>

struct na_window_set;

/** NA_WINDOW_SLOTS_MAX - largest number of slots of a set. */
#define NA_WINDOW_SLOTS_MAX (1u << 16)
/** NA_WINDOW_USERS_MAX - largest number of maps of one frame in a set. */
#define NA_WINDOW_USERS_MAX ((1u << 13) - 1)
/** NA_WINDOW_LOCAL_MAX - largest number of local windows of a CPU. */
#define NA_WINDOW_LOCAL_MAX 16u

/**
 * struct na_window_config - parameters of a set; 0 is the default
 * @nr_slots: slots, 1 to NA_WINDOW_SLOTS_MAX
 * @batch_max: slots to reclaim for one shootdown, up to @nr_slots; 0: a
 *	quarter of the slots, at least one
 * @local_depth: local windows of each CPU, up to NA_WINDOW_LOCAL_MAX; 0: none
 * @is_cpu_bound: all users promise to use an address only on CPUs that mapped
 *	it themselves and have not unmapped it yet. Where TLBs do not speculate,
 *	shootdowns then go only to CPUs that mapped one of the slots. Without
 *	the promise, or where TLBs speculate, they go to all CPUs that can reach
 *	the range.
 */
struct na_window_config {
	u32 nr_slots;
	u32 batch_max;
	u32 local_depth;
	bool is_cpu_bound;
};

/**
 * struct na_window - one map; pass it to na_window_unmap() unchanged
 * @addr: first byte of the frame
 * @idx: slot
 */
struct na_window {
	void *addr;
	u32 idx;
};

/**
 * struct na_window_local - one local map
 * @addr: first byte of the frame
 * @cpu: CPU it was made on
 * @depth: its index in that CPU's stack
 */
struct na_window_local {
	void *addr;
	u32 cpu;
	u32 depth;
};

/**
 * enum na_window_stat - counters of a set
 * @NA_WINDOW_HITS: maps that found the frame mapped by another user. HITS,
 *	REVIVALS and MISSES count each frame of a run
 * @NA_WINDOW_REVIVALS: maps that found it stale
 * @NA_WINDOW_LOCALS: local maps
 * @NA_WINDOW_MISSES: maps that had to point a slot
 * @NA_WINDOW_REFUSED: maps, of a frame or a run, refused because a frame is
 *	being converted or is quarantined
 * @NA_WINDOW_WAITS: maps, of a frame or a run, that slept because all slots, or
 *	at least one in every row, were in use
 * @NA_WINDOW_RECLAIMED: stale slots reclaimed for other frames
 * @NA_WINDOW_PURGED: stale slots removed because of their frame, or by
 *	na_window_purge_all()
 * @NA_WINDOW_SHOOTDOWNS: shootdowns for reclaims and purges
 * @NA_WINDOW_IPIS: other CPUs interrupted by them
 * @NA_WINDOW_LOST: slots given up because an entry read back was wrong
 * @NR_NA_WINDOW_STATS: number of counters
 */
enum na_window_stat {
	NA_WINDOW_HITS,
	NA_WINDOW_REVIVALS,
	NA_WINDOW_LOCALS,
	NA_WINDOW_MISSES,
	NA_WINDOW_REFUSED,
	NA_WINDOW_WAITS,
	NA_WINDOW_RECLAIMED,
	NA_WINDOW_PURGED,
	NA_WINDOW_SHOOTDOWNS,
	NA_WINDOW_IPIS,
	NA_WINDOW_LOST,
	NR_NA_WINDOW_STATS,
};

/**
 * enum na_window_state - state of a slot; engine/window.c has the table
 * @NA_WINDOW_FREE: entry absent, no translation left
 * @NA_WINDOW_LIVE: points at a frame, has users
 * @NA_WINDOW_STALE: points at a frame, no users
 * @NA_WINDOW_DYING: being reclaimed; translations may be left
 * @NA_WINDOW_DEAD: given up, never used again
 * @NR_NA_WINDOW_STATES: number of states
 */
enum na_window_state {
	NA_WINDOW_FREE,
	NA_WINDOW_LIVE,
	NA_WINDOW_STALE,
	NA_WINDOW_DYING,
	NA_WINDOW_DEAD,
	NR_NA_WINDOW_STATES,
};

/** struct na_window_info - snapshot of a slot. */
struct na_window_info {
	enum na_window_state state;
	u32 users;
	struct na_frame frame;
	enum na_memtype type;
};

/**
 * na_window_set_create() - reserve a range and register it for purges
 * @machine: instance, outlives the set
 * @config: parameters, see struct na_window_config
 * @set: receives the set
 *
 * Context: may sleep, no lock.
 * Return: 0; -EINVAL @config; -ENOMEM; -EOPNOTSUPP the port has no windows.
 */
int na_window_set_create(struct na_machine *machine,
			 const struct na_window_config *config,
			 struct na_window_set **set);

/**
 * na_window_set_destroy() - purge and free the range; NULL is allowed
 *
 * No window may be mapped, and no call on the set may run or begin. If a window
 * is still mapped (asserted), the set is leaked and stays registered for
 * purges.
 *
 * Context: may sleep, no lock. At most one shootdown, and one TLB flush if the
 * set has local windows and TLBs speculate.
 */
void na_window_set_destroy(struct na_window_set *set);

/**
 * na_window_map() - map a frame; wait if all slots are in use
 * @set: set
 * @frame: frame, below the machine's number of frames
 * @window: receives the address
 *
 * The address is valid on every CPU until na_window_unmap(), unless the set is
 * CPU-bound. Maps of one frame share a slot. If the frame is mapped or stale
 * here, the call costs one atomic read-modify-write, no lock, no allocation.
 *
 * A caller that holds a window while it waits can deadlock: if every slot is
 * held by users that wait for another, they wait for ever. Use
 * na_window_map_timeout() where that cannot be excluded.
 *
 * Ordering. From return to unmap the frame's type in the ledger does not
 * change (I5), and every translation of the slot has that type (I1).
 *
 * Context: may sleep, no spinlock.
 * Return: 0; -ERANGE @frame; -EBUSY the frame is being converted or is
 * quarantined; -EOVERFLOW NA_WINDOW_USERS_MAX; -EINTR a fatal signal while
 * waiting; -ENOMEM, -EFAULT the port could not point the slot. After an error
 * nothing is mapped.
 */
int na_window_map(struct na_window_set *set, struct na_frame frame,
		  struct na_window *window);

/**
 * na_window_map_timeout() - as na_window_map(), with a time limit
 * @set: set
 * @frame: frame
 * @timeout_ns: how long to wait for a slot that is in use; 0: not at all,
 *	but reclaim stale ones
 * @window: receives the address
 *
 * Only the wait for other users is limited, not the time of a shootdown.
 * Context: may sleep, no spinlock.
 * Return: as na_window_map(), or -ETIMEDOUT.
 */
int na_window_map_timeout(struct na_window_set *set, struct na_frame frame,
			  u64 timeout_ns, struct na_window *window);

/**
 * na_window_map_run() - map consecutive frames at consecutive addresses
 * @set: set
 * @run: frames, 1 up to the number of slots
 * @timeout_ns: as na_window_map_timeout(), or NA_WAIT_FOREVER
 * @window: receives the address of the first
 *
 * Each frame takes a slot and is mapped with the ledger's type. A row is a
 * number of adjacent slots. A row that shows these frames already is shared,
 * also if it is part of a longer one or was made by several maps; map and unmap
 * then cost two atomic read-modify-writes a frame and no lock. Otherwise a row
 * of unused slots is taken, with at most one shootdown. A caller that waits for
 * a row can be starved by maps of single frames.
 *
 * Ordering. As na_window_map(), for each frame by itself.
 *
 * Context: may sleep, no spinlock.
 * Return: as na_window_map_timeout(); -EINVAL the length of @run. After an
 * error no frame of it is mapped by this call.
 */
int na_window_map_run(struct na_window_set *set, struct na_run run,
		      u64 timeout_ns, struct na_window *window);

/**
 * na_window_try_map() - map a frame without sleeping
 * @set: set
 * @frame: frame
 * @window: receives the address
 *
 * Uses an existing mapping or a free slot. Does not reclaim, since a shootdown
 * may sleep.
 *
 * Context: any but interrupts; never sleeps.
 * Return: as na_window_map(), or -EAGAIN no slot is free.
 */
int na_window_try_map(struct na_window_set *set, struct na_frame frame,
		      struct na_window *window);

/**
 * na_window_try_hit() - map a frame only if a slot shows it already
 * @set: set
 * @frame: frame, below the machine's number of frames
 * @cpu: number of the calling CPU; no other thread may use it meanwhile
 * @window: receives the address
 *
 * For callers for which the cost of a call matters: a few instructions and no
 * slow path. Everything but a plain hit is left to na_window_map().
 *
 * Context: any.
 * Return: 0; -EAGAIN nothing was done; -ESTALE @window was mapped but cannot be
 * used: na_window_unmap() it, then continue as after -EAGAIN.
 */
int na_window_try_hit(struct na_window_set *set, struct na_frame frame,
		      u32 cpu, struct na_window *window);

/**
 * na_window_unmap() - end one map
 * @set: set
 * @window: as map returned it
 *
 * The mapping stays in the page table until its slot is reclaimed or purged;
 * the caller must not use the address afterwards. One atomic read-modify-write.
 *
 * Context: any.
 * Return: 0; -EINVAL @window is not of @set, or is not mapped; nothing was
 * done. A second unmap while another user has the frame mapped ends that user's
 * map instead; this call cannot detect it.
 */
int na_window_unmap(struct na_window_set *set, struct na_window window);

/**
 * na_window_unmap_run() - end one map of a run
 * @set: set
 * @window: as na_window_map_run() returned it
 * @nr: length of the run
 *
 * Context: any.
 * Return: as na_window_unmap(); -EINVAL also if one of the frames is not
 * mapped; nothing was done.
 */
int na_window_unmap_run(struct na_window_set *set, struct na_window window,
			u32 nr);

/**
 * na_window_local_map() - short access from this CPU only
 * @set: set, made with a local_depth
 * @frame: frame
 * @local: receives the address
 *
 * Until na_window_local_unmap() the caller stays on this CPU and does not
 * sleep; only this CPU may use the address. There is never a shootdown or a
 * wait. Local windows of a CPU are unmapped in the reverse order of mapping.
 *
 * Context: any; returns inside na_port_cpu_get() when it returns 0.
 * Return: 0; -ERANGE @frame; -EBUSY being converted or quarantined; -ENOSPC
 * local_depth of them are in use on this CPU; -ENOMEM, -EFAULT the port could
 * not point the slot.
 */
int na_window_local_map(struct na_window_set *set, struct na_frame frame,
			struct na_window_local *local);

/**
 * na_window_local_unmap() - end the last local map of this CPU
 *
 * Ordering. On return the entry is absent and this CPU has no translation of
 * it. Context: where it was mapped; ends its na_port_cpu_get().
 */
void na_window_local_unmap(struct na_window_set *set,
			   struct na_window_local local);

/**
 * na_window_purge() - remove the stale mappings of frames from a set
 * @set: set
 * @runs: frames; they must not be mapped meanwhile
 * @nr_runs: length of @runs
 *
 * Ordering. On return no slot has an entry of them, and no TLB has a
 * translation of a slot that had one. A local window that was unmapped before
 * may be left in the TLB of another CPU that fetched it speculatively and never
 * used it; conversions and na_purge_stale() drop that as well.
 *
 * Cost: one load a frame, and the purge of each slot that shows one of them;
 * one shootdown if there was such a slot, none otherwise.
 *
 * Context: may sleep, no lock.
 * Return: 0, or -EBUSY one of them has a user (stale ones are removed all the
 * same).
 */
int na_window_purge(struct na_window_set *set, const struct na_run *runs,
		    u32 nr_runs);

/**
 * na_window_purge_all() - kmap_flush_unused(): remove every stale mapping
 *
 * Ordering. On return no slot that was unused when the call began has an
 * entry, and no CPU holds a translation of one. At most one shootdown.
 *
 * Context: may sleep, no lock.
 */
void na_window_purge_all(struct na_window_set *set);

/**
 * na_window_local_last() - the local map that this CPU must unmap first
 * @set: set
 * @local: receives it
 *
 * Context: any. Return: false when this CPU has none.
 */
bool na_window_local_last(struct na_window_set *set,
			  struct na_window_local *local);

/** na_window_nr_slots() - slots of the set. Context: any. */
u32 na_window_nr_slots(const struct na_window_set *set);

/** na_window_addr() - first byte of slot @idx; constant. Context: any. */
void *na_window_addr(const struct na_window_set *set, u32 idx);

/**
 * na_window_nr_users() - maps that have not ended, local ones included
 *
 * Cost: a load for each slot. Context: any; exact only if no call runs.
 */
u64 na_window_nr_users(const struct na_window_set *set);

/**
 * na_window_info() - read a slot, for audits and checkers
 * @set: set
 * @idx: slot, below na_window_nr_slots()
 *
 * Frame and type are valid in the states LIVE, STALE and DYING. They are
 * consistent with the state only if no call runs on the slot.
 */
struct na_window_info na_window_info(const struct na_window_set *set, u32 idx);

/**
 * na_window_stat() - read a counter
 *
 * HITS, REVIVALS, LOCALS and MISSES are counted per CPU in a machine word, so
 * that the hit path needs no atomic: they wrap at 2^32 on 32-bit machines.
 * Context: any.
 */
u64 na_window_stat(const struct na_window_set *set, enum na_window_stat stat);

/** na_window_stat_name() - name for debugfs and scripts, e.g. "revivals". */
const char *na_window_stat_name(enum na_window_stat stat);

#endif
