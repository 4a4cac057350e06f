// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "json_out.h"
#include "report_parts.h"

/* --- time ---------------------------------------------------------------------- */

static uint64_t us_of(const struct timeval *time)
{
	return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_usec;
}

static uint64_t cpu_us(void)
{
	struct rusage usage;

	if (getrusage(RUSAGE_SELF, &usage))
		return 0;
	return us_of(&usage.ru_utime) + us_of(&usage.ru_stime);
}

void watch_begin_round(struct watch *watch)
{
	watch->round_ms = cli_now_ms();
	watch->round_cpu_us = cpu_us();
	if (!watch->nr++)
		watch->begun_ms = watch->round_ms;
}

uint64_t watch_pause_ms(const struct watch *watch)
{
	uint64_t spent = cli_now_ms() - watch->round_ms;
	uint64_t length = watch->every_ms, least;

	if (watch->budget) {
		least = (cpu_us() - watch->round_cpu_us) / 10 / watch->budget;
		length = least > length ? least : length;
	}
	return length > spent ? length - spent : 0;
}

/* --- conflicts ------------------------------------------------------------------ */

static bool is_same_party(const struct na_audit_result *a,
			  const struct na_audit_party *party,
			  const struct na_audit_result *b,
			  const struct na_audit_party *other)
{
	const struct na_audit_owner *owner = report_owner_of(a, party);
	const struct na_audit_owner *others = report_owner_of(b, other);

	return party->va_low == other->va_low &&
	       party->va_high == other->va_high &&
	       party->type == other->type && party->entry == other->entry &&
	       owner->space == others->space && owner->pid == others->pid;
}

static bool is_same(const struct na_audit_result *a,
		    const struct na_audit_conflict *conflict,
		    const struct na_audit_result *b,
		    const struct na_audit_conflict *other)
{
	u32 i;

	if (conflict->run.first.nr != other->run.first.nr ||
	    conflict->run.nr != other->run.nr ||
	    conflict->grade != other->grade || conflict->kind != other->kind ||
	    conflict->nr_parties != other->nr_parties)
		return false;
	for (i = 0; i < conflict->nr_parties; i++)
		if (!is_same_party(a, report_party_at(a, conflict, i), b,
				   report_party_at(b, other, i)))
			return false;
	return true;
}

/** struct entry - a conflict and its rule, to sort them together */
struct entry {
	struct na_audit_conflict conflict;
	const struct accept_rule *rule;
};

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	unsigned long one = a->conflict.run.first.nr;
	unsigned long other = b->conflict.run.first.nr;

	return one < other ? -1 : one > other;
}

/* By frame; groups, of which nobody asks any more, are then wrong. */
static bool sort_conflicts(struct report *report)
{
	struct na_audit_result *result = &report->result;
	u32 i, nr = result->nr_conflicts;
	struct entry *entries = calloc(nr + 1ull, sizeof(*entries));

	if (!entries)
		return false;
	for (i = 0; i < nr; i++)
		entries[i] = (struct entry){
			result->conflicts[i], report_rule(report, i),
		};
	qsort(entries, nr, sizeof(*entries), compare_entries);
	for (i = 0; i < nr; i++) {
		result->conflicts[i] = entries[i].conflict;
		if (report->accepted)
			report->accepted[i] = entries[i].rule;
	}
	free(entries);
	return true;
}

/* Conflicts of a report are by frame here, and no frame is in two. */
static bool has(const struct report *report, const struct na_audit_result *of,
		const struct na_audit_conflict *conflict)
{
	const struct na_audit_result *result = &report->result;
	u32 low = 0, high = result->nr_conflicts, middle;
	unsigned long first = conflict->run.first.nr;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (result->conflicts[middle].run.first.nr < first)
			low = middle + 1;
		else
			high = middle;
	}
	return low < result->nr_conflicts &&
	       is_same(result, &result->conflicts[low], of, conflict);
}

/* --- events --------------------------------------------------------------------- */

/**
 * struct event - what to print of a conflict
 * @word: "came" or "went"
 * @report: report that has it
 * @idx: which conflict
 */
struct event {
	const char *word;
	const struct report *report;
	u32 idx;
};

static const struct na_audit_conflict *conflict_of(const struct event *event)
{
	return &event->report->result.conflicts[event->idx];
}

static void print_json(const struct event *event, const char *maker)
{
	const struct na_audit_conflict *conflict = conflict_of(event);
	struct json_out out = { .file = stdout, .one_line = true };

	put_open(&out, NULL, '{');
	put_text(&out, "event", event->word);
	put_number(&out, "time", (uint64_t)time(NULL));
	put_text(&out, "severity",
		 severity_name(report_severity(event->report, event->idx)));
	put_text(&out, "grade", na_grade_name(conflict->grade));
	put_text(&out, "kind", na_frame_kind_name(conflict->kind));
	put_number(&out, "first_frame", conflict->run.first.nr);
	put_number(&out, "nr_frames", conflict->run.nr);
	put_text(&out, "maker", maker);
	put_end(&out, '}');
}

