/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * What came and what went between two audits of a watch, and how much of a CPU
 * the watch takes.
 */
#ifndef NA_CLI_WATCH_H
#define NA_CLI_WATCH_H

#include "report.h"

#define WATCH_RECENT		8u
/* Of a name each byte may take four. */
#define WATCH_LINE_MAX		(4 * REPORT_MAKER_MAX + 128)

/**
 * struct watch - a watch
 * @every_ms: interval between the begins of two audits
 * @budget: percent of one CPU that it may take; 0: any
 * @is_json: an object a line for each event
 * @is_quiet: nothing is printed
 * @is_screen: each audit clears what is on the screen, so that the last events
 *	are printed below it again
 * @complete: the last audit that was complete
 * @last: the last audit, if it was incomplete
 * @nr: audits so far
 * @nr_came: conflicts that came
 * @nr_went: conflicts that went
 * @begun_ms: when it began
 * @round_ms: when the current audit began
 * @round_cpu_us: what it had taken of the CPU then
 * @recent: of a screen: the last events, as a ring
 * @nr_recent: events that were put into it
 */
struct watch {
	uint64_t every_ms;
	uint64_t budget;
	bool is_json;
	bool is_quiet;
	bool is_screen;
	struct report complete;
	struct report last;
	uint64_t nr;
	uint64_t nr_came;
	uint64_t nr_went;
	uint64_t begun_ms;
	uint64_t round_ms;
	uint64_t round_cpu_us;
	char recent[WATCH_RECENT][WATCH_LINE_MAX];
	uint64_t nr_recent;
};

/** watch_begin_round() - an audit begins. */
void watch_begin_round(struct watch *watch);

/**
 * watch_compare() - print what came and went since the audits before
 * @watch: watch
 * @report: report as it was shown; taken over, and empty then
 *
 * Of the first audit nothing came: the report shows what there is. A conflict is
 * the same if frames, mappings and types are. What an incomplete
 * audit does not show has not gone for that.
 */
void watch_compare(struct watch *watch, struct report *report);

/**
 * watch_pause_ms() - how long to wait for the next audit
 *
 * Until the interval is over, and until the CPU time of the audit is no more than
 * the budget of the whole time. CPU time is this process's own, with what the
 * kernel does for it: of an audit by the module all of it.
 */
uint64_t watch_pause_ms(const struct watch *watch);

/** watch_end() - print a summary, unless it is quiet, and free its memory. */
void watch_end(struct watch *watch);

#endif
