/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Suggestion for a misspelled word.
 */
#ifndef NA_CLI_NEAREST_H
#define NA_CLI_NEAREST_H

#include <stddef.h>

/**
 * struct nearest - a search among words
 * @word: the misspelled word
 * @best: nearest so far, or NULL
 * @distance: letters to change in @best
 */
struct nearest {
	const char *word;
	const char *best;
	size_t distance;
};

/** nearest_try() - take @candidate if it is nearer, and near enough. */
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
