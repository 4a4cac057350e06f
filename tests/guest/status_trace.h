/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The tracepoints: each fires once for what it stands for, with figures that
 * another witness has too.
 */
#ifndef STATUS_TRACE_H
#define STATUS_TRACE_H

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

ROOM const char *const event_names[] = {
	"noalias_alloc", "noalias_free", "noalias_convert", "noalias_purge",
	"noalias_kmap_purge", "noalias_tlb_flush", "noalias_call",
	"noalias_refusal",
};

ROOM void clear_trace(void)
{
	int fd = open(TRACING "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	EXPECT(fd >= 0);
	close(fd);
}

ROOM void begin_trace(void)
{
	EXPECT_EQ(write_text(EVENTS "enable", "1"), 0);
	clear_trace();
}

/* "  COMM-PID  [CPU] FLAGS  TIME: NAME: FIELDS"; false: not ours. */
ROOM bool read_event(const char *line, struct event *event)
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

ROOM struct trace end_trace(void)
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

ROOM unsigned int nr_events(const struct trace *trace, const char *name)
{
	unsigned int i, nr = 0;

	for (i = 0; i < trace->nr; i++)
		nr += !strcmp(trace->events[i].name, name);
	return nr;
}

ROOM const struct event *find_event(const struct trace *trace,
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

ROOM void show(const struct trace *trace)
{
	unsigned int i;

	for (i = 0; i < trace->nr; i++)
		say("%s:%s", trace->events[i].name, trace->events[i].fields);
}

/* The only one of its name. */
ROOM const struct event *only_event(const struct trace *trace,
				    const char *name)
{
	if (nr_events(trace, name) != 1)
		show(trace);
	EXPECT_EQ(nr_events(trace, name), 1);
	return find_event(trace, name, 0);
}

ROOM const char *field(const struct event *event, const char *key)
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

ROOM long long number(const struct event *event, const char *key)
{
	return strtoll(field(event, key), NULL, 0);
}

ROOM bool is_text(const struct event *event, const char *key,
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

ROOM uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

ROOM void expect_plausible_ns(const struct event *event, uint64_t whole_ns)
{
	EXPECT(number(event, "ns") > 0);
	EXPECT((uint64_t)number(event, "ns") <= whole_ns);
}

#define NR_PAGES 16u

struct world {
	int bed;
	int consumer;
	uint32_t pfns[NR_PAGES];
};

ROOM struct world new_world(void)
{
	struct world world = { open_bed(), open_consumer() };

	take_pages(world.bed, PLANT_ANY, NR_PAGES, false, world.pfns);
	return world;
}

#endif
