/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/**
 * DOC: frames, runs and memory types
 *
 * Types that every other header uses. A frame number is a struct of one member,
 * so that the compiler tells a frame from an index and from an address. Sets of
 * frames are passed as runs of consecutive frames: a 64 MiB buffer is some
 * thirty runs, so work that is done once a run is cheap.
 */
#ifndef NOALIAS_TYPES_H
#define NOALIAS_TYPES_H

#include <na_platform.h>

/** struct na_frame - one page frame; @nr is its number (pfn). */
struct na_frame {
	unsigned long nr;
};

/** struct na_run - @nr consecutive frames beginning with @first. */
struct na_run {
	struct na_frame first;
	u32 nr;
};

/**
 * enum na_memtype - memory type of a frame or of one mapping of it
 * @NA_WB: write-back, the type of ordinary memory
 * @NA_WC: write-combined: stores gather in per-CPU buffers, loads uncached
 * @NA_UC: uncached; on x86 the kernel's UC-
 * @NR_NA_MEMTYPES: number of types that a frame can have
 */
enum na_memtype {
	NA_WB,
	NA_WC,
	NA_UC,
	NR_NA_MEMTYPES,
};

/**
 * enum na_zone - where frames for a buffer are taken
 * @NA_ZONE_ANY: frames without a direct mapping first, others when there are none
 * @NA_ZONE_LOW: only memory in the direct map
 * @NA_ZONE_HIGH: only memory without a direct mapping
 * @NA_ZONE_DMA32: only memory below 4 GiB, which 32 bits of address reach
 * @NR_NA_ZONES: number of zones
 */
enum na_zone {
	NA_ZONE_ANY,
	NA_ZONE_LOW,
	NA_ZONE_HIGH,
	NA_ZONE_DMA32,
	NR_NA_ZONES,
};

static inline struct na_frame na_frame(unsigned long nr)
{
	return (struct na_frame){ .nr = nr };
}

static inline struct na_frame na_frame_add(struct na_frame frame, u32 count)
{
	return na_frame(frame.nr + count);
}

static inline struct na_run na_run(struct na_frame first, u32 nr)
{
	return (struct na_run){ .first = first, .nr = nr };
}

static inline bool na_run_holds(struct na_run run, struct na_frame frame)
{
	return frame.nr - run.first.nr < run.nr;
}

/** na_runs_count_frames() - frames in @nr_runs runs. */
static inline unsigned long na_runs_count_frames(const struct na_run *runs,
						 u32 nr_runs)
{
	unsigned long nr = 0;
	u32 i;

	for (i = 0; i < nr_runs; i++)
		nr += runs[i].nr;
	return nr;
}

/** na_memtype_is_cached() - may a CPU cache hold lines through this type? */
static inline bool na_memtype_is_cached(enum na_memtype type)
{
	return type == NA_WB;
}

static inline bool na_memtype_is_valid(enum na_memtype type)
{
	return (u32)type < NR_NA_MEMTYPES;
}

/** na_memtype_name() - "WB", "WC" or "UC"; "??" for anything else. */
static inline const char *na_memtype_name(enum na_memtype type)
{
	static const char *const names[] = { "WB", "WC", "UC" };

	return na_memtype_is_valid(type) ? names[type] : "??";
}

#endif
