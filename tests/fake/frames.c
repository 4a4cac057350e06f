// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fake port's frames: a call does all that it promises at once.
 */
#include "fake.h"

/* --- frames --- */

static struct fake_event *begin_runs(struct na_port *port,
				     enum fake_call call,
				     const struct na_run *runs, u32 nr_runs,
				     enum na_memtype type)
{
	struct fake_event *event = fake_begin(port, call);

	(void)NA_ASSERT(nr_runs);
	(void)NA_ASSERT(na_memtype_is_valid(type));
	event->frame = runs[0].first;
	event->nr = (u32)na_runs_count_frames(runs, nr_runs);
	event->type = type;
	return event;
}

static bool is_in_zone(const struct na_port *port, u32 first, u32 nr,
		       enum na_zone zone)
{
	switch (zone) {
	case NA_ZONE_ANY:
		/* No block of the system is of two zones. */
		return fake_is_low(port, na_frame(first)) ==
		       fake_is_low(port, na_frame(first + nr - 1));
	case NA_ZONE_HIGH:
		return !fake_is_low(port, na_frame(first));
	default:
		return fake_is_low(port, na_frame(first + nr - 1));
	}
}

/* Of a free power of two, and from the top, because high ones are preferred. */
static bool find_block(struct na_port *port, u32 nr, enum na_zone zone,
		       bool try_hard, u32 *first)
{
	u32 len = 1, idx;

	while (len < nr)
		len *= 2;
	if (len > port->block_max && !try_hard)
		return false;
	for (idx = port->nr_frames / len; idx--;) {
		*first = idx * len;
		if (is_in_zone(port, *first, len, zone) &&
		    fake_is_free(port, *first, len))
			return true;
	}
	return false;
}

static void hand_out(struct na_port *port, u32 first, u32 nr)
{
	struct fake_frame *f;
	u32 i;

	for (i = first; i < first + nr; i++) {
		f = &port->frames[i];
		f->is_ours = true;
		f->block = first;
		f->block_len = nr;
		f->is_zero = true;
		f->is_dirty = true;
		f->has_lines = true;
		if (!fake_is_low(port, na_frame(i)) && port->zeroes_by_kmap)
			f->kmap = FAKE_KMAP_STALE;
		fake_settle(f);
	}
}

int na_port_frames_alloc(struct na_port *port, u32 nr, enum na_zone zone,
			 bool try_hard, struct na_run *block)
{
	struct fake_event *event = fake_begin(port, FAKE_FRAMES_ALLOC);
	u32 found = 0;

	na_might_sleep();
	(void)NA_ASSERT(nr && nr <= NA_BLOCK_FRAMES_MAX);
	event->nr = nr;
	event->err = -ENOMEM;
	if (!fake_must_fail(port, FAKE_FRAMES_ALLOC) &&
	    find_block(port, nr, zone, try_hard, &found)) {
		hand_out(port, found, nr);
		*block = na_run(na_frame(found), nr);
		event->frame = block->first;
		event->err = 0;
	}
	fake_end(port);
	return event->err;
}

static void take_back(struct na_port *port, struct na_frame frame,
		      struct na_run block)
{
	struct fake_frame *f = fake_at(port, frame);

	(void)NA_ASSERT(f->is_ours);
	(void)NA_ASSERT(f->block == block.first.nr && f->block_len == block.nr);
	(void)NA_ASSERT(f->direct == NA_WB || !fake_is_low(port, frame));
	(void)NA_ASSERT(f->marked == NA_WB);
	(void)NA_ASSERT(!f->mapped[NA_WB] && !f->mapped[NA_WC] &&
			!f->mapped[NA_UC]);
	(void)NA_ASSERT(!(f->tlb & ~fake_bit(NA_WB)));
	(void)NA_ASSERT(!f->has_wc_stores);
	(void)NA_ASSERT(!port->ledger ||
			na_ledger_lookup(port->ledger, frame).state ==
			NA_SYSTEM);
	f->is_ours = false;
	f->is_zero = false;
	fake_settle(f);
}

void na_port_frames_free(struct na_port *port, struct na_run block)
{
	struct fake_event *event = fake_begin(port, FAKE_FRAMES_FREE);
	u32 i;

	na_might_sleep();
	event->nr = block.nr;
	event->frame = block.first;
	for (i = 0; i < block.nr; i++)
		take_back(port, na_frame_add(block.first, i), block);
	fake_end(port);
}

