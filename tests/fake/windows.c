// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The fake port's windows: a call does exactly what it promises, at once and in
 * program order.
 */
#include "fake.h"

/* An entry: bit 0 present, bits 1-2 type, the rest frame. 0 is absent. */
struct na_port_range {
	struct na_port *port;
	u32 nr_slots;
	u64 *entries;
	u64 *tlbs;	/* by CPU, then by slot */
	u64 *plain;	/* copy of entries[], for the thread sanitizer */
	char *addrs;	/* never accessed */
};

__thread u32 fake_cpu;

static u64 get(const u64 *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void put(u64 *at, u64 value)
{
	__atomic_store_n(at, value, __ATOMIC_RELAXED);
}

static u64 *tlb_at(struct na_port_range *range, u32 cpu, u32 idx)
{
	return &range->tlbs[cpu * range->nr_slots + idx];
}

static u64 entry_make(struct na_frame frame, enum na_memtype type)
{
	return (u64)frame.nr << 3 | (u64)type << 1 | 1;
}

static struct fake_view entry_view(u64 entry)
{
	return (struct fake_view){
		.is_present = entry & 1,
		.frame = na_frame((unsigned long)(entry >> 3)),
		.type = (enum na_memtype)(entry >> 1 & 3),
	};
}

static bool lies_now(struct na_port *port)
{
	if (!port->nr_slot_lies)
		return false;
	port->has_lied = true;
	return port->nr_slot_lies--;
}

/* --- what a CPU sees --- */

static struct na_port_range *find_range(struct na_port *port, const void *addr,
					u32 *idx)
{
	const char *at = addr;
	struct na_port_range *range;
	u32 i;

	for (i = 0; i < FAKE_RANGES_MAX; i++) {
		range = port->ranges[i];
		if (range && at >= range->addrs &&
		    at < range->addrs + range->nr_slots * FAKE_SLOT_LEN) {
			*idx = (u32)((size_t)(at - range->addrs) / FAKE_SLOT_LEN);
			return range;
		}
	}
	(void)NA_ASSERT(!"address of no range");
	abort();
}

struct fake_view fake_touch(struct na_port *port, const void *addr)
{
	struct na_port_range *range;
	u64 entry, *tlb;
	u32 idx;

	range = find_range(port, addr, &idx);
	/* A user has the slot to itself and those who share it. */
	(void)NA_ASSERT(port->has_lied ||
			range->plain[idx] == get(&range->entries[idx]));
	tlb = tlb_at(range, fake_cpu, idx);
	entry = get(tlb);
	if (!entry) {
		entry = get(&range->entries[idx]);
		put(tlb, entry);
	}
	return entry_view(entry);
}

struct fake_view fake_entry(struct na_port *port, const void *addr)
{
	u32 idx;
	struct na_port_range *range = find_range(port, addr, &idx);

	return entry_view(get(&range->entries[idx]));
}

struct fake_view fake_tlb(struct na_port *port, u32 cpu,
			  const void *addr)
{
	u32 idx;
	struct na_port_range *range = find_range(port, addr, &idx);

	return entry_view(get(tlb_at(range, cpu, idx)));
}

static bool view_is(u64 entry, struct na_frame frame, enum na_memtype type)
{
	struct fake_view view = entry_view(entry);

	return view.is_present && view.frame.nr == frame.nr &&
	       (type == NR_NA_MEMTYPES || type == view.type);
}

u32 fake_count_views(struct na_port *port, struct na_frame frame,
		     enum na_memtype type)
{
	u32 i, idx, cpu, nr = 0;
	struct na_port_range *range;

	for (i = 0; i < FAKE_RANGES_MAX; i++) {
		range = port->ranges[i];
		for (idx = 0; range && idx < range->nr_slots; idx++) {
			nr += view_is(get(&range->entries[idx]), frame, type);
			for (cpu = 0; cpu < port->nr_cpus; cpu++)
				nr += view_is(get(tlb_at(range, cpu, idx)),
					      frame, type);
		}
	}
	return nr;
}

/* --- CPUs --- */

u32 na_port_nr_cpus(struct na_port *port)
{
	return port->nr_cpus;
}

/* owners[]: 0 when nobody is inside, else nesting depth. */
static __thread u32 cpu_depth;

u32 na_port_cpu_get(struct na_port *port)
{
	u32 was = 0;

	(void)NA_ASSERT(fake_cpu < port->nr_cpus);
	if (!cpu_depth++)
		was = na_atomic32_cmpxchg(&port->owners[fake_cpu], 0, 1);
	(void)NA_ASSERT(!was);
	return fake_cpu;
}

void na_port_cpu_put(struct na_port *port)
{
	u32 was = 1;

	(void)NA_ASSERT(cpu_depth);
	if (!--cpu_depth)
		was = na_atomic32_cmpxchg(&port->owners[fake_cpu], 1, 0);
	(void)NA_ASSERT(was == 1);
}

bool na_port_tlb_may_speculate(struct na_port *port)
{
	return port->speculates;
}

/* --- ranges --- */

static void range_free(struct na_port_range *range)
{
	free(range->entries);
	free(range->tlbs);
	free(range->plain);
	free(range->addrs);
	free(range);
}

int na_port_range_open(struct na_port *port, u32 nr_slots,
		       struct na_port_range **result)
{
	struct na_port_range *range;
	u32 i = 0;

	na_might_sleep();
	if (fake_must_fail(port, FAKE_RANGE_OPEN))
		return -ENOMEM;
	while (i < FAKE_RANGES_MAX && port->ranges[i])
		i++;
	(void)NA_ASSERT(i < FAKE_RANGES_MAX);
	range = calloc(1, sizeof(*range));
	range->port = port;
	range->nr_slots = nr_slots;
	range->entries = calloc(nr_slots, sizeof(u64));
	range->plain = calloc(nr_slots, sizeof(u64));
	range->tlbs = calloc((size_t)nr_slots * port->nr_cpus, sizeof(u64));
	range->addrs = malloc(nr_slots * FAKE_SLOT_LEN);
	port->ranges[i] = range;
	*result = range;
	return 0;
}

void na_port_range_close(struct na_port_range *range)
{
	struct na_port *port = range->port;
	u32 idx, cpu, i;

	na_might_sleep();
	for (idx = 0; idx < range->nr_slots; idx++) {
		(void)NA_ASSERT(!get(&range->entries[idx]));
		for (cpu = 0; cpu < port->nr_cpus; cpu++)
			(void)NA_ASSERT(!get(tlb_at(range, cpu, idx)));
	}
	for (i = 0; i < FAKE_RANGES_MAX; i++)
		if (port->ranges[i] == range)
			port->ranges[i] = NULL;
	range_free(range);
}

void *na_port_range_addr(struct na_port_range *range, u32 idx)
{
	(void)NA_ASSERT(idx < range->nr_slots);
	return range->addrs + idx * FAKE_SLOT_LEN;
}

struct na_cpus na_port_range_cpus(struct na_port_range *range)
{
	fake_enter(range->port, FAKE_RANGE_CPUS);
	return range->port->range_cpus;
}

void fake_free_ranges(struct na_port *port)
{
	u32 i;

	for (i = 0; i < FAKE_RANGES_MAX; i++)
		if (port->ranges[i])
			range_free(port->ranges[i]);
}

/* --- entries --- */

static void fetch_everywhere(struct na_port_range *range, u32 idx)
{
	u32 cpu;

	if (!range->port->speculates)
		return;
	for (cpu = 0; cpu < range->port->nr_cpus; cpu++)
		put(tlb_at(range, cpu, idx), get(&range->entries[idx]));
}

int na_port_window_set(struct na_port_range *range, u32 idx,
		       struct na_run run, enum na_memtype type)
{
	struct na_port *port = range->port;
	u32 i;

	fake_enter(port, FAKE_WINDOW_SET);
	(void)NA_ASSERT(run.nr && idx + run.nr <= range->nr_slots);
	for (i = 0; i < run.nr; i++)
		(void)NA_ASSERT(!get(&range->entries[idx + i]));
	if (fake_must_fail(port, FAKE_WINDOW_SET))
		return -ENOMEM;
	if (port->wrong_type != NR_NA_MEMTYPES)
		type = port->wrong_type;
	for (i = 0; i < run.nr; i++, idx++) {
		if (lies_now(port))
			continue;
		range->plain[idx] = entry_make(na_frame_add(run.first, i),
					       type);
		put(&range->entries[idx], range->plain[idx]);
		fetch_everywhere(range, idx);
	}
	return 0;
}

void na_port_window_clear(struct na_port_range *range, const u32 *idxs,
			  u32 nr)
{
	u32 i;

	fake_enter(range->port, FAKE_WINDOW_CLEAR);
	(void)NA_ASSERT(nr);
	for (i = 0; i < nr; i++) {
		(void)NA_ASSERT(idxs[i] < range->nr_slots);
		(void)NA_ASSERT(get(&range->entries[idxs[i]]));
		fetch_everywhere(range, idxs[i]);
		range->plain[idxs[i]] = 0;
		if (!lies_now(range->port))
			put(&range->entries[idxs[i]], 0);
		na_atomic64_add(&range->port->nr_slots_cleared, 1);
	}
}

bool na_port_window_read(struct na_port_range *range, u32 idx,
			 struct na_frame *frame, enum na_memtype *type)
{
	struct fake_view view = entry_view(get(&range->entries[idx]));

	fake_enter(range->port, FAKE_WINDOW_READ);
	if (view.is_present) {
		*frame = view.frame;
		*type = view.type;
	}
	return view.is_present;
}

u32 na_port_window_shootdown(struct na_port_range *range, const u32 *idxs,
			     u32 nr, struct na_cpus cpus)
{
	struct na_port *port = range->port;
	u32 i, cpu, nr_others = 0;

	na_might_sleep();
	fake_enter(port, FAKE_SHOOTDOWN);
	(void)NA_ASSERT(nr && cpus.bits);
	port->last_nr = nr;
	port->last_cpus = cpus;
	for (cpu = 0; cpu < port->nr_cpus; cpu++) {
		if (!na_cpus_holds(cpus, cpu))
			continue;
		nr_others += cpu != fake_cpu;
		for (i = 0; i < nr; i++) {
			(void)NA_ASSERT(port->has_lied ||
					!get(&range->entries[idxs[i]]));
			put(tlb_at(range, cpu, idxs[i]), 0);
		}
	}
	return nr_others;
}

void na_port_window_invalidate(struct na_port_range *range, u32 idx)
{
	fake_enter(range->port, FAKE_INVALIDATE);
	(void)NA_ASSERT(cpu_depth);
	(void)NA_ASSERT(range->port->has_lied || !get(&range->entries[idx]));
	put(tlb_at(range, fake_cpu, idx), 0);
}

static void flush_range(struct na_port_range *range)
{
	u32 idx, cpu;

	for (idx = 0; idx < range->nr_slots; idx++)
		for (cpu = 0; cpu < range->port->nr_cpus; cpu++)
			put(tlb_at(range, cpu, idx), 0);
}

void fake_flush_windows(struct na_port *port)
{
	u32 i;

	for (i = 0; i < FAKE_RANGES_MAX; i++)
		if (port->ranges[i])
			flush_range(port->ranges[i]);
}

/* --- waiting --- */

/* For as long as it takes: a wake-up that was lost is a case that hangs. */
static void sleep_on(struct na_port *port, na_atomic32_t *word, u32 seen)
{
	pthread_mutex_lock(&port->mutex);
	while (na_atomic32_read(word) == seen)
		pthread_cond_wait(&port->cond, &port->mutex);
	pthread_mutex_unlock(&port->mutex);
}

int na_port_wait(struct na_port *port, na_atomic32_t *word, u32 seen,
		 u64 timeout_ns)
{
	u32 nr_wakes;

	na_might_sleep();
	if (port->is_threaded) {
		(void)NA_ASSERT(timeout_ns == NA_WAIT_FOREVER);
		sleep_on(port, word, seen);
		return 0;
	}
	if (na_atomic32_read(word) != seen)
		return 0;
	/* Asleep. What the others do meanwhile is in the hook. */
	nr_wakes = fake_count(port, FAKE_WAKE);
	fake_enter(port, FAKE_WAIT);
	if (na_atomic32_read(word) != seen &&
	    fake_count(port, FAKE_WAKE) != nr_wakes)
		return 0;
	if (timeout_ns != NA_WAIT_FOREVER) {
		port->now_ns += timeout_ns;
		return -ETIMEDOUT;
	}
	port->nr_stuck++;
	return -EINTR;
}

void na_port_wake(struct na_port *port, na_atomic32_t *word)
{
	(void)word;
	fake_enter(port, FAKE_WAKE);
	if (!port->is_threaded)
		return;
	pthread_mutex_lock(&port->mutex);
	pthread_cond_broadcast(&port->cond);
	pthread_mutex_unlock(&port->mutex);
}
