// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Runs of frames as sets: sorting, union, difference. The cost grows with the
 * number of runs and not with that of frames, which a file may claim to be
 * anything.
 *
 * Tidy runs are in this order: those of each kind before memory, by kind and
 * frame; then memory, low and high together, by frame. Two runs of a kind
 * neither touch nor overlap.
 */
#include <stdlib.h>
#include <string.h>

#include "map.h"

static uint64_t end_of(const struct map_run *run)
{
	return run->first + run->nr;
}

int map_runs_add(struct map_source *source, uint64_t first, uint64_t nr,
		 enum map_kind kind)
{
	struct map_run *runs = source->runs;
	size_t room = source->room ? source->room * 2 : 256;

	if (source->nr == MAP_RUNS_MAX)
		return cli_trouble("there are more than %u runs of frames",
				   MAP_RUNS_MAX);
	if (source->nr == source->room) {
		runs = realloc(runs, room * sizeof(*runs));
		if (!runs)
			return cli_trouble("there is not enough memory for the map");
		source->runs = runs;
		source->room = room;
	}
	runs[source->nr++] = (struct map_run){ first, nr, kind };
	return CLI_CLEAN;
}

/* --- order -------------------------------------------------------------------- */

static enum map_kind group_of(const struct map_run *run)
{
	return run->kind < MAP_RANGE ? run->kind : MAP_RANGE;
}

static int compare(const void *left, const void *right)
{
	const struct map_run *a = left, *b = right;

	if (group_of(a) != group_of(b))
		return group_of(a) < group_of(b) ? -1 : 1;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return 0;
}

/* Sorts and merges; returns how many are left. */
static size_t tidy(struct map_run *runs, size_t nr)
{
	struct map_run *last;
	size_t i, kept = 0;

	if (nr)
		qsort(runs, nr, sizeof(*runs), compare);
	for (i = 0; i < nr; i++) {
		last = kept ? &runs[kept - 1] : NULL;
		if (!last || last->kind != runs[i].kind ||
		    end_of(last) < runs[i].first)
			runs[kept++] = runs[i];
		else if (end_of(&runs[i]) > end_of(last))
			last->nr = end_of(&runs[i]) - last->first;
	}
	return kept;
}

void map_runs_tidy(struct map_source *source)
{
	source->nr = tidy(source->runs, source->nr);
}

/* --- what others have ----------------------------------------------------------- */

/* struct set - runs in order that do not overlap; @idx: where a walk stands */
struct set {
	struct map_run *runs;
	size_t nr;
	size_t idx;
};

/* A set is a copy, because the source's array moves when runs are added. */
static bool copy_kinds(struct set *set, const struct map_source *source,
		       enum map_kind low, enum map_kind high)
{
	size_t i;

	set->runs = malloc((source->nr + 1) * sizeof(*set->runs));
	for (i = 0; set->runs && i < source->nr; i++)
		if (source->runs[i].kind >= low && source->runs[i].kind <= high)
			set->runs[set->nr++] = source->runs[i];
	return set->runs;
}

/* Frames in buffers, on loan, in the pool or in quarantine, as one set. */
static bool copy_held(struct set *held, const struct map_source *source)
{
	size_t i;

	if (!copy_kinds(held, source, 0, MAP_OTHER - 1))
		return false;
	for (i = 0; i < held->nr; i++)
		held->runs[i].kind = MAP_UC;
	held->nr = tidy(held->runs, held->nr);
	return true;
}

/* The first run of @set that ends beyond @frame; @frame only grows. */
static const struct map_run *seek(struct set *set, uint64_t frame)
{
	while (set->idx < set->nr && end_of(&set->runs[set->idx]) <= frame)
		set->idx++;
	return set->idx < set->nr ? &set->runs[set->idx] : NULL;
}

/* Adds the part of @first to @end that is not held. */
static int add_free(struct map_source *source, struct set *held,
		    uint64_t first, uint64_t end)
{
	const struct map_run *run;
	uint64_t stop;
	int result = CLI_CLEAN;

	while (!result && first < end) {
		run = seek(held, first);
		stop = run && run->first < end ? run->first : end;
		if (stop > first)
			result = map_runs_add(source, first, stop - first,
					      MAP_OTHER);
		first = run && stop < end ? end_of(run) : end;
	}
	return result;
}

/* Adds the part of @run that is memory and not held. */
static int add_memory_of(struct map_source *source, struct set *memory,
			 struct set *held, const struct map_run *run)
{
	uint64_t first = run->first, end = end_of(run), stop;
	const struct map_run *in;
	int result = CLI_CLEAN;

	while (!result && first < end && (in = seek(memory, first))) {
		if (in->first > first)
			first = in->first < end ? in->first : end;
		stop = end_of(in) < end ? end_of(in) : end;
		result = add_free(source, held, first, stop);
		first = stop;
	}
	return result;
}

static void forget_others(struct map_source *source)
{
	size_t i, kept = 0;

	for (i = 0; i < source->nr; i++)
		if (source->runs[i].kind != MAP_OTHER)
			source->runs[kept++] = source->runs[i];
	source->nr = kept;
}

int map_runs_reduce_others(struct map_source *source)
{
	struct set held = { 0 }, memory = { 0 }, others = { 0 };
	int result = CLI_CLEAN;
	size_t i;

	map_runs_tidy(source);
	if (!copy_held(&held, source) ||
	    !copy_kinds(&memory, source, MAP_HIGH, MAP_LOW) ||
	    !copy_kinds(&others, source, MAP_OTHER, MAP_OTHER))
		result = cli_trouble("there is not enough memory for the map");
	forget_others(source);
	for (i = 0; !result && i < others.nr; i++)
		result = add_memory_of(source, &memory, &held, &others.runs[i]);
	map_runs_tidy(source);
	free(held.runs);
	free(memory.runs);
	free(others.runs);
	return result;
}
