// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The log of a scenario: text, and the names that the scenario gave.
 */
#include "interp.h"

bool scn_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* A log that is too long is cut, and differs for that reason. */
void scn_put(struct scn *scn, const char *text)
{
	while (*text && scn->log_len < SCN_LOG_MAX - 1)
		scn->log[scn->log_len++] = *text++;
	scn->log[scn->log_len] = 0;
}

void scn_put_number(struct scn *scn, u32 number)
{
	char digits[12];
	u32 at = sizeof(digits) - 1;

	digits[at] = 0;
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	scn_put(scn, digits + at);
}

/* Group of the frame and its index there; NULL: the text never had it. */
static const struct scn_group *find_frame(const struct scn *scn,
					  struct na_frame frame, u32 *idx)
{
	u32 i, j;

	for (i = 0; i < SCN_GROUPS_MAX; i++) {
		for (j = 0; j < scn->groups[i].nr; j++) {
			if (scn->groups[i].frames[j].nr != frame.nr)
				continue;
			*idx = j;
			return &scn->groups[i];
		}
	}
	return NULL;
}

void scn_put_run(struct scn *scn, struct na_run run)
{
	const struct scn_group *group;
	u32 idx;

	group = find_frame(scn, run.first, &idx);
	if (!group) {
		scn_put(scn, "a stranger");
		return;
	}
	scn_put(scn, group->name);
	scn_put(scn, ".");
	scn_put_number(scn, idx);
	if (run.nr == 1)
		return;
	scn_put(scn, "-");
	scn_put_number(scn, idx + run.nr - 1);
}

void scn_put_runs(struct scn *scn, const struct na_run *runs, u32 nr_runs)
{
	u32 i;

	for (i = 0; i < nr_runs; i++) {
		scn_put(scn, " ");
		scn_put_run(scn, runs[i]);
	}
}

static const struct scn_set *find_range(const struct scn *scn,
					const struct na_port_range *range,
					bool *is_local)
{
	u32 i, j;

	for (i = 0; i < SCN_SETS_MAX; i++) {
		for (j = 0; j < scn->sets[i].nr_ranges; j++) {
			if (scn->sets[i].ranges[j] != range)
				continue;
			*is_local = j;
			return &scn->sets[i];
		}
	}
	return NULL;
}

void scn_put_range(struct scn *scn, const struct na_port_range *range)
{
	const struct scn_set *set;
	bool is_local;

	set = find_range(scn, range, &is_local);
	scn_put(scn, set ? set->name : "a stranger");
	if (set && is_local)
		scn_put(scn, ".local");
}

void scn_put_slot(struct scn *scn, const struct na_port_range *range, u32 idx)
{
	const struct scn_set *set;
	bool is_local;

	scn_put_range(scn, range);
	set = find_range(scn, range, &is_local);
	/* Each CPU has its own, in a row. */
	if (set && is_local)
		idx %= set->local_depth;
	scn_put(scn, "[");
	scn_put_number(scn, idx);
	scn_put(scn, "]");
}
