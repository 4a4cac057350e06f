// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Values on command lines, checked before anything is done.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

int cli_usage(const char *command)
{
	return cli_trouble("see noalias %s --help", command);
}

/* 0x is hexadecimal; other leading zeroes are refused as ambiguous. */
static bool read_whole(const char *text, uint64_t *value, char **end)
{
	bool is_hex = text[0] == '0' && (text[1] | 0x20) == 'x';

	if (is_hex ? !isxdigit((unsigned char)text[2]) :
		     !isdigit((unsigned char)text[0]) ||
		     (text[0] == '0' && isdigit((unsigned char)text[1])))
		return false;
	errno = 0;
	*value = strtoull(text, end, is_hex ? 16 : 10);
	return !errno;
}

int cli_number(const char *what, const char *text, uint64_t min, uint64_t max,
	       uint64_t *value)
{
	char *end;

	if (read_whole(text, value, &end) && !*end && *value >= min &&
	    *value <= max)
		return CLI_GO_ON;
	return cli_trouble("%s is '%s', allowed: %" PRIu64 " to %" PRIu64,
			   what, text, min, max);
}

static bool scale(uint64_t *value, const char *unit)
{
	static const char units[] = "KMG";
	const char *found = *unit ? strchr(units, *unit & ~0x20) : NULL;
	unsigned int shift;

	if (!*unit)
		return true;
	if (!found || (unit[1] && strcmp(unit + 1, "iB") != 0))
		return false;
	shift = 10 * (unsigned int)(found - units + 1);
	if (*value > UINT64_MAX >> shift)
		return false;
	*value <<= shift;
	return true;
}

int cli_size(const char *what, const char *text, uint64_t min, uint64_t max,
	     uint64_t *value)
{
	char *end;

	if (read_whole(text, value, &end) && scale(value, end) &&
	    *value >= min && *value <= max)
		return CLI_GO_ON;
	return cli_trouble("%s is '%s', allowed: %" PRIu64 " to %" PRIu64
			   " bytes, also with K, M or G", what, text, min, max);
}

int cli_range(const char *what, const char *text, uint64_t unit, uint64_t max,
	      uint64_t *first, uint64_t *end)
{
	size_t len = strcspn(text, "-+");
	uint64_t from, to;
	char word[64];
	int result;

	if (!text[len] || len >= sizeof(word))
		return cli_trouble("%s is '%s', allowed: two addresses and a - between, or an address, a + and a length",
				   what, text);
	snprintf(word, sizeof(word), "%.*s", (int)len, text);
	result = cli_size(what, word, 0, max - unit, &from);
	if (result != CLI_GO_ON)
		return result;
	if (text[len] == '-')
		result = cli_size(what, text + len + 1, from + 1, max, &to);
	else
		result = cli_size(what, text + len + 1, 1, max - from, &to);
	if (result != CLI_GO_ON)
		return result;
	if (text[len] == '+')
		to += from;
	*first = from / unit;
	*end = to / unit + !!(to % unit);
	return CLI_GO_ON;
}

int cli_seconds(const char *what, const char *text, uint64_t *ms)
{
	char *end;
	double seconds = strtod(text, &end);

	if (*text >= '0' && *text <= '9' && !*end && seconds >= 0.05 &&
	    seconds <= 86400) {
		*ms = (uint64_t)(seconds * 1000 + 0.5);
		return CLI_GO_ON;
	}
	return cli_trouble("%s is '%s', allowed: 0.05 to 86400 seconds", what,
			   text);
}
