// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * memport: see memport.h.
 *
 * One mutex, recursive, because a failed precondition may jump out of a call
 * in the middle and the test goes on with the same machine.
 *
 * settle() is the heart: it applies at once what a CPU may do at any time.
 */
#include <stdarg.h>

#include "memport.h"

struct memport_block {
	struct memport_block *next, *prev;
	size_t len;
	max_align_t mem[];
};

static const char *const names[NR_MEMPORT_CALLS] = {
	[MEMPORT_ALLOC] = "alloc",
	[MEMPORT_FREE] = "free",
	[MEMPORT_TIME] = "time",
	[MEMPORT_IS_DYING] = "is_dying",
	[MEMPORT_FRAMES_ALLOC] = "frames_alloc",
	[MEMPORT_FRAMES_FREE] = "frames_free",
	[MEMPORT_FRAMES_SPLIT] = "frames_split",
	[MEMPORT_FRAMES_LOST] = "frames_lost",
	[MEMPORT_IS_DIRECT] = "is_direct",
	[MEMPORT_MARK] = "mark",
	[MEMPORT_KMAP_HOLDS] = "kmap_holds",
	[MEMPORT_KMAP_LIST] = "kmap_list",
	[MEMPORT_KMAP_PURGE] = "kmap_purge",
	[MEMPORT_DIRECT_SET] = "direct_set",
	[MEMPORT_DIRECT_HAS] = "direct_has",
	[MEMPORT_TLB_FLUSH] = "tlb_flush",
	[MEMPORT_WC_DRAIN] = "wc_drain",
	[MEMPORT_WC_DRAIN_OWN] = "wc_drain_own",
	[MEMPORT_CACHE_CLEAN] = "cache_clean",
	[MEMPORT_CLAIM] = "claim",
	[MEMPORT_COMMIT] = "commit",
};

static const char *const state_names[NR_NA_STATES] = {
	"SYSTEM", "CLAIMED", "BUFFER", "LENT", "QUARANTINED",
};

/* --- the machine --- */

static u8 bit(enum na_memtype type)
{
	return (u8)(1u << type);
}

static bool is_low(const struct na_port *port, struct na_frame frame)
{
	return frame.nr < port->nr_direct;
}

static struct memport_frame *at(struct na_port *port, struct na_frame frame)
{
	if (!NA_ASSERT(frame.nr < port->nr_frames))
		abort();
	return &port->frames[frame.nr];
}

/* Types that a page walk can find for this frame, the kmap pool apart. */
static u8 walk(const struct memport_frame *f)
{
	u8 found = 0;
	int type;

	for (type = 0; type < NR_NA_MEMTYPES; type++)
		if (f->direct == (enum na_memtype)type || f->mapped[type])
			found |= bit(type);
	return found;
}

static bool is_cached_in_tlb(const struct memport_frame *f)
{
	return f->is_kmap_in_tlb || f->tlb & bit(NA_WB);
}

static void settle(struct memport_frame *f)
{
	f->tlb |= walk(f);
	if (f->kmap != MEMPORT_KMAP_NONE)
		f->is_kmap_in_tlb = true;
	if (is_cached_in_tlb(f))
		f->has_lines = true;
}

struct na_port *memport_create(u32 nr_frames, u32 nr_direct)
{
	struct na_port *port = calloc(1, sizeof(*port));
	pthread_mutexattr_t attr;
	u32 i;

	port->nr_frames = nr_frames;
	port->nr_direct = nr_direct;
	port->frames = calloc(nr_frames, sizeof(*port->frames));
	port->direct_errno = -EFAULT;
	port->order_max = NA_ORDER_MAX;
	port->zeroes_by_kmap = true;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&port->mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	for (i = 0; i < nr_frames; i++) {
		port->frames[i].direct = i < nr_direct ? NA_WB : NR_NA_MEMTYPES;
		settle(&port->frames[i]);
	}
	return port;
}

void memport_destroy(struct na_port *port)
{
	struct memport_block *block;

	while ((block = port->blocks)) {
		port->blocks = block->next;
		free(block);
	}
	pthread_mutex_destroy(&port->mutex);
	free(port->frames);
	free(port);
}