void na_port_frames_split(struct na_port *port, struct na_run block)
{
	struct fake_frame *f;
	u32 i;

	na_might_sleep();
	fake_begin(port, FAKE_FRAMES_SPLIT)->nr = block.nr;
	(void)NA_ASSERT(block.nr > 1);
	for (i = 0; i < block.nr; i++) {
		f = fake_at(port, na_frame_add(block.first, i));
		(void)NA_ASSERT(f->is_ours);
		(void)NA_ASSERT(f->block == block.first.nr && f->block_len == block.nr);
		f->block = (u32)block.first.nr + i;
		f->block_len = 1;
	}
	fake_end(port);
}

void na_port_frames_lost(struct na_port *port, u32 nr, const char *why)
{
	na_might_sleep();
	(void)NA_ASSERT(port->frames && nr && why);
	fake_begin(port, FAKE_FRAMES_LOST)->nr = nr;
	fake_end(port);
}

bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame)
{
	if (!port->frames)
		return false;
	fake_begin_look(port, FAKE_IS_DIRECT);
	(void)fake_at(port, frame);
	fake_end(port);
	return fake_is_low(port, frame);
}

static void assert_claimed(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(!port->ledger ||
			na_ledger_lookup(port->ledger, frame).state ==
			NA_CLAIMED);
}

typedef void (*frame_fn)(struct na_port *port, struct na_frame frame,
			 enum na_memtype type);

static void for_frames(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, u32 nr, enum na_memtype type, frame_fn fn)
{
	u32 i, j;

	for (i = 0; i < nr_runs; i++)
		for (j = 0; j < runs[i].nr && nr; j++, nr--)
			fn(port, na_frame_add(runs[i].first, j), type);
}

static u32 count_views(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u32 i, j, nr = 0;

	for (i = 0; i < nr_runs; i++)
		for (j = 0; j < runs[i].nr; j++)
			nr += fake_count_views(port,
					       na_frame_add(runs[i].first, j),
					       type);
	return nr;
}

static void mark(struct na_port *port, struct na_frame frame,
		 enum na_memtype type)
{
	assert_claimed(port, frame);
	fake_at(port, frame)->marked = type;
}

void na_port_runs_mark(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u32 nr;

	/* No window of another type when the type becomes true (I1, I4). */
	(void)NA_ASSERT(!count_views(port, runs, nr_runs, NR_NA_MEMTYPES));
	if (!port->frames)
		return;
	nr = begin_runs(port, FAKE_MARK, runs, nr_runs, type)->nr;
	for_frames(port, runs, nr_runs, nr, type, mark);
	fake_end(port);
}

/* --- kmap pool --- */

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	bool holds;

	if (!port->frames)
		return frame.nr == port->kmap_live.nr;
	fake_begin_look(port, FAKE_KMAP_HOLDS);
	port->nr_low_asked += fake_is_low(port, frame);
	holds = fake_at(port, frame)->kmap != FAKE_KMAP_NONE;
	fake_end(port);
	return holds;
}

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	(void)port;
	return 16;
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_bloom *bloom)
{
	u32 nr = 0;

	if (!port->frames) {
		na_bloom_add(bloom, port->kmap_live);
		return 1;
	}
	fake_begin_look(port, FAKE_KMAP_LIST);
	for (; lowest.nr <= highest.nr; lowest.nr++) {
		if (fake_at(port, lowest)->kmap == FAKE_KMAP_NONE)
			continue;
		na_bloom_add(bloom, lowest);
		nr++;
	}
	fake_end(port);
	return nr;
}

void na_port_kmap_purge(struct na_port *port)
{
	bool pays = false;
	u32 i;

	na_might_sleep();
	if (!port->frames)
		return;
	fake_begin(port, FAKE_KMAP_PURGE);
	for (i = 0; i < port->nr_frames; i++) {
		if (port->frames[i].kmap != FAKE_KMAP_STALE)
			continue;
		port->frames[i].kmap = FAKE_KMAP_NONE;
		port->frames[i].is_kmap_in_tlb = false;
		pays = true;
	}
	port->nr_shootdowns += pays;
	fake_end(port);
}

/* --- direct map --- */

static void set_direct(struct na_port *port, struct na_frame frame,
		       enum na_memtype type)
{
	struct fake_frame *f = fake_at(port, frame);

	assert_claimed(port, frame);
	/* A line filled now would hide what the buffers still write. */
	(void)NA_ASSERT(!f->has_wc_stores || type != NA_WB);
	if (f->direct != NR_NA_MEMTYPES)
		f->direct = type;
	fake_settle(f);
}

/* Frames before the first low one that has no entry. */
static u32 count_present(struct na_port *port, const struct na_run *runs,
			 u32 nr_runs)
{
	struct na_frame frame;
	u32 i, j, nr = 0;

	for (i = 0; i < nr_runs; i++)
		for (j = 0; j < runs[i].nr; j++, nr++) {
			frame = na_frame_add(runs[i].first, j);
			if (fake_is_low(port, frame) &&
			    fake_at(port, frame)->direct == NR_NA_MEMTYPES)
				return nr;
		}
	return nr;
}

