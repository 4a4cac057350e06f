// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fake port: life, log, failures, metadata and time.
 */
#include <stdarg.h>
#include <time.h>

#include "fake.h"

struct fake_block {
	struct fake_block *next, *prev;
	size_t len;
	max_align_t mem[];
};

static const char *const names[NR_FAKE_CALLS] = {
	[FAKE_ALLOC] = "alloc",
	[FAKE_FREE] = "free",
	[FAKE_TIME] = "time",
	[FAKE_IS_DYING] = "is_dying",
	[FAKE_FRAMES_ALLOC] = "frames_alloc",
	[FAKE_FRAMES_FREE] = "frames_free",
	[FAKE_FRAMES_SPLIT] = "frames_split",
	[FAKE_FRAMES_LOST] = "frames_lost",
	[FAKE_IS_DIRECT] = "is_direct",
	[FAKE_MARK] = "mark",
	[FAKE_KMAP_HOLDS] = "kmap_holds",
	[FAKE_KMAP_LIST] = "kmap_list",
	[FAKE_KMAP_PURGE] = "kmap_purge",
	[FAKE_DIRECT_SET] = "direct_set",
	[FAKE_DIRECT_HAS] = "direct_has",
	[FAKE_TLB_FLUSH] = "tlb_flush",
	[FAKE_WC_DRAIN] = "wc_drain",
	[FAKE_WC_DRAIN_OWN] = "wc_drain_own",
	[FAKE_CACHE_CLEAN] = "cache_clean",
	[FAKE_CLAIM] = "claim",
	[FAKE_COMMIT] = "commit",
	[FAKE_RANGE_OPEN] = "range_open",
	[FAKE_WINDOW_SET] = "window_set",
	[FAKE_WINDOW_CLEAR] = "window_clear",
	[FAKE_WINDOW_READ] = "window_read",
	[FAKE_SHOOTDOWN] = "shootdown",
	[FAKE_INVALIDATE] = "invalidate",
	[FAKE_RANGE_CPUS] = "range_cpus",
	[FAKE_WAIT] = "wait",
	[FAKE_WAKE] = "wake",
};

const char *const fake_state_names[NR_NA_STATES] = {
	"SYSTEM", "CLAIMED", "BUFFER", "LENT", "QUARANTINED",
};

/* --- life --- */

static struct na_port *create(void)
{
	struct na_port *port = calloc(1, sizeof(*port));
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&port->mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	pthread_cond_init(&port->cond, NULL);
	return port;
}

struct na_port *fake_frames_create(u32 nr_frames, u32 nr_direct)
{
	struct na_port *port = create();
	u32 i;

	port->nr_frames = nr_frames;
	port->nr_direct = nr_direct;
	port->frames = calloc(nr_frames, sizeof(*port->frames));
	port->direct_errno = -EFAULT;
	port->block_max = NA_BLOCK_FRAMES_MAX;
	port->zeroes_by_kmap = true;
	/* So that no measured time is 0. */
	port->tick_ns = 1;
	for (i = 0; i < nr_frames; i++) {
		port->frames[i].direct = i < nr_direct ? NA_WB : NR_NA_MEMTYPES;
		fake_settle(&port->frames[i]);
	}
	return port;
}

struct na_port *fake_windows_create(u32 nr_cpus)
{
	struct na_port *port = create();

	(void)NA_ASSERT(nr_cpus && nr_cpus <= FAKE_CPUS_MAX);
	port->nr_cpus = nr_cpus;
	port->range_cpus.bits = (1ull << nr_cpus) - 1;
	port->wrong_type = NR_NA_MEMTYPES;
	port->kmap_live = na_frame(~0ul);
	return port;
}

void fake_destroy(struct na_port *port)
{
	struct fake_block *block;

	while ((block = port->blocks)) {
		port->blocks = block->next;
		free(block);
	}
	fake_free_ranges(port);
	pthread_mutex_destroy(&port->mutex);
	pthread_cond_destroy(&port->cond);
	free(port->frames);
	free(port);
}

/* --- the log --- */

static struct fake_event *append(struct na_port *port,
				 enum fake_call call)
{
	struct fake_event *event;

	event = &port->events[port->nr_events++ % FAKE_EVENTS];
	*event = (struct fake_event){ .call = call, .type = NR_NA_MEMTYPES };
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
		append(port, FAKE_CLAIM)->nr =
			(u32)(counts[NA_CLAIMED] - was);
	if (counts[NA_CLAIMED] < was)
		append(port, FAKE_COMMIT)->state =
			state_that_grew(port, counts);
	memcpy(port->counts, counts, sizeof(counts));
}

void fake_enter(struct na_port *port, enum fake_call call)
{
	na_atomic64_add(&port->nr_calls[call], 1);
	if (port->hook && call >= FAKE_TIME)
		port->hook(port, call);
}

struct fake_event *fake_begin(struct na_port *port, enum fake_call call)
{
	fake_enter(port, call);
	pthread_mutex_lock(&port->mutex);
	look_at_ledger(port);
	return append(port, call);
}

void fake_end(struct na_port *port)
{
	pthread_mutex_unlock(&port->mutex);
}

void fake_begin_look(struct na_port *port, enum fake_call call)
{
	fake_enter(port, call);
	pthread_mutex_lock(&port->mutex);
	look_at_ledger(port);
}

