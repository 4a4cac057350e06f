// SPDX-License-Identifier: GPL-2.0 OR MIT
#include "counters.h"

#include <stdlib.h>
#include <string.h>

#include "cli.h"

/* Cuts the text into lines and words. A line that is none is passed over. */
static void parse(struct counters *counters)
{
	char *line, *rest = counters->file.text, *value, *end;
	struct counter *counter;

	counters->nr = 0;
	while ((line = strsep(&rest, "\n")) && counters->nr < COUNTERS_MAX) {
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = 0;
		counter = &counters->list[counters->nr];
		counter->name = line;
		counter->value = strtoull(value, &end, 10);
		if (end != value && !*end)
			counters->nr++;
	}
}

int counters_read(struct counters *counters)
{
	if (file_read_debugfs("counters", &counters->file))
		return CLI_TROUBLE;
	counters->ms = cli_now_ms();
	parse(counters);
	if (counters->nr)
		return CLI_CLEAN;
	free(counters->file.text);
	return cli_trouble("the module's counters are empty; is it of another version than this command (" NOALIAS_VERSION ")?");
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

bool counter_is_level(const struct counter *counter)
{
	return !strncmp(counter->name, "frames_", 7);
}

bool counter_is_time(const struct counter *counter)
{
	size_t len = strlen(counter->name);

	return len > 3 && !strcmp(counter->name + len - 3, "_ns");
}
