// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * One contender with one thread, without a clock and other processes, for a
 * tool that counts instructions.
 */
#include <stdlib.h>
#include <string.h>

#include "user.h"

static const struct contender *find_contender(const char *name)
{
	unsigned int i;

	for (i = 0; i < NR_CONTENDERS; i++)
		if (!strcmp(contenders[i].name, name))
			return &contenders[i];
	return NULL;
}

bool spin(const char *name, bool misses, uint32_t nr)
{
	const struct contender *contender = find_contender(name);
	uint32_t nr_slots = data.nr / 10;
	struct subject subject = { .nr_slots = nr_slots };
	struct job job = { .buffer = malloc(FRAME_LEN) };

	if (!contender || !job.buffer)
		return false;
	job.trace = (struct trace){
		.frames = data.order, .nr = misses ? data.nr : nr_slots,
	};
	contender->open(&subject);
	/* Once round first, then as often as asked. */
	contender->run(&subject, &job, job.trace.nr);
	contender->run(&subject, &job, nr);
	return !job.nr_wrong;
}