static void set_direct_lying(struct na_port *port, const struct na_run *runs,
			     u32 nr_runs, enum na_memtype type)
{
	struct na_run rest;
	u32 i;

	port->nr_lies--;
	for (i = 0; i < nr_runs; i++) {
		rest = na_run(na_frame_add(runs[i].first, 1), runs[i].nr - 1);
		for_frames(port, &rest, 1, rest.nr, type, set_direct);
	}
}

int na_port_direct_set(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type, u32 *nr_done)
{
	struct fake_event *event;

	na_might_sleep();
	(void)NA_ASSERT(!*nr_done);
	if (!port->frames) {
		*nr_done = (u32)na_runs_count_frames(runs, nr_runs);
		return 0;
	}
	event = begin_runs(port, FAKE_DIRECT_SET, runs, nr_runs, type);
	*nr_done = count_present(port, runs, nr_runs);
	if (*nr_done < event->nr)
		event->err = -EFAULT;
	if (fake_must_fail(port, FAKE_DIRECT_SET)) {	/* half way */
		event->err = port->direct_errno;
		*nr_done /= 2;
	}
	if (!event->err && port->nr_lies)
		set_direct_lying(port, runs, nr_runs, type);
	else
		for_frames(port, runs, nr_runs, *nr_done, type, set_direct);
	fake_end(port);
	return event->err;
}

/* Types by their bits. */
static u32 bits_of(const struct na_port *port, enum na_memtype type)
{
	return port->has_no_pat && type == NA_WC ? NA_UC : type;
}

bool na_port_direct_has(struct na_port *port, struct na_frame frame,
			enum na_memtype type)
{
	bool has;

	if (!port->frames)
		return false;
	fake_begin_look(port, FAKE_DIRECT_HAS);
	(void)NA_ASSERT(fake_is_low(port, frame));
	has = bits_of(port, fake_at(port, frame)->direct) == bits_of(port, type);
	fake_end(port);
	return has;
}

/* --- TLBs, caches, buffers --- */

void na_port_tlb_flush(struct na_port *port)
{
	struct fake_frame *f;
	u32 i;

	na_might_sleep();
	if (!port->frames) {
		fake_enter(port, FAKE_TLB_FLUSH);
		fake_flush_windows(port);
		return;
	}
	fake_begin(port, FAKE_TLB_FLUSH);
	for (i = 0; i < port->nr_frames; i++) {
		f = &port->frames[i];
		f->tlb = 0;
		f->is_kmap_in_tlb = false;
		f->has_wc_stores = false;
		fake_settle(f);
	}
	port->nr_shootdowns++;
	fake_end(port);
}

static void drain(struct na_port *port, enum fake_call call)
{
	u32 i;

	na_might_sleep();
	if (!port->frames)
		return;
	fake_begin(port, call);
	for (i = 0; i < port->nr_frames; i++)
		port->frames[i].has_wc_stores = false;
	fake_end(port);
}

void na_port_wc_drain(struct na_port *port)
{
	drain(port, FAKE_WC_DRAIN);
}

/* One process is all there is. */
void na_port_wc_drain_own(struct na_port *port)
{
	drain(port, FAKE_WC_DRAIN_OWN);
}

static void clean(struct na_port *port, struct na_frame frame,
		  enum na_memtype type)
{
	struct fake_frame *f = fake_at(port, frame);

	assert_claimed(port, frame);
	(void)NA_ASSERT(f->kmap == FAKE_KMAP_NONE);
	(void)NA_ASSERT(f->direct == type || f->direct == NR_NA_MEMTYPES);
	(void)NA_ASSERT(!fake_is_cached_in_tlb(f));
	f->is_dirty = false;
	f->has_lines = false;
	f->tlb |= fake_bit(type);
	fake_settle(f);
}

int na_port_cache_clean(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type)
{
	struct fake_event *event;

	na_might_sleep();
	(void)NA_ASSERT(!count_views(port, runs, nr_runs, NA_WB));
	if (!port->frames) {
		fake_enter(port, FAKE_CACHE_CLEAN);
		return 0;
	}
	event = begin_runs(port, FAKE_CACHE_CLEAN, runs, nr_runs, type);
	(void)NA_ASSERT(!na_memtype_is_cached(type));
	if (fake_must_fail(port, FAKE_CACHE_CLEAN))
		event->err = -ENOMEM;
	for_frames(port, runs, nr_runs,
		   event->err ? (event->nr + 1) / 2 : event->nr, type, clean);
	fake_end(port);
	return event->err;
}
