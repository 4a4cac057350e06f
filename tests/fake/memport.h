/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * memport: the platform contract on a small machine made of arrays.
 *
 * Not a simulator: there are no CPUs and no schedule. Instead everything that
 * may happen is taken to have happened at once. A translation that may be
 * fetched is in a TLB, a line that may be filled is in a cache, and both stay
 * until a call of the contract takes them away. So a step left out or out of
 * order shows in the next step's preconditions (NA_ASSERT) or in
 * memport_fault(), with no luck needed.
 *
 * Frames 0 to nr_direct - 1 are low memory, the rest is high memory.
 */
#ifndef MEMPORT_H
#define MEMPORT_H

#include <noalias/ledger.h>

enum memport_kmap {
	MEMPORT_KMAP_NONE,
	MEMPORT_KMAP_STALE,	/* no user, entry still there */
	MEMPORT_KMAP_LIVE,
};

/**
 * struct memport_frame - all there is to know of one frame
 * @direct: type of its direct map entry; NR_NA_MEMTYPES: no entry
 * @marked: what the system's own bookkeeping says
 * @kmap: its entry in the kmap pool
 * @mapped: live mappings of a process, by type
 * @tlb: bit by type: some TLB may hold such a translation
 * @is_kmap_in_tlb: some TLB may hold a translation of the pool entry
 * @has_lines: some cache may hold a line
 * @is_dirty: some cache holds what memory does not have yet
 * @has_wc_stores: some CPU's write-combining buffer holds stores
 * @is_zero: the contents as a reader would see them
 * @is_ours: the engine took it from the system
 * @is_taken: somebody else took it from the system
 * @block: first frame of the block it was taken with
 * @order: order of that block
 */
struct memport_frame {
	enum na_memtype direct;
	enum na_memtype marked;
	enum memport_kmap kmap;
	u32 mapped[NR_NA_MEMTYPES];
	u8 tlb;
	bool is_kmap_in_tlb;
	bool has_lines;
	bool is_dirty;
	bool has_wc_stores;
	bool is_zero;
	bool is_ours;
	bool is_taken;
	u32 block;
	u32 order;
};

enum memport_call {
	MEMPORT_ALLOC,
	MEMPORT_FREE,
	MEMPORT_TIME,
	MEMPORT_IS_DYING,
	MEMPORT_FRAMES_ALLOC,
	MEMPORT_FRAMES_FREE,
	MEMPORT_FRAMES_SPLIT,
	MEMPORT_FRAMES_LOST,
	MEMPORT_IS_DIRECT,
	MEMPORT_MARK,
	MEMPORT_KMAP_HOLDS,
	MEMPORT_KMAP_LIST,
	MEMPORT_KMAP_PURGE,
	MEMPORT_DIRECT_SET,
	MEMPORT_DIRECT_HAS,
	MEMPORT_TLB_FLUSH,
	MEMPORT_WC_DRAIN,
	MEMPORT_WC_DRAIN_OWN,
	MEMPORT_CACHE_CLEAN,
	/* Not calls: seen in the ledger, between two calls. */
	MEMPORT_CLAIM,
	MEMPORT_COMMIT,
	NR_MEMPORT_CALLS,
};

#define MEMPORT_BIT(call) (1u << (call))
#define MEMPORT_EVENTS 8192	/* the ring keeps the last ones */

/**
 * struct memport_event - one line of the log
 * @call: which call
 * @nr: frames, or the order for frames_alloc, _free and _split
 * @frame: first frame concerned
 * @type: memory type, for calls that have one
 * @state: new state, for MEMPORT_COMMIT
 * @err: what it returned
 */
struct memport_event {
	enum memport_call call;
	u32 nr;
	struct na_frame frame;
	enum na_memtype type;
	enum na_state state;
	int err;
};

struct memport_block;

/**
 * struct na_port - the machine; tests may read and set every field
 * @nr_frames: size of @frames
 * @nr_direct: frames below this are low memory
 * @frames: state
 * @ledger: where claims and commits are seen, or NULL
 * @fails_at: number of the fallible call that fails first (1: the next)
 * @nr_fails: how many fail from there on
 * @fails_calls: MEMPORT_BIT()s of the calls that count as fallible
 * @nr_failed: how many have failed so far
 * @direct_errno: what a failing na_port_direct_set() returns; it comes half
 *	way
 * @nr_lies: that many na_port_direct_set() succeed and leave the first frame
 *	of each run alone
 * @dies_at: number of the na_port_is_dying() that says yes; 0: none
 * @order_max: no block above this order is there; lower it to fragment
 * @has_no_pat: an entry that was set to WC cannot be told from one of UC
 * @zeroes_by_kmap: zeroing of high frames leaves a stale pool entry
 * @nr_calls: by call
 * @nr_shootdowns: of kmap_purge and tlb_flush
 * @nr_low_asked: na_port_kmap_holds() of low frames
 * @nr_blocks: pieces of metadata now allocated
 */
