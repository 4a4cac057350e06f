// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * What is known of physical memory: the module's view of all frames, the
 * audit's conflicts and, with a module that has no such view, what the kernel
 * says of memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "map.h"
#include "progress.h"

#define WORD_LEN 16

static int add(struct map_source *source, uint64_t first, uint64_t nr,
	       enum map_kind kind)
{
	struct map_run *runs = source->runs;

	if (source->nr == source->room) {
		source->room = source->room ? source->room * 2 : 256;
		runs = realloc(runs, source->room * sizeof(*runs));
		if (!runs)
			return cli_trouble("there is not enough memory for the map");
		source->runs = runs;
	}
	runs[source->nr++] = (struct map_run){ first, nr, kind };
	return CLI_CLEAN;
}

static int add_memory(struct map_source *source, uint64_t first, uint64_t nr,
		      bool is_high)
{
	if (first + nr > source->end)
		source->end = first + nr;
	return add(source, first, nr, is_high ? MAP_HIGH : MAP_LOW);
}

/* --- the module's view ------------------------------------------------------ */

static enum map_kind kind_of_held(const char *type, const char *state)
{
	if (!strcmp(state, "quarantined"))
		return MAP_QUARANTINE;
	if (!strcmp(state, "claimed"))
		return MAP_CLAIMED;
	if (!strcmp(state, "pool"))
		return MAP_POOL;
	if (!strcmp(state, "lent"))
		return MAP_LENT;
	return !strcmp(type, "WC") ? MAP_WC : MAP_UC;
}

static bool is_uncached(const char *type)
{
	return !strncmp(type, "UC", 2) || !strcmp(type, "WC");
}

/* One line; a word that is not known is a newer module's. */
static int take_line(struct map_source *source, const char *line)
{
	char word[WORD_LEN], type[WORD_LEN] = "", state[WORD_LEN] = "";
	uint64_t first, nr;

	if (sscanf(line, "%15s %" SCNu64 " %" SCNu64 " %15s %15s", word,
		   &first, &nr, type, state) < 3 ||
	    !nr || first + nr < first || first + nr > UINT64_MAX >> 12)
		return CLI_CLEAN;
	if (!strcmp(word, "ram"))
		return add_memory(source, first, nr, !strcmp(type, "high"));
	if (!strcmp(word, "held"))
		return add(source, first, nr, kind_of_held(type, state));
	if (!strcmp(word, "kmap"))
		return add(source, first, nr, MAP_KMAP);
	if (!strcmp(word, "seen") && is_uncached(type))
		return add(source, first, nr, MAP_OTHER);
	return CLI_CLEAN;
}

/* --- what others have -------------------------------------------------------- */

static void mark(unsigned char *bits, const struct map_run *run, uint64_t end)
{
	uint64_t frame;

	for (frame = run->first; frame < run->first + run->nr && frame < end;
	     frame++)
		bits[frame / 8] |= (unsigned char)(1 << frame % 8);
}

static bool is_marked(const unsigned char *bits, uint64_t frame)
{
	return bits[frame / 8] >> frame % 8 & 1;
}

/* Replaces a run by those of its frames that are marked. */
static int keep_marked(struct map_source *source, size_t idx,
		       const unsigned char *bits)
{
	struct map_run run = source->runs[idx];
	uint64_t frame, end = run.first + run.nr, first = run.first;
	int result = CLI_CLEAN;

	source->runs[idx].nr = 0;
	if (end > source->end)
		end = source->end;
	for (frame = run.first; !result && frame < end; frame++) {
		if (is_marked(bits, frame))
			continue;
		if (frame > first)
			result = add(source, first, frame - first, run.kind);
		first = frame + 1;
	}
	if (!result && end > first)
		result = add(source, first, end - first, run.kind);
	return result;
}

static void unmark(unsigned char *bits, const struct map_run *run,
		   uint64_t end)
{
	uint64_t frame;

	for (frame = run->first; frame < run->first + run->nr && frame < end;
	     frame++)
		bits[frame / 8] &= (unsigned char)~(1 << frame % 8);
}

/*
 * Frames that are seen uncached are also those that noalias holds, and those
 * of devices. What is left is memory that another driver has made uncached.
 */
static int reduce_others(struct map_source *source)
{
	unsigned char *bits = calloc(source->end / 8 + 1, 1);
	size_t i, nr = source->nr;
	int result = CLI_CLEAN;

	if (!bits)
		return cli_trouble("there is not enough memory for the map");
	for (i = 0; i < nr; i++)
		if (source->runs[i].kind >= MAP_HIGH)
			mark(bits, &source->runs[i], source->end);
	for (i = 0; i < nr; i++)
		if (source->runs[i].kind < MAP_OTHER)
			unmark(bits, &source->runs[i], source->end);
	for (i = 0; !result && i < nr; i++)
		if (source->runs[i].kind == MAP_OTHER)
			result = keep_marked(source, i, bits);
	free(bits);
	return result;
}

