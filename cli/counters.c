// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "counters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* "NAME VALUE"; all else is an error. */
static int parse_line(struct counters *counters, char *line,
		      const struct file_lines *lines)
{
	struct counter *counter = &counters->list[counters->nr];
	char *value = strchr(line, ' ');

	if (counters->nr == COUNTERS_MAX)
		return file_lines_fail(lines, "there are more than %d counters",
				       COUNTERS_MAX);
	if (!value || value == line)
		return file_lines_fail(lines, "it is not a name and a value");
	*value++ = 0;
	errno = 0;
	counter->name = line;
	counter->value = strtoull(value, NULL, 10);
	if (errno || !*value || value[strspn(value, "0123456789")])
		return file_lines_fail(lines, "%.40s is '%.40s', allowed: 0 to %" PRIu64,
				       line, value, UINT64_MAX);
	counters->nr++;
	return CLI_CLEAN;
}

static int parse(struct counters *counters)
{
	struct file_lines lines;
	char *line;
	int result = file_lines_begin(&lines, &counters->file);

	counters->nr = 0;
	while (!result && (line = file_lines_next(&lines)))
		result = parse_line(counters, line, &lines);
	return result;
}

int counters_read(struct counters *counters)
{
	int result;

	if (file_read_debugfs("counters", &counters->file))
		return CLI_TROUBLE;
	counters->ms = cli_now_ms();
	result = parse(counters);
	if (!result && !counters->nr)
		result = cli_trouble("%s: the module's counters are empty; does its version differ from this command's (" NOALIAS_VERSION ")?",
				     counters->file.name);
	if (result)
		counters_fini(counters);
	return result;
}

void counters_fini(struct counters *counters)
{
	free(counters->file.text);
	counters->file.text = NULL;
	counters->nr = 0;
}

const struct counter *counters_find(const struct counters *counters,
				    const char *name)
{
	unsigned int i;

	for (i = 0; i < counters->nr; i++)
		if (!strcmp(counters->list[i].name, name))
			return &counters->list[i];
	return NULL;
}

bool counter_is_frames(const struct counter *counter)
{
	return !strncmp(counter->name, "frames_", 7);
}

bool counter_is_level(const struct counter *counter)
{
	return counter_is_frames(counter) ||
	       !strcmp(counter->name, "buffers") ||
	       !strcmp(counter->name, "buffers_limit");
}

bool counter_is_time(const struct counter *counter)
{
	size_t len = strlen(counter->name);

	return len > 3 && !strcmp(counter->name + len - 3, "_ns");
}