struct na_port {
	u32 nr_frames;
	u32 nr_direct;
	struct memport_frame *frames;
	const struct na_ledger *ledger;

	u32 fails_at;
	u32 nr_fails;
	u32 fails_calls;
	u32 nr_failed;
	int direct_errno;
	u32 nr_lies;
	u32 dies_at;
	u32 order_max;
	bool has_no_pat;
	bool zeroes_by_kmap;

	u32 nr_calls[NR_MEMPORT_CALLS];
	u32 nr_shootdowns;
	u32 nr_low_asked;
	u32 nr_blocks;

	/* memport's own */
	pthread_mutex_t mutex;
	struct memport_event events[MEMPORT_EVENTS];
	u32 nr_events;
	u64 counts[NR_NA_STATES];
	u64 now_ns;
	struct memport_block *blocks;
};

/** memport_create() - all frames free, WB, not zero, in no cache. */
struct na_port *memport_create(u32 nr_frames, u32 nr_direct);

/** memport_destroy() - also frees metadata that was leaked. */
void memport_destroy(struct na_port *port);

/** MEMPORT_FALLIBLE - every call that may fail. */
#define MEMPORT_FALLIBLE \
	(MEMPORT_BIT(MEMPORT_ALLOC) | MEMPORT_BIT(MEMPORT_FRAMES_ALLOC) | \
	 MEMPORT_BIT(MEMPORT_DIRECT_SET) | MEMPORT_BIT(MEMPORT_CACHE_CLEAN))

/** memport_fail() - of @calls, @nr fail, beginning with the @nth from now. */
void memport_fail(struct na_port *port, u32 calls, u32 nth, u32 nr);

/** memport_fail_never() - forget what memport_fail() said. */
void memport_fail_never(struct na_port *port);

/* What the rest of the system does. */
void memport_kmap(struct na_port *port, struct na_frame frame);
void memport_kunmap(struct na_port *port, struct na_frame frame);
/** memport_kmap_reclaim() - entry cleared, TLBs not flushed yet. */
void memport_kmap_reclaim(struct na_port *port, struct na_frame frame);
/** memport_vunmap() - a cached vmap range is gone, its translation is not. */
void memport_vunmap(struct na_port *port, struct na_frame frame);
/** memport_write_cached() - through a cached mapping: lines become dirty. */
void memport_write_cached(struct na_port *port, struct na_frame frame);
/** memport_map() - into a process, with the type that the ledger gave. */
void memport_map(struct na_port *port, struct na_frame frame,
		 enum na_memtype type);
void memport_unmap(struct na_port *port, struct na_frame frame,
		   enum na_memtype type);
/** memport_write() - through a mapping of @type. */
void memport_write(struct na_port *port, struct na_frame frame,
		   enum na_memtype type);
/** memport_take() - somebody else has these frames; ours must be free. */
void memport_take(struct na_port *port, struct na_run run);

/** memport_forget() - empty the log, set all nr_* counters of calls to 0. */
void memport_forget(struct na_port *port);

/**
 * memport_steps() - the log as text, e.g.
 * "claim kmap_purge direct_set(8 UC) tlb_flush cache_clean(8 UC)
 * mark(8 UC) commit(BUFFER)"; a call that failed ends in "!".
 * @calls: MEMPORT_BIT()s of the calls to show; 0: all but alloc and free.
 *	Calls that only look (kmap_holds, is_direct, time ...) are counted in
 *	@nr_calls and are not in the log.
 *
 * Return: valid until the next call, shared by all instances.
 */
const char *memport_steps(struct na_port *port, u32 calls);

/**
 * memport_fault() - which invariant the machine breaks, now that no call runs
 *
 * For every frame, by what the ledger says: I1 and I2 if it is held, I4 and I7
 * if it is the system's.
 *
 * Return: NULL, or a sentence valid until the next call.
 */
const char *memport_fault(struct na_port *port);

/** memport_count_ours() - frames taken by the engine and not given back. */
u32 memport_count_ours(const struct na_port *port);

#endif
