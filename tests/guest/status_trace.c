// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The tracepoints: each fires once for what it stands for, with figures that
 * another witness has too. Expects plant.ko, na_fail.ko, consumer_test.ko.
 */
#define _GNU_SOURCE
#include "export_consumer.h"
#include "heap_buffers.h"
#include "plant.h"
#include "status_node.h"

#include <time.h>

#define TRACING "/sys/kernel/tracing/"
#define EVENTS TRACING "events/noalias/"

#define NR 300u
#define LEN (NR * PAGE)
#define NR_EVENTS_MAX 512u

/* --- the trace ---------------------------------------------------------------- */

struct event {
	char name[32];
	char fields[256];	/* " KEY=VALUE KEY=VALUE" */
};

struct trace {
	struct event *events;
	unsigned int nr;
};

static const char *const event_names[] = {
	"noalias_alloc", "noalias_free", "noalias_convert", "noalias_purge",
	"noalias_kmap_purge", "noalias_tlb_flush", "noalias_call",
	"noalias_refusal",
};

static void clear_trace(void)
{
	int fd = open(TRACING "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	EXPECT(fd >= 0);
	close(fd);
}

static void begin_trace(void)
{
	EXPECT_EQ(write_text(EVENTS "enable", "1"), 0);
	clear_trace();
}

/* "  COMM-PID  [CPU] FLAGS  TIME: NAME: FIELDS"; false: not ours. */
static bool read_event(const char *line, struct event *event)
{
	char ours[32];
	const char *name = strstr(line, ": noalias_");
	size_t len;

	snprintf(ours, sizeof(ours), "-%d ", getpid());
	if (!name || !memmem(line, name - line, ours, strlen(ours)))
		return false;
	name += 2;
	len = strcspn(name, ":");
	EXPECT(len < sizeof(event->name));
	snprintf(event->name, sizeof(event->name), "%.*s", (int)len, name);
	EXPECT(strlen(name + len + 1) < sizeof(event->fields));
	strcpy(event->fields, name + len + 1);
	return true;
}

static struct trace end_trace(void)
{
	struct trace trace = { 0 };
	char *text = read_text(TRACING "trace"), *line, *rest = text;

	EXPECT_EQ(write_text(EVENTS "enable", "0"), 0);
	EXPECT(text);
	trace.events = calloc(NR_EVENTS_MAX, sizeof(*trace.events));
	EXPECT(trace.events);
	while ((line = strsep(&rest, "\n"))) {
		EXPECT(trace.nr < NR_EVENTS_MAX);
		trace.nr += read_event(line, &trace.events[trace.nr]);
	}
	free(text);
	return trace;
}

static unsigned int nr_events(const struct trace *trace, const char *name)
{
	unsigned int i, nr = 0;

	for (i = 0; i < trace->nr; i++)
		nr += !strcmp(trace->events[i].name, name);
	return nr;
}

static const struct event *find_event(const struct trace *trace,
				      const char *name, unsigned int nth)
{
	unsigned int i;

	for (i = 0; i < trace->nr; i++)
		if (!strcmp(trace->events[i].name, name) && !nth--)
			return &trace->events[i];
	say("no event %s", name);
	EXPECT(!"an event");
	return NULL;
}

static void show(const struct trace *trace)
{
	unsigned int i;

	for (i = 0; i < trace->nr; i++)
		say("%s:%s", trace->events[i].name, trace->events[i].fields);
}

/* The only one of its name. */
static const struct event *only_event(const struct trace *trace,
				      const char *name)
{
	if (nr_events(trace, name) != 1)
		show(trace);
	EXPECT_EQ(nr_events(trace, name), 1);
	return find_event(trace, name, 0);
}

static const char *field(const struct event *event, const char *key)
{
	char pattern[32];
	const char *at;

	snprintf(pattern, sizeof(pattern), " %s=", key);
	at = strstr(event->fields, pattern);
	if (!at)
		say("%s has no %s:%s", event->name, key, event->fields);
	EXPECT(at);
	return at + strlen(pattern);
}

static long long number(const struct event *event, const char *key)
{
	return strtoll(field(event, key), NULL, 0);
}

static bool is_text(const struct event *event, const char *key,
		    const char *text)
{
	const char *value = field(event, key);
	size_t len = strlen(text);

	return !strncmp(value, text, len) &&
	       (value[len] == ' ' || !value[len]);
}

#define EXPECT_NUMBER(event, key, should) \
	expect_eq(__FILE__, __LINE__, key, number(event, key), should)
#define EXPECT_TEXT(event, key, text) EXPECT(is_text(event, key, text))

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static void expect_plausible_ns(const struct event *event, uint64_t whole_ns)
{
	EXPECT(number(event, "ns") > 0);
	EXPECT((uint64_t)number(event, "ns") <= whole_ns);
}

/* --- buffers ------------------------------------------------------------------ */

/* kills: an event without the buffer's figures, or with another's */
static void alloc_is_traced(void)
{
	struct noalias_query_buffer query;
	const struct event *event;
	uint64_t start_ns;
	struct trace trace;
	int fd;

	begin_trace();
	start_ns = clock_ns();
	fd = new_buffer(LEN - 7);
	start_ns = clock_ns() - start_ns;
	trace = end_trace();
	query = ask_buffer(fd);
	event = only_event(&trace, "noalias_alloc");
	EXPECT_NUMBER(event, "id", query.id);
	EXPECT_TEXT(event, "heap", heap_name());
	EXPECT_NUMBER(event, "len", LEN);
	EXPECT_NUMBER(event, "low", query.low);
	EXPECT_TEXT(event, "type", heap_type());
	EXPECT_NUMBER(event, "err", 0);
	expect_plausible_ns(event, start_ns);
	EXPECT_EQ(nr_events(&trace, "noalias_free"), 0);
	EXPECT_EQ(nr_events(&trace, "noalias_call"), 0);
	EXPECT_EQ(nr_events(&trace, "noalias_refusal"), 0);
}

/* kills: success traced where there was none; a failure not traced */
static void alloc_that_fails_is_traced(void)
{
	const struct event *event;
	uint64_t nr_frames;
	struct trace trace;

	EXPECT_EQ(write_text(PARAMETERS "limit_percent", "1"), 0);
	nr_frames = counter("frames_limit") + 1;
	begin_trace();
	EXPECT_EQ(try_buffer((nr_frames - 1) * PAGE + 1), -ENOMEM);
	trace = end_trace();
	EXPECT_EQ(write_text(PARAMETERS "limit_percent", "50"), 0);
	event = only_event(&trace, "noalias_alloc");
	EXPECT_NUMBER(event, "id", 0);
	EXPECT_NUMBER(event, "err", -ENOMEM);
	EXPECT_NUMBER(event, "len", nr_frames * PAGE);
	EXPECT_NUMBER(event, "low", 0);
	EXPECT_TEXT(event, "heap", heap_name());
	event = only_event(&trace, "noalias_refusal");
	EXPECT_TEXT(event, "field", "\"len\"");
	EXPECT_NUMBER(event, "value", nr_frames * PAGE);
	EXPECT_TEXT(event, "limit",
		    "\"limit_percent of memory in all buffers\"");
	EXPECT_EQ(nr_events(&trace, "noalias_convert"), 0);
}

/* kills: a conversion that fails traced as one that did not */
static void alloc_that_fails_in_conversion_is_traced(void)
{
	const struct event *event;
	struct trace trace;

	begin_trace();
	fail_call("na_port_cache_clean", 1, false, -ENOMEM);
	EXPECT_EQ(try_buffer(LEN), -ENOMEM);
	EXPECT_EQ(fail_off().failed, 1);
	trace = end_trace();
	event = only_event(&trace, "noalias_convert");
	EXPECT_NUMBER(event, "err", -ENOMEM);
	EXPECT_NUMBER(event, "nr", NR);
	EXPECT_NUMBER(only_event(&trace, "noalias_alloc"), "err", -ENOMEM);
	EXPECT_NUMBER(only_event(&trace, "noalias_purge"), "err", 0);
}

/* kills: a free traced at close(), or not at all */
static void free_is_traced(void)
{
	int fd = new_buffer(LEN), copy = dup(fd);
	struct noalias_query_buffer query = ask_buffer(fd);
	const struct event *event;
	struct trace trace;

	begin_trace();
	close(fd);
	EXPECT_EQ(end_trace().nr, 0);
	begin_trace();
	close(copy);
	trace = end_trace();
	event = only_event(&trace, "noalias_free");
	EXPECT_NUMBER(event, "id", query.id);
	EXPECT_TEXT(event, "heap", heap_name());
	EXPECT_NUMBER(event, "len", LEN);
	EXPECT_NUMBER(event, "low", query.low);
	EXPECT_TEXT(event, "type", heap_type());
	EXPECT_NUMBER(event, "owner", getpid());
	EXPECT_EQ(nr_events(&trace, "noalias_alloc"), 0);
}

static void child_frees(void *arg)
{
	const struct event *event;
	struct trace trace;

	begin_trace();
	close(*(int *)arg);
	trace = end_trace();
	event = only_event(&trace, "noalias_free");
	EXPECT_NUMBER(event, "owner", getppid());
}

/* kills: the owner taken from whoever lets go last */
static void free_names_who_allocated(void)
{
	int fd = new_buffer(LEN);
	pid_t child;

	/* The child waits for our copy to go: its own is the last. */
	child = start(child_frees, &fd);
	close(fd);
	EXPECT(passes(child));
}

/* --- conversions ---------------------------------------------------------------- */

/* kills: types swapped, wrong counts, an event for half of the conversions */
static void conversions_are_traced(void)
{
	int bed = open_bed(), fd;
	const struct event *event;
	uint64_t start_ns;
	struct trace trace;
	void *mem;

	begin_trace();
	start_ns = clock_ns();
	fd = new_buffer(LEN);
	start_ns = clock_ns() - start_ns;
	trace = end_trace();
	mem = map_buffer(fd, LEN);
	event = only_event(&trace, "noalias_convert");
	EXPECT_NUMBER(event, "pfn", peek_user(bed, mem).pfn);
	EXPECT_NUMBER(event, "nr", NR);
	EXPECT(number(event, "runs") >= 1);
	EXPECT(number(event, "runs") < NR);
	EXPECT_TEXT(event, "from", "WB");
	EXPECT_TEXT(event, "to", heap_type());
	EXPECT_NUMBER(event, "err", 0);
	expect_plausible_ns(event, start_ns);
	EXPECT(number(event, "ns") <=
	       number(only_event(&trace, "noalias_alloc"), "ns"));
	EXPECT(!munmap(mem, LEN));
	begin_trace();
	close(fd);
	trace = end_trace();
	EXPECT_NUMBER(only_event(&trace, "noalias_convert"), "pfn",
		      number(event, "pfn"));
	event = only_event(&trace, "noalias_convert");
	EXPECT_NUMBER(event, "nr", NR);
	EXPECT_TEXT(event, "from", heap_type());
	EXPECT_TEXT(event, "to", "WB");
	EXPECT_NUMBER(event, "err", 0);
}

/* kills: flushes that the counters know and the trace does not */
static void tlb_flushes_are_traced(void)
{
	uint64_t before = counter("tlb_flushes");
	struct trace trace;
	unsigned int i;

	begin_trace();
	close(new_buffer(LEN));
	trace = end_trace();
	EXPECT(counter("tlb_flushes") > before);
	EXPECT_EQ(nr_events(&trace, "noalias_tlb_flush"),
		  counter("tlb_flushes") - before);
	for (i = 0; i < nr_events(&trace, "noalias_tlb_flush"); i++) {
		EXPECT_NUMBER(find_event(&trace, "noalias_tlb_flush", i),
			      "cpus", sysconf(_SC_NPROCESSORS_ONLN));
		EXPECT(number(find_event(&trace, "noalias_tlb_flush", i),
			      "ns") > 0);
	}
}

/* kills: a purge within a conversion taken for one of its own */
static void purge_of_conversion_is_traced(void)
{
	const struct event *event, *whole;
	struct trace trace;

	begin_trace();
	new_buffer(LEN);
	trace = end_trace();
	event = only_event(&trace, "noalias_purge");
	whole = only_event(&trace, "noalias_convert");
	EXPECT_NUMBER(event, "alone", 0);
	EXPECT_NUMBER(event, "nr", NR);
	EXPECT_NUMBER(event, "pfn", number(whole, "pfn"));
	EXPECT_NUMBER(event, "runs", number(whole, "runs"));
	EXPECT_NUMBER(event, "left", 0);
	EXPECT_NUMBER(event, "err", 0);
	EXPECT(number(event, "ns") <= number(whole, "ns"));
}

/* --- calls of other modules -------------------------------------------------------- */

#define NR_PAGES 16u

struct world {
	int bed;
	int consumer;
	uint32_t pfns[NR_PAGES];
};

static struct world new_world(void)
{
	struct world world = { open_bed(), open_consumer() };

	take_pages(world.bed, PLANT_ANY, NR_PAGES, false, world.pfns);
	return world;
}

static void expect_call(const struct trace *trace, const char *name,
			unsigned int nr, int err)
{
	const struct event *event = only_event(trace, "noalias_call");

	EXPECT_TEXT(event, "name", name);
	EXPECT_NUMBER(event, "nr", nr);
	EXPECT_NUMBER(event, "err", err);
	EXPECT(number(event, "ns") > 0);
	EXPECT(!strncmp(strchr(field(event, "caller"), ' '),
			" [consumer_test] ", 17));
}

/* kills: hits counted as pool entries or as runs; an empty pool purged */
static void purge_with_stale_entries_is_traced(void)
{
	static const unsigned int stale[] = { 0, 7, NR_PAGES - 1 };
	struct world world = new_world();
	const struct event *event;
	struct trace trace;
	size_t i;

	EXPECT_EQ(call(world.consumer, CONSUMER_FLUSH_UNUSED, NULL, 0), 0);
	for (i = 0; i < ARRAY_SIZE(stale); i++)
		make_mapping(world.bed, PLANT_STALE_KMAP,
			     world.pfns[stale[i]], 1, 0);
	begin_trace();
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR_PAGES),
		  0);
	trace = end_trace();
	event = only_event(&trace, "noalias_purge");
	EXPECT_NUMBER(event, "pfn", world.pfns[0]);
	EXPECT_NUMBER(event, "nr", NR_PAGES);
	EXPECT_NUMBER(event, "hits", ARRAY_SIZE(stale));
	EXPECT_NUMBER(event, "left", 0);
	EXPECT_NUMBER(event, "alone", 1);
	EXPECT_NUMBER(event, "err", 0);
	event = only_event(&trace, "noalias_kmap_purge");
	EXPECT(number(event, "before") - number(event, "after") >=
	       (long long)ARRAY_SIZE(stale));
	EXPECT(number(event, "ns") > 0);
	EXPECT_EQ(nr_events(&trace, "noalias_tlb_flush"), 1);
	expect_call(&trace, "na_pages_purge", NR_PAGES, 0);
}

