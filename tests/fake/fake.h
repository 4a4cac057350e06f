/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Shared by the files of the fake port.
 *
 * One mutex, recursive, because a failed precondition may jump out of a call
 * and the test continues with the same machine. The half for windows takes it
 * only for metadata and to sleep: elsewhere it would hide missing ordering from
 * the thread sanitizer.
 */
#ifndef FAKE_H
#define FAKE_H

#include "port.h"

extern const char *const fake_state_names[NR_NA_STATES];

/** fake_enter() - count a call and run the hook. */
void fake_enter(struct na_port *port, enum fake_call call);

/** fake_begin() - the same, with the mutex, and log it. */
struct fake_event *fake_begin(struct na_port *port, enum fake_call call);

/** fake_begin_look() - the same without the log, for frequent calls. */
void fake_begin_look(struct na_port *port, enum fake_call call);

/** fake_end() - end of what fake_begin() or fake_begin_look() began. */
void fake_end(struct na_port *port);

/** fake_must_fail() - is this the call that is to fail? */
bool fake_must_fail(struct na_port *port, enum fake_call call);

/** fake_flush_windows() - no TLB holds a translation of a slot. */
void fake_flush_windows(struct na_port *port);

/** fake_free_ranges() - free ranges that were left open. */
void fake_free_ranges(struct na_port *port);

static inline u8 fake_bit(enum na_memtype type)
{
	return (u8)(1u << type);
}

static inline bool fake_is_low(const struct na_port *port,
			       struct na_frame frame)
{
	return frame.nr < port->nr_direct;
}

static inline struct fake_frame *fake_at(struct na_port *port,
					 struct na_frame frame)
{
	if (!NA_ASSERT(frame.nr < port->nr_frames))
		abort();
	return &port->frames[frame.nr];
}

/* Types that a page walk can find for this frame, the kmap pool apart. */
static inline u8 fake_walk(const struct fake_frame *f)
{
	u8 found = 0;
	int type;

	for (type = 0; type < NR_NA_MEMTYPES; type++)
		if (f->direct == (enum na_memtype)type || f->mapped[type])
			found |= fake_bit(type);
	return found;
}

static inline bool fake_is_cached_in_tlb(const struct fake_frame *f)
{
	return f->is_kmap_in_tlb || f->tlb & fake_bit(NA_WB);
}

/* Applies at once everything that a CPU may do at any time. */
static inline void fake_settle(struct fake_frame *f)
{
	f->tlb |= fake_walk(f);
	if (f->kmap != FAKE_KMAP_NONE)
		f->is_kmap_in_tlb = true;
	if (fake_is_cached_in_tlb(f))
		f->has_lines = true;
}

static inline bool fake_is_free(struct na_port *port, u32 first, u32 nr)
{
	u32 i;

	for (i = first; i < first + nr; i++)
		if (port->frames[i].is_ours || port->frames[i].is_taken ||
		    port->frames[i].kmap == FAKE_KMAP_LIVE)
			return false;
	return true;
}

#endif
