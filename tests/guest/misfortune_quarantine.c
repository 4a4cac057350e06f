// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * Frames that could not be made safe again.
 *
 * Unlike the other programs this one leaves frames in quarantine, until reboot.
 * So it does not use the runner, which would call that a failure; the suite
 * runs it last, checks the counters itself, and expects the message at unload.
 * It needs low memory (zone=low), because only the direct map can fail to
 * change.
 */
#include "guest.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NR 300u
#define LEN (NR * PAGE)
#define NR_AFTER 4096u

static int compare(const void *one, const void *other)
{
	unsigned long a = *(const unsigned long *)one;
	unsigned long b = *(const unsigned long *)other;

	return a < b ? -1 : a > b;
}

static void read_frames(const char *mem, unsigned long *pfns, size_t nr)
{
	struct look look;
	size_t i;

	for (i = 0; i < nr; i++) {
		EXPECT(!look_at(mem + i * PAGE, &look));
		pfns[i] = look.pfn;
	}
	qsort(pfns, nr, sizeof(*pfns), compare);
}

/* kills: a direct map that stays UC for a frame that goes back */
static void release_cannot_restore(unsigned long *pfns)
{
	int fd = new_buffer(LEN);
	char *mem = map_buffer(fd, LEN);

	read_frames(mem, pfns, NR);
	munmap(mem, LEN);
	fail_call("na_port_direct_set", 1, true, -ENOMEM);
	close(fd);
	EXPECT(fail_off().failed);
	EXPECT_EQ(counter("frames_in_buffers"), 0);
	EXPECT_EQ(counter("frames_claimed"), 0);
	EXPECT_EQ(counter("frames_quarantined"), NR);
	/* For ever: whoever can make frames go there meets the limit. */
	EXPECT_EQ(counter("frames_charged"), NR);
	EXPECT(log_has("300 frames quarantined, lost until reboot"));
}

/* kills: frames lost that were never changed */
static void allocation_changes_nothing(void)
{
	int fd, heap = open_heap();

	fail_call("na_port_direct_set", 1, true, -ENOMEM);
	fd = alloc_on(heap, LEN);
	EXPECT(fail_off().failed);
	EXPECT_EQ(fd, -ENOMEM);
	EXPECT_EQ(counter("frames_claimed"), 0);
	EXPECT_EQ(counter("frames_charged"), NR);
	EXPECT_EQ(counter("frames_quarantined"), NR);
	close(heap);
}

/* kills: frames of the quarantine that are given out again */
static void quarantine_is_kept(const unsigned long *pfns)
{
	unsigned long *after = calloc(NR_AFTER, sizeof(*after));
	char *mem = new_mapping(NR_AFTER * PAGE);
	size_t i;

	expect_no_alias(mem, NR_AFTER * PAGE);
	read_frames(mem, after, NR_AFTER);
	for (i = 0; i < NR; i++)
		EXPECT(!bsearch(&pfns[i], after, NR_AFTER, sizeof(*after),
				compare));
	munmap(mem, NR_AFTER * PAGE);
	free(after);
}

int main(void)
{
	unsigned long pfns[NR];

	release_cannot_restore(pfns);
	allocation_changes_nothing();
	quarantine_is_kept(pfns);
	EXPECT_EQ(write_text("/sys/power/state", "disk"), -EBUSY);
	return 0;
}
