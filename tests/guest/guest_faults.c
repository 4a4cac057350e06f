// SPDX-License-Identifier: GPL-2.0 OR MIT
/* The nth allocation fails; see faults.h. */
#define _GNU_SOURCE
#include "faults.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NTH_MAX 3000u
#define REFUSED "/sys/kernel/debug/na_fail/refused"

/* Opened before, because to open needs memory. */
static int nth_fd = -1;

/* --- one refusal ---------------------------------------------------------------- */

/* A page fault needs memory too, and who cannot grow its stack is killed. */
static void take_stack(void)
{
	volatile char room[128 * KIB];
	size_t i;

	for (i = 0; i < sizeof(room); i += PAGE)
		room[i] = 0;
	EXPECT(!mlockall(MCL_CURRENT));
}

static void open_files(void)
{
	if (nth_fd >= 0)
		return;
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	EXPECT(nth_fd >= 0);
	take_stack();
}

static void refuse_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	EXPECT_EQ(pwrite(nth_fd, text, len, 0), len);
}

/*
 * Was something refused? The counter is then 0. To copy it here and to copy
 * a new value there count like all copies: when one of these is what is
 * refused, the deed was not.
 */
static bool refuse_no_more(void)
{
	char text[16] = "";
	bool fired = pread(nth_fd, text, sizeof(text) - 1, 0) > 0 &&
		     text[0] == '0';

	while (pwrite(nth_fd, "0", 1, 0) != 1)
		;
	return fired;
}

/* --- who asked ------------------------------------------------------------------- */

static void say_places(void)
{
	FILE *seen = fopen(NA_FAULTS_SEEN, "ae");
	char *text = read_text(REFUSED), *line;

	EXPECT(seen);
	EXPECT(text);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		say("    %s", line);
		fprintf(seen, "%.*s\n", (int)strcspn(line, " "), line);
	}
	fclose(seen);
	free(text);
}

/* --- all of them ------------------------------------------------------------------ */

static void expect_error(const struct deed *deed, int err, bool fired,
			 unsigned int nth)
{
	bool allowed = !err || (fired && !deed->spares_all &&
				(err == -ENOMEM || err == -EFAULT ||
				 err == deed->error));

	if (!allowed)
		say("%s: errno %d, %s %u", deed->name, -err,
		    fired ? "with refusal" : "though nothing was refused up to",
		    nth);
	EXPECT(allowed);
}

/* kills: whatever a failure leaves behind */
static void expect_nothing_left(const struct deed *deed, unsigned int nth)
{
	char *audit;

	if (!wait_released()) {
		say("%s: refusal %u leaves something behind", deed->name, nth);
		say_held();
		EXPECT(!"nothing is held");
	}
	audit = read_text(DEBUGFS "audit");
	if (!audit || !strstr(audit, " verdict=clean\n"))
		say("%s: refusal %u: %s", deed->name, nth,
		    audit ? audit : strerror(errno));
	EXPECT(audit && strstr(audit, " verdict=clean\n"));
	free(audit);
}

/* Return: was it still refused? */
static bool do_once(const struct deed *deed, unsigned int nth,
		    unsigned int *nr_failed)
{
	bool fired;
	int err;

	if (deed->prepare)
		deed->prepare();
	refuse_nth(nth);
	err = deed->act();
	fired = refuse_no_more();
	if (deed->undo)
		deed->undo(err);
	expect_error(deed, err, fired, nth);
	*nr_failed += err != 0;
	return fired;
}

static void do_sweep(const struct deed *deed, bool bare)
{
	unsigned int nth = 1, nr_failed = 0;

	open_files();
	/* On its way out, what failed before may have left it on. */
	write_text(REFUSED, "off");
	EXPECT_EQ(write_text(REFUSED, "on"), 0);
	while (do_once(deed, nth, &nr_failed)) {
		if (!bare)
			expect_nothing_left(deed, nth);
		EXPECT(++nth < NTH_MAX);
	}
	say("%s: %u refusals, %u failures", deed->name, nth - 1, nr_failed);
	EXPECT_EQ(write_text(REFUSED, "off"), 0);
	say_places();
	EXPECT(nth > deed->nr_min);
}

void sweep(const struct deed *deed)
{
	do_sweep(deed, false);
}

void sweep_bare(const struct deed *deed)
{
	do_sweep(deed, true);
}
