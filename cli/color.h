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

/** color_choose() - "auto", "always" or "never". Return: is it one of them? */
bool color_choose(const char *when);

/** color_is_on() - shall stdout have colour? */
bool color_is_on(void);

/** color() - what switches to @color, or "" without colour. */
const char *color(enum color color);

#endif
