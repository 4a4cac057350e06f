// SPDX-License-Identifier: GPL-2.0 OR MIT
/*
 * The kernel's log while a case runs: what it must not have, and what it must.
 */
#define _GNU_SOURCE
#include "guest.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define NR_SAYS_MAX 16u

/* Stands in the log where a case begins; read on from there. */
static const char log_mark[] = "noalias test: ";
static int log_fd = -1;

static const char *const bad_lines[] = {
	"WARNING:", "BUG:", "BUG ", "Oops", "possible recursive", "lockdep",
	"ad page", "leak", "assertion failed", "general protection",
	"Out of memory", "oom-kill", "page allocation failure", "soft lockup",
	"self-detected stall", "blocked for more than", "x86/PAT",
	"freeing invalid memtype", "lost until reboot",
};

/*
 * What the kernel says of a refusal that it met itself: a search for leaks looks
 * at more than it need then, an event of a module that is loaded lacks fields.
 * The second is a warning, which ends the guest unless the suite has told the
 * kernel to go on (tests/vm/faults.sh, which has the same list).
 */
static const char *const fine_lines[] = {
	"kmemleak: Cannot allocate a scan area", " event_define_fields+",
};

void log_begin(const char *name)
{
	char line[128];
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);

	snprintf(line, sizeof(line), "<6>%s%s", log_mark, name);
	if (fd < 0 || write(fd, line, strlen(line)) < 0)
		say("cannot write to /dev/kmsg: %s", strerror(errno));
	close(fd);
	if (log_fd >= 0)
		close(log_fd);
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd < 0 || lseek(log_fd, 0, SEEK_END) < 0)
		say("cannot read /dev/kmsg: %s", strerror(errno));
}

/* The next line of the log; false at its end. */
static bool next_line(int fd, char *line, size_t room)
{
	ssize_t len;

	do	/* EPIPE: older lines were overwritten */
		len = read(fd, line, room - 1);
	while (len < 0 && errno == EPIPE);
	if (len <= 0)
		return false;
	line[len] = 0;
	return true;
}

bool log_has(const char *part)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char line[8192];
	bool has = false;

	EXPECT(fd >= 0);
	while (next_line(fd, line, sizeof(line))) {
		if (strstr(line, log_mark))
			has = false;
		else if (strstr(line, part))
			has = true;
	}
	close(fd);
	return has;
}

static bool has_one_of(const char *line, const char *const *parts, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (strstr(line, parts[i]))
			return true;
	return false;
}

static bool is_bad(const char *line)
{
	return has_one_of(line, bad_lines, ARRAY_SIZE(bad_lines)) &&
	       !has_one_of(line, fine_lines, ARRAY_SIZE(fine_lines));
}

/* Counts it for each of the parts that it has. Has it one? */
static bool is_said(const char *line, const char *const *says, unsigned int *nr)
{
	bool is = false;
	size_t i;

	for (i = 0; says && says[i]; i++)
		if (strstr(line, says[i])) {
			nr[i]++;
			is = true;
		}
	return is;
}

static bool is_said_as_often(const char *const *says, const unsigned int *nr)
{
	unsigned int expected;
	bool is = true;
	size_t i, j;

	for (i = 0; says && says[i]; i++) {
		expected = 0;
		for (j = 0; says[j]; j++)
			expected += !strcmp(says[i], says[j]);
		if (nr[i] == expected)
			continue;
		say("kernel log: \"%s\" %u times, not %u", says[i], nr[i],
		    expected);
		is = false;
	}
	return is;
}

bool log_is_as_expected(const char *const *says)
{
	unsigned int nr[NR_SAYS_MAX] = { 0 };
	bool is = log_fd >= 0;
	char line[8192];
	size_t i;

	for (i = 0; says && says[i]; i++)
		if (i == NR_SAYS_MAX) {
			say("a case names %u lines at most", NR_SAYS_MAX);
			return false;
		}
	while (log_fd >= 0 && next_line(log_fd, line, sizeof(line))) {
		if (strstr(line, log_mark) || is_said(line, says, nr) ||
		    !is_bad(line))
			continue;
		say("kernel log: %.*s", (int)strcspn(line, "\n"), line);
		is = false;
	}
	return is_said_as_often(says, nr) && is;
}
