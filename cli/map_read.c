// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Sources of the map: the module's list of all frames, the audit's conflicts
 * and, for a module without that list, the kernel's files about memory.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "map.h"
#include "report.h"

/* Memory must be in order, else the file is malformed. */
static bool is_in_order(const struct map_source *source, uint64_t first)
{
	return first >= source->end;
}

static int add_memory(struct map_source *source, uint64_t first, uint64_t nr,
		      bool is_high)
{
	source->end = first + nr;
	return map_runs_add(source, first, nr, is_high ? MAP_HIGH : MAP_LOW);
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

static bool is_type(const char *type)
{
	static const char *const types[] = {
		"UC", "UC-", "WC", "WB", "WT", "WP",
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

/* A line's words; numbers have digits and nothing else. */
struct line {
	char *words[6];
	int nr_words;
	uint64_t first;
	uint64_t nr;
};

static void split(struct line *line, char *text)
{
	char *word;

	line->nr_words = 0;
	while (line->nr_words < 6 && (word = strsep(&text, " ")))
		line->words[line->nr_words++] = word;
}

static bool read_frames(const char *word, uint64_t *value)
{
	size_t len = strspn(word, "0123456789");

	if (!len || word[len] || len > 13)
		return false;
	*value = strtoull(word, NULL, 10);
	return *value <= MAP_FRAMES_MAX;
}

/* FIRST NR, and @nr_words words in all. */
static int check_run(struct line *line, const struct file_lines *lines,
		     int nr_words)
{
	if (line->nr_words != nr_words)
		return file_lines_fail(lines, "%s has %d words, must have %d",
				       line->words[0], line->nr_words, nr_words);
	if (!read_frames(line->words[1], &line->first) ||
	    !read_frames(line->words[2], &line->nr) || !line->nr ||
	    line->first + line->nr > MAP_FRAMES_MAX)
		return file_lines_fail(lines, "%s: frames %.20s, %.20s of them; allowed: 1 or more, up to frame %llu",
				       line->words[0], line->words[1],
				       line->words[2], MAP_FRAMES_MAX - 1);
	return CLI_CLEAN;
}

static int check_type(const struct line *line, const struct file_lines *lines)
{
	if (is_type(line->words[3]))
		return CLI_CLEAN;
	return file_lines_fail(lines, "%s: the memory type is '%.20s', allowed: UC, UC-, WC, WB, WT, WP",
			       line->words[0], line->words[3]);
}

static int take_ram(struct map_source *source, struct line *line,
		    const struct file_lines *lines)
{
	bool is_high;

	if (check_run(line, lines, 4))
		return CLI_TROUBLE;
	is_high = !strcmp(line->words[3], "high");
	if (!is_high && strcmp(line->words[3], "low") != 0)
		return file_lines_fail(lines, "ram is '%.20s', allowed: low, high",
				       line->words[3]);
	if (!is_in_order(source, line->first))
		return file_lines_fail(lines, "ram begins at frame %" PRIu64 ", before the end of the one before, %" PRIu64,
				       line->first, source->end);
	return add_memory(source, line->first, line->nr, is_high);
}

static int take_held(struct map_source *source, struct line *line,
		     const struct file_lines *lines)
{
	if (check_run(line, lines, 5) || check_type(line, lines))
		return CLI_TROUBLE;
	return map_runs_add(source, line->first, line->nr,
			    kind_of_held(line->words[3], line->words[4]));
}

static int take_kmap(struct map_source *source, struct line *line,
		     const struct file_lines *lines)
{
	if (check_run(line, lines, 3))
		return CLI_TROUBLE;
	return map_runs_add(source, line->first, line->nr, MAP_KMAP);
}

static int take_seen(struct map_source *source, struct line *line,
		     const struct file_lines *lines)
{
	if (check_run(line, lines, 4) || check_type(line, lines))
		return CLI_TROUBLE;
	if (!is_uncached(line->words[3]))
		return CLI_CLEAN;
	return map_runs_add(source, line->first, line->nr, MAP_OTHER);
}

/* Skip unknown words, of a newer module; a malformed line is an error. */
static int take_line(struct map_source *source, char *text,
		     const struct file_lines *lines)
{
	static const struct {
		const char *word;
		int (*take)(struct map_source *source, struct line *line,
			    const struct file_lines *lines);
	} known[] = {
		{ "ram", take_ram }, { "held", take_held },
		{ "kmap", take_kmap }, { "seen", take_seen },
	};
	struct line line;
	size_t i, len = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	if (!len || text[len] != ' ')
		return file_lines_fail(lines, "it begins with no word");
	split(&line, text);
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(line.words[0], known[i].word))
			return known[i].take(source, &line, lines);
	return CLI_CLEAN;
}

static int take_frames(struct map_source *source, struct cli_file *file)
{
	struct file_lines lines;
	const char *title;
	char *line;
	int result = file_lines_begin(&lines, file);

	source->has_frames = true;
	if (result)
		return result;
	title = file_lines_next(&lines);
	lines.nr = 1;
	if (!title || strcmp(title, "noalias_frames 1") != 0)
		return file_lines_fail(&lines, "it is not a list of frames of this version: 'noalias_frames 1' is missing");
	while (!result && (line = file_lines_next(&lines)))
		result = take_line(source, line, &lines);
	return result ? result : map_runs_reduce_others(source);
}

/* --- the kernel's ----------------------------------------------------------- */

/* First byte of high memory; all ones if there is none. */
static uint64_t find_high(void)
{
	struct cli_file file;
	const char *zone, *start;
	uint64_t frame = MAP_FRAMES_MAX;

	if (file_read_system("/proc/zoneinfo", &file))
		return UINT64_MAX;
	zone = strstr(file.text, "zone  HighMem");
	start = zone ? strstr(zone, "start_pfn:") : NULL;
	if (start)
		sscanf(start, "start_pfn: %" SCNu64, &frame);
	free(file.text);
	return frame < MAP_FRAMES_MAX ? frame * MAP_FRAME_LEN : UINT64_MAX;
}

static int take_range(struct map_source *source, uint64_t start, uint64_t end,
		      uint64_t high)
{
	uint64_t first = (start + MAP_FRAME_LEN - 1) / MAP_FRAME_LEN;
	uint64_t last = end / MAP_FRAME_LEN, border = high / MAP_FRAME_LEN;
	int result = CLI_CLEAN;

	if (last > MAP_FRAMES_MAX)
		last = MAP_FRAMES_MAX;
	if (last <= first || !is_in_order(source, first))
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

/* Without root all addresses are 0. */
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
	uint64_t first = conflict->run.first.nr, nr = conflict->run.nr;

	if (conflict->kind == NA_KIND_DEVICE) {
		source->nr_device += nr;
		return CLI_CLEAN;
	}
	if (first >= MAP_FRAMES_MAX || nr > MAP_FRAMES_MAX - first)
		return cli_trouble("a conflict at frame %" PRIu64 " is beyond all memory, limit %llu",
				   first, MAP_FRAMES_MAX - 1);
	source->has_error |= conflict->grade == NA_GRADE_ALIAS;
	return map_runs_add(source, first, nr,
			    conflict->grade == NA_GRADE_ALIAS ? MAP_ALIAS :
								MAP_MIXED);
}

static int take_audit(struct map_source *source, const struct report *report)
{
	int result = CLI_CLEAN;
	u32 i;

	source->has_audit = true;
	source->is_cut = report->result.cut;
	for (i = 0; !result && i < report->result.nr_conflicts; i++)
		result = take_conflict(source, &report->result.conflicts[i]);
	return result;
}

static int read_audit(struct map_source *source)
{
	struct report report;
	int result = report_read(&report);

	if (result && !report.is_read) {
		cli_warn("the map shows no conflicts; --no-audit draws it without asking");
		return CLI_CLEAN;
	}
	if (!result)
		result = take_audit(source, &report);
	report_fini(&report);
	if (!result && source->is_cut)
		cli_warn("the audit is incomplete: there may be conflicts that are not drawn");
	return result;
}

/* --- all of it ---------------------------------------------------------------- */

int map_read(struct map_source *source, bool with_audit)
{
	struct cli_file file;
	int result;

	memset(source, 0, sizeof(*source));
	/* Prints an error if the module is not loaded. */
	if (file_read_debugfs("counters", &file))
		return CLI_TROUBLE;
	free(file.text);
	if (!file_try_debugfs("frames", &file)) {
		result = take_frames(source, &file);
		free(file.text);
	} else {
		cli_warn("this module does not list frames: buffers are not drawn");
		result = read_iomem(source);
	}
	if (!result && !source->end)
		result = cli_trouble("the module's list of frames has no memory");
	if (!result && with_audit)
		result = read_audit(source);
	map_runs_tidy(source);
	return result;
}

void map_source_fini(struct map_source *source)
{
	free(source->runs);
	source->runs = NULL;
	source->nr = source->room = 0;
}
