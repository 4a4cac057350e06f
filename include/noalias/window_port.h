/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract, part for windows
 *
 * A port that offers windows has these calls besides those of port.h. A
 * window range is a number of slots, one frame wide each, at fixed addresses.
 * The engine decides which slot shows which frame, when an entry is removed and
 * which CPUs are interrupted; the port contains no policy.
 *
 * A port may choose what a CPU is, as long as each number below
 * na_port_nr_cpus() belongs to one flow of control at a time: CPUs in a kernel
 * and in the simulated machine, threads in a process.
 *
 * States of a slot as the port sees them; there are no other transitions:
 *
 *   absent ──set──▶ present ──clear──▶ absent, translations may be left
 *     ──shootdown or na_port_tlb_flush()──▶ absent
 *
 * A slot is never set while it is present. Only in local ranges it is set again
 * before a shootdown: only one CPU ever uses the address there, and it has
 * dropped its translation by na_port_window_invalidate().
 */
#ifndef NOALIAS_WINDOW_PORT_H
#define NOALIAS_WINDOW_PORT_H

#include <noalias/port.h>

/** struct na_port_range - a range of window addresses; private to the port. */
struct na_port_range;

/* --- CPUs --------------------------------------------------------------- */

/**
 * struct na_cpus - a set of CPUs, rounded up to a superset
 * @bits: bit n is CPU n; bit 63 is CPU 63 and all CPUs above
 */
struct na_cpus {
	u64 bits;
};

/** NA_CPUS_LAST - the bit for this CPU and all above. */
#define NA_CPUS_LAST 63

static inline struct na_cpus na_cpus_none(void)
{
	return (struct na_cpus){ .bits = 0 };
}

static inline struct na_cpus na_cpus_add(struct na_cpus cpus, u32 cpu)
{
	cpus.bits |= 1ull << (cpu < NA_CPUS_LAST ? cpu : NA_CPUS_LAST);
	return cpus;
}

static inline bool na_cpus_holds(struct na_cpus cpus, u32 cpu)
{
	return cpus.bits >> (cpu < NA_CPUS_LAST ? cpu : NA_CPUS_LAST) & 1;
}

static inline struct na_cpus na_cpus_or(struct na_cpus a, struct na_cpus b)
{
	return (struct na_cpus){ .bits = a.bits | b.bits };
}

/** na_port_nr_cpus() - CPU numbers are below this; constant. Context: any. */
u32 na_port_nr_cpus(struct na_port *port);

/**
 * na_port_cpu_get() - pin the caller to this CPU
 *
 * Until na_port_cpu_put() the caller is not migrated and no other thread runs
 * with the same number. Nests. The caller must not sleep in between. Interrupts
 * may nest.
 *
 * Context: any. On the hit path of na_window_map(), so it must be cheap,
 * without a locked instruction. Return: number of the CPU.
 */
u32 na_port_cpu_get(struct na_port *port);

/** na_port_cpu_put() - end one na_port_cpu_get(). Context: any. */
void na_port_cpu_put(struct na_port *port);

/**
 * na_port_tlb_may_speculate() - may a CPU fetch a translation it never used?
 *
 * True where hardware walks the page tables by itself: x86 and ARM both allow
 * it to fetch any present entry at any time (Intel SDM vol. 3A, Details of
 * TLB Use; ARM ARM, Translation Lookaside Buffers). Only a port whose TLBs are
 * filled on access alone may return false. Shootdowns may then be narrowed to
 * CPUs that used a slot. Constant. Context: any.
 */
bool na_port_tlb_may_speculate(struct na_port *port);

/* --- ranges ------------------------------------------------------------- */

/**
 * na_port_range_open() - reserve addresses for @nr_slots slots, all absent
 * @port: instance
 * @nr_slots: 1 or more
 * @range: receives the range
 *
 * Page tables are allocated down to the last level, so that
 * na_port_window_set() need not allocate.
 *
 * Return: 0; -ENOMEM; -EOPNOTSUPP the platform has no windows.
 */
int na_port_range_open(struct na_port *port, u32 nr_slots,
		       struct na_port_range **range);

/**
 * na_port_range_close() - free the addresses
 *
 * All slots are absent and no translation is left.
 */
void na_port_range_close(struct na_port_range *range);

