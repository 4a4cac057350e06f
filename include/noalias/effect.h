/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: effects
 *
 * An effect is a call of the port that changes something outside the engine:
 * page tables, TLBs, caches, frames. Only engine/effect*.c make such calls:
 * there they are counted, timed and reported to a listener. The rest of the
 * engine contains the order of the steps, but no clock and no counters of
 * effects.
 *
 * The listener is chosen when linking: tracepoints in the module, the timeline
 * of the simulated machine, the log of a scenario, none in a program. Each
 * machine has one, which implements na_port_hears() and na_port_effect().
 *
 * na_effect_NAME() does what na_port_NAME() does, with the same context,
 * ordering and result; only what differs is documented here.
 *
 * There is one file for each caller, because not every build links all of them:
 * the module has no windows. Every build has effect.c.
 */
#ifndef NOALIAS_EFFECT_H
#define NOALIAS_EFFECT_H

#include <noalias/machine.h>
#include <noalias/window_port.h>

/**
 * enum na_effect_kind - kind of effect
 * @NA_EFFECT_CONVERT_TO: frames become UC or WC: the whole of na_convert_to()
 * @NA_EFFECT_CONVERT_BACK: frames become WB: the whole of na_convert_back()
 * @NA_EFFECT_PURGE: na_purge_kmap(), a step of a conversion
 * @NA_EFFECT_PURGE_ALONE: na_purge_stale(), which ends with a TLB flush
 * @NA_EFFECT_TAKE: a buffer takes its frames from the system
 * @NA_EFFECT_KMAP_PURGE: na_port_kmap_purge(); each kind that follows is the
 *	call of the port with that name, DIRECT_SET with the read back
 * @NR_NA_EFFECTS: number of kinds
 */
enum na_effect_kind {
	NA_EFFECT_CONVERT_TO,
	NA_EFFECT_CONVERT_BACK,
	NA_EFFECT_PURGE,
	NA_EFFECT_PURGE_ALONE,
	NA_EFFECT_TAKE,
	NA_EFFECT_KMAP_PURGE,
	NA_EFFECT_TLB_FLUSH,
	NA_EFFECT_DIRECT_SET,
	NA_EFFECT_CACHE_CLEAN,
	NA_EFFECT_MARK,
	NA_EFFECT_WC_DRAIN,
	NA_EFFECT_WC_DRAIN_OWN,
	NA_EFFECT_FRAMES_ALLOC,
	NA_EFFECT_FRAMES_FREE,
	NA_EFFECT_FRAMES_SPLIT,
	NA_EFFECT_FRAMES_LOST,
	NA_EFFECT_RANGE_OPEN,
	NA_EFFECT_RANGE_CLOSE,
	NA_EFFECT_WINDOW_SET,
	NA_EFFECT_WINDOW_CLEAR,
	NA_EFFECT_WINDOW_SHOOTDOWN,
	NA_EFFECT_WINDOW_INVALIDATE,
	NR_NA_EFFECTS,
};

/**
 * struct na_effect_slots - windows that an effect changes
 * @range: range of the slots; RANGE_OPEN sets it at the end
 * @idxs: slots; WINDOW_SET: only the first of consecutive slots
 * @nr: length of @idxs
 * @cpus: WINDOW_SHOOTDOWN: CPUs that are interrupted
 */
struct na_effect_slots {
	struct na_port_range *range;
	const u32 *idxs;
	u32 nr;
	struct na_cpus cpus;
};

/**
 * struct na_effect - one effect from beginning to end
 * @kind: which
 * @is_over: false at the beginning, true at the end
 * @is_timed: a listener sets it at the beginning if it wants @ns
 * @is_heard, @is_counted: private to effect.c
 * @type: new type of the frames; CONVERT_BACK: their old type
 * @runs: frames; FRAMES_ALLOC: at the beginning only their number
 * @nr_runs: length of @runs
 * @nr: CONVERT_BACK: at the end, frames that are WB; FRAMES_LOST: frames lost;
 *	RANGE_OPEN: slots
 * @slots: of windows, else NULL
 * @err: 0 or an errno. For tests a listener may set an errno where the call of
 *	the port can fail: at the beginning, the port is not called; at the end,
 *	the call counts as failed
 * @ns: how long it took, at the end, when @is_timed
 * @note: private to the listener
 */
struct na_effect {
	enum na_effect_kind kind;
	bool is_over;
	bool is_timed;
	bool is_heard;
	bool is_counted;
	enum na_memtype type;
	const struct na_run *runs;
	u32 nr_runs;
	u32 nr;
	const struct na_effect_slots *slots;
	int err;
	u64 ns;
	u64 note;
};

/* --- the listener's ------------------------------------------------------- */

/**
 * na_port_hears() - does the listener want effects of this kind?
 *
 * The answer at the beginning of an effect holds until its end, so that a
 * listener that is switched on or off meanwhile never sees half of one. Without
 * a listener this call is the only cost. Context: that of the effect; must not
 * sleep.
 */
bool na_port_hears(struct na_port *port, enum na_effect_kind kind);