static int take_frames(struct map_source *source, char *text)
{
	char *line;
	int result = CLI_CLEAN;

	source->has_frames = true;
	while (!result && (line = strsep(&text, "\n")))
		result = take_line(source, line);
	return result ? result : reduce_others(source);
}

/* --- the kernel's ----------------------------------------------------------- */

/* Where high memory begins, in bytes; all ones where there is none. */
static uint64_t find_high(void)
{
	struct cli_file file;
	const char *zone, *start;
	uint64_t frame = UINT64_MAX >> 12;

	if (file_read_system("/proc/zoneinfo", &file))
		return UINT64_MAX;
	zone = strstr(file.text, "zone  HighMem");
	start = zone ? strstr(zone, "start_pfn:") : NULL;
	if (start)
		sscanf(start, "start_pfn: %" SCNu64, &frame);
	free(file.text);
	return frame * MAP_FRAME_LEN;
}

static int take_range(struct map_source *source, uint64_t start, uint64_t end,
		      uint64_t high)
{
	uint64_t first = (start + MAP_FRAME_LEN - 1) / MAP_FRAME_LEN;
	uint64_t last = end / MAP_FRAME_LEN, border = high / MAP_FRAME_LEN;
	int result = CLI_CLEAN;

	if (last <= first)
		return CLI_CLEAN;
	if (border > first)
		result = add_memory(source, first,
				    (border < last ? border : last) - first,
				    false);
	if (!result && border < last)
		result = add_memory(source, border > first ? border : first,
				    last - (border > first ? border : first),
				    true);
	return result;
}

/* Who is not root sees all addresses as 0. */
static int take_iomem(struct map_source *source, char *text)
{
	uint64_t start, end, high = find_high();
	char *line;
	int result = CLI_CLEAN, used;

	while (!result && (line = strsep(&text, "\n"))) {
		used = 0;
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " : %n", &start, &end,
			   &used) == 2 && used && end > start && *line != ' ' &&
		    !strcmp(line + used, "System RAM"))
			result = take_range(source, start, end + 1, high);
	}
	if (!result && !source->end)
		result = cli_trouble("/proc/iomem shows no memory; only root may read it: sudo noalias map");
	return result;
}

static int read_iomem(struct map_source *source)
{
	struct cli_file file;
	int err = file_read_system("/proc/iomem", &file);
	int result;

	if (err)
		return cli_trouble("/proc/iomem: %s", strerror(err));
	result = take_iomem(source, file.text);
	free(file.text);
	return result;
}

/* --- the audit's ------------------------------------------------------------- */

static int take_conflict(struct map_source *source,
			 const struct na_audit_conflict *conflict)
{
	switch (severity_of(conflict->grade, conflict->kind)) {
	case SEVERITY_ERROR:
		return add(source, conflict->run.first.nr, conflict->run.nr,
			   MAP_ALIAS);
	case SEVERITY_WARNING:
		return add(source, conflict->run.first.nr, conflict->run.nr,
			   MAP_MIXED);
	default:
		source->nr_device += conflict->run.nr;
		return CLI_CLEAN;
	}
}

static int take_audit(struct map_source *source, const struct report *report)
{
	int result = CLI_CLEAN;
	u32 i;

	source->has_audit = true;
	for (i = 0; !result && i < report->result.nr_conflicts; i++)
		result = take_conflict(source, &report->result.conflicts[i]);
	return result;
}

static int read_audit(struct map_source *source)
{
	struct cli_file file;
	struct report report;
	const char *wrong;
	int result;

	progress("noalias: reading page tables ...");
	result = file_read_debugfs("audit.json", &file);
	progress_end();
	if (result) {
		cli_warn("the map shows no conflicts");
		return CLI_CLEAN;
	}
	wrong = report_parse(&report, &file);
	free(file.text);
	result = wrong ? cli_trouble("cannot read the audit: %s", wrong) :
			 take_audit(source, &report);
	report_fini(&report);
	return result;
}

/* --- all of it ---------------------------------------------------------------- */

int map_read(struct map_source *source, bool with_audit)
{
	struct cli_file file;
	int result;

	memset(source, 0, sizeof(*source));
	/* Says what is missing when it is the module itself. */
	if (file_read_debugfs("counters", &file))
		return CLI_TROUBLE;
	free(file.text);
	if (!file_try_debugfs("frames", &file)) {
		result = take_frames(source, file.text);
		free(file.text);
	} else {
		cli_warn("this module does not tell of single frames: buffers are not drawn");
		result = read_iomem(source);
	}
	if (!result && !source->end)
		result = cli_trouble("the module's list of frames has no memory");
	if (!result && with_audit)
		result = read_audit(source);
	return result;
}

void map_source_fini(struct map_source *source)
{
	free(source->runs);
	source->runs = NULL;
	source->nr = source->room = 0;
}