/* kills: hits where there are none; a pool purge traced and not made */
static void purge_with_nothing_stale_is_traced(void)
{
	struct world world = new_world();
	struct trace trace;

	begin_trace();
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR_PAGES),
		  0);
	trace = end_trace();
	EXPECT_NUMBER(only_event(&trace, "noalias_purge"), "hits", 0);
	EXPECT_NUMBER(only_event(&trace, "noalias_purge"), "left", 0);
	EXPECT_EQ(nr_events(&trace, "noalias_kmap_purge"), 0);
}

/* kills: what is left taken for what was there */
static void purge_with_live_entry_is_traced(void)
{
	struct world world = new_world();
	const struct event *event;
	struct trace trace;
	uint64_t va;

	va = make_mapping(world.bed, PLANT_KMAP, world.pfns[3], 1, 0);
	make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[4], 1, 0);
	begin_trace();
	EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns, NR_PAGES),
		  -EBUSY);
	trace = end_trace();
	event = only_event(&trace, "noalias_purge");
	EXPECT_NUMBER(event, "hits", 2);
	EXPECT_NUMBER(event, "left", 1);
	EXPECT_NUMBER(event, "err", -EBUSY);
	expect_call(&trace, "na_pages_purge", NR_PAGES, -EBUSY);
	unmake_mapping(world.bed, PLANT_KMAP, world.pfns[3], va);
}