/**
 * na_port_range_addr() - address of slot @idx
 *
 * Constant for the life of the range. Context: any.
 */
void *na_port_range_addr(struct na_port_range *range, u32 idx);

/**
 * na_port_range_cpus() - CPUs that may hold a translation of the range
 *
 * These are the CPUs that have a page table loaded through which the range can
 * be reached, or had one since they last dropped all translations; speculation
 * cannot reach further. A port that does not know returns all CPUs. Called
 * after entries were cleared and before the shootdown: a CPU that loads the
 * table later finds no entries. Context: may sleep, one engine mutex held.
 */
struct na_cpus na_port_range_cpus(struct na_port_range *range);

/* --- entries ------------------------------------------------------------ */

/**
 * na_port_window_set() - point absent slots at frames
 * @range: range
 * @idx: first slot; it and those that follow are absent
 * @run: a frame for each slot; one in local ranges
 * @type: memory type of the mappings; the ledger's, and held until cleared
 *
 * Ordering. On return the entries are complete in the page table: a walk on any
 * CPU that is ordered after the return finds them. Where CPUs cache absent
 * entries, the port must handle that here.
 *
 * Context: must not sleep: called under a spinlock of the engine, or between
 * cpu_get and cpu_put.
 * Return: 0; -ENOMEM, -EFAULT with all slots still absent.
 */
int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type);

/**
 * na_port_window_clear() - make slots absent in the page table
 * @range: range
 * @idxs: slots, all present; often but not always in ascending order
 * @nr: length of @idxs, at least 1
 *
 * Ordering. On return no walk that begins later, on any CPU, finds one of the
 * entries. TLBs are not touched: translations made before, also speculative
 * ones, may be left on any CPU. Cannot fail.
 *
 * Context: must not sleep when @nr is 1 (local windows clear between cpu_get
 * and cpu_put); otherwise may sleep, one engine mutex held.
 */
void na_port_window_clear(struct na_port_range *range, const u32 *idxs,
			  u32 nr);

/**
 * na_port_window_read() - read a slot's page table entry back
 * @range: range
 * @idx: slot
 * @frame: receives the frame, when present
 * @type: receives the type as found there, when present
 *
 * Read from the page table, not from the port's own records, wherever it can be
 * read: the engine checks its work with it. Context: as na_port_window_set().
 * Return: false when the entry is absent.
 */
bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type);

/**
 * na_port_window_shootdown() - CPUs drop their translations of some slots
 * @range: range
 * @idxs: slots, all absent
 * @nr: length of @idxs, at least 1
 * @cpus: which CPUs; may include the caller's; never empty
 *
 * Ordering. On return none of @cpus holds a translation of one of the slots
 * that was made before the call, and no access through one is under way:
 * stores that went through it are in memory or in a cache, not in a
 * write-combining buffer. One shootdown, whatever @nr; a port may drop all
 * translations if that is cheaper.
 *
 * Context: may sleep, one engine mutex held.
 * Return: number of CPUs interrupted, not counting the caller's.
 */
u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus);

/**
 * na_port_window_invalidate() - the calling CPU drops one translation
 * @range: range
 * @idx: slot, absent
 *
 * As na_port_window_shootdown(), for this CPU only. Context: between cpu_get
 * and cpu_put.
 */
void na_port_window_invalidate(struct na_port_range *range, u32 idx);

/* --- waiting ------------------------------------------------------------- */

/** NA_WAIT_FOREVER - value for a timeout: wait without limit. */
#define NA_WAIT_FOREVER (~0ull)

/**
 * na_port_wait() - sleep while a word keeps its value
 * @port: instance
 * @word: watched word
 * @seen: value that the caller saw
 * @timeout_ns: longest sleep, or NA_WAIT_FOREVER
 *
 * Compares and goes to sleep in one step: if *@word was changed and
 * na_port_wake() called after the caller read @seen, it does not sleep or is
 * woken. Wakeups may be spurious.
 *
 * Context: may sleep, no lock.
 * Return: 0; -ETIMEDOUT; -EINTR a fatal signal.
 */
int na_port_wait(struct na_port *port, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns);

/**
 * na_port_wake() - wake all na_port_wait() on @word
 *
 * The caller changes *@word before. Context: any.
 */
void na_port_wake(struct na_port *port, na_atomic32_t *word);

#endif
