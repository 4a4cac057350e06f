/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: effects
 *
 * The one door between the engine and what it does to the world. Calls of the
 * port that change frames, and not only ask, are made in engine/effect*.c and
 * nowhere else: there they are counted and timed. The rest of the engine
 * has the order of the steps and nothing besides.
 *
 * Each call below does what the call of the port with the same name does, with
 * the same context, ordering and result; what is said here is said on top.
 *
 * A file for each caller, because a machine may have one and not the other: a
 * process converts nothing. effect.c is what every machine has.
 */
#ifndef NOALIAS_EFFECT_H
#define NOALIAS_EFFECT_H

#include <noalias/machine.h>

/**
 * enum na_effect_kind - what is done to the world
 * @NA_EFFECT_CONVERT_TO: frames become UC or WC: na_convert_to(), whole
 * @NA_EFFECT_CONVERT_BACK: frames become WB: na_convert_back(), whole
 * @NA_EFFECT_STALE_CHECK: stale mappings of frames are looked for and purged
 * @NA_EFFECT_TAKE: a buffer takes its frames from the system
 * @NA_EFFECT_KMAP_PURGE: na_port_kmap_purge()
 * @NA_EFFECT_TLB_FLUSH: na_port_tlb_flush()
 * @NA_EFFECT_DIRECT_SET: na_port_direct_set(), and a look at what came of it
 * @NA_EFFECT_CACHE_CLEAN: na_port_cache_clean()
 * @NR_NA_EFFECTS: number of kinds
 */
enum na_effect_kind {
	NA_EFFECT_CONVERT_TO,
	NA_EFFECT_CONVERT_BACK,
	NA_EFFECT_STALE_CHECK,
	NA_EFFECT_TAKE,
	NA_EFFECT_KMAP_PURGE,
	NA_EFFECT_TLB_FLUSH,
	NA_EFFECT_DIRECT_SET,
	NA_EFFECT_CACHE_CLEAN,
	NR_NA_EFFECTS,
};

/**
 * struct na_effect - one effect, from its beginning to its end
 * @kind: which
 * @runs: frames
 * @nr_runs: length of @runs
 * @type: their type: CONVERT_BACK: the one they had, else the one they get
 * @nr: CONVERT_BACK: frames that are WB in the end
 * @err: 0 or an errno
 * @start_ns: the door's own
 */
struct na_effect {
	enum na_effect_kind kind;
	const struct na_run *runs;
	u32 nr_runs;
	enum na_memtype type;
	u32 nr;
	int err;
	u64 start_ns;
};

/* --- effect.c ------------------------------------------------------------- */

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
 */
void na_effect_begin(struct na_machine *machine, struct na_effect *effect);

/**
 * na_effect_end() - it is over, with @err
 *
 * Counts what has come of it, and its time. Context: any. Return: @err.
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

#endif
