// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Buffers made of memory that came after the module. The suite has added it
 * above 4 GiB, where this machine had none.
 */
#include "guest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LEN (8 * MIB)
#define NR 8u

static unsigned int count_above_4_gib(const char *mem)
{
	unsigned int nr = 0;
	struct look look;
	size_t i;

	for (i = 0; i < LEN; i += 64 * PAGE) {
		EXPECT(!look_at(mem + i, &look));
		EXPECT(!strcmp(look.direct, heap_type()));
		nr += (uint64_t)look.pfn * PAGE >= 4 * GIB;
	}
	return nr;
}

/* kills: a ledger that ends where memory ended at load */
static void buffers_of_added_memory(void)
{
	unsigned int i, nr = 0;
	char *mems[NR];

	for (i = 0; i < NR; i++) {
		mems[i] = new_mapping(LEN);
		nr += count_above_4_gib(mems[i]);
	}
	say("%u of %u frames looked at are above 4 GiB", nr,
	    NR * (unsigned int)(LEN / PAGE / 64));
	EXPECT(nr);
	expect_no_alias(mems[0], LEN);
	for (i = 0; i < NR; i++)
		munmap(mems[i], LEN);
	EXPECT(wait_released());
}

/* kills: a map of frames that ends where memory ended at load */
static void frames_of_added_memory(void)
{
	char *text = read_text(DEBUGFS "frames"), *line;
	unsigned long total = 0, first, nr;
	unsigned int nr_above = 0;

	EXPECT(text);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		sscanf(line, "total %lu", &total);
		if (sscanf(line, "ram %lu %lu", &first, &nr) != 2)
			continue;
		EXPECT(first + nr <= total);
		nr_above += first >= 4 * GIB / PAGE;
	}
	free(text);
	EXPECT(nr_above);
}

static const struct guest_case cases[] = {
	CASE(buffers_of_added_memory),
	CASE(frames_of_added_memory),
};

GUEST_MAIN(cases)