void fake_forget(struct na_port *port)
{
	u32 i;

	look_at_ledger(port);
	for (i = 0; i < NR_FAKE_CALLS; i++)
		na_atomic64_set(&port->nr_calls[i], 0);
	port->nr_events = 0;
	port->nr_shootdowns = 0;
	port->nr_low_asked = 0;
	na_atomic64_set(&port->nr_slots_cleared, 0);
	port->last_nr = 0;
	port->last_cpus = na_cpus_none();
}

u32 fake_count(struct na_port *port, enum fake_call call)
{
	return (u32)na_atomic64_read(&port->nr_calls[call]);
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

static void say_event(const struct fake_event *event)
{
	say("%s%s", text_len ? " " : "", names[event->call]);
	if (event->call == FAKE_COMMIT)
		say("(%s)", fake_state_names[event->state]);
	else if (na_memtype_is_valid(event->type))
		say("(%u %s)", event->nr, na_memtype_name(event->type));
	else if (event->call == FAKE_FRAMES_ALLOC ||
		 event->call == FAKE_FRAMES_FREE ||
		 event->call == FAKE_FRAMES_SPLIT ||
		 event->call == FAKE_FRAMES_LOST ||
		 event->call == FAKE_CLAIM)
		say("(%u)", event->nr);
	if (event->err)
		say("!");
}

const char *fake_steps(struct na_port *port, u32 calls)
{
	u32 i = 0;

	if (!calls)
		calls = ~(FAKE_BIT(FAKE_ALLOC) |
			  FAKE_BIT(FAKE_FREE));
	look_at_ledger(port);
	text_len = 0;
	text[0] = 0;
	if (port->nr_events > FAKE_EVENTS)
		i = port->nr_events - FAKE_EVENTS;
	for (; i < port->nr_events; i++)
		if (calls & FAKE_BIT(port->events[i % FAKE_EVENTS].call))
			say_event(&port->events[i % FAKE_EVENTS]);
	return text;
}

/* --- failures --- */

void fake_fail(struct na_port *port, u32 calls, u32 nth, u32 nr)
{
	port->fails_calls = calls;
	port->fails_at = nth;
	port->nr_fails = nr;
	port->nr_failed = 0;
}

void fake_fail_never(struct na_port *port)
{
	fake_fail(port, 0, 0, 0);
}

bool fake_must_fail(struct na_port *port, enum fake_call call)
{
	if (!(port->fails_calls & FAKE_BIT(call)) || !port->fails_at)
		return false;
	if (port->fails_at > 1) {
		port->fails_at--;
		return false;
	}
	if (!port->nr_fails)
		return false;
	if (!--port->nr_fails)
		port->fails_at = 0;
	port->nr_failed++;
	return true;
}

/* --- metadata and time --- */

void *na_port_alloc(struct na_port *port, size_t len)
{
	struct fake_event *event = fake_begin(port, FAKE_ALLOC);
	struct fake_block *block = NULL;

	na_might_sleep();
	(void)NA_ASSERT(len);
	if (!fake_must_fail(port, FAKE_ALLOC))
		block = calloc(1, sizeof(*block) + len);
	if (block) {
		block->len = len;
		block->next = port->blocks;
		if (block->next)
			block->next->prev = block;
		port->blocks = block;
		na_atomic32_add(&port->nr_blocks, 1);
	}
	event->err = block ? 0 : -ENOMEM;
	fake_end(port);
	return block ? block->mem : NULL;
}

void *na_port_alloc_owned(struct na_port *port, size_t len)
{
	return na_port_alloc(port, len);
}

void na_port_free(struct na_port *port, void *mem)
{
	struct fake_block *block;

	na_might_sleep();
	if (!mem)
		return;
	fake_begin(port, FAKE_FREE);
	block = container_of(mem, struct fake_block, mem);
	if (block->prev)
		block->prev->next = block->next;
	else
		port->blocks = block->next;
	if (block->next)
		block->next->prev = block->prev;
	na_atomic32_add(&port->nr_blocks, (u32)-1);
	fake_end(port);
	free(block);
}

static u64 real_time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (u64)now.tv_sec * 1000000000u + (u64)now.tv_nsec;
}

u64 na_port_time_ns(struct na_port *port)
{
	u64 now_ns;

	if (!port->frames) {
		fake_enter(port, FAKE_TIME);
		return port->is_threaded ? real_time_ns() : port->now_ns;
	}
	fake_begin_look(port, FAKE_TIME);
	now_ns = port->now_ns += port->tick_ns;
	fake_end(port);
	return now_ns;
}

bool na_port_is_dying(struct na_port *port)
{
	bool is_dying;

	fake_begin_look(port, FAKE_IS_DYING);
	is_dying = port->dies_at && !--port->dies_at;
	fake_end(port);
	return is_dying;
}

size_t fake_nr_bytes(const struct na_port *port)
{
	const struct fake_block *block;
	size_t nr = 0;

	for (block = port->blocks; block; block = block->next)
		nr += block->len;
	return nr;
}

u32 fake_nr_blocks(struct na_port *port)
{
	return na_atomic32_read(&port->nr_blocks);
}

/* --- effects --------------------------------------------------------------- */

bool na_port_hears(struct na_port *port, enum na_effect_kind kind)
{
	(void)kind;
	return port->listener;
}

void na_port_effect(struct na_port *port, struct na_effect *effect)
{
	port->listener(port, effect);
}
