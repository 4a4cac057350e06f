/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The word that was meant, for one that is none.
 */
#ifndef NA_CLI_NEAREST_H
#define NA_CLI_NEAREST_H

#include <stddef.h>

/**
 * struct nearest - a search among words
 * @word: what was given
 * @best: nearest so far, or NULL
 * @distance: letters to change in @best
 */
struct nearest {
	const char *word;
	const char *best;
	size_t distance;
};

/** nearest_try() - is @candidate nearer? One that is far off never is. */
void nearest_try(struct nearest *nearest, const char *candidate);

#endif