static void expect_set(struct world *world, enum consumer_op op,
		       const char *name, const char *from, const char *to)
{
	const struct event *event;
	struct trace trace;

	begin_trace();
	EXPECT_EQ(call(world->consumer, op, world->pfns, NR_PAGES), 0);
	trace = end_trace();
	expect_call(&trace, name, NR_PAGES, 0);
	event = only_event(&trace, "noalias_convert");
	EXPECT_NUMBER(event, "pfn", world->pfns[0]);
	EXPECT_NUMBER(event, "nr", NR_PAGES);
	EXPECT_TEXT(event, "from", from);
	EXPECT_TEXT(event, "to", to);
	EXPECT_EQ(nr_events(&trace, "noalias_alloc"), 0);
}

/* kills: a call under another call's name; no caller */
static void set_pages_is_traced(void)
{
	struct world world = new_world();

	expect_set(&world, CONSUMER_UC, "na_set_pages_uc", "WB", "UC");
	expect_set(&world, CONSUMER_WB, "na_set_pages_wb", "UC", "WB");
	expect_set(&world, CONSUMER_WC, "na_set_pages_wc", "WB", "WC");
	expect_set(&world, CONSUMER_WB, "na_set_pages_wb", "WC", "WB");
}

/* kills: a call that is refused and leaves no trace */
static void set_pages_refused_is_traced(void)
{
	struct world world = new_world();
	const struct event *event;
	struct trace trace;

	begin_trace();
	EXPECT_EQ(call_nr(world.consumer, CONSUMER_UC, world.pfns, NR_PAGES,
			  0), -EINVAL);
	trace = end_trace();
	expect_call(&trace, "na_set_pages_uc", 0, -EINVAL);
	event = only_event(&trace, "noalias_refusal");
	EXPECT_TEXT(event, "field", "\"nr\"");
	EXPECT_NUMBER(event, "value", 0);
	EXPECT_NUMBER(event, "err", -EINVAL);
	EXPECT_EQ(nr_events(&trace, "noalias_convert"), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, 2), 0);
	begin_trace();
	EXPECT_EQ(call(world.consumer, CONSUMER_UC, world.pfns, NR_PAGES),
		  -EBUSY);
	trace = end_trace();
	EXPECT_NUMBER(only_event(&trace, "noalias_convert"), "err", -EBUSY);
	EXPECT_EQ(nr_events(&trace, "noalias_purge"), 0);
	EXPECT_EQ(call(world.consumer, CONSUMER_WB, world.pfns, 2), 0);
}

