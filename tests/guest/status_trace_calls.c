// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The tracepoints of what other modules call, and of what is refused. Expects
 * plant.ko, na_fail.ko, consumer_test.ko.
 */
#define _GNU_SOURCE
#include "status_trace.h"

/* --- calls of other modules -------------------------------------------------------- */

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

/* kills: hits where there are none, or of pages of others; a pool purge traced and not made */
static void purge_with_nothing_stale_is_traced(void)
{
	struct world world = new_world();
	struct trace trace;

	/* Somebody else's page, so that the pool is not empty. */
	if (has_high_memory())
		make_mapping(world.bed, PLANT_STALE_KMAP,
			     take_page(world.bed, PLANT_HIGH), 1, 0);
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
	bool is_high = has_high_memory();
	const struct event *event;
	struct trace trace;
	unsigned int i;

	for (i = 0; is_high && i < NR_PAGES; i++)
		make_mapping(world.bed, PLANT_STALE_KMAP, world.pfns[i], 1, 0);
	begin_trace();
	EXPECT_EQ(call(world.consumer, CONSUMER_FLUSH_UNUSED, NULL, 0), 0);
	trace = end_trace();
	event = only_event(&trace, "noalias_kmap_purge");
	EXPECT(number(event, "before") - number(event, "after") >=
	       (is_high ? NR_PAGES : 0));
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

static const struct guest_case cases[] = {
	CASE(purge_with_stale_entries_is_traced),
	CASE(purge_with_nothing_stale_is_traced),
	CASE(purge_with_live_entry_is_traced),
	CASE(set_pages_is_traced),
	CASE(set_pages_refused_is_traced),
	CASE(kmap_flush_unused_is_traced),
	CASE(refusal_is_traced),
};

GUEST_MAIN(cases)
