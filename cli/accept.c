// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "accept.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "file.h"
#include "report.h"

#define NR_COLUMNS 4

/* --- a line -------------------------------------------------------------------- */

/* Cuts at @mark, and takes the blanks off; NULL: there is none. */
static char *cut(char **rest, char mark)
{
	char *word = *rest, *end;

	if (!word)
		return NULL;
	end = strchr(word, mark);
	*rest = end ? end + 1 : NULL;
	if (!end)
		end = word + strlen(word);
	while (end > word && isspace((unsigned char)end[-1]))
		end--;
	*end = 0;
	while (isspace((unsigned char)*word))
		word++;
	return word;
}

static u32 find_word(const char *(*name)(u32), u32 nr, const char *word)
{
	u32 i;

	for (i = 0; i < nr && strcmp(name(i), word) != 0; i++)
		;
	return i;
}

/* "direct WB, vmalloc WC" */
static int take_mappings(const struct file_lines *lines, char *text,
			 struct accept_rule *rule)
{
	u32 space, type;
	char *each, *word;

	while ((each = cut(&text, ','))) {
		word = cut(&each, ' ');
		space = find_word(na_space_name, NR_NA_SPACES, word);
		if (space == NR_NA_SPACES || space == NA_SPACE_LEDGER)
			return file_lines_fail(lines, "'%s' is not a kind of mapping: direct, kmap, fixmap, vmalloc, kernel, process",
					       word);
		word = cut(&each, 0);
		type = find_word(na_audit_type_name, NR_NA_AUDIT_TYPES,
				 word ? word : "");
		if (type == NR_NA_AUDIT_TYPES || type == NA_AUDIT_UC_MINUS)
			return file_lines_fail(lines, "'%s' is not a type: WB, WT, WP, WC, UC",
					       word ? word : "");
		rule->mappings[space] |= (u8)(1u << type);
	}
	return CLI_CLEAN;
}

static bool is_day(const char *text)
{
	struct tm day = { 0 };
	char again[11];
	int end = 0;

	if (strlen(text) != 10 ||
	    sscanf(text, "%4d-%2d-%2d%n", &day.tm_year, &day.tm_mon,
		   &day.tm_mday, &end) != 3 || end != 10)
		return false;
	day.tm_year -= 1900;
	day.tm_mon--;
	/* There is no 31st of February: that would be a day of March. */
	return timegm(&day) != -1 &&
	       strftime(again, sizeof(again), "%Y-%m-%d", &day) == 10 &&
	       !strcmp(again, text);
}

static bool is_past(const char *until)
{
	time_t now = time(NULL);
	char today[11];
	struct tm day;

	return gmtime_r(&now, &day) &&
	       strftime(today, sizeof(today), "%Y-%m-%d", &day) == 10 &&
	       strcmp(until, today) < 0;
}

static int take_line(const struct file_lines *lines, char *line,
		     struct accept_rule *rule)
{
	char *columns[NR_COLUMNS];
	u32 i;

	memset(rule, 0, sizeof(*rule));
	for (i = 0; i < NR_COLUMNS; i++) {
		columns[i] = cut(&line, i < NR_COLUMNS - 1 ? '|' : 0);
		if (!columns[i] || !*columns[i])
			return file_lines_fail(lines, "a line has a maker, mappings, a day and a reason, separated by '|'");
	}
	if (strlen(columns[0]) >= sizeof(rule->maker))
		return file_lines_fail(lines, "the maker is longer than %zu characters",
				       sizeof(rule->maker) - 1);
	if (!is_day(columns[2]))
		return file_lines_fail(lines, "'%s' is not a day like 2027-06-30",
				       columns[2]);
	if (strlen(columns[3]) >= sizeof(rule->reason))
		return file_lines_fail(lines, "the reason is longer than %zu characters",
				       sizeof(rule->reason) - 1);
	strcpy(rule->maker, columns[0]);
	strcpy(rule->until, columns[2]);
	strcpy(rule->reason, columns[3]);
	return take_mappings(lines, columns[1], rule);
}

/* --- the file ------------------------------------------------------------------ */

static int take_lines(struct file_lines *lines, struct accept *accept)
{
	struct accept_rule *rule;
	char *line;

	while ((line = file_lines_next(lines))) {
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		if (accept->nr == ACCEPT_RULES_MAX)
			return file_lines_fail(lines, "more than %u lines",
					       ACCEPT_RULES_MAX);
		rule = &accept->rules[accept->nr];
		if (take_line(lines, line, rule))
			return CLI_TROUBLE;
		if (is_past(rule->until))
			cli_warn("%s, line %lu: was accepted until %s, and is an error again: %s",
				 lines->file->name, lines->nr, rule->until,
				 rule->reason);
		else
			accept->nr++;
	}
	return CLI_CLEAN;
}

int accept_read(const char *path, struct accept *accept)
{
	struct file_lines lines;
	struct cli_file file;
	int err = file_read(path, &file), result;

	memset(accept, 0, sizeof(*accept));
	if (err)
		return cli_trouble("%s: %s", path, file_error(err));
	accept->rules = calloc(ACCEPT_RULES_MAX, sizeof(*accept->rules));
	result = accept->rules ? file_lines_begin(&lines, &file) :
				 cli_trouble("%s: %s", path, strerror(ENOMEM));
	if (!result)
		result = take_lines(&lines, accept);
	if (result)
		accept_free(accept);
	free(file.text);
	return result;
}

void accept_free(struct accept *accept)
{
	free(accept->rules);
	memset(accept, 0, sizeof(*accept));
}

/* --- a conflict ------------------------------------------------------------------ */

/* '*' stands for any characters, everything else for itself. */
static bool fits(const char *pattern, const char *text)
{
	const char *star = NULL, *from = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			from = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool allows(const struct accept_rule *rule,
		   const struct na_audit_result *result,
		   const struct na_audit_conflict *conflict)
{
	const struct na_audit_party *party;
	u32 i;

	for (i = 0; i < conflict->nr_parties; i++) {
		party = &result->parties[conflict->first_party + i];
		if (!(rule->mappings[result->owners[party->owner].space] &
		      1u << party->type))
			return false;
	}
	return true;
}

const struct accept_rule *accept_find(const struct accept *accept,
				      const struct na_audit_result *result,
				      const struct na_audit_conflict *conflict)
{
	char maker[REPORT_MAKER_MAX];
	u32 i;

	if (!accept->nr || conflict->kind == NA_KIND_OURS ||
	    conflict->nr_more)
		return NULL;
	report_maker(result, conflict, maker);
	for (i = 0; i < accept->nr; i++)
		if (fits(accept->rules[i].maker, maker) &&
		    allows(&accept->rules[i], result, conflict))
			return &accept->rules[i];
	return NULL;
}

int report_accept(struct report *report, const struct accept *accept)
{
	const struct na_audit_conflict *conflict = report->result.conflicts;
	u32 i, nr = report->result.nr_conflicts;

	/* One more, because calloc() of 0 members may return NULL. */
	report->accepted = calloc(nr + 1ull, sizeof(*report->accepted));
	if (!report->accepted)
		return cli_trouble("there is not enough memory for %u conflicts",
				   nr);
	for (i = 0; i < nr; i++, conflict++) {
		report->accepted[i] = accept_find(accept, &report->result,
						  conflict);
		if (report->accepted[i])
			report->nr_accepted[conflict->grade][conflict->kind] +=
				conflict->run.nr;
	}
	return CLI_CLEAN;
}
