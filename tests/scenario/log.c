// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The log of a scenario: text, the scenario's names, and a line for each
 * effect, in the order of the engine's requests, written before the effect.
 * Everything that may differ between machines is left out: numbers of frames
 * and CPUs, addresses, how many CPUs were interrupted, times.
 */
#include <noalias/effect.h>

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

/* --- effects ---------------------------------------------------------------- */

/* The request of the text that this kind fails, taken; NULL: it had none. */
static const struct scn_fail *take_fail(enum na_effect_kind kind)
{
	static struct scn_fail taken;
	struct scn_fail *fail = scn_now->fails;
	u32 i;

	for (i = 0; i < SCN_FAILS_MAX; i++) {
		if (!scn_same(fail[i].call, na_effect_name(kind)))
			continue;
		taken = fail[i];
		for (; i + 1 < SCN_FAILS_MAX; i++)
			fail[i] = fail[i + 1];
		fail[i].call[0] = 0;
		return &taken;
	}
	return NULL;
}

static void put_type(enum na_memtype type)
{
	scn_put(scn_now, " ");
	scn_put(scn_now, na_memtype_name(type));
}

static void put_slots(const struct na_effect_slots *slots)
{
	u32 i;

	for (i = 0; slots && i < slots->nr; i++) {
		scn_put(scn_now, " ");
		scn_put_slot(scn_now, slots->range, slots->idxs[i]);
	}
}

/* How many local slots there are is a matter of CPUs. */
static void put_opening(const struct na_effect *effect)
{
	const struct scn_set *set = scn_now->opening;

	scn_put(scn_now, " ");
	scn_put(scn_now, set->name);
	if (set->nr_ranges) {
		scn_put(scn_now, ".local");
		return;
	}
	scn_put(scn_now, " ");
	scn_put_number(scn_now, effect->nr);
}

static void put_reach(const struct na_effect_slots *slots)
{
	struct na_cpus reach = na_port_range_cpus(slots->range);

	scn_put(scn_now, reach.bits & ~slots->cpus.bits ? " on some CPUs" :
							  " on all CPUs");
}

/* What it is done to. */
static void put_objects(const struct na_effect *effect)
{
	switch (effect->kind) {
	case NA_EFFECT_FRAMES_LOST:
		scn_put(scn_now, " ");
		scn_put_number(scn_now, effect->nr);
		break;
	case NA_EFFECT_RANGE_OPEN:
		put_opening(effect);
		break;
	case NA_EFFECT_RANGE_CLOSE:
		scn_put(scn_now, " ");
		scn_put_range(scn_now, effect->slots->range);
		break;
	default:
		put_slots(effect->slots);
		scn_put_runs(scn_now, effect->runs, effect->nr_runs);
		if (effect->nr_runs)
			put_type(effect->type);
		break;
	}
	if (effect->kind == NA_EFFECT_WINDOW_SHOOTDOWN)
		put_reach(effect->slots);
}

/* A failure that is late does its work and says that it failed. */
static void put_begun(struct na_effect *effect)
{
	const struct scn_fail *fail = take_fail(effect->kind);

	scn_put(scn_now, "  ");
	scn_put(scn_now, na_effect_name(effect->kind));
	put_objects(effect);
	scn_put(scn_now, fail ? ", which fails\n" : "\n");
	effect->note = fail && fail->is_late;
	if (fail && !fail->is_late)
		effect->err = -ENOMEM;
}

static void look_at_end(struct na_effect *effect)
{
	struct scn_set *set = scn_now->opening;

	if (effect->note)
		effect->err = -ENOMEM;
	if (effect->kind == NA_EFFECT_RANGE_OPEN && !effect->err)
		set->ranges[set->nr_ranges++] = effect->slots->range;
}

/* Calls of the port; what the engine makes of several says nothing new. */
bool na_port_hears(struct na_port *port, enum na_effect_kind kind)
{
	return scn_now && kind >= NA_EFFECT_KMAP_PURGE;
}

void na_port_effect(struct na_port *port, struct na_effect *effect)
{
	if (effect->is_over)
		look_at_end(effect);
	else
		put_begun(effect);
}
