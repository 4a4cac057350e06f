/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: window
 *
 * kmap without aliases: a bounded range of addresses whose slots are pointed
 * at frames on demand. A mapping gets the memory type that the ledger has for
 * the frame; nobody can ask for another one. After the last unmap the mapping
 * stays (a stale mapping), so that the next map of the same frame costs no
 * page table work and no shootdown. Slots are taken back in batches, with one
 * shootdown for the batch.
 *
 * As long as one user of a frame has it mapped here, conversions of the frame
 * are refused with -EBUSY. Stale mappings do not hold a conversion up: it
 * removes them by itself, from every window set of its machine.
 *
 * How it works and why it is right is told at the top of engine/window.c;
 * docs/window.md is for users.
 */
#ifndef NOALIAS_WINDOW_H
#define NOALIAS_WINDOW_H

#include <noalias/machine.h>
#include <noalias/window_port.h>

struct na_window_set;

/** NA_WINDOW_SLOTS_MAX - most slots that a set can have. */
#define NA_WINDOW_SLOTS_MAX (1u << 16)
/** NA_WINDOW_USERS_MAX - most nested maps of one frame in one set. */
#define NA_WINDOW_USERS_MAX ((1u << 13) - 1)
/** NA_WINDOW_LOCAL_MAX - most local windows of one CPU at a time. */
#define NA_WINDOW_LOCAL_MAX 16u

/**
 * struct na_window_config - what a set is made with; zeroes are defaults
 * @nr_slots: slots, 1 to NA_WINDOW_SLOTS_MAX
 * @batch_max: slots to reclaim for one shootdown, up to @nr_slots; 0: a
 *	quarter of the slots, at least one
 * @local_depth: local windows of each CPU, up to NA_WINDOW_LOCAL_MAX; 0: none
 * @is_cpu_bound: promise of all users: an address is used only on CPUs that
 *	mapped it themselves and have not unmapped it yet. Where TLBs do not
 *	speculate, shootdowns then go only to CPUs that mapped one of the
 *	slots. Without the promise, or where TLBs speculate, they go to all
 *	CPUs that can reach the range.
 */
struct na_window_config {
	u32 nr_slots;
	u32 batch_max;
	u32 local_depth;
	bool is_cpu_bound;
};

/**
 * struct na_window - one map; pass it to na_window_unmap() as it is
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
 * @depth: its place in that CPU's stack
 */
struct na_window_local {
	void *addr;
	u32 cpu;
	u32 depth;
};

/**
 * enum na_window_stat - what a set counts
 * @NA_WINDOW_HITS: maps that found the frame mapped by another user; of a run
 *	each frame counts, here and in the next ones up to MISSES
 * @NA_WINDOW_REVIVALS: maps that found it stale
 * @NA_WINDOW_LOCALS: local maps
 * @NA_WINDOW_MISSES: maps that had to point a slot
 * @NA_WINDOW_REFUSED: maps, of a frame or a run, refused because a frame is
 *	being converted or is quarantined
 * @NA_WINDOW_WAITS: maps, of a frame or a run, that slept because every slot,
 *	or one in every row, was in use
 * @NA_WINDOW_RECLAIMED: stale slots taken back to be pointed elsewhere
 * @NA_WINDOW_PURGED: stale slots removed because of their frame, or by
 *	na_window_purge_all()
 * @NA_WINDOW_SHOOTDOWNS: shootdowns for either
 * @NA_WINDOW_IPIS: other CPUs interrupted by them
 * @NA_WINDOW_LOST: slots given up because the port did not do as told
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
 * enum na_window_state - what a slot does; the table is in engine/window.c
 * @NA_WINDOW_FREE: absent, and no translation of it is left
 * @NA_WINDOW_LIVE: points at a frame, has users
 * @NA_WINDOW_STALE: points at a frame, no users
 * @NA_WINDOW_DYING: being taken back; translations may be left
 * @NA_WINDOW_DEAD: given up for ever
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

/** struct na_window_info - one slot at one moment. */
struct na_window_info {
	enum na_window_state state;
	u32 users;
	struct na_frame frame;
	enum na_memtype type;
};

/**
 * na_window_set_create() - reserve a range and announce it to conversions
 * @machine: instance, outlives the set
 * @config: see there
 * @set: receives the set
 *
 * Context: may sleep, no lock.
 * Return: 0; -EINVAL @config; -ENOMEM; -EOPNOTSUPP no windows here.
 */
int na_window_set_create(struct na_machine *machine,
			 const struct na_window_config *config,
			 struct na_window_set **set);

/**
 * na_window_set_destroy() - purge and give the range back; NULL is allowed
 *
 * No window is mapped and no call on the set runs or begins. If a window is
 * still mapped (asserted) the set leaks and stays known to conversions.
 *
 * Context: may sleep, no lock. At most one shootdown, and one TLB flush if the
 * set has local windows and TLBs speculate.
 */
void na_window_set_destroy(struct na_window_set *set);