/* kills: the call that everybody knows left out */
static void kmap_flush_unused_is_traced(void)
{
	struct world world = new_world();
	const struct event *event;
	struct trace trace;
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[i], 1, 0);
	begin_trace();
	EXPECT_EQ(call(world.consumer, CONSUMER_FLUSH_UNUSED, NULL, 0), 0);
	trace = end_trace();
	event = only_event(&trace, "noalias_kmap_purge");
	EXPECT(number(event, "before") - number(event, "after") >= NR_PAGES);
	expect_call(&trace, "na_kmap_flush_unused", 0, 0);
}

/* --- refusals ---------------------------------------------------------------------- */

/* kills: a refusal without its field, value or limit */
static void refusal_is_traced(void)
{
	struct noalias_query_version query = { .flags = 0xdead };
	const struct event *event;
	struct trace trace;
	int node = open_node();

	begin_trace();
	EXPECT_EQ(ask(node, NOALIAS_IOC_QUERY_VERSION, &query), -EINVAL);
	trace = end_trace();
	EXPECT_EQ(trace.nr, 1);
	event = only_event(&trace, "noalias_refusal");
	EXPECT(strstr(event->fields, " field=\"query flags\" value=57005 limit=\"0\" err=-22"));
}

/* --- switches ---------------------------------------------------------------------- */

