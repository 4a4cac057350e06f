/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The fake port: the platform contract on a machine made of arrays. It has two
 * halves, of which a case uses one:
 *
 * frames (fake_frames_create()): low and high memory, a direct map, a kmap
 * pool, TLBs, caches. It is not a simulator: there are no CPUs and no schedule.
 * Instead everything that may happen has happened at once. A translation that
 * may be fetched is in a TLB, a line that may be filled is in a cache, and both
 * stay until a call of the contract removes them. So a missing or misplaced
 * step always fails in the next step's preconditions (NA_ASSERT) or in
 * fake_fault(). Frames 0 to nr_direct - 1 are low memory, the rest is high
 * memory.
 *
 * windows (fake_windows_create()): CPUs, ranges, page tables and TLBs of their
 * slots. A thread reads a window through its CPU's TLB, which keeps a
 * translation until it is flushed: a missing shootdown shows as the wrong
 * frame. With speculation every translation is in every TLB while its entry is
 * present. Frames are numbers here. The arrays are accessed by relaxed atomics,
 * so that they add no ordering for the thread sanitizer; accesses through a
 * window read a plain copy of the entries, so that it finds missing ordering.
 *
 * In both halves calls are counted, fail on request and advance the clock.
 *
 * port.c     life, log, failures, metadata, time
 * frames.c   the contract of frames
 * system.c   the rest of the system; the checker
 * windows.c  the contract of windows
 */
#ifndef FAKE_PORT_H
#define FAKE_PORT_H

#include <noalias/effect.h>
#include <noalias/ledger.h>
#include <noalias/window_port.h>

enum fake_kmap {
	FAKE_KMAP_NONE,
	FAKE_KMAP_STALE,	/* no user, entry still there */
	FAKE_KMAP_LIVE,
};

/**
 * struct fake_frame - state of a frame
 * @direct: type of its direct map entry; NR_NA_MEMTYPES: no entry
 * @marked: type in the system's own bookkeeping
 * @kmap: its entry in the kmap pool
 * @mapped: live mappings of a process, by type
 * @tlb: bit by type: some TLB may hold such a translation
 * @is_kmap_in_tlb: some TLB may hold a translation of the pool entry
 * @has_lines: some cache may hold a line
 * @is_dirty: some cache has a modified line
 * @has_wc_stores: some CPU's write-combining buffer holds stores
 * @is_zero: would a reader see zeroes?
 * @is_ours: allocated by the engine
 * @is_taken: allocated by another owner
 * @block: first frame of the block it was allocated in
 * @block_len: length of that block
 */
struct fake_frame {
	enum na_memtype direct;
	enum na_memtype marked;
	enum fake_kmap kmap;
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
	u32 block_len;
};

/* Calls of the contract. */
enum fake_call {
	FAKE_ALLOC,
	FAKE_FREE,
	FAKE_IS_DYING,
	FAKE_FRAMES_ALLOC,
	FAKE_FRAMES_FREE,
	FAKE_FRAMES_SPLIT,
	FAKE_FRAMES_LOST,
	FAKE_IS_DIRECT,
	FAKE_MARK,
	FAKE_KMAP_HOLDS,
	FAKE_KMAP_LIST,
	FAKE_KMAP_PURGE,
	FAKE_DIRECT_SET,
	FAKE_DIRECT_HAS,
	FAKE_WC_DRAIN,
	FAKE_WC_DRAIN_OWN,
	/* Not calls: seen in the ledger, between two calls. */
	FAKE_CLAIM,
	FAKE_COMMIT,
	FAKE_RANGE_OPEN,
	/* From here on the hook runs. */
	FAKE_TIME,
	FAKE_TLB_FLUSH,
	FAKE_CACHE_CLEAN,
	FAKE_WINDOW_SET,
	FAKE_WINDOW_CLEAR,
	FAKE_WINDOW_READ,
	FAKE_SHOOTDOWN,
	FAKE_INVALIDATE,
	FAKE_RANGE_CPUS,
	FAKE_WAIT,
	FAKE_WAKE,
	NR_FAKE_CALLS,
};

#define FAKE_BIT(call) (1u << (call))
#define FAKE_EVENTS 8192	/* the ring keeps the last ones */
#define FAKE_CPUS_MAX 8u
#define FAKE_RANGES_MAX 8u
/* From the address of a slot to that of the next. */
#define FAKE_SLOT_LEN 64u

/**
 * struct fake_event - a line of the log
 * @call: the call
 * @nr: frames
 * @frame: first frame concerned
 * @type: memory type, for calls that have one
 * @state: new state, for FAKE_COMMIT
 * @err: its result
 */
