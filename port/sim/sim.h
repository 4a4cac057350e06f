/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the simulated machine
 *
 * `struct na_port` is the machine: hardware, the system software around the
 * engine, and the simulated threads. It is at the beginning of an arena that
 * also holds the threads' stacks and the engine's heap, so that a state is a
 * range of memory, which can be copied, restored and hashed. Data that is not
 * state (the log, the verdict, the source of choices) is in `struct sim`.
 *
 * A run is a sequence of actions. An action is one step of one thread, from a
 * choice point to the next, or one whim (spontaneous action) of the hardware.
 * docs/machine-model.md says what is modelled and from which manual.
 */
#ifndef SIM_H
#define SIM_H

#include <noalias/buffer.h>
#include <noalias/purge.h>

#include "sim_limits.h"

/* --- translations -------------------------------------------------------- */

/* 0 is none; else frame * 4 + type + 1. Page tables and TLBs hold these. */
typedef u8 sim_xlate_t;

static inline sim_xlate_t sim_xlate(u32 frame, enum na_memtype type)
{
	return (sim_xlate_t)(frame * 4 + (u32)type + 1);
}

static inline u32 sim_xlate_frame(sim_xlate_t x)
{
	return (u32)(x - 1) >> 2;
}

static inline enum na_memtype sim_xlate_type(sim_xlate_t x)
{
	return (enum na_memtype)((x - 1) & 3);
}

/* --- what a choice point is about to do ---------------------------------- */

/**
 * enum sim_op - kind of the operation that follows a choice point
 *
 * Those before SIM_OP_HW_FIRST touch nothing that hardware touches, so a whim
 * of the hardware may be moved across them; the exhaustive source uses that.
 */
enum sim_op {
	SIM_OP_START,
	SIM_OP_ATOMIC,		/* read-modify-write or load of a shared word */
	SIM_OP_COUNTER,		/* statistics: nobody decides by them */
	SIM_OP_LOCK,
	SIM_OP_UNLOCK,
	SIM_OP_RELAX,
	SIM_OP_MAY_SLEEP,
	SIM_OP_META,		/* engine metadata allocated or freed */
	SIM_OP_CHOOSE,		/* the thread itself asks for a choice */
	SIM_OP_WAIT,
	SIM_OP_WAKE,
	SIM_OP_QUERY,		/* reads what only system software writes */
	SIM_OP_CONST,		/* reads what never changes */
	SIM_OP_ACKED,		/* after a shootdown was answered */
	SIM_OP_HW_FIRST,
	SIM_OP_PTE = SIM_OP_HW_FIRST,
	SIM_OP_TLB,
	SIM_OP_IPI,
	SIM_OP_CLEAN,
	SIM_OP_DRAIN,
	SIM_OP_ACCESS,
	SIM_OP_MM,
	SIM_OP_FRAME,
	SIM_OP_LEDGER,		/* a word of the ledger changes */
	NR_SIM_OPS,
};

/* --- threads -------------------------------------------------------------- */

enum sim_wait {
	SIM_RUNNABLE,
	SIM_WAIT_LOCK,		/* wait_obj: u32 owner word, spinning */
	SIM_WAIT_MUTEX,		/* wait_obj: u32 owner word, sleeping */
	SIM_WAIT_ACKS,		/* answers to our shootdown */
	SIM_WAIT_CHANNEL,	/* wait_obj: channel, sleeping */
	SIM_WAIT_OTHERS,	/* relax: until somebody else moved */
	SIM_DONE,
};

/** struct sim_ipi - the shootdown that a thread has in progress. */
struct sim_ipi {
	u64 vmask;		/* translations to drop */
	bool drain;		/* empty the write-combining buffers too */
	u8 pending;		/* CPUs that have not answered */
};

/** struct sim_store - a store that others do not see yet. */
struct sim_store {
	const void *addr;
	u64 old;
	bool is_unlock;
};

