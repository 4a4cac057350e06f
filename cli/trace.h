/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * noalias trace: parsing and printing lines of tracefs.
 */
#ifndef NA_CLI_TRACE_H
#define NA_CLI_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#define TRACE_FIELDS_MAX 32

/** struct trace_field - a member of an event; both strings are within the line. */
struct trace_field {
	const char *key;
	const char *value;
};

/**
 * struct trace_event - a line
 * @comm: name of the task, any bytes
 * @name: without "noalias_"
 * @lost: number of events lost here; then all else is empty
 */
struct trace_event {
	const char *comm;
	int pid;
	unsigned int cpu;
	double seconds;
	const char *name;
	struct trace_field fields[TRACE_FIELDS_MAX];
	unsigned int nr_fields;
	uint64_t lost;
};

/** trace_is_ours() - does the line look like an event of noalias? */
bool trace_is_ours(const char *line);

/**
 * trace_parse() - parse a line
 * @event: receives it
 * @line: line without its newline; modified
 *
 * Return: is it an event of noalias, or a line with the number of lost events?
 */
bool trace_parse(struct trace_event *event, char *line);

/** trace_field() - value of a field, or "". */
const char *trace_field(const struct trace_event *event, const char *key);

/** trace_print_text() - print a line of text; times are relative to @start. */
void trace_print_text(const struct trace_event *event, double start);

/** trace_print_json() - print an object on a line. */
void trace_print_json(const struct trace_event *event);

/**
 * struct trace_session - a private tracefs instance
 * @fd: descriptor of its trace_pipe
 * @dir: its directory; "" if there is none
 */
struct trace_session {
	int fd;
	char dir[512];
};

/**
 * trace_begin() - create the instance and enable events
 * @session: receives it
 * @events: names without "noalias_", separated by commas; NULL: all
 * @pid: only events of this task; 0: all
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after a message, with nothing left.
 */
int trace_begin(struct trace_session *session, const char *events, int pid);

/** trace_stop() - stop tracing; recorded events can still be read. */
void trace_stop(struct trace_session *session);

/** trace_end() - remove the instance. */
void trace_end(struct trace_session *session);

#endif
