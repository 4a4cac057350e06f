// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "color.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum { AUTO, ALWAYS, NEVER } choice;

bool color_choose(const char *when)
{
	static const char *const words[] = { "auto", "always", "never" };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (strcmp(when, words[i]) != 0)
			continue;
		choice = i == 0 ? AUTO : i == 1 ? ALWAYS : NEVER;
		return true;
	}
	return false;
}

bool color_is_on(void)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (choice != AUTO)
		return choice == ALWAYS;
	return isatty(STDOUT_FILENO) && !(no_color && *no_color) && term &&
	       strcmp(term, "dumb") != 0;
}

const char *color(enum color color)
{
	static const char *const codes[NR_COLORS] = {
		[COLOR_PLAIN] = "\033[0m",
		[COLOR_BOLD] = "\033[1m",
		[COLOR_DIM] = "\033[2m",
		[COLOR_GOOD] = "\033[32m",
		[COLOR_WARN] = "\033[33m",
		[COLOR_BAD] = "\033[1;31m",
	};

	return color_is_on() ? codes[color] : "";
}
