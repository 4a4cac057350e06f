/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * winport: the platform contract with windows, on page tables and TLBs made
 * of arrays.
 *
 * What a thread sees through a window is what its CPU's TLB says, and a TLB
 * keeps what it has until it is told: a shootdown left out shows as the wrong
 * frame. A port that speculates has every translation in every TLB from the
 * moment that the entry is there to the moment that it goes. The contract's
 * preconditions are asserted.
 *
 * The arrays are read and written by relaxed atomics, so that the thread
 * sanitizer learns of no order but the engine's own; a plain copy of the
 * entries, read by whoever looks through a window, shows it each lack of one.
 */
#ifndef WINPORT_H
#define WINPORT_H

#include <noalias/window_port.h>

#define WINPORT_CPUS_MAX 8u
#define WINPORT_RANGES_MAX 8u
/* From the address of a slot to that of the next. */
#define WINPORT_SLOT_LEN 64u

enum winport_call {
	WINPORT_SET,
	WINPORT_CLEAR,
	WINPORT_READ,
	WINPORT_SHOOTDOWN,
	WINPORT_INVALIDATE,
	WINPORT_CPUS,
	WINPORT_WAIT,
	WINPORT_WAKE,
	WINPORT_TIME,
	WINPORT_TLB_FLUSH,
	WINPORT_CACHE_CLEAN,
	NR_WINPORT_CALLS,
};

/**
 * struct winport_view - what an address shows
 * @is_present: there is a translation or an entry
 * @frame: of it
 * @type: of it
 */
struct winport_view {
	bool is_present;
	struct na_frame frame;
	enum na_memtype type;
};

/**
 * struct na_port - the machine; tests may set the fields up to @hook_arg
 * @nr_cpus: at most WINPORT_CPUS_MAX
 * @speculates: TLBs fill by themselves
 * @range_cpus: what na_port_range_cpus() says
 * @is_threaded: na_port_wait() really sleeps, time is real
 * @fails_at: number of the fallible call that fails (1: the next); 0: none
 * @nr_lies: that many slots are set or cleared without anything being done
 * @wrong_type: entries get this type instead; NR_NA_MEMTYPES: the right one
 * @kmap_live: na_port_kmap_holds() of this frame is true
 * @hook: runs at the start of each call, or NULL
 * @hook_arg: for @hook
 * @nr_calls: by call
 * @nr_stuck: waits that nothing would have ended
 * @nr_slots_cleared: sum over all clears
 * @last_nr: slots of the last shootdown
 * @last_cpus: CPUs of the last shootdown
 * @now_ns: the clock
 * @nr_blocks: pieces of metadata now allocated
 */
struct na_port {
	u32 nr_cpus;
	bool speculates;
	struct na_cpus range_cpus;
	bool is_threaded;
	u32 fails_at;
	u32 nr_lies;
	enum na_memtype wrong_type;
	struct na_frame kmap_live;
	void (*hook)(struct na_port *port, enum winport_call call);
	void *hook_arg;

	na_atomic64_t nr_calls[NR_WINPORT_CALLS];
	u32 nr_stuck;
	na_atomic64_t nr_slots_cleared;
	u32 last_nr;
	struct na_cpus last_cpus;
	u64 now_ns;
	na_atomic32_t nr_blocks;

	/* winport's own */
	struct na_port_range *ranges[WINPORT_RANGES_MAX];
	na_atomic32_t owners[WINPORT_CPUS_MAX];
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	struct winport_block *blocks;
	bool has_lied;
};

/** winport_cpu - the CPU that the calling thread runs on. */
extern __thread u32 winport_cpu;

/** winport_create() - a machine with @nr_cpus CPUs that do not speculate. */
struct na_port *winport_create(u32 nr_cpus);

/** winport_destroy() - also frees what was leaked. */
void winport_destroy(struct na_port *port);

/** winport_forget() - all counts of calls to 0. */
void winport_forget(struct na_port *port);

/** winport_count() - calls since winport_forget(). */
u32 winport_count(struct na_port *port, enum winport_call call);

/** winport_touch() - access @addr on this CPU; fills its TLB. */
struct winport_view winport_touch(struct na_port *port, const void *addr);

/** winport_entry() - the page table's entry for @addr. */
struct winport_view winport_entry(struct na_port *port, const void *addr);

/** winport_tlb() - what the TLB of @cpu holds for @addr. */
struct winport_view winport_tlb(struct na_port *port, u32 cpu,
				const void *addr);

/**
 * winport_count_views() - entries and translations of a frame, all ranges
 * @type: of this type only; NR_NA_MEMTYPES: of any
 */
u32 winport_count_views(struct na_port *port, struct na_frame frame,
			enum na_memtype type);

#endif
