/* SPDX-License-Identifier: GPL-2.0 OR MIT */
/*
 * The module's counters: a name and a number each. Names that begin with
 * "frames_", and those of buffers, are current values, names that end in "_ns"
 * are times, all others count events since the module was loaded. A newer
 * module may have more of them.
 */
#ifndef NA_CLI_COUNTERS_H
#define NA_CLI_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "file.h"

#define COUNTERS_MAX 128

/** struct counter - @name is within the text that it was parsed from */
struct counter {
	const char *name;
	uint64_t value;
};

/** struct counters - one reading */
struct counters {
	struct cli_file file;
	struct counter list[COUNTERS_MAX];
	unsigned int nr;
	uint64_t ms;
};

/**
 * counters_read() - read the counters
 * @counters: receives them; counters_fini() after success
 *
 * Return: CLI_CLEAN, or CLI_TROUBLE after saying why.
 */
int counters_read(struct counters *counters);

/** counters_fini() - free the memory. */
void counters_fini(struct counters *counters);

/** counters_find() - find a counter by name; NULL if there is none. */
const struct counter *counters_find(const struct counters *counters,
				    const char *name);

/** counter_is_frames() - does it count frames? */
bool counter_is_frames(const struct counter *counter);

/** counter_is_level() - is it a current value? */
bool counter_is_level(const struct counter *counter);

/** counter_is_time() - is it a time in nanoseconds? */
bool counter_is_time(const struct counter *counter);

#endif