static void write_line(char line[WATCH_LINE_MAX], const struct event *event,
		       const char *maker)
{
	const struct na_audit_conflict *conflict = conflict_of(event);
	char name[4 * REPORT_MAKER_MAX];

	snprintf(line, WATCH_LINE_MAX, "%s:       %s %s, frame 0x%lx, %u of them: %s",
		 event->word,
		 severity_name(report_severity(event->report, event->idx)),
		 na_grade_name(conflict->grade), conflict->run.first.nr,
		 conflict->run.nr, report_plain(name, maker));
}

/* With the time, for it stays on the screen. */
static void keep_line(struct watch *watch, const char *line)
{
	char *to = watch->recent[watch->nr_recent++ % WATCH_RECENT];
	time_t now = time(NULL);
	struct tm local;
	size_t len;

	localtime_r(&now, &local);
	len = strftime(to, WATCH_LINE_MAX, "%H:%M:%S  ", &local);
	snprintf(to + len, WATCH_LINE_MAX - len, "%.*s",
		 (int)(WATCH_LINE_MAX - 1 - len), line);
}

static void print_event(struct watch *watch, const struct event *event)
{
	char maker[REPORT_MAKER_MAX], line[WATCH_LINE_MAX];

	report_maker(&event->report->result, conflict_of(event), maker);
	if (watch->is_json) {
		print_json(event, maker);
		return;
	}
	write_line(line, event, maker);
	if (watch->is_screen)
		keep_line(watch, line);
	else
		puts(line);
}

static void print_recent(const struct watch *watch)
{
	uint64_t nr = watch->nr_recent, i;

	if (nr)
		putchar('\n');
	for (i = nr > WATCH_RECENT ? nr - WATCH_RECENT : 0; i < nr; i++)
		puts(watch->recent[i % WATCH_RECENT]);
}

/* Conflicts of @from that neither @one nor @other has; returns how many. */
static u32 print_missing(struct watch *watch, const char *word,
			 const struct report *from, const struct report *one,
			 const struct report *other)
{
	struct event event = { .word = word, .report = from };
	const struct na_audit_result *result = &from->result;
	u32 nr = 0;

	for (; event.idx < result->nr_conflicts; event.idx++) {
		if (has(one, result, conflict_of(&event)) ||
		    has(other, result, conflict_of(&event)))
			continue;
		nr++;
		if (!watch->is_quiet)
			print_event(watch, &event);
	}
	return nr;
}

/* The last report becomes another; the old one is freed. */
static void replace(struct report *last, struct report *report)
{
	report_fini(last);
	*last = *report;
	memset(report, 0, sizeof(*report));
}

/* Not of the first, which has nothing before it. */
static void compare(struct watch *watch, struct report *report)
{
	struct report none = { 0 };

	watch->nr_came += print_missing(watch, "came", report, &watch->complete,
					&watch->last);
	if (report->result.cut) {
		replace(&watch->last, report);
		return;
	}
	watch->nr_went += print_missing(watch, "went", &watch->complete, report,
					report);
	watch->nr_went += print_missing(watch, "went", &watch->last, report,
					&watch->complete);
	replace(&watch->complete, report);
	replace(&watch->last, &none);
}

void watch_compare(struct watch *watch, struct report *report)
{
	if (!sort_conflicts(report)) {
		cli_warn("there is not enough memory to tell what came and went");
		return;
	}
	if (watch->nr == 1)
		replace(report->result.cut ? &watch->last : &watch->complete,
			report);
	else
		compare(watch, report);
	print_recent(watch);
}

void watch_end(struct watch *watch)
{
	struct json_out out = { .file = stdout, .one_line = true };
	uint64_t ms = cli_now_ms() - watch->begun_ms;

	report_fini(&watch->complete);
	report_fini(&watch->last);
	if (watch->is_quiet)
		return;
	if (!watch->is_json) {
		printf("\nwatched:    %llu audits in %llu ms, %llu ms of a CPU; %llu came, %llu went\n",
		       (unsigned long long)watch->nr, (unsigned long long)ms,
		       (unsigned long long)cpu_us() / 1000,
		       (unsigned long long)watch->nr_came,
		       (unsigned long long)watch->nr_went);
		return;
	}
	put_open(&out, NULL, '{');
	put_text(&out, "event", "end");
	put_number(&out, "audits", watch->nr);
	put_number(&out, "ms", ms);
	put_number(&out, "cpu_ms", cpu_us() / 1000);
	put_number(&out, "came", watch->nr_came);
	put_number(&out, "went", watch->nr_went);
	put_end(&out, '}');
}