struct sim_thread {
	void *sp;
	const void *wait_obj;
	const char *where;
	u32 frames;		/* frames the announced operation concerns */
	u8 cpu;
	u8 mm;			/* process it runs in, plus 1 */
	u8 op;			/* enum sim_op announced */
	u8 wait;		/* enum sim_wait */
	u8 spins;		/* spinlocks held */
	u8 no_preempt;		/* fixmap windows held */
	u8 choose_nr, choose_val;
	bool timed;		/* the wait may also end by time */
	bool timed_out;
	bool others_moved;	/* since this thread relaxed last */
	bool rare;		/* the choice is a failure: not so often */
	struct sim_ipi ipi;
	struct sim_store store[SIM_STORES_MAX];
	u8 nr_stores;
};

/* --- hardware -------------------------------------------------------------- */

struct sim_line {
	u8 word[SIM_WORDS];
};

struct sim_wcbuf {
	u8 frame;
	u8 mask;		/* words held; 0: the buffer is empty */
	u8 word[SIM_WORDS];
};

struct sim_cpu {
	u64 tlb_valid;		/* virtual pages translated by the TLB */
	u64 tlb_cached;		/* those of them whose type is WB */
	sim_xlate_t tlb[SIM_VPAGES_MAX];
	u32 line_valid;		/* frames with a line in this cache */
	u32 line_dirty;
	struct sim_line line[SIM_FRAMES_MAX];
	struct sim_wcbuf wc[SIM_WCBUFS];
	u8 mm;			/* process whose tables are loaded, plus 1 */
	u8 cur;			/* thread that has the CPU, plus 1 */
	u8 fix_depth;
};

/* --- system software -------------------------------------------------------- */

enum sim_owner {
	SIM_FREE,
	SIM_SYSTEM,		/* taken by the rest of the system */
	SIM_GIVEN,		/* given to the engine by na_port_frames_alloc() */
};

/** struct sim_kmap - the kmap pool; counts as in Linux: 1 is stale. */
struct sim_kmap {
	na_spin_t lock;
	u8 count[SIM_KMAP_MAX];
	u8 named[SIM_KMAP_MAX];	/* page_address() + 1 of the slot; 0: NULL */
	u8 last;
};

struct sim_vmap {
	na_spin_t lock;
	u8 state[SIM_VMAP_MAX];	/* 0 free, 1 mapped, 2 unmapped, TLB not flushed */
};

struct sim_proc {
	bool alive;
	u8 cpumask;		/* CPUs that loaded its tables since its birth */
};

struct sim_block {
	u32 off, len;
	bool used;
};

/** struct sim_layout - first virtual page of each range, in this order. */
struct sim_layout {
	u8 direct, kmap, vmap, fix, win, user, end;
};

/**
 * struct sim_config - configuration of a machine
 *
 * Frames 0 to nr_low - 1 are low memory. A scenario keeps all of them small.
 */
struct sim_config {
	u8 nr_cpus, nr_low, nr_high;
	u8 nr_kmap, nr_vmap, nr_fix, nr_win;
	u8 nr_procs, nr_user;	/* processes, pages of each */
	u8 failures_max;	/* calls of the port that may fail in a run */
	bool store_buffers;	/* plain stores are seen late by others */
	bool tlb_is_tame;	/* TLBs fetch on access and on nothing else */
};

struct sim_scenario;

struct na_port {
	const struct sim_scenario *scenario;
	struct sim_config cfg;
	struct sim_layout at;
	u64 kernel_mask;	/* virtual pages any CPU can walk */
	u64 own_mask;		/* windows and processes: mappings of ours */

	/* hardware */
	u64 pte_present;
	sim_xlate_t pte[SIM_VPAGES_MAX];
	struct sim_cpu cpu[SIM_CPUS_MAX];
	struct sim_line mem[SIM_FRAMES_MAX];

	/* sums over page tables, TLBs and caches, kept by those who change them */
	u16 nr_xlate[SIM_FRAMES_MAX][NR_NA_MEMTYPES];
	u16 nr_own[SIM_FRAMES_MAX];
	u32 line_any;		/* frames with a line in some cache */
	u32 wc_any;		/* frames with data in some WC buffer */

	/* system software */
	u8 owner[SIM_FRAMES_MAX];
	u8 win_used;		/* window pages given to ranges */
	struct sim_kmap kmap;
	struct sim_vmap vmap;
	struct sim_proc proc[SIM_PROCS_MAX];
	u8 marked[SIM_FRAMES_MAX];	/* na_port_runs_mark() */
	u8 failures_left;
	bool dying;
	u64 now_ns;