struct fake_event {
	enum fake_call call;
	u32 nr;
	struct na_frame frame;
	enum na_memtype type;
	enum na_state state;
	int err;
};

/**
 * struct fake_view - translation or entry of an address
 * @is_present: there is a translation or an entry
 * @frame: its frame
 * @type: its type
 */
struct fake_view {
	bool is_present;
	struct na_frame frame;
	enum na_memtype type;
};

struct fake_block;

/**
 * struct na_port - the machine; tests may set the fields up to @nr_calls
 * @fails_at: number of the fallible call that fails first (1: the next)
 * @nr_fails: number of calls that fail from there on
 * @fails_calls: FAKE_BIT()s of the calls that count as fallible
 * @nr_failed: number of calls that have failed so far
 * @dies_at: number of the na_port_is_dying() that returns true; 0: none
 * @now_ns: the clock
 * @tick_ns: time that a read of the clock takes
 * @listener: listener of all effects, or NULL
 * @listener_arg: for @listener
 *
 * @nr_frames: size of @frames
 * @nr_direct: frames below this are low memory
 * @frames: state; NULL: frames are numbers
 * @ledger: ledger whose claims and commits are logged, or NULL
 * @direct_errno: result of a failing na_port_direct_set(), which fails half way
 * @nr_lies: so many na_port_direct_set() succeed without changing the first
 *	frame of each run
 * @nr_cached: frames that cached buffers have, as the case knows: the ledger has
 *	them as the system's
 * @block_max: frames of the largest block that is free without trying hard; lower
 *	it to fragment memory
 * @has_no_pat: entries of WC and UC do not differ
 * @zeroes_by_kmap: zeroing of high frames leaves a stale pool entry
 * @nr_shootdowns: of kmap_purge and tlb_flush
 * @nr_low_asked: na_port_kmap_holds() of low frames
 *
 * @nr_cpus: at most FAKE_CPUS_MAX
 * @speculates: TLBs fill speculatively
 * @range_cpus: result of na_port_range_cpus()
 * @is_threaded: na_port_wait() really sleeps and takes no timeout, time is real
 * @nr_slot_lies: so many sets or clears of slots do nothing
 * @wrong_type: entries get this type instead; NR_NA_MEMTYPES: the right one
 * @kmap_live: without @frames, na_port_kmap_holds() of this frame is true
 * @hook: runs at the start of each call from FAKE_TIME on, or NULL
 * @hook_arg: for @hook
 * @nr_stuck: waits that would never have ended
 * @nr_slots_cleared: sum over all clears
 * @last_nr: slots of the last shootdown
 * @last_cpus: CPUs of the last shootdown
 *
 * @nr_calls: by call, see fake_count()
 * @nr_blocks: pieces of metadata now allocated
 */
struct na_port {
	u32 fails_at;
	u32 nr_fails;
	u32 fails_calls;
	u32 nr_failed;
	u32 dies_at;
	u64 now_ns;
	u32 tick_ns;
	void (*listener)(struct na_port *port, struct na_effect *effect);
	void *listener_arg;

	u32 nr_frames;
	u32 nr_direct;
	struct fake_frame *frames;
	const struct na_ledger *ledger;
	int direct_errno;
	u32 nr_lies;
	u32 nr_cached;
	u32 block_max;
	bool has_no_pat;
	bool zeroes_by_kmap;
	u32 nr_shootdowns;
	u32 nr_low_asked;

	u32 nr_cpus;
	bool speculates;
	struct na_cpus range_cpus;
	bool is_threaded;
	u32 nr_slot_lies;
	enum na_memtype wrong_type;
	struct na_frame kmap_live;
	void (*hook)(struct na_port *port, enum fake_call call);
	void *hook_arg;
	u32 nr_stuck;
	na_atomic64_t nr_slots_cleared;
	u32 last_nr;
	struct na_cpus last_cpus;

	na_atomic64_t nr_calls[NR_FAKE_CALLS];
	na_atomic32_t nr_blocks;

	/* the port's own */
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct fake_event events[FAKE_EVENTS];
	u32 nr_events;
	u64 counts[NR_NA_STATES];
	struct fake_block *blocks;
	struct na_port_range *ranges[FAKE_RANGES_MAX];
	na_atomic32_t owners[FAKE_CPUS_MAX];
	bool has_lied;
};

/* --- both ------------------------------------------------------------------ */

/** fake_frames_create() - all frames free, WB, not zero, in no cache. */
struct na_port *fake_frames_create(u32 nr_frames, u32 nr_direct);

/** fake_windows_create() - @nr_cpus CPUs that do not speculate, no windows. */
struct na_port *fake_windows_create(u32 nr_cpus);

