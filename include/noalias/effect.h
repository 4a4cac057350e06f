/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: effects
 *
 * The one door between the engine and what it does to the world. Calls of the
 * port that change something, and not only ask, are made in engine/effect*.c
 * and nowhere else: there they are counted, timed and told to who listens. The
 * rest of the engine has the order of the steps and nothing besides.
 *
 * Who listens is linked in: tracepoints in the module, the timeline of the
 * simulated machine, the log of a scenario, nobody in a program. There is one
 * listener in a machine, and it has the two calls na_port_hears() and
 * na_port_effect().
 *
 * Each call of the door does what the call of the port with the same name does,
 * with the same context, ordering and result; what is said here is said on top.
 *
 * A file for each caller, because a machine may have one and not the other: a
 * process converts nothing, the module has no windows. effect.c is what every
 * machine has.
 */
#ifndef NOALIAS_EFFECT_H
#define NOALIAS_EFFECT_H

#include <noalias/machine.h>
#include <noalias/window_port.h>

/**
 * enum na_effect_kind - what is done to the world
 * @NA_EFFECT_CONVERT_TO: frames become UC or WC: na_convert_to(), whole
 * @NA_EFFECT_CONVERT_BACK: frames become WB: na_convert_back(), whole
 * @NA_EFFECT_PURGE: na_purge_kmap(), a step of a conversion
 * @NA_EFFECT_PURGE_ALONE: na_purge_stale(), which ends in a TLB flush
 * @NA_EFFECT_TAKE: a buffer takes its frames from the system
 * @NA_EFFECT_KMAP_PURGE: na_port_kmap_purge(); those that follow are each the
 *	call of the port with that name, DIRECT_SET with a look at what came of it
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
 * struct na_effect_slots - what an effect on windows is done to
 * @range: which; RANGE_OPEN: at the end
 * @idxs: slots; WINDOW_SET: the first of those that show the frames
 * @nr: length of @idxs
 * @cpus: WINDOW_SHOOTDOWN: who is interrupted
 */
struct na_effect_slots {
	struct na_port_range *range;
	const u32 *idxs;
	u32 nr;
	struct na_cpus cpus;
};

/**
 * struct na_effect - one effect, from its beginning to its end
 * @kind: which
 * @is_over: false when the listener is told of its beginning
 * @is_timed: a listener sets it at the beginning if it wants @ns
 * @is_heard, @is_counted: the door's own
 * @type: CONVERT_BACK: the type that the frames had; else the one they get
 * @runs: frames; FRAMES_ALLOC: their number, and at the end which
 * @nr_runs: length of @runs
 * @nr: CONVERT_BACK: at the end, frames that are WB; FRAMES_LOST: how many;
 *	RANGE_OPEN: slots
 * @slots: of windows, else NULL
 * @err: 0 or an errno. A listener may make it one, for tests: at the beginning
 *	the port is not asked then, at the end it is believed to have failed.
 *	Only where the port's call can fail
 * @ns: how long it took, at the end, when @is_timed
 * @note: the listener's own between the two
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
 * na_port_hears() - does somebody want to know of effects of this kind?
 *
 * What it says when an effect begins holds until the effect is over: it may be
 * switched meanwhile, and half of an effect is none. Where nobody listens this
 * call is all that an effect pays. Context: that of the effect; must not sleep.
 */
bool na_port_hears(struct na_port *port, enum na_effect_kind kind);

/**
 * na_port_effect() - an effect begins, or is over
 *
 * Only if na_port_hears() was true, and then twice. What is told is told before
 * the first step and after the last. Context: that of the effect; must not sleep
 * for kinds on windows.
 */
void na_port_effect(struct na_port *port, struct na_effect *effect);

/* --- effect.c ------------------------------------------------------------- */

/** na_effect_name() - e.g. "direct_set"; what follows na_port_ where it can. */
const char *na_effect_name(enum na_effect_kind kind);

/** na_effect_on_frames() - an effect of @kind, not begun. Context: any. */
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
 * Those of one step are begun and ended by their call below. Context: any.
 * Return: 0; an errno when it must fail without being tried.
 */
int na_effect_begin(struct na_machine *machine, struct na_effect *effect);

/**
 * na_effect_count() - what is counted of it ends here, and it goes on
 *
 * Its time so far is what the counter gets. Context: any.
 */
void na_effect_count(struct na_machine *machine, struct na_effect *effect);

/**
 * na_effect_end() - it is over, with @err
 *
 * Counts what has come of it, and its time, unless that was done. Context: any. Return: @err.
 */
int na_effect_end(struct na_machine *machine, struct na_effect *effect,
		  int err);

/** na_effect_kmap_purge() - na_port_kmap_purge(), counted. */
void na_effect_kmap_purge(struct na_machine *machine);

/** na_effect_tlb_flush() - na_port_tlb_flush(), counted and timed. */
void na_effect_tlb_flush(struct na_machine *machine);

/* --- effect_convert.c ----------------------------------------------------- */

/**
 * na_effect_direct_set() - na_port_direct_set(), looked at and timed
 *
 * The ends of each run are read back: a port that lied is caught here.
 *
 * Return: as na_port_direct_set(); -EFAULT also when the page table says
 * otherwise.
 */
int na_effect_direct_set(struct na_machine *machine, const struct na_run *runs,
			 u32 nr_runs, enum na_memtype type, u32 *nr_done);

/**
 * na_effect_direct_agrees() - has the frame's direct map, if any, that type?
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
int na_effect_frames_alloc(struct na_machine *machine, u32 order,
			   struct na_frame *first);

/** na_effect_frames_free() - na_port_frames_free(). */
void na_effect_frames_free(struct na_machine *machine, struct na_frame first,
			   u32 order);

/** na_effect_frames_split() - na_port_frames_split(). */
void na_effect_frames_split(struct na_machine *machine, struct na_frame first,
			    u32 order);

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
