// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The tracepoints of buffers and conversions, and their switches. Expects
 * plant.ko, na_fail.ko, consumer_test.ko.
 */
#define _GNU_SOURCE
#include "status_trace.h"

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

/* --- switches ---------------------------------------------------------------------- */

/* kills: an event that fires unasked, or only along with another */
static void events_are_switched_one_by_one(void)
{
	struct world world = new_world();
	bool is_high = has_high_memory(), fires;
	struct trace trace;
	char path[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(event_names); i++) {
		fires = is_high || strcmp(event_names[i], "noalias_kmap_purge");
		snprintf(path, sizeof(path), EVENTS "%s/enable",
			 event_names[i]);
		EXPECT_EQ(write_text(path, "1"), 0);
		clear_trace();
		close(new_buffer(LEN));
		EXPECT(try_buffer(0) < 0);
		/*
		 * Not before the buffer: where its frames are the first of their
		 * large page, the kernel splits that, and empties the pool.
		 */
		if (is_high)
			make_mapping(world.bed, PLANT_STALE_KMAP,
				     world.pfns[2], 1, 0);
		EXPECT_EQ(call(world.consumer, CONSUMER_PURGE, world.pfns,
			       NR_PAGES), 0);
		trace = end_trace();
		EXPECT_EQ(!!trace.nr, fires);
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
	CASE(events_are_switched_one_by_one),
	CASE(nothing_is_traced_when_off),
	CASE(tracing_changes_no_counter),
};

GUEST_MAIN(cases)