/**
 * na_window_map() - map a frame, wait for a slot if all are in use
 * @set: set
 * @frame: frame, below the machine's number of frames
 * @window: receives the address
 *
 * The address is good on every CPU until na_window_unmap(), unless the set is
 * CPU-bound. Maps of one frame share a slot. A frame that is mapped or stale
 * here costs one atomic read-modify-write, no lock, no allocation.
 *
 * Whoever waits holds no window that another waiting user needs to see
 * unmapped: with every slot held by users that wait for more, they wait for
 * ever. Use na_window_map_timeout() where that cannot be excluded.
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
 * na_window_map_timeout() - as na_window_map(), with a bound
 * @set: set
 * @frame: frame
 * @timeout_ns: how long to wait for a slot that is in use; 0: not at all,
 *	but reclaim stale ones
 * @window: receives the address
 *
 * Only the wait for other users is bounded, not the time that a shootdown
 * takes. Context: may sleep, no spinlock.
 * Return: as na_window_map(), or -ETIMEDOUT.
 */
int na_window_map_timeout(struct na_window_set *set, struct na_frame frame,
			  u64 timeout_ns, struct na_window *window);

/**
 * na_window_map_run() - map consecutive frames at consecutive addresses
 * @set: set
 * @run: frames, 1 up to the set's slots
 * @timeout_ns: as na_window_map_timeout(), or NA_WAIT_FOREVER
 * @window: receives the address of the first
 *
 * Each frame takes a slot and is mapped with the ledger's type. A row of slots
 * that shows these very frames is shared, be it a part of a longer one or made
 * by several maps: two atomic read-modify-writes a frame with the unmap, no
 * lock. Else a row of unused slots is taken, with at most one shootdown. One
 * that waits for a row can be starved by maps of single frames.
 *
 * Ordering. As na_window_map(), for each frame; that a conversion of one of
 * them is refused says nothing of the others.
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
 * Takes a mapping that is there, or a free slot. Does not reclaim, since a
 * shootdown may sleep.
 *
 * Context: any but interrupts; never sleeps.
 * Return: as na_window_map(), or -EAGAIN no slot is free.
 */
int na_window_try_map(struct na_window_set *set, struct na_frame frame,
		      struct na_window *window);

/**
 * na_window_try_hit() - map what is mapped already, and nothing else
 * @set: set
 * @frame: frame, below the machine's number of frames
 * @cpu: number of a CPU that nobody else uses until this returns
 * @window: receives the address
 *
 * For callers to whom the call itself counts: a few instructions, and none
 * that could need more. Anything but a plain hit is left to na_window_map().
 *
 * Context: any.
 * Return: 0; -EAGAIN nothing was done; -ESTALE @window is mapped and of no
 * use: na_window_unmap() it, then go on as for -EAGAIN.
 */
int na_window_try_hit(struct na_window_set *set, struct na_frame frame,
		      u32 cpu, struct na_window *window);

/**
 * na_window_unmap() - end one map
 * @set: set
 * @window: as map returned it
 *
 * The mapping stays in the page table until its slot is reclaimed or purged;
 * the caller must not use the address any more. One atomic read-modify-write.
 *
 * Context: any.
 * Return: 0; -EINVAL @window is none of @set, or nobody has it mapped: then
 * nothing was done. A second unmap while somebody else has the frame mapped
 * ends that user's map instead; it cannot be told from here.
 */
int na_window_unmap(struct na_window_set *set, struct na_window window);

/**
 * na_window_unmap_run() - end one map of a run
 * @set: set
 * @window: as na_window_map_run() returned it
 * @nr: length of the run
 *
 * Context: any.
 * Return: as na_window_unmap(); -EINVAL also when nobody has one of the frames
 * mapped: then none was unmapped.
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
 * sleep; only this CPU may use the address. Never a shootdown and never a
 * wait. Local windows of a CPU end in the reverse order of their beginning.
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
 * na_window_purge() - @set shows the frames no more
 * @set: set
 * @runs: frames; nobody maps them meanwhile
 * @nr_runs: length of @runs
 *
 * Ordering. On return no slot has an entry of them, and no TLB a translation
 * of a slot that had. A local window that was unmapped before may be left in
 * the TLB of a CPU that fetched it on its own and never used it; conversions
 * and na_purge_stale() drop that as well.
 *
 * Cost: one load a frame, plus work for each slot that shows one of them; one
 * shootdown if there was a slot to purge, none otherwise.
 *
 * Context: may sleep, no lock.
 * Return: 0, or -EBUSY when one of them has a user (stale ones are gone all
 * the same).
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
 * na_window_local_last() - the local map that this CPU has to end first
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
 * Cost: a load for each slot. Context: any; of one moment only if no call
 * runs.
 */
u64 na_window_nr_users(const struct na_window_set *set);

/**
 * na_window_info() - a slot at one moment, for audits and checkers
 * @set: set
 * @idx: slot, below na_window_nr_slots()
 *
 * Frame and type mean something in the states LIVE, STALE and DYING, and are
 * of one moment with the state only if no call runs on the slot.
 */
struct na_window_info na_window_info(const struct na_window_set *set, u32 idx);

/**
 * na_window_stat() - read a counter
 *
 * HITS, REVIVALS and LOCALS are kept by CPU in a machine word, so that the
 * hit path needs no atomic: they wrap at 2^32 on 32-bit machines. Context:
 * any.
 */
u64 na_window_stat(const struct na_window_set *set, enum na_window_stat stat);

/** na_window_stat_name() - name for debugfs and scripts, e.g. "revivals". */
const char *na_window_stat_name(enum na_window_stat stat);

#endif