/**
 * na_port_effect() - an effect begins, or is over
 *
 * Called before the first step and after the last, if na_port_hears() was true.
 * Context: that of the effect; must not sleep for window kinds.
 */
void na_port_effect(struct na_port *port, struct na_effect *effect);

/* --- effect.c ------------------------------------------------------------- */

/** na_effect_name() - e.g. "direct_set" for na_port_direct_set(). */
const char *na_effect_name(enum na_effect_kind kind);

/** na_effect_on_frames() - initialize an effect of @kind. Context: any. */
static inline struct na_effect na_effect_on_frames(enum na_effect_kind kind,
						   const struct na_run *runs,
						   u32 nr_runs,
						   enum na_memtype type)
{
	return (struct na_effect){
		.kind = kind, .runs = runs, .nr_runs = nr_runs, .type = type,
	};
}

/**
 * na_effect_begin() - an effect of several steps begins
 *
 * Effects of one step are begun and ended by their call below. Context: any.
 * Return: 0; an errno when the effect must fail without being tried.
 */
int na_effect_begin(struct na_machine *machine, struct na_effect *effect);

/**
 * na_effect_count() - count an effect before its end
 *
 * The counter gets the time until now. Context: any.
 */
void na_effect_count(struct na_machine *machine, struct na_effect *effect);

/**
 * na_effect_end() - end an effect with @err
 *
 * Counts it and its time, unless na_effect_count() did. Context: any. Return:
 * @err, or the errno that a listener set.
 */
int na_effect_end(struct na_machine *machine, struct na_effect *effect,
		  int err);

/** na_effect_kmap_purge() - na_port_kmap_purge(), counted. */
void na_effect_kmap_purge(struct na_machine *machine);

/** na_effect_tlb_flush() - na_port_tlb_flush(), counted and timed. */
void na_effect_tlb_flush(struct na_machine *machine);

/* --- effect_convert.c ----------------------------------------------------- */

/**
 * na_effect_direct_set() - na_port_direct_set(), read back and timed
 *
 * Reads the entries of both ends of each run back, to catch a port that did not
 * set them.
 *
 * Return: as na_port_direct_set(); -EFAULT also when an entry does not have the
 * type.
 */
int na_effect_direct_set(struct na_machine *machine, const struct na_run *runs,
			 u32 nr_runs, enum na_memtype type, u32 *nr_done);

/**
 * na_effect_direct_agrees() - does the direct map of a frame have this type?
 *
 * Context: any.
 */
bool na_effect_direct_agrees(struct na_machine *machine, struct na_frame frame,
			     enum na_memtype type);

/** na_effect_cache_clean() - na_port_cache_clean(), timed. */
int na_effect_cache_clean(struct na_machine *machine,
			  const struct na_run *runs, u32 nr_runs,
			  enum na_memtype type);

/** na_effect_mark() - na_port_runs_mark(). */
void na_effect_mark(struct na_machine *machine, const struct na_run *runs,
		    u32 nr_runs, enum na_memtype type);

/** na_effect_wc_drain() - na_port_wc_drain(). */
void na_effect_wc_drain(struct na_machine *machine);

/** na_effect_frames_lost() - na_port_frames_lost(). */
void na_effect_frames_lost(struct na_machine *machine, u32 nr,
			   const char *why);

/* --- effect_buffer.c ------------------------------------------------------ */

/** na_effect_frames_alloc() - na_port_frames_alloc(). */
int na_effect_frames_alloc(struct na_machine *machine, u32 nr,
			   enum na_zone zone, bool try_hard,
			   struct na_run *block);

/** na_effect_frames_free() - na_port_frames_free(). */
void na_effect_frames_free(struct na_machine *machine, struct na_run block);

/** na_effect_frames_split() - na_port_frames_split(). */
void na_effect_frames_split(struct na_machine *machine, struct na_run block);

/** na_effect_wc_drain_own() - na_port_wc_drain_own(). */
void na_effect_wc_drain_own(struct na_machine *machine);

/* --- effect_window.c ------------------------------------------------------ */

/** na_effect_range_open() - na_port_range_open(). */
int na_effect_range_open(struct na_machine *machine, u32 nr_slots,
			 struct na_port_range **range);

/** na_effect_range_close() - na_port_range_close(). */
void na_effect_range_close(struct na_machine *machine,
			   struct na_port_range *range);

/** na_effect_window_set() - na_port_window_set(). */
int na_effect_window_set(struct na_machine *machine,
			 struct na_port_range *range, u32 idx,
			 struct na_run run, enum na_memtype type);

/** na_effect_window_clear() - na_port_window_clear(). */
void na_effect_window_clear(struct na_machine *machine,
			    struct na_port_range *range, const u32 *idxs,
			    u32 nr);

/** na_effect_window_shootdown() - na_port_window_shootdown(). */
u32 na_effect_window_shootdown(struct na_machine *machine,
			       struct na_port_range *range, const u32 *idxs,
			       u32 nr, struct na_cpus cpus);

/** na_effect_window_invalidate() - na_port_window_invalidate(). */
void na_effect_window_invalidate(struct na_machine *machine,
				 struct na_port_range *range, u32 idx);

#endif
