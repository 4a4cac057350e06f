/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: the platform contract, part for windows
 *
 * A port that offers windows has these calls besides those of port.h. A
 * window range is a number of slots, one frame wide each, at fixed addresses.
 * The engine says which slot shows which frame, when an entry goes, and who
 * must be told; the port does just that, for one range, and keeps no policy.
 *
 * What a port models as a CPU is up to it, as long as each number below
 * na_port_nr_cpus() belongs to one flow of control at a time: the CPUs in a
 * kernel and in a simulated machine, threads in a process.
 *
 * Life of a slot as the port sees it; nothing else ever happens to it:
 *
 *   absent ──set──▶ present ──clear──▶ absent, translations may be left
 *     ──shootdown or na_port_tlb_flush()──▶ absent
 *
 * A slot is never set while it is present. It is set again before a shootdown
 * only in local ranges, where only one CPU ever uses the address and has
 * dropped its translation by na_port_window_invalidate().
 */
#ifndef NOALIAS_WINDOW_PORT_H
#define NOALIAS_WINDOW_PORT_H

#include <noalias/port.h>

/** struct na_port_range - the port's own: one range of window addresses. */
struct na_port_range;

/* --- CPUs --------------------------------------------------------------- */

/**
 * struct na_cpus - a set of CPUs, never too small
 * @bits: bit n is CPU n; bit 63 is CPU 63 and every CPU above
 */
struct na_cpus {
	u64 bits;
};

/** NA_CPUS_LAST - the bit that stands for all CPUs from here on. */
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
 * na_port_cpu_get() - stay on this CPU
 *
 * Until na_port_cpu_put() the caller is not moved to another CPU and no other
 * thread runs with the same number. Nests. Between the two the caller does
 * not sleep. Interrupts may come; they nest properly.
 *
 * Context: any. Called on the hit path of na_window_map(): cheap, no locked
 * instruction. Return: number of the CPU.
 */
u32 na_port_cpu_get(struct na_port *port);

/** na_port_cpu_put() - end one na_port_cpu_get(). Context: any. */
void na_port_cpu_put(struct na_port *port);

/**
 * na_port_tlb_may_speculate() - may a CPU fetch a translation it never used?
 *
 * True where hardware walks the page tables by itself: x86 and ARM both allow
 * it to fetch any present entry at any time (Intel SDM vol. 3A, Details of
 * TLB Use; ARM ARM, Translation Lookaside Buffers). Only a port that fills
 * its TLBs on access and on nothing else may say false. It decides whether
 * shootdowns may be narrowed to CPUs that used a slot. Constant. Context: any.
 */
bool na_port_tlb_may_speculate(struct na_port *port);

/* --- ranges ------------------------------------------------------------- */

/**
 * na_port_range_open() - reserve addresses for @nr_slots slots, all absent
 * @port: instance
 * @nr_slots: 1 or more
 * @range: receives the range
 *
 * Everything that na_port_window_set() needs is there on return, so that it
 * need not allocate: page tables down to the last level are present.
 *
 * Return: 0; -ENOMEM; -EOPNOTSUPP the platform has no windows.
 */
int na_port_range_open(struct na_port *port, u32 nr_slots,
		       struct na_port_range **range);

/**
 * na_port_range_close() - give the addresses back
 *
 * All slots are absent and no translation is left.
 */
void na_port_range_close(struct na_port_range *range);

/**
 * na_port_range_addr() - address at which slot @idx shows its frame
 *
 * Constant for the life of the range. Context: any.
 */
void *na_port_range_addr(struct na_port_range *range, u32 idx);

/**
 * na_port_range_cpus() - CPUs that may hold a translation of the range
 *
 * Those that have, or had since they last dropped all of their translations,
 * a page table loaded through which the range can be reached: true even of
 * CPUs that speculate. A port that cannot tell says all CPUs. Asked after
 * entries were cleared, before the shootdown; a CPU that loads the table
 * later finds the entries gone. Context: may sleep, one engine mutex held.
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
 * Ordering. On return the entries are in the page table, whole: a walk on any
 * CPU that is ordered after the return finds them. Where a CPU may remember
 * that an entry was absent, the port deals with that here.
 *
 * Context: must not sleep and not allocate what may sleep: called under a
 * spinlock of the engine, or between cpu_get and cpu_put.
 * Return: 0; -ENOMEM, -EFAULT with all slots still absent.
 */
int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type);

/**
 * na_port_window_clear() - make slots absent in the page table
 * @range: range
 * @idxs: slots, all present, in ascending order where the engine has them so
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
 * What the page table says, not what the port remembers, where that can be
 * read; the engine checks its own doing with it. Context: as
 * na_port_window_set(). Return: false when the entry is absent.
 */
bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type);

/**
 * na_port_window_shootdown() - CPUs drop their translations of some slots
 * @range: range
 * @idxs: slots, all absent by now
 * @nr: length of @idxs, at least 1
 * @cpus: which CPUs; may include the caller's; never empty
 *
 * Ordering. On return none of @cpus holds a translation of one of the slots
 * that was made before the call, and no access through one is under way:
 * stores that went through it are in memory or in a cache, not in a
 * write-combining buffer. One shootdown, whatever @nr: a port with a cheaper
 * way to drop everything may take it.
 *
 * Context: may sleep, one engine mutex held.
 * Return: CPUs that were interrupted for it, the caller's not counted.
 */
u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus);

/**
 * na_port_window_invalidate() - the calling CPU drops one translation
 * @range: range
 * @idx: slot, absent by now
 *
 * As na_port_window_shootdown(), of this CPU only. Context: between cpu_get
 * and cpu_put.
 */
void na_port_window_invalidate(struct na_port_range *range, u32 idx);

/* --- waiting ------------------------------------------------------------- */

/** NA_WAIT_FOREVER - as a timeout: none. */
#define NA_WAIT_FOREVER (~0ull)

/**
 * na_port_wait() - sleep while a word keeps its value
 * @port: instance
 * @word: watched word
 * @seen: value that the caller saw
 * @timeout_ns: longest sleep, or NA_WAIT_FOREVER
 *
 * Compares and goes to sleep in one step: when *@word was changed and
 * na_port_wake() called after the caller read @seen, it does not sleep, or
 * wakes. May return without cause.
 *
 * Context: may sleep, no lock.
 * Return: 0; -ETIMEDOUT; -EINTR a fatal signal.
 */
int na_port_wait(struct na_port *port, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns);

/**
 * na_port_wake() - end every na_port_wait() on @word
 *
 * The caller changed *@word before. Context: any.
 */
void na_port_wake(struct na_port *port, na_atomic32_t *word);

#endif