/* --- the log --- */

static struct memport_event *append(struct na_port *port,
				    enum memport_call call)
{
	struct memport_event *event;

	event = &port->events[port->nr_events++ % MEMPORT_EVENTS];
	*event = (struct memport_event){ .call = call, .type = NR_NA_MEMTYPES };
	port->nr_calls[call]++;
	return event;
}

static enum na_state state_that_grew(const struct na_port *port,
				     const u64 *counts)
{
	int state;

	for (state = NA_BUFFER; state < NR_NA_STATES; state++)
		if (counts[state] > port->counts[state])
			return (enum na_state)state;
	return NA_SYSTEM;
}

/* The ledger makes no calls: look what it did since the last one. */
static void look_at_ledger(struct na_port *port)
{
	u64 counts[NR_NA_STATES], was = port->counts[NA_CLAIMED];
	int state;

	if (!port->ledger)
		return;
	for (state = 0; state < NR_NA_STATES; state++)
		counts[state] = na_ledger_count(port->ledger,
						(enum na_state)state);
	if (counts[NA_CLAIMED] > was)
		append(port, MEMPORT_CLAIM)->nr =
			(u32)(counts[NA_CLAIMED] - was);
	if (counts[NA_CLAIMED] < was)
		append(port, MEMPORT_COMMIT)->state =
			state_that_grew(port, counts);
	memcpy(port->counts, counts, sizeof(counts));
}

static struct memport_event *enter(struct na_port *port,
				   enum memport_call call)
{
	pthread_mutex_lock(&port->mutex);
	look_at_ledger(port);
	return append(port, call);
}

static void leave(struct na_port *port)
{
	pthread_mutex_unlock(&port->mutex);
}

/* Calls that only look are counted; there are too many of them for the log. */
static void enter_look(struct na_port *port, enum memport_call call)
{
	pthread_mutex_lock(&port->mutex);
	look_at_ledger(port);
	port->nr_calls[call]++;
}

static struct memport_event *enter_runs(struct na_port *port,
					enum memport_call call,
					const struct na_run *runs, u32 nr_runs,
					enum na_memtype type)
{
	struct memport_event *event = enter(port, call);

	(void)NA_ASSERT(nr_runs);
	(void)NA_ASSERT(na_memtype_is_valid(type));
	event->frame = runs[0].first;
	event->nr = (u32)na_runs_count_frames(runs, nr_runs);
	event->type = type;
	return event;
}

void memport_forget(struct na_port *port)
{
	look_at_ledger(port);
	port->nr_events = 0;
	memset(port->nr_calls, 0, sizeof(port->nr_calls));
	port->nr_shootdowns = 0;
	port->nr_low_asked = 0;
}

static char text[65536];
static size_t text_len;

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text + text_len, sizeof(text) - text_len, fmt, args);
	va_end(args);
	if (NA_ASSERT(len >= 0 && text_len + (size_t)len < sizeof(text)))
		text_len += (size_t)len;
}

static void say_event(const struct memport_event *event)
{
	say("%s%s", text_len ? " " : "", names[event->call]);
	if (event->call == MEMPORT_COMMIT)
		say("(%s)", state_names[event->state]);
	else if (na_memtype_is_valid(event->type))
		say("(%u %s)", event->nr, na_memtype_name(event->type));
	else if (event->call == MEMPORT_FRAMES_ALLOC ||
		 event->call == MEMPORT_FRAMES_FREE ||
		 event->call == MEMPORT_FRAMES_SPLIT ||
		 event->call == MEMPORT_FRAMES_LOST ||
		 event->call == MEMPORT_CLAIM)
		say("(%u)", event->nr);
	if (event->err)
		say("!");
}

const char *memport_steps(struct na_port *port, u32 calls)
{
	u32 i = 0;

	if (!calls)
		calls = ~(MEMPORT_BIT(MEMPORT_ALLOC) |
			  MEMPORT_BIT(MEMPORT_FREE));
	look_at_ledger(port);
	text_len = 0;
	text[0] = 0;
	if (port->nr_events > MEMPORT_EVENTS)
		i = port->nr_events - MEMPORT_EVENTS;
	for (; i < port->nr_events; i++)
		if (calls & MEMPORT_BIT(port->events[i % MEMPORT_EVENTS].call))
			say_event(&port->events[i % MEMPORT_EVENTS]);
	return text;
}