	/* what must be: the checkers' own view */
	struct sim_line truth[SIM_FRAMES_MAX];
	u8 wild[SIM_FRAMES_MAX];	/* words that may hold anything */
	u8 pinned[SIM_FRAMES_MAX];	/* pins known to the scenario */
	u8 held[SIM_FRAMES_MAX];	/* windows that the scenario holds */
	u8 held_type[SIM_FRAMES_MAX];	/* type when it began to hold */
	u8 was[SIM_FRAMES_MAX];		/* ledger state after the last step */
	u8 was_owned[SIM_FRAMES_MAX];	/* last state that was not CLAIMED */

	/* threads and heap */
	struct sim_thread thread[SIM_THREADS_MAX];
	u8 nr_threads;
	u8 stores_any;		/* stores on the way, of all threads */
	struct sim_block block[SIM_BLOCKS_MAX];
	u8 nr_blocks;
	u32 heap_len;

	/* the engine, and room for the scenario */
	struct na_machine engine;
	void *priv[2];
	u64 var[2];
};

/* --- verdicts ---------------------------------------------------------------- */

enum sim_verdict {
	SIM_OK,
	SIM_I1, SIM_I2, SIM_I3, SIM_I4, SIM_I5, SIM_I6, SIM_I7,
	SIM_ASSERT,
	SIM_DEADLOCK,
	SIM_LOST_WAKEUP,
	SIM_SLEEP_ATOMIC,
	SIM_STARVED,
	SIM_LOCKING,
	SIM_FAULT,
	SIM_TEST,		/* the scenario's own expectation */
	NR_SIM_VERDICTS,
};

/** sim_verdict_name() - "I1", "deadlock", ... */
const char *sim_verdict_name(enum sim_verdict verdict);

/* --- the run ------------------------------------------------------------------ */

/** struct sim - data of the current run that is not state. */
struct sim {
	struct na_port *m;
	struct sim_thread *cur;	/* NULL in scheduler, setup and checkers */
	void *sched_sp;
	u64 step;		/* actions so far */
	u32 call_steps[SIM_THREADS_MAX]; /* own steps in the present call */
	u8 last;		/* thread that moved last */
	enum sim_verdict verdict;
	char why[256];
	u32 blame_frame;	/* frame the verdict is about, or -1 */
	bool merge;		/* invisible choice points are passed over */
	bool tracing;
	u32 checks_off;		/* verdicts that are not looked for (bits) */
	u64 nr_counters;
	u64 *counter[SIM_COUNTERS_MAX];
};

extern struct sim sim;

/**
 * struct sim_scenario - one test of the engine
 * @name: one word, part of failure ids
 * @what: description, one line
 * @config: the machine
 * @nr_threads: simulated threads
 * @thread: their functions, names and CPUs (SIM_NO_CPU: the device)
 * @setup: makes the initial state while no thread runs; may be NULL
 * @finish: checks the final state while no thread runs; may be NULL
 * @budget: bounds of the exhaustive search; all 0: none is run
 */
struct sim_scenario {
	const char *name;
	const char *what;
	struct sim_config config;
	u8 nr_threads;
	u8 stores_any;		/* stores on the way, of all threads */
	struct {
		const char *name;
		u8 cpu;
		void (*fn)(struct na_port *m);
	} thread[SIM_THREADS_MAX];
	void (*setup)(struct na_port *m);
	void (*finish)(struct na_port *m);
	u32 checks_off;		/* verdicts (bits) that it provokes itself */
	struct {
		u8 preempts;	/* SIM_UNBOUNDED: no bound */
		u8 whims;	/* spontaneous acts of hardware; as above */
		bool quick;	/* small enough for every run of the tests */
	} budget;
};

#define SIM_UNBOUNDED 255

/** sim_fail() - end the run with a verdict; does not return to a thread. */
__attribute__((format(printf, 3, 4)))
void sim_fail(enum sim_verdict verdict, int frame, const char *fmt, ...);

/** SIM_EXPECT() - check an expectation of the scenario. */
#define SIM_EXPECT(cond)						\
	do {								\
		if (!(cond))						\
			sim_fail(SIM_TEST, -1, "%s: expected %s",	\
				 __func__, #cond);			\
	} while (0)

#endif
