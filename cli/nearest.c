// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "nearest.h"

#include <string.h>

#define WORD_MAX 32

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The optimal string alignment distance: letters deleted, inserted, changed, or
 * exchanged with their neighbour. Rows of its table are prefixes of @a; only
 * the last three are kept.
 */
static size_t distance_of(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], len_a = strlen(a), len_b = strlen(b);
	size_t *row, *before, *two_before, i, j, is_changed;

	for (j = 0; j <= len_b; j++)
		rows[0][j] = j;
	for (i = 1; i <= len_a; i++) {
		row = rows[i % 3];
		before = rows[(i + 2) % 3];
		two_before = rows[(i + 1) % 3];
		row[0] = i;
		for (j = 1; j <= len_b; j++) {
			is_changed = a[i - 1] != b[j - 1];
			row[j] = least(least(before[j], row[j - 1]) + 1,
				       before[j - 1] + is_changed);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] = least(row[j], two_before[j - 2] + 1);
		}
	}
	return rows[len_a % 3][len_b];
}

void nearest_try(struct nearest *nearest, const char *candidate)
{
	size_t len = strlen(nearest->word), distance;

	if (!len || len > WORD_MAX || strlen(candidate) > WORD_MAX)
		return;
	distance = distance_of(nearest->word, candidate);
	/* One letter in three, but at least two in a longer word. */
	if (distance > (len < 3 ? 1 : len < 7 ? 2 : len / 3) ||
	    distance >= strlen(candidate))
		return;
	if (nearest->best && distance >= nearest->distance)
		return;
	nearest->best = candidate;
	nearest->distance = distance;
}