/* --- faults --- */

void memport_fail(struct na_port *port, u32 calls, u32 nth, u32 nr)
{
	port->fails_calls = calls;
	port->fails_at = nth;
	port->nr_fails = nr;
	port->nr_failed = 0;
}

void memport_fail_never(struct na_port *port)
{
	memport_fail(port, 0, 0, 0);
}

static bool must_fail(struct na_port *port, enum memport_call call)
{
	if (!(port->fails_calls & MEMPORT_BIT(call)) || !port->fails_at)
		return false;
	if (port->fails_at > 1) {
		port->fails_at--;
		return false;
	}
	if (!port->nr_fails)
		return false;
	port->nr_fails--;
	port->nr_failed++;
	return true;
}

/* --- metadata and time --- */

void *na_port_alloc(struct na_port *port, size_t len)
{
	struct memport_event *event = enter(port, MEMPORT_ALLOC);
	struct memport_block *block = NULL;

	na_might_sleep();
	(void)NA_ASSERT(len);
	if (!must_fail(port, MEMPORT_ALLOC))
		block = calloc(1, sizeof(*block) + len);
	if (block) {
		block->len = len;
		block->next = port->blocks;
		if (block->next)
			block->next->prev = block;
		port->blocks = block;
		port->nr_blocks++;
	}
	event->err = block ? 0 : -ENOMEM;
	leave(port);
	return block ? block->mem : NULL;
}

void *na_port_alloc_owned(struct na_port *port, size_t len)
{
	return na_port_alloc(port, len);
}

void na_port_free(struct na_port *port, void *mem)
{
	struct memport_block *block;

	na_might_sleep();
	if (!mem)
		return;
	enter(port, MEMPORT_FREE);
	block = container_of(mem, struct memport_block, mem);
	if (block->prev)
		block->prev->next = block->next;
	else
		port->blocks = block->next;
	if (block->next)
		block->next->prev = block->prev;
	port->nr_blocks--;
	leave(port);
	free(block);
}

/* Each look at the clock takes 1 ns, so that no measured time is 0. */
u64 na_port_time_ns(struct na_port *port)
{
	u64 now_ns;

	enter_look(port, MEMPORT_TIME);
	now_ns = ++port->now_ns;
	leave(port);
	return now_ns;
}

bool na_port_is_dying(struct na_port *port)
{
	bool is_dying;

	enter_look(port, MEMPORT_IS_DYING);
	is_dying = port->dies_at && !--port->dies_at;
	leave(port);
	return is_dying;
}

/* --- frames --- */

static bool is_free(struct na_port *port, u32 first, u32 nr)
{
	u32 i;

	for (i = first; i < first + nr; i++)
		if (port->frames[i].is_ours || port->frames[i].is_taken ||
		    port->frames[i].kmap == MEMPORT_KMAP_LIVE)
			return false;
	return true;
}

/* From the top, because high frames are preferred. */
static bool find_block(struct na_port *port, u32 order, u32 *first)
{
	u32 nr = 1u << order, at_nr;

	if (order > port->order_max)
		return false;
	for (at_nr = port->nr_frames >> order; at_nr--;) {
		*first = at_nr << order;
		if (is_free(port, *first, nr))
			return true;
	}
	return false;
}

static void hand_out(struct na_port *port, u32 first, u32 order)
{
	struct memport_frame *f;
	u32 i;

	for (i = first; i < first + (1u << order); i++) {
		f = &port->frames[i];
		f->is_ours = true;
		f->block = first;
		f->order = order;
		f->is_zero = true;
		f->is_dirty = true;
		f->has_lines = true;
		if (!is_low(port, na_frame(i)) && port->zeroes_by_kmap)
			f->kmap = MEMPORT_KMAP_STALE;
		settle(f);
	}
}

int na_port_frames_alloc(struct na_port *port, u32 order,
			 struct na_frame *first)
{
	struct memport_event *event = enter(port, MEMPORT_FRAMES_ALLOC);
	u32 found = 0;

