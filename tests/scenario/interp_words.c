// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The interpreter's words: names of errors and types, numbers, and names
 * defined by the text.
 */
#include "interp_parts.h"

static const struct {
	int err;
	const char *name;
} errors[] = {
	{ 0, "0" }, { -EAGAIN, "EAGAIN" }, { -EBUSY, "EBUSY" },
	{ -EFAULT, "EFAULT" }, { -EINTR, "EINTR" }, { -EINVAL, "EINVAL" },
	{ -ENOMEM, "ENOMEM" }, { -ENOSPC, "ENOSPC" },
	{ -EOPNOTSUPP, "EOPNOTSUPP" }, { -EOVERFLOW, "EOVERFLOW" },
	{ -ERANGE, "ERANGE" }, { -ETIMEDOUT, "ETIMEDOUT" },
	{ -EUCLEAN, "EUCLEAN" }, { NONSENSE, "nonsense" },
};

const char *scn_error_name(int err)
{
	u32 i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].err == err)
			return errors[i].name;
	return "an error without a name";
}

/* "" when there are not so many. */
const char *scn_word(const struct scn *scn, u32 idx)
{
	return idx < scn->nr_words ? scn->words[idx] : "";
}

void scn_copy_word(char *to, const char *from)
{
	u32 i;

	for (i = 0; from[i] && i < SCN_NAME_MAX - 1; i++)
		to[i] = from[i];
	to[i] = 0;
}

static const char *parse_number(const char *text, u32 *number)
{
	const char *start = text;

	for (*number = 0; *text >= '0' && *text <= '9'; text++)
		*number = *number * 10 + (u32)(*text - '0');
	return text == start ? NULL : text;
}

bool scn_is_number(const char *text, u32 *number)
{
	text = parse_number(text, number);
	return text && !*text;
}

bool scn_is_type(const char *text, enum na_memtype *type)
{
	u32 i;

	for (i = 0; i < NR_NA_MEMTYPES; i++) {
		*type = (enum na_memtype)i;
		if (scn_same(text, na_memtype_name(*type)))
			return true;
	}
	return false;
}

bool scn_fail_text(struct scn *scn, const char *why, const char *what)
{
	scn_put(scn, "FAILED: ");
	scn_put(scn, why);
	scn_put(scn, what);
	scn_put(scn, "\n");
	return false;
}

struct scn_group *scn_find_group(struct scn *scn, const char *name, u32 len)
{
	u32 i, j;

	for (i = 0; i < SCN_GROUPS_MAX; i++) {
		for (j = 0; j < len && scn->groups[i].name[j] == name[j]; j++)
			;
		if (scn->groups[i].nr && j == len &&
		    !scn->groups[i].name[len])
			return &scn->groups[i];
	}
	return NULL;
}

static bool push_run(struct scn *scn, struct na_run run)
{
	if (scn->nr_runs == SCN_RUNS_MAX)
		return false;
	scn->runs[scn->nr_runs++] = run;
	return true;
}

/* "a", "a.1" or "a.1-3", onto scn->runs. */
static bool push_frames(struct scn *scn, const char *text)
{
	struct scn_group *group;
	u32 len = 0, low = 0, high;

	while (text[len] && text[len] != '.')
		len++;
	group = scn_find_group(scn, text, len);
	if (!group)
		return false;
	high = group->nr - 1;
	if (text[len]) {
		text = parse_number(text + len + 1, &low);
		high = low;
		if (text && *text == '-')
			text = parse_number(text + 1, &high);
		if (!text || *text || high < low || high >= group->nr)
			return false;
	}
	if (group->is_block)
		return push_run(scn, na_run(group->frames[low],
					    high - low + 1));
	for (; low <= high; low++)
		if (!push_run(scn, na_run(group->frames[low], 1)))
			return false;
	return true;
}

/* Words @from up to but not @to. */
bool scn_collect_runs(struct scn *scn, u32 from, u32 to)
{
	scn->nr_runs = 0;
	for (; from < to; from++)
		if (!push_frames(scn, scn_word(scn, from)))
			return false;
	return scn->nr_runs;
}

bool scn_one_frame(struct scn *scn, u32 idx, struct na_frame *frame)
{
	if (!scn_collect_runs(scn, idx, idx + 1) || scn->nr_runs != 1 ||
	    scn->runs[0].nr != 1)
		return false;
	*frame = scn->runs[0].first;
	return true;
}

struct scn_set *scn_find_set(struct scn *scn, u32 idx)
{
	u32 i;

	for (i = 0; i < SCN_SETS_MAX; i++)
		if (scn->sets[i].set &&
		    scn_same(scn->sets[i].name, scn_word(scn, idx)))
			return &scn->sets[i];
	return NULL;
}

struct scn_hold *scn_find_hold(struct scn *scn, int kind,
			       const struct scn_set *set,
			       struct na_frame frame)
{
	struct scn_hold *hold;

	for (hold = scn->holds; hold < scn->holds + SCN_HOLDS_MAX; hold++)
		if ((int)hold->kind == kind &&
		    (kind == SCN_HOLD_FREE || (hold->set == set &&
					       hold->frame.nr == frame.nr)))
			return hold;
	return NULL;
}

/* A row that shows the frame. */
struct scn_hold *scn_find_row(struct scn *scn, const struct scn_set *set,
			      struct na_frame frame)
{
	struct scn_hold *hold;

	for (hold = scn->holds; hold < scn->holds + SCN_HOLDS_MAX; hold++)
		if (hold->kind == SCN_HOLD_RUN && hold->set == set &&
		    frame.nr - hold->frame.nr < hold->nr)
			return hold;
	return NULL;
}

bool scn_one_run(struct scn *scn, u32 idx, struct na_run *run)
{
	if (!scn_collect_runs(scn, idx, idx + 1) || scn->nr_runs != 1)
		return false;
	*run = scn->runs[0];
	return true;
}
