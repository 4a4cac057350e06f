/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * Colour on stdout: only for a terminal, unless the user says otherwise.
 */
#ifndef NA_CLI_COLOR_H
#define NA_CLI_COLOR_H

#include <stdbool.h>

enum color {
	COLOR_PLAIN,
	COLOR_BOLD,
	COLOR_DIM,
	COLOR_GOOD,
	COLOR_WARN,
	COLOR_BAD,
	NR_COLORS,
};

/**
 * color_choose() - set "auto", "always" or "never". Return: is it one of them?
 */
bool color_choose(const char *when);

/** color_is_on() - is colour used on stdout? */
bool color_is_on(void);

/** color() - escape sequence of @color, or "" without colour. */
const char *color(enum color color);

#endif