	na_might_sleep();
	(void)NA_ASSERT(order <= NA_ORDER_MAX);
	event->nr = order;
	event->err = -ENOMEM;
	if (!must_fail(port, MEMPORT_FRAMES_ALLOC) &&
	    find_block(port, order, &found)) {
		hand_out(port, found, order);
		*first = na_frame(found);
		event->frame = *first;
		event->err = 0;
	}
	leave(port);
	return event->err;
}

static void take_back(struct na_port *port, struct na_frame frame,
		      struct na_frame first, u32 order)
{
	struct memport_frame *f = at(port, frame);

	(void)NA_ASSERT(f->is_ours);
	(void)NA_ASSERT(f->block == first.nr && f->order == order);
	(void)NA_ASSERT(f->direct == NA_WB || !is_low(port, frame));
	(void)NA_ASSERT(f->marked == NA_WB);
	(void)NA_ASSERT(!f->mapped[NA_WB] && !f->mapped[NA_WC] &&
			!f->mapped[NA_UC]);
	(void)NA_ASSERT(!(f->tlb & ~bit(NA_WB)));
	(void)NA_ASSERT(!f->has_wc_stores);
	(void)NA_ASSERT(!port->ledger ||
			na_ledger_lookup(port->ledger, frame).state ==
			NA_SYSTEM);
	f->is_ours = false;
	f->is_zero = false;
	settle(f);
}

void na_port_frames_free(struct na_port *port, struct na_frame first,
			 u32 order)
{
	struct memport_event *event = enter(port, MEMPORT_FRAMES_FREE);
	u32 i;

	na_might_sleep();
	event->nr = order;
	event->frame = first;
	for (i = 0; i < 1u << order; i++)
		take_back(port, na_frame_add(first, i), first, order);
	leave(port);
}

void na_port_frames_split(struct na_port *port, struct na_frame first,
			  u32 order)
{
	struct memport_frame *f;
	u32 i;

	na_might_sleep();
	enter(port, MEMPORT_FRAMES_SPLIT)->nr = order;
	(void)NA_ASSERT(order);
	for (i = 0; i < 1u << order; i++) {
		f = at(port, na_frame_add(first, i));
		(void)NA_ASSERT(f->is_ours);
		(void)NA_ASSERT(f->block == first.nr && f->order == order);
		f->block = (u32)first.nr + i;
		f->order = 0;
	}
	leave(port);
}

void na_port_frames_lost(struct na_port *port, u32 nr, const char *why)
{
	na_might_sleep();
	(void)NA_ASSERT(nr && why);
	enter(port, MEMPORT_FRAMES_LOST)->nr = nr;
	leave(port);
}