/* kills: an event that fires unasked, or only along with another */
static void events_are_switched_one_by_one(void)
{
	struct world world = new_world();
	struct trace trace;
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(event_names); i++) {
		make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[2], 1, 0);
		snprintf(path, sizeof(path), EVENTS "%s/enable",
			 event_names[i]);
		EXPECT_EQ(write_text(path, "1"), 0);
		clear_trace();
		close(new_buffer(LEN));
		EXPECT(try_buffer(0) < 0);
		EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns,
			       NR_PAGES), 0);
		trace = end_trace();
		EXPECT(trace.nr);
		EXPECT_EQ(nr_events(&trace, event_names[i]), trace.nr);
	}
}

/* kills: work that is traced with tracing off */
static void nothing_is_traced_when_off(void)
{
	clear_trace();
	EXPECT_EQ(write_text(EVENTS "enable", "0"), 0);
	close(new_buffer(LEN));
	EXPECT(try_buffer(0) < 0);
	EXPECT_EQ(end_trace().nr, 0);
}

/* kills: counting for the trace that counts as work */
static void tracing_changes_no_counter(void)
{
	static const char *const names[] = {
		"conversions", "returns", "refused", "purges", "kmap_hits",
		"kmap_purges", "tlb_flushes",
	};
	uint64_t off[ARRAY_SIZE(names)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		off[i] = -counter(names[i]);
	close(new_buffer(LEN));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		off[i] += counter(names[i]);
	begin_trace();
	for (i = 0; i < ARRAY_SIZE(names); i++)
		off[i] += counter(names[i]);
	close(new_buffer(LEN));
	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(counter(names[i]), off[i]);
	end_trace();
}

static const struct guest_case cases[] = {
	CASE(alloc_is_traced),
	CASE(alloc_that_fails_is_traced),
	CASE(alloc_that_fails_in_conversion_is_traced),
	CASE(free_is_traced),
	CASE(free_names_who_allocated),
	CASE(conversions_are_traced),
	CASE(tlb_flushes_are_traced),
	CASE(purge_of_conversion_is_traced),
	CASE(purge_with_stale_entries_is_traced),
	CASE(purge_with_nothing_stale_is_traced),
	CASE(purge_with_live_entry_is_traced),
	CASE(set_pages_is_traced),
	CASE(set_pages_refused_is_traced),
	CASE(kmap_flush_unused_is_traced),
	CASE(refusal_is_traced),
	CASE(events_are_switched_one_by_one),
	CASE(nothing_is_traced_when_off),
	CASE(tracing_changes_no_counter),
};
GUEST_MAIN(cases)
