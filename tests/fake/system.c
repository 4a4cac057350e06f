// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fake port: the rest of the system, and the checker of invariants.
 */
#include "fake.h"

void fake_kmap(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(!fake_is_low(port, frame));
	fake_at(port, frame)->kmap = FAKE_KMAP_LIVE;
	fake_settle(fake_at(port, frame));
}

void fake_kunmap(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(fake_at(port, frame)->kmap == FAKE_KMAP_LIVE);
	fake_at(port, frame)->kmap = FAKE_KMAP_STALE;
}

void fake_kmap_reclaim(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(fake_at(port, frame)->kmap == FAKE_KMAP_STALE);
	fake_at(port, frame)->kmap = FAKE_KMAP_NONE;
}

void fake_vunmap(struct na_port *port, struct na_frame frame)
{
	fake_at(port, frame)->tlb |= fake_bit(NA_WB);
	fake_settle(fake_at(port, frame));
}

void fake_write_cached(struct na_port *port, struct na_frame frame)
{
	struct fake_frame *f = fake_at(port, frame);

	(void)NA_ASSERT(fake_is_cached_in_tlb(f));
	f->is_zero = false;
	f->is_dirty = true;
}

void fake_map(struct na_port *port, struct na_frame frame,
	      enum na_memtype type)
{
	fake_at(port, frame)->mapped[type]++;
	fake_settle(fake_at(port, frame));
}

void fake_unmap(struct na_port *port, struct na_frame frame,
		enum na_memtype type)
{
	(void)NA_ASSERT(fake_at(port, frame)->mapped[type]);
	fake_at(port, frame)->mapped[type]--;
}

void fake_write(struct na_port *port, struct na_frame frame,
		enum na_memtype type)
{
	struct fake_frame *f = fake_at(port, frame);

	(void)NA_ASSERT(f->mapped[type]);
	f->is_zero = false;
	if (type == NA_WC)
		f->has_wc_stores = true;
}

void fake_take(struct na_port *port, struct na_run run)
{
	u32 i;

	(void)NA_ASSERT(fake_is_free(port, (u32)run.first.nr, run.nr));
	for (i = 0; i < run.nr; i++)
		fake_at(port, na_frame_add(run.first, i))->is_taken = true;
}

/* --- whole-state check --- */

static const char *held_fault(const struct fake_frame *f,
			      const struct na_ledger_entry *entry)
{
	u8 allowed = fake_bit(entry->type);

	if (fake_walk(f) & ~allowed)
		return "I1: a page table has another type";
	if (f->kmap != FAKE_KMAP_NONE || f->is_kmap_in_tlb)
		return "I1: reachable through the kmap pool";
	if (f->tlb & ~allowed)
		return "I1: a TLB may hold another type";
	if (f->has_lines)
		return "I2: a cache may hold lines";
	if (f->is_dirty)
		return "I6: a line was not written back";
	if (f->marked != entry->type)
		return "the system was not told its type";
	if (entry->state == NA_BUFFER && !f->is_ours)
		return "I7: in a buffer and given back";
	return NULL;
}

static const char *system_fault(const struct na_port *port,
				const struct fake_frame *f)
{
	if (fake_walk(f) & ~fake_bit(NA_WB))
		return "I4: a page table has another type than WB";
	if (f->tlb & ~fake_bit(NA_WB))
		return "I4: a TLB may hold another type than WB";
	if (f->has_wc_stores)
		return "I6: stores in a write-combining buffer";
	if (f->marked != NA_WB)
		return "I4: the system was told another type than WB";
	if (f->is_ours && !port->nr_cached)
		return "I7: lost";
	return NULL;
}

static const char *frame_fault(struct na_port *port, struct na_frame frame)
{
	struct na_ledger_entry entry = na_ledger_lookup(port->ledger, frame);
	const struct fake_frame *f = fake_at(port, frame);

	switch (entry.state) {
	case NA_SYSTEM:
		return system_fault(port, f);
	case NA_BUFFER:
	case NA_LENT:
		return held_fault(f, &entry);
	case NA_QUARANTINED:
		return f->is_ours || f->is_taken ?
		       NULL : "I7: in quarantine and given back";
	default:
		return "still claimed";
	}
}

static const char *count_fault(struct na_port *port, const u64 *seen)
{
	int state;

	for (state = NA_CLAIMED; state < NR_NA_STATES; state++)
		if (na_ledger_count(port->ledger, (enum na_state)state) !=
		    seen[state])
			return fake_state_names[state];
	return NULL;
}

/* The ledger has them as the system's. */
static u32 count_cached(const struct na_port *port)
{
	u32 i, nr = 0;

	for (i = 0; i < port->nr_frames; i++)
		nr += port->frames[i].is_ours &&
		      na_ledger_lookup(port->ledger, na_frame(i)).state ==
		      NA_SYSTEM;
	return nr;
}

const char *fake_fault(struct na_port *port)
{
	static char fault[128];
	u64 seen[NR_NA_STATES] = { 0 };
	const char *what;
	u32 i;

	for (i = 0; i < port->nr_frames; i++) {
		what = frame_fault(port, na_frame(i));
		if (what) {
			snprintf(fault, sizeof(fault), "frame %u: %s", i, what);
			return fault;
		}
		seen[na_ledger_lookup(port->ledger, na_frame(i)).state]++;
	}
	if (count_cached(port) != port->nr_cached)
		return "I7: cached buffers have more frames, or fewer";
	what = count_fault(port, seen);
	if (!what)
		return NULL;
	snprintf(fault, sizeof(fault), "the counter of %s is wrong", what);
	return fault;
}

u32 fake_count_ours(const struct na_port *port)
{
	u32 i, nr = 0;

	for (i = 0; i < port->nr_frames; i++)
		nr += port->frames[i].is_ours;
	return nr;
}