/** fake_destroy() - also frees what was leaked. */
void fake_destroy(struct na_port *port);

/** FAKE_FALLIBLE - every call of the frames' half that may fail. */
#define FAKE_FALLIBLE \
	(FAKE_BIT(FAKE_ALLOC) | FAKE_BIT(FAKE_FRAMES_ALLOC) | \
	 FAKE_BIT(FAKE_DIRECT_SET) | FAKE_BIT(FAKE_CACHE_CLEAN))

/** FAKE_WINDOW_FALLIBLE - the same of the windows' half. */
#define FAKE_WINDOW_FALLIBLE \
	(FAKE_BIT(FAKE_ALLOC) | FAKE_BIT(FAKE_RANGE_OPEN) | \
	 FAKE_BIT(FAKE_WINDOW_SET))

/** fake_fail() - of @calls, @nr fail, beginning with the @nth from now. */
void fake_fail(struct na_port *port, u32 calls, u32 nth, u32 nr);

/** fake_fail_never() - undo fake_fail(). */
void fake_fail_never(struct na_port *port);

/** fake_forget() - empty the log, set all counters of calls to 0. */
void fake_forget(struct na_port *port);

/** fake_count() - calls since fake_forget(). */
u32 fake_count(struct na_port *port, enum fake_call call);

/** fake_nr_blocks() - pieces of metadata now allocated. */
u32 fake_nr_blocks(struct na_port *port);

/** fake_nr_bytes() - bytes in these pieces. Of one thread. */
size_t fake_nr_bytes(const struct na_port *port);

/* --- frames ---------------------------------------------------------------- */

/* What the rest of the system does. */
void fake_kmap(struct na_port *port, struct na_frame frame);
void fake_kunmap(struct na_port *port, struct na_frame frame);
/** fake_kmap_reclaim() - entry cleared, TLBs not flushed yet. */
void fake_kmap_reclaim(struct na_port *port, struct na_frame frame);
/** fake_vunmap() - a cached vmap range is unmapped, its translation is left. */
void fake_vunmap(struct na_port *port, struct na_frame frame);
/** fake_write_cached() - write through a cached mapping: lines become dirty. */
void fake_write_cached(struct na_port *port, struct na_frame frame);
/** fake_map() - into a process, with the type that the ledger gave. */
void fake_map(struct na_port *port, struct na_frame frame,
	      enum na_memtype type);
void fake_unmap(struct na_port *port, struct na_frame frame,
		enum na_memtype type);
/** fake_write() - through a mapping of @type. */
void fake_write(struct na_port *port, struct na_frame frame,
		enum na_memtype type);
/** fake_take() - allocate these frames for another owner; they must be free. */
void fake_take(struct na_port *port, struct na_run run);

/**
 * fake_steps() - the log as text, e.g.
 * "claim kmap_purge direct_set(8 UC) tlb_flush cache_clean(8 UC)
 * mark(8 UC) commit(BUFFER)"; a call that failed ends in "!".
 * @calls: FAKE_BIT()s of the calls to show; 0: all but alloc and free.
 *	Calls that only look (kmap_holds, is_direct, time ...) are counted in
 *	@nr_calls and are not in the log.
 *
 * Return: valid until the next call, shared by all instances.
 */
const char *fake_steps(struct na_port *port, u32 calls);

/**
 * fake_fault() - invariant that the machine violates while no call runs
 *
 * For every frame, by its state in the ledger: I1 and I2 if it is held, I4 and
 * I7 if it belongs to the system.
 *
 * Return: NULL, or a sentence valid until the next call.
 */
const char *fake_fault(struct na_port *port);

/** fake_count_ours() - frames allocated by the engine and not freed. */
u32 fake_count_ours(const struct na_port *port);

/* --- windows --------------------------------------------------------------- */

/** fake_cpu - the CPU that the calling thread runs on. */
extern __thread u32 fake_cpu;

/** fake_touch() - access @addr on this CPU; fills its TLB. */
struct fake_view fake_touch(struct na_port *port, const void *addr);

/** fake_entry() - the page table's entry for @addr. */
struct fake_view fake_entry(struct na_port *port, const void *addr);

/** fake_tlb() - translation of @addr in the TLB of @cpu. */
struct fake_view fake_tlb(struct na_port *port, u32 cpu,
			  const void *addr);

/**
 * fake_count_views() - entries and translations of a frame, all ranges
 * @type: of this type only; NR_NA_MEMTYPES: of any
 */
u32 fake_count_views(struct na_port *port, struct na_frame frame,
		     enum na_memtype type);

#endif
