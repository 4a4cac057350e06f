// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Timeline as text. One column for each CPU and one for the device; whims of
 * the hardware begin with "~", calls of the scenario with ">". The state of the
 * frame in focus is printed when it changes.
 */
#include "timeline.h"

#define COL_WIDTH 36

#define ANSI_WHIM "\033[36m"
#define ANSI_FAIL "\033[1;31m"
#define ANSI_DIM "\033[2m"
#define ANSI_END "\033[0m"

static const char *const state_names[] = {
	"SYSTEM", "CLAIMED", "BUFFER", "LENT", "QUARANTINED",
};

static int describe_words(char *buf, size_t len, const u8 *word, u8 mask)
{
	size_t at = 0;
	u32 i;

	for (i = 0; i < SIM_WORDS; i++)
		at += (size_t)(mask >> i & 1 ?
			       snprintf(buf + at, len - at, " %u", word[i]) :
			       snprintf(buf + at, len - at, " -"));
	return (int)at;
}

const char *sim_view_describe(const struct sim_view *v, u32 nr_cpus)
{
	static char buf[192];
	size_t at;
	u32 cpu;

	at = (size_t)snprintf(buf, sizeof(buf), "%s %s, memory",
			      state_names[v->state],
			      na_memtype_name((enum na_memtype)v->type));
	at += (size_t)describe_words(buf + at, sizeof(buf) - at, v->mem, 0xff);
	for (cpu = 0; cpu < nr_cpus && at + 40 < sizeof(buf); cpu++) {
		if (v->line[cpu]) {
			at += (size_t)snprintf(buf + at, sizeof(buf) - at,
				", CPU %u %s line", cpu,
				v->line[cpu] == 2 ? "dirty" : "clean");
			at += (size_t)describe_words(buf + at,
				sizeof(buf) - at, v->line_word[cpu], 0xff);
		}
		if (v->wc_mask[cpu]) {
			at += (size_t)snprintf(buf + at, sizeof(buf) - at,
				", CPU %u WC", cpu);
			at += (size_t)describe_words(buf + at,
				sizeof(buf) - at, v->wc_word[cpu],
				v->wc_mask[cpu]);
		}
	}
	return buf;
}

static void print_head(FILE *out, u32 focus)
{
	u32 cpu;

	fprintf(out, "%6s ", "step");
	for (cpu = 0; cpu < sim_timeline.nr_cpus; cpu++)
		fprintf(out, "CPU %-*u", COL_WIDTH - 4, cpu);
	fprintf(out, "device\n%6s frame %u is %s memory; "
		"~ is what hardware does by itself\n", "", focus,
		focus < sim_timeline.nr_low ? "low" : "high");
}

static const char *mark(enum sim_event_kind kind)
{
	static const char *const marks[] = { "> ", "", "~ ", "" };

	return marks[kind];
}

/* Breaks the text into lines of its column. */
static void print_event(FILE *out, const struct sim_event *ev, bool color)
{
	const char *begin = "", *end = color ? ANSI_END : "";
	int indent = (int)ev->col * COL_WIDTH, width = COL_WIDTH - 2, len;
	char line[128];
	const char *at = line;
	bool first = true;

	if (color)
		begin = ev->kind == SIM_EV_WHIM ? ANSI_WHIM :
			ev->kind == SIM_EV_FAIL ? ANSI_FAIL : "";
	snprintf(line, sizeof(line), "%s%s", mark(ev->kind), ev->text);
	while (*at) {
		len = (int)strlen(at);
		if (len > width) {
			for (len = width; len && at[len] != ' ';)
				len--;
			len = len ? len : width;
		}
		if (first)
			fprintf(out, "%6llu ", ev->step);
		else
			fprintf(out, "%6s ", "");
		fprintf(out, "%*s%s%.*s%s\n", indent, "", begin, len, at, end);
		at += len;
		while (*at == ' ')
			at++;
		first = false;
	}
}

void sim_timeline_print(FILE *out, u32 focus, bool all, bool color)
{
	const struct sim_event *ev = sim_timeline.event;
	struct sim_view shown = { 0 };
	u32 i;

	print_head(out, focus);
	for (i = 0; i < sim_timeline.nr; i++, ev++) {
		if (ev->kind == SIM_EV_FAIL) {
			fprintf(out, "%s>>>>>>%s\n", color ? ANSI_FAIL : "",
				color ? ANSI_END : "");
		} else if (!all && !sim_timeline_keeps(ev, focus)) {
			continue;
		}
		print_event(out, ev, color);
		if (!i || memcmp(&shown, &ev->view[focus], sizeof(shown))) {
			shown = ev->view[focus];
			fprintf(out, "%6s %s[frame %u: %s]%s\n", "",
				color ? ANSI_DIM : "", focus,
				sim_view_describe(&shown,
						  sim_timeline.nr_cpus),
				color ? ANSI_END : "");
		}
	}
}