bool na_port_frame_is_direct(struct na_port *port, struct na_frame frame)
{
	enter_look(port, MEMPORT_IS_DIRECT);
	(void)at(port, frame);
	leave(port);
	return is_low(port, frame);
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

static void mark(struct na_port *port, struct na_frame frame,
		 enum na_memtype type)
{
	assert_claimed(port, frame);
	at(port, frame)->marked = type;
}

void na_port_runs_mark(struct na_port *port, const struct na_run *runs,
		       u32 nr_runs, enum na_memtype type)
{
	u32 nr = enter_runs(port, MEMPORT_MARK, runs, nr_runs, type)->nr;

	for_frames(port, runs, nr_runs, nr, type, mark);
	leave(port);
}

/* --- kmap pool --- */

bool na_port_kmap_holds(struct na_port *port, struct na_frame frame)
{
	bool holds;

	enter_look(port, MEMPORT_KMAP_HOLDS);
	port->nr_low_asked += is_low(port, frame);
	holds = at(port, frame)->kmap != MEMPORT_KMAP_NONE;
	leave(port);
	return holds;
}

u32 na_port_kmap_nr_slots(struct na_port *port)
{
	(void)port;
	return 16;
}

u32 na_port_kmap_list(struct na_port *port, struct na_frame lowest,
		      struct na_frame highest, struct na_sieve *sieve)
{
	u32 nr = 0;

	enter_look(port, MEMPORT_KMAP_LIST);
	for (; lowest.nr <= highest.nr; lowest.nr++) {
		if (at(port, lowest)->kmap == MEMPORT_KMAP_NONE)
			continue;
		na_sieve_add(sieve, lowest);
		nr++;
	}
	leave(port);
	return nr;
}

void na_port_kmap_purge(struct na_port *port)
{
	bool pays = false;
	u32 i;

	na_might_sleep();
	enter(port, MEMPORT_KMAP_PURGE);
	for (i = 0; i < port->nr_frames; i++) {
		if (port->frames[i].kmap != MEMPORT_KMAP_STALE)
			continue;
		port->frames[i].kmap = MEMPORT_KMAP_NONE;
		port->frames[i].is_kmap_in_tlb = false;
		pays = true;
	}
	port->nr_shootdowns += pays;
	leave(port);
}

/* --- direct map --- */

static void set_direct(struct na_port *port, struct na_frame frame,
		       enum na_memtype type)
{
	struct memport_frame *f = at(port, frame);

	assert_claimed(port, frame);
	/* A line filled now would hide what the buffers still write. */
	(void)NA_ASSERT(!f->has_wc_stores || type != NA_WB);
	if (f->direct != NR_NA_MEMTYPES)
		f->direct = type;
	settle(f);
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
			if (is_low(port, frame) &&
			    at(port, frame)->direct == NR_NA_MEMTYPES)
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
	struct memport_event *event;

	na_might_sleep();
	(void)NA_ASSERT(!*nr_done);
	event = enter_runs(port, MEMPORT_DIRECT_SET, runs, nr_runs, type);
	*nr_done = count_present(port, runs, nr_runs);
	if (*nr_done < event->nr)
		event->err = -EFAULT;
	if (must_fail(port, MEMPORT_DIRECT_SET)) {	/* half way */
		event->err = port->direct_errno;
		*nr_done /= 2;
	}
	if (!event->err && port->nr_lies)
		set_direct_lying(port, runs, nr_runs, type);
	else
		for_frames(port, runs, nr_runs, *nr_done, type, set_direct);
	leave(port);
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

	enter_look(port, MEMPORT_DIRECT_HAS);
	(void)NA_ASSERT(is_low(port, frame));
	has = bits_of(port, at(port, frame)->direct) == bits_of(port, type);
	leave(port);
	return has;
}

/* --- TLBs, caches, buffers --- */

void na_port_tlb_flush(struct na_port *port)
{
	struct memport_frame *f;
	u32 i;

	na_might_sleep();
	enter(port, MEMPORT_TLB_FLUSH);
	for (i = 0; i < port->nr_frames; i++) {
		f = &port->frames[i];
		f->tlb = 0;
		f->is_kmap_in_tlb = false;
		f->has_wc_stores = false;
		settle(f);
	}
	port->nr_shootdowns++;
	leave(port);
}

static void drain(struct na_port *port, enum memport_call call)
{
	u32 i;

	na_might_sleep();
	enter(port, call);
	for (i = 0; i < port->nr_frames; i++)
		port->frames[i].has_wc_stores = false;
	leave(port);
}

void na_port_wc_drain(struct na_port *port)
{
	drain(port, MEMPORT_WC_DRAIN);
}

/* One process is all there is. */
void na_port_wc_drain_own(struct na_port *port)
{
	drain(port, MEMPORT_WC_DRAIN_OWN);
}

static void clean(struct na_port *port, struct na_frame frame,
		  enum na_memtype type)
{
	struct memport_frame *f = at(port, frame);

	assert_claimed(port, frame);
	(void)NA_ASSERT(f->kmap == MEMPORT_KMAP_NONE);
	(void)NA_ASSERT(f->direct == type || f->direct == NR_NA_MEMTYPES);
	(void)NA_ASSERT(!is_cached_in_tlb(f));
	f->is_dirty = false;
	f->has_lines = false;
	f->tlb |= bit(type);
	settle(f);
}

int na_port_cache_clean(struct na_port *port, const struct na_run *runs,
			u32 nr_runs, enum na_memtype type)
{
	struct memport_event *event;

	na_might_sleep();
	event = enter_runs(port, MEMPORT_CACHE_CLEAN, runs, nr_runs, type);
	(void)NA_ASSERT(!na_memtype_is_cached(type));
	if (must_fail(port, MEMPORT_CACHE_CLEAN))
		event->err = -ENOMEM;
	for_frames(port, runs, nr_runs,
		   event->err ? (event->nr + 1) / 2 : event->nr, type, clean);
	leave(port);
	return event->err;
}

/* --- what the rest of the system does --- */

void memport_kmap(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(!is_low(port, frame));
	at(port, frame)->kmap = MEMPORT_KMAP_LIVE;
	settle(at(port, frame));
}

void memport_kunmap(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(at(port, frame)->kmap == MEMPORT_KMAP_LIVE);
	at(port, frame)->kmap = MEMPORT_KMAP_STALE;
}

void memport_kmap_reclaim(struct na_port *port, struct na_frame frame)
{
	(void)NA_ASSERT(at(port, frame)->kmap == MEMPORT_KMAP_STALE);
	at(port, frame)->kmap = MEMPORT_KMAP_NONE;
}

void memport_vunmap(struct na_port *port, struct na_frame frame)
{
	at(port, frame)->tlb |= bit(NA_WB);
	settle(at(port, frame));
}

void memport_write_cached(struct na_port *port, struct na_frame frame)
{
	struct memport_frame *f = at(port, frame);

	(void)NA_ASSERT(is_cached_in_tlb(f));
	f->is_zero = false;
	f->is_dirty = true;
}

void memport_map(struct na_port *port, struct na_frame frame,
		 enum na_memtype type)
{
	at(port, frame)->mapped[type]++;
	settle(at(port, frame));
}

void memport_unmap(struct na_port *port, struct na_frame frame,
		   enum na_memtype type)
{
	(void)NA_ASSERT(at(port, frame)->mapped[type]);
	at(port, frame)->mapped[type]--;
}

void memport_write(struct na_port *port, struct na_frame frame,
		   enum na_memtype type)
{
	struct memport_frame *f = at(port, frame);

	(void)NA_ASSERT(f->mapped[type]);
	f->is_zero = false;
	if (type == NA_WC)
		f->has_wc_stores = true;
}

void memport_take(struct na_port *port, struct na_run run)
{
	u32 i;

	(void)NA_ASSERT(is_free(port, (u32)run.first.nr, run.nr));
	for (i = 0; i < run.nr; i++)
		at(port, na_frame_add(run.first, i))->is_taken = true;
}

/* --- whole-state check --- */

static const char *held_fault(const struct memport_frame *f,
			      const struct na_ledger_entry *entry)
{
	u8 allowed = bit(entry->type);

	if (walk(f) & ~allowed)
		return "I1: a page table has another type";
	if (f->kmap != MEMPORT_KMAP_NONE || f->is_kmap_in_tlb)
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

static const char *system_fault(const struct memport_frame *f)
{
	if (walk(f) & ~bit(NA_WB))
		return "I4: a page table has another type than WB";
	if (f->tlb & ~bit(NA_WB))
		return "I4: a TLB may hold another type than WB";
	if (f->has_wc_stores)
		return "I6: stores in a write-combining buffer";
	if (f->marked != NA_WB)
		return "I4: the system was told another type than WB";
	if (f->is_ours)
		return "I7: lost";
	return NULL;
}

static const char *frame_fault(struct na_port *port, struct na_frame frame)
{
	struct na_ledger_entry entry = na_ledger_lookup(port->ledger, frame);
	const struct memport_frame *f = at(port, frame);

	switch (entry.state) {
	case NA_SYSTEM:
		return system_fault(f);
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
			return state_names[state];
	return NULL;
}

const char *memport_fault(struct na_port *port)
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
	what = count_fault(port, seen);
	if (!what)
		return NULL;
	snprintf(fault, sizeof(fault), "the counter of %s is wrong", what);
	return fault;
}

u32 memport_count_ours(const struct na_port *port)
{
	u32 i, nr = 0;

	for (i = 0; i < port->nr_frames; i++)
		nr += port->frames[i].is_ours;
	return nr;
}
